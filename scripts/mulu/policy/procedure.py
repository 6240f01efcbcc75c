"""A procedure as the pack writes it: states, acts, who may do them, and clocks.

Values only: what a procedure file says, compiled once for looking things up.  Playing it is
``mulu.procedures``' business, and whether it holds together is ``mulu.policy.structure``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mulu.record import Data, Record, Value, numbers_in, rows_in, texts_in


@dataclass(frozen=True, slots=True)
class Party:
    """Who is who in a case: found from a property that names an agency, a resource or a role."""

    name: str
    title: str
    agency: str = ""
    provider_of: str = ""
    role_of: str = ""
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A state; one with an outcome is final; one that grants lets the applicant use the resource."""

    name: str
    title: str
    says: str = ""
    outcome: str = ""
    grants: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition from the closed list, with the sentence shown to whom it stops."""

    name: str
    says: str
    of: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where something stands in the rule, or that it does not."""

    articles: tuple[int, ...] = ()
    local_practice: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class Way:
    """One way of doing an act: by whom, from which states to which, carrying what."""

    act: str
    title: str
    by: tuple[str, ...]
    to: str
    sources: frozenset[str] = frozenset()
    says: str = ""
    carries: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    orders: tuple[str, ...] = ()
    optional: bool = False
    source: Source = field(default_factory=Source)

    @cached_property
    def needs(self) -> frozenset[str]:
        """``carries``, to compare with what an act has."""
        return frozenset(self.carries)

    def fits(self, act: Data) -> bool:
        """Whether the act's own words are those this way wants, e.g. the opinion of a decision."""
        return all(act.get(g.of) in g.words for g in self.guards if g.name == "field")

    @property
    def opens(self) -> bool:
        """Whether this act opens a case."""
        return not self.sources


@dataclass(frozen=True, slots=True)
class Suspension:
    """How a clock pauses: the act that stops it, those that let it go on, and for how long at most."""

    act: str
    resumes: frozenset[str]
    longest: int
    says: str
    source: Source


@dataclass(frozen=True, slots=True)
class Extension:
    """How a term grows: by the ``days`` of an act, together at most ``longest``."""

    act: str
    longest: int
    says: str
    source: Source


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A term: from which act to which, how long (None: the rule states none), whose duty."""

    name: str
    title: str
    duty: str
    starts: Mapping[str, str]
    stops: frozenset[str]
    term: int | None
    unit: str
    says: str = ""
    due_field: str = ""
    guards: tuple[Guard, ...] = ()
    suspension: Suspension | None = None
    extension: Extension | None = None
    source: Source = field(default_factory=Source)


@dataclass(frozen=True)
class Procedure:
    """What may happen in a case of one kind."""

    name: str
    title: str
    says: str
    articles: tuple[int, ...]
    how: tuple[str, ...]
    unconfirmed: bool
    parties: Mapping[str, Party]
    states: Mapping[str, State]
    ways: tuple[Way, ...]
    clocks: Mapping[str, ClockRule]

    @cached_property
    def by_act(self) -> Mapping[str, tuple[Way, ...]]:
        """The ways of doing each act, in the file's order."""
        return {way.act: tuple(w for w in self.ways if w.act == way.act) for way in self.ways}

    @cached_property
    def opening(self) -> tuple[Way, ...]:
        """The ways that open a case."""
        return tuple(way for way in self.ways if way.opens)

    @cached_property
    def by_state(self) -> Mapping[str, tuple[Way, ...]]:
        """The ways that lead out of each state."""
        return {
            state: tuple(way for way in self.ways if state in way.sources) for state in self.states
        }

    @cached_property
    def ways_at(self) -> Mapping[tuple[str, str], tuple[Way, ...]]:
        """The ways of doing an act in a state, by (state, act); state '' before the case is opened."""
        found: dict[tuple[str, str], tuple[Way, ...]] = {}
        for way in self.ways:
            for state in way.sources or ("",):
                found[state, way.act] = (*found.get((state, way.act), ()), way)
        return found

    @cached_property
    def _finals(self) -> frozenset[str]:
        return frozenset(state.name for state in self.states.values() if state.outcome)

    @cached_property
    def moves(self) -> Mapping[str, tuple[ClockRule, ...]]:
        """The clocks that an act may start, stop, suspend, resume or extend."""
        return {
            act: tuple(clock for clock in self.clocks.values() if act in acts_of(clock))
            for act in self.by_act
        }

    def running_in(self, clock: ClockRule) -> frozenset[str]:
        """The states in which a clock may run: after its start, before any act that stops it."""
        seen = {way.to for way in self.ways if way.act in clock.starts}
        stack = list(seen)
        while stack:
            for way in self.by_state.get(stack.pop(), ()):
                if way.act not in clock.stops and way.to not in seen:
                    seen.add(way.to)
                    stack.append(way.to)
        return frozenset(seen)

    def title_of(self, act: str) -> str:
        """An act's title, of several ways all; the word itself where the procedure has no such act."""
        titles = dict.fromkeys(way.title for way in self.by_act.get(act, ()))
        return " 或 ".join(titles) or act

    def is_final(self, state: str) -> bool:
        """Whether a case in this state has come to its end."""
        return state in self._finals


