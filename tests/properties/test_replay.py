"""The replay equals its slow oracle: 10,000 random cases, each played strictly and leniently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulu.record import Data
from naive import Facts, Holding, Interpreter, Rows, day_of, naive
from replaying import PROCEDURES, both, rows_of, said_as, words_of

CASES = 10_000
EACH = -(-CASES // len(PROCEDURES))
TODAY = date(2026, 11, 23)
FIRST = date(2026, 1, 5)
LONGEST = 14
AGENCIES = ["minzheng", "gongan", "tongji", "weijian", "jiaoyu", "shuiwu"]
SPRING = frozenset(date(2026, 2, 15) + timedelta(n) for n in range(9))
AUTUMN = frozenset(date(2026, 10, 1) + timedelta(n) for n in range(7))
MADE_UP = frozenset({date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)})
EACH_DAY = frozenset(date(2026, 1, 1) + timedelta(n) for n in range(0, 365, 3))
CALENDARS = [(SPRING | AUTUMN, MADE_UP), (frozenset[date](), frozenset[date]()), (EACH_DAY, MADE_UP)]  # fmt: skip
One = TypeVar("One")


@dataclass
class Tape:
    """Choices read off random bytes; the end of the tape always chooses the first."""

    bytes: bytes
    at: int = 0

    def number(self, below: int) -> int:
        """A number from 0 up to, not including, a bound."""
        self.at += 1
        return self.bytes[self.at - 1] % below if self.at <= len(self.bytes) else 0

    def of(self, choices: Sequence[One]) -> One:
        """One of several."""
        return choices[self.number(len(choices))]

    def once_in(self, times: int) -> bool:
        """True about once in so many times."""
        return self.number(times) == times - 1


def facts_of(tape: Tape, pack: str, rows: Rows) -> Facts:
    """A world: who is who, who follows whom, what the resource is, which days are off."""
    off, made_up = tape.of(CALENDARS)
    turn = FIRST + timedelta(tape.number(250))
    classes = words_of(pack, "sharing-class")
    before = tape.of(classes)
    after = tape.of(classes) if tape.once_in(4) else before
    listed = FIRST + timedelta(tape.number(2) * tape.number(60))
    parties, role_words = parties_of(tape, pack, rows)
    return Facts(
        today=TODAY - timedelta(tape.number(30) if tape.once_in(6) else 0),
        parties=parties,
        role_words=role_words,
        roles=holdings_of(tape, pack),
        successors=successors_of(tape),
        library_kind=tape.of(words_of(pack, "library-kind")),
        sharing_class=lambda day: before if day < turn else after,
        entry_in_force=lambda day: listed <= day,
        off=off,
        made_up=made_up,
        last_known_year=2026,
    )


def parties_of(tape: Tape, pack: str, rows: Rows) -> tuple[dict[str, str], dict[str, str]]:
    """The agencies of a case's parties, and the role words of those found through a role."""
    parties: dict[str, str] = {}
    role_words: dict[str, str] = {}
    places: dict[str, str] = {}
    for number, row in enumerate(rows["parties"]):
        if "role_of" in row:
            allowed = words_of(pack, "role") if tape.once_in(12) else row.get("one_of")
            role_words[row["party"]] = tape.of(allowed or words_of(pack, "role"))
            continue
        agency = tape.of(AGENCIES) if tape.once_in(6) else AGENCIES[number % len(AGENCIES)]
        place = str(row.get("agency") or row.get("provider_of"))
        parties[row["party"]] = places.setdefault(place, agency)
    return parties, role_words


def holdings_of(tape: Tape, pack: str) -> list[Holding]:
    """Who holds each role: always one agency, or another from some day on, or nobody."""
    found: list[Holding] = []
    for role in words_of(pack, "role"):
        holder = tape.of(AGENCIES) if tape.once_in(9) else f"dang-{role}"
        start = FIRST - timedelta(400)
        if tape.once_in(14):
            end = FIRST + timedelta(tape.number(120))
            found.append(Holding(role, holder, start, end))
            if not tape.once_in(3):
                found.append(Holding(role, f"xin-{role}", end + timedelta(1)))
        elif not tape.once_in(40):
            found.append(Holding(role, holder, start))
    return found


