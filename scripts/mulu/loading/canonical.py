"""The one way a record is written: what ``mulu fmt``, ``new``, ``act`` and ``import`` emit.

Block style, two spaces, lists indented below their key, keys in the order of the kind's
schema, one value a line, plain scalars unless they need quotes, comments kept.
``load(dump(data)) == data`` for everything the strict loader accepts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from yaml.events import MappingStartEvent, ScalarEvent, SequenceStartEvent

from mulu.loading.strict_yaml import escape_pointer, walk
from mulu.record import Data, Value

# A plain scalar: starts with a letter, a digit or anything beyond ASCII, holds nothing that
# ends it, and is not one of the words and numbers that readers take for another type.
_PLAIN = re.compile(r"[0-9A-Za-z\u0080-\U0010ffff][^\n]*")
_RISKY = re.compile(r": |:$| #|[\"'\\{}\[\]`\x00-\x1f]| $")
_NUMBERLIKE = re.compile(r"[-+.]?[0-9][0-9_.:eExXoObBa-fA-F+-]*")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDLIKE = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"))


@dataclass(slots=True)
class Comments:
    """The comments of a file: above a value, behind it, and after everything."""

    above: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    behind: dict[str, str] = field(default_factory=dict[str, str])
    last: list[str] = field(default_factory=list[str])


def dump(data: Data, schema: Mapping[str, Any], comments: Comments | None = None) -> bytes:
    """A record in its canonical form; keys the schema does not know come last, as they were."""
    kept = comments or Comments()
    lines = list(_mapping(data, schema, "", 0, kept))
    return ("\n".join([*lines, *kept.last]) + "\n").encode()


def format_source(source: bytes, data: Data, schema: Mapping[str, Any]) -> bytes:
    """The canonical form of a source the strict loader has read as ``data``."""
    return dump(data, schema, comments_of(source))


def scalar(value: Value) -> str:
    """One scalar as it is written: plain where that is unambiguous, else in double quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
    return _decimal(value) if isinstance(value, float) else str(value)


def _decimal(value: float) -> str:
    """A number in plain decimals, never with an exponent, always with a point."""
    text = format(value, "f").rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or _RISKY.search(text) or text.lower() in _WORDLIKE:
        return False
    return not _NUMBERLIKE.fullmatch(text) or _ISO_DATE.fullmatch(text) is not None


def _mapping(
    data: Mapping[str, Value], schema: Mapping[str, Any], pointer: str, indent: int, kept: Comments
) -> Iterator[str]:
    known: Mapping[str, Any] = schema.get("properties", {})
    order = {name: position for position, name in enumerate(known)}
    for name in sorted(data, key=lambda name: order.get(name, len(order))):
        below = f"{pointer}/{escape_pointer(name)}"
        yield from (" " * indent + line for line in kept.above.get(below, ()))
        yield from _value(f"{scalar(name)}:", data[name], known.get(name, {}), below, indent, kept)


def _value(
    head: str, value: Value, schema: Mapping[str, Any], pointer: str, indent: int, kept: Comments
) -> Iterator[str]:
    behind = f"  {kept.behind[pointer]}" if pointer in kept.behind else ""
    pad = " " * indent
    if isinstance(value, dict) and value:
        yield f"{pad}{head}{behind}"
        yield from _mapping(value, schema, pointer, indent + 2, kept)
    elif isinstance(value, list) and value:
        yield f"{pad}{head}{behind}"
        for index, row in enumerate(value):
            yield from _row(row, schema.get("items", {}), f"{pointer}/{index}", indent + 2, kept)
    else:
        empty = "{}" if isinstance(value, dict) else "[]"
        text = empty if isinstance(value, dict | list) else scalar(value)
        yield f"{pad}{head} {text}{behind}"


def _row(
    value: Value, schema: Mapping[str, Any], pointer: str, indent: int, kept: Comments
) -> Iterator[str]:
    pad = " " * indent
    yield from (pad + line for line in kept.above.get(pointer, ()))
    if isinstance(value, dict) and value:
        lines = list(_mapping(value, schema, pointer, indent + 2, kept))
        first = next((n for n, line in enumerate(lines) if not line.lstrip().startswith("#")), 0)
        yield from (pad + line.lstrip() for line in lines[:first])
        yield f"{pad}- {lines[first][indent + 2 :]}"
        yield from lines[first + 1 :]
    else:
        yield from _value("-", value, schema, pointer, indent, kept)


def comments_of(source: bytes) -> Comments:
    """The comments of a source, each with the value it stands above or behind."""
    lines = source.decode().split("\n")
    spans, starts = _spans(source)
    found = Comments()
    waiting: list[str] = []
    for number, line in enumerate(lines):
        begins = starts.get(number)
        column = _comment_column(line, spans.get(number, ()))
        if begins and waiting:
            found.above.setdefault(begins[0], []).extend(waiting)
            waiting = []
        if column is None:
            continue
        text = line[column:].rstrip()
        if begins:
            found.behind[begins[-1]] = text
        else:
            waiting.append(text)
    found.last = waiting
    return found


def _comment_column(
    line: str, spans: tuple[tuple[int, int], ...] | list[tuple[int, int]]
) -> int | None:
    for column, character in enumerate(line):
        if character != "#" or (column and line[column - 1] not in " \t"):
            continue
        if not any(start <= column < end for start, end in spans):
            return column
    return None


def _spans(source: bytes) -> tuple[dict[int, list[tuple[int, int]]], dict[int, list[str]]]:
    """Per line: the columns that scalars cover; and what begins there, a value at its key."""
    spans: dict[int, list[tuple[int, int]]] = {}
    starts: dict[int, list[str]] = {}
    seen: set[str] = set()
    for pointer, event in walk(source):
        begin, end = event.start_mark, event.end_mark
        if isinstance(event, ScalarEvent):
            for line in range(begin.line, end.line + 1):
                left = begin.column if line == begin.line else 0
                right = end.column if line == end.line else 1 << 30
                spans.setdefault(line, []).append((left, right))
        elif not isinstance(event, MappingStartEvent | SequenceStartEvent):
            continue
        name = pointer.removesuffix("#")
        if name and name not in seen:
            seen.add(name)
            starts.setdefault(begin.line, []).append(name)
    return spans, starts
