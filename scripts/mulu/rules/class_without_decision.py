"""共享类和不予共享类之间的变动要走程序：改为不予共享，须先有列入负面清单的决定；已经列入清单或者正在审核的改为共享，
须有可以共享的决定或者主动调整。没有列入清单、也没有人申请的，提供单位可以随时改为共享：共享是原则（第四条、第七条）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change, Edit
from mulu.findings import Finding, Rule, Stage
from mulu.register import in_force

RULE = Rule(
    code="class-without-decision",
    title="没有决定就改了共享类型",
    says="“{title}”由{before}改为{after}，同一次改动里没有相应的决定",
    fix="保持原来的共享类型；先经{procedure}作出决定，在同一次改动里修改",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=7,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Declared classes that crossed the line without the procedure's decision."""
    for edit in change.of("resource"):
        if edit.before is None or edit.after is None:
            continue
        pack = change.base.pack
        old, new = (r.text("sharing", "declared") for r in (edit.before, edit.after))
        withheld = pack.is_withheld(new)
        if pack.is_withheld(old) == withheld or _is_free(change, edit, day, withheld=withheld):
            continue
        yield RULE.finding(
            edit.place("/sharing/declared"),
            title=edit.after.title,
            before=pack.title_of("sharing-class", old),
            after=pack.title_of("sharing-class", new),
            procedure="不予共享使用申请的论证审核"
            if withheld
            else "异议、主动调整或申请的论证审核",
        )


def _is_free(change: Change, edit: Edit, day: date, *, withheld: bool) -> bool:
    entry = change.base.find("entry", edit.key)
    listed = entry is not None and in_force(entry, day)
    orders = change.orders_about(edit.key, day)
    if withheld:
        whole = entry is not None and not entry.texts("items")
        return (listed and whole) or "list-entry" in orders
    if "declare-shared" in orders or "delist-entry" in orders:
        return True
    return not listed and edit.key not in change.base.under_review(day)
