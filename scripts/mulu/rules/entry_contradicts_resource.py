"""负面清单和目录说的是同一项资源：整项列入清单的，目录应当写不予共享；
只列入部分信息项的，资源本身仍然共享；已移出清单的，目录应当改为共享（第十七条、第十八条）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.record import Record
from mulu.register import Register, in_force

RULE = Rule(
    code="entry-contradicts-resource",
    title="负面清单与目录不一致",
    says="“{resource}”声明为{declared}，负面清单却{listed}",
    fix="把资源的共享类型改得与负面清单一致",
    why=__doc__ or "",
    article=17,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Entries in force or delisted whose resource declares the opposite, or that lie over no resource."""
    if not register.pack.has_negative_list:
        return
    reviewing = register.under_review(day)
    for entry in register.of("entry").values():
        resource = register.find("resource", entry.key)
        if resource is None:
            continue
        declared = resource.text("sharing", "declared")
        withheld = register.pack.is_withheld(declared)
        expected = in_force(entry, day) and not entry.texts("items")
        if withheld != expected and not (withheld and entry.key in reviewing):
            yield RULE.finding(
                resource.at("/sharing/declared"),
                related=((entry.at("/listed_on"), "负面清单条目"),),
                resource=resource.title,
                declared=register.pack.title_of("sharing-class", declared),
                listed=_says(entry, day),
            )


def _says(entry: Record, day: date) -> str:
    if not in_force(entry, day):
        return "已将它移出" if "delisted" in entry.data else "尚未列入它"
    return "只列入了部分信息项" if entry.texts("items") else "将它整项列入"
