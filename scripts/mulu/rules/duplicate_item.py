"""信息项以名称识别，同一资源里不能重名。比较时不计大小写、全角半角和空格。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register, comparable

RULE = Rule(
    code="duplicate-item",
    title="信息项重复",
    says="信息项“{item}”写了两次",
    fix="删去一条，或改为能区分的名称",
    why=__doc__ or "",
    article=13,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Items of one resource that share a name after NFKC."""
    for record in register.of("resource").values():
        seen: dict[str, int] = {}
        for position, row in enumerate(record.rows("items")):
            name = str(row.get("name", ""))
            first = seen.setdefault(comparable(name), position)
            if first != position:
                yield RULE.finding(
                    record.at(f"/items/{position}/name"),
                    related=((record.at(f"/items/{first}/name"), "先写的一条"),),
                    item=name,
                )
