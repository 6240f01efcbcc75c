"""``mulu deadline``: a working-day deadline, day by day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from mulu.cli.shell import CLEAN, Shell, Stop, load_policies, say, with_shell


@click.command(
    help="推算期限：mulu deadline --from 2026-11-09 --days 10，收到的当天不算。写案件代号则说明它的各个期限。"
)
@click.argument("case", required=False)
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="收到通知的日期。")
@click.option("--days", type=click.IntRange(1, 2500), help="多少个工作日。")
@click.option("--explain", is_flag=True, help="逐日列出：哪天算、哪天不算、为什么。")
@with_shell
def command(
    shell: Shell, case: str | None, start: datetime | None, days: int | None, explain: bool
) -> int:
    """Count from a date, or explain the clocks of a case."""
    if case is not None:
        return _of_case(shell, case, explain)
    if start is None or days is None:
        raise Stop("写 --from 日期 和 --days 天数，或者写案件代号")
    calendar = load_policies(shell).calendar
    due = calendar.add(start.date(), days)
    say(f"{start.date()} 收到，{days} 个工作日：{due.day}{_provisional(calendar, due.provisional)}")
    if explain:
        _explain(calendar, calendar.explain(start.date(), days), start.date(), due.day)
    return CLEAN


def _of_case(shell: Shell, name: str, explain: bool) -> int:
    from mulu.cli.act import find_case
    from mulu.cli.cases import clock_line, title_of
    from mulu.cli.shell import load_around

    path, source = find_case(shell, name)
    register, findings = load_around(shell, path, source)
    record = next((one for one in register.cases if one.path == path), None)
    played = register.replay(record, shell.today) if record else None
    if record is None or played is None:
        raise Stop(f"{path} 有错误，先运行 mulu check（{len(findings)} 处）")
    say(title_of(register, record))
    for run in played.clocks:
        say(clock_line(register, record, played, run, shell.today))
        if explain and run.due is not None:
            _explain(
                register.policies.calendar,
                run.days(register.policies.calendar),
                run.started,
                run.due.day,
            )
    if not played.clocks:
        say("没有正在计算的期限")
    return CLEAN


def _explain(calendar: Any, days: Any, start: date, end: date) -> None:
    from mulu.cli.cases import day_lines

    rows = list(days)
    for line in day_lines(iter(rows), calendar.is_provisional):
        say(line)
    counted = sum(1 for row in rows if row.number)
    off = (end - start).days - counted
    say(f"合计 {counted} 天算入，{off} 天不算；依据：{_sources(calendar, start, end)}")


def _sources(calendar: Any, start: date, end: date) -> str:
    notices, unknown = calendar.sources(start, end)
    rows = [f"{one.number}{'' if one.confirmed else '（文号未核对）'}" for one in notices]
    rows += [f"{year} 年没有放假安排，只按周末计算" for year in unknown]
    return "、".join(rows)


def _provisional(calendar: Any, provisional: bool) -> str:
    if not provisional:
        return ""
    last = max(calendar.notices, default=None)
    return f"（暂定：放假安排只有到 {last} 年的，{last} 年年底的也可能再调）" if last else "（暂定：没有放假安排）"  # fmt: skip
