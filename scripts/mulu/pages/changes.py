"""What changed, newest first, field by field: the register's own diary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, cast

from mulu.change import Edit, differences
from mulu.history import Landing
from mulu.pages.view import Page, Piece, View
from mulu.record import Data, Record, Value

_MOST = 12
"""Differences of one record that are told; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Landed:
    """One landing and what it changed in the records."""

    landing: Landing
    edits: Sequence[Edit]
    others: int = 0
    """Records it changed beyond those told of."""


def page(view: View, landed: Sequence[Landed]) -> Page:
    """The newest landings by day."""
    days: list[tuple[str, list[dict[str, Any]]]] = []
    for day, rows in groupby(landed, lambda one: one.landing.day):
        days.append((day, [_landing(view, one) for one in rows]))
    title, says = view.say("变更"), view.say("最近编入、修改和办理了什么，逐项写明。")
    return Page("changes/index.html", "changes.html", title, says, {"days": days})


def _landing(view: View, one: Landed) -> dict[str, Any]:
    return {
        "subject": one.landing.subject,
        "author": one.landing.author,
        "commit": one.landing.commit[:10],
        "edits": [
            _edit(view, edit) for edit in one.edits if edit.kind != "entry" or view.tells_reasons
        ],
        "others": one.others,
    }


def _edit(view: View, edit: Edit) -> dict[str, Any]:
    record = edit.record
    what = "added" if not edit.was else "removed" if not edit.now else "changed"
    titles = {"added": view.say("新增"), "removed": view.say("删除"), "changed": view.say("修改")}
    seen = replace(edit, before=_seen(view, edit.before), after=_seen(view, edit.after))
    rows = [one.sentence(str, view.say) for one in differences(view.register, seen)]
    acts = edit.new_acts if what == "changed" and record is not None else ()
    rows += [_act(view, record, row) for _, row in acts if record is not None]
    link = view.link(edit.kind, edit.key)
    named = record is not None and "acts" not in record.data
    return {
        "what": what,
        "what_title": titles[what],
        "record": Piece(record.title if record and named else link.text, link.href if edit.now else ""),
        "kind": view.words.kind(edit.kind),
        "rows": rows[:_MOST],
        "more": max(0, len(rows) - _MOST),
    }  # fmt: skip


def _act(view: View, case: Record, row: Data) -> str:
    who = view.register.agency_title(str(row.get("by", "")))
    title = view.act_title(case, str(row.get("act", "")))
    return view.say("{who}：{act}（{day}）", who=who, act=title, day=view.language.day(row.get("date", "")))  # fmt: skip


def _seen(view: View, record: Record | None) -> Record | None:
    """A record as this audience sees it."""
    if record is None or view.internal:
        return record
    schema = view.register.schemas.kinds[record.kind].schema
    return replace(record, data=cast("Data", _public(record.data, schema)))


def _public(value: Value, schema: Mapping[str, Any]) -> Value:
    """A value without what is only for the inside."""
    if isinstance(value, list):
        return [_public(row, schema.get("items", {})) for row in value]
    if not isinstance(value, dict):
        return value
    below = schema.get("properties", {})
    return {
        name: _public(one, below.get(name, {}))
        for name, one in value.items()
        if below.get(name, {}).get("x-visibility") != "internal"
    }
