"""The register: every record, indexed, with the answers everything else asks for.

The one deep module of the core.  It knows how records refer to each other, what is in
force on a day, and the *effective* sharing class: what a provider declares and what the
negative list says are two things, and only an entry in force withholds (art. 4, 7, 17).
It holds no day and no file: both come in as arguments.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from mulu.loading.schemas import Schemas
from mulu.loading.strict_yaml import escape_pointer
from mulu.policy.load import Policies
from mulu.policy.pack import Pack
from mulu.policy.procedure import Procedure
from mulu.procedures import Context, Refusal, Replay, Step, World, replay
from mulu.record import Data, Key, Record, Value, texts_in


@dataclass(frozen=True, slots=True)
class Reference:
    """One record naming another: from where, to which kind and key."""

    record: Record
    pointer: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Word:
    """One value that must be a word of the pack's vocabulary."""

    record: Record
    pointer: str
    vocabulary: str
    word: str


@dataclass(frozen=True)
class Register:
    """All records by kind and key, and every index over them."""

    records: Mapping[str, Mapping[Key, Record]]
    schemas: Schemas
    pack: Pack
    broken: frozenset[tuple[str, str]] = field(default_factory=frozenset[tuple[str, str]])
    policies: Policies = field(default_factory=Policies)
    under: Pack | None = None
    """The pack every case is played under; None: each under the one it was opened under."""
    _replays: dict[tuple[str, date], Replay | None] = field(
        default_factory=dict[tuple[str, date], "Replay | None"], repr=False, compare=False
    )

    def of(self, kind: str) -> Mapping[Key, Record]:
        """The records of a kind by key, in key order."""
        return self.records.get(kind, {})

    def find(self, kind: str, key: str) -> Record | None:
        """The record, or None where there is none (or where it is broken)."""
        return self.of(kind).get(Key(key))

    def is_known(self, kind: str, key: str) -> bool:
        """Whether a record exists, broken or not: a broken one gives no second finding."""
        return key in self.of(kind) or (kind, key) in self.broken

    def beside(self, kind: str, key: str) -> Sequence[str]:
        """The keys of a kind that lie in the same folder, read or only known."""
        return self._folders.get((kind, key.rpartition("/")[0]), ())

    @cached_property
    def _folders(self) -> Mapping[tuple[str, str], Sequence[str]]:
        known = {(kind, str(key)) for kind, records in self.records.items() for key in records}
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, key in sorted(known | self.broken):
            found[kind, key.rpartition("/")[0]].append(key)
        return found

    @property
    def settings(self) -> Record | None:
        """``catalog/register.yml``, or None where it is missing or broken."""
        return self.find("register", "register")

    @property
    def size(self) -> int:
        """How many records there are, broken ones included."""
        return sum(map(len, self.records.values())) + len(self.broken)

    def __iter__(self) -> Iterator[Record]:
        for kind in sorted(self.records):
            yield from self.records[kind].values()

    # ------------------------------------------------------------------ how records refer

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference from a record to another, in record order."""
        return tuple(
            Reference(record, pointer, target, value)
            for record, pointer, target, value in self._marked("x-reference")
        )

    def named_by(self, record: Record) -> Iterator[tuple[str, str]]:
        """What one record refers to, as (kind, key)."""
        for route, mark, target in self.schemas.kinds[record.kind].marks:
            if mark == "x-reference":
                for _, value in _follow(record.data, route, ""):
                    yield target, value

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every value that must be a word of the pack."""
        return tuple(
            Word(record, pointer, target, value)
            for record, pointer, target, value in self._marked("x-vocabulary")
        )

    def _marked(self, mark: str) -> Iterator[tuple[Record, str, str, str]]:
        for kind in sorted(self.records):
            routes = [
                (route, target)
                for route, name, target in self.schemas.kinds[kind].marks
                if name == mark
            ]
            for record in self.records[kind].values() if routes else ():
                for route, target in routes:
                    for pointer, value in _follow(record.data, route, ""):
                        yield record, pointer, target, value

    @cached_property
    def backlinks(self) -> Mapping[tuple[str, str], Sequence[Reference]]:
        """Who refers to a record, by its (kind, key)."""
        found: dict[tuple[str, str], list[Reference]] = defaultdict(list)
        for reference in self.references:
            found[reference.kind, reference.target.partition("#")[0]].append(reference)
        return found

    # ------------------------------------------------------------------ agencies and resources

    def agency_title(self, key: str, *, short: bool = True) -> str:
        """An agency's short (or full) name; its key where it is unknown."""
        agency = self.find("agency", key)
        if agency is None:
            return key
        return (agency.text("short") if short else "") or agency.title

    @cached_property
    def resources_by_agency(self) -> Mapping[str, Sequence[Record]]:
        """Live resources by provider."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.of("resource").values():
            if not is_withdrawn(record):
                found[provider(record)].append(record)
        return found

    @cached_property
    def resources_by_library(self) -> Mapping[str, Sequence[Record]]:
        """Live resources by base or theme library; '' holds the providers' business libraries."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.of("resource").values():
            if not is_withdrawn(record):
                found[record.text("library")].append(record)
        return found

    def library_kind(self, resource: Record) -> str:
        """The kind of library a resource belongs to; the provider's own where it names none."""
        library = self.find("library", resource.text("library"))
        return library.text("kind") if library else self.pack.marked("library-kind", "own")

    @cached_property
    def live_resources(self) -> Sequence[Record]:
        """Resources that are not tombstones."""
        return [record for record in self.of("resource").values() if not is_withdrawn(record)]

    def holder(self, role: str, day: date) -> str | None:
        """The agency that plays a role of the pack on a day (art. 5), or None."""
        return next(iter(self.holders(role, day.isoformat())), None)

    def holders(self, role: str, day: str) -> Sequence[str]:
        """The agencies that play a role on a day (an ISO date); usually one."""
        return [
            agency for start, until, agency in self._holders.get(role, ()) if start <= day <= until
        ]

    @cached_property
    def _holders(self) -> Mapping[str, Sequence[tuple[str, str, str]]]:
        found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for row in self.settings.rows("roles") if self.settings else ():
            span = str(row.get("from", "")), str(row.get("until") or "9999-12-31")
            found[str(row.get("role"))].append((*span, str(row["agency"])))
        return found

    def standing_for(self, agency: str) -> Sequence[str]:
        """The agency itself; where it was abolished, the live ones that came after it."""
        return self._standing.get(agency) or (agency,)

    @cached_property
    def _standing(self) -> Mapping[str, Sequence[str]]:
        """For each abolished agency, its live successors, followed on."""
        gone = {
            a.key: a.texts("withdrawn", "successors")
            for a in self.of("agency").values()
            if is_withdrawn(a)
        }
        found: dict[str, Sequence[str]] = {}
        for agency in gone:
            seen: dict[str, None] = {}
            stack = [str(agency)]
            while stack:
                here = stack.pop()
                if here not in seen:
                    seen[here] = None
                    stack.extend(gone.get(Key(here), ()))
            found[agency] = [one for one in seen if one not in gone]
        return found

    # ------------------------------------------------------------------ the negative list

    def entry_of(self, resource: Record) -> Record | None:
        """The negative-list entry of a resource, in force or not."""
        return self.find("entry", resource.key)

    def is_listed(self, resource: Record, day: date) -> bool:
        """Whether the *whole* resource stands on the negative list on a day."""
        entry = self.entry_of(resource)
        return entry is not None and in_force(entry, day) and not entry.texts("items")

    def withheld_items(self, resource: Record, day: date) -> Sequence[str]:
        """The items of the resource that the list withholds on a day."""
        entry = self.entry_of(resource)
        return entry.texts("items") if entry is not None and in_force(entry, day) else ()

    def entries_in_force(self, day: date) -> Sequence[Record]:
        """The published negative list of a day."""
        return [entry for entry in self.of("entry").values() if in_force(entry, day)]

    # ------------------------------------------------------------------ cases

    @cached_property
    def case_kinds(self) -> Sequence[str]:
        """The kinds that have acts: the pack's procedures in their order, then any other."""
        kinds = [
            name for name, kind in self.schemas.kinds.items() if "acts" in kind.schema["properties"]
        ]
        order = list(self.pack.procedures)
        return sorted(
            kinds, key=lambda kind: (order.index(kind) if kind in order else len(order), kind)
        )

    @cached_property
    def cases(self) -> Sequence[Record]:
        """All cases of all kinds."""
        return [record for kind in self.case_kinds for record in self.of(kind).values()]

    def pack_of(self, case: Record) -> Pack | None:
        """The pack a case is played under, or None where the register has no such pack."""
        return self.under or self.policies.packs.get(case.text("pack"))

    def procedure_of(self, case: Record) -> Procedure | None:
        """The procedure of a case, or None where its pack has none of this kind."""
        pack = self.pack_of(case)
        return pack.procedures.get(case.kind) if pack else None

    def replay(self, case: Record, day: date) -> Replay | None:
        """Where a case stands on a day; None where no procedure can say so.

        Under another pack than its own the case is played leniently: what does not fit is
        reported act by act, and the rest is played.
        """
        key = (case.path, day)
        if key not in self._replays:
            self._replays[key] = self._play(case, day, self.pack_of(case))
        return self._replays[key]

    def _play(self, case: Record, day: date, pack: Pack | None) -> Replay | None:
        procedure = pack.procedures.get(case.kind) if pack else None
        if pack is None or procedure is None or self._is_about_broken(case):
            return None
        context = Context(day, self.policies.calendar, case.data, self.world(pack))
        foreign = case.text("pack") != pack.reference
        return replay(procedure, acts(case), context, lenient=foreign)

    def _is_about_broken(self, case: Record) -> bool:
        """Whether a case is about a record that could not be read: then nothing is said of it."""
        key = about(case)
        return not self.broken.isdisjoint({("resource", key), ("entry", key)})

    def is_closed(self, case: Record, day: date) -> bool:
        """Whether a case has come to its end under the pack it was opened under."""
        played = self._play(case, day, self.policies.packs.get(case.text("pack")))
        return played is not None and played.ended

    def world(self, pack: Pack) -> World:
        """The register's answers to a procedure, in the words of a pack."""
        return _World(self, pack)

    def refusals(self, day: date) -> Iterator[tuple[Record, Replay, Refusal]]:
        """Every act of every case that cannot have happened."""
        for case in self.cases:
            played = self.replay(case, day)
            if played is not None:
                for refusal in played.refused:
                    yield case, played, refusal

    def duty_of(self, case: Record, capacity: str, day: date) -> str:
        """The agency that a party or role of a case is on a day, or ''."""
        played = self.replay(case, day)
        return played.agency(capacity, day) if played else ""

    def last_decisions(self, day: date) -> Iterator[tuple[Record, Step]]:
        """The newest act that orders a change of the register, for each resource or part of it."""
        newest: dict[tuple[str, ...], tuple[Record, Step]] = {}
        for case in self.cases:
            played = self.replay(case, day)
            for step in played.history if played else ():
                if not step.way.orders:
                    continue
                key = (about(case), *sorted(case.texts("items")))
                known = newest.get(key)
                if known is None or str(step.act["date"]) >= str(known[1].act["date"]):
                    newest[key] = case, step
        yield from newest.values()

    def title_of(self, kind: str, *names: str) -> str:
        """The Chinese title a kind's schema gives a property; '*' walks into a list's rows."""
        schema = self.schemas.kinds[kind].schema
        for name in names:
            schema = schema["items"] if name == "*" else schema["properties"].get(name, {})
        return str(schema.get("title", names[-1]))

    def choices(self, case: Record, played: Replay, state: str) -> str:
        """The acts that may follow a state and who does them, in one line.

        Where the case stands there, only what its guards allow; elsewhere all the state has.
        """
        pack = self.pack_of(case)
        if pack is None:
            return ""
        if state != played.state or played.ended:
            return pack.choices(played.procedure, state)
        rows = [
            f"{step.way.title} {step.way.act}（{'、'.join(self.agency_title(agency) for _, agency in step.who if agency) or '没有单位担任'}）"
            for step in played.next
        ]
        return "；".join(rows) or "没有；条件不满足，看看有没有别的程序可走"

    def under_review(self, day: date) -> frozenset[str]:
        """Resources whose withholding is being reviewed: an application not yet at its end."""
        return frozenset(
            case.text("resource")
            for case in self.of("application").values()
            if not self.has_ended(case, day)
        )

    def has_ended(self, case: Record, day: date) -> bool:
        """Whether a case has come to its end; one that cannot be played has not."""
        played = self.replay(case, day)
        return played is not None and played.ended

    @cached_property
    def cases_by_resource(self) -> Mapping[str, Sequence[Record]]:
        """Cases about a resource or about its negative-list entry, newest first."""
        found: dict[str, list[Record]] = defaultdict(list)
        for case in self.cases:
            about = case.text("resource") or case.text("entry")
            if about:
                found[about].append(case)
        for rows in found.values():
            rows.sort(key=lambda case: (opened_on(case), case.key), reverse=True)
        return found

    def users(self, resource: Record, day: date) -> list[str]:
        """Agencies that were granted the use of a resource by a case about it, in key order."""
        return sorted({case.text("applicant") for case in self.granted(resource, day)})

    def granted(self, resource: Record, day: date) -> Sequence[Record]:
        """The cases that granted the use of a resource, newest first."""
        return [
            case
            for case in self.cases_by_resource.get(resource.key, ())
            if (played := self.replay(case, day)) is not None
            and any(played.procedure.states[step.way.to].grants for step in played.history)
        ]

    @cached_property
    def cases_by_agency(self) -> Mapping[str, Sequence[Record]]:
        """Cases an agency opened, is asked in, or is complained of in; newest first."""
        found: dict[str, set[Record]] = defaultdict(set)
        for case in self.cases:
            about = case.text("resource") or case.text("entry")
            for agency in {case.text("applicant"), case.text("against"), about.partition("/")[0]}:
                if agency:
                    found[agency].add(case)
        return {
            agency: sorted(rows, key=lambda case: (opened_on(case), case.key), reverse=True)
            for agency, rows in found.items()
        }