def successors_of(tape: Tape) -> dict[str, Sequence[str]]:
    """Which agency follows an abolished one; sometimes that one was abolished too."""
    if not tape.once_in(4):
        return {}
    chain = {AGENCIES[0]: [AGENCIES[4]]}
    if tape.once_in(2):
        chain[AGENCIES[4]] = [AGENCIES[5], "xin-authority"]
    if tape.once_in(2):
        chain["dang-authority"] = ["xin-authority"]
    return dict(chain)


@dataclass
class Author:
    """Writes acts, mostly possible ones, following the case as it goes."""

    tape: Tape
    pack: str
    rows: Rows
    facts: Facts
    acts: list[Data] = field(default_factory=list[Data])

    def write(self) -> list[Data]:
        """A case's acts."""
        case = Interpreter(self.rows, self.facts)
        while len(self.acts) < LONGEST:
            if case.is_final() and not self.tape.once_in(3):
                break
            act = self.spoil(case, self.act(case))
            case.take(act)
            self.acts.append(act)
        return self.acts

    def act(self, case: Interpreter) -> Data:
        """An act that may well be possible."""
        rows = list(case.rows_from_here())
        if not rows or self.tape.once_in(25):
            rows = list(self.rows["acts"])
        endings = {s["state"] for s in self.rows["states"] if "outcome" in s}
        onward = [row for row in rows if row["to"] not in endings]
        fresh = [row for row in onward if not self.did(case, row["act"])]
        likely = [row for row in fresh or onward or rows if self.may(case, row)]
        row = self.tape.of(rows if self.tape.once_in(5) or not likely else likely)
        day = self.day(case, row)
        capacity = self.capacity(case, row, day)
        able = sorted(case.entitled(capacity, day)) or AGENCIES
        act: Data = {"act": row["act"], "date": day.isoformat(), "by": self.tape.of(able)}
        said = said_as(self.rows, self.facts, capacity)
        if said and self.tape.once_in(3):
            act["as"] = said
        for name in row.get("carries", ()):
            act[name] = self.value(case, row, name, day)
        if self.tape.once_in(8):
            name = self.tape.of(["received_on", "due_on", "days", "opinion", "to"])
            act.setdefault(name, self.value(case, row, name, day))
        return act

    def did(self, case: Interpreter, word: str) -> bool:
        """Whether an act was already done as often as it may be useful."""
        return sum(bool(act["act"] == word) for act, _ in case.done) > self.tape.number(5)

    def may(self, case: Interpreter, row: Rows) -> bool:
        """Whether the guards that look at the world and at what was done let a row pass."""
        act = {"act": row["act"], "by": "", "date": self.facts.today.isoformat()}
        idle = ("field", "addressed-to", "other-than", "once-each", "late", "not-late")
        guards = [guard for guard in row.get("guards", ()) if guard["guard"] not in idle]
        return all(case.holds(guard, act, "") for guard in guards)

    def day(self, case: Interpreter, row: Rows) -> date:
        """Some days after the last act; past a due date where the row asks for it."""
        last = day_of(case.done[-1][0]["date"]) if case.done else FIRST
        step = self.tape.of([0, 1, 1, 2, 4, 7, 15, 30])
        late = {guard.get("of") for guard in row.get("guards", ()) if guard["guard"] == "late"}
        dues = [run.due for run in case.runs if run.clock in late and run.due]
        if dues and not self.tape.once_in(4):
            last, step = max(last, *dues), self.tape.number(4)
        return min(last + timedelta(step), max(self.facts.today, last))

    def capacity(self, case: Interpreter, row: Rows, day: date) -> str:
        """A capacity in which the row may be done: one that somebody has and nobody used yet."""
        words = [w for w in row["by"] if case.entitled(w, day)] or list(row["by"])
        unused = [w for w in words if not any(a["act"] == row["act"] and c == w for a, c in case.done)]  # fmt: skip
        return str(self.tape.of(unused if unused and not self.tape.once_in(9) else words))

    def value(self, case: Interpreter, row: Rows, name: str, day: date) -> Any:
        """A value that the row's guards like."""
        guards = [guard for guard in row.get("guards", ()) if guard["guard"] in ("field", "addressed-to")]  # fmt: skip
        for guard in guards:
            if guard["guard"] == "field" and guard["of"] == name:
                return self.tape.of(guard["words"])
            if guard["guard"] == "addressed-to" and name == "to":
                meant = {one for word in guard["words"] for one in case.meant(word, day)}
                return self.tape.of(sorted(meant) or AGENCIES)
        match name:
            case "received_on":
                latest = max((self.facts.today - day).days, 0)
                return (day + timedelta(min(self.tape.of([0, 0, 1, 3, 9]), latest))).isoformat()
            case "due_on":
                return (day + timedelta(self.tape.of([20, 0, 1, 5, 90, 400]))).isoformat()
            case "days":
                return self.tape.of([1, 2, 3, 5, 10])
            case "opinion":
                return self.tape.of([*words_of(self.pack, "opinion"), "wu"])
            case "basis":
                return [{"law": "tongjifa", "clause": "第二十五条"}]
            case "channel":
                return "exchange"
            case "to":
                return self.tape.of(AGENCIES)
            case _:
                return "写明的内容"

    def spoil(self, case: Interpreter, act: Data) -> Data:
        """Now and then, the same act with something wrong."""
        if not self.tape.once_in(9):
            return act
        day = day_of(act["date"])
        extra = [name for name in act if name not in ("act", "date", "by")]
        words = [*words_of(self.pack, "role"), *(p["party"] for p in self.rows["parties"]), "wu"]
        match self.tape.number(10):
            case 0:
                act["by"] = self.tape.of([*AGENCIES, "dang-authority", "xin-authority", "wu"])
            case 1:
                act["as"] = self.tape.of(words)
            case 2:
                act["act"] = self.tape.of(["fei", "fei", *(row["act"] for row in self.rows["acts"])])  # fmt: skip
            case 3:
                act["date"] = (day - timedelta(1 + self.tape.number(40))).isoformat()
            case 4:
                act["date"] = (self.facts.today + timedelta(self.tape.number(3))).isoformat()
            case 5:
                act["received_on"] = (day + timedelta(self.tape.number(9) - 4)).isoformat()
            case 6:
                act["received_on"] = (self.facts.today + timedelta(self.tape.number(3))).isoformat()
            case 7:
                act["due_on"] = (day + timedelta(self.tape.number(9) - 4)).isoformat()
            case 8:
                act["days"] = 1 + self.tape.number(30)
            case _:
                act.pop(self.tape.of(extra) if extra else "as", None)
        return act


