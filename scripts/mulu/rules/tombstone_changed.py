"""撤销的记录是存根：它说明这个代号曾经属于谁、什么时候为什么撤销、由谁接替。存根不再改动，代号也不再给别的记录用；
恢复提供的，另编一条新的记录。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="tombstone-changed",
    title="改动了存根",
    says="“{title}”已于 {since} 撤销，存根不能改动，代号不能再用",
    fix="恢复存根；要重新提供的，换一个代号另立一条",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=13,
)
_FREE = {"note", "internal_note"}


def review(change: Change, day: date) -> Iterator[Finding]:
    """Tombstones of base that were edited or given away."""
    for step in change.steps:
        landed = change.base.find(step.kind, step.key)
        if landed is None or "withdrawn" not in landed.data or not step.now:
            continue
        old, new = landed.data, step.after.data if step.after else {}
        if {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} - _FREE:
            yield RULE.finding(
                step.place("/withdrawn"),
                title=landed.title,
                since=landed.text("withdrawn", "date"),
            )
