"""A change: what two states of the register do not share, and in which steps it came about.

``compare`` pairs the records of two registers by their path.  An edit says field by field what
is different, in words a reviewer reads; words and values stay apart, as in a finding, because
values come from strangers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from mulu.findings import Place, Side, fill
from mulu.loading.schemas import Schema
from mulu.loading.strict_yaml import escape_pointer
from mulu.policy.pack import Keeper, Pack
from mulu.procedures import Step
from mulu.record import Data, Record, Value, rows_in
from mulu.register import (
    Register,
    about,
    acknowledged,
    acts,
    comparable,
    is_withdrawn,
    provider,
)
from mulu.trust.secrecy import Hit

_MANY = 6
_LONG, _SHARED = 60, 10
_NOTES = frozenset({"note", "internal_note"})
_APPLIED_FOR = ("applicant", "resource", "items", "duty", "purpose")
UNREAD = "这个文件读不出来，没有比较"
HIDDEN = "（含有不得公开的内容，不显示）"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is different: where, the sentence, and the values that go into it."""

    pointer: str
    says: str
    values: Mapping[str, str]

    def sentence(self, escape: Callable[[str], str], translate: Callable[[str], str]) -> str:
        """The difference in words, each value escaped for the medium."""
        return fill(translate(self.says), self.values, escape)


@dataclass(frozen=True)
class Edit:
    """One record before and after; ``commit`` is '' for the net difference of the whole change.

    A side is None where there was no such file, or where it could not be read:
    ``was`` and ``now`` say which.
    """

    kind: str
    key: str
    path: str
    before: Record | None
    after: Record | None
    was: bool
    now: bool
    commit: str = ""

    @property
    def record(self) -> Record | None:
        """The record as it stands now, or as it stood."""
        return self.after or self.before

    @property
    def is_case(self) -> bool:
        """Whether the record has acts."""
        return self.record is not None and "acts" in self.record.data

    @cached_property
    def new_acts(self) -> Sequence[tuple[int, Data]]:
        """The acts beyond those there were, with their positions."""
        old = len(acts(self.before)) if self.before else 0
        return list(enumerate(acts(self.after)))[old:] if self.after else []

    @cached_property
    def changed(self) -> frozenset[str]:
        """The first-level properties that are different."""
        old = self.before.data if self.before else {}
        new = self.after.data if self.after else {}
        return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))

    def place(self, pointer: str = "") -> Place:
        """Where to point: in the file as it is now, else as it was, else at the file."""
        return self.record.at(pointer) if self.record else Place(self.path)


@dataclass(frozen=True, slots=True)
class Found:
    """Something secret-looking that some new object holds: where, never what it says."""

    place: Place
    hit: Hit
    where: str
    name: str = ""
    """The path whose own words were found; never shown."""


class Claim(NamedTuple):
    """An item that an agency collects itself: its claim to be the one source (art. 9)."""

    record: Record
    position: int
    name: str
    agency: str
    subject: str

    @property
    def about(self) -> tuple[str, str]:
        """What two claims must share to contradict each other."""
        return self.subject, comparable(self.name)


