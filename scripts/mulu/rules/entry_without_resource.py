"""负面清单条目的路径与资源的路径相同：列入清单的必须是目录里有的资源。
不共享的资源也要编入目录，读者才知道有它、为什么不共享（第十三条、第十七条）。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="entry-without-resource",
    title="条目没有对应的资源",
    says="目录里没有 {key} 这项资源",
    fix="先把资源编入目录；条目的路径要与资源的路径相同",
    why=__doc__ or "",
    article=17,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Entries that lie over no resource."""
    for entry in register.of("entry").values():
        if not register.is_known("resource", entry.key):
            yield RULE.finding(entry.at(), key=entry.key)
