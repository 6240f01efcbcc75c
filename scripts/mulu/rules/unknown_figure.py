"""年度报告里自己写的一章，数也从登记簿算（第三十三条）：文字里写 {指标代号}，报告里换成当年的数，和图表里的永远一致。
代号写错了就没有数可换，报告里照原样印出。"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.policy.indicator import END, PLACE
from mulu.register import Register

RULE = Rule(
    code="unknown-figure",
    title="没有这个指标",
    says="没有指标“{figure}”",
    fix="改为规则包里的指标代号{hint}；指标和代号见 mulu stats --format json",
    why=__doc__ or "",
    level=Level.WARNING,
    article=33,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Figures that a chapter names and the pack does not have."""
    known = register.pack.indicators
    for record in register.of("chapter").values() if known else ():
        for at, line in enumerate(record.texts("lines")):
            for found in PLACE.finditer(line):
                name = found[1]
                if name != END and name not in known:
                    near = difflib.get_close_matches(name, known, 1)
                    hint = f"，是不是 {near[0]}" if near else ""
                    yield RULE.finding(record.at(f"/lines/{at}"), figure=name, hint=hint)
