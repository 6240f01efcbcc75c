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
from mulu.policy import Pack
from mulu.record import Data, Key, Record, Value

CASE_KINDS = (
    "request",
    "application",
    "objection",
    "delisting",
    "correction",
    "complaint",
    "rectification",
)


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

    def of(self, kind: str) -> Mapping[Key, Record]:
        """The records of a kind by key, in key order."""
        return self.records.get(kind, {})

    def find(self, kind: str, key: str) -> Record | None:
        """The record, or None where there is none (or where it is broken)."""
        return self.of(kind).get(Key(key))

    def is_known(self, kind: str, key: str) -> bool:
        """Whether a record exists, broken or not: a broken one gives no second finding."""
        return key in self.of(kind) or (kind, key) in self.broken

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

    @cached_property
    def live_resources(self) -> Sequence[Record]:
        """Resources that are not tombstones."""
        return [record for record in self.of("resource").values() if not is_withdrawn(record)]

    def holder(self, role: str, day: date) -> str | None:
        """The agency that plays a role of the pack on a day (art. 5), or None."""
        for row in self.settings.rows("roles") if self.settings else ():
            if row.get("role") == role and _covers(row, day):
                return str(row["agency"])
        return None

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
    def cases(self) -> Sequence[Record]:
        """All cases of all kinds."""
        return [record for kind in CASE_KINDS for record in self.of(kind).values()]

    @cached_property
    def under_review(self) -> frozenset[str]:
        """Resources whose withholding is being reviewed: an application not yet at its end."""
        return frozenset(
            case.text("resource")
            for case in self.of("application").values()
            if not self.has_ended(case)
        )

    def has_ended(self, case: Record) -> bool:
        """Whether the newest act is one that ends a case under the pack."""
        return self.pack.has_mark("act", str(last_act(case).get("act", "")), "ends")

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
) -> Register:
    """The register of a set of records; ``broken`` names those known but not trusted."""
    by_kind: dict[str, dict[Key, Record]] = {}
    for record in sorted(records, key=lambda record: record.path):
        by_kind.setdefault(record.kind, {})[record.key] = record
    return Register(by_kind, schemas, pack, frozenset(broken))


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


def _covers(row: Data, day: date) -> bool:
    until = str(row.get("until") or "9999-12-31")
    return str(row.get("from", "")) <= day.isoformat() <= until


def _follow(value: Value, route: tuple[str, ...], pointer: str) -> Iterator[tuple[str, str]]:
    if not route:
        if isinstance(value, str):
            yield pointer, value
    elif route[0] == "*":
        if isinstance(value, list):
            for index_, row in enumerate(value):
                yield from _follow(row, route[1:], f"{pointer}/{index_}")
    elif isinstance(value, dict) and route[0] in value:
        yield from _follow(value[route[0]], route[1:], f"{pointer}/{escape_pointer(route[0])}")
