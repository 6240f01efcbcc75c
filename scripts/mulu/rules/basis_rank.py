"""不予共享只能依据规则认可的法律文件：现行规则认可法律、法规和规章（第十二条），
其他文件和内部规定不能作为依据。认可哪些位阶由规则包规定。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register, bases

RULE = Rule(
    code="basis-rank",
    title="依据的位阶不够",
    says="《{law}》是{rank}，不能作为不予共享的依据",
    fix="改引：{choices}",
    why=__doc__ or "",
    article=12,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Bases whose law has a rank that the pack does not admit."""
    ranks = register.pack.vocabularies.get("rank", {})
    admitted = "、".join(term.title for term in ranks.values() if "admissible" in term.marks)
    for record, pointer, basis in bases(register):
        law = register.find("law", str(basis.get("law", "")))
        if law is None or law.text("rank") not in ranks:
            continue
        if not register.pack.has_mark("rank", law.text("rank"), "admissible"):
            yield RULE.finding(
                record.at(f"{pointer}/law"),
                law=law.text("short") or law.title,
                rank=register.pack.title_of("rank", law.text("rank")),
                choices=admitted,
            )
