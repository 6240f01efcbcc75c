"""不予共享要有当时有效的依据（第十二条）。列入负面清单的看列入那一天，
只有声明、尚未列入的看检查这一天。列入之后依据才失效的，由 basis-needs-review 提示复核。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.record import Record
from mulu.register import Register, bases, in_force

RULE = Rule(
    code="basis-not-in-force",
    title="依据当时无效",
    says="{day} 时《{law}》不在施行期内（{period}）",
    fix="改引当时有效的法律文件；依据已失效的应当移出负面清单",
    why=__doc__ or "",
    article=12,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Bases whose law was not in force when the entry was listed (or today, for a bare claim)."""
    for record, pointer, basis in bases(register):
        law = register.find("law", str(basis.get("law", "")))
        when = _when(register, record, day)
        if law is not None and when is not None and not in_force(law, when):
            start, until = law.text("in_force_from"), law.text("in_force_until")
            yield RULE.finding(
                record.at(f"{pointer}/law"),
                related=((law.at("/in_force_from"), "施行期"),),
                day=when.isoformat(),
                law=law.text("short") or law.title,
                period=f"{start} 至 {until or '今'}",
            )


def _when(register: Register, record: Record, day: date) -> date | None:
    """The day a basis must be in force on; None where another record answers for it."""
    if record.kind == "entry":
        return date.fromisoformat(record.text("listed_on"))
    if register.entry_of(record) is not None:
        return None
    return day
