"""依据的法律或政策变化后可以共享的，提供单位应当主动调整，并通知主管部门从负面清单中删除（第十八条）。
法律失效、条款被修改而条目还在清单上，就提示复核；复核日期晚于变化的不再提示。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.record import Record
from mulu.register import Register

RULE = Rule(
    code="basis-needs-review",
    title="依据已经变化，应当复核",
    says="依据的《{law}》自 {change} 起{what}，条目尚未复核",
    fix="提供单位提出主动调整，或由主管部门按现行法律复核依据",
    why=__doc__ or "",
    level=Level.WARNING,
    article=18,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Entries in force whose law or clause has ended since they were listed."""
    for entry in register.entries_in_force(day):
        for position, basis in enumerate(entry.rows("basis")):
            law = register.find("law", str(basis.get("law", "")))
            if law is None:
                continue
            change, what = _change(law, str(basis.get("clause", "")))
            if change and entry.text("listed_on") <= change < day.isoformat():
                yield RULE.finding(
                    entry.at(f"/basis/{position}/law"),
                    related=((law.at(), "法律文件"),),
                    law=law.text("short") or law.title,
                    change=change,
                    what=what,
                )


def _change(law: Record, clause: str) -> tuple[str, str]:
    if law.text("in_force_until"):
        return law.text("in_force_until"), "失效"
    for row in law.rows("clauses"):
        if row.get("clause") == clause and row.get("until"):
            return str(row["until"]), f"修改了{clause}"
    return "", ""
