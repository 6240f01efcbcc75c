"""看起来像密级标志、个人信息或口令，但不能确定。提交前请单位的保密审查人员看一眼（第二十八条）。这里不显示查到的内容。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Level, Rule, Stage
from mulu.trust.secrecy import WHATS

RULE = Rule(
    code="secret-suspected",
    title="可能含有不得公开的内容",
    says="{where}里可能有{what}",
    fix="确实是的，删去并重做这次改动；不是的，不必改动",
    why=__doc__ or "",
    level=Level.WARNING,
    stage=Stage.CHANGE,
    article=28,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Uncertain hits that no clearance in base covers."""
    for one in change.secrets(day):
        if not one.hit.certain:
            yield RULE.finding(one.place, where=one.where, what=WHATS[one.hit.what])
