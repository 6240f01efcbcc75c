"""案件立案时写明的事实（谁提出、要什么、为什么、按哪个规则办）不再改动：后面的每一步都是针对它办的。
备注可以补充；要求变了的，撤回后另立案件。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="case-facts-fixed",
    title="改动了立案时的内容",
    says="案件立案之后，“{field}”不能再改",
    fix="恢复原来的内容；要求变了的，写明原因撤回，另立一个案件",
    why=__doc__ or "",
    stage=Stage.CHANGE,
)
_FREE = {"acts", "note", "internal_note"}


def review(change: Change, day: date) -> Iterator[Finding]:
    """Properties of a landed case, other than acts and notes, that changed."""
    for step in change.steps:
        landed = change.base.find(step.kind, step.key)
        if landed is not None and step.is_case and step.after is not None:
            old, new = landed.data, step.after.data
            different = {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)}
            for name in sorted(different - _FREE):
                field = change.base.title_of(step.kind, name)
                yield RULE.finding(step.place(f"/{name}"), field=field)
