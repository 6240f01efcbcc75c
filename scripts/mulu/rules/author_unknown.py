"""每一处改动都要知道是哪个单位提出的，才能判断它该不该由这个单位来改。提交人的账号登记在单位记录的 accounts 里；
在自己电脑上检查时，用 --as 写明单位。没有登记的账号谁都不代表。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Place, Rule, Stage

RULE = Rule(
    code="author-unknown",
    title="不知道由哪个单位提出",
    says="不知道这次改动由哪个单位提出",
    fix="用单位登记过的账号提交；账号写在 catalog/agencies/ 单位记录的 accounts 里，由主管部门合入。在本机检查用 --as 写明单位",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=5,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """A change that no known agency stands behind."""
    if change.author is None and (change.steps or change.others):
        yield RULE.finding(Place(""))