def acts_of(clock: ClockRule) -> set[str]:
    """Every act that moves a clock."""
    acts = {*clock.starts, *clock.stops}
    if clock.suspension:
        acts |= {clock.suspension.act, *clock.suspension.resumes}
    if clock.extension:
        acts.add(clock.extension.act)
    return acts


def procedure_of(record: Record) -> Procedure:
    """The procedure a valid ``procedures/<name>.yml`` describes."""
    return Procedure(
        name=record.key.rpartition("/")[2],
        title=record.title,
        says=record.text("says"),
        articles=numbers_in(record.get("articles")),
        how=tuple(record.texts("how")),
        unconfirmed=record.get("unconfirmed") is True,
        parties={str(row["party"]): _party(row) for row in record.rows("parties")},
        states={
            str(row["state"]): State(
                str(row["state"]),
                str(row["title"]),
                _text(row, "says"),
                _text(row, "outcome"),
                row.get("grants") is True,
            )
            for row in record.rows("states")
        },
        ways=tuple(_way(row) for row in record.rows("acts")),
        clocks={str(row["clock"]): _clock(row) for row in record.rows("clocks")},
    )


def _party(row: Data) -> Party:
    return Party(
        str(row["party"]),
        str(row["title"]),
        _text(row, "agency"),
        _text(row, "provider_of"),
        _text(row, "role_of"),
        _words(row.get("one_of")),
    )


def _way(row: Data) -> Way:
    return Way(
        act=str(row["act"]),
        title=str(row["title"]),
        by=_words(row["by"]),
        to=str(row["to"]),
        sources=frozenset(_words(row.get("from"))),
        says=_text(row, "says"),
        carries=_words(row.get("carries")),
        guards=_guards(row),
        orders=_words(row.get("orders")),
        optional=row.get("optional") is True,
        source=_source(row),
    )


def _guards(row: Data) -> tuple[Guard, ...]:
    return tuple(
        Guard(str(one["guard"]), str(one["says"]), _text(one, "of"), _words(one.get("words")))
        for one in rows_in(row.get("guards"))
    )


def _clock(row: Data) -> ClockRule:
    term = row["term"]
    pause, longer = row.get("suspension"), row.get("extension")
    return ClockRule(
        name=str(row["clock"]),
        title=str(row["title"]),
        duty=str(row["duty"]),
        starts={str(one["act"]): _text(one, "field") for one in rows_in(row["starts"])},
        stops=frozenset(_words(row["stops"])),
        term=term if isinstance(term, int) else None,
        unit=str(row["unit"]),
        says=_text(row, "says"),
        due_field=_text(row, "due_field"),
        guards=_guards(row),
        suspension=Suspension(
            str(pause["act"]),
            frozenset(_words(pause["resumes"])),
            int(str(pause["max"])),
            str(pause["says"]),
            _source(pause),
        )
        if isinstance(pause, dict)
        else None,
        extension=Extension(
            str(longer["act"]), int(str(longer["max"])), str(longer["says"]), _source(longer)
        )
        if isinstance(longer, dict)
        else None,
        source=_source(row),
    )


def _source(row: Data) -> Source:
    return Source(
        numbers_in(row.get("articles")),
        row.get("local_practice") is True,
        row.get("unconfirmed") is True,
    )


def _text(row: Data, name: str) -> str:
    return str(row.get(name, ""))


def _words(value: Value) -> tuple[str, ...]:
    return tuple(texts_in(value))
