"""一次撤销一个单位四分之一以上、或者全市二十分之一以上的资源，多半是误操作或者被盗用的账号。这样的改动分批提交；
机构改革等确有需要的，由主管部门另行安排。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Place, Rule, Stage

RULE = Rule(
    code="blast-radius",
    title="一次撤销过多",
    says="一次撤销或删除了{whose} {total} 项资源中的 {count} 项",
    fix="分批提交，每次不超过{share}",
    why=__doc__ or "",
    stage=Stage.CHANGE,
)
_LEAST = 5
"""Below this many records a share says nothing: an agency with three may withdraw one."""


def review(change: Change, day: date) -> Iterator[Finding]:
    """More than a quarter of an agency's resources, or a twentieth of the register's, gone at once."""
    gone: Counter[str] = Counter()
    first: dict[str, Place] = {}
    for edit in change.of("resource"):
        was_live = edit.was and not (edit.before and "withdrawn" in edit.before.data)
        now_gone = not edit.now or (edit.after is not None and "withdrawn" in edit.after.data)
        if was_live and now_gone:
            agency = edit.key.partition("/")[0]
            gone[agency] += 1
            first.setdefault(agency, edit.place("/withdrawn"))
    for agency, count in sorted(gone.items()):
        total = change.sizes.get(agency, 0)
        if count >= _LEAST and count * 4 > total:
            title = change.base.agency_title(agency)
            yield RULE.finding(first[agency], whose=title, total=total, count=count, share="四分之一")  # fmt: skip
    count, total = sum(gone.values()), sum(change.sizes.values())
    if count >= _LEAST and count * 20 > total:
        place = first[min(first)]
        yield RULE.finding(place, whose="全市", total=total, count=count, share="二十分之一")
