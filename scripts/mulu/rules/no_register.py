"""catalog/register.yml 写明城市、适用规则和各项职责由谁承担，没有它就无从判断其他记录。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Place, Rule
from mulu.register import Register

RULE = Rule(
    code="no-register",
    title="没有登记簿",
    says="这里没有 catalog/register.yml",
    fix="运行 mulu init 建立新的登记簿，或用 --root 指明登记簿所在的文件夹",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """The register itself is missing."""
    if not register.is_known("register", "register"):
        yield RULE.finding(Place("catalog/register.yml"))
