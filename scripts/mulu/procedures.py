"""Playing a case: from the acts that were recorded to where it stands.

State is never stored.  ``replay`` takes the acts one by one, in the order they were recorded,
and says where the case stands, which clocks run and what may come next, or which act is the
first that cannot have happened, and why.  An act is tested for, in this order: its dates,
whether the procedure knows it, whether the state allows it, who does it, what it must carry (of several ways of doing it,
those that its words fit), its guards, and the maximum of an extension; the first test that fails names the refusal.

Nothing here knows a state, a role, a class or a term: those are the pack's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Protocol

from mulu.policy.procedure import ClockRule, Guard, Procedure, Way
from mulu.record import Data
from mulu.workdays import Calendar, Day, Due, What

_NO_ACT: Data = {}


class World(Protocol):
    """What a procedure may ask about the register.  Days are ISO dates."""

    def holders(self, role: str, day: str) -> Sequence[str]:
        """The agencies that play a role on a day; usually one."""
        ...

    def standing_for(self, agency: str) -> Sequence[str]:
        """The agency itself, or those that came after it where it was abolished."""
        ...

    def library_kind(self, case: Data) -> str:
        """The kind of library that the case's resource belongs to, or ''."""
        ...

    def sharing_class(self, case: Data, day: str) -> str:
        """The effective sharing class, on a day, of what the case asks for."""
        ...

    def entry_in_force(self, case: Data, day: str) -> bool:
        """Whether the negative-list entry the case is about is in force on a day."""
        ...


class Context(NamedTuple):
    """What a replay needs beside the acts: the day, the calendar, the case, the register's answers."""

    today: date
    calendar: Calendar
    case: Data
    world: World


