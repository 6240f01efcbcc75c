"""年度报告的章节由规则包规定（第三十三条）。主管部门可以自己写其中一章的文字，文件名就是章节的代号；代号不对，写的文字不会出现在报告里。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.policy.indicator import OVERVIEW
from mulu.register import Register

RULE = Rule(
    code="unknown-chapter",
    title="年度报告没有这一章",
    says="年度报告没有“{chapter}”这一章",
    fix="文件名改为这些代号之一：{chapters}",
    why=__doc__ or "",
    article=33,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Chapters that the pack's report does not have; not judged where the pack has no report."""
    known = [OVERVIEW, *register.pack.chapters]
    for record in register.of("chapter").values() if register.pack.chapters else ():
        name = record.key.rpartition("/")[2]
        if name not in known:
            yield RULE.finding(record.at(), chapter=name, chapters="、".join(known))
