"""The page of one case, the objections with both texts, and the board of who must do what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from mulu.findings import articles_name
from mulu.pages.records import linked_facts
from mulu.pages.view import Badge, Page, Piece, View
from mulu.procedures import Replay, Run
from mulu.record import Record
from mulu.workdays import Day, What

_FACTS = (
    "applicant", "resource", "entry", "against", "receiver", "ground", "law", "items", "duty",
    "purpose", "frequency", "method", "grounds", "cause", "change", "error", "description", "facts",
    "article", "request", "complaint", "arises_from", "note", "internal_note",
)  # fmt: skip
_MOST = 300
"""Rows of one table of the board; the agencies' own pages have the rest."""
_MARKS = {What.START: "起", What.HOLIDAY: "假", What.WEEKEND: "休", What.PAUSED: "停"}
_MEANING = {
    What.START: "起算的当天，不算",
    What.COUNTED: "工作日",
    What.MAKE_UP: "调休上班，算",
    What.HOLIDAY: "放假，不算",
    What.WEEKEND: "休息日，不算",
    What.PAUSED: "中止，不算",
}


class Station(NamedTuple):
    """A state on the line: where the case has been, is, or is heading."""

    title: str
    when: str
    place: str


class Cell(NamedTuple):
    """One day of the calendar that explains a deadline; ``mark`` is its number or why it has none."""

    label: str
    mark: str
    what: str
    meaning: str
    is_last: bool


class ClockCard(NamedTuple):
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
    is_paused: bool
    local_practice: bool
    unconfirmed: bool


def case_page(view: View, case: Record) -> Page:
    """A case: replayed from its acts and what the register holds about its resource."""
    register = view.register
    links = register.backlinks.get((case.kind, case.key), ())
    linked = {link.record.path: link.record for link in links}
    about = case.text("resource") or case.text("entry")
    known = [register.find(kind, about) for kind in ("resource", "entry")]
    title = f"{view.case_title(case)} · {view.words.kind(case.kind)}"
    shown = {
        "title": view.case_title(case),
        "known": [view.digest(record) if record else None for record in known],
        "named": [view.link(kind, key) for kind, key in register.named_by(case)],
        "linked": [(view.link(one.kind, one.key), view.words.kind(one.kind)) for one in linked.values()],
        **view.about(case),
    }  # fmt: skip
    path = f"{view.href(case.kind, case.key)}index.html"
    says = view.say(str(register.schemas.kinds[case.kind].schema["description"]))
    return Page(path, "case.html", title, says, shown, case, lambda: _replayed(view, case))


def _replayed(view: View, case: Record) -> dict[str, Any]:
    """What replaying the case tells; it follows from the case, its resource and its entry."""
    played, pack = view.register.replay(case, view.day), view.register.pack_of(case)
    clocks = [(run, _clock(view, played, run, case)) for run in played.clocks] if played else []
    procedure_href = view.procedure_href(pack, case.kind) if pack else ""
    return {
        "kind_title": view.words.kind(case.kind),
        "state": view.case_state(case),
        "late": view.lateness(case),
        "pack": Piece(pack.title if pack else case.text("pack"), procedure_href),
        "procedure_href": procedure_href,
        "parent": _parent(view, case),
        "stations": list(_stations(view, played)) if played else [],
        "running": [card for run, card in clocks if run.is_running],
        "clocks": [card for run, card in clocks if not run.is_running],
        "waiting": [(view.duty_row(duty), duty.ways[0].act) for duty in view.duties_about(case)],
        "optional": _optional(view, played) if played else [],
        "refused": played.refused[0].position + 1 if played and played.refused else 0,
        "facts": linked_facts(view, case, _FACTS),
        "acts": list(_acts(view, case, played)),
        "sides": _sides(view, case) if case.kind == "objection" else None,
    }


def _parent(view: View, case: Record) -> Piece:
    """The list a case belongs to."""
    if case.kind == "request":
        return Piece(view.say("共享需求"), "requests/")
    if case.kind == "objection":
        return Piece(view.say("负面清单异议"), "objections/")
    return Piece(view.say("其他事项"), f"cases/#{case.kind}")