class Why(StrEnum):
    """Why an act is refused; in the order the tests are made."""

    FUTURE = "future"
    ORDER = "order"
    DATES = "dates"
    UNKNOWN = "unknown"
    NOT_NOW = "not-now"
    NOT_ENTITLED = "not-entitled"
    INCOMPLETE = "incomplete"
    CONDITION = "condition"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that cannot have happened.

    ``state`` is where the case stood ('' before it was opened); ``name`` the property in
    question (``date``, ``received_on``, a missing one); ``way`` and ``guard`` what refused it.
    """

    position: int
    why: Why
    act: Data
    state: str
    name: str = ""
    way: Way | None = None
    guard: Guard | None = None


class Step(NamedTuple):
    """An accepted act: which way was taken, in which capacity, from which state."""

    position: int
    act: Data
    way: Way
    capacity: str
    before: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock: started, perhaps stopped, with its due date where the rule states a term.

    ``pauses`` are (first day after which it stood still, last day it stood still); ``ended`` is
    set where the case came to its end and nothing stopped the clock.
    """

    rule: ClockRule
    started: date
    due: Due | None
    stopped: date | None = None
    ended: bool = False
    pauses: tuple[tuple[date, date], ...] = ()
    extended: int = 0
    paused: bool = False
    position: int = 0

    @property
    def is_running(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.stopped is None and not self.ended

    def left(self, today: date, calendar: Calendar) -> int | None:
        """Days to the due date, in the clock's unit; negative when late; None without a due date.

        Counted to the day it stopped, or to today where it runs.
        """
        if self.due is None:
            return None
        until = self.stopped or today
        if self.rule.unit == "day":
            return (self.due.day - until).days
        return calendar.between(until, self.due.day)

    def days(self, calendar: Calendar) -> Iterator[Day]:
        """Every day from the start to the due date, with what it is; none without a stated term."""
        if self.due is None or self.rule.term is None:
            return
        number = 0
        for day in calendar.days(self.started, self.due.day):
            if day.what is What.START:
                yield day
            elif any(first < day.day <= last for first, last in self.pauses):
                yield Day(day.day, What.PAUSED, day.name)
            elif self.rule.unit == "day":
                number += 1
                yield Day(day.day, What.COUNTED, "", number)
            else:
                number += bool(day.number)
                yield Day(day.day, day.what, day.name, number if day.number else 0)

    def is_late(self, today: date) -> bool:
        """Whether it is, or was, past due; never on a provisional date."""
        if self.due is None or self.due.provisional or self.ended:
            return False
        return (self.stopped or today) > self.due.day


@dataclass(frozen=True, slots=True)
class Next:
    """An act that may come next, and who may do it: (capacity, agency) pairs, agency '' if nobody is."""

    way: Way
    who: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Replay:
    """Where a case stands.  ``state`` is '' where no act opened it."""

    procedure: Procedure
    state: str
    history: tuple[Step, ...]
    refused: tuple[Refusal, ...]
    _player: _Player = field(repr=False, compare=False)

    @property
    def ended(self) -> bool:
        """Whether the case has come to its end."""
        return bool(self.state) and self.procedure.is_final(self.state)

    @cached_property
    def clocks(self) -> tuple[Run, ...]:
        """Every run of every clock, in the order they started."""
        return tuple(self._player.runs())

    @property
    def running(self) -> tuple[Run, ...]:
        """The clocks that still run."""
        return tuple(run for run in self.clocks if run.is_running)

    def agency(self, capacity: str, day: date) -> str:
        """Who has a capacity (a party or a role) on a day, or ''; the first where several do."""
        return next(iter(self._player.entitled(capacity, day.isoformat())), "")

    @cached_property
    def ahead(self) -> tuple[str, ...]:
        """The states that lie ahead on the shortest way to a good end, as far as guards can tell."""
        return tuple(self._player.ahead())

    @cached_property
    def next(self) -> tuple[Next, ...]:
        """The acts possible today, and by whom."""
        return tuple(self._player.possible())


def replay(
    procedure: Procedure, acts: Sequence[Data], context: Context, *, lenient: bool = False
) -> Replay:
    """Play acts in the order they were recorded.

    Strict: the first act that cannot have happened ends the replay.  Lenient: each such act
    is reported and left out, and the play goes on, to see how much of a case fits another pack.
    """
    player = _Player(procedure, context)
    for position, act in enumerate(acts):
        refusal = player.take(position, act)
        if refusal is not None:
            player.refused.append(refusal)
            if not lenient:
                break
    return Replay(
        procedure,
        player.state,
        tuple(player.history),
        tuple(player.refused),
        player,
    )


@dataclass(slots=True)
class _Open:
    """A run while it is being played; dates are ISO texts, '' where there is none."""

    rule: ClockRule
    started: str
    position: int
    fixed: str
    stopped: str = ""
    ended: bool = False
    pauses: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])
    """From, until, and how far the term had been extended when it began to stand still."""
    extended: int = 0


class _Moment(NamedTuple):
    """An act as a guard sees it."""

    player: _Player
    way: Way
    act: Data
    actor: str
    capacity: str
    day: str


