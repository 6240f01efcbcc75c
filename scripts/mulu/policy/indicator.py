"""Indicators and the assessment as the pack writes them: what is measured, and what it counts for.

Values only; measuring is ``mulu.indicators``' business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mulu.policy.procedure import Source
from mulu.record import Data, Record, numbers_in, rows_in, texts_in


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of a year: its name, its definition, and the measure that computes it.

    ``measure`` is a word of the closed list in ``mulu.indicators``; ``of`` are its words
    (``case``, ``acts``, ``clock``, …).  ``figure`` says how the facts become a number:
    ``count``, ``sum``, ``share``, ``median`` or ``p90``.
    """

    name: str
    title: str
    says: str
    formula: str
    chapter: str
    measure: str
    figure: str
    unit: str
    direction: str
    by: tuple[str, ...]
    of: Mapping[str, tuple[str, ...]]
    source: Source
    returned_as: str = ""
    """The property of the annual return that states the same of an agency, e.g. ``used/requests``."""

    def word(self, name: str) -> str:
        """A word of the measure, or ''."""
        return next(iter(self.of.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Band:
    """From which value on (or up to which, where less is better) how many points of 100."""

    limit: int
    points: int


@dataclass(frozen=True, slots=True)
class Weight:
    """What an indicator counts for in an agency's score."""

    indicator: str
    weight: int
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Some weights under one title."""

    title: str
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points off for each of what an indicator counts, up to a limit."""

    indicator: str
    each: int
    most: int


@dataclass(frozen=True, slots=True)
class Grade:
    """What a score from ``least`` on is called."""

    title: str
    least: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """How agencies are judged for a year (art. 32).

    An agency is judged where indicators of at least ``enough`` of all weight can be said of it.
    """

    title: str
    says: str
    enough: int
    parts: tuple[Part, ...]
    deductions: tuple[Deduction, ...]
    grades: tuple[Grade, ...]

    @property
    def weights(self) -> tuple[Weight, ...]:
        """The weights of all parts, in their order."""
        return tuple(weight for part in self.parts for weight in part.weights)


@dataclass(frozen=True, slots=True)
class ChartOf:
    """A chart of a chapter: some indicators by agency, library or month."""

    title: str
    by: str
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table of a chapter: the records behind an indicator, laid out by ``table``, a closed list."""

    title: str
    table: str
    of: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the annual report: its sentences with places for figures, its charts and tables."""

    title: str
    says: tuple[str, ...]
    charts: tuple[ChartOf, ...]
    tables: tuple[TableOf, ...]


OVERVIEW = "overview"
"""The chapter that every report opens with; the others are the pack's."""
END = "end"
PLACE = re.compile(r"\{([a-z0-9-]+)(\+?)\}")
"""Where a sentence has a figure: ``{name}``, or ``{name+}`` with how it has changed; ``{end}`` is a date."""


def chapters_of(record: Record | None) -> dict[str, Chapter]:
    """The chapters that a valid file of indicators describes, in its order."""
    rows = record.rows("chapters") if record else ()
    return {str(row["chapter"]): _chapter(row) for row in rows}


def _chapter(row: Data) -> Chapter:
    charts = (ChartOf(str(one["title"]), str(one["by"]), tuple(texts_in(one["indicators"]))) for one in rows_in(row.get("charts")))  # fmt: skip
    tables = (TableOf(str(one["title"]), str(one["table"]), str(one["of"])) for one in rows_in(row.get("tables")))  # fmt: skip
    return Chapter(str(row["title"]), tuple(texts_in(row.get("says"))), tuple(charts), tuple(tables))  # fmt: skip


def indicators_of(record: Record | None) -> dict[str, Indicator]:
    """The indicators that a valid file describes, in its order."""
    rows = record.rows("indicators") if record else ()
    return {str(row["indicator"]): _indicator(row) for row in rows}


_WORDS = ("case", "acts", "clock", "whose", "fields", "inspection", "days", "due", "outcomes")


def _indicator(row: Data) -> Indicator:
    of: dict[str, tuple[str, ...]] = {}
    for name in _WORDS:
        if name in row:
            value = row[name]
            of[name] = tuple(texts_in(value)) if isinstance(value, list) else (str(value),)
    return Indicator(
        name=str(row["indicator"]),
        title=str(row["title"]),
        says=str(row["says"]),
        formula=str(row["formula"]),
        chapter=str(row["chapter"]),
        measure=str(row["measure"]),
        figure=str(row["figure"]),
        unit=str(row["unit"]),
        direction=str(row["direction"]),
        by=tuple(texts_in(row.get("by"))),
        of=of,
        source=Source(
            numbers_in(row.get("articles")),
            row.get("local_practice") is True,
            row.get("unconfirmed") is True,
        ),
        returned_as=str(row.get("returned_as", "")),
    )


def assessment_of(record: Record | None) -> Assessment | None:
    """The assessment that a valid file describes."""
    if record is None:
        return None
    return Assessment(
        title=record.title,
        says=record.text("says"),
        enough=_whole(record.get("enough")),
        parts=tuple(
            Part(str(part["title"]), tuple(map(_weight, rows_in(part["indicators"]))))
            for part in record.rows("parts")
        ),
        deductions=tuple(
            Deduction(str(row["indicator"]), _whole(row["each"]), _whole(row["most"]))
            for row in record.rows("deductions")
        ),
        grades=tuple(
            Grade(str(row["title"]), _whole(row["least"])) for row in record.rows("grades")
        ),
    )


def _weight(row: Data) -> Weight:
    bands = tuple(
        Band(_whole(band["limit"]), _whole(band["points"])) for band in rows_in(row["bands"])
    )
    return Weight(str(row["indicator"]), _whole(row["weight"]), bands)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
