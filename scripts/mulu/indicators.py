"""Every figure of a year, once: what happened in it and what stood at its end.

A *measure* turns the register into facts: one for each thing it looked at, with the record it
was read from.  A *figure* is a number made of facts, so that each number leads to the records
behind it, and the figures of agencies, libraries and months come from the same facts as the
city's.  What has nothing to be computed from is undefined (None), never 0 and never 100 %.

Which indicators there are is the pack's; the measures are a closed list, as guards are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from mulu.policy.indicator import Indicator
from mulu.procedures import Replay, Run, Step
from mulu.record import Record
from mulu.register import Register, about, comparable, in_force, opened_on, provider


class Period(NamedTuple):
    """A year as far as it has passed on the day it is looked at."""

    year: int
    start: date
    end: date
    """31 December, or the day it is looked at, whichever is earlier."""

    @property
    def is_over(self) -> bool:
        """Whether the whole year has passed."""
        return (self.end.month, self.end.day) == (12, 31)

    def holds(self, day: str) -> bool:
        """Whether an ISO date lies in it."""
        return self.start.isoformat() <= day <= self.end.isoformat()


def period_of(year: int, today: date) -> Period:
    """The year up to today.  Raises ValueError where it has not begun."""
    start = date(year, 1, 1)
    if start > today:
        raise ValueError(f"{year} 年还没有开始（截至 {today}）")
    return Period(year, start, min(date(year, 12, 31), today))


class Fact(NamedTuple):
    """One thing a measure looked at: the record it stands in, whose it is, and what was found.

    ``hit`` says whether it counts; ``value`` is its amount (items, days, accesses).  ``day`` is
    empty for what is a state and not an event.  ``other`` is the second agency of a case.
    """

    kind: str
    key: str
    agency: str
    hit: bool = True
    value: int = 1
    day: str = ""
    resource: str = ""
    other: str = ""


class Figure(NamedTuple):
    """A number and what it was made of."""

    value: Fraction | None
    numerator: int
    denominator: int
    facts: Sequence[Fact]


def figure_of(how: str, facts: Sequence[Fact]) -> Figure:
    """The number that facts make.

    ``count`` and ``sum`` count hits and add their values; ``share`` is hits of all facts;
    ``median`` and ``p90`` (the smallest value that nine tenths do not exceed) are of the
    values of hits.  Undefined: a share of nothing, a middle of nothing.
    """
    hits = [fact for fact in facts if fact.hit]
    if how == "count":
        return Figure(Fraction(len(hits)), len(hits), len(facts), facts)
    total = sum(fact.value for fact in hits)
    if how == "sum":
        return Figure(Fraction(total), total, len(hits), facts)
    if how == "share":
        value = Fraction(len(hits), len(facts)) if facts else None
        return Figure(value, len(hits), len(facts), facts)
    values = sorted(fact.value for fact in hits)
    middle = _MIDDLES[how](values) if values else None
    return Figure(middle, total, len(hits), facts)


def _median(values: Sequence[int]) -> Fraction:
    half = len(values) // 2
    return Fraction(values[half] if len(values) % 2 else values[half - 1] + values[half], 1 if len(values) % 2 else 2)  # fmt: skip


def _p90(values: Sequence[int]) -> Fraction:
    return Fraction(values[-(-len(values) * 9 // 10) - 1])


_MIDDLES: Mapping[str, Callable[[Sequence[int]], Fraction]] = {"median": _median, "p90": _p90}


def shown(indicator: Indicator, figure: Figure) -> str:
    """A figure as people read it, the same everywhere: 95.0%, 4.5 个工作日, 1,204 项, 不适用."""
    if figure.value is None:
        return UNDEFINED
    if indicator.figure == "share":
        return f"{rounded(figure.value * 100)}%"
    whole = figure.value.denominator == 1
    number = f"{int(figure.value):,}" if whole else rounded(figure.value)
    return f"{number} {indicator.unit}"


def rounded(value: Fraction) -> str:
    """A number with one decimal, halves away from zero."""
    tenths = (abs(value) * 10 + Fraction(1, 2)).__floor__()
    return f"{'-' if value < 0 and tenths else ''}{tenths // 10:,}.{tenths % 10}"


UNDEFINED = "不适用"


@dataclass(frozen=True)
class Year:
    """A register's year: figures by indicator, and by agency, library or month."""

    register: Register
    period: Period
    _facts: dict[tuple[object, ...], Sequence[Fact]] = field(
        default_factory=dict[tuple[object, ...], "Sequence[Fact]"], repr=False, compare=False
    )
    _figures: dict[str, Figure] = field(
        default_factory=dict[str, "Figure"], repr=False, compare=False
    )
    _groups: dict[tuple[str, str], Mapping[str, Figure]] = field(
        default_factory=dict[tuple[str, str], "Mapping[str, Figure]"], repr=False, compare=False
    )

    def facts(self, name: str) -> Sequence[Fact]:
        """What an indicator of the pack is computed from."""
        one = self.register.pack.indicators[name]
        same = one.measure, *sorted(one.of.items())
        if same not in self._facts:
            self._facts[same] = tuple(MEASURES[one.measure](self._world, one))
        return self._facts[same]

    def figure(self, name: str) -> Figure:
        """The city's figure."""
        if name not in self._figures:
            self._figures[name] = self._figure(name, self.facts(name))
        return self._figures[name]

    def by(self, group: str, name: str) -> Mapping[str, Figure]:
        """The figures of each agency, library or month; none where it is not broken down so.

        A group of which nothing was looked at has no figure.
        """
        if group not in self.register.pack.indicators[name].by:
            return {}
        if (group, name) not in self._groups:
            grouped: dict[str, list[Fact]] = defaultdict(list)
            for fact in self.facts(name):
                if key := self._group(group, fact):
                    grouped[key].append(fact)
            self._groups[group, name] = {key: self._figure(name, grouped[key]) for key in sorted(grouped)}  # fmt: skip
        return self._groups[group, name]

    def of_agency(self, name: str, agency: str) -> Figure | None:
        """One agency's figure; None where the indicator is not broken down by agency.

        An agency of which nothing was looked at has what the indicator makes of nothing.
        """
        if "agency" not in self.register.pack.indicators[name].by:
            return None
        return self.by("agency", name).get(agency) or self._figure(name, ())

    def return_of(self, agency: str) -> Mapping[str, int]:
        """What the register knows of an agency's annual return, by property (``used/requests``)."""
        found: dict[str, int] = {}
        for one in self.register.pack.indicators.values():
            figure = self.of_agency(one.name, agency) if one.returned_as else None
            if figure is not None and figure.value is not None:
                found[one.returned_as] = int(figure.value)
        return found

    @cached_property
    def agencies(self) -> Sequence[str]:
        """The agencies there were at the end."""
        return [str(one.key) for one in self._world.agencies]

    @property
    def is_empty(self) -> bool:
        """Whether the register has nothing of this year: no resource, and nothing that happened."""
        names = self.register.pack.indicators
        return all(fact.kind == "agency" for name in names for fact in self.facts(name))

    @cached_property
    def _world(self) -> _World:
        return _World(self.register, self.period)

    def _figure(self, name: str, facts: Sequence[Fact]) -> Figure:
        return figure_of(self.register.pack.indicators[name].figure, facts)

    def _group(self, group: str, fact: Fact) -> str:
        if group == "agency":
            return fact.agency
        if group == "month":
            return fact.day[:7]
        resource = self.register.find("resource", fact.resource)
        if resource is None:
            return ""
        return resource.text("library") or self.register.pack.marked("library-kind", "own")


