"""The pages of single records: resource, agency, library, law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from mulu.pages.view import Piece, View
from mulu.record import Data, Record, Value
from mulu.register import is_withdrawn, provider

Page: TypeAlias = tuple[str, str, str, str, dict[str, Any]]
"""Path, template, title, description, and what the template shows."""

Facts: TypeAlias = list[tuple[str, list[Piece]]]

_RESOURCE_FACTS = (
    "code", "classification", "library", "subject", "formats", "update_cycle", "published_on",
    "refreshed_on", "record_count", "system", "keywords", "related", "secrecy_review", "source", "note",
)  # fmt: skip
_AGENCY_FACTS = ("uscc", "region", "parent", "predecessors", "head", "office", "contact", "since", "note")  # fmt: skip


def pages(view: View) -> Iterator[Page]:
    """Every page that belongs to one record."""
    for resource in view.register.of("resource").values():
        yield resource_page(view, resource)
    for agency in view.register.of("agency").values():
        yield _agency_page(view, agency)
    for library in view.register.of("library").values():
        rows = view.register.resources_by_library.get(library.key, ())
        shown = {"r": library, "rows": view.sorted_by_title(rows)}
        yield _page(view, library, "library.html", library.text("abstract"), shown)
    for law in view.register.of("law").values():
        links = view.register.backlinks.get(("law", law.key), ())
        entries = {link.record.key: link.record for link in links if link.record.kind == "entry"}
        shown = {"r": law, "rows": list(entries.values())}
        yield _page(view, law, "law.html", law.text("issuer"), shown)


def resource_page(view: View, resource: Record) -> Page:
    """One resource, top to bottom as an official reads it."""
    agency = provider(resource)
    library = view.link("library", resource.text("library"))
    cases = view.register.cases_by_resource.get(resource.key, ())
    shown = {
        "r": resource,
        "agency": agency,
        "agency_title": view.register.agency_title(agency),
        "library_kind": view.library_kind(resource),
        "library_title": library.text or view.term("library-kind", view.library_kind(resource)),
        "entry": view.register.entry_of(resource),
        "facts": [("信息资源提供方", [view.link("agency", agency)]), *facts(view, resource, _RESOURCE_FACTS)],
        "sharing": _sharing_facts(view, resource),
        "items": view.items(resource),
        "users": view.users(resource),
        "related_cases": list(cases)[:50],
    }  # fmt: skip
    return _page(view, resource, "resource.html", resource.text("abstract"), shown)


def facts(view: View, record: Record, names: tuple[str, ...]) -> Facts:
    """The named properties that the record has, each with its Chinese title, in reader's words."""
    schema = view.register.schemas.kinds[record.kind].schema["properties"]
    found: Facts = []
    for name in names:
        if name in record.data and name in schema:
            below = schema[name]
            if below.get("x-visibility") == "internal" and not view.internal:
                continue
            pieces = list(_pieces(view, record.data[name], below))
            if pieces:
                found.append((str(below["title"]), pieces))
    return found


def _sharing_facts(view: View, resource: Record) -> Facts:
    found: Facts = []
    schema = view.register.schemas.kinds["resource"].schema["properties"]
    for group in ("sharing", "openness"):
        for name, below in schema[group]["properties"].items():
            value = resource.get(group, name)
            if value is not None and name != "basis":
                found.append((str(below["title"]), list(_pieces(view, value, below))))
    return found


def _pieces(view: View, value: Value, schema: Mapping[str, Any]) -> Iterator[Piece]:
    """A value in reader's words: enumerations in Chinese, references as links."""
    if isinstance(value, list):
        for row in value:
            yield from _pieces(view, row, schema.get("items", {}))
    elif isinstance(value, dict):
        yield from _group(view, value, schema)
    elif "x-reference" in schema:
        yield view.link(schema["x-reference"], str(value))
    elif "x-vocabulary" in schema:
        yield Piece(view.term(schema["x-vocabulary"], value))
    elif schema.get("type") == "boolean":
        yield Piece("是" if value else "否")
    elif schema.get("type") == "integer":
        yield Piece(f"{value:,}")
    else:
        yield Piece(str(schema.get("x-titles", {}).get(value, value)))


def _group(view: View, value: Data, schema: Mapping[str, Any]) -> Iterator[Piece]:
    texts = [
        "、".join(piece.text for piece in _pieces(view, value[name], below))
        for name, below in schema.get("properties", {}).items()
        if name in value and (view.internal or below.get("x-visibility") != "internal")
    ]
    yield Piece(" ".join(texts))


def _agency_page(view: View, agency: Record) -> Page:
    register = view.register
    roles = [
        term.title
        for term in register.pack.vocabularies.get("role", {}).values()
        if register.holder(term.word, view.day) == agency.key
    ]
    libraries = [
        library
        for library in register.of("library").values()
        if agency.key in [*library.texts("providers"), library.text("steward")]
    ]
    shown = {
        "r": agency,
        "roles": roles,
        "facts": facts(view, agency, _AGENCY_FACTS),
        "rows": view.sorted_by_title(register.resources_by_agency.get(agency.key, ())),
        "contributed": libraries,
        "related_cases": list(register.cases_by_agency.get(agency.key, ()))[:50],
        "duties": view.duties_of(agency.key),
        "returns": list(_returns(view, agency)),
    }
    description = f"{agency.title}编入目录的信息资源、参与的事项和年度报送。"
    return _page(view, agency, "agency.html", description, shown)


def _returns(view: View, agency: Record) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The agency's annual returns, newest first, as (year, rows)."""
    for key, record in sorted(view.register.of("return").items(), reverse=True):
        year, _, name = key.partition("/")
        if name != agency.key:
            continue
        rows: list[tuple[str, str]] = []
        for title, pieces in facts(view, record, ("submitted_on", "quality", "reform", "digitized", "security", "problems", "plan")):  # fmt: skip
            rows.append((title, "、".join(piece.text for piece in pieces)))
        for group in ("provided", "used", "funding"):
            for name_ in view.register.schemas.kinds["return"].schema["properties"][group]["properties"]:  # fmt: skip
                value = record.get(group, name_)
                if value is not None:
                    rows.append((view.title_of("return", group, name_), str(value)))
        yield year, rows


def _page(
    view: View, record: Record, template: str, description: str, shown: dict[str, Any]
) -> Page:
    path = f"{view.href(record.kind, record.key)}index.html"
    title = f"{record.title}（已撤销）" if is_withdrawn(record) else record.title
    return path, template, title, description or title, shown
