"""The working calendar against two packages, and deadlines against a table counted by hand."""

from __future__ import annotations

import csv
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mulu.workdays import Calendar, What
from registers import ROOT, policies

chinese_calendar: Any = importlib.import_module("chinese_calendar")
holidays: Any = importlib.import_module("holidays")
CALENDAR = policies().calendar
FIRST, LAST = min(CALENDAR.notices), max(CALENDAR.notices)
TABLE = ROOT / "tests/workdays/deadlines.csv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
ORACLE = holidays.China(years=range(FIRST, LAST + 1))
days = st.dates(date(FIRST, 1, 1), date(LAST + 3, 12, 31))


def every_day() -> Iterator[date]:
    """Every day the calendar knows."""
    day = date(FIRST, 1, 1)
    while day.year <= LAST:
        yield day
        day += timedelta(1)


def test_the_years_are_those_since_the_rule() -> None:
    assert (FIRST, LAST >= 2026) == (2015, True)
    assert sorted(CALENDAR.notices) == list(range(FIRST, LAST + 1)), "no year is missing"


def test_both_packages_agree_with_every_day_of_ours() -> None:
    """The two also agree with each other: ``workdays.md`` found no difference in 2006–2026."""
    different = [
        day
        for day in every_day()
        if not CALENDAR.is_workday(day)
        == chinese_calendar.is_workday(day)
        == ORACLE.is_working_day(day)
    ]
    assert different == []


def test_every_difference_between_the_packages_is_known_and_explained() -> None:
    """From the first year both cover; ours begins later and has none."""
    known: dict[str, Any] = yaml.safe_load((TABLE.parent / "differences.yml").read_text("utf-8"))
    first, last = (date.fromisoformat(str(known["compared"][name])) for name in ("from", "until"))
    both = holidays.China(years=range(first.year, last.year + 1))
    span = (first + timedelta(n) for n in range((last - first).days + 1))
    found = [
        str(day) for day in span if chinese_calendar.is_workday(day) != both.is_working_day(day)
    ]
    assert found == [str(row["date"]) for row in known["differences"]]
    assert all(row["why"] for row in known["differences"])
    assert all(str(row["date"]) < f"{FIRST}-01-01" for row in known["differences"])


def test_a_day_moved_by_next_year_s_notice_names_that_notice() -> None:
    notices, unknown = CALENDAR.sources(date(2018, 12, 28), date(2018, 12, 29))
    assert "国办发明电〔2018〕15号" in [notice.number for notice in notices]
    assert unknown == ()
    assert CALENDAR.sources(date(LAST, 12, 30), date(LAST + 1, 1, 4))[1] == (LAST + 1,)


def test_packages_guess_or_refuse_where_no_notice_is_known() -> None:
    """Why neither is a dependency: one refuses, the other answers without a warning."""
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(LAST + 1, 3, 1))
    assert holidays.China(years=LAST + 1).is_working_day(date(LAST + 1, 1, 1)) is False
    assert CALENDAR.add(date(LAST, 12, 25), 10).provisional


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['received']}+{row['days']}")
def test_deadline(row: dict[str, str]) -> None:
    due = CALENDAR.add(date.fromisoformat(row["received"]), int(row["days"]))
    assert (str(due.day), due.provisional) == (row["due"], row["provisional"] == "true"), row["why"]


def test_the_table_is_large_and_spans_the_years() -> None:
    assert len(ROWS) >= 60
    assert {row["received"][:4] for row in ROWS} >= {str(year) for year in range(2015, 2027)}
    assert any(row["provisional"] == "true" for row in ROWS)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_time_zones_change_nothing(zone: str) -> None:
    script = "import csv, sys; sys.path[:0] = ['scripts', 'tests']\nfrom datetime import date\nfrom registers import policies\nfor row in csv.DictReader(open('tests/workdays/deadlines.csv', encoding='utf-8')):\n    due = policies().calendar.add(date.fromisoformat(row['received']), int(row['days']))\n    assert str(due.day) == row['due'], row\n    print(due.day, due.provisional)\n"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True)  # fmt: skip
    assert len(done.stdout.splitlines()) == len(ROWS)


def slow_add(calendar: Calendar, start: date, count: int) -> date:
    """The definition: go on a day at a time, count the working ones."""
    day = start
    while count:
        day += timedelta(1)
        count -= calendar.is_workday(day)
    return day


@given(st.dates(date(1998, 1, 1), date(2062, 1, 1)), st.integers(1, 300))
def test_adding_is_counting_day_by_day(start: date, count: int) -> None:
    assert CALENDAR.add(start, count).day == slow_add(CALENDAR, start, count)


@given(days, st.integers(1, 120))
def test_the_explanation_sums_up_to_the_deadline(start: date, count: int) -> None:
    rows = list(CALENDAR.explain(start, count))
    assert [row.number for row in rows if row.number] == list(range(1, count + 1))
    assert (rows[0].what, rows[-1].day) == (What.START, CALENDAR.add(start, count).day)
    assert [row.day for row in rows] == [start + timedelta(n) for n in range(len(rows))]
    for row in rows[1:]:
        assert (row.number > 0) == CALENDAR.is_workday(row.day)


@given(st.dates(date(1999, 1, 1), date(2061, 1, 1)), st.dates(date(1999, 1, 1), date(2061, 1, 1)))
def test_days_between_are_counted_and_antisymmetric(a: date, b: date) -> None:
    assert CALENDAR.between(a, b) == -CALENDAR.between(b, a)
    if a < b and (b - a).days < 400:
        later = (a + timedelta(n + 1) for n in range((b - a).days))
        assert CALENDAR.between(a, b) == sum(map(CALENDAR.is_workday, later))


@given(days, st.integers(1, 60))
def test_a_deadline_is_a_working_day_and_never_the_start(start: date, count: int) -> None:
    due = CALENDAR.add(start, count).day
    assert CALENDAR.is_workday(due)
    assert due > start


@pytest.mark.parametrize("count", [0, -1, 2_501])
def test_a_term_has_limits(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 2500"):
        CALENDAR.add(date(2026, 1, 5), count)


def test_late_december_of_the_last_year_is_not_settled() -> None:
    assert not CALENDAR.is_provisional(date(LAST, 12, 24))
    assert CALENDAR.is_provisional(date(LAST, 12, 25))
    assert CALENDAR.is_provisional(date(LAST + 1, 1, 4))
    assert CALENDAR.is_provisional(date(FIRST - 1, 12, 31))
    assert not CALENDAR.is_provisional(date(LAST - 1, 12, 31))


def test_without_any_notice_everything_is_provisional() -> None:
    due = Calendar().add(date(2026, 2, 12), 10)
    assert (due.day, due.provisional) == (date(2026, 2, 26), True)
