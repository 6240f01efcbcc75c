"""The page of one case, and the board of who must do what by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mulu.duties import Duty
from mulu.findings import articles_name
from mulu.pages.records import Page, facts
from mulu.pages.view import Badge, Piece, View
from mulu.procedures import Replay, Run
from mulu.record import Record
from mulu.workdays import Day, What

_FACTS = (
    "applicant", "resource", "entry", "against", "receiver", "ground", "law", "items", "duty",
    "purpose", "frequency", "method", "grounds", "cause", "change", "error", "description", "facts",
    "article", "request", "complaint", "arises_from", "note",
)  # fmt: skip
_MARKS = {What.START: "起", What.HOLIDAY: "假", What.WEEKEND: "休", What.PAUSED: "停"}
_MEANING = {
    What.START: "起算的当天，不算",
    What.COUNTED: "工作日",
    What.MAKE_UP: "调休上班，算",
    What.HOLIDAY: "放假，不算",
    What.WEEKEND: "休息日，不算",
    What.PAUSED: "中止，不算",
}


@dataclass(frozen=True, slots=True)
class Station:
    """A state on the line: where the case has been, is, or is heading."""

    title: str
    when: str
    place: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar that explains a deadline; ``mark`` is its number or why it has none."""

    day: date
    mark: str
    what: str
    meaning: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class ClockCard:
    """One clock of a case in reader's words."""

    title: str
    agency: Piece
    badge: Badge
    words: str
    articles: str
    says: str
    weeks: Sequence[Sequence[Cell | None]]
    total: str
    sources: str
    local_practice: bool
    unconfirmed: bool


def pages(view: View) -> Iterator[Page]:
    """Every case's page, and the board."""
    yield _board(view)
    for case in view.register.cases:
        yield _case_page(view, case)


def _case_page(view: View, case: Record) -> Page:
    register = view.register
    kind = register.schemas.kinds[case.kind]
    links = register.backlinks.get((case.kind, case.key), ())
    linked = {link.record.path: link.record for link in links}
    played, pack = register.replay(case, view.day), register.pack_of(case)
    clocks = [_clock(view, case, played, run) for run in played.clocks] if played else []
    running = [card for card, run in zip(clocks, played.clocks if played else (), strict=True) if run.is_running]  # fmt: skip
    shown = {
        "r": case,
        "kind": kind,
        "pack": pack,
        "pack_text": case.text("pack"),
        "procedure_href": view.procedure_href(pack, case.kind) if pack else "",
        "parent": ("共享需求", "requests/") if case.kind == "request" else ("其他事项", f"cases/#{case.kind}"),
        "stations": list(_stations(played)) if played else [],
        "running": running,
        "clocks": [card for card in clocks if card not in running],
        "waiting": view.duties_about(case),
        "optional": _optional(view, played) if played else [],
        "refused": played.refused[0].position if played and played.refused else None,
        "facts": facts(view, case, _FACTS),
        "acts": list(_acts(view, case, played)),
        "linked": list(linked.values()),
    }  # fmt: skip
    path = f"{view.href(case.kind, case.key)}index.html"
    title = f"{view.case_title(case)} · {kind.title}"
    return path, "case.html", title, str(kind.schema["description"]), shown


def _stations(played: Replay) -> Iterator[Station]:
    """Where the case has been, each state once, then where it is, then what lies ahead."""
    states = played.procedure.states
    for step, after in zip(played.history, played.history[1:], strict=False):
        if step.way.to != after.way.to:
            yield Station(states[step.way.to].title, str(step.act["date"]), "done")
    if played.history:
        last = played.history[-1]
        place = "end" if played.ended else "now"
        yield Station(states[last.way.to].title, str(last.act["date"]), place)
    before = played.state
    for state in played.ahead:
        ends = [
            way.to
            for way in played.procedure.by_state.get(before, ())
            if not way.optional and played.procedure.is_final(way.to)
        ]
        titles = ends if state in ends else [state]
        yield Station(" 或 ".join(states[one].title for one in dict.fromkeys(titles)), "", "next")
        before = state


def _acts(view: View, case: Record, played: Replay | None) -> Iterator[dict[str, object]]:
    """The acts as the timeline shows them, each with the state it led to."""
    steps = {step.position: step for step in played.history} if played else {}
    for position, row in enumerate(view.acts(case)):
        step = steps.get(position)
        into = ""
        if played and step and step.before != step.way.to:
            into = played.procedure.states[step.way.to].title
        title = step.way.title if step else row["title"]
        yield {**row, "title": title, "into": into, "counted": step is not None or played is None}