def index(
    records: Iterable[Record],
    schemas: Schemas,
    pack: Pack,
    broken: Iterable[tuple[str, str]] = (),
    policies: Policies | None = None,
    under: Pack | None = None,
) -> Register:
    """The register of a set of records; ``broken`` names those known but not trusted.

    ``policies`` hold the packs that cases name and the calendar; ``under`` plays every case
    under one pack instead.
    """
    by_kind: dict[str, dict[Key, Record]] = {}
    for record in sorted(records, key=lambda record: record.path):
        by_kind.setdefault(record.kind, {})[record.key] = record
    known = policies or Policies({pack.reference: pack})
    return Register(by_kind, schemas, pack, frozenset(broken), known, under)


@dataclass(frozen=True, slots=True)
class _World:
    """The register's answers to a procedure, in the words of one pack."""

    register: Register
    pack: Pack

    def holders(self, role: str, day: str) -> Sequence[str]:
        return self.register.holders(role, day)

    def standing_for(self, agency: str) -> Sequence[str]:
        return self.register.standing_for(agency)

    def library_kind(self, case: Data) -> str:
        resource = self.register.find("resource", _about(case))
        return self.register.library_kind(resource) if resource else ""

    def sharing_class(self, case: Data, day: str) -> str:
        resource = self.register.find("resource", _about(case))
        declared = resource.text("sharing", "declared") if resource else ""
        if not self.pack.has_negative_list:
            return self.pack.word_for("sharing-class", declared)
        listed = self.entry_in_force(case, day) and self._asks_for_withheld(case)
        if listed or not self.pack.is_withheld(declared):
            return self.pack.class_word(withheld=True) if listed else self.pack.word_for("sharing-class", declared)  # fmt: skip
        return self.pack.class_word(withheld=False)

    def _asks_for_withheld(self, case: Data) -> bool:
        """Whether an entry touches what the case asks for: the whole, or one of its items."""
        entry = self.register.find("entry", _about(case))
        withheld = entry.texts("items") if entry else []
        asked = case.get("items")
        return not withheld or (isinstance(asked, list) and not set(withheld).isdisjoint(map(str, asked)))  # fmt: skip

    def entry_in_force(self, case: Data, day: str) -> bool:
        entry = self.register.find("entry", _about(case))
        return entry is not None and in_force(entry, date.fromisoformat(day))