class _Player:
    """The state of a replay between two acts."""

    def __init__(self, procedure: Procedure, context: Context) -> None:
        self.procedure = procedure
        self.context = context
        self.state = ""
        self.history: list[Step] = []
        self.refused: list[Refusal] = []
        self.today = context.today.isoformat()
        self.latest = ""
        self.opened: list[_Open] = []
        self._current: dict[str, _Open] = {}

    # ------------------------------------------------------------------ one act

    def take(self, position: int, act: Data) -> Refusal | None:
        """Accept an act, or say why not; a refused act changes nothing."""
        day, actor, word = str(act["date"]), str(act["by"]), str(act["act"])
        problem = self._date_problem(act, day)
        if problem is not None:
            return Refusal(position, problem[0], act, self.state, problem[1])
        fitting = self.procedure.ways_at.get((self.state, word))
        if fitting is None:
            known = self.procedure.by_act.get(word)
            if known is None:
                return Refusal(position, Why.UNKNOWN, act, self.state)
            return Refusal(position, Why.NOT_NOW, act, self.state, way=known[0])
        entitled = [
            (way, capacity)
            for way in fitting
            if (capacity := self._capacity(way, act, actor, day)) is not None
        ]
        if not entitled:
            return Refusal(position, Why.NOT_ENTITLED, act, self.state, way=fitting[0])
        meant = [row for row in entitled if row[0].fits(act)] or entitled
        complete = [row for row in meant if row[0].needs <= act.keys()]
        if not complete:
            way = meant[0][0]
            missing = next(name for name in way.carries if name not in act)
            return Refusal(position, Why.INCOMPLETE, act, self.state, missing, way)
        return self._choose(position, act, complete, day, actor)

    def _choose(
        self, position: int, act: Data, ways: list[tuple[Way, str]], day: str, actor: str
    ) -> Refusal | None:
        refusal: Refusal | None = None
        for way, capacity in ways:
            moment = _Moment(self, way, act, actor, capacity, day)
            guard = self._closed(moment, way.guards)
            if guard is None:
                too_long = self._over_maximum(position, act, way)
                if too_long is None:
                    self._accept(position, moment)
                return too_long
            if refusal is None:
                refusal = Refusal(position, Why.CONDITION, act, self.state, "", way, guard)
        return refusal

    @staticmethod
    def _closed(moment: _Moment, guards: Iterable[Guard]) -> Guard | None:
        """The first guard that does not hold, or None."""
        for guard in guards:
            if not GUARDS[guard.name](moment, guard):
                return guard
        return None

    def _date_problem(self, act: Data, day: str) -> tuple[Why, str] | None:
        if day > self.today:
            return Why.FUTURE, "date"
        if day < self.latest:
            return Why.ORDER, "date"
        received = str(act.get("received_on", day))
        if received < day:
            return Why.DATES, "received_on"
        if received > self.today:
            return Why.FUTURE, "received_on"
        if str(act.get("due_on", day)) < day:
            return Why.DATES, "due_on"
        return None

    def _accept(self, position: int, moment: _Moment) -> None:
        way = moment.way
        self.history.append(Step(position, moment.act, way, moment.capacity, self.state))
        self.state = way.to
        self.latest = moment.day
        for clock in self.procedure.moves.get(way.act, ()):
            self._move(clock, position, moment)
        if self._current and self.procedure.is_final(way.to):
            for run in self._current.values():
                run.ended = True
            self._current.clear()

    # ------------------------------------------------------------------ who

    def role_word(self, capacity: str) -> str:
        """The role behind a capacity: itself, or the role that the case names for a party."""
        party = self.procedure.parties.get(capacity)
        if party is None or not party.role_of:
            return capacity
        return str(self.context.case.get(party.role_of, ""))

    def named(self, capacity: str, day: str) -> Sequence[str]:
        """The agencies that a party or a role means on a day."""
        party = self.procedure.parties.get(capacity)
        if party is None:
            return self.context.world.holders(capacity, day)
        if party.role_of:
            role = self.role_word(capacity)
            allowed = not party.one_of or role in party.one_of
            return self.context.world.holders(role, day) if allowed else ()
        key = str(self.context.case.get(party.agency or party.provider_of, ""))
        agency = key.partition("/")[0]
        return (agency,) if agency else ()

    def entitled(self, capacity: str, day: str) -> Sequence[str]:
        """Who may act in a capacity on a day: for a party that was abolished, who came after it."""
        agencies = self.named(capacity, day)
        if capacity not in self.procedure.parties:
            return agencies
        return [one for agency in agencies for one in self.context.world.standing_for(agency)]

    def is_meant(self, agency: str, capacity: str, day: str) -> bool:
        """Whether an agency is, or came after, one that a party or a role means on a day."""
        return any(
            agency == one or agency in self.context.world.standing_for(one)
            for one in self.named(capacity, day)
        )

    def _capacity(self, way: Way, act: Data, actor: str, day: str) -> str | None:
        """In which capacity of ``way.by`` the actor acts, or None."""
        claimed = act.get("as")
        for capacity in way.by:
            if claimed is not None and claimed != self.role_word(capacity):
                continue
            if actor in self.named(capacity, day) or actor in self.entitled(capacity, day):
                return capacity
        return None

    # ------------------------------------------------------------------ clocks

    def _move(self, clock: ClockRule, position: int, moment: _Moment) -> None:
        act, word = moment.act, moment.way.act
        run = self._current.get(clock.name)
        if run is not None:
            self._continue(clock, run, moment)
            if word in clock.stops:
                run.stopped = moment.day
                del self._current[clock.name]
        name = clock.starts.get(word)
        if name is None or self._closed(moment, clock.guards) is not None:
            return
        replaced = self._current.get(clock.name)
        if replaced is not None:
            self.opened.remove(replaced)
        fixed = str(act.get(clock.due_field, "")) if clock.due_field else ""
        opened = _Open(
            clock, str(act.get(name, moment.day)) if name else moment.day, position, fixed
        )
        self.opened.append(opened)
        self._current[clock.name] = opened

    def _continue(self, clock: ClockRule, run: _Open, moment: _Moment) -> None:
        """Pause, go on, extend: what an act does to a running clock beside stopping it."""
        pause, longer, word = clock.suspension, clock.extension, moment.way.act
        if pause is not None:
            paused = bool(run.pauses) and not run.pauses[-1][1]
            if paused and word in pause.resumes:
                start, _, extended = run.pauses[-1]
                run.pauses[-1] = (start, moment.day, extended)
            elif not paused and word == pause.act:
                run.pauses.append((moment.day, "", run.extended))
        if longer is not None and word == longer.act:
            run.extended += _days(moment.act)

    def _over_maximum(self, position: int, act: Data, way: Way) -> Refusal | None:
        for clock in self.procedure.moves.get(way.act, ()):
            longer = clock.extension
            if longer is None or longer.act != way.act:
                continue
            run = self._current.get(clock.name)
            if run is None or not _days(act) or run.extended + _days(act) > longer.longest:
                name = "days" if run is not None else ""
                return Refusal(position, Why.MAXIMUM, act, self.state, name, way)
        return None

    def runs(self) -> Iterator[Run]:
        """Every run so far, with its due date."""
        for run in self.opened:
            due, pauses, paused = self._due(run)
            yield Run(
                run.rule,
                date.fromisoformat(run.started),
                due,
                date.fromisoformat(run.stopped) if run.stopped else None,
                run.ended,
                pauses,
                run.extended,
                paused,
                run.position,
            )

    def _due(self, run: _Open) -> tuple[Due | None, tuple[tuple[date, date], ...], bool]:
        """Due date, pauses as they count, and whether the clock stands still today."""
        if run.fixed:
            return Due(date.fromisoformat(run.fixed), provisional=False), (), False
        clock, today = run.rule, self.context.today
        if clock.term is None:
            return None, (), False
        used, cursor = 0, date.fromisoformat(run.started)
        pauses: list[tuple[date, date]] = []
        paused = False
        longest = clock.suspension.longest if clock.suspension else 0
        for start, end, extended in run.pauses:
            first = date.fromisoformat(start)
            spent = self._between(clock, cursor, first)
            if used + spent >= clock.term + extended:
                continue  # already past due then: standing still changes nothing
            used += spent
            latest = self.context.calendar.add(first, longest).day
            last = min(latest, date.fromisoformat(end)) if end else latest
            pauses.append((first, last))
            paused = not end and not run.stopped and today <= last
            cursor = max(cursor, last)
        left = clock.term + run.extended - used
        return self._after(clock, cursor, left), tuple(pauses), paused

    def _between(self, clock: ClockRule, start: date, end: date) -> int:
        if clock.unit == "day":
            return max(0, (end - start).days)
        return max(0, self.context.calendar.between(start, end))

    def _after(self, clock: ClockRule, start: date, days: int) -> Due:
        if clock.unit == "day":
            return Due(date.fromordinal(start.toordinal() + days), provisional=False)
        return self.context.calendar.add(start, days)

    # ------------------------------------------------------------------ what next

    def possible(self) -> Iterator[Next]:
        """Every way out of the state that guards do not close today, with who may take it."""
        ways = self.procedure.by_state.get(self.state, ()) if self.state else self.procedure.opening
        for way in ways:
            who = tuple(self._who(way))
            if who:
                yield Next(way, who)

    def ahead(self) -> Iterator[str]:
        """The states from here, exclusive, to the nearest end with outcome ``met``."""
        before: dict[str, str] = {self.state: ""}
        queue = [self.state]
        for here in queue:
            state = here
            if state and self.procedure.states[state].outcome == _MET:
                path: list[str] = []
                while state != self.state:
                    path.append(state)
                    state = before[state]
                yield from reversed(path)
                return
            for way in self.procedure.by_state.get(state, ()) if state else self.procedure.opening:
                if way.to not in before and not way.optional and self._is_open(way):
                    before[way.to] = state
                    queue.append(way.to)

    def _is_open(self, way: Way) -> bool:
        """Whether nothing that is known of the case itself closes a way."""
        moment = _Moment(self, way, _NO_ACT, "", "", self.today)
        return all(
            GUARDS[guard.name](moment, guard)
            for guard in way.guards
            if guard.name in _ABOUT_THE_CASE
        )

    def _who(self, way: Way) -> Iterator[tuple[str, str]]:
        for capacity in way.by:
            for agency in self.entitled(capacity, self.today) or [""]:
                moment = _Moment(self, way, _NO_ACT, agency, capacity, self.today)
                known = (guard for guard in way.guards if guard.name not in _ABOUT_THE_ACT)
                if self._closed(moment, known) is None:
                    yield capacity, agency

    # ------------------------------------------------------------------ what guards ask

    def done(self, word: str) -> Iterator[Step]:
        """The accepted acts of a word."""
        return (step for step in self.history if step.way.act == word)

    def is_late(self, clock: str, day: str) -> bool:
        """Whether a clock ran out before a day without having been stopped before it."""
        for run in self.opened:
            if run.rule.name == clock and (not run.stopped or run.stopped >= day):
                due = self._due(run)[0]
                if due is not None and due.day.isoformat() < day:
                    return True
        return False


