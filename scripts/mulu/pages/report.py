"""The annual reports on the site: a page a year, each agency's, the tables, and the records behind every figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import groupby
from typing import Any

from mulu.findings import articles_name
from mulu.indicators import Fact, Year, period_of
from mulu.pages.view import Builder, Page, View
from mulu.policy.indicator import OVERVIEW
from mulu.register import opened_on
from mulu.report.compose import (
    AGENCIES,
    APPENDIX,
    Years,
    change,
    compose,
    figure_href,
    stated,
)
from mulu.report.document import Block, Cell, Chapter, Column, Document, Table, Tile, Tiles, numeral
from mulu.report.rows import agency_cell, record_cell

_MOST_YEARS = 5
_MOST_FACTS, _LEAST = 600, 5
"""Records behind one figure that its page lists, and of each agency at least; the command lists all."""


def pages(reports: Reports) -> Iterator[tuple[str, Builder]]:
    """Every page of every year's report, the newest year first."""
    if not reports.years:
        return
    yield "report/", partial(_index, reports=reports)
    for number, years in reports.years.items():
        document = reports.documents[number]
        yield f"report/{number}/", partial(_report, reports=reports, number=number)
        for chapter in document.chapters:
            if chapter.name == APPENDIX:
                yield f"report/{number}/tables/", partial(_tables, document=document, chapter=chapter)  # fmt: skip
            if chapter.name == AGENCIES:
                for part in chapter.sections:
                    address = f"report/{number}/agencies/{part.name}/"
                    yield address, partial(_agency, document=document, part=part)
        for name in years.this.register.pack.indicators:
            yield figure_href(number, name), partial(_figure, years=years, name=name)


class Reports:
    """The years a register can report on, and what it says of them."""

    def __init__(self, view: View) -> None:
        self.register, self.day, self.internal = view.register, view.day, view.internal

    @cached_property
    def years(self) -> dict[int, Years]:
        """The newest years, each with the one before it; none where the pack measures nothing."""
        if not self.register.pack.indicators:
            return {}
        first = self._first
        measured = {n: Year(self.register, period_of(n, self.day)) for n in range(self.day.year, first - 1, -1)}  # fmt: skip
        found = {n: year for n, year in measured.items() if not year.is_empty}
        return {n: Years.of(year, found.get(n - 1)) for n, year in found.items()}

    @property
    def _first(self) -> int:
        """The first year of which there is a case or a return, but no more than a few back."""
        told = [opened_on(case)[:4] for case in self.register.cases]
        told += [key.partition("/")[0] for key in self.register.of("return")]
        known = [int(year) for year in told if year.isdigit()]
        return max(min(known, default=self.day.year), self.day.year - _MOST_YEARS + 1)

    @cached_property
    def documents(self) -> dict[int, Document]:
        """Each year's report."""
        return {n: compose(years, public=not self.internal) for n, years in self.years.items()}


def _index(view: View, reports: Reports) -> Page:
    """A tile for each year, and the figures of all of them side by side."""
    years = [
        (number, document.is_over, _shown_day(document.day), [(one.title, one.value.text) for one in tiles(document)[:3]])
        for number, document in reports.documents.items()
    ]  # fmt: skip
    title, says = view.say("年度报告"), view.say("每年共享得怎样：指标、考核、各单位情况，每个数都能查到背后的记录。")  # fmt: skip
    shown = {"years": years, "trend": shown_blocks([_trend(reports)])}
    return Page("report/index.html", "reports.html", title, says, shown)


def _trend(reports: Reports) -> Table:
    numbers = sorted(reports.years)
    newest = reports.documents[numbers[-1]]
    names = [one.value.href.split("/")[3] for one in tiles(newest)]
    indicators = reports.register.pack.indicators
    columns = (Column("指标", width=2), *(Column(f"{n} 年", is_number=True) for n in numbers))
    rows = tuple(
        (Cell(indicators[name].title), *(stated(n, indicators[name], reports.years[n].this.figure(name)) for n in numbers))
        for name in names
    )  # fmt: skip
    return Table(0, "", columns, rows)


def tiles(document: Document) -> Sequence[Tile]:
    """The figures a report opens with."""
    for chapter in document.chapters:
        if chapter.name == OVERVIEW:
            return [tile for block in chapter.blocks if isinstance(block, Tiles) for tile in block.tiles]  # fmt: skip
    return ()


