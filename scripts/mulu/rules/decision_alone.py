"""作出决定的改动里，只有这个案件和它要求的修改：资源的共享属性、负面清单的条目、转成的共享需求。
夹带别的修改，看决定的人就会漏看，事后也说不清哪一处是决定的内容（第十七条、第十八条）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change, Edit
from mulu.findings import Finding, Rule, Stage
from mulu.record import Record
from mulu.register import about

RULE = Rule(
    code="decision-alone",
    title="决定里夹带了别的修改",
    says="这处修改不是“{decision}”所要求的",
    fix="把它分到另一次改动里提交",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=17,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Edits beside a decision that it does not order."""
    decided = change.decisions(day)
    if not decided:
        return
    title = decided[0][1].way.title
    first = decided[0][0]
    for case, step in decided:
        if case.path != first.path:
            yield RULE.finding(case.at(f"/acts/{step.position}"), decision=title)
    for edit in change.edits:
        if not any(_belongs(change, edit, case, day) for case, _ in decided):
            pointer = f"/{min(edit.changed)}" if edit.before and edit.after and edit.changed else ""
            yield RULE.finding(edit.place(pointer), decision=title)


def _belongs(change: Change, edit: Edit, case: Record, day: date) -> bool:
    if edit.path == case.path:
        return True
    if edit.kind == "entry":
        return edit.key == about(case)
    if edit.kind == "resource":
        return edit.key == about(case) and edit.changed <= {"sharing"} and edit.before is not None
    return change.is_ordered(edit, day)
