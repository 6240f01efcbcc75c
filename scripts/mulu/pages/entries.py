"""What of the register can be found: one entry for each live record and shared item with a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mulu.pages import items
from mulu.pages.items import Holders
from mulu.pages.search import Entry
from mulu.pages.view import View
from mulu.record import Record
from mulu.register import about, is_withdrawn, provider

ITEM = "item"
_PARTLY, _PENDING = "partly", "pending"  # beside the pack's classes


def entries(view: View, holders: Holders) -> Iterator[Entry]:
    """Every resource, shared item, agency, library, law and case."""
    for record in view.register.live_resources:
        yield resource(view, record)
    yield from others(view, holders)


def others(view: View, holders: Holders) -> Iterator[Entry]:
    """Every entry that is not a resource's."""
    for kind in ("agency", "library", "law"):
        for record in view.register.of(kind).values():
            if not is_withdrawn(record):
                yield _plain(view, record)
    for name, held in holders.shared.items():
        yield Entry(kind=ITEM, href=items.href(name), title=str(held[0][1]["name"]), by="")
    for case in view.register.cases:
        yield _case(view, case)


def resource(view: View, record: Record) -> Entry:
    """A live resource's entry: it follows from the record, its entry, and few others' names."""
    agency = provider(record)
    own = view.register.pack.marked("library-kind", "own")
    return Entry(
        kind="resource",
        href=view.href("resource", record.key),
        title=record.title,
        by=view.register.agency_title(agency),
        abstract=record.text("abstract"),
        words=tuple(filter(None, (record.text("code"), record.key, *record.texts("keywords")))),
        items=tuple(str(row["name"]) for row in record.rows("items")),
        agency=agency,
        library=record.text("library") or own,
        sharing=_sharing(view, record),
        cycle=record.text("update_cycle"),
    )


def _sharing(view: View, record: Record) -> str:
    register, declared = view.register, record.text("sharing", "declared")
    if register.is_listed(record, view.day):
        return register.pack.class_word(withheld=True)
    if register.pack.is_withheld(declared):
        return _PENDING
    return _PARTLY if register.withheld_items(record, view.day) else declared


def _plain(view: View, record: Record) -> Entry:
    words = (record.key, record.text("short"), record.text("number"), record.text("topic"))
    return Entry(
        kind=record.kind,
        href=view.href(record.kind, record.key),
        title=record.title,
        by="",
        abstract=record.text("abstract"),
        words=tuple(filter(None, words)),
        agency=record.key if record.kind == "agency" else record.text("steward"),
        library=record.key if record.kind == "library" else "",
    )


def _case(view: View, case: Record) -> Entry:
    return Entry(
        kind=case.kind,
        href=view.href(case.kind, case.key),
        title=view.case_title(case),
        by="",
        abstract=view.case_day(case),
        words=(case.key,),
        agency=case.text("against") or about(case).partition("/")[0],
    )


def titles(view: View) -> tuple[dict[str, str], dict[str, str]]:
    """Of the facet values agency and library: key to title."""
    register = view.register
    agencies = {str(key): register.agency_title(key) for key in register.of("agency")}
    own = register.pack.marked("library-kind", "own")
    libraries = {own: register.pack.title_of("library-kind", own)}
    libraries |= {str(key): one.title for key, one in register.of("library").items()}
    return agencies, libraries


def words(view: View) -> Mapping[str, Mapping[str, str]]:
    """What the search page calls kinds, classes and cycles, and the colours of the classes."""
    say, register = view.say, view.register
    classes = register.pack.vocabularies.get("sharing-class", {}).values()
    cycle = view.words.schema("resource", "update_cycle")
    kinds = {
        kind: view.words.kind(kind)
        for kind in ("resource", "agency", "library", "law", *register.case_kinds)
    }
    return {
        "kinds": {**kinds, ITEM: say("信息项")},
        "sharing": {one.word: say(one.title) for one in classes}
        | {_PARTLY: say("部分信息项不予共享"), _PENDING: say("审核中")},
        "tones": {one.word: "bad" if "withheld" in one.marks else "ok" for one in classes}
        | {_PARTLY: "warn", _PENDING: "warn"},
        "cycles": {word: say(title) for word, title in cycle.get("x-titles", {}).items()},
    }  # fmt: skip
