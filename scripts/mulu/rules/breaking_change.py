"""已经开通使用的单位靠着这些信息项办事。删去、缩短信息项，改变它的类型，或者撤销资源之前，要让它们知道并有时间调整：
由每个使用单位在自己的共享需求里追加“知悉变更”，写明是哪几项（第十六条、第二十条）。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mulu.change import Change, Edit, lost_items, narrowed_items
from mulu.findings import Finding, Rule, Stage
from mulu.register import knows_all

RULE = Rule(
    code="breaking-change",
    title="使用单位还没有知悉",
    says="{agency}正在使用“{items}”，还没有知悉这个变更",
    fix="先请{agency}在 {case} 里追加 acknowledge（知悉变更），items 写明这几项，再提交这次改动",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=20,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Items taken from a user that has not acknowledged it."""
    for edit in change.of("resource"):
        gone = [*lost_items(edit), *narrowed_items(edit)]
        withdrawn = edit.after is not None and "withdrawn" in edit.after.data
        pointer = "/withdrawn" if withdrawn else _pointer(edit, gone)
        if edit.before is None or "withdrawn" in edit.before.data or not (gone or withdrawn):
            continue
        for case in change.base.granted(edit.before, day):
            missing = change.unacknowledged(case, gone)
            now = change.head.find(case.kind, case.key) or case
            if missing or (withdrawn and not gone and not knows_all(now)):
                yield RULE.finding(
                    replace(edit.place(pointer), pointer=pointer.removesuffix("#")),
                    related=((case.at(), "使用单位的共享需求"),),
                    agency=change.base.agency_title(case.text("applicant")),
                    items="、".join(missing) or edit.before.title,
                    case=f"{case.kind}/{case.key}",
                )


def _pointer(edit: Edit, gone: list[str]) -> str:
    """The first item that became narrower, else the list that others are missing from."""
    rows = edit.after.rows("items") if edit.after else []
    at = next((n for n, row in enumerate(rows) if row["name"] in gone), None)
    return "/items#" if at is None else f"/items/{at}/name"
