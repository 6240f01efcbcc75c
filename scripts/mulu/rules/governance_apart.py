"""检查规则、格式说明、规则包、网站模板、自动流程和担任职责的单位，决定数据怎样被判断。它们的修改不和数据混在一起，
否则一次改动可以先放宽规则，再写入原来通不过的数据。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Place, Rule, Stage

RULE = Rule(
    code="governance-apart",
    title="规则和数据混在一起改",
    says="这次改动既改了数据，又改了规则一类的文件",
    fix="分成两次提交：先改规则，合入之后再改数据",
    why=__doc__ or "",
    stage=Stage.CHANGE,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Files that govern, in a change that also holds data."""
    data = [step for step in change.steps if not change.is_governing(step)]
    if not data:
        return
    related = ((data[0].place(), "同时改动的数据"),)
    for path, step in change.governing:
        yield RULE.finding(step.place() if step else Place(path), related=related)
