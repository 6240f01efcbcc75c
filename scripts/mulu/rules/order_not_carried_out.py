"""决定和登记簿的改变要一起作出：决定可以共享，资源就改为共享类并转为共享需求；决定不予共享，就列入负面清单；
异议成立或同意移出，条目就移出。只写了决定没有改登记簿，目录和决定就会各说各话（第十七条、第十八条）。
同一资源后来又有决定的，只看最后一个。"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.record import Record
from mulu.register import Register, about, in_force

RULE = Rule(
    code="order-not-carried-out",
    title="决定没有落实",
    says="“{act}”应当同时{order}，登记簿里没有（{articles}）",
    fix="{fix}",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Decisions whose change of the register is missing; of several about one resource the last counts."""
    for case, step in register.last_decisions(day):
        for order in step.way.orders:
            if not CARRIED_OUT[order](register, case, str(step.act["date"]), day):
                yield RULE.finding(
                    case.at(f"/acts/{step.position}"),
                    act=step.way.title,
                    order=_TITLES[order],
                    fix=_FIXES[order],
                    articles=articles_name(step.way.source.articles),
                )


def _declared_shared(register: Register, case: Record, since: str, day: date) -> bool:
    resource, pack = register.find("resource", about(case)), register.pack_of(case)
    declared = resource.text("sharing", "declared") if resource else ""
    return resource is None or pack is None or not pack.is_withheld(declared)


def _listed(register: Register, case: Record, since: str, day: date) -> bool:
    entry = register.find("entry", about(case))
    return entry is not None and in_force(entry, day)


def _delisted(register: Register, case: Record, since: str, day: date) -> bool:
    entry = register.find("entry", about(case))
    return entry is None or not in_force(entry, day)


def _requested(register: Register, case: Record, since: str, day: date) -> bool:
    return any(
        link.record.kind == "request"
        and link.record.text("applicant") == case.text("applicant")
        and about(link.record) == about(case)
        for link in register.backlinks.get((case.kind, case.key), ())
    )


CARRIED_OUT: Mapping[str, Callable[[Register, Record, str, date], bool]] = {
    "declare-shared": _declared_shared,
    "list-entry": _listed,
    "delist-entry": _delisted,
    "open-request": _requested,
}
_TITLES = {
    "declare-shared": "把资源改为共享类",
    "list-entry": "列入负面清单",
    "delist-entry": "把条目移出负面清单",
    "open-request": "转为共享需求",
}
_FIXES = {
    "declare-shared": "由提供单位把资源的 sharing.declared 改为共享类",
    "list-entry": "在 negative-list/entries/ 增加条目，application 写本案",
    "delist-entry": "在条目里写 delisted：日期、原因和本案",
    "open-request": "新建共享需求，arises_from 写本案",
}
