"""What a report is made of: chapters of paragraphs, tables and charts, in no form yet.

Every form (web, paper, Word, workbook) writes the same values, so a figure reads the same
everywhere.  Texts are plain; whoever writes a form escapes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeAlias


class Cell(NamedTuple):
    """A bit of text; where it leads to (relative to the site's pages), and the number it states.

    ``form`` says how a workbook shows the number: ``share`` (of 1), ``number`` or ``days``.
    """

    text: str
    href: str = ""
    number: Fraction | None = None
    form: str = ""
    is_strong: bool = False


Line: TypeAlias = tuple[Cell, ...]


class Column(NamedTuple):
    """A column of a table; ``width`` is its share of the table's, against the others'."""

    title: str
    is_number: bool = False
    width: int = 1


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the chapter's own: level 2 is （一）, level 3 is 1."""

    text: str
    level: int = 2
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of short lines."""

    lines: tuple[Line, ...]
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure in large type, with a note below."""

    title: str
    value: Cell
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """The figures a chapter begins with."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; ``number`` counts tables through the report."""

    number: int
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    note: str = ""
    is_sized: bool = False
    """Whether the shade of each number shows how large it is among the others."""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a chart under one name; ``tone`` is one of ok, bad, warn, base, theme."""

    title: str
    tone: str
    values: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars for each label; ``table`` holds the same numbers for who cannot see them.

    Upright bars stand side by side (months, years); lying ones below each other (agencies).
    ``most`` is the value of a bar of full length.
    """

    number: int
    title: str
    labels: tuple[Cell, ...]
    series: tuple[Series, ...]
    most: Fraction
    is_upright: bool
    table: Table


Block: TypeAlias = Heading | Paragraph | Listing | Tiles | Table | Chart


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter; ``name`` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Chapter, ...] = field(default_factory=tuple["Chapter", ...])
    """Parts that begin on a page of their own: each agency, each table of the appendix."""


@dataclass(frozen=True, slots=True)
class Document:
    """A year's report."""

    year: int
    title: str
    issuer: str
    """Who publishes it; nobody where the register is a demonstration: it bears no real body's name."""
    day: str
    """The day up to which it speaks: the end of the year, or the day it was made."""
    is_over: bool
    is_demonstration: bool
    basis: str
    chapters: tuple[Chapter, ...]

    def blocks(self) -> Iterator[tuple[Chapter, Block]]:
        """Every block with the chapter or section it stands in, in order."""
        for chapter in self.chapters:
            for part in (chapter, *chapter.sections):
                for block in part.blocks:
                    yield part, block

    @property
    def full_title(self) -> str:
        """The title with its year."""
        return f"{self.title}（{self.year} 年）"

    @property
    def tables(self) -> Sequence[Table]:
        """Every table, those behind charts too."""
        found = [block.table if isinstance(block, Chart) else block for _, block in self.blocks() if isinstance(block, Chart | Table)]  # fmt: skip
        return sorted(found, key=lambda table: table.number)


_DIGITS = "〇一二三四五六七八九"


def numeral(number: int) -> str:
    """1 to 9,999 as chapters are counted: 一, 十, 二十一, 一百零一, 一百一十."""
    found, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            found += ("零" if gap and found else "") + _DIGITS[digit] + unit
        gap = not digit
    return found.removeprefix("一") if 10 <= number < 20 else found or _DIGITS[0]
