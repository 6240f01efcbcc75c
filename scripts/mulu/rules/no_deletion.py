"""登记过的记录不删除：不再有效的，写明日期和原因撤销，作为存根留着，引用它的案件和统计才读得懂。
改名就是删去一条、另立一条，也不可以；代号一经使用就不再变。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="no-deletion",
    title="删除了记录",
    says="删除了{kind}“{title}”{moved}",
    fix="恢复这个文件；不再有效的，在记录里写 withdrawn（日期和原因）；案件用撤回，负面清单用移出",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=13,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Records of base that any commit removes."""
    added = {
        (edit.kind, repr(edit.after.data)): edit
        for edit in change.edits
        if edit.after is not None and not edit.was
    }
    for step in change.steps:
        if not step.was or step.now or not change.base.is_known(step.kind, step.key):
            continue
        moved = added.get((step.kind, repr(step.before.data))) if step.before else None
        yield RULE.finding(
            step.place(),
            related=((moved.place(), "同样的内容移到了这里"),) if moved else (),
            kind=change.base.schemas.kinds[step.kind].title,
            title=step.before.title if step.before else step.key,
            moved=f"，换名为 {moved.key}" if moved else "",
        )
