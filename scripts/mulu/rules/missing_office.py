"""各单位主要领导是第一责任人，并应明确具体负责的部门和工作人员（第十九条）。
这里只写职务和处室，不写姓名。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.register import Register, is_withdrawn

RULE = Rule(
    code="missing-office",
    title="没有明确负责部门",
    says="“{agency}”没有写明{missing}",
    fix="补上 head（第一责任人的职务）和 office（负责处室）",
    why=__doc__ or "",
    level=Level.WARNING,
    article=19,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Live agencies without a head (by post) or a responsible office."""
    for agency in register.of("agency").values():
        if is_withdrawn(agency):
            continue
        missing = [title for name, title in _WANTED.items() if not agency.data.get(name)]
        if missing:
            yield RULE.finding(agency.at(), agency=agency.title, missing="、".join(missing))


_WANTED = {"head": "第一责任人", "office": "负责部门"}
