"""每个动作只能在程序规定的状态下做：没有列入共享目录就不能通知，没有受理就不能出具意见，到了终点就什么也不能再做，
同一步也不能做两遍。写错的动作不改动，在后面接着写对的。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-not-now",
    title="这时不能做的动作",
    says="案件的状态是“{state}”，不能“{act}”（{articles}）",
    fix="现在可以做：{choices}",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts that the state of the case does not allow."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.NOT_NOW:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/act"),
            state=procedure.states[refusal.state].title if refusal.state else "尚未立案",
            act=procedure.title_of(str(refusal.act["act"])),
            articles=articles_name(articles or procedure.articles),
            choices=register.choices(case, played, refusal.state),
        )
