"""A map that can be carried out: which column becomes which field, and what becomes of the rest.

Only values; ``parsing`` reads and checks a map and makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from mulu.formats.mapping.cells import Manner
from mulu.record import Data, Value
from mulu.register import comparable

Target: TypeAlias = tuple[str, ...]


class MapError(ValueError):
    """A map that cannot be used; ``lines`` says why, one line each, with the place in the map."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


class Reads(StrEnum):
    """What a field is read as."""

    TEXT = "text"
    WORD = "word"
    DATE = "date"
    COUNT = "count"
    TEXTS = "texts"
    WORDS = "words"
    FORMATS = "formats"
    ITEMS = "items"


class Do(StrEnum):
    """What is done about a value, or about its absence."""

    USE = "use"
    KEEP = "keep"
    COLUMN = "column"
    LEAVE_OUT = "leave_out"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision; ``by_rule`` when the map states it, not when it is our default."""

    do: Do
    value: Value = None
    by_rule: bool = True


@dataclass(frozen=True, slots=True)
class When:
    """When a text is a list of items and not a sentence."""

    at_least: int = 1
    longest: int = 200
    matching: re.Pattern[str] | None = None
    not_matching: re.Pattern[str] | None = None


LEAVE_OUT = Choice(Do.LEAVE_OUT, by_rule=False)
REFUSE = Choice(Do.REFUSE, by_rule=False)
KEEP = Choice(Do.KEEP, by_rule=False)


@dataclass(frozen=True, slots=True)
class Field:
    """Where one field of a record comes from."""

    target: Target
    reads: Reads
    columns: tuple[str, ...] = ()
    constant: Value = None
    join: str = ""
    overlaps: bool = False
    take: re.Pattern[str] | None = None
    values: Mapping[str, Choice] = field(default_factory=dict[str, Choice])
    patterns: tuple[tuple[re.Pattern[str], Choice], ...] = ()
    otherwise: Choice = REFUSE
    absent: Choice = LEAVE_OUT
    on_bad: Choice = REFUSE
    blanks: frozenset[str] = frozenset()
    split: str = ""
    strip: str = ""
    outside_brackets: bool = False
    when: When = When()
    forms: tuple[str, ...] = ("YYYY-MM-DD",)
    drops_time: bool = False
    earliest: str = "1900-01-01"
    latest: str = "2099-12-31"
    has_thousands: bool = False

    @property
    def label(self) -> str:
        """The columns, for a sentence."""
        return "+".join(self.columns) or ".".join(self.target)


@dataclass(frozen=True, slots=True)
class Plan:
    """A map that can be carried out."""

    catalog: str
    file: Data
    manner: Manner
    blanks: frozenset[str]
    unused: frozenset[str]
    identity: Field
    url: Field | None
    agency: tuple[Field, ...]
    agency_keys: Mapping[str, str]
    resource: tuple[Field, ...]
    merges_formats: bool
    may_differ: Mapping[Target, str]
    keep: frozenset[str]

    @property
    def columns(self) -> Mapping[str, str]:
        """Every column the plan reads, by its comparable name."""
        fields = [self.identity, *self.agency, *self.resource, *filter(None, [self.url])]
        names = [name for one in fields for name in one.columns]
        names += [str(one.absent.value) for one in fields if one.absent.do is Do.COLUMN]
        return {comparable(name): name for name in names}


def put(data: Data, target: Target, value: Value) -> None:
    """Set a value at a path of names; mappings on the way are copied, never shared."""
    for name in target[:-1]:
        below = data.get(name)
        data[name] = inner = dict(below) if isinstance(below, dict) else {}
        data = inner
    data[target[-1]] = value
