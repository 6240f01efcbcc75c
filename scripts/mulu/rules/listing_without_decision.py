"""负面清单只因为审核决定而改变：论证审核后决定不予共享的，同一次改动里列入；异议成立、提供单位主动调整的，同一次改动里移出。
没有决定就增减清单，公众就查不到为什么（第十七条、第十八条）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change, Edit
from mulu.findings import Finding, Rule, Stage

RULE = Rule(
    code="listing-without-decision",
    title="没有决定就改了负面清单",
    says="{what}负面清单，同一次改动里没有相应的决定",
    fix="经不予共享使用申请、负面清单异议或主动调整作出决定，在同一次改动里一并修改",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=17,
)
_LIST, _DELIST = frozenset({"list-entry"}), frozenset({"delist-entry"})


def review(change: Change, day: date) -> Iterator[Finding]:
    """Entries listed, delisted or given other items without the decision that orders it."""
    for edit in change.of("entry"):
        decided = change.orders_about(edit.key, day)
        for what, pointer, orders in _whats(edit):
            if decided.isdisjoint(orders):
                yield RULE.finding(edit.place(pointer), what=what)


def _whats(edit: Edit) -> Iterator[tuple[str, str, frozenset[str]]]:
    """What of the list an edit changes, and the orders any one of which would allow it."""
    if edit.after is None or (edit.was and edit.before is None):
        return
    if edit.before is None:
        yield "列入", "", _LIST
        return
    if "delisted" in edit.changed:
        relisted = "delisted" not in edit.after.data
        yield ("列入", "/listed_on", _LIST) if relisted else ("移出", "/delisted", _DELIST)
        if relisted:
            return
    if "items" in edit.changed:
        yield "变更", "/items", _LIST | _DELIST
    elif "listed_on" in edit.changed:
        yield "变更", "/listed_on", _LIST
