"""规则允许延长的期限都有最长的天数，延长几次要合起来算。没有正在计算的期限，也就无从延长。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-over-maximum",
    title="延长超过了最长",
    says="“{act}”写了 {days} 天，这一期限一共最多延长 {longest} 天，已到期停止的不能再延长（{articles}）",
    fix="改正 days；到了最长仍办不完的，期限不再延长",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Extensions beyond their maximum, or of a clock that does not run."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.MAXIMUM:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        longest = [
            clock.extension.longest
            for clock in procedure.clocks.values()
            if clock.extension and way and clock.extension.act == way.act
        ]
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/act"),
            act=way.title if way else "",
            days=refusal.act.get("days", "0"),
            longest=min(longest, default=0),
            articles=articles_name(articles or procedure.articles),
        )