def _about(case: Data) -> str:
    return str(case.get("resource") or case.get("entry") or "")


def about(case: Record) -> str:
    """The resource (or entry) key that a case is about, or ''."""
    return _about(case.data)


def provider(resource: Record) -> str:
    """The agency whose folder a resource (or entry) lies in."""
    return resource.key.partition("/")[0]


def is_withdrawn(record: Record) -> bool:
    """Whether a record is a tombstone."""
    return "withdrawn" in record.data


def in_force(record: Record, day: date) -> bool:
    """Whether an entry (listed, not yet delisted) or a law (in force) counts on a day."""
    start = record.text("listed_on") or record.text("in_force_from")
    if not start or start > day.isoformat():
        return False
    delisted = record.text("delisted", "date")
    if delisted:
        return day.isoformat() < delisted
    until = record.text("in_force_until")
    return not until or day.isoformat() <= until


def bases(register: Register) -> Iterator[tuple[Record, str, Data]]:
    """Every legal basis of a live withheld claim or an entry: record, pointer, row."""
    for record in register.live_resources:
        for position, row in enumerate(record.rows("sharing", "basis")):
            yield record, f"/sharing/basis/{position}", row
    for record in register.of("entry").values():
        for position, row in enumerate(record.rows("basis")):
            yield record, f"/basis/{position}", row


