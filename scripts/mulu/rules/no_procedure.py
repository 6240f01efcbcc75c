"""不同的规则有不同的程序。例如政务数据共享条例不另设负面清单，也就没有异议和主动调整。
用 --pack 比较两部规则时，没有对应程序的案件在这里逐件列出。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="no-procedure",
    title="规则没有这一程序",
    says="{pack}没有“{kind}”这一程序",
    fix="有的程序：{choices}；已经立案的，按原来的规则办完",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Cases of a kind for which their pack has no procedure."""
    for case in register.cases:
        pack = register.pack_of(case)
        if (
            pack is None
            or case.kind in pack.procedures
            or f"{pack.name}/{case.kind}" in register.policies.broken
        ):
            continue
        yield RULE.finding(
            case.at("/pack"),
            pack=pack.short,
            kind=register.schemas.kinds[case.kind].title,
            choices="、".join(one.title for one in pack.procedures.values()),
        )