def written(tape: Tape, pack: str, name: str) -> tuple[list[Data], Facts]:
    """A case's acts and the world they are in."""
    rows = rows_of(pack, name)
    facts = facts_of(tape, pack, rows)
    return Author(tape, pack, rows, facts).write(), facts


@pytest.mark.parametrize(("pack", "name"), PROCEDURES)
def test_replay_equals_the_naive_one(pack: str, name: str) -> None:
    rows = rows_of(pack, name)
    met: Counter[str] = Counter()
    taken: set[tuple[str, str]] = set()

    @settings(max_examples=EACH, deadline=None)
    @given(st.binary(min_size=120, max_size=360))
    def law(source: bytes) -> None:
        acts, facts = written(Tape(source), pack, name)
        for lenient in (False, True):
            ours_says, naive_says = both(pack, name, acts, facts, lenient=lenient)
            assert ours_says == naive_says
        outcome = naive(rows, acts, facts, lenient=True)
        met.update({one.reason for one in outcome.refused})
        met["cases"] += 1
        met["ended"] += any(s["state"] == outcome.state and "outcome" in s for s in rows["states"])
        met["deep"] += len(outcome.states) > 2
        taken.update(
            (str(act["act"]), to)
            for act, to in zip(
                [act for n, act in enumerate(acts) if n not in {r.position for r in outcome.refused}],
                outcome.states, strict=True)
        )  # fmt: skip

    law()
    assert met["cases"] >= EACH * 0.9
    assert met["ended"] > EACH // 5, "a good share runs to the end"
    assert all(met[why] for why in ("not-now", "not-entitled", "future", "dates", "order"))
    untaken = {(row["act"], row["to"]) for row in rows["acts"]} - taken
    assert len(untaken) <= len(rows["acts"]) // 5, "the cases reach into every corner"
