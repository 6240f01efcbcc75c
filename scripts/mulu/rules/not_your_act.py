"""案件里的动作由做出它的单位自己记入：提供单位记提供，主管部门记列入和通知。替别的单位记的动作不能作为它做过这件事的证据。
决定可以共享时一并转成的共享需求，由作出决定的主管部门立案（第十七条）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage
from mulu.register import acts

RULE = Rule(
    code="not-your-act",
    title="替别的单位记了动作",
    says="这个动作写的是{by}做出，提交的却是{author}",
    fix="请{by}自己提交这个动作；写错单位的改正 by",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=15,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Acts added in the name of another agency."""
    if change.author is None:
        return
    seen: set[tuple[str, str]] = set()
    for step in change.steps:
        landed = change.base.find(step.kind, step.key)
        first = len(acts(landed)) if landed else 0
        ordered = change.is_ordered(step, day)
        for position, act in enumerate(acts(step.after) if step.after else ()):
            identity = (step.path, repr(sorted(act.items(), key=str)))
            mine = act["by"] == change.author or (ordered and position == 0)
            if position >= first and not mine and identity not in seen:
                seen.add(identity)
                yield RULE.finding(
                    step.place(f"/acts/{position}/by"),
                    by=change.base.agency_title(str(act["by"])),
                    author=change.base.agency_title(change.author),
                )
