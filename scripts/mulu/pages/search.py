"""The search index: one compact JSON that the search page reads and matches in.

A row is [kind, address, title, by whom, abstract, more words to find it by].
"""

from __future__ import annotations

import json

from mulu.pages.view import View
from mulu.record import Record
from mulu.register import is_withdrawn, provider

_ITEMS_UP_TO = 5_000  # resources; above, item names would make the one file too large to fetch


def index(view: View) -> bytes:
    """The index of all live records that have a page."""
    register = view.register
    with_items = len(register.live_resources) <= _ITEMS_UP_TO
    rows = [_resource(view, record, with_items=with_items) for record in register.live_resources]
    for kind in ("agency", "library", "law"):
        for record in register.of(kind).values():
            if not is_withdrawn(record):
                words = f"{record.text('short')} {record.text('number')}".strip()
                rows.append([kind, view.href(kind, record.key), record.title, "", record.text("abstract")[:80], words])  # fmt: skip
    for case in register.cases:
        title = register.schemas.kinds[case.kind].title
        rows.append([case.kind, view.href(case.kind, case.key), view.case_title(case), title, view.case_day(case), ""])  # fmt: skip
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _resource(view: View, record: Record, *, with_items: bool) -> list[str]:
    names = [str(row["name"]) for row in record.rows("items")] if with_items else []
    words = " ".join([record.text("code"), record.key, *record.texts("keywords"), *names])
    agency = view.register.agency_title(provider(record))
    return ["resource", view.href("resource", record.key), record.title, agency, record.text("abstract")[:80], words.strip()]  # fmt: skip
