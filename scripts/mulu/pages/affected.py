"""Which pages an edit can touch: the rest of a large site need not even be looked at.

Said too widely costs time, said too narrowly would leave a page behind; a property test holds
it against building everything anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from mulu.pages.items import Holders
from mulu.record import Record
from mulu.register import Register, about, comparable, provider

Subject: TypeAlias = tuple[str, str]
"""What a page is about: the kind and key of a record, or ``item`` and a folded name."""

_FEW = ("agency", "law", "library")
"""Few, named on many pages; what they are called is part of every page's key."""


def affected(
    register: Register, holders: Holders, before: Mapping[str, Record | None]
) -> frozenset[Subject] | None:
    """The subjects whose pages may differ; None for all.

    ``before`` has each changed file by path, as it was read last (None where it is new).
    """
    cases = set(register.case_kinds)
    found: set[Subject] = set()
    copiers: set[Subject] = set()
    for path, old in before.items():
        kind = register.schemas.kind_of(path)
        if kind is None or kind.name not in {"resource", "entry", *cases}:
            return None
        key = kind.key(path)
        now = register.find(kind.name, key)
        found.add((kind.name, key))
        for record in (old, now):
            if record is not None:
                found |= _named_by(register, record)
        if kind.name in ("resource", "entry"):
            found |= {("resource", key), ("entry", key)}
            found |= _items(
                register, holders, old if kind.name == "resource" else None, key, len(before)
            )
            copiers |= _copiers(register, key)
    return frozenset(_around(register, found, cases) | copiers)


def _named_by(register: Register, record: Record) -> set[Subject]:
    """What a record names."""
    return {(kind, key.partition("#")[0]) for kind, key in register.named_by(record)}


def _around(register: Register, found: Iterable[Subject], cases: set[str]) -> set[Subject]:
    """The subjects, and those two steps away: a case shows a resource's title, an agency the case."""
    known = set(found)
    edge = set(known)
    for _ in range(2):
        further: set[Subject] = set()
        for kind, key in edge:
            if kind in _FEW or kind == "item":
                continue
            further |= {(link.record.kind, link.record.key) for link in register.backlinks.get((kind, key), ())}  # fmt: skip
            record = register.find(kind, key)
            if record is not None:
                further |= _named_by(register, record)
        edge = {("resource" if kind == "item" else kind, key) for kind, key in further} - known
        known |= edge
    for kind, key in list(known):
        record = register.find(kind, key)
        if kind in ("resource", "entry"):
            known |= {("agency", key.partition("/")[0]), ("resource", key)}
        elif kind in cases and record is not None:
            known.add(("agency", about(record).partition("/")[0]))
    return known


def _copiers(register: Register, key: str) -> set[Subject]:
    """The resources whose items come from this one, and the pages of those items: they name it."""
    found: set[Subject] = set()
    for link in register.backlinks.get(("item", key), ()):
        found.add(("resource", link.record.key))
        for row in link.record.rows("items"):
            if str(row.get("from", "")).partition("#")[0] == key:
                found.add(("item", comparable(str(row["name"]))))
    return found


def _items(
    register: Register, holders: Holders, old: Record | None, key: str, edits: int
) -> set[Subject]:
    """The pages of a resource's items, and resources whose items are now or no longer shared.

    What more resources hold than were edited, and one, was shared before and is shared now.
    """
    now = register.find("resource", key)
    names = {one: _names(one) for one in (old, now) if one is not None}
    was: set[str] = names.get(old, set[str]()) if old is not None else set()
    found: set[Subject] = {("item", name) for one in names.values() for name in one}
    for record in names:
        for row in record.rows("items"):
            source = str(row.get("from", "")).partition("#")[2]
            if source:
                found.add(("item", comparable(source)))
    if now is not None and old is not None and names[now] == was:
        return found
    for name in {name for _, name in found}:
        held = holders.all.get(name, ())
        if len(held) <= edits + 1:
            found |= {("resource", record.key) for record, _ in held}
            found |= {("agency", provider(record)) for record, _ in held}
    return found


def _names(resource: Record) -> set[str]:
    return {comparable(str(row["name"])) for row in resource.rows("items")}