def objections(view: View) -> Page:
    """Every objection beside the listing it is against, those still open first (art. 18)."""
    cases = sorted(
        view.register.of("objection").values(),
        key=lambda c: (not view.register.has_ended(c, view.day), view.case_day(c), c.key),
        reverse=True,
    )
    rows = [(view.case_row(case), _sides(view, case)) for case in cases]
    title = view.say("负面清单异议")
    says = view.say("对列入负面清单的异议：清单的理由和异议的理由放在一起看。")
    return Page("objections/index.html", "objections.html", title, says, {"rows": rows})


def _sides(view: View, case: Record) -> dict[str, Any]:
    """What the list says, what the objection says, and what came of it."""
    key = case.text("entry")
    entry = view.register.find("entry", key) if view.tells_reasons else None
    result = [row for row in case.rows("acts") if row.get("result") or row.get("reason")]
    return {
        "resource": view.link("entry", key),
        "reason": entry.text("reason") if entry else "",
        "items": entry.texts("items") if entry else [],
        "bases": view.bases(entry) if entry else [],
        "listed_on": entry.text("listed_on") if entry else "",
        "delisted_on": entry.text("delisted", "date") if entry else "",
        "applicant": view.agency(case.text("applicant")),
        "ground": view.words.word("objection", case.text("ground"), "ground") if case.text("ground") else "",
        "grounds": case.text("grounds"),
        "asked": case.texts("items"),
        "day": str(case.rows("acts")[0]["date"]),
        "result": [
            (view.act_title(case, str(row["act"])), str(row["date"]), str(row.get("result") or row.get("reason")))
            for row in result
        ],
    }  # fmt: skip


def _stations(view: View, played: Replay) -> Iterator[Station]:
    """Where the case has been, each state once, then where it is, then what lies ahead."""
    states = played.procedure.states
    for step, after in zip(played.history, played.history[1:], strict=False):
        if step.way.to != after.way.to:
            yield Station(view.say(states[step.way.to].title), str(step.act["date"]), "done")
    if played.history:
        last = played.history[-1]
        place = "end" if played.ended else "now"
        yield Station(view.say(states[last.way.to].title), str(last.act["date"]), place)
    before = played.state
    for state in played.ahead:
        ends = [
            way.to
            for way in played.procedure.by_state.get(before, ())
            if not way.optional and played.procedure.is_final(way.to)
        ]
        titles = ends if state in ends else [state]
        names = [view.say(states[one].title) for one in dict.fromkeys(titles)]
        yield Station(view.say(" 或 ").join(names), "", "next")
        before = state


def _acts(view: View, case: Record, played: Replay | None) -> Iterator[dict[str, Any]]:
    """The acts as the timeline shows them, each with the state it led to."""
    steps = {step.position: step for step in played.history} if played else {}
    for position, row in enumerate(view.acts(case)):
        step = steps.get(position)
        into = ""
        if played and step and step.before != step.way.to:
            into = view.say(played.procedure.states[step.way.to].title)
        title = view.say(step.way.title) if step else row["title"]
        yield {**row, "title": title, "into": into, "counted": step is not None or played is None}


def _optional(view: View, played: Replay) -> list[tuple[str, str]]:
    if played.refused:
        return []
    return [
        (view.say(step.way.title), view.language.join(list(dict.fromkeys(view.register.agency_title(a) for _, a in step.who if a))))
        for step in played.next
        if step.way.optional
    ]  # fmt: skip


def _clock(view: View, played: Replay, run: Run, case: Record) -> ClockCard:
    agency = played.agency(run.rule.duty, view.day)
    pack = view.register.pack_of(case)
    who = view.agency(agency) if agency else Piece(view.say(pack.capacity_title(played.procedure, run.rule.duty)) if pack else "")  # fmt: skip
    days = list(run.days(view.register.policies.calendar))
    end = run.due.day if run.due else None
    return ClockCard(
        view.say(run.rule.title),
        who,
        view.clock_badge(run),
        _clock_words(view, run),
        articles_name(run.rule.source.articles),
        run.rule.says,
        list(_weeks(view, days, end)),
        _total(view, days),
        _sources(view, days),
        bool(run.pauses),
        run.rule.source.local_practice,
        run.rule.source.unconfirmed,
    )


