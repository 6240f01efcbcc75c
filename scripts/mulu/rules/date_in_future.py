"""登记簿记录已经发生的事。发布、更新、列入、报送和办理动作的日期不能晚于检查的这一天。
期限、下次复核这类约定的日期不在此列。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="date-in-future",
    title="日期在将来",
    says="{title} {date} 晚于 {day}",
    fix="改为实际发生的日期；还没有发生的事不写",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Dates of things that have happened, after the day of the check."""
    limit = day.isoformat()
    for record in register:
        for pointer, title in _PAST.get(record.kind, {}).items():
            value = record.text(*pointer.strip("/").split("/"))
            if value > limit:
                yield RULE.finding(record.at(pointer), title=title, date=value, day=limit)
        for position, act in enumerate(record.rows("acts")):
            for name in ("date", "received_on"):
                value = str(act.get(name, ""))
                if value > limit:
                    pointer = f"/acts/{position}/{name}"
                    yield RULE.finding(record.at(pointer), title="办理日期", date=value, day=limit)


_PAST = {
    "resource": {"/published_on": "发布日期", "/refreshed_on": "数据更新日期"},
    "entry": {"/listed_on": "列入日期", "/delisted/date": "移出日期"},
    "return": {"/submitted_on": "报送日期"},
    "inspection": {"/date": "检查日期"},
}
