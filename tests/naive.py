"""A slow, obvious interpreter of procedure files, written from the contract alone.

It shares no line with ``mulu.procedures``: plain dictionaries as the YAML gives them, every
question answered by reading the whole history again, working days counted one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Rows = Mapping[str, Any]


@dataclass(frozen=True)
class Holding:
    """An agency holds a role from one day to another, both included."""

    role: str
    agency: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Facts:
    """Everything a replay may ask besides the acts."""

    today: date
    parties: Mapping[str, str] = field(default_factory=dict[str, str])
    role_words: Mapping[str, str] = field(default_factory=dict[str, str])
    roles: Sequence[Holding] = ()
    successors: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    library_kind: str | None = None
    sharing_class: Callable[[date], str | None] = lambda _: None
    entry_in_force: Callable[[date], bool] = lambda _: False
    off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()
    last_known_year: int = 9999

    def is_workday(self, day: date) -> bool:
        """Whether agencies work on a day."""
        return day in self.made_up or (day.weekday() < 5 and day not in self.off)


@dataclass
class Pause:
    """A clock stands still on the days after ``since`` up to ``until``."""

    since: date
    until: date
    resumed: bool = False


@dataclass
class Run:
    """One run of a clock."""

    clock: str
    started: date
    fixed: date | None
    term: int | None
    unit: str
    facts: Facts
    stopped: date | None = None
    ended: bool = False
    replaced: bool = False
    pauses: list[Pause] = field(default_factory=list[Pause])
    extended: int = 0

    @property
    def running(self) -> bool:
        """Whether it has been neither stopped, ended nor replaced."""
        return self.stopped is None and not self.ended and not self.replaced

    @property
    def due(self) -> date | None:
        """Walk day by day until as many days as the term have been counted."""
        if self.fixed is not None:
            return self.fixed
        if self.term is None:
            return None
        day, counted = self.started, 0
        while counted < self.term + self.extended:
            day += timedelta(days=1)
            still = any(pause.since < day <= pause.until for pause in self.pauses)
            if not still and (self.unit == "day" or self.facts.is_workday(day)):
                counted += 1
        return day

    @property
    def provisional(self) -> bool:
        """Whether working days were counted to where the calendar may still change."""
        if self.fixed is not None or self.unit == "day":
            return False
        return self.due is not None and self.due >= date(self.facts.last_known_year, 12, 25)

    @property
    def left(self) -> int | None:
        """Days from today, or from the stop, to the due date."""
        due = self.due
        if due is None:
            return None
        since = self.stopped or self.facts.today
        first, last = sorted((since, due))
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        count = sum(1 for day in days if self.unit == "day" or self.facts.is_workday(day))
        return count if due >= since else -count


@dataclass(frozen=True)
class Refused:
    """An act that was not possible, and why."""

    position: int
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What a replay found."""

    state: str | None
    states: tuple[str, ...]
    capacities: tuple[str, ...]
    refused: tuple[Refused, ...]
    runs: tuple[Run, ...]
    next: frozenset[tuple[str, str]]


def day_of(text: object) -> date:
    """The day that a record writes as text."""
    return date.fromisoformat(str(text))


