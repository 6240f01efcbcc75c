"""案件始终按立案时的规则包和版本办理。规则包放在 schemas/policies/；改了内容就把版本加一，旧版留在带版本号的文件夹里，
否则以前的案件就无从核对。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="unknown-pack",
    title="没有这个规则包",
    says="没有规则包“{pack}”，案件没有按程序检查",
    fix="可用：{choices}",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Cases that name a pack, or a version of it, that is not there."""
    known = "、".join(sorted(register.policies.packs))
    for case in register.cases:
        if register.pack_of(case) is None:
            yield RULE.finding(case.at("/pack"), pack=case.text("pack"), choices=known)