class _World:
    """The register as measures see it: what stood at the end of the period, which cases were played."""

    def __init__(self, register: Register, period: Period) -> None:
        self.register, self.period = register, period
        self.end = period.end.isoformat()
        self._cases: dict[str, Sequence[tuple[Record, Replay]]] = {}

    @cached_property
    def agencies(self) -> Sequence[Record]:
        """The agencies there were at the end."""
        return [one for one in self.register.of("agency").values() if self._stands(one, "since")]

    @cached_property
    def resources(self) -> Sequence[Record]:
        """The resources there were at the end; one without a date of publication was always there."""
        resources = self.register.of("resource").values()
        return [one for one in resources if self._stands(one, "published_on")]

    def _stands(self, record: Record, since: str) -> bool:
        gone = record.text("withdrawn", "date")
        return record.text(since) <= self.end and not (gone and gone <= self.end)

    def is_shared(self, resource: Record) -> bool:
        """Whether a resource may be shared: only the list withholds; a pack without one believes the provider."""
        pack = self.register.pack
        if pack.has_negative_list:
            return not self.register.is_listed(resource, self.period.end)
        return not pack.is_withheld(resource.text("sharing", "declared"))

    def cases(self, kind: str) -> Sequence[tuple[Record, Replay]]:
        """The cases of a kind as they stood at the end, where they can be played."""
        if kind not in self._cases:
            self._cases[kind] = list(self._played(kind))
        return self._cases[kind]

    def _played(self, kind: str) -> Iterator[tuple[Record, Replay]]:
        for case in self.register.of(kind).values():
            played = self.register.replay(case, self.period.end) if opened_on(case) <= self.end else None  # fmt: skip
            if played is not None and played.state:
                yield case, played