def _report(view: View, reports: Reports, number: int) -> Page:
    """The report but for the agencies' pages and the tables of the appendix."""
    document = reports.documents[number]
    chapters = [(one.name, f"{numeral(n)}、{one.title}", shown_blocks(one.blocks)) for n, one in enumerate(document.chapters, 1)]  # fmt: skip
    shown = {**_about(document), "chapters": chapters, "others": [n for n in reports.years if n != number]}  # fmt: skip
    return Page(f"report/{number}/index.html", "report.html", document.full_title, view.say("{day}止的共享情况：指标、考核、各单位情况，每个数都能查到背后的记录。", day=_shown_day(document.day)), shown)  # fmt: skip


def _agency(view: View, document: Document, part: Chapter) -> Page:
    """An agency's page."""
    path = f"report/{document.year}/agencies/{part.name}/index.html"
    title = view.say("{agency} {year} 年共享情况", agency=part.title, year=document.year)
    shown = {**_about(document), "chapters": [("", "", shown_blocks(part.blocks))], "name": part.title, "key": part.name}  # fmt: skip
    return Page(path, "report-part.html", title, title, shown)


def _tables(view: View, document: Document, chapter: Chapter) -> Page:
    """The tables of the appendix."""
    title = view.say("{year} 年度报告附表", year=document.year)
    chapters = [(one.name, one.title, shown_blocks(one.blocks)) for one in chapter.sections]
    shown = {**_about(document), "chapters": chapters, "name": chapter.title, "key": ""}
    return Page(f"report/{document.year}/tables/index.html", "report-part.html", title, title, shown)  # fmt: skip


def _figure(view: View, years: Years, name: str) -> Page:
    """What a figure means, what it is, and the records it was computed from."""
    year, number = years.this, years.this.period.year
    one = year.register.pack.indicators[name]
    figure = year.figure(name)
    facts = _ordered(figure.facts)
    by_agency = {key: list(rows) for key, rows in groupby(facts, lambda fact: fact.agency)}
    most = max(_LEAST, _MOST_FACTS // len(by_agency)) if len(facts) > _MOST_FACTS else len(facts)
    groups = [
        (
            key,
            agency_cell(year, key),
            len(rows),
            [_row(year, one.figure, fact) for fact in rows[:most]],
        )
        for key, rows in by_agency.items()
    ]
    then = years.before.figure(name) if years.before else None
    shown = {
        "year": number,
        "over": year.period.is_over,
        "day": _shown_day(year.period.end.isoformat()),
        "title": one.title,
        "says": one.says,
        "formula": one.formula,
        "source": articles_name(one.source.articles) if one.source.articles else view.say("本地做法"),
        "value": stated(number, one, figure).text,
        "of": f"{figure.numerator:,} / {figure.denominator:,}" if one.figure == "share" else "",
        "change": change(one, figure, then),
        "groups": groups,
        "left": sum(max(0, len(rows) - most) for rows in by_agency.values()),
        "name": name,
        "is_share": one.figure == "share",
        "total": len(facts),
    }  # fmt: skip
    title = view.say("{year} 年{indicator}", year=number, indicator=one.title)
    return Page(f"{figure_href(number, name)}index.html", "figure.html", title, one.says, shown)


def _ordered(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.agency, not fact.hit, fact.day, fact.kind, fact.key))  # fmt: skip


def _row(year: Year, how: str, fact: Fact) -> tuple[Cell, bool, str, str]:
    """A fact: its record, whether it counts, its day, and its amount where that matters."""
    amount = f"{fact.value:,}" if how in ("sum", "median", "p90") else ""
    return record_cell(year, fact), fact.hit, fact.day, amount


def _about(document: Document) -> dict[str, Any]:
    return {"year": document.year, "title": document.title, "issuer": document.issuer, "over": document.is_over, "day": _shown_day(document.day)}  # fmt: skip


def _shown_day(day: str) -> date:
    return date.fromisoformat(day)


def shown_blocks(blocks: Iterable[Block]) -> list[tuple[str, Block]]:
    """Each block with what kind of block it is: templates cannot ask."""
    return [(type(block).__name__, block) for block in blocks]
