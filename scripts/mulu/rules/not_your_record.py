"""资源由提供它的单位编目和更新，单位记录由本单位更新联系方式，资源库、法律文件、负面清单由主管部门等担任职责的单位维护。
谁维护哪一类记录写在规则包的 keepers 里；案件的备注由当事各方补充。改了别人的记录，即使后来又改回去，也要指出。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="not-your-record",
    title="不归本单位维护",
    says="{agency}改了这条{kind}的{what}，应当由{keepers}来改",
    fix="从这次改动里去掉它，请{keepers}修改；认为数据有误的，提出数据纠错",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=13,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Records that another agency keeps, in any commit of the change."""
    if change.author is None:
        return
    for step in change.steps:
        if not (step.was or step.now):
            continue
        is_case = step.kind in change.base.case_kinds
        excess = (
            change.notes_beyond(step, change.author, day)
            if is_case
            else change.beyond(step, change.author, day)
        )
        if excess is not None:
            kind = change.base.schemas.kinds[step.kind]
            titles = [change.base.title_of(step.kind, name) for name in sorted(excess)]
            yield RULE.finding(
                step.place(f"/{min(excess)}" if excess else ""),
                agency=change.base.agency_title(change.author),
                kind=kind.title,
                what="、".join(titles) or "全部内容",
                keepers=change.keepers_title(step, excess, day),
            )
