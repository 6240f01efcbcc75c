"""案件的文件名由提出单位和事项组成，放在立案那一年的文件夹里，例如
catalog/requests/2026/jiaoyu--huji-renkou.yml。这样不用编号也不会重名，看名字就知道是谁的事。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register, opened_on

RULE = Rule(
    code="case-name",
    title="案件文件名与内容不符",
    says="文件名应当是 {expected}",
    fix="把文件改名为 {expected}，或改正提出单位和第一个动作的日期",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Cases whose folder is not the year of the first act or whose name does not begin with the applicant."""
    for case in register.cases:
        year, _, name = case.key.partition("/")
        applicant, opened = case.text("applicant"), opened_on(case)
        if name.startswith(f"{applicant}--") and opened.startswith(year):
            continue
        subject = name.partition("--")[2] or name
        expected = f"{opened[:4]}/{applicant}--{subject}.yml"
        yield RULE.finding(case.at("/applicant"), expected=expected)
