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


def review(change: Change, day: date) -> Iterator[Finding]:
    """Entries listed, delisted or given other items without the decision that orders it."""
    for edit in change.of("entry"):
        found = _what(edit)
        if found is None:
            continue
        what, pointer, orders = found
        if orders.isdisjoint(change.orders_about(edit.key, day)):
            yield RULE.finding(edit.place(pointer), what=what)


def _what(edit: Edit) -> tuple[str, str, set[str]] | None:
    if edit.after is None:
        return None
    if edit.before is None:
        return ("列入", "", {"list-entry"}) if not edit.was else None
    if "delisted" in edit.changed:
        return ("移出", "/delisted", {"delist-entry", "list-entry"})
    if "items" in edit.changed or "listed_on" in edit.changed:
        name = "items" if "items" in edit.changed else "listed_on"
        return ("变更", f"/{name}", {"delist-entry", "list-entry"})
    return None
