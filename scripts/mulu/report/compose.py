"""Composes a year's report: the pack's chapters with their figures, the assessment, each agency, the method.

Nothing here reads a file or knows a form.  Sentences, charts and tables come from the pack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import count
from typing import Any

from mulu.assessment import Score, assess, score_text
from mulu.findings import articles_name
from mulu.indicators import Figure, Year, rounded, shown
from mulu.loading import markdown
from mulu.policy.indicator import END, OVERVIEW, PLACE, Band, ChartOf, Deduction, Indicator
from mulu.policy.indicator import Chapter as Plan
from mulu.record import Data, Record
from mulu.report.document import (
    Block,
    Cell,
    Chapter,
    Chart,
    Column,
    Document,
    Heading,
    Line,
    Listing,
    Paragraph,
    Series,
    Table,
    Tile,
    Tiles,
)
from mulu.report.prose import blocks
from mulu.report.rows import laid_out

ASSESSMENT, AGENCIES, PLANS, METHOD, APPENDIX = "assessment", "agencies", "plans", "method", "appendix"  # fmt: skip
TONES = ("base", "theme", "ok")
_TILES = 8
_WIDE = 6
"""Columns of figures that fit on a page."""
_BARS = 20
"""Bars of one chart; what is more stands in its table."""


@dataclass(frozen=True)
class Years:
    """A year, the one before it where the register knows it, and how agencies fared in both."""

    this: Year
    before: Year | None
    scores: Sequence[Score] = ()
    scores_before: Mapping[str, Score] = field(default_factory=dict[str, Score])

    @classmethod
    def of(cls, this: Year, before: Year | None) -> Years:
        """Both years with their scores by the pack's assessment, where it has one."""
        judged = this.register.pack.assessment
        if judged is None:
            return cls(this, before)
        past = assess(before, judged) if before else ()
        return cls(this, before, assess(this, judged), {one.agency: one for one in past})

    @cached_property
    def score_of(self) -> Mapping[str, Score]:
        """The year's scores by agency."""
        return {one.agency: one for one in self.scores}

    @property
    def telling(self) -> Sequence[str]:
        """The indicators that the pack's chapters compare with last year and that are defined."""
        named = [found[1] for plan in self.this.register.pack.chapters.values() for says in plan.says[:2] for found in PLACE.finditer(says) if found[2]]  # fmt: skip
        return [name for name in dict.fromkeys(named) if self.this.figure(name).value is not None]


def compose(years: Years, *, public: bool = True) -> Document:
    """The report of a year.

    A public report leaves out the negative list where the register keeps it inside (art. 17).
    """
    return _Composer(years, public=public).document()


def figure_href(year: int, indicator: str, part: str = "") -> str:
    """Where a figure's records stand on the site; ``part`` is an agency."""
    return f"report/{year}/figures/{indicator}/" + (f"#{part}" if part else "")


def agency_href(year: int, agency: str) -> str:
    """An agency's page of a report."""
    return f"report/{year}/agencies/{agency}/"


def chinese_day(day: str) -> str:
    """2025-12-31 as 2025 年 12 月 31 日."""
    year, month, number = day.split("-")
    return f"{year} 年 {int(month)} 月 {int(number)} 日"


def stated(year: int, one: Indicator, figure: Figure, part: str = "") -> Cell:
    """A figure as every form shows it, leading to its records."""
    part = part if figure.facts else ""
    form = "share" if one.figure == "share" else "days" if one.figure in ("median", "p90") else "number"  # fmt: skip
    return Cell(shown(one, figure), figure_href(year, one.name, part), figure.value, form)


def change(one: Indicator, now: Figure, then: Figure | None) -> str:
    """How a figure differs from last year's, in words; '' where that cannot be said."""
    if then is None or now.value is None or then.value is None:
        return ""
    step = now.value - then.value
    if step == 0:
        return "与上年持平"
    if one.figure == "share":
        points = rounded(abs(step) * 100)
        return "与上年持平" if points == "0.0" else f"比上年{'提高' if step > 0 else '降低'} {points} 个百分点"  # fmt: skip
    amount = f"{int(abs(step)):,}" if step.denominator == 1 else rounded(abs(step))
    return f"比上年{'增加' if step > 0 else '减少'} {amount} {one.unit}"


