"""Information items: who else holds one, and which agency it comes from (一数一源).

A name that several resources hold has a page of its own; what only one resource holds is
said on that resource's page.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from mulu.pages.view import Page, Piece, View
from mulu.record import Data, Record
from mulu.register import Register, comparable, provider

_PLAIN = re.compile(r"[\u4e00-\u9fffa-z0-9]{1,30}")
_MOST, _ROWS = 200, 1000
Held = Sequence[tuple[Record, Data]]


class Holding(NamedTuple):
    """One resource that holds an item, as the item's page shows it."""

    href: str
    title: str
    agency: Piece
    type: str
    source: Piece | None
    is_withheld: bool
    copies: int


class Holders:
    """Which live resources hold an item of a name; names are compared folded, as 一数一源 does."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @cached_property
    def all(self) -> Mapping[str, Held]:
        """Every name, with the rows that hold it."""
        found: dict[str, list[tuple[Record, Data]]] = defaultdict(list)
        for resource in self._register.live_resources:
            for row in resource.rows("items"):
                name: Any = row["name"]
                found[comparable(name)].append((resource, row))
        return found

    @cached_property
    def shared(self) -> Mapping[str, Held]:
        """The names that more than one resource holds, in order, with the rows that hold them."""
        several = (
            (name, rows)
            for name, rows in self.all.items()
            if len(rows) > 1 and rows[0][0] is not rows[-1][0]
        )
        return dict(sorted(several, key=itemgetter(0)))

    @cached_property
    def agencies(self) -> Mapping[str, int]:
        """How many agencies hold each name; resources come agency by agency."""
        found: dict[str, int] = defaultdict(int)
        last: dict[str, str] = {}
        for resource in self._register.live_resources:
            agency = provider(resource)
            for row in resource.rows("items"):
                name = comparable(str(row["name"]))
                if last.get(name) != agency:
                    last[name] = agency
                    found[name] += 1
        return found

    @cached_property
    def copies(self) -> Mapping[str, int]:
        """How many items name this one (``resource#item``) as where they come from."""
        found: dict[str, int] = defaultdict(int)
        for resource in self._register.live_resources:
            for row in resource.rows("items"):
                if "from" in row:
                    found[str(row["from"])] += 1
        return found

    @cached_property
    def sources(self) -> frozenset[str]:
        """The names of which a live resource's item is where others come from."""
        live = {str(one.key) for one in self._register.live_resources}
        named = (key.partition("#") for key in self.copies)
        return frozenset(comparable(name) for resource, _, name in named if resource in live)

    def links(self, resource: Record) -> dict[str, str]:
        """The pages of the resource's items that others hold too, by the item's name."""
        shared = self.shared
        return {
            str(row["name"]): href(known)
            for row in resource.rows("items")
            if (known := comparable(str(row["name"]))) in shared
        }


def href(name: str) -> str:
    """The address of the page of a (folded) name: the name itself where it is plain."""
    if _PLAIN.fullmatch(name):
        return f"items/{name}/"
    return f"items/-{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}/"


def list_page(view: View, holders: Holders) -> Page:
    """The names that more than one resource holds."""
    shared = holders.shared

    def order(name: str) -> tuple[int, int, str]:
        return -holders.agencies[name], -len(shared[name]), href(name)

    rows = [
        (href(name), str(shared[name][0][1]["name"]), len(shared[name]), holders.agencies[name], name in holders.sources)
        for name in sorted(shared, key=order)[:_ROWS]
    ]  # fmt: skip
    shown = {"rows": rows, "count": len(shared)}
    title = view.say("信息项")
    says = view.say("不止一个单位登记的信息项，各来自哪里。")
    return Page("items/index.html", "items.html", title, says, shown)


def item_page(view: View, holders: Holders, name: str) -> Page:
    """Who holds an item, and which of them is its source."""
    held = holders.shared[name]

    def order(one: tuple[Record, Data]) -> tuple[int, bool, str]:
        return -copied(one), "from" in one[1], one[0].key

    def copied(one: tuple[Record, Data]) -> int:
        return holders.copies.get(f"{one[0].key}#{one[1]['name']}", 0)

    rows = sorted(held, key=order)
    title = str(rows[0][1]["name"])
    kinds = view.words.schema("resource", "items", "*", "type")
    shown: dict[str, Any] = {
        "name": title,
        "rows": [
            Holding(
                view.href("resource", resource.key),
                resource.title,
                view.agency(provider(resource)),
                view.words.value(kinds, row["type"]) if "type" in row else "",
                view.link("item", str(row["from"])) if "from" in row else None,
                not view.is_shared(resource) or row["name"] in view.register.withheld_items(resource, view.day),
                copied((resource, row)),
            )
            for resource, row in rows[:_MOST]
        ],
        "count": len(held),
        "agencies": len({provider(resource) for resource, _ in held}),
        "sources": sum(copied(one) > 0 for one in held),
        "own": sum("from" not in row and not copied((resource, row)) for resource, row in held),
    }  # fmt: skip
    says = view.say("登记了“{name}”的资源，和它来自哪里。", name=title)
    return Page(f"{href(name)}index.html", "item.html", title, says, shown)
