"""撤销的记录留作存根，写明由谁接续，读者从旧地址能找到新地址。接续的记录必须存在。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="unknown-successor",
    title="去向不存在",
    says="没有名为“{target}”的接续记录",
    fix="写接续它的记录的代号；没有就删去这一项",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Tombstones whose successor is nowhere in the register."""
    for record in register:
        for position, target in enumerate(record.texts("withdrawn", "successors")):
            if not register.is_known(record.kind, target):
                pointer = f"/withdrawn/successors/{position}"
                yield RULE.finding(record.at(pointer), target=target)
