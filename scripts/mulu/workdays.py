"""Working days: which days count, when a term ends, and why.

The calendar is data (``schemas/calendar/<year>.yml``), written from the yearly notice of the
State Council's General Office.  Counting follows the rule's words 自收到通知之日起: the day of
the start never counts, also when it is a day off, and the term ends with its last working day.

Past the last known year there are only weekends to go by; such results are *provisional*.
So are late December days of the last known year: the next notice may still move them (it
did so in 2007, 2011 and 2018, never before the 29th).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import cast

MAX_DAYS = 2_500
_FIRST, _LAST_START, _LAST = date(2000, 1, 1), date(2048, 12, 31), date(2060, 12, 31)
_UNSETTLED = (12, 25)


class What(StrEnum):
    """What a day is in a count."""

    START = "start"
    COUNTED = "counted"
    MAKE_UP = "make-up"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Due:
    """The day a term ends, and whether a later notice may still move it."""

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a count: what it is, the holiday it belongs to, and its number if it counts."""

    day: date
    what: What
    name: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's notice, as the calendar records it: number, title, whether it was read in a source."""

    number: str
    title: str
    url: str = ""
    confirmed: bool = False


@dataclass(frozen=True)
class Calendar:
    """Days off and make-up working days of the known years, each with its holiday's name."""

    off: Mapping[date, str] = field(default_factory=dict[date, str])
    work: Mapping[date, str] = field(default_factory=dict[date, str])
    notices: Mapping[int, tuple[Notice, ...]] = field(default_factory=dict[int, tuple[Notice, ...]])
    origin: Mapping[date, int] = field(default_factory=dict[date, int])
    """The notice (by its year) that moved a day; not every December day is its own year's."""
    _counts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_counts", list(_running_counts(self.off, self.work)))

    def is_workday(self, day: date) -> bool:
        """Whether agencies work on a day."""
        if day in self.work:
            return True
        return day.weekday() < 5 and day not in self.off

    def is_provisional(self, day: date) -> bool:
        """Whether a day lies where no notice, or not the last notice, has spoken."""
        if not self.notices:
            return True
        last = max(self.notices)
        if day.year == last:
            return (day.month, day.day) >= _UNSETTLED
        return day.year not in self.notices

    def add(self, start: date, days: int) -> Due:
        """The ``days``-th working day after ``start``; the start itself never counts.

        Raises ValueError unless 1 ≤ days ≤ ``MAX_DAYS``.
        """
        if not 1 <= days <= MAX_DAYS:
            raise ValueError(f"a term is 1 to {MAX_DAYS} days")
        if _FIRST <= start <= _LAST_START:
            position = (start - _FIRST).days
            target = self._counts[position] + days
            day = _FIRST + timedelta(bisect_left(self._counts, target, position))
        else:
            day = self._walk(start, days)
        return Due(day, self.is_provisional(day) or self.is_provisional(start))

    def _walk(self, start: date, days: int) -> date:
        day = start
        while days:
            day += timedelta(1)
            days -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        return self._count_to(end) - self._count_to(start)

    def explain(self, start: date, days: int) -> Iterator[Day]:
        """Every day from the start to the last counted one, with what it is.

        Raises ValueError as ``add`` does.
        """
        return self.days(start, self.add(start, days).day)

    def days(self, start: date, end: date) -> Iterator[Day]:
        """Every day from the start, which does not count, to the end."""
        yield Day(start, What.START, self.off.get(start) or self.work.get(start, ""))
        number = 0
        for offset in range(1, (end - start).days + 1):
            day = start + timedelta(offset)
            number += self.is_workday(day)
            yield self.describe(day, number)

    def sources(self, start: date, end: date) -> tuple[tuple[Notice, ...], tuple[int, ...]]:
        """The notices that settle the days of a span, and the years in it that have none."""
        years = set(range(start.year, end.year + 1))
        moved = {
            year
            for n in range((end - start).days + 1)
            if (year := self.origin.get(start + timedelta(n))) is not None
        }
        notices = [one for year in sorted(years | moved) for one in self.notices.get(year, ())]
        return tuple(notices), tuple(sorted(years - self.notices.keys()))

    def describe(self, day: date, number: int) -> Day:
        """What a day is; ``number`` is its place in the count if it is a working day."""
        if day in self.work:
            return Day(day, What.MAKE_UP, self.work[day], number)
        if day in self.off:
            return Day(day, What.HOLIDAY, self.off[day])
        if day.weekday() >= 5:
            return Day(day, What.WEEKEND)
        return Day(day, What.COUNTED, "", number)

    def _count_to(self, day: date) -> int:
        if _FIRST <= day <= _LAST:
            return self._counts[(day - _FIRST).days]
        if day < _FIRST:
            missing = range(1, (_FIRST - day).days + 1)
            return self._counts[0] - sum(self.is_workday(day + timedelta(n)) for n in missing)
        beyond = range(1, (day - _LAST).days + 1)
        return self._counts[-1] + sum(self.is_workday(_LAST + timedelta(n)) for n in beyond)


def calendar_of(documents: Iterable[Mapping[str, object]]) -> Calendar:
    """The calendar of valid ``schemas/calendar/`` documents, in any order."""
    off: dict[date, str] = {}
    work: dict[date, str] = {}
    origin: dict[date, int] = {}
    notices: dict[int, tuple[Notice, ...]] = {}
    for document in sorted(documents, key=lambda one: int(str(one["year"]))):
        year = int(str(document["year"]))
        notices[year] = tuple(
            Notice(str(row["number"]), str(row["title"]), str(row.get("url", "")), row["confirmed"] is True)
            for row in _rows(document["notices"])
        )  # fmt: skip
        for row in _rows(document["holidays"]):
            name = str(row["name"])
            first = date.fromisoformat(str(row["from"]))
            last = date.fromisoformat(str(row["until"]))
            for offset in range((last - first).days + 1):
                off[first + timedelta(offset)] = name
                origin[first + timedelta(offset)] = year
            for day in cast(Sequence[str], row.get("work", ())):
                work[date.fromisoformat(day)] = name
                origin[date.fromisoformat(day)] = year
    return Calendar(off, work, notices, origin)


def _rows(value: object) -> Sequence[Mapping[str, object]]:
    return cast(Sequence[Mapping[str, object]], value)


def _running_counts(off: Mapping[date, str], work: Mapping[date, str]) -> Iterator[int]:
    """For every day since ``_FIRST``: how many working days up to and including it."""
    total = 0
    first_ordinal, weekday = _FIRST.toordinal(), _FIRST.weekday()
    off_days = {day.toordinal() for day in off} - {day.toordinal() for day in work}
    work_days = {day.toordinal() for day in work}
    for ordinal in range(first_ordinal, _LAST.toordinal() + 1):
        working = weekday < 5 and ordinal not in off_days
        total += working or ordinal in work_days
        yield total
        weekday = (weekday + 1) % 7