def acts(case: Record) -> Sequence[Data]:
    """The acts of a case, in the order they were recorded."""
    return case.rows("acts")


def acknowledged(case: Record) -> frozenset[str]:
    """The items of whose change the user has written that it knows."""
    return frozenset(item for act in acts(case) if act["act"] == "acknowledge" for item in texts_in(act.get("items")))  # fmt: skip


def knows_all(case: Record) -> bool:
    """Whether the user has written that it knows of a change of the whole resource."""
    return any(act["act"] == "acknowledge" and "items" not in act for act in acts(case))


def opened_on(case: Record) -> str:
    """The date of the first act, or ''."""
    rows = acts(case)
    return str(rows[0].get("date", "")) if rows else ""


def last_act(case: Record) -> Data:
    """The newest act, or an empty mapping."""
    rows = acts(case)
    return rows[-1] if rows else {}


@lru_cache(1 << 16)
def comparable(text: str) -> str:
    """A name as it is compared, never as it is stored: NFKC, case and blanks folded."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _follow(value: Value, route: tuple[str, ...], pointer: str) -> Iterator[tuple[str, str]]:
    for at, name in enumerate(route):
        if name == "*":
            rest = route[at + 1 :]
            for index_, row in enumerate(value if isinstance(value, list) else ()):
                # half a million rows of items and one name below them: no call for what is not there
                if not (rest and isinstance(row, dict) and rest[0] not in row):
                    yield from _follow(row, rest, f"{pointer}/{index_}")
            return
        if not isinstance(value, dict) or name not in value:
            return
        value, pointer = value[name], f"{pointer}/{escape_pointer(name)}"
    if isinstance(value, str):
        yield pointer, value
