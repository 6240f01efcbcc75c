"""通知先发出，对方才会收到；限定的日期也不会早于作出限定的那一天。收到日期是十个工作日的起点，写错一天，
期限就错一天。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-dates",
    title="日期相互矛盾",
    says="“{act}”的{title} {date} 早于动作的日期 {before}（{articles}）",
    fix="改正其中一个日期：先有通知，才有收到和限期",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts received, or due, before they were done."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.DATES:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/{refusal.name}"),
            act=procedure.title_of(str(refusal.act["act"])),
            title=register.title_of(case.kind, "acts", "*", refusal.name),
            date=refusal.act[refusal.name],
            before=refusal.act["date"],
            articles=articles_name(articles or procedure.articles),
        )
