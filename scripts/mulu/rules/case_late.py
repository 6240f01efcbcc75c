"""规则只写了一个天数：提供单位收到通知之日起十个工作日内提供（第十五条）。整改的期限由通知自己写明（第三十四条）。
收到的当天不算，从次日起数工作日，调休上班的日子算，放假的日子不算；mulu deadline --explain 逐日列出。
日历还没有公布到的日子，期限只是暂定，不说超期。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule, articles_name
from mulu.register import Register

RULE = Rule(
    code="case-late",
    title="期限已过",
    says="“{clock}”应当由{agency}在 {due} 前完成，已超过 {days} {unit}（{articles}）",
    fix="{agency}尽快完成并追加动作；不能完成的写明原因",
    why=__doc__ or "",
    level=Level.NOTE,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Clocks that run past their due date."""
    for case in register.cases:
        if register.under is not None and register.is_closed(case, day):
            continue
        played, pack = register.replay(case, day), register.pack_of(case)
        for run in played.running if played else ():
            if not run.is_late(day) or run.due is None or pack is None or played is None:
                continue
            agency = register.duty_of(case, run.rule.duty, day)
            yield RULE.finding(
                case.at(f"/acts/{run.position}"),
                clock=run.rule.title,
                agency=register.agency_title(agency)
                if agency
                else pack.capacity_title(played.procedure, run.rule.duty),
                due=run.due.day,
                days=-(run.left(day, register.policies.calendar) or 0),
                unit="个工作日" if run.rule.unit == "working-day" else "日",
                articles=articles_name(run.rule.source.articles),
            )
