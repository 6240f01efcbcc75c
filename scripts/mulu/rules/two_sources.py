"""一数一源：同一种主体的同一个信息项，只由一个单位采集，其他单位从它那里取用（第九条、第十条）。取自别的资源的，在信息项里写 from；
用来关联的标识项不计；确需分别采集的，由主管部门检查认定，在信息项里写 settled_by。只看这次改动新增的信息项。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="two-sources",
    title="同一信息项有两个来源",
    says="{subject}的“{item}”已由{agency}的“{other}”采集",
    fix="取自那里的，写 from: {reference}；确需分别采集的，先请主管部门认定，写 settled_by",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=9,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """New items that another agency already collects for the same subject."""
    for claim in change.new_claims:
        other = next(
            (known for known in change.sources(claim) if known.agency != claim.agency), None
        )
        if other is not None:
            yield RULE.finding(
                claim.record.at(f"/items/{claim.position}/name"),
                related=((other.record.at(f"/items/{other.position}/name"), "已有的来源"),),
                subject=change.subject_title(claim),
                item=claim.name,
                agency=change.head.agency_title(other.agency),
                other=other.record.title,
                reference=f"{other.record.key}#{other.name}",
            )