@dataclass(frozen=True)
class Change:
    """A step from one state of the register to the next.

    ``base`` and ``head`` hold at least the records the change can touch.  ``edits`` is the net
    difference, ``steps`` what each commit did; ``others`` the files outside the data that any
    commit touched.  ``author`` is the agency that stands behind it, None where nobody knows.
    ``sizes`` counts the live resources of each agency in base; ``alike`` are the normalised names
    (``n …`` of items, ``t …`` of titles) near a new one, each with how near (0 to 100).
    """

    base: Register
    head: Register
    author: str | None
    edits: tuple[Edit, ...]
    steps: tuple[Edit, ...] = ()
    others: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    alike: Mapping[str, Sequence[tuple[str, float]]] = field(
        default_factory=dict[str, Sequence[tuple[str, float]]]
    )
    _decided: dict[date, Sequence[tuple[Record, Step]]] = field(
        default_factory=dict[date, Sequence[tuple[Record, Step]]], repr=False
    )

    def of(self, kind: str) -> Iterator[Edit]:
        """The edits of a kind."""
        return (edit for edit in self.edits if edit.kind == kind)

    # ------------------------------------------------------------------ who keeps what

    def roles_of(self, kind: str) -> Sequence[str]:
        """The roles that keep a kind of record."""
        rows = [row for row in self.base.pack.keepers if row.kind == kind]
        return list(dict.fromkeys(role for row in rows for role in row.roles))

    def beyond(self, step: Edit, author: str, day: date) -> frozenset[str] | None:
        """What of a step the author may not do: None nothing, empty the whole, else properties."""
        rows = [row for row in self.base.pack.keepers if row.kind == step.kind]
        mine = [row for row in rows if self._keeps(row, step, author, day)]
        if any(not row.fields for row in mine):
            return None
        if step.before is None or step.after is None:
            return frozenset()
        allowed = frozenset[str]().union(*(row.fields for row in mine))
        if step.kind == "resource" and self.orders_about(step.key, day):
            allowed |= {"sharing"}
        return (step.changed - allowed) or None

    def notes_beyond(self, step: Edit, author: str, day: date) -> frozenset[str] | None:
        """The notes of a landed case that somebody who has no part in it changed, or None."""
        landed = self.base.find(step.kind, step.key)
        notes = step.changed & _NOTES
        if landed is None or not notes:
            return None
        parties = {
            landed.text("applicant"),
            landed.text("against"),
            about(landed).partition("/")[0],
        }
        parties |= {str(act["by"]) for act in acts(step.after or landed)}
        standing = {one for party in parties for one in self.base.standing_for(party)}
        for role in self.roles_of("register"):
            standing |= set(self.base.holders(role, day.isoformat()))
        return None if author in standing | parties else notes

    def keepers_title(self, step: Edit, excess: frozenset[str], day: date) -> str:
        """Who may do what an author may not: agencies and roles by their titles."""
        pack, rows = self.base.pack, self.base.pack.keepers
        fit = [row for row in rows if row.kind == step.kind and (not row.fields or (excess and excess <= row.fields))]  # fmt: skip
        owning = self.base.standing_for(self._owner(step))
        owners = [self.base.agency_title(one) for row in fit if row.own for one in owning]
        titles = [pack.title_of("role", role) for row in fit for role in row.roles]
        return "、".join(dict.fromkeys([*owners, *titles])) or "当事的单位"

    def _keeps(self, row: Keeper, step: Edit, author: str, day: date) -> bool:
        owner = self._owner(step)
        own = row.own and (author == owner or author in self.base.standing_for(owner))
        return own or any(author in self.base.holders(role, day.isoformat()) for role in row.roles)

    def _owner(self, step: Edit) -> str:
        """The agency that a record's path names."""
        found = self.base.schemas.kinds[step.kind].pattern.match(step.path)
        return found.groupdict().get("agency", "") if found else ""

    # ------------------------------------------------------------------ what governs

    def is_governing(self, step: Edit) -> bool:
        """Whether a step changes how data is judged."""
        rows = [row for row in self.base.pack.keepers if row.kind == step.kind]
        return any(row.governs or not row.governing.isdisjoint(step.changed) for row in rows)

    @cached_property
    def governing(self) -> Sequence[tuple[str, Edit | None]]:
        """Every path of the change that decides how data is judged, once, with its edit if a record."""
        found: dict[str, Edit | None] = dict.fromkeys(self.others)
        found |= {step.path: step for step in self.steps if self.is_governing(step)}
        return sorted(found.items(), key=lambda row: row[0])

    # ------------------------------------------------------------------ decisions

    def decisions(self, day: date) -> Sequence[tuple[Record, Step]]:
        """The new acts that order a change of the register."""
        if day not in self._decided:
            self._decided[day] = list(self._decisions(day))
        return self._decided[day]

    def _decisions(self, day: date) -> Iterator[tuple[Record, Step]]:
        for edit in self.edits:
            played = self.head.replay(edit.after, day) if edit.is_case and edit.after else None
            if played is None or edit.after is None:
                continue
            new = {position for position, _ in edit.new_acts}
            for step in played.history:
                if step.way.orders and step.position in new:
                    yield edit.after, step

    def orders_about(self, key: str, day: date) -> frozenset[str]:
        """What the change's own decisions order about a resource or its entry."""
        return frozenset(
            order
            for case, step in self.decisions(day)
            if about(case) == key
            for order in step.way.orders
        )

    def is_ordered(self, edit: Edit, day: date) -> bool:
        """Whether a decision of this change opened the case: what was applied for, and no more."""
        new = edit.after
        if new is None or self.base.is_known(edit.kind, edit.key):
            return False
        return any(
            "open-request" in step.way.orders
            and new.text("arises_from") == case.key
            and all(new.get(name) == case.get(name) for name in _APPLIED_FOR)
            for case, step in self.decisions(day)
        )

    def unacknowledged(self, case: Record, gone: Sequence[str]) -> Sequence[str]:
        """The items of a case's user that go and that it has not acknowledged."""
        now = self.head.find(case.kind, case.key) or case
        used, known = case.texts("items"), acknowledged(now)
        return [item for item in gone if (not used or item in used) and item not in known]

    # ------------------------------------------------------------------ one source

    @cached_property
    def new_claims(self) -> Sequence[Claim]:
        """Claims that the records of the change make and did not make before."""
        found: list[Claim] = []
        for edit in self.of("resource"):
            before = claims(edit.before, self.base.pack) if edit.before else ()
            old = {claim.about for claim in before}
            if edit.after is not None:
                found += [c for c in claims(edit.after, self.head.pack) if c.about not in old]
        return found

    def sources(self, claim: Claim) -> Sequence[Claim]:
        """All who claim the same, in the order of their records."""
        return self._claims.get(claim.about, ())

    def near_sources(self, claim: Claim) -> Iterator[tuple[float, Claim]]:
        """All who claim nearly the same, with how near."""
        for name, score in self.alike.get(f"n {comparable(claim.name)}", ()):
            for known in self._claims.get((claim.subject, name.removeprefix("n ")), ()):
                yield score, known

    def near_titles(self, record: Record) -> Iterator[tuple[float, Record]]:
        """Live resources with nearly the same title, with how near."""
        for title, score in self.alike.get(f"t {comparable(record.title)}", ()):
            for known in self._titles.get(title.removeprefix("t "), ()):
                yield score, known

    def subject_title(self, claim: Claim) -> str:
        """What a claim is about: 自然人."""
        schema = self.base.schemas.kinds["resource"].schema["properties"]["subject"]
        return str(schema.get("x-titles", {}).get(claim.subject, claim.subject))

    @cached_property
    def _claims(self) -> Mapping[tuple[str, str], Sequence[Claim]]:
        found: dict[tuple[str, str], list[Claim]] = defaultdict(list)
        for record in self.head.live_resources:
            for claim in claims(record, self.head.pack):
                found[claim.about].append(claim)
        return found

    @cached_property
    def _titles(self) -> Mapping[str, Sequence[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.head.live_resources:
            found[comparable(record.title)].append(record)
        return found

    # ------------------------------------------------------------------ secrets

    def hidden(self, day: date) -> frozenset[str]:
        """Files of which no value is shown, because some line of them looks secret."""
        return frozenset(one.place.path for one in self.secrets(day))

    def unspeakable(self, day: date) -> frozenset[str]:
        """Files of which not even the name is shown."""
        return frozenset(one.name for one in self.secrets(day) if one.name)

    def secrets(self, day: date) -> Iterator[Found]:
        """What was found and no clearance in base covers on a day."""
        cleared = {
            digest
            for record in self.base.of("clearance").values()
            if day.isoformat() <= (record.text("until") or "9999-12-31")
            for digest in record.texts("digests")
        }
        return (one for one in self.found if one.hit.digest not in cleared)


def claims(record: Record, pack: Pack) -> Iterator[Claim]:
    """The items of a live resource that its provider collects itself; identifiers do not count."""
    subject = record.text("subject")
    if subject not in pack.one_source or is_withdrawn(record):
        return
    for position, row in enumerate(record.rows("items")):
        if not (row.get("identifier") or "from" in row or "settled_by" in row):
            yield Claim(record, position, str(row["name"]), provider(record), subject)


def edit_of(
    register: Register,
    path: str,
    before: Record | None,
    after: Record | None,
    *,
    was: bool,
    now: bool,
    commit: str = "",
) -> Edit | None:
    """The edit of one file; None where no kind of record has its place there."""
    kind = register.schemas.kind_of(path)
    if kind is None:
        return None
    old = replace(before, side=Side.BASE) if before else None
    return Edit(kind.name, kind.key(path), path, old, after, was, now, commit)


def differences(register: Register, edit: Edit) -> Iterator[Difference]:
    """Field by field what is different; nothing for a record that is new or gone as a whole.

    Acts are not told here: what they did to the case is said instead.
    """
    if edit.after is None and edit.now:
        yield Difference("", UNREAD, {})
    if edit.before is None or edit.after is None:
        return
    words = _Words(register)
    schema = register.schemas.kinds[edit.kind].schema
    old = {name: value for name, value in edit.before.data.items() if name != "acts"}
    new = {name: value for name, value in edit.after.data.items() if name != "acts"}
    yield from words.mapping(old, new, schema, "", "")


@dataclass(frozen=True)
class _Words:
    """Two values of one schema, compared in the words of that schema."""

    register: Register

    def mapping(
        self, old: Data, new: Data, schema: Schema, pointer: str, owner: str
    ) -> Iterator[Difference]:
        for name in [*(n for n in schema["properties"] if n in old or n in new)]:
            below = schema["properties"][name]
            title = f"{owner}{below.get('title', name)}"
            yield from self.value(
                old.get(name), new.get(name), below, f"{pointer}/{escape_pointer(name)}", title
            )

    def value(
        self, old: Value, new: Value, schema: Schema, pointer: str, title: str
    ) -> Iterator[Difference]:
        if old == new:
            return
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.mapping(old, new, schema, pointer, f"{title}的")
        elif isinstance(old, list) and isinstance(new, list):
            yield from self.rows(old, new, schema, pointer, title)
        elif old is None:
            yield Difference(pointer, "新增{field}：{after}", {"field": title, "after": self.shown(new, schema)})  # fmt: skip
        elif new is None:
            yield Difference(pointer, "删去{field}（原为{before}）", {"field": title, "before": self.shown(old, schema)})  # fmt: skip
        else:
            before, after = _around(self.shown(old, schema), self.shown(new, schema))
            values = {"field": title, "before": before, "after": after}
            yield Difference(pointer, "{field}：{before} → {after}", values)

    def rows(
        self, old: list[Value], new: list[Value], schema: Schema, pointer: str, title: str
    ) -> Iterator[Difference]:
        below = schema["items"]
        title = str(below.get("title") or title)
        before = {self.identity(row, below): row for row in old}
        after = {self.identity(row, below): row for row in new}
        for says, rows in (
            ("新增{field} {count} 个：{names}", [k for k in after if k not in before]),
            ("删去{field} {count} 个：{names}", [k for k in before if k not in after]),
        ):
            if rows:
                values = {"field": title, "count": str(len(rows)), "names": _list(rows)}
                yield Difference(pointer, says, values)
        kept = [key for key in after if key in before]
        for position, row in enumerate(new):
            key = self.identity(row, below)
            was = before.get(key)
            if isinstance(row, dict) and isinstance(was, dict):
                yield from self.mapping(was, row, below, f"{pointer}/{position}", f"{title}“{key}”的")  # fmt: skip
        if kept != [key for key in before if key in after]:
            yield Difference(pointer, "{field}的次序有变", {"field": title})

    def identity(self, row: Value, schema: Schema) -> str:
        """What a row is known by: the values it must have, or itself."""
        if not isinstance(row, dict):
            return self.shown(row, schema)
        names = schema.get("required") or list(row)
        parts = [(row[n], schema["properties"].get(n, {})) for n in names if n in row]
        return " ".join(self.shown(value, below) for value, below in parts if _is_plain(value))

    def shown(self, value: Value, schema: Mapping[str, Any]) -> str:
        """A value as a reader knows it: titles instead of words and keys."""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return _list([self.identity(row, schema["items"]) for row in value])
        if isinstance(value, dict):
            return "、".join(self.shown(v, schema["properties"].get(n, {})) for n, v in value.items() if n in schema["properties"])  # fmt: skip
        text = "无" if value is None else str(value)
        if "x-vocabulary" in schema:
            return self.register.pack.title_of(str(schema["x-vocabulary"]), text)
        if "x-reference" in schema:
            found = self.register.find(str(schema["x-reference"]), text)
            return (found.text("short") or found.title) if found else text
        return str(schema.get("x-titles", {}).get(text, text))


def _around(old: str, new: str) -> tuple[str, str]:
    """Two long texts from where they part, with a little of what they share before."""
    if max(len(old), len(new)) <= _LONG:
        return old, new
    shared = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    start = max(0, shared - _SHARED)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    end = start + _LONG
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _is_plain(value: Value) -> bool:
    return not isinstance(value, (list, dict))


def _list(names: Iterable[str]) -> str:
    shown = list(names)
    more = f"等 {len(shown)} 个" if len(shown) > _MANY else ""
    return "、".join(shown[:_MANY]) + more


def lost_items(edit: Edit) -> Sequence[str]:
    """Items a resource no longer offers: removed, or all of them where it was withdrawn."""
    if edit.before is None or (edit.after is None and edit.now):
        return []
    old = [str(row["name"]) for row in edit.before.rows("items")]
    if edit.after is None or "withdrawn" in edit.after.data:
        return old
    kept = {str(row["name"]) for row in rows_in(edit.after.data.get("items"))}
    return [name for name in old if name not in kept]


def narrowed_items(edit: Edit) -> Sequence[str]:
    """Items that became shorter or of another type."""
    if edit.before is None or edit.after is None:
        return []
    old = {str(row["name"]): row for row in edit.before.rows("items")}
    found: list[str] = []
    for row in edit.after.rows("items"):
        was = old.get(str(row["name"]))
        if was is None:
            continue
        length, before = row.get("length"), was.get("length")
        shorter = isinstance(length, int) and isinstance(before, int) and length < before
        if shorter or (was.get("type") and row.get("type") != was.get("type")):
            found.append(str(row["name"]))
    return found
