"""``mulu todo``: who must do what by when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from mulu.cli.shell import CLEAN, Shell, Stop, has_colour, load_cases, say, with_shell

NOBODY = "_nobody"
"""The file of duties that no agency can take on; no agency can have this key."""


@click.command(help="列出待办：哪个单位、最迟哪天、要做什么。")
@click.option("--agency", help="只看一个单位的，写代号。")
@click.option("--role", help="只看以某项职责要做的，如 authority。")
@click.option("--overdue", is_flag=True, help="只看已经超期的。")
@click.option("--within", type=click.IntRange(0, 3650), metavar="天数", help="只看超期的和这些天之内到期的。")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json", "ics", "markdown"]), default="text", help="文本、JSON、日历文件或 Markdown。")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="写到一个空文件夹，每个单位一个文件（与 --format markdown 合用）。")  # fmt: skip
@with_shell
def command(
    shell: Shell,
    agency: str | None,
    role: str | None,
    overdue: bool,
    within: int | None,
    form: str,
    output: Path | None,
) -> int:
    """Show what open cases wait for, the most pressing first."""
    from mulu.duties import duties

    if output is not None and form != "markdown":
        raise Stop("-o 只与 --format markdown 合用")
    register, _ = load_cases(shell)
    if agency is not None and register.find("agency", agency) is None:
        raise Stop(f"没有单位 {agency!r}")
    roles = register.pack.vocabularies.get("role", {})
    if role is not None and role not in roles:
        raise Stop(f"没有职责 {role!r}；可用：{'、'.join(f'{term.word}（{term.title}）' for term in roles.values())}")  # fmt: skip
    found = [
        duty
        for duty in duties(register, shell.today)
        if (agency is None or duty.agency == agency)
        and (role is None or role in (duty.capacity, _role(duty)))
        and (duty.late or not overdue)
        and (within is None or _presses(duty, within))
    ]
    if output is not None:
        return _write(register, found, shell.today, output)
    say(_rendered(form, register, found, shell.today, agency or role or ""))
    return CLEAN


def _presses(duty: Any, within: int) -> bool:
    return duty.late or (duty.left is not None and 0 <= duty.left <= within)


def _rendered(form: str, register: Any, found: Sequence[Any], day: date, whose: str) -> str:
    if form == "json":
        return _json(register, found, day)
    if form == "ics":
        return _ics(register, found, day, whose)
    if form == "markdown":
        return "\n".join(_markdown(register, found, day).values()) or f"截至 {day}：没有待办"
    return "\n".join(_text(register, found, day))


def _write(register: Any, found: Sequence[Any], day: date, folder: Path) -> int:
    """One file an agency, in a folder that has nothing else."""
    from mulu.publish import write_file

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Stop(f"{folder} 已经有内容；请换一个空文件夹")
    folder.mkdir(parents=True, exist_ok=True)
    for agency, text in _markdown(register, found, day).items():
        write_file(folder / f"{agency or NOBODY}.md", text.encode())
    return CLEAN


def _role(duty: Any) -> str:
    """The role behind a party that is named by one (the receiver of a complaint)."""
    party = duty.replay.procedure.parties.get(duty.capacity)
    return str(duty.case.text(party.role_of)) if party and party.role_of else ""


def _text(register: Any, found: Sequence[Any], day: date) -> Iterator[str]:
    from mulu.cli.cases import padded, title_of
    from mulu.findings import articles_name
    from mulu.reporters.terminal import columns

    red, bold, plain = ("\x1b[31m", "\x1b[1m", "\x1b[0m") if has_colour() else ("", "", "")
    late = [duty for duty in found if duty.late]
    dated = [duty for duty in found if duty.due is not None and not duty.late]
    undated = [duty for duty in found if duty.due is None]
    whens = {id(duty): _when(duty) for duty in found}
    whos = {id(duty): register.agency_title(duty.agency) or "（没有单位担任）" for duty in found}
    first = max(map(columns, whens.values()), default=0) + 2
    second = max(map(columns, whos.values()), default=0) + 2
    for title, rows, tone in (("超期", late, red), ("有期限", dated, ""), ("未规定期限", undated, "")):  # fmt: skip
        if not rows:
            continue
        yield f"{bold}{tone}{title}  {len(rows)}{plain}"
        for duty in rows:
            yield (
                f"  {tone}{padded(whens[id(duty)], first)}{plain}{padded(whos[id(duty)], second)}"
                f"{duty.what}（{articles_name(duty.articles)}）"
            )
            indent = " " * (first + second)
            yield f"  {indent}{title_of(register, duty.case)}"
            yield f"  {indent}{duty.case.kind}/{duty.case.key}"
        yield ""
    count = f"截至 {day}：待办 {len(found)} 件"
    yield f"{count}，其中超期 {len(late)} 件" if found else f"截至 {day}：没有待办"


def _when(duty: Any) -> str:
    if duty.due is None:
        return f"自 {duty.since}"
    guess = "暂定 " if duty.is_provisional else ""
    if duty.late:
        return f"{duty.due}  超 {-duty.left} {duty.unit}"
    return f"{guess}{duty.due}  {f'还有 {duty.left} {duty.unit}' if duty.left > 0 else '今天到期' if duty.left == 0 else '已过'}"  # fmt: skip


def _markdown(register: Any, found: Sequence[Any], day: date) -> dict[str, str]:
    """The duties of each agency as a section with a table; every value encoded."""
    from mulu.reporters.markdown import encode

    by_agency: dict[str, list[Any]] = {}
    for duty in found:
        by_agency.setdefault(duty.agency, []).append(duty)
    sections: dict[str, str] = {}
    for agency, rows in sorted(by_agency.items()):
        late = sum(duty.late for duty in rows)
        sections[agency] = "\n".join(
            (
                f"## {encode(register.agency_title(agency)) if agency else '没有单位担任'}",
                "",
                f"截至 {day}：待办 {len(rows)} 件" + (f"，其中超期 {late} 件" if late else ""),
                "",
                "| 最迟 | 要做什么 | 案件 |",
                "|---|---|---|",
                *(_markdown_row(register, duty) for duty in rows),
                "",
            )
        )
    return sections


def _markdown_row(register: Any, duty: Any) -> str:
    from mulu.cli.cases import title_of
    from mulu.findings import articles_name
    from mulu.reporters.markdown import encode, inert

    when = f"**{_when(duty)}**" if duty.late else _when(duty)
    case = inert(f"{duty.case.kind}/{duty.case.key}")
    what = f"{encode(duty.what)}（{articles_name(duty.articles)}）"
    return f"| {when} | {what} | {encode(title_of(register, duty.case))}<br>{case} |"


def _json(register: Any, found: Sequence[Any], day: date) -> str:
    from mulu.cli.cases import title_of

    rows = [
        {
            "case": f"{duty.case.kind}/{duty.case.key}",
            "path": duty.case.path,
            "title": title_of(register, duty.case),
            "state": duty.replay.state,
            "agency": duty.agency,
            "agency_title": register.agency_title(duty.agency) if duty.agency else "",
            "capacity": duty.capacity,
            "acts": [{"act": way.act, "title": way.title} for way in duty.ways],
            "clock": duty.run.rule.name if duty.run else None,
            "started": str(duty.run.started) if duty.run else None,
            "due": str(duty.due) if duty.due else None,
            "provisional": duty.is_provisional,
            "left": duty.left,
            "unit": duty.run.rule.unit if duty.run else None,
            "late": duty.late,
            "since": duty.since,
            "articles": list(duty.articles),
        }
        for duty in found
    ]
    return json.dumps({"version": 1, "day": str(day), "duties": rows}, ensure_ascii=False, indent=2)


def _ics(register: Any, found: Sequence[Any], day: date, whose: str) -> str:
    from mulu.cli.cases import title_of
    from mulu.formats import calendar

    settings = register.settings
    title = f"待办期限 {register.agency_title(whose)}".strip()
    site = settings.text("site") if settings else ""
    return calendar.render(found, day, title, lambda duty: title_of(register, duty.case), site).decode()  # fmt: skip
