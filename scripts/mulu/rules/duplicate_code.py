"""信息资源代码在全市不重复，用过的代码不再给别的资源，包括已撤销的资源：
旧文件、旧系统里还在引用它。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.record import Record
from mulu.register import Register

RULE = Rule(
    code="duplicate-code",
    title="代码重复",
    says="信息资源代码 {code} 已由 {other} 使用",
    fix="换一个没有用过的顺序码；已撤销资源的代码也不再使用",
    why=__doc__ or "",
    article=13,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Resources that carry a code another resource already has, tombstones included."""
    seen: dict[str, Record] = {}
    for record in register.of("resource").values():
        code = record.text("code")
        first = seen.setdefault(code, record) if code else record
        if first is not record:
            yield RULE.finding(
                record.at("/code"),
                related=((first.at("/code"), "已有的代码"),),
                code=code,
                other=first.key,
            )