def working(years: Years, agency: str) -> Sequence[Block]:
    """How an agency's score came about (art. 32); none where the pack has no assessment."""
    score, judged, indicators = years.score_of.get(agency), years.this.register.pack.assessment, years.this.register.pack.indicators  # fmt: skip
    if score is None or judged is None:
        return ()
    year = years.this.period.year
    lines = {line.weight.indicator: line for line in score.lines}
    rows = tuple(
        (Cell(part.title), Cell(indicators[weight.indicator].title), stated(year, indicators[weight.indicator], line.figure, agency), Cell("不计" if line.points is None else str(line.points)), Cell(str(weight.weight)))
        for part in judged.parts
        for weight in part.weights
        if (line := lines[weight.indicator])
    )  # fmt: skip
    columns = (Column("部分"), Column("指标", width=2), Column("数", is_number=True), Column("得分", is_number=True), Column("权重", is_number=True))  # fmt: skip
    said = f"能算的指标占权重的 {rounded(score.judged * 100)}%，得分按权重平均。{_taken_off(score, indicators)}"
    return Paragraph(_placed(score)), Table(0, "", columns, rows, said)


def _placed(score: Score) -> Line:
    """A score with its grade and rank."""
    place = f"，第 {score.rank} 名{'（并列）' if score.tied else ''}" if score.rank else ""
    return Cell("考核"), Cell(score_text(score), is_strong=True), Cell(f"{place}。")


