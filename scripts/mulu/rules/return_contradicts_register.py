"""年度报送的数，登记簿里多半已经有了（第三十三条）。两者不同，不是报错了，就是有的事没有登记；核实之后改正一边，或者在“问题”栏说明。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.indicators import Year, period_of
from mulu.register import Register

RULE = Rule(
    code="return-contradicts-register",
    title="年度报送与登记簿不一致",
    says="“{title}”报的是 {reported}，登记簿里是 {known}",
    fix="用 mulu stats --year {year} --agency {agency} 核对，改正报送，或补上没有登记的",
    why=__doc__ or "",
    level=Level.WARNING,
    article=33,
    whole=True,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Numbers of a return, for a year that is over, that are not those of the register."""
    years: dict[str, Year] = {}
    for record in register.of("return").values():
        name, _, agency = record.key.partition("/")
        if int(name) >= day.year:
            continue
        year = years.setdefault(name, Year(register, period_of(int(name), day)))
        for pointer, known in year.return_of(agency).items():
            reported = record.get(*pointer.split("/"))
            if isinstance(reported, int) and reported != known:
                yield RULE.finding(
                    record.at(f"/{pointer}"),
                    title=register.title_of("return", *pointer.split("/")),
                    reported=str(reported),
                    known=str(known),
                    year=name,
                    agency=agency,
                )
