"""规则把审核、监察、保密检查、平台运行交给不同的部门（第五条、第十六条、第十七条、第二十八条）。
没有写明由谁承担，案件就没有人能办。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.register import Register

RULE = Rule(
    code="role-unfilled",
    title="职责没有单位承担",
    says="{day} 没有单位承担“{role}”",
    fix="在 catalog/register.yml 的 roles 下写明由哪个单位承担",
    why=__doc__ or "",
    level=Level.WARNING,
    article=5,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Roles of the pack that no agency plays on the day."""
    settings = register.settings
    if settings is None:
        return
    for role in register.pack.vocabularies.get("role", {}).values():
        if register.holder(role.word, day) is None:
            yield RULE.finding(settings.at("/roles"), day=day.isoformat(), role=role.title)