class _Composer:
    def __init__(self, years: Years, *, public: bool) -> None:
        self.years, self.year = years, years.this
        self.register, self.pack = self.year.register, self.year.register.pack
        self.number = self.year.period.year
        self.has_list = not public or _tells_reasons(self.year)
        self._tables, self._charts = count(1), count(1)

    def document(self) -> Document:
        settings, period = self.register.settings, self.year.period
        is_demonstration = bool(settings and settings.get("demonstration"))
        issuer = self.register.holder("authority", period.end) or ""
        city = settings.title if settings else "政务信息资源"
        title = f"{city.removesuffix('目录')}共享{'年度报告' if period.is_over else '情况'}"
        return Document(
            self.number,
            title,
            self.register.agency_title(issuer, short=False)
            if issuer and not is_demonstration
            else "",
            period.end.isoformat(),
            period.is_over,
            is_demonstration,
            f"{self.pack.title}（{self.pack.number}）",
            tuple(self._chapters()),
        )

    def _chapters(self) -> Iterator[Chapter]:
        yield Chapter(OVERVIEW, "总体情况", tuple(self._overview()))
        for name, plan in self.pack.chapters.items():
            yield Chapter(name, plan.title, tuple(self._chapter(name, plan)))
        if self.years.scores:
            yield Chapter(ASSESSMENT, "考核结果", tuple(self._assessment()))
        agencies = tuple(self._agency(agency) for agency in self.year.agencies)
        yield Chapter(AGENCIES, "各单位情况", (self._index(),), agencies)
        if plans := tuple(self._plans()):
            yield Chapter(PLANS, "问题和下一步安排", plans)
        yield Chapter(METHOD, "指标和算法", tuple(self._method()))
        yield Chapter(APPENDIX, "附表", (), tuple(self._appendix()))

    # ------------------------------------------------------------------ the city

    def _overview(self) -> Iterator[Block]:
        yield Tiles(tuple(self._tiles()))
        if own := self.register.find("chapter", f"{self.number}/report/{OVERVIEW}"):
            yield from self._own(own)
            return
        for plan in self.pack.chapters.values():
            line = next((found for says in plan.says if (found := self._sentence(says))), ())
            if line:
                yield Paragraph(line)
        if self.years.scores:
            yield Paragraph((Cell(self._judged()),))

    def _tiles(self) -> Iterator[Tile]:
        """The figures that the chapters compare with last year, as far as they are defined."""
        for name in self.years.telling[:_TILES]:
            one = self.pack.indicators[name]
            yield Tile(one.title, stated(self.number, one, self.year.figure(name)), self._changed(name))  # fmt: skip

    def _changed(self, name: str) -> str:
        then = self.years.before.figure(name) if self.years.before else None
        return change(self.pack.indicators[name], self.year.figure(name), then)

    def _judged(self) -> str:
        scores = self.years.scores
        grades = Counter(one.grade if one.value is not None else "未评" for one in scores)
        parts = "，".join(f"{grade or '不分等次'} {n} 个" for grade, n in grades.items())
        return f"考核单位 {len(scores)} 个：{parts}。"

    def _chapter(self, name: str, plan: Plan) -> Iterator[Block]:
        own = self.register.find("chapter", f"{self.number}/report/{name}")
        if own is not None:
            yield from self._own(own)
        for says in () if own is not None else plan.says:
            if line := self._sentence(says):
                yield Paragraph(line)
        yield self._figures_table(f"{plan.title}的指标", name)
        for chart in plan.charts:
            if found := self._chart(chart):
                yield found
        for table in plan.tables:
            if table.table == "bases" and not self.has_list:
                continue
            columns, rows, note = laid_out(table.table, self.year, table.of)
            if rows:
                yield Table(next(self._tables), table.title, columns, rows, note, table.table == "pairs")  # fmt: skip

    def _sentence(self, says: str) -> Line:
        """A sentence with its figures; empty where one of them is undefined."""
        cells: list[Cell] = []
        at = 0
        for found in PLACE.finditer(says):
            cells.append(Cell(says[at : found.start()]))
            at = found.end()
            if found[1] == END:
                cells.append(Cell(chinese_day(self.year.period.end.isoformat())))
                continue
            one = self.pack.indicators.get(found[1])
            figure = self.year.figure(one.name) if one else None
            if one is None or figure is None or figure.value is None:
                return ()
            cells.append(stated(self.number, one, figure)._replace(is_strong=True))
            if found[2] and (changed := self._changed(one.name)):
                cells.append(Cell(f"（{changed}）"))
        return (*cells, Cell(says[at:]))

    def _own(self, chapter: Record) -> Iterator[Block]:
        """What the authority wrote in place of the sentences, its figures filled in."""
        for block in blocks(markdown.text_of(chapter)):
            match block:
                case Paragraph(line):
                    yield Paragraph(self._filled(line))
                case Listing(lines, is_numbered):
                    yield Listing(tuple(self._filled(line) for line in lines), is_numbered)
                case Heading(text, level):
                    yield Heading("".join(cell.text for cell in self._filled((Cell(text),))), level)
                case Table():
                    rows = tuple(tuple(self._joined(cell) for cell in row) for row in block.rows)
                    yield replace(block, number=next(self._tables), rows=rows)
                case _:
                    yield block

    def _filled(self, line: Line) -> Line:
        """An author's words with their figures; an undefined one is said to be so."""
        return tuple(cell for one in line for cell in self._split(one))

    def _joined(self, cell: Cell) -> Cell:
        """A table's cell; one that is nothing but a figure leads to its records."""
        cells = [one for one in self._split(cell) if one.text]
        return cells[0] if len(cells) == 1 else cell._replace(text="".join(one.text for one in cells))  # fmt: skip

    def _split(self, cell: Cell) -> Iterator[Cell]:
        at = 0
        for found in PLACE.finditer(cell.text):
            yield cell._replace(text=cell.text[at : found.start()])
            at = found.end()
            if one := self.pack.indicators.get(found[1]):
                yield stated(self.number, one, self.year.figure(one.name))._replace(is_strong=True)
                if found[2] and (changed := self._changed(one.name)):
                    yield Cell(f"（{changed}）")
            else:
                yield cell._replace(text=chinese_day(self.year.period.end.isoformat()) if found[1] == END else found[0])  # fmt: skip
        yield cell._replace(text=cell.text[at:])

    def _figures_table(self, title: str, chapter: str) -> Table:
        columns = (Column("指标", width=3), Column(f"{self.number} 年", is_number=True, width=2), Column(f"{self.number - 1} 年", is_number=True, width=2), Column("变化", width=3))  # fmt: skip
        rows: list[Line] = []
        for name, one in self.pack.indicators.items():
            if one.chapter == chapter:
                then = self.years.before.figure(name) if self.years.before else None
                past = stated(self.number - 1, one, then) if then else Cell("没有数据")
                rows.append((Cell(one.title), stated(self.number, one, self.year.figure(name)), past, Cell(self._changed(name))))  # fmt: skip
        return Table(next(self._tables), title, columns, tuple(rows))

    def _chart(self, chart: ChartOf) -> Chart | None:
        """Bars of one or more indicators; None where there is nothing to draw."""
        ones = [self.pack.indicators[name] for name in chart.indicators]
        figures = [self.year.by(chart.by, one.name) for one in ones]
        keys = sorted({key for found in figures for key in found})
        if chart.by == "month":
            keys = [f"{self.number}-{month:02}" for month in range(1, self.year.period.end.month + 1)] if keys else []  # fmt: skip
        else:
            keys.sort(key=lambda key: (-(_value(figures[0].get(key)) or 0), key))
        values = [tuple(self._bar(one, found.get(key), key, chart.by) for key in keys) for one, found in zip(ones, figures, strict=True)]  # fmt: skip
        numbers = [cell.number for row in values for cell in row if cell.number is not None]
        if not numbers or not any(numbers):
            return None
        labels = [self._label(chart.by, key) for key in keys]
        table = Table(
            next(self._tables),
            chart.title,
            (Column({"agency": "单位", "library": "信息库", "month": "月份"}[chart.by], width=2), *(Column(one.title, is_number=True) for one in ones)),
            tuple((label, *row) for label, *row in zip(labels, *values, strict=True)),
        )  # fmt: skip
        most = Fraction(1) if ones[0].figure == "share" else max(numbers)
        shown_bars = slice(None) if chart.by == "month" else slice(_BARS)
        series = tuple(Series(one.title, tone, row[shown_bars]) for one, tone, row in zip(ones, TONES, values, strict=False))  # fmt: skip
        return Chart(next(self._charts), chart.title, tuple(labels[shown_bars]), series, most, chart.by == "month", table)  # fmt: skip

    def _bar(self, one: Indicator, figure: Figure | None, key: str, by: str) -> Cell:
        if figure is None:
            return Cell("0" if one.figure in ("count", "sum") else "不适用", "", Fraction(0) if one.figure in ("count", "sum") else None, "number")  # fmt: skip
        return stated(self.number, one, figure, key if by == "agency" else "")

    def _label(self, by: str, key: str) -> Cell:
        if by == "agency":
            return Cell(self.register.agency_title(key), agency_href(self.number, key))
        if by == "month":
            return Cell(f"{int(key[5:])} 月")
        library = self.register.find("library", key)
        if library is not None:
            return Cell(library.title, f"libraries/{key}/")
        return Cell(self.pack.title_of("library-kind", key))

    # ------------------------------------------------------------------ the assessment

    def _assessment(self) -> Iterator[Block]:
        judged = self.pack.assessment
        if judged is None:
            return
        yield Paragraph((Cell(judged.says),))
        yield Paragraph((Cell(self._judged()),))
        columns = (Column("名次"), Column("单位", width=3), Column("得分", is_number=True, width=2), Column("等次"), Column(f"{self.number - 1} 年", is_number=True, width=2))  # fmt: skip
        rows: list[Line] = []
        for one in self.years.scores:
            if one.value is not None:
                past = self.years.scores_before.get(one.agency)
                rows.append((Cell(f"{one.rank}{'（并列）' if one.tied else ''}"), self._label("agency", one.agency), _score(one), Cell(one.grade), _score(past)))  # fmt: skip
        yield Table(next(self._tables), "各单位得分", columns, tuple(rows))
        if silent := [one for one in self.years.scores if one.value is None]:
            yield Paragraph((Cell("未评的单位，能算的指标权重不够：" + "、".join(self.register.agency_title(one.agency) for one in silent) + "。"),))  # fmt: skip
        weights = (
            (Cell(part.title), Cell(self.pack.indicators[w.indicator].title), Cell(str(w.weight), "", Fraction(w.weight), "number"), Cell(_bands(self.pack.indicators[w.indicator], w.bands)))
            for part in judged.parts
            for w in part.weights
        )  # fmt: skip
        yield Table(next(self._tables), "计分办法", (Column("部分"), Column("指标", width=2), Column("权重", is_number=True), Column("分档", width=4)), tuple(weights), _deductions(self.pack.indicators, judged.deductions))  # fmt: skip

    # ------------------------------------------------------------------ each agency

    def _index(self) -> Listing:
        return Listing(tuple((self._label("agency", agency),) for agency in self.year.agencies))

    def _agency(self, agency: str) -> Chapter:
        return Chapter(agency, self.register.agency_title(agency, short=False), tuple(self._of_agency(agency)))  # fmt: skip

    def _of_agency(self, agency: str) -> Iterator[Block]:
        score = self.years.score_of.get(agency)
        if score is not None:
            yield Paragraph(_placed(score))
        rows: list[Line] = []
        for name, one in self.pack.indicators.items():
            figure = self.year.of_agency(name, agency)
            if figure is None or (not figure.facts and not figure.value):
                continue
            then = self.years.before.of_agency(name, agency) if self.years.before else None
            past = stated(self.number - 1, one, then, agency) if then else Cell("没有数据")
            rows.append((Cell(one.title), stated(self.number, one, figure, agency), past, stated(self.number, one, self.year.figure(name)), self._points(score, name)))  # fmt: skip
        if rows:
            columns = (Column("指标", width=3), Column(f"{self.number} 年", is_number=True, width=2), Column(f"{self.number - 1} 年", is_number=True, width=2), Column("全市", is_number=True, width=2), Column("得分", width=2))  # fmt: skip
            yield Table(next(self._tables), f"{self.register.agency_title(agency)}的指标", columns, tuple(rows), _taken_off(score, self.pack.indicators))  # fmt: skip
        else:
            yield Paragraph((Cell("没有编目信息资源，也没有办理共享事项。"),))
        yield from self._words_of(agency)

    def _points(self, score: Score | None, name: str) -> Cell:
        for line in score.lines if score else ():
            if line.weight.indicator == name:
                return Cell("不计" if line.points is None else f"{line.points} 分 × {line.weight.weight}")  # fmt: skip
        return Cell("")

    def _words_of(self, agency: str) -> Iterator[Block]:
        """What the agency itself reports (art. 33): its texts under the titles of its return."""
        record = self.register.find("return", f"{self.number}/{agency}")
        if record is None:
            yield Paragraph((Cell("没有报送本年度的情况。" if self.year.period.is_over else "本年度还没有到报送的时候。"),))  # fmt: skip
            return
        schema = self.register.schemas.kinds["return"].schema
        for title, text in _texts(schema, record.data):
            yield Paragraph((Cell(f"{title}：", is_strong=True), Cell(text)))

    def _plans(self) -> Iterator[Block]:
        for name in ("problems", "plan"):
            told = [(agency, text) for agency in self.year.agencies if (record := self.register.find("return", f"{self.number}/{agency}")) and (text := record.text(name))]  # fmt: skip
            if told:
                yield Heading(self.register.title_of("return", name))
                yield Listing(tuple((Cell(f"{self.register.agency_title(agency)}：", is_strong=True), Cell(text)) for agency, text in told))  # fmt: skip

    # ------------------------------------------------------------------ how it was computed

    def _method(self) -> Iterator[Block]:
        yield Paragraph((Cell(f"各项数据由登记簿的记录计算，反映截至 {chinese_day(self.year.period.end.isoformat())}的情况；同一版本的登记簿，任何时候算出的结果都相同。分母为零、没有可算的，写“不适用”，不作 0 也不作 100%。"),))  # fmt: skip
        columns = (Column("指标", width=3), Column("含义", width=5), Column("算法", width=5), Column("依据", width=2))  # fmt: skip
        rows = tuple((Cell(one.title), Cell(one.says), Cell(one.formula), Cell(articles_name(one.source.articles) if one.source.articles else "本地做法")) for one in self.pack.indicators.values())  # fmt: skip
        yield Table(next(self._tables), "指标的含义、算法和依据", columns, rows)

    def _appendix(self) -> Iterator[Chapter]:
        for chapter, plan in self.pack.chapters.items():
            ones = [one for one in self.pack.indicators.values() if one.chapter == chapter and "agency" in one.by]  # fmt: skip
            tables = [self._wide(f"{plan.title}（各单位）", ones[at : at + _WIDE]) for at in range(0, len(ones), _WIDE)]  # fmt: skip
            if tables:
                yield Chapter(f"{APPENDIX}-{chapter}", plan.title, tuple(tables))

    def _wide(self, title: str, ones: Sequence[Indicator]) -> Table:
        columns = (Column("单位", width=2), *(Column(one.title, is_number=True, width=2) for one in ones))  # fmt: skip
        rows = tuple(
            (self._label("agency", agency), *(stated(self.number, one, figure, agency) for one in ones if (figure := self.year.of_agency(one.name, agency)) is not None))
            for agency in self.year.agencies
        )  # fmt: skip
        total = (Cell("全市", is_strong=True), *(stated(self.number, one, self.year.figure(one.name)) for one in ones))  # fmt: skip
        return Table(next(self._tables), title, columns, (*rows, total))


