"""The same case put to ``mulu.procedures`` and to the naive interpreter, and what each says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mulu.loading.schemas import Schemas
from mulu.policy.load import Policies, load
from mulu.policy.procedure import Procedure
from mulu.procedures import Context, Replay, replay
from mulu.record import Data
from mulu.workdays import Calendar
from naive import Facts, Outcome, Rows, Run, naive
from registers import ROOT, files_below

THOROUGH = Path(__file__).parent / "packs" / "pass-thorough" / "thorough"
FOLDERS = {
    folder.name: folder
    for folder in (*sorted((ROOT / "schemas" / "policies").iterdir()), THOROUGH)
    if folder.is_dir()
}
PROCEDURES = [
    (pack, path.stem)
    for pack, folder in FOLDERS.items()
    for path in sorted(folder.glob("procedures/*.yml"))
]


@cache
def rows_of(pack: str, name: str) -> dict[str, Any]:
    """A procedure as its YAML says it."""
    text = (FOLDERS[pack] / "procedures" / f"{name}.yml").read_text("utf-8")
    rows: dict[str, Any] = yaml.safe_load(text)
    return rows


@cache
def words_of(pack: str, vocabulary: str) -> list[str]:
    """The words of a pack's vocabulary."""
    rows = yaml.safe_load((FOLDERS[pack] / "pack.yml").read_text("utf-8"))
    return [str(row["word"]) for row in rows["vocabularies"][vocabulary]]


@cache
def pack_schemas() -> Schemas:
    """The schemas of packs and procedures."""
    files = files_below(ROOT / "schemas" / "policies")
    return Schemas.load((p, files[p]) for p in files if p.endswith(".schema.json"))


def packs_in(folder: Path) -> Policies:
    """The packs whose folders lie in a folder."""
    files = files_below(folder)
    return load([(f"schemas/policies/{p}", files[p]) for p in files], pack_schemas())


@cache
def compiled(pack: str, name: str) -> Procedure:
    """A procedure as the project reads it."""
    found = packs_in(FOLDERS[pack].parent).named(pack)
    assert found is not None
    return found.procedures[name]


@dataclass(frozen=True)
class Stage:
    """The facts as the project's replay asks for them."""

    facts: Facts

    def holders(self, role: str, day: str) -> Sequence[str]:
        """The agencies that play a role on a day."""
        on = date.fromisoformat(day)
        return [
            one.agency
            for one in self.facts.roles
            if one.role == role and one.since <= on <= (one.until or date.max)
        ]

    def standing_for(self, agency: str) -> Sequence[str]:
        """An agency and whoever came after it, followed on."""
        found = [agency]
        for one in found:
            found += [more for more in self.facts.successors.get(one, ()) if more not in found]
        return found

    def library_kind(self, case: Data) -> str:
        """The kind of library."""
        return self.facts.library_kind or ""

    def sharing_class(self, case: Data, day: str) -> str:
        """The sharing class on a day."""
        return self.facts.sharing_class(date.fromisoformat(day)) or ""

    def entry_in_force(self, case: Data, day: str) -> bool:
        """Whether the entry is in force on a day."""
        return self.facts.entry_in_force(date.fromisoformat(day))


def case_of(procedure: Rows, facts: Facts) -> Data:
    """A case record in which the parties are found."""
    case: Data = {}
    for row in procedure["parties"]:
        agency = facts.parties.get(row["party"])
        if "agency" in row and agency:
            case[row["agency"]] = agency
        if "provider_of" in row and agency:
            case[row["provider_of"]] = f"{agency}/hunyin-dengji"
        if "role_of" in row and row["party"] in facts.role_words:
            case[row["role_of"]] = facts.role_words[row["party"]]
    return case


def calendar_of(facts: Facts) -> Calendar:
    """The project's calendar with the facts' days off."""
    return calendar_with(facts.off, facts.made_up, facts.last_known_year)


@cache
def calendar_with(off: frozenset[date], made_up: frozenset[date], last: int) -> Calendar:
    """The project's calendar with days off and make-up days, known up to a year."""
    known = range(last - 5, last + 1)
    return Calendar(
        dict.fromkeys(off, "放假"), dict.fromkeys(made_up, "上班"), dict.fromkeys(known, ())
    )


def ours(
    procedure: Procedure, rows: Rows, acts: Sequence[Data], facts: Facts, *, lenient: bool = False
) -> Replay:
    """The project's replay."""
    context = Context(facts.today, calendar_of(facts), case_of(rows, facts), Stage(facts))
    return replay(procedure, acts, context, lenient=lenient)


def seen(replayed: Replay, facts: Facts) -> dict[str, Any]:
    """What the project's replay says, in plain values."""
    calendar = calendar_of(facts)
    return {
        "state": replayed.state or None,
        "states": [step.way.to for step in replayed.history],
        "capacities": [step.capacity for step in replayed.history],
        "refused": [(one.position, one.why.value) for one in replayed.refused],
        "clocks": sorted(
            (
                run.rule.name,
                str(run.started),
                str(run.due.day) if run.due else "",
                bool(run.due and run.due.provisional),
                str(run.stopped or ""),
                run.ended,
                str(run.left(facts.today, calendar)),
                [(str(first), str(last)) for first, last in run.pauses],
                run.extended,
            )
            for run in replayed.clocks
        ),
        "next": {(one.way.act, capacity) for one in replayed.next for capacity, _ in one.who},
    }


def expected(outcome: Outcome) -> dict[str, Any]:
    """What the naive interpreter says, in the same plain values."""
    return {
        "state": outcome.state,
        "states": list(outcome.states),
        "capacities": list(outcome.capacities),
        "refused": [(one.position, one.reason) for one in outcome.refused],
        "clocks": sorted(clock_of(run) for run in outcome.runs if not run.replaced),
        "next": set(outcome.next),
    }


def clock_of(run: Run) -> tuple[Any, ...]:
    """A clock's run in plain values."""
    return (
        run.clock,
        str(run.started),
        str(run.due or ""),
        run.provisional,
        str(run.stopped or ""),
        run.ended,
        str(run.left),
        [(str(pause.since), str(pause.until)) for pause in run.pauses],
        run.extended,
    )


def both(
    pack: str, name: str, acts: Sequence[Data], facts: Facts, *, lenient: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ours and the naive one say of the same acts."""
    rows = rows_of(pack, name)
    said = ours(compiled(pack, name), rows, acts, facts, lenient=lenient)
    return seen(said, facts), expected(naive(rows, acts, facts, lenient=lenient))


def said_as(procedure: Rows, facts: Facts, capacity: str) -> str | None:
    """The word to write in ``as`` for a capacity: a role's word for a party found by its role."""
    for row in procedure["parties"]:
        if row["party"] == capacity and "role_of" in row:
            return facts.role_words.get(capacity)
    return capacity
