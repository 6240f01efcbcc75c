"""Every state, act and role of every procedure of both packs: allowed exactly where the pack says.

Each procedure is walked from its opening through every legal act, in several worlds (kinds of
library, sharing classes, quick and slow agencies).  At every stop every act is tried in every
capacity, each held by an agency of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

import pytest

from mulu.record import Data
from naive import Facts, Holding, Interpreter, Rows, naive
from registers import policies
from replaying import compiled, ours, rows_of, said_as, words_of

START = date(2026, 1, 5)
TODAY = date(2026, 11, 23)
WORDS = {"channel": "interface", "reason": "写明的理由", "result": "写明的结果", "opinion": "share"}
STRIDES = (0, 25)
Answer = TypeVar("Answer")
SHIPPED = [
    pytest.param(pack.name, name, id=f"{pack.name}-{name}")
    for pack in policies().packs.values()
    for name in pack.procedures
]


@dataclass(frozen=True)
class Stop:
    """A place in a procedure: the acts that lead there, its state and what was done by whom."""

    acts: tuple[Data, ...]
    state: str | None
    done: frozenset[tuple[str, str]]


def capacities(pack: str, rows: Rows) -> list[str]:
    """Every party of a procedure and every role of its pack."""
    return [*(party["party"] for party in rows["parties"]), *words_of(pack, "role")]


def worlds(pack: str, rows: Rows) -> Iterator[tuple[Facts, int]]:
    """Who is who is always the same; library, class and pace vary where a guard looks at them."""
    guards = {
        guard["guard"]
        for row in [*rows["acts"], *rows["clocks"]]
        for guard in row.get("guards", ())
    }
    kinds = words_of(pack, "library-kind") if "library-kind" in guards else ["business"]
    classes = words_of(pack, "sharing-class") if "sharing-class" in guards else ["shared"]
    listed = (True, False) if "entry-in-force" in guards else (True,)
    by_role = {party["party"]: party.get("one_of", ["authority"])[0] for party in rows["parties"] if "role_of" in party}  # fmt: skip
    facts = Facts(
        today=TODAY,
        parties={party["party"]: f"dang-{party['party']}" for party in rows["parties"] if "role_of" not in party},
        role_words=by_role,
        roles=[Holding(role, f"dang-{role}", date(2015, 10, 22)) for role in words_of(pack, "role")],
    )  # fmt: skip
    for kind, sharing, in_force, stride in itertools.product(kinds, classes, listed, STRIDES):
        yield replace(facts, library_kind=kind, sharing_class=always(sharing), entry_in_force=always(in_force)), stride  # fmt: skip


def always(answer: Answer) -> Callable[[date], Answer]:
    """A fact that is the same on every day."""
    return lambda _: answer


def attempts(
    pack: str, rows: Rows, facts: Facts, stop: Stop, stride: int
) -> Iterator[tuple[str, str, Data]]:
    """Every act in every capacity, each opinion and addressee, carrying all that can be carried."""
    day = START + timedelta(stride * len(stop.acts))
    everyone = [*facts.parties.values(), *(holding.agency for holding in facts.roles)]
    for word in dict.fromkeys(row["act"] for row in rows["acts"]):
        for capacity in capacities(pack, rows):
            agency = agency_of(facts, rows, capacity)
            for opinion, to in variants(rows, word, everyone):
                act: Data = {"act": word, "date": day.isoformat(), "by": agency, **WORDS}
                act |= {"received_on": day.isoformat(), "due_on": (day + timedelta(3)).isoformat()}
                act |= {"days": 1, "basis": [{"law": "tongjifa", "clause": "第二十五条"}]}
                act |= {"opinion": opinion, "to": to, "as": said_as(rows, facts, capacity)}
                yield word, capacity, act


def variants(rows: Rows, word: str, everyone: list[str]) -> Iterator[tuple[str, str]]:
    """The opinions and addressees worth trying for an act: all where a guard looks, else one."""
    guards = [g for row in rows["acts"] if row["act"] == word for g in row.get("guards", ())]
    opinions = ("share", "withhold") if any(g["guard"] == "field" for g in guards) else ("share",)
    addressed = any(g["guard"] == "addressed-to" for g in guards)
    yield from itertools.product(opinions, everyone if addressed else everyone[:1])


def agency_of(facts: Facts, rows: Rows, capacity: str) -> str:
    """The agency of a capacity: its own, or for a party found by its role that role's."""
    return facts.parties.get(capacity) or f"dang-{facts.role_words.get(capacity, capacity)}"


def stops(pack: str, rows: Rows, facts: Facts, stride: int) -> Iterator[Stop]:
    """Every place that legal acts lead to, by the naive interpreter, the shortest way first."""
    first = Stop((), None, frozenset())
    queue, seen = [first], {(first.state, first.done)}
    for stop in queue:
        yield stop
        for word, capacity, act in attempts(pack, rows, facts, stop, stride):
            case = Interpreter(rows, facts)
            for earlier in stop.acts:
                case.take(earlier)
            if case.take(act) is None:
                after = Stop((*stop.acts, act), case.state, stop.done | {(word, capacity)})
                if (after.state, after.done) not in seen:
                    seen.add((after.state, after.done))
                    queue.append(after)


@pytest.mark.parametrize(("pack", "name"), SHIPPED)
def test_allowed_exactly_where_the_pack_says(pack: str, name: str) -> None:
    rows, procedure = rows_of(pack, name), compiled(pack, name)
    reached: set[str | None] = set()
    tried: set[tuple[str | None, str, str]] = set()
    allowed: set[tuple[str, str]] = set()
    for facts, stride in worlds(pack, rows):
        for stop in stops(pack, rows, facts, stride):
            reached.add(stop.state)
            for word, capacity, act in attempts(pack, rows, facts, stop, stride):
                acts = [*stop.acts, act]
                got = ours(procedure, rows, acts, facts)
                outcome = naive(rows, acts, facts)
                assert [(one.position, one.why.value) for one in got.refused] == [(one.position, one.reason) for one in outcome.refused]  # fmt: skip
                assert (got.state or None) == outcome.state
                said = plainly(rows, stop.state, word, said_as(rows, facts, capacity), facts)
                if said is not None:
                    assert (not got.refused) is said, (stop.state, word, capacity)
                tried.add((stop.state, word, capacity))
                if not got.refused:
                    allowed.add((word, got.state))
    states = {state["state"] for state in rows["states"]}
    assert reached == states | {None}, "every state was reached"
    acts_of_all = {row["act"] for row in rows["acts"]}
    assert tried == set(itertools.product(reached, acts_of_all, capacities(pack, rows)))
    assert allowed == {(row["act"], row["to"]) for row in rows["acts"]}, "every row was taken"


def plainly(
    rows: Rows, state: str | None, word: str, said: str | None, facts: Facts
) -> bool | None:
    """What the rows say without their guards: False, True, or None where a guard decides."""
    fitting = [
        row
        for row in rows["acts"]
        if row["act"] == word
        and (state in row.get("from", ()) if state else "from" not in row)
        and said in {said_as(rows, facts, by) for by in row["by"]}
    ]
    if not fitting:
        return False
    extends = any(clock["extension"]["act"] == word for clock in rows["clocks"] if "extension" in clock)  # fmt: skip
    return None if extends or all("guards" in row for row in fitting) else True