def _days(act: Mapping[str, object]) -> int:
    days = act.get("days")
    return days if isinstance(days, int) else 0


def _library_kind(now: _Moment, guard: Guard) -> bool:
    context = now.player.context
    return context.world.library_kind(context.case) in guard.words


def _sharing_class(now: _Moment, guard: Guard) -> bool:
    context = now.player.context
    return context.world.sharing_class(context.case, now.day) in guard.words


def _entry_in_force(now: _Moment, guard: Guard) -> bool:
    context = now.player.context
    return context.world.entry_in_force(context.case, now.day)


def _field(now: _Moment, guard: Guard) -> bool:
    return now.act.get(guard.of) in guard.words


def _done_by(now: _Moment, guard: Guard) -> bool:
    return {step.capacity for step in now.player.done(guard.of)} >= set(guard.words)


def _once_each(now: _Moment, guard: Guard) -> bool:
    return all(step.capacity != now.capacity for step in now.player.done(now.way.act))


def _done(now: _Moment, guard: Guard) -> bool:
    return any(True for _ in now.player.done(guard.of))


def _other_than(now: _Moment, guard: Guard) -> bool:
    return not any(now.player.is_meant(now.actor, word, now.day) for word in guard.words)


def _addressed_to(now: _Moment, guard: Guard) -> bool:
    to = str(now.act.get("to", ""))
    return any(now.player.is_meant(to, word, now.day) for word in guard.words)


def _late(now: _Moment, guard: Guard) -> bool:
    return now.player.is_late(guard.of, now.day)


GUARDS: Mapping[str, Callable[[_Moment, Guard], bool]] = {
    "library-kind": _library_kind,
    "sharing-class": _sharing_class,
    "entry-in-force": _entry_in_force,
    "field": _field,
    "done-by": _done_by,
    "once-each": _once_each,
    "done": _done,
    "not-done": lambda now, guard: not _done(now, guard),
    "other-than": _other_than,
    "addressed-to": _addressed_to,
    "late": _late,
    "not-late": lambda now, guard: not _late(now, guard),
}
"""The closed list of predicates a pack may name; the pack's schema lists the same names."""

_ABOUT_THE_ACT = {"field", "addressed-to"}
_ABOUT_THE_CASE = {"library-kind", "sharing-class"}
_MET = "met"
