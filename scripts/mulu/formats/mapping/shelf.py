"""What the register already holds, as an import needs it: names, identities, keys in use.

A key is never reused, so a key in use stays taken whatever has become of its record.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mulu.findings import Finding
from mulu.formats.mapping.drafts import identifier
from mulu.formats.mapping.plan import MapError, Plan
from mulu.loading import strict_yaml
from mulu.loading.schemas import Schemas
from mulu.loading.slugs import slug_of
from mulu.record import Data
from mulu.register import comparable


@dataclass(frozen=True, slots=True)
class Held:
    """A resource the register holds."""

    key: str
    data: Data
    source: bytes

    @property
    def is_withdrawn(self) -> bool:
        """A tombstone: its key stays taken, nothing is written to it."""
        return "withdrawn" in self.data


@dataclass(slots=True)
class Shelf:
    """The register's agencies and resources, found by what rows know of them."""

    agencies: dict[str, Data] = field(default_factory=dict[str, Data])
    agencies_by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    resources: dict[str, Held] = field(default_factory=dict[str, Held])
    by_identifier: dict[str, str] = field(default_factory=dict[str, str])
    by_merged: dict[str, str] = field(default_factory=dict[str, str])
    by_title: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def add_agency(self, key: str, data: Data) -> None:
        """Known by its title, its short name and the names it had."""
        self.agencies[key] = data
        names = data.get("names")
        former = [row for row in names if isinstance(row, dict)] if isinstance(names, list) else []
        for name in (data.get("title"), data.get("short"), *(row.get("title") for row in former)):
            if isinstance(name, str):
                self.agencies_by_name[comparable(name)].add(key)

    def add_resource(self, held: Held, plan: Plan) -> None:
        """Known by its title, and by its identifiers where it came from the same catalogue."""
        self.resources[held.key] = held
        source = held.data.get("source")
        if isinstance(source, dict) and source.get("catalog") == plan.catalog:
            live_first = held.is_withdrawn
            _index(self.by_identifier, str(source.get("identifier", "")), held.key, live_first)
            raw = source.get("raw")
            for entry in raw if isinstance(raw, list) else ():
                label, _, whole = str(entry).partition("=")
                if label == plan.identity.label:
                    _index(self.by_merged, identifier(whole, plan.identity), held.key, live_first)
        if not held.is_withdrawn:
            agency = held.key.partition("/")[0]
            self.by_title[agency, comparable(str(held.data.get("title", "")))] = held.key


def _index(table: dict[str, str], name: str, key: str, is_withdrawn: bool) -> None:
    """A tombstone is found only where no live record is."""
    if name and not (is_withdrawn and name in table):
        table[name] = key


def shelf_of(files: Iterable[tuple[str, bytes]], plan: Plan, schemas: Schemas) -> Shelf:
    """Read the register's agencies and resources.

    Raises MapError for files that cannot be read: an import that does not know what is
    there would write it twice.
    """
    shelf = Shelf()
    problems: list[str] = []
    withdrawn_first = sorted(_loaded(files, problems), key=lambda row: "withdrawn" not in row[1])
    for path, data, source in withdrawn_first:
        kind = schemas.kind_of(path)
        if kind is None:
            continue
        if kind.name == "agency":
            shelf.add_agency(kind.key(path), data)
        elif kind.name == "resource":
            shelf.add_resource(Held(kind.key(path), data, source), plan)
    if problems:
        raise MapError(problems)
    return shelf


def _loaded(
    files: Iterable[tuple[str, bytes]], problems: list[str]
) -> Iterable[tuple[str, Data, bytes]]:
    for path, source in files:
        data = strict_yaml.load(path, source)
        if isinstance(data, Finding):
            problems.append(
                f"{path}:{data.place.line}：登记簿里的这个文件读不了，先运行 mulu check"
            )
        else:
            yield path, data, source


def new_keys(wanted: Mapping[str, tuple[str, str]], taken: Iterable[str]) -> dict[str, str]:
    """A key for each identity, from (folder, title); the order of rows does not matter.

    Where two titles spell the same, each gets a suffix made from its identity.
    """
    bases = {identity: (folder, slug_of(title)) for identity, (folder, title) in wanted.items()}
    claims = Counter(bases.values())
    used = set(taken)
    found: dict[str, str] = {}
    for identity, (folder, slug) in sorted(bases.items()):
        key = f"{folder}{slug}"
        if not slug or claims[folder, slug] > 1 or key in used:
            digest = hashlib.sha256(identity.encode()).hexdigest()
            stem = f"{key}-" if slug else f"{folder}r-"
            key = next(
                k
                for n in range(6, 65, 2)
                if (k := f"{stem}{digest[:n]}"[: len(folder) + 80]) not in used
            )
        used.add(key)
        found[identity] = key
    return found