class Interpreter:
    """A case being replayed."""

    def __init__(self, procedure: Rows, facts: Facts) -> None:
        self.procedure = procedure
        self.facts = facts
        self.state: str | None = None
        self.states: list[str] = []
        self.done: list[tuple[Rows, str]] = []
        self.runs: list[Run] = []

    # who is who

    def names_party(self, word: str) -> bool:
        """Whether a word of ``by`` is a party of the procedure."""
        return any(party["party"] == word for party in self.procedure["parties"])

    def role_word(self, party: str) -> str | None:
        """The role word that the case holds for a party with ``role_of``, if it is allowed."""
        for row in self.procedure["parties"]:
            if row["party"] == party and "role_of" in row:
                word = self.facts.role_words.get(party)
                return word if word in row.get("one_of", [word]) else None
        return None

    def holders(self, role: str | None, day: date) -> set[str]:
        """The agencies holding a role on a day."""
        return {
            one.agency
            for one in self.facts.roles
            if one.role == role and one.since <= day and (one.until is None or day <= one.until)
        }

    def named(self, word: str, day: date) -> set[str]:
        """The agencies a word of ``by`` means on a day, none standing for another."""
        if not self.names_party(word):
            return self.holders(word, day)
        for row in self.procedure["parties"]:
            if row["party"] == word and "role_of" in row:
                return self.holders(self.role_word(word), day)
        return {self.facts.parties[word]} if word in self.facts.parties else set()

    def with_successors(self, agencies: set[str]) -> set[str]:
        """The agencies and whoever stands for them, followed on."""
        found = set(agencies)
        while True:
            more = {s for one in found for s in self.facts.successors.get(one, ())} - found
            if not more:
                return found
            found |= more

    def entitled(self, word: str, day: date) -> set[str]:
        """Who may act in a capacity on a day."""
        agencies = self.named(word, day)
        return self.with_successors(agencies) if self.names_party(word) else agencies

    def capacity(self, row: Rows, act: Rows) -> str | None:
        """The first capacity of a row that the actor has, or the one it says it acts in."""
        for word in row["by"]:
            said = self.role_word(word) if self.is_by_role(word) else word
            if "as" in act and act["as"] != said:
                continue
            if act["by"] in self.entitled(word, day_of(act["date"])):
                return str(word)
        return None

    def is_by_role(self, word: str) -> bool:
        """Whether a word is a party found through a role."""
        return any(p["party"] == word and "role_of" in p for p in self.procedure["parties"])

    # guards

    def holds(self, guard: Rows, act: Rows, capacity: str) -> bool:
        """Whether a guard lets an act pass."""
        day = day_of(act["date"])
        of, words = guard.get("of"), guard.get("words", [])
        match guard["guard"]:
            case "library-kind":
                return self.facts.library_kind in words
            case "sharing-class":
                return self.facts.sharing_class(day) in words
            case "entry-in-force":
                return self.facts.entry_in_force(day)
            case "field":
                return act.get(str(of)) in words
            case "done-by":
                return all(any(a["act"] == of and c == w for a, c in self.done) for w in words)
            case "once-each":
                return not any(a["act"] == act["act"] and c == capacity for a, c in self.done)
            case "done":
                return any(a["act"] == of for a, _ in self.done)
            case "not-done":
                return not any(a["act"] == of for a, _ in self.done)
            case "other-than":
                return not any(act["by"] in self.meant(word, day) for word in words)
            case "addressed-to":
                return any(act.get("to") in self.meant(word, day) for word in words)
            case "late":
                return self.late(str(of), day)
            case "not-late":
                return not self.late(str(of), day)
            case unknown:
                raise AssertionError(f"no guard {unknown}")

    def meant(self, word: str, day: date) -> set[str]:
        """The agencies a word of a guard means, whoever stands for them included."""
        return self.with_successors(self.named(word, day))

    def late(self, clock: str, day: date) -> bool:
        """Whether a run of a clock was due before a day and had not stopped before it."""
        for run in self.runs:
            if run.clock != clock or run.replaced or run.due is None:
                continue
            if run.due < day and (run.stopped is None or run.stopped >= day):
                return True
        return False

    # acts

    def rows_from_here(self) -> Iterator[Rows]:
        """The rows that fit the state the case is in."""
        for row in self.procedure["acts"]:
            if self.state is None and "from" not in row:
                yield row
            if self.state is not None and self.state in row.get("from", ()):
                yield row

    def is_final(self) -> bool:
        """Whether the case has come to its end."""
        return any(s["state"] == self.state and "outcome" in s for s in self.procedure["states"])

    def refusal_of_dates(self, act: Rows) -> str | None:
        """What is wrong with the dates of an act."""
        day, today = day_of(act["date"]), self.facts.today
        if day > today:
            return "future"
        if self.done and day < day_of(self.done[-1][0]["date"]):
            return "order"
        for name in ("received_on", "due_on"):
            if name in act and day_of(act[name]) < day:
                return "dates"
        if "received_on" in act and day_of(act["received_on"]) > today:
            return "future"
        return None

    def choose(self, act: Rows) -> tuple[Rows, str] | str:
        """The row an act takes and the capacity, or why there is none."""
        if not any(row["act"] == act["act"] for row in self.procedure["acts"]):
            return "unknown"
        rows = [row for row in self.rows_from_here() if row["act"] == act["act"]]
        if not rows:
            return "not-now"
        able = [(row, self.capacity(row, act)) for row in rows]
        entitled = [(row, capacity) for row, capacity in able if capacity is not None]
        if not entitled:
            return "not-entitled"
        worded = [(r, c) for r, c in entitled if self.is_worded(r, act)] or entitled
        whole = [(r, c) for r, c in worded if all(name in act for name in r.get("carries", ()))]
        if not whole:
            return "incomplete"
        for row, capacity in whole:
            if all(self.holds(guard, act, capacity) for guard in row.get("guards", ())):
                return row, capacity
        return "condition"

    def is_worded(self, row: Rows, act: Rows) -> bool:
        """Whether the act's own words are those a row asks for."""
        fields = [guard for guard in row.get("guards", ()) if guard["guard"] == "field"]
        return all(act.get(str(guard["of"])) in guard["words"] for guard in fields)

    def beyond_maximum(self, act: Rows) -> bool:
        """Whether an act extends a clock that it cannot extend, or not so far."""
        for clock in self.procedure["clocks"]:
            extension = clock.get("extension")
            if extension is None or extension["act"] != act["act"]:
                continue
            run = self.running(clock["clock"])
            if "days" not in act or run is None or run.extended + act["days"] > extension["max"]:
                return True
        return False

    def running(self, clock: str) -> Run | None:
        """The run of a clock that is running."""
        return next((run for run in self.runs if run.clock == clock and run.running), None)

    def take(self, act: Rows) -> str | None:
        """Accept an act, or say why not."""
        wrong = self.refusal_of_dates(act)
        if wrong is not None:
            return wrong
        chosen = self.choose(act)
        if isinstance(chosen, str):
            return chosen
        if self.beyond_maximum(act):
            return "maximum"
        row, capacity = chosen
        begins = [c for c in self.procedure["clocks"] if self.begins(c, act, capacity)]
        self.state = row["to"]
        self.states.append(row["to"])
        self.done.append((act, capacity))
        for clock in self.procedure["clocks"]:
            self.move(clock, act, begins=clock in begins)
        if self.is_final():
            for run in self.runs:
                run.ended = run.ended or run.running
        return None

    def begins(self, clock: Rows, act: Rows, capacity: str) -> bool:
        """Whether an act starts a clock."""
        starts = any(start["act"] == act["act"] for start in clock["starts"])
        return starts and all(self.holds(g, act, capacity) for g in clock.get("guards", ()))

    def move(self, clock: Rows, act: Rows, begins: bool) -> None:
        """Stop, start, suspend, resume or extend a clock."""
        name, day = clock["clock"], day_of(act["date"])
        run = self.running(name)
        if run is not None and act["act"] in clock["stops"]:
            run.stopped = day
            run = None
        if begins:
            if run is not None:
                run.replaced = True
            start = next(s for s in clock["starts"] if s["act"] == act["act"])
            since = day_of(act.get(str(start.get("field")), act["date"]))
            fixed = act.get(str(clock.get("due_field")))
            due = day_of(fixed) if fixed else None
            self.runs.append(Run(name, since, due, clock["term"], clock["unit"], self.facts))
            return
        if run is not None:
            self.stretch(clock, run, act)

    def stretch(self, clock: Rows, run: Run, act: Rows) -> None:
        """Suspend, resume or extend a run."""
        day = day_of(act["date"])
        extension, suspension = clock.get("extension"), clock.get("suspension")
        if extension is not None and extension["act"] == act["act"]:
            run.extended += act["days"]
        if suspension is None:
            return
        if act["act"] in suspension["resumes"] and run.pauses:
            pause = run.pauses[-1]
            if not pause.resumed:
                pause.resumed = True
                pause.until = min(pause.until, day)
        if act["act"] == suspension["act"]:
            used_up = run.due is not None and run.due <= day
            still = any(p.since <= day <= p.until and not p.resumed for p in run.pauses)
            if not used_up and not still:
                run.pauses.append(Pause(day, self.workday_after(day, suspension["max"])))

    def workday_after(self, day: date, count: int) -> date:
        """The count-th working day after a day."""
        while count:
            day += timedelta(days=1)
            count -= self.facts.is_workday(day)
        return day

    # what comes next

    def next(self) -> Iterator[tuple[str, str, str]]:
        """Every act that may come now, the capacity, and the agencies that may do it, if any."""
        today = self.facts.today
        for row in self.rows_from_here():
            for capacity in row["by"]:
                for agency in sorted(self.entitled(capacity, today)) or [""]:
                    act = {"act": row["act"], "by": agency, "date": today.isoformat()}
                    guards = [g for g in row.get("guards", ()) if g["guard"] not in CONTENT]
                    if all(self.holds(guard, act, capacity) for guard in guards):
                        yield row["act"], capacity, agency


CONTENT = ("field", "addressed-to")


def naive(procedure: Rows, acts: Sequence[Rows], facts: Facts, *, lenient: bool = False) -> Outcome:
    """Replay a case: strictly up to the first refused act, or leniently past it."""
    case = Interpreter(procedure, facts)
    refused: list[Refused] = []
    for position, act in enumerate(acts):
        why = case.take(act)
        if why is not None:
            refused.append(Refused(position, why))
            if not lenient:
                break
    return Outcome(
        case.state,
        tuple(case.states),
        tuple(capacity for _, capacity in case.done),
        tuple(refused),
        tuple(case.runs),
        frozenset((act, capacity) for act, capacity, _ in case.next()),
    )