def _tells_reasons(year: Year) -> bool:
    settings = year.register.settings
    return (settings.text("audiences", "negative_list") if settings else "") != "internal"


def _value(figure: Figure | None) -> Fraction | None:
    return figure.value if figure else None


def _score(score: Score | None) -> Cell:
    if score is None or score.value is None:
        return Cell("未评" if score else "没有数据")
    return Cell(f"{rounded(score.value)} 分", "", score.value, "days")


def _bands(one: Indicator, bands: Iterable[Band]) -> str:
    sign, unit = ("≤" if one.direction == "less" else "≥"), "%" if one.figure == "share" else f" {one.unit}"  # fmt: skip
    return "；".join(f"{sign} {band.limit}{unit} 得 {band.points} 分" for band in bands)


def _deductions(indicators: Mapping[str, Indicator], rows: Iterable[Deduction]) -> str:
    said = "；".join(f"{indicators[row.indicator].title}每件扣 {row.each} 分，最多扣 {row.most} 分" for row in rows)  # fmt: skip
    return f"另扣：{said}。" if said else ""


def _taken_off(score: Score | None, indicators: Mapping[str, Indicator]) -> str:
    if score is None or not score.off:
        return ""
    return "扣分：" + "；".join(f"{indicators[one.indicator].title} {one.points} 分" for one in score.off) + "。"  # fmt: skip


def _texts(schema: Mapping[str, Any], data: Data) -> Iterator[tuple[str, str]]:
    """The texts of a return that the public may read, with their titles, in the schema's order."""
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    for name, below in properties.items():
        value = data.get(name)
        if below.get("x-visibility") == "internal":
            continue
        if isinstance(value, dict):
            yield from _texts(below, value)
        elif isinstance(value, str) and name != "submitted_on":
            yield str(below.get("title", name)), value
