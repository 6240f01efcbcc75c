"""涉及国家秘密的信息不得在共享平台上发布和交换（第二十八条）。编入目录之前由提供单位审查，
并在记录里写明哪天、由哪个部门审查。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.register import Register

RULE = Rule(
    code="missing-secrecy-review",
    title="没有保密审查证明",
    says="“{resource}”没有写明保密审查的日期和部门",
    fix="发布前做保密审查，补上 secrecy_review",
    why=__doc__ or "",
    level=Level.WARNING,
    article=28,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Live resources that carry no attestation of the provider's secrecy review."""
    for resource in register.live_resources:
        if "secrecy_review" not in resource.data:
            yield RULE.finding(resource.at(), resource=resource.title)
