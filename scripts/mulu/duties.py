"""Who must do what by when: what every open case waits for, and its deadline.

Derived from the replays and nothing else.  An act the pack marks optional (to withdraw, to
extend) is nobody's duty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mulu.policy.pack import Pack
from mulu.policy.procedure import Way
from mulu.procedures import Replay, Run
from mulu.record import Record
from mulu.register import Register


@dataclass(frozen=True, slots=True)
class Duty:
    """One agency's next step in one case: any one of ``ways``, by the clock where there is one.

    ``agency`` is '' where nobody holds the capacity.  ``left`` counts in the clock's unit,
    negative when late, None where the rule states no term.
    """

    case: Record
    replay: Replay
    pack: Pack
    agency: str
    capacity: str
    ways: tuple[Way, ...]
    run: Run | None
    left: int | None
    late: bool
    since: str

    @property
    def due(self) -> date | None:
        """The last day, or None where the rule states no term."""
        return self.run.due.day if self.run and self.run.due else None

    @property
    def is_provisional(self) -> bool:
        """Whether a later holiday notice may move the last day."""
        return bool(self.run and self.run.due and self.run.due.provisional)

    @property
    def unit(self) -> str:
        """What ``left`` counts: 个工作日 or 天."""
        return "个工作日" if self.run is None or self.run.rule.unit == "working-day" else "天"

    @property
    def what(self) -> str:
        """The acts that would do: 列入共享目录 或 不予列入."""
        return " 或 ".join(dict.fromkeys(way.title for way in self.ways))

    @property
    def articles(self) -> tuple[int, ...]:
        """Where the duty stands: the clock's articles, else those of the acts."""
        if self.run and self.run.rule.source.articles:
            return self.run.rule.source.articles
        return tuple(dict.fromkeys(n for way in self.ways for n in way.source.articles))

    @property
    def order(self) -> tuple[bool, str, str, str]:
        """Sort key: what has a date by date, then the rest by how long it has waited."""
        return (self.due is None, str(self.due or self.since), self.case.path, self.agency)


def duties(register: Register, day: date) -> list[Duty]:
    """What every open case waits for, the most pressing first."""
    found = (duty for case in register.cases for duty in of_case(register, case, day))
    return sorted(found, key=lambda duty: duty.order)


def of_case(register: Register, case: Record, day: date) -> Iterator[Duty]:
    """What one case waits for: a duty per agency that can take it on."""
    played, pack = register.replay(case, day), register.pack_of(case)
    if played is None or pack is None or played.refused or played.ended or not played.state:
        return
    waiting: dict[tuple[str, str], list[Way]] = {}
    for step in played.next:
        if not step.way.optional:
            for capacity, agency in step.who:
                waiting.setdefault((capacity, agency), []).append(step.way)
    since = str(played.history[-1].act["date"])
    for (capacity, agency), ways in waiting.items():
        run = _clock(played.running, ways)
        left = run.left(day, register.policies.calendar) if run else None
        late = run.is_late(day) if run else False
        yield Duty(case, played, pack, agency, capacity, tuple(ways), run, left, late, since)


def _clock(runs: Iterable[Run], ways: Iterable[Way]) -> Run | None:
    """The running clock that one of the acts would stop: the one due first."""
    acts = {way.act for way in ways}
    stopping = [run for run in runs if run.rule.stops & acts]
    return min(stopping, key=lambda run: str(run.due.day if run.due else "~"), default=None)
