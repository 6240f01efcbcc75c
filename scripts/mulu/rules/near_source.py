"""两个信息项的名称相近（如“企业法人名称”和“企业法人的名称”），多半是同一件事换了写法。是同一件事的，写 from 说明取自哪里；
不是的，不必改动。相近程度按字形计算，满分 100。只看这次改动新增的信息项。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Level, Rule, Stage

RULE = Rule(
    code="near-source",
    title="可能和已有的来源重复",
    says="{subject}的“{item}”和{agency}“{other}”里的“{name}”相近（{score}）",
    fix="是同一件事的，写 from: {reference}；不是的，不必改动",
    why=__doc__ or "",
    level=Level.WARNING,
    stage=Stage.CHANGE,
    article=9,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """New items whose name is near one that another agency collects for the same subject."""
    for claim in change.new_claims:
        found = [(score, known) for score, known in change.near_sources(claim) if known.agency != claim.agency]  # fmt: skip
        if any(known.agency != claim.agency for known in change.sources(claim)) or not found:
            continue
        score, other = max(found, key=lambda row: (row[0], row[1].record.key))
        yield RULE.finding(
            claim.record.at(f"/items/{claim.position}/name"),
            related=((other.record.at(f"/items/{other.position}/name"), "相近的信息项"),),
            subject=change.subject_title(claim),
            item=claim.name,
            agency=change.head.agency_title(other.agency),
            other=other.record.title,
            name=other.name,
            score=round(score),
            reference=f"{other.record.key}#{other.name}",
        )
