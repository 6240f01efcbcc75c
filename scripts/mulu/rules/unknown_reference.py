"""记录之间用代号互相指明。代号写错，读者就找不到依据、单位或案件。

被引用的记录本身有格式错误时，只报那一处错误，不再在引用处重复报。"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="unknown-reference",
    title="引用的记录不存在",
    says="没有名为“{target}”的{kind}",
    fix="{hint}",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Each reference whose target is nowhere in the register."""
    for reference in register.references:
        if reference.kind == "item" or register.is_known(reference.kind, reference.target):
            continue
        kind = register.schemas.kinds[reference.kind]
        beside = register.beside(reference.kind, reference.target)
        near = difflib.get_close_matches(reference.target, beside, 1, 0.6)
        hint = (
            f"是不是 {near[0]}？"
            if near
            else f"先建立 {kind.file(reference.target)}，或改为已有的代号"
        )
        yield RULE.finding(
            reference.record.at(reference.pointer),
            target=reference.target,
            kind=kind.title,
            hint=hint,
        )
