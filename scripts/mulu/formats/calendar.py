"""Deadlines as a calendar file (RFC 5545), one all-day event each.

A deadline that a later holiday notice may move is TENTATIVE.  Duties without a date have no
place in a calendar and are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar

from mulu.duties import Duty
from mulu.findings import articles_name


def render(
    duties: Iterable[Duty], day: date, title: str, name_of: Callable[[Duty], str], site: str = ""
) -> bytes:
    """The calendar of duties, as of a day; ``name_of`` puts a case into words."""
    calendar: Any = icalendar.Calendar()
    calendar.add("prodid", "-//mulu//deadlines//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    for duty in duties:
        if duty.due is not None:
            calendar.add_component(_event(duty, duty.due, day, name_of(duty), site))
    source: bytes = calendar.to_ical()
    return source


def _event(duty: Duty, due: date, day: date, name: str, site: str) -> Any:
    event: Any = icalendar.Event()
    identity = f"{duty.case.path}#{duty.run.rule.name if duty.run else ''}#{duty.agency}"
    event.add("uid", f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}@mulu")
    event.add("dtstamp", datetime(day.year, day.month, day.day, tzinfo=UTC))
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(1))
    event.add("transp", "TRANSPARENT")
    event.add("status", "TENTATIVE" if duty.is_provisional else "CONFIRMED")
    event.add("summary", f"{duty.what}：{name}" + ("（暂定）" if duty.is_provisional else ""))
    event.add("description", f"{articles_name(duty.articles)}。案件 {duty.case.key}。")
    if site:
        event.add("url", f"{site.rstrip('/')}/cases/{duty.case.kind}/{duty.case.key}/")
    return event
