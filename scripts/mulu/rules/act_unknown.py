"""每一类案件能做哪些动作，由规则包里的程序规定（schemas/policies/）。写了程序没有的动作，案件就到此为止，
后面的动作都不算数。程序的说明页列出全部动作。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-unknown",
    title="没有这个动作",
    says="程序“{procedure}”没有动作“{act}”（{articles}）",
    fix="现在可以做：{choices}",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts the procedure does not know."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.UNKNOWN:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/act"),
            procedure=procedure.title,
            act=refusal.act["act"],
            articles=articles_name(articles or procedure.articles),
            choices=register.choices(case, played, refusal.state),
        )