def _optional(view: View, played: Replay) -> list[tuple[str, str]]:
    if played.refused:
        return []
    return [
        (step.way.title, "、".join(dict.fromkeys(view.register.agency_title(a) for _, a in step.who if a)))
        for step in played.next
        if step.way.optional
    ]  # fmt: skip


def _clock(view: View, case: Record, played: Replay, run: Run) -> ClockCard:
    agency = played.agency(run.rule.duty, view.day)
    pack = view.register.pack_of(case)
    who = view.link("agency", agency) if agency else Piece(pack.capacity_title(played.procedure, run.rule.duty) if pack else "")  # fmt: skip
    days = list(run.days(view.register.policies.calendar))
    end = run.due.day if run.due else None
    return ClockCard(
        run.rule.title,
        who,
        view.clock_badge(run),
        _clock_words(view, run),
        articles_name(run.rule.source.articles),
        run.rule.says,
        list(_weeks(days, end)),
        _total(days),
        _sources(view, days),
        run.rule.source.local_practice,
        run.rule.source.unconfirmed,
    )


def _clock_words(view: View, run: Run) -> str:
    calendar = view.register.policies.calendar
    parts = [f"自 {run.started} 起算"]
    if run.due is None:
        spent = calendar.between(run.started, run.stopped or view.day)
        parts.append(f"{run.stopped} 完成，用了 {spent} 个工作日" if run.stopped else "案件办结" if run.ended else f"已过 {spent} 个工作日")  # fmt: skip
        return "，".join(parts)
    guess = "（暂定，待公布放假安排）" if run.due.provisional else ""
    parts.append(f"应于 {run.due.day} 前完成{guess}")
    if run.extended:
        parts.append(
            f"已延长 {run.extended} {'个工作日' if run.rule.unit == 'working-day' else '天'}"
        )
    parts += [f"{first} 之后至 {last} 中止" for first, last in run.pauses]
    if run.stopped:
        parts.append(f"{run.stopped} 完成")
    return "，".join(parts)


def _weeks(days: Sequence[Day], end: date | None) -> Iterator[list[Cell | None]]:
    """The counted days as weeks, Monday first; None before the start and after the end."""
    if not days:
        return
    cells: list[Cell | None] = [None] * days[0].day.weekday()
    for day in days:
        mark = str(day.number) if day.number else _MARKS.get(day.what, "")
        meaning = _MEANING[day.what] + (f"（{day.name}）" if day.name else "")
        cells.append(Cell(day.day, mark, day.what.value, meaning, day.day == end))
    cells += [None] * (-len(cells) % 7)
    for at in range(0, len(cells), 7):
        yield cells[at : at + 7]


def _total(days: Sequence[Day]) -> str:
    counted = sum(1 for day in days if day.number)
    if not days:
        return ""
    by: dict[What, int] = {}
    for day in days[1:]:
        if not day.number:
            by[day.what] = by.get(day.what, 0) + 1
    names = {What.WEEKEND: "休息日", What.HOLIDAY: "放假", What.PAUSED: "中止"}
    off = "，".join(f"{names[what]} {n} 天不算" for what, n in by.items())
    make_up = sum(day.what is What.MAKE_UP for day in days)
    worked = f"（含调休上班 {make_up} 天）" if make_up else ""
    return f"算入 {counted} 天{worked}" + (f"；{off}" if off else "") + "。"


def _sources(view: View, days: Sequence[Day]) -> str:
    if not days:
        return ""
    notices, unknown = view.register.policies.calendar.sources(days[0].day, days[-1].day)
    rows = [notice.number for notice in notices]
    return "、".join([*rows, *(f"{year} 年尚无放假安排，只按周末计算" for year in unknown)])


def _board(view: View) -> Page:
    """Who must do what by when, the late first."""
    found = view.duties
    groups = [
        ("late", "超期", [duty for duty in found if duty.late]),
        ("dated", "有期限", [duty for duty in found if duty.due is not None and not duty.late]),
        ("undated", "未规定期限", [duty for duty in found if duty.due is None]),
    ]
    by_agency: dict[str, list[Duty]] = {}
    for duty in found:
        by_agency.setdefault(duty.agency, []).append(duty)
    agencies = sorted(
        by_agency.items(), key=lambda row: (-sum(d.late for d in row[1]), -len(row[1]), row[0])
    )
    shown = {"groups": groups, "total": len(found), "agencies": agencies, "names": articles_name}
    title, description = "待办", "哪个单位、最迟哪一天、要做什么。"
    return "todo/index.html", "todo.html", title, description, shown
