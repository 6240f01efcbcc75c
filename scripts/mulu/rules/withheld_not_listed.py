"""除列入负面清单的以外，各单位应当无条件共享（第七条）。提供单位的声明不等于列入清单：
要经主管部门会同法制、编制、监察部门审核（第十七条）。正在审核的，等审核结果。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="withheld-not-listed",
    title="声明不予共享但不在负面清单",
    says="“{resource}”声明为不予共享，但不在负面清单，也没有正在审核的申请",
    fix="改为共享；或提出申请，经审核后列入负面清单",
    why=__doc__ or "",
    article=7,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Resources declared withheld that no entry in force and no open application supports."""
    if not register.pack.has_negative_list:
        return
    reviewing = register.under_review(day)
    for record in register.live_resources:
        declared = record.text("sharing", "declared")
        if not register.pack.is_withheld(declared) or record.key in reviewing:
            continue
        if not register.is_listed(record, day):
            yield RULE.finding(record.at("/sharing/declared"), resource=record.title)