Measure = Callable[[_World, Indicator], Iterable[Fact]]


# ---------------------------------------------------------------------- what stood at the end


def _state(one: Record, *, hit: bool = True, value: int = 1, day: str = "") -> Fact:
    return Fact(one.kind, one.key, provider(one), hit, value, day, one.key)


def _catalogued(world: _World, of: Indicator) -> Iterator[Fact]:
    """Agencies, those with at least one resource."""
    having = {provider(one) for one in world.resources}
    for agency in world.agencies:
        yield Fact("agency", agency.key, agency.key, agency.key in having)


def _resources(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources."""
    return map(_state, world.resources)


def _published(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources published in the period, withdrawn since or not."""
    for one in world.register.of("resource").values():
        if world.period.holds(day := one.text("published_on")):
            yield _state(one, day=day)


def _withdrawn(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources withdrawn in the period."""
    for one in world.register.of("resource").values():
        if world.period.holds(day := one.text("withdrawn", "date")):
            yield _state(one, day=day)


def _items(world: _World, of: Indicator) -> Iterator[Fact]:
    """Items, counted at their resources."""
    return (_state(one, value=len(one.rows("items"))) for one in world.resources)


def _shared(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources, those that may be shared, perhaps without some items."""
    return (_state(one, hit=world.is_shared(one)) for one in world.resources)


def _listed(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources, those of which the negative list withholds the whole or items."""
    for one in world.resources:
        entry = world.register.entry_of(one)
        yield _state(one, hit=entry is not None and in_force(entry, world.period.end))


def _claimed(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources, those declared withheld without standing on the list."""
    register, end = world.register, world.period.end
    for one in world.resources:
        declared = register.pack.is_withheld(one.text("sharing", "declared"))
        yield _state(one, hit=declared and not register.is_listed(one, end))


def _complete(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources, those that have all of ``fields``."""
    fields = of.of.get("fields", ())
    return (_state(one, hit=all(name in one.data for name in fields)) for one in world.resources)


def _confirmed(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources, those whose newest date (published, refreshed, reviewed) lies within ``days``.

    One refreshed after the end says nothing of how it stood at the end, and is left out.
    """
    oldest = (world.period.end - timedelta(int(of.word("days")))).isoformat()
    for one in world.resources:
        dates = one.text("published_on"), one.text("refreshed_on"), one.text("secrecy_review", "date")  # fmt: skip
        if one.text("refreshed_on") <= world.end:
            yield _state(one, hit=max(day for day in dates if day <= world.end) >= oldest)


def _fresh(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources with an update cycle and a date of refreshing, those refreshed in time.

    One refreshed after the end says nothing of how it stood at the end, and is left out.
    """
    limits = world.register.pack.freshness
    for one in world.resources:
        last, limit = one.text("refreshed_on"), limits.get(one.text("update_cycle"))
        if last and last <= world.end and limit is not None:
            late = (world.period.end - date.fromisoformat(last)).days - limit
            yield _state(one, hit=late <= 0, value=max(0, late))


def _credentials(world: _World, of: Indicator) -> Iterator[Fact]:
    """Licences and approval results, those that others may have from the platform (art. 24)."""
    for one in world.resources:
        if one.text("credential"):
            yield _state(one, hit=world.is_shared(one))


def _used(world: _World, of: Indicator) -> Iterator[Fact]:
    """Resources that may be shared, those whose use was granted to somebody."""
    granted = {fact.resource for fact in _grants(world)}
    for one in world.resources:
        if world.is_shared(one):
            yield _state(one, hit=one.key in granted)


def _using(world: _World, of: Indicator) -> Iterator[Fact]:
    """Agencies and the resources whose use they were granted, each once."""
    seen: set[tuple[str, str]] = set()
    for fact in _grants(world):
        if (fact.other, fact.resource) not in seen:
            seen.add((fact.other, fact.resource))
            yield fact._replace(agency=fact.other, day="")


def _grants(world: _World) -> Iterator[Fact]:
    for kind in world.register.case_kinds:
        for case, played in world.cases(kind):
            step = next((s for s in played.history if played.procedure.states[s.way.to].grants), None)  # fmt: skip
            if step is not None:
                yield _event(case, step)


def _sources(world: _World, of: Indicator) -> Iterator[Fact]:
    """Items of one subject that several agencies hold, those that at most one of them collects."""
    subjects = world.register.pack.one_source
    holding: dict[tuple[str, str], tuple[Record, set[str], set[str]]] = {}
    for one in world.resources:
        subject, agency = one.text("subject"), provider(one)
        for row in one.rows("items") if subject in subjects else ():
            if not row.get("identifier"):
                item = subject, comparable(str(row["name"]))
                held = holding.get(item)
                if held is None:  # not setdefault, which makes two sets for each of 300,000 items
                    held = holding[item] = (one, set(), set())
                held[1].add(agency)
                if "from" not in row and "settled_by" not in row:
                    held[2].add(agency)
    for one, holders, collecting in holding.values():
        if len(holders) > 1:
            yield _state(one, hit=len(collecting) <= 1)


def _bases(world: _World, of: Indicator) -> Iterator[Fact]:
    """Entries in force, those whose every basis is in force and of a rank that the pack admits."""
    register, end = world.register, world.period.end
    for entry in register.entries_in_force(end):
        laws = [register.find("law", str(row["law"])) for row in entry.rows("basis")]
        hit = bool(laws) and all(law is not None and in_force(law, end) and register.pack.has_mark("rank", law.text("rank"), "admissible") for law in laws)  # fmt: skip
        yield Fact("entry", entry.key, provider(entry), hit, 1, "", entry.key)


def _reviews(world: _World, of: Indicator) -> Iterator[Fact]:
    """Entries in force whose review is due."""
    for entry in world.register.entries_in_force(world.period.end):
        review = entry.text("review_by")
        if review and review <= world.end:
            yield Fact("entry", entry.key, provider(entry), resource=entry.key)


# ---------------------------------------------------------------------- what happened


def _event(case: Record, step: Step, whose: str = "provider", value: int = 1) -> Fact:
    day, applicant = str(step.act["date"]), case.text("applicant")
    asked = case.text("against") or about(case).partition("/")[0]
    agency = {"applicant": applicant, "actor": str(step.act["by"])}.get(whose, asked)
    return Fact(case.kind, case.key, agency, True, value, day, about(case), applicant)


def _acts(world: _World, of: Indicator) -> Iterator[Fact]:
    """Acts of the period: ``acts`` of ``case`` that came to one of ``outcomes`` (where given)."""
    words, outcomes = set(of.of.get("acts", ())), set(of.of.get("outcomes", ()))
    for case, played in world.cases(of.word("case")):
        for step in played.history:
            meant = step.way.act in words and (not outcomes or step.way.to in outcomes)
            if meant and world.period.holds(str(step.act["date"])):
                yield _event(case, step, of.word("whose"))


def _satisfied(world: _World, of: Indicator) -> Iterator[Fact]:
    """Cases opened in the period and not withdrawn, those whose use was granted."""
    for case, played in world.cases(of.word("case")):
        states = played.procedure.states
        if not world.period.holds(opened_on(case)) or states[played.state].outcome == "withdrawn":
            continue
        granted = any(states[step.way.to].grants for step in played.history)
        first = _event(case, played.history[0], of.word("whose"))
        yield first._replace(hit=granted)


def _runs(world: _World, of: Indicator) -> Iterator[tuple[Record, Replay, Run]]:
    for case, played in world.cases(of.word("case")):
        for run in played.clocks:
            if run.rule.name == of.word("clock"):
                yield case, played, run


def _run_fact(case: Record, played: Replay, run: Run, of: Indicator, day: date) -> Fact:
    step = next(step for step in played.history if step.position == run.position)
    return _event(case, step, of.word("whose"))._replace(day=day.isoformat())


def _on_time(world: _World, of: Indicator) -> Iterator[Fact]:
    """Clocks due in the period, those that stopped in time.

    Left out: dates that may still move, clocks of cases that ended before anything was owed, and
    those due on the last day, which may still be kept.
    """
    start, end = world.period.start, world.period.end
    for case, played, run in _runs(world, of):
        if run.due is None or run.due.provisional or run.ended or not start <= run.due.day <= end:
            continue
        if run.stopped is not None or run.due.day < end:
            kept = run.stopped is not None and run.stopped <= run.due.day
            yield _run_fact(case, played, run, of, run.due.day)._replace(hit=kept)


def _days(world: _World, of: Indicator) -> Iterator[Fact]:
    """Clocks stopped in the period, each with the working days it ran; none where it was stopped before it began."""
    calendar = world.register.policies.calendar
    for case, played, run in _runs(world, of):
        if run.stopped is not None and world.period.start <= run.stopped <= world.period.end:
            days = calendar.between(run.started, run.stopped)
            yield _run_fact(case, played, run, of, run.stopped)._replace(value=max(0, days))


def _overdue(world: _World, of: Indicator) -> Iterator[Fact]:
    """Running clocks past due at the end, each with the working days it is late."""
    calendar = world.register.policies.calendar
    for case, played, run in _runs(world, of):
        if run.is_running and run.due is not None and run.is_late(world.period.end):
            late = calendar.between(run.due.day, world.period.end)
            yield _run_fact(case, played, run, of, run.due.day)._replace(value=late, day="")


def _inspections(world: _World, of: Indicator) -> Iterator[Fact]:
    """Inspections of the period, once for each agency inspected, with what was found there."""
    for one in world.register.of("inspection").values():
        if one.text("kind") == of.word("inspection") and world.period.holds(one.text("date")):
            found = [str(row.get("resource", "")) for row in one.rows("findings")]
            yield Fact("inspection", one.key, one.text("by"), True, len(found), one.text("date"))


def _returned(world: _World, of: Indicator) -> Iterator[Fact]:
    """Agencies, those whose return for the year came in by ``due`` (month and day of the next year)."""
    if not world.period.is_over:
        return
    last = f"{world.period.year + 1}-{of.word('due')}"
    for agency in world.agencies:
        record = world.register.find("return", f"{world.period.year}/{agency.key}")
        came = record.text("submitted_on") if record else ""
        key = f"{world.period.year}/{agency.key}"
        yield Fact("return" if record else "agency", key if record else agency.key, agency.key, bool(came) and came <= last)  # fmt: skip


def _accesses(world: _World, of: Indicator) -> Iterator[Fact]:
    """What was used of others' resources, by request and month (art. 29)."""
    for one in world.register.of("usage").values():
        for row in one.rows("counts"):
            month, times = str(row["month"]), row.get("accesses")
            if isinstance(times, int) and world.period.holds(f"{month}-01"):
                case = world.register.find("request", str(row["request"]))
                resource = about(case) if case else ""
                yield Fact("usage", one.key, one.key.rpartition("/")[2], True, times, f"{month}-01", resource)  # fmt: skip


MEASURES: Mapping[str, Measure] = {
    "catalogued": _catalogued,
    "resources": _resources,
    "published": _published,
    "withdrawn": _withdrawn,
    "items": _items,
    "shared": _shared,
    "listed": _listed,
    "claimed": _claimed,
    "complete": _complete,
    "confirmed": _confirmed,
    "fresh": _fresh,
    "credentials": _credentials,
    "used": _used,
    "using": _using,
    "sources": _sources,
    "bases": _bases,
    "reviews": _reviews,
    "acts": _acts,
    "satisfied": _satisfied,
    "on-time": _on_time,
    "days": _days,
    "overdue": _overdue,
    "inspections": _inspections,
    "returned": _returned,
    "accesses": _accesses,
}
"""The closed list of measures a pack may name; the schema of indicators lists the same words."""