def _clock_words(view: View, run: Run) -> str:
    calendar, say, count = view.register.policies.calendar, view.say, view.language.count
    day = view.language.day
    parts = [say("自 {day} 起算", day=day(run.started))]
    if run.due is None:
        spent = calendar.between(run.started, run.stopped or view.day)
        if run.stopped:
            parts.append(count("{day} 完成，用了 {n} 个工作日", spent, day=day(run.stopped)))
        else:
            parts.append(say("案件办结") if run.ended else count("已过 {n} 个工作日", spent))
        return say("，").join(parts)
    due = day(run.due.day)
    parts.append(
        say("应于 {day} 前完成（暂定，待公布放假安排）", day=due)
        if run.due.provisional
        else say("应于 {day} 前完成", day=due)
    )
    if run.extended:
        says = "已延长 {n} 个工作日" if run.rule.unit == "working-day" else "已延长 {n} 天"
        parts.append(count(says, run.extended))
    parts += [
        say("{first} 之后至 {last} 中止", first=day(first), last=day(last))
        for first, last in run.pauses
    ]
    if run.stopped:
        parts.append(say("{day} 完成", day=day(run.stopped)))
    return say("，").join(parts)


def _weeks(view: View, days: Sequence[Day], end: date | None) -> Iterator[list[Cell | None]]:
    """The counted days as weeks, Monday first; None before the start and after the end."""
    if not days:
        return
    cells: list[Cell | None] = [None] * days[0].day.weekday()
    for day in days:
        mark = str(day.number) if day.number else view.say(_MARKS.get(day.what, ""))
        meaning = view.say(_MEANING[day.what]) + (f"（{day.name}）" if day.name else "")
        label = f"{day.day.month}.{day.day.day}"
        cells.append(Cell(label, mark, day.what.value, f"{day.day} {meaning}", day.day == end))
    cells += [None] * (-len(cells) % 7)
    for at in range(0, len(cells), 7):
        yield cells[at : at + 7]


_OFF = {What.WEEKEND: "休息日 {n} 天不算", What.HOLIDAY: "放假 {n} 天不算", What.PAUSED: "中止 {n} 天不算"}  # fmt: skip


def _total(view: View, days: Sequence[Day]) -> str:
    if not days:
        return ""
    count = view.language.count
    by: dict[What, int] = {}
    for day in days[1:]:
        if not day.number:
            by[day.what] = by.get(day.what, 0) + 1
    parts = [count("算入 {n} 天", sum(1 for day in days if day.number))]
    make_up = sum(day.what is What.MAKE_UP for day in days)
    if make_up:
        parts.append(count("含调休上班 {n} 天", make_up))
    parts += [count(_OFF[what], n) for what, n in by.items() if what in _OFF]
    return view.say("，").join(parts) + view.say("。")


def _sources(view: View, days: Sequence[Day]) -> str:
    if not days:
        return ""
    notices, unknown = view.register.policies.calendar.sources(days[0].day, days[-1].day)
    rows = [notice.number for notice in notices]
    guesses = [view.say("{year} 年尚无放假安排，只按周末计算", year=year) for year in unknown]
    return view.language.join([*rows, *guesses])


def board(view: View) -> Page:
    """Who must do what by when, the late first."""
    found = view.duties
    groups = [
        ("late", view.say("超期"), [duty for duty in found if duty.late]),
        ("dated", view.say("有期限"), [duty for duty in found if duty.due is not None and not duty.late]),
        ("undated", view.say("未规定期限"), [duty for duty in found if duty.due is None]),
    ]  # fmt: skip
    agencies = sorted(
        ((view.agency(key), len(rows), sum(duty.late for duty in rows), key) for key, rows in view.duties_by_agency.items()),
        key=lambda row: (-row[2], -row[1], row[3]),
    )  # fmt: skip
    shown = {
        "groups": [
            (anchor, title, len(rows), [view.duty_row(duty) for duty in rows[:_MOST]])
            for anchor, title, rows in groups
        ],
        "total": len(found),
        "agencies": agencies,
    }
    title, says = view.say("待办"), view.say("哪个单位、最迟哪一天、要做什么。")
    return Page("todo/index.html", "todo.html", title, says, shown)
