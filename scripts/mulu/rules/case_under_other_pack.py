"""新的案件按登记簿现在采用的规则立案；已经立案的按立案时的规则办到底。新立的案件写了别的规则包，它的期限和步骤就和别人不一样。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="case-under-other-pack",
    title="新案件没有按现行规则立案",
    says="新案件按 {pack} 立案，登记簿现在采用的是 {current}",
    fix="把 pack 改为 {current}",
    why=__doc__ or "",
    stage=Stage.CHANGE,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """New cases that name another pack than the register's."""
    current = change.base.pack.reference
    for edit in change.edits:
        if edit.is_case and not edit.was and edit.after is not None:
            pack = edit.after.text("pack")
            if pack != current:
                yield RULE.finding(edit.place("/pack"), pack=pack, current=current)
