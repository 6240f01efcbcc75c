"""Rows into records: agencies found or made, duplicates joined, the register's own kept.

The result is whole or nothing: every record fits its schema and has been read back by the
strict loader before anyone may write it.  The same rows in another order give the same
files; rows whose records are there already and say the same give none.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from mulu.formats.mapping.cells import shown
from mulu.formats.mapping.drafts import Draft, Draughtsman, folded_name, united
from mulu.formats.mapping.notes import File, Line, Note, Outcome
from mulu.formats.mapping.plan import MapError, Plan, Target, put
from mulu.formats.mapping.shelf import Held, Shelf, new_keys, shelf_of
from mulu.loading import canonical, strict_yaml
from mulu.loading.schemas import Schemas
from mulu.record import Data, Key, Record, Value
from mulu.register import comparable

Row: TypeAlias = "tuple[int, Mapping[str, Value] | str]"

_MAX_ENTRIES = 50  # of source.raw


@dataclass(frozen=True, slots=True)
class Result:
    """What an import comes to: files to write, and a line for every row."""

    files: tuple[tuple[str, bytes], ...]
    lines: tuple[Line, ...]
    blank_rows: int
    new_agencies: int
    unmapped: tuple[str, ...]

    def count(self, outcome: Outcome) -> int:
        """How many rows came to this."""
        return sum(line.outcome is outcome for line in self.lines)

    def records(self, file: File) -> int:
        """How many resources are new, changed or the same."""
        return len({line.record for line in self.lines if line.file is file})


def convert(
    rows: Iterable[Row], plan: Plan, schemas: Schemas, register: Iterable[tuple[str, bytes]]
) -> Result:
    """Carry out a plan on a file's rows.

    ``register`` holds the register's files as (path, bytes).  Raises MapError where a
    column the map reads is in no row, or the register cannot be read.
    """
    work = _Import(plan, schemas, shelf_of(register, plan, schemas))
    work.take(rows)
    work.settle_agencies()
    groups = work.settle_duplicates()
    work.settle_keys(groups)
    for group in groups:
        work.write(group)
    return work.result()


@dataclass(slots=True)
class _Group:
    """The rows that are one resource; the first is the one the record is named after."""

    agency: str
    drafts: list[Draft]
    held: Held | None = None
    key: str = ""
    notes: list[Note] = field(default_factory=list[Note])

    @property
    def first(self) -> Draft:
        return self.drafts[0]


@dataclass(slots=True)
class _Import:
    plan: Plan
    schemas: Schemas
    shelf: Shelf
    drafts: list[Draft] = field(default_factory=list[Draft])
    lines: dict[int, Line] = field(default_factory=dict[int, Line])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    agency_keys: dict[str, str] = field(default_factory=dict[str, str])
    new_agencies: dict[str, bytes] = field(default_factory=dict[str, bytes])
    seen: dict[str, str] = field(default_factory=dict[str, str])
    blank_rows: int = 0

    def refuse(self, drafts: Iterable[Draft], *reasons: Note) -> None:
        for draft in drafts:
            self.lines[draft.row] = Line(
                draft.row, Outcome.REFUSED, reasons=reasons, notes=tuple(draft.notes)
            )

    def take(self, rows: Iterable[Row]) -> None:
        """Draft every row; what cannot be drafted is refused at once."""
        schema = self.schemas.kinds["resource"].schema["properties"]["source"]
        url_form = re.compile(schema["properties"]["url"]["pattern"])
        columns = self.plan.columns
        draughtsman = Draughtsman(self.plan, columns, url_form)
        owners: dict[str, Draft] = {}
        for number, cells in rows:
            if isinstance(cells, str):
                self.lines[number] = Line(number, Outcome.REFUSED, reasons=(Note(cells),))
                continue
            for name in cells:
                self.seen.setdefault(folded_name(name), shown(name))
            if all(cell is None or cell == "" for cell in cells.values()):
                self.blank_rows += 1
                continue
            draft = draughtsman.draft(number, cells)
            if isinstance(draft, tuple):
                self.lines[number] = Line(number, Outcome.REFUSED, reasons=draft)
            elif reasons := self.unfit("resource", self.assembled(draft, None)):
                self.refuse([draft], *reasons)
            elif (owner := owners.setdefault(draft.identifier, draft)) and not _same(owner, draft):
                self.refuse(
                    [draft], Note("identity-repeated", self.plan.identity.label, str(owner.row))
                )
            else:
                self.drafts.append(draft)
        missing = [name for folded, name in columns.items() if folded not in self.seen]
        if self.seen and missing:
            raise MapError([f"文件里没有映射用到的列：{'、'.join(missing)}"])

    def settle_agencies(self) -> None:
        """Find each row's agency in the register, or make one."""
        named: dict[str, list[Draft]] = defaultdict(list)
        for draft in self.drafts:
            named[comparable(str(draft.agency.get("title", "")))].append(draft)
        wanted: dict[str, tuple[str, str]] = {}
        made: dict[str, Data] = {}
        for name, drafts in sorted(named.items()):
            found = self.plan.agency_keys.get(name)
            known = {found} & self.shelf.agencies.keys() if found else self.shelf.agencies_by_name.get(name, set())  # fmt: skip
            if known:
                self.find_agency(name, known, drafts)
                continue
            data = self.agency_of(drafts)
            reasons = self.unfit("agency", data)
            if reasons:
                self.refuse(drafts, *reasons)
            elif found:
                self.agency_keys[name] = found
                made[name] = data
            else:
                wanted[name] = "", str(data["title"])
                made[name] = data
        self.agency_keys |= new_keys(wanted, {*self.shelf.agencies, *self.agency_keys.values()})
        kind = self.schemas.kinds["agency"]
        for name, data in made.items():
            path = kind.file(self.agency_keys[name])
            self.new_agencies[path] = canonical.dump(data, kind.schema)
        self.drafts = [draft for draft in self.drafts if draft.row not in self.lines]

    def find_agency(self, name: str, known: set[str], drafts: list[Draft]) -> None:
        live = [key for key in known if "withdrawn" not in self.shelf.agencies[key]]
        if len(live) == 1:
            self.agency_keys[name] = live[0]
        elif live:
            self.refuse(drafts, Note("agency-ambiguous", value=str(drafts[0].agency["title"])))
        else:
            self.refuse(drafts, Note("agency-withdrawn", value=min(known)))

    def agency_of(self, drafts: list[Draft]) -> Data:
        """One agency from all its rows; rows that make it another kind are refused."""
        datas = {json.dumps(d.agency, ensure_ascii=False, sort_keys=True): d.agency for d in drafts}
        data = datas[min(datas)]
        for draft in drafts:
            if {**draft.agency, "title": ""} != {**data, "title": ""}:
                self.refuse([draft], Note("agency-differs", value=str(data["title"])))
        return data

    def settle_duplicates(self) -> list[_Group]:
        """Join the rows that are one resource; refuse those that only have its name."""
        same: dict[tuple[str, str], list[Draft]] = defaultdict(list)
        for draft in self.drafts:
            agency = self.agency_keys[comparable(str(draft.agency["title"]))]
            same[agency, comparable(draft.title)].append(draft)
        held = self.found(same)
        groups: list[_Group] = []
        for (agency, title), drafts in sorted(same.items()):
            record = held.get((agency, title))
            known = _identifier(record)
            drafts.sort(
                key=lambda d: (d.identifier != known, len(d.identifier), d.identifier, d.row)
            )
            group = _Group(agency, drafts[:1], record)
            for draft in drafts[1:]:
                self.join(group, draft)
            groups.append(group)
        return groups

    def found(self, groups: Mapping[tuple[str, str], list[Draft]]) -> dict[tuple[str, str], Held]:
        """The record of each group: by the identifier it is named after, else by a merged one."""
        held: dict[tuple[str, str], Held] = {}
        given: set[str] = set()
        for table in (self.shelf.by_identifier, self.shelf.by_merged):
            for name, drafts in sorted(groups.items()):
                keys = sorted(
                    {table[d.identifier] for d in drafts if d.identifier in table} - given
                )
                if keys and name not in held:
                    held[name] = self.shelf.resources[keys[0]]
                    given.add(keys[0])
        return held

    def join(self, group: _Group, draft: Draft) -> None:
        first = group.first
        if not self.plan.merges_formats:
            self.refuse([draft], Note("duplicate", value=str(first.row), by_rule=True))
            return
        may = {("formats",), *self.plan.may_differ}
        targets = sorted(first.values.keys() | draft.values.keys())
        differ = [t for t in targets if first.values.get(t) != draft.values.get(t) and t not in may]
        differ += [t for t in sorted(first.defaults.keys() ^ draft.defaults.keys()) if t not in may]
        if differ:
            names = "、".join(dict.fromkeys(self.title_of(target) for target in differ))
            self.refuse([draft], Note("duplicate-differs", names, str(first.row)))
        else:
            group.drafts.append(draft)

    def title_of(self, target: Target) -> str:
        return str(self.schemas.kinds["resource"].schema["properties"][target[0]]["title"])

    def settle_keys(self, groups: list[_Group]) -> None:
        """Give every group its key; refuse what the register already has or has withdrawn."""
        updated = {group.held.key for group in groups if group.held is not None}
        wanted: dict[str, tuple[str, str]] = {}
        for group in groups:
            held = group.held
            other = self.shelf.by_title.get((group.agency, comparable(group.first.title)), "")
            if held is not None and held.is_withdrawn:
                self.refuse(group.drafts, Note("withdrawn", value=held.key))
            elif other and other not in updated:
                self.refuse(group.drafts, Note("title-exists", value=other))
            elif held is not None:
                group.key = held.key
                if held.key.partition("/")[0] != group.agency:
                    group.notes.append(Note("other-agency", value=held.key.partition("/")[0]))
            else:
                identity = f"{self.plan.catalog}\0{group.first.identifier}"
                wanted[identity] = f"{group.agency}/", group.first.title
        keys = new_keys(wanted, self.shelf.resources)
        for group in groups:
            if not group.key and group.first.row not in self.lines:
                group.key = keys[f"{self.plan.catalog}\0{group.first.identifier}"]

    def merged(self, drafts: list[Draft]) -> tuple[Draft, list[Note]]:
        """One draft from those that were joined, with the others' identities in its raw texts."""
        first, *others = drafts
        if not others:
            return first, []
        notes = [Note("merged", value="、".join(str(draft.row) for draft in others))]
        values = dict(first.values)
        formats = [one for draft in drafts for one in _rows(draft.values.get(("formats",)))]
        if formats:
            values["formats",] = united(formats)
        more: list[str] = []
        for target, how in self.plan.may_differ.items():
            said = [draft.values.get(target) for draft in drafts]
            present = sorted((value for value in said if value is not None), key=_size)
            if how != "leave_out" and present:
                values[target] = present[0 if how in ("earliest", "smallest") else -1]
            elif any(value != said[0] for value in said):
                values.pop(target, None)
                more += [entry for draft in drafts for entry in draft.said.get(target, ())]
                notes.append(Note("differs-left-out", self.title_of(target)))
        origins = [draft.origin for draft in others if draft.identifier != first.identifier]
        more += [*origins, *(entry for draft in others for entry in draft.raw)]
        return replace(first, values=values, more=more), notes

    def write(self, group: _Group) -> None:
        """Write the group's record, unless it is there already; a line for each of its rows."""
        if not group.key:
            return
        draft, notes = self.merged(group.drafts)
        data = self.assembled(draft, group.held)
        if reasons := self.unfit("resource", data):
            self.refuse(group.drafts, *reasons)
            return
        kind = self.schemas.kinds["resource"]
        file = File.NEW if group.held is None else File.SAME
        if group.held is not None and group.held.data != data:
            file = File.CHANGED
            changed = [name for name in kind.schema["properties"] if group.held.data.get(name) != data.get(name)]  # fmt: skip
            notes.append(
                Note("rewritten", value="、".join(self.title_of((name,)) for name in changed))
            )
        if file is not File.SAME:
            comments = canonical.comments_of(group.held.source) if group.held else None
            source = canonical.dump(data, kind.schema, comments)
            path = kind.file(group.key)
            if strict_yaml.load(path, source) != data:
                self.refuse(group.drafts, Note("not-valid", "写成文件后", "过大或过长"))
                return
            self.files[path] = source
        self.agency_file(group)
        for draft in group.drafts:
            is_first = draft is group.first
            self.lines[draft.row] = Line(
                draft.row,
                Outcome.TAKEN if is_first else Outcome.MERGED,
                group.key,
                file,
                notes=(*draft.notes, *(notes + group.notes if is_first else ())),
            )

    def agency_file(self, group: _Group) -> None:
        """An agency is made only when a resource of it is."""
        path = self.schemas.kinds["agency"].file(group.agency)
        if path in self.new_agencies:
            self.files[path] = self.new_agencies[path]

    def assembled(self, draft: Draft, held: Held | None) -> Data:
        """The record as the draft makes it, over what the register holds."""
        data: Data = dict(held.data) if held else {}
        for target, value in draft.defaults.items():
            if _at(data, target) is None:
                put(data, target, value)
        for target, value in draft.values.items():
            if target[0] in self.plan.keep and target[0] in data:
                continue
            put(
                data,
                target,
                _with_details(data.get("items"), value) if target == ("items",) else value,
            )
        source: Data = {"catalog": self.plan.catalog}
        if draft.url:
            source["url"] = draft.url
        source["identifier"] = draft.identifier
        if draft.raw:
            source["raw"] = list[Value](draft.raw[:_MAX_ENTRIES])
        data["source"] = source
        return data

    def unfit(self, kind: str, data: Data) -> tuple[Note, ...]:
        """Why data does not fit its kind: the field and the rule, never the value."""
        if self.schemas.valid(kind, data):
            return ()
        record = Record(kind, Key(""), "", data, dict)
        return tuple(
            Note("not-valid", finding.place.pointer.strip("/"), finding.rule.title)
            for finding in self.schemas.explain(record)
        )

    def result(self) -> Result:
        used = {*self.plan.columns, *self.plan.unused}
        agencies = sum(path in self.new_agencies for path in self.files)
        return Result(
            tuple(sorted(self.files.items())),
            tuple(line for _, line in sorted(self.lines.items())),
            self.blank_rows,
            agencies,
            tuple(sorted(name for folded, name in self.seen.items() if folded not in used)),
        )


def _same(one: Draft, other: Draft) -> bool:
    """Whether two rows with one identifier are one resource."""
    agencies = (comparable(str(draft.agency.get("title", ""))) for draft in (one, other))
    return len(set(agencies)) == 1 and comparable(one.title) == comparable(other.title)


def _rows(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _size(value: Value) -> tuple[int, str]:
    """Orders counts by number and dates by day."""
    return (value, "") if isinstance(value, int) else (0, str(value))


def _identifier(held: Held | None) -> str:
    source = held.data.get("source") if held else None
    return str(source.get("identifier", "")) if isinstance(source, dict) else ""


def _at(data: Data, target: Target) -> Value:
    value: Value = data
    for name in target:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _with_details(held: Value, items: Value) -> Value:
    """The source's items, each with what people have added to it in the register."""
    rows = [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []
    known = {comparable(str(row.get("name", ""))): row for row in rows}
    found = [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
    return [{**known.get(comparable(str(row["name"])), {}), **row} for row in found]
