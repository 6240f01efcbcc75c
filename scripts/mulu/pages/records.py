"""The pages of single records: resource, agency, library, law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from mulu.pages.items import Holders
from mulu.pages.view import Builder, Page, Piece, View, Words
from mulu.record import Data, Record, Value
from mulu.register import Register, is_withdrawn, provider

Facts: TypeAlias = list[tuple[str, list[Piece]]]

_RESOURCE_FACTS = (
    "code", "classification", "library", "subject", "formats", "update_cycle", "published_on",
    "refreshed_on", "record_count", "system", "keywords", "related", "secrecy_review", "source", "note",
    "internal_note",
)  # fmt: skip
_AGENCY_FACTS = ("uscc", "region", "parent", "predecessors", "head", "office", "contact", "since", "note", "internal_note")  # fmt: skip
_RETURN_FACTS = ("submitted_on", "quality", "reform", "digitized", "security", "problems", "plan", "internal_note")  # fmt: skip
_MOST = 200
"""Rows of a table on a page about something else; the rest is a search away."""


class Item(NamedTuple):
    """One row of the items table."""

    name: str
    href: str
    key: str
    type: str
    length: str
    source: Piece | None
    is_identifier: bool
    is_withheld: bool
    says: str


def pages(register: Register, holders: Holders) -> Iterator[tuple[tuple[str, str], Builder]]:
    """Every page that belongs to one record, after what it is about."""
    for resource in register.of("resource").values():
        yield ("resource", resource.key), partial(resource_page, resource=resource, holders=holders)
    for agency in register.of("agency").values():
        yield ("agency", agency.key), partial(_agency_page, agency=agency)
    for library in register.of("library").values():
        yield ("library", library.key), partial(_library_page, library=library)
    for law in register.of("law").values():
        yield ("law", law.key), partial(_law_page, law=law)


def _library_page(view: View, library: Record) -> Page:
    rows = view.register.resources_by_library.get(library.key, ())
    shown = {
        "rows": view.resource_rows(rows)[: 5 * _MOST],
        "count": len(rows),
        "kind_title": view.words.term("library-kind", library.text("kind")),
        "steward": view.agency(library.text("steward")),
        "providers": [view.agency(one) for one in library.texts("providers")],
    }
    return _page(view, library, "library.html", library.text("abstract"), shown)


def resource_page(view: View, resource: Record, holders: Holders) -> Page:
    """One resource, top to bottom as an official reads it."""
    agency, register = provider(resource), view.register
    cases = register.cases_by_resource.get(resource.key, ())
    entry = register.entry_of(resource)
    whole = register.is_listed(resource, view.day)
    links = _links(view, resource, _RESOURCE_FACTS)
    withheld = tuple(register.withheld_items(resource, view.day))
    shown: dict[str, Any] = {
        "agency": view.agency(agency),
        "library_kind": view.library_kind(resource),
        "library": view.library(resource),
        "sharing": view.sharing(resource),
        "freshness": view.freshness(resource),
        "is_shared": not whole and not is_withdrawn(resource),
        "is_claimed": view.is_claimed(resource),
        "listing": _listing(view, entry) if entry else None,
        "claims": view.bases(resource, "sharing") if view.is_claimed(resource) else [],
        "procedures": [p for p in ("application", "objection", "correction") if p in register.pack.procedures],
        "successors": [view.link("resource", one) for one in resource.texts("withdrawn", "successors")],
        "users": view.users(resource),
        "cases_rows": view.case_rows(cases[:50]),
        "more_cases": max(0, len(cases) - 50),
        "links": links,
        "held": holders.links(resource),
        "sources": [view.link("item", str(row["from"])) if "from" in row else None for row in resource.rows("items")] if _copies(resource) else [],
        **view.about(resource),
    }  # fmt: skip

    def more() -> Mapping[str, Any]:
        return {
            "facts": facts(view.words, resource, _RESOURCE_FACTS, links),
            "terms": _sharing_facts(view.words, resource),
            "items": items(view.words, resource, shown["sources"], shown["held"], withheld, whole=whole),
        }  # fmt: skip

    shown["withheld"] = withheld, whole
    return _page(view, resource, "resource.html", resource.text("abstract"), shown, more)


def _copies(resource: Record) -> bool:
    return any("from" in row for row in resource.rows("items"))


def _listing(view: View, entry: Record) -> dict[str, Any]:
    """What the negative list says of a resource, now or before."""
    application = entry.text("application") if view.tells_reasons else ""
    return {
        "is_in_force": view.in_force(entry),
        "items": entry.texts("items"),
        "reason": entry.text("reason") if view.tells_reasons else view.say("理由和依据只在单位内部公布。"),
        "bases": view.bases(entry),
        "listed_on": entry.text("listed_on"),
        "review_by": entry.text("review_by"),
        "decided": view.link("application", application) if application else None,
        "delisted_on": entry.text("delisted", "date"),
        "delisted_because": entry.text("delisted", "reason") if view.tells_reasons else "",
        "note": entry.text("internal_note") if view.internal else "",
        "landings": view.landings(entry) if view.tells_reasons else (),
    }  # fmt: skip


def items(
    words: Words,
    resource: Record,
    sources: list[Piece | None],
    held: Mapping[str, str],
    withheld: tuple[str, ...],
    *,
    whole: bool,
) -> list[Item]:
    """The rows of the items table."""
    schema = words.schema("resource", "items", "*")["properties"]
    kinds, sensitive = schema["type"], schema["sensitivity"]
    found: list[Item] = []
    for at, row in enumerate(resource.rows("items")):
        name = str(row["name"])
        says = (
            words.value(sensitive, row["sensitivity"]) if "sensitivity" in row else "",
            row.get("code_table", ""),
            row.get("note", ""),
        )
        found.append(
            Item(
                name,
                held.get(name, ""),
                str(row.get("key", "")),
                words.value(kinds, row["type"]) if "type" in row else "",
                str(row.get("length", "")),
                sources[at] if sources else None,
                bool(row.get("identifier")),
                whole or name in withheld,
                "；".join(str(one) for one in says if one),
            )
        )
    return found


def facts(
    words: Words, record: Record, names: tuple[str, ...], links: Mapping[str, Piece] | None = None
) -> Facts:
    """The named properties that the record has, each with its title, in reader's words.

    ``links`` say where references lead: what another record is called is not this record's.
    """
    schema = words.schemas.kinds[record.kind].schema["properties"]
    found: Facts = []
    for name in names:
        if name in record.data and name in schema:
            below = schema[name]
            if below.get("x-visibility") == "internal" and not words.internal:
                continue
            pieces = list(_pieces(words, record.data[name], below, links or {}))
            if pieces:
                found.append((words.language.say(str(below["title"])), pieces))
    return found


def _links(view: View, record: Record, names: tuple[str, ...]) -> dict[str, Piece]:
    """Where the references in the named properties lead, by ``kind:key``."""
    schema = view.register.schemas.kinds[record.kind].schema["properties"]
    found: dict[str, Piece] = {}
    for name in names:
        if name in record.data and name in schema:
            below = schema[name].get("items", schema[name])
            value = record.data[name]
            if "x-reference" in below:
                for key in value if isinstance(value, list) else [value]:
                    found[f"{below['x-reference']}:{key}"] = view.link(
                        below["x-reference"], str(key)
                    )
    return found


def linked_facts(view: View, record: Record, names: tuple[str, ...]) -> Facts:
    """``facts`` with its references looked up."""
    return facts(view.words, record, names, _links(view, record, names))


def _sharing_facts(words: Words, resource: Record) -> Facts:
    found: Facts = []
    for group in ("sharing", "openness"):
        for name, below in words.schema("resource", group)["properties"].items():
            value = resource.get(group, name)
            if value is not None and name != "basis":
                pieces = list(_pieces(words, value, below, {}))
                found.append((words.language.say(str(below["title"])), pieces))
    return found


def _pieces(
    words: Words, value: Value, schema: Mapping[str, Any], links: Mapping[str, Piece]
) -> Iterator[Piece]:
    """A value in reader's words: enumerations in words, references as links."""
    if isinstance(value, list):
        for row in value:
            yield from _pieces(words, row, schema.get("items", {}), links)
    elif isinstance(value, dict):
        yield from _group(words, value, schema)
    elif "x-reference" in schema:
        yield links.get(f"{schema['x-reference']}:{value}", Piece(str(value)))
    elif schema.get("format") == "date":
        yield Piece(words.day(value))
    elif schema.get("type") == "boolean":
        yield Piece(words.language.say("是") if value else words.language.say("否"))
    elif schema.get("type") == "integer" and isinstance(value, int):
        yield Piece(words.number(value))
    else:
        yield Piece(words.value(schema, value))


