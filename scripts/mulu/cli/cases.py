"""A case in words for the terminal: where it stands, its clocks, what may come next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from mulu.findings import articles_name
from mulu.procedures import Next, Replay, Run
from mulu.record import Record
from mulu.register import Register
from mulu.reporters.terminal import columns, visible
from mulu.workdays import Day, What

_WHAT = {
    What.START: "起算，当日不算",
    What.COUNTED: "工作日",
    What.MAKE_UP: "调休上班",
    What.HOLIDAY: "放假",
    What.WEEKEND: "休息日",
    What.PAUSED: "中止，不算",
}
_WEEK = "一二三四五六日"


def padded(text: str, width: int) -> str:
    """Text filled to a width in columns."""
    return text + " " * max(0, width - columns(text))


def title_of(register: Register, case: Record) -> str:
    """Who wants what of whom: 市教育局 → 户籍人口基本信息."""
    about = case.text("resource") or case.text("entry")
    resource = register.find("resource", about)
    against = case.text("against")
    target = register.agency_title(against) if against else resource.title if resource else about
    return visible(f"{register.agency_title(case.text('applicant'))} → {target}")


def state_lines(register: Register, case: Record, day: date) -> Iterator[str]:
    """State, clocks and next steps, each on a line."""
    played = register.replay(case, day)
    if played is None:
        yield f"  没有按程序检查：规则包 {visible(case.text('pack'))} 没有这一程序"
        return
    state = played.procedure.states[played.state].title if played.state else "尚未立案"
    yield f"  状态：{state}{'（办理到此为止）' if played.ended else ''}"
    for refusal in played.refused:
        yield f"  第 {refusal.position + 1} 个动作不合程序，从这里起没有计入；运行 mulu check 看原因"
    for run in played.clocks:
        yield f"  期限：{clock_line(register, case, played, run, day)}"
    if not played.refused:
        yield from next_lines(register, played)


def clock_line(register: Register, case: Record, played: Replay, run: Run, day: date) -> str:
    """One clock: what, whose, from when to when, days left or late, and where it stands in the rule."""
    pack = register.pack_of(case)
    agency = register.agency_title(played.agency(run.rule.duty, day)) or (
        pack.capacity_title(played.procedure, run.rule.duty) if pack else run.rule.duty
    )
    source = articles_name(run.rule.source.articles)
    return f"{run.rule.title}（{agency}，{source}）{clock_words(register, run, day)}"


def clock_words(register: Register, run: Run, day: date) -> str:
    """自 2026-11-09 起，应于 2026-11-23 前完成，今天到期."""
    calendar = register.policies.calendar
    unit = "个工作日" if run.rule.unit == "working-day" else "天"
    started = f"自 {run.started} 起"
    if run.due is None:
        until = run.stopped or day
        spent = f"{calendar.between(run.started, until)} 个工作日"
        return f"{started}，{f'{run.stopped} 完成，用了' if run.stopped else '办结，历时' if run.ended else '已'} {spent}；未规定期限"
    words = f"{started}，应于 {run.due.day} 前完成{'（暂定，待公布放假安排）' if run.due.provisional else ''}"
    if run.extended:
        words += f"，已延长 {run.extended} {unit}"
    for first, last in run.pauses:
        words += f"，{first} 至 {last} 中止"
    left = run.left(day, calendar) or 0
    if run.stopped is not None:
        return f"{words}；{run.stopped} 完成，{f'超期 {-left} {unit}' if run.is_late(day) else '没有超期'}"
    if run.ended:
        return f"{words}；案件办结，不再计算"
    if run.is_late(day):
        return f"{words}；已超期 {-left} {unit}"
    if left < 0:
        return f"{words}；暂定日期已过，不作超期"
    return f"{words}；{f'还有 {left} {unit}' if left else '今天到期'}"


def next_lines(register: Register, played: Replay) -> Iterator[str]:
    """The acts that may come next, and who may do them."""
    for step in played.next:
        yield f"  {'可以' if step.way.optional else '下一步'}：{_next(register, step)}"


def _next(register: Register, step: Next) -> str:
    who = "、".join(dict.fromkeys(register.agency_title(agency) or f"没有单位担任 {capacity}" for capacity, agency in step.who))  # fmt: skip
    carries = f"，写明 {'、'.join(step.way.carries)}" if step.way.carries else ""
    return f"{step.way.title} {step.way.act}（{who}{carries}）"


def day_lines(days: Iterator[Day], unsettled: Any) -> Iterator[str]:
    """Every day of a count: its number where it counts, the weekday, what it is."""
    for day in days:
        number = f"{day.number:>3}" if day.number else "  ·"
        name = f"（{day.name}）" if day.name else ""
        guess = "  暂定" if unsettled(day.day) else ""
        yield f"{number}  {day.day} 周{_WEEK[day.day.weekday()]}  {_WHAT[day.what]}{name}{guess}"
