"""有的动作除了状态和身份还有条件：四个部门的意见齐了才能决定，基础库和主题库的资源不经通知，
期限过了才能通报批评，不能决定自己提出的事。条件由规则包写明，这里逐一核对。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-condition",
    title="条件不满足",
    says="“{act}”的条件不满足：{condition}（{articles}）",
    fix="现在可以做：{choices}",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts whose guards do not hold."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.CONDITION:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/act"),
            act=way.title if way else "",
            condition=refusal.guard.says if refusal.guard else "",
            articles=articles_name(articles or procedure.articles),
            choices=register.choices(case, played, refusal.state),
        )