def _group(words: Words, value: Data, schema: Mapping[str, Any]) -> Iterator[Piece]:
    texts = [
        "、".join(piece.text for piece in _pieces(words, value[name], below, {}))
        for name, below in schema.get("properties", {}).items()
        if name in value and (words.internal or below.get("x-visibility") != "internal")
    ]
    yield Piece(" ".join(texts))


def _agency_page(view: View, agency: Record) -> Page:
    register = view.register
    roles = [
        view.words.term("role", term.word)
        for term in register.pack.vocabularies.get("role", {}).values()
        if register.holder(term.word, view.day) == agency.key
    ]
    libraries = [
        view.link("library", library.key)
        for library in register.of("library").values()
        if agency.key in [*library.texts("providers"), library.text("steward")]
    ]
    own = register.resources_by_agency.get(agency.key, ())
    cases = register.cases_by_agency.get(agency.key, ())
    duties = view.duties_by_agency.get(agency.key, ())
    shown = {
        "roles": roles,
        "facts": linked_facts(view, agency, _AGENCY_FACTS),
        "rows": view.resource_rows(own)[: 5 * _MOST],
        "count": len(own),
        "withheld": sum(not view.is_shared(one) for one in own),
        "libraries": libraries,
        "cases_rows": view.case_rows(cases[:50]),
        "case_count": len(cases),
        "duty_rows": [view.duty_row(duty) for duty in duties[:_MOST]],
        "duty_count": len(duties),
        "late": sum(duty.late for duty in duties),
        "successors": [view.agency(one) for one in agency.texts("withdrawn", "successors")],
        "returns": list(_returns(view, agency)),
        "usage": list(_usage(view, agency)),
        **view.about(agency),
    }
    description = view.say("{name}编入目录的信息资源、参与的事项和年度报送。", name=agency.title)
    return _page(view, agency, "agency.html", description, shown)


