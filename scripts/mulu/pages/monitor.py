"""What goes on now, for whoever looks: the public, the offices with a part in the procedures, each agency.

Figures are those of the current year's report; what waits and what is late is what ``mulu todo`` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial

from mulu.duties import Duty
from mulu.pages.report import Reports, shown_blocks, tiles
from mulu.pages.sheet import Sheet, ready
from mulu.pages.view import Builder, Page, Piece, View
from mulu.record import Record
from mulu.register import is_withdrawn
from mulu.report.compose import Years, stated, working
from mulu.report.document import Block, Cell, Chart, Column, Table, Tiles

_MOST = 100
_SOON = 3
"""Days left, in the unit of the term, from which on a duty is said to be due soon."""
_COLUMNS = 3


def pages(view: View, reports: Reports) -> Iterator[tuple[str, Builder]]:
    """The three kinds of page."""
    yield "monitor/", partial(_public, reports=reports)
    yield "monitor/offices/", _offices
    for agency in view.register.of("agency").values():
        if not is_withdrawn(agency):
            yield f"monitor/agencies/{agency.key}/", partial(_agency, agency=agency, reports=reports)  # fmt: skip


def days(view: View) -> Sheet:
    """What a browser needs to say on any later day how many days are left: the calendar and the words."""
    calendar = view.register.policies.calendar
    content = {
        "asof": str(view.day),
        "off": sorted(str(day) for day in calendar.off if day.weekday() < 5),
        "work": sorted(str(day) for day in calendar.work),
        "says": {
            "working-day": [_counted(view, text) for text in ("还有 {n} 个工作日", "超期 {n} 个工作日")],
            "day": [_counted(view, text) for text in ("还有 {n} 天", "超期 {n} 天")],
            "today": view.say("今天到期"),
            "provisional": view.say("暂定日期已过"),
            "counted": view.say("期限算到"),
        },
    }  # fmt: skip
    path = f"{view.language.folder}monitor/days.json"
    return ready(path, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _counted(view: View, text: str) -> Sequence[str]:
    """A sentence with its number left open: for one, and for more."""
    return [view.language.count(text, n).replace(str(n), "{n}") for n in (1, 2)]


def _public(view: View, reports: Reports) -> Page:
    """What is shared and how promptly."""
    years = reports.years.get(view.day.year)
    document = reports.documents.get(view.day.year)
    blocks: list[Block] = []
    if years and document:
        charts = [block for chapter in document.chapters for block in chapter.blocks if isinstance(block, Chart) and block.is_upright]  # fmt: skip
        blocks = [Tiles(tuple(tiles(document))), *charts]
    late = [duty for duty in view.duties if duty.late]
    shown = {
        "figures": shown_blocks(blocks),
        "agencies": shown_blocks([_by_agency(view, years)]) if years else [],
        "late": _rows(view, late),
        "late_count": len(late),
        "waiting": len(view.duties),
        "year": view.day.year if years else 0,
        "day": view.day,
    }
    says = view.say("信息资源共享了多少、办得多快、哪里超期。")
    return Page("monitor/index.html", "monitor.html", view.say("运行监测"), says, shown)


def _by_agency(view: View, years: Years) -> Table:
    """Each agency's most telling shares, its open duties and how many of them are late."""
    indicators = years.this.register.pack.indicators
    names = [
        name
        for name in years.telling
        if "agency" in indicators[name].by and indicators[name].figure == "share"
    ][:_COLUMNS]
    columns = [Column(indicators[name].title, is_number=True) for name in names]
    rows: list[tuple[Cell, ...]] = []
    for key in years.this.agencies:
        figures = [figure for name in names if (figure := years.this.of_agency(name, key))]
        waiting = view.duties_by_agency.get(key, ())
        cells = [stated(view.day.year, indicators[name], figure, key) for name, figure in zip(names, figures, strict=True)]  # fmt: skip
        rows.append((Cell(view.register.agency_title(key), f"monitor/agencies/{key}/"), *cells, Cell(str(len(waiting))), Cell(str(sum(duty.late for duty in waiting)))))  # fmt: skip
    titles = (Column(view.say("单位")), *columns, Column(view.say("待办"), is_number=True), Column(view.say("超期"), is_number=True))  # fmt: skip
    return Table(0, "", titles, tuple(rows))


def _offices(view: View) -> Page:
    """For each office: what waits for it; then what is late or soon due, and whose it is."""
    register = view.register
    offices: list[tuple[str, Piece, list[object], int]] = []
    for term in register.pack.vocabularies.get("role", {}).values():
        for holder in register.holders(term.word, view.day.isoformat()):
            mine = [duty for duty in view.duties_by_agency.get(holder, ()) if duty.capacity == term.word]  # fmt: skip
            offices.append((view.words.term("role", term.word), view.agency(holder), _rows(view, mine), len(mine)))  # fmt: skip
    late = [duty for duty in view.duties if duty.late]
    soon = [duty for duty in view.duties if not duty.late and duty.left is not None and 0 <= duty.left <= _SOON]  # fmt: skip
    shown = {
        "offices": offices,
        "late": _rows(view, late),
        "late_count": len(late),
        "soon": _rows(view, soon),
        "soon_count": len(soon),
        "day": view.day,
    }
    says = view.say("等主管部门和其他职能部门办的，超期的和快到期的，各是哪个单位的。")
    return Page("monitor/offices/index.html", "monitor-offices.html", view.say("职能部门监测"), says, shown)  # fmt: skip


def _agency(view: View, agency: Record, reports: Reports) -> Page:
    """An agency's own: what it has to do, what it asked for, and its score with its working."""
    register, key = view.register, agency.key
    mine = view.duties_by_agency.get(key, ())
    asked = [case for case in register.cases_by_agency.get(key, ()) if case.text("applicant") == key and not register.has_ended(case, view.day)]  # fmt: skip
    asked.sort(key=view.urgency)
    years = reports.years.get(view.day.year)
    shown = {
        "name": register.agency_title(key, short=False),
        "key": key,
        "mine": _rows(view, mine),
        "mine_count": len(mine),
        "late": sum(duty.late for duty in mine),
        "asked": [(view.case_row(case), _waiting_for(view, case)) for case in asked[:_MOST]],
        "asked_count": len(asked),
        "score": shown_blocks(working(years, key)) if years else [],
        "year": view.day.year if years else 0,
        "day": view.day,
    }
    title = view.say("{agency}：要办的、提出的、得分", agency=register.agency_title(key))
    return Page(f"monitor/agencies/{key}/index.html", "monitor-agency.html", title, title, shown)


def _waiting_for(view: View, case: Record) -> Sequence[Piece]:
    """Who has to do something about a case."""
    return [view.agency(key) for key in dict.fromkeys(duty.agency for duty in view.duties_about(case)) if key]  # fmt: skip


def _rows(view: View, duties: Sequence[Duty]) -> list[object]:
    return [view.duty_row(duty) for duty in duties[:_MOST]]
