"""谁能做哪个动作由程序规定：提供由提供单位做，列入和通知由主管部门做，意见由四个部门各自出具。职责属于单位，
不属于人；单位担任职责的起止日期写在 catalog/register.yml。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-not-entitled",
    title="不该由它来做",
    says="“{act}”要由{who}来做，{agency}当日不是（{articles}）",
    fix="改由{who}来做；身兼数职的，在 as 写明以哪一项职责做",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts by an agency that is neither the party nor holds the role."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.NOT_ENTITLED:
            continue
        if not register.is_known("agency", str(refusal.act["by"])):
            continue
        procedure, pack = played.procedure, register.pack_of(case)
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/by"),
            act=way.title if way else "",
            who="、".join(pack.capacity_title(procedure, by) for by in way.by)
            if pack and way
            else "",
            agency=register.agency_title(str(refusal.act["by"])),
            articles=articles_name(articles or procedure.articles),
        )
