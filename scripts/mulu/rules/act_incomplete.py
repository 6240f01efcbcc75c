"""有的动作必须写明内容才算数：不予列入要写理由，通知要写送达单位和收到日期，意见要写意见和理由，
不予共享的决定要写法律依据。缺了这些，别人无从知道为什么，期限也无从起算。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-incomplete",
    title="动作没有写全",
    says="“{act}”没有写明“{title}”（{articles}）",
    fix="在这个动作里补上 {name} 一栏",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts that lack what the procedure says they must carry."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.INCOMPLETE:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/act"),
            act=way.title if way else "",
            title=register.title_of(case.kind, "acts", "*", refusal.name),
            name=refusal.name,
            articles=articles_name(articles or procedure.articles),
        )
