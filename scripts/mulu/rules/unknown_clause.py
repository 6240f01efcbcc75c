"""不予共享的依据要落到具体条款。法律文件的记录里写明被引用的条款和它禁止什么，
引用处只能写这些条款，读者点开就能看到要求。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register, bases

RULE = Rule(
    code="unknown-clause",
    title="条款没有登记",
    says="《{law}》没有登记“{clause}”",
    fix="改为已登记的条款：{choices}；或先在该法律文件的 clauses 中补上",
    why=__doc__ or "",
    article=12,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Bases that cite a clause the law's record does not hold."""
    for record, pointer, basis in bases(register):
        law = register.find("law", str(basis.get("law", "")))
        if law is None:
            continue
        clauses = [str(row.get("clause", "")) for row in law.rows("clauses")]
        if basis.get("clause") not in clauses:
            yield RULE.finding(
                record.at(f"{pointer}/clause"),
                law=law.text("short") or law.title,
                clause=str(basis.get("clause", "")),
                choices="、".join(clauses),
            )
