"""办理过程按日期先后记录，只往后添加。后写的动作日期反而更早，要么记错了日期，要么想改写已经发生的事。
同一天的几个动作按先后写。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule, articles_name
from mulu.procedures import Why
from mulu.register import Register

RULE = Rule(
    code="act-out-of-order",
    title="动作的日期倒了",
    says="“{act}”的日期 {date} 早于前一个动作（{articles}）",
    fix="按发生的先后排列动作，或改正日期；以前的动作不能改动，漏记的写在 note 里",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Acts dated before the one above them."""
    for case, played, refusal in register.refusals(day):
        if refusal.why is not Why.ORDER:
            continue
        procedure = played.procedure
        way = refusal.way
        articles = way.source.articles if way else ()
        yield RULE.finding(
            case.at(f"/acts/{refusal.position}/date"),
            act=procedure.title_of(str(refusal.act["act"])),
            date=refusal.act["date"],
            articles=articles_name(articles or procedure.articles),
        )