def _returns(view: View, agency: Record) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The agency's annual returns, newest first, as (year, rows)."""
    years = sorted({key.partition("/")[0] for key in view.register.of("return")}, reverse=True)
    for year in years:
        record = view.register.find("return", f"{year}/{agency.key}")
        if record is None:
            continue
        rows: list[tuple[str, str]] = []
        for title, pieces in linked_facts(view, record, _RETURN_FACTS):
            rows.append((title, "、".join(piece.text for piece in pieces)))
        for group in ("provided", "used", "funding"):
            for name in view.words.schema("return", group)["properties"]:
                value = record.get(group, name)
                if value is not None:
                    text = view.words.number(value) if isinstance(value, int) else str(value)
                    rows.append((view.words.title_of("return", group, name), text))
        yield year, rows


def _usage(view: View, agency: Record) -> Iterator[dict[str, Any]]:
    """What the agency used of others' resources (art. 29), newest year first: times by request."""
    years = sorted({key.partition("/")[0] for key in view.register.of("usage")}, reverse=True)
    for year in years:
        record = view.register.find("usage", f"{year}/{agency.key}")
        if record is None:
            continue
        times: dict[str, int] = {}
        for row in record.rows("counts"):
            count = row.get("accesses")
            if isinstance(count, int):
                times[str(row["request"])] = times.get(str(row["request"]), 0) + count
        yield {
            "year": year,
            "rows": [(view.link("request", key), view.language.number(n)) for key, n in times.items()],
            "total": view.language.number(sum(times.values())),
            "facts": linked_facts(view, record, ("note", "internal_note")),
        }  # fmt: skip


def _law_page(view: View, law: Record) -> Page:
    links = view.register.backlinks.get(("law", law.key), ())
    entries = {link.record.key: link.record for link in links if link.record.kind == "entry"}
    claims = {link.record.key: link.record for link in links if link.record.kind == "resource"}
    shown = {
        "rank": view.words.term("rank", law.text("rank")),
        "is_in_force": view.in_force(law),
        "superseded_by": [view.link("law", one) for one in law.texts("superseded_by")],
        "entries": [
            {
                "title": one.title,
                "href": view.href("entry", one.key),
                "agency": view.agency(provider(one)),
                "clauses": [str(row["clause"]) for row in one.rows("basis") if row.get("law") == law.key],
                "listed_on": one.text("listed_on"),
                "is_in_force": view.in_force(one),
            }
            for one in (entries.values() if view.tells_reasons else ())
        ],
        "claims": view.resource_rows([one for one in claims.values() if view.is_claimed(one)]),
        **view.about(law),
    }  # fmt: skip
    return _page(view, law, "law.html", law.text("issuer"), shown)


def _page(
    view: View,
    record: Record,
    template: str,
    description: str,
    shown: Mapping[str, Any],
    more: Any = None,
) -> Page:
    about = {} if "source" in shown else view.about(record)
    gone = is_withdrawn(record)
    title = view.say("{title}（已撤销）", title=record.title) if gone else record.title
    path = f"{view.href(record.kind, record.key)}index.html"
    return Page(path, template, title, description or title, {**shown, **about}, record, more, gone)
