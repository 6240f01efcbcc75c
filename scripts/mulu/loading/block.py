"""The canonical form, read line by line: the fast path of the strict loader.

Almost every record is as ``mulu fmt`` writes it: block style, two spaces, one value a
line.  That form is read here in a part of the time libyaml takes to make its events (measured:
0.1 ms against 0.5 ms a record of 1.6 kB).  Whatever is not in that form, or is not
plainly right, is left to the event reader, which also says what is wrong: a value that
comes out here is the value that comes out there (``tests/properties``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mulu.loading.scalars import (
    AMBIGUOUS_WORDS,
    CANDIDATE,
    LONGEST_WORD,
    MAX_DEPTH,
    MAX_NODES,
    MAX_SCALAR,
    Unclear,
    resolve,
)
from mulu.record import Data, Value

_LINE = re.compile(r"( *)(- )?(?:([a-z][a-z0-9_]*):(?: (?=[^ ])|$))?(.*)")
# A plain scalar that cannot end early or go on: no indicator in front, no ": " or " #" inside.
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^:# ]|:(?=[^ ])|(?<=[^ ])#| (?=[^ #]))*")
_QUOTED = re.compile(r'"[^"\\]*"')
_NODES_A_LINE = 3


_NEST = object()  # the value of a line that opens a mapping or a list
_REMEMBERED = 1 << 15

_Line = tuple[int, bool, str | None, Any]
"""Indent, whether a dash stands in front, key, value."""


# One pass with its branches in one place: a call a line would cost as much as the line.
def read(text: str) -> Data | None:  # noqa: C901
    """The record a canonical text stands for; None where another reader must look."""
    lines = text.split("\n")
    if lines.pop() or len(lines) * _NODES_A_LINE > MAX_NODES:
        return None
    root: Data = {}
    open_: list[tuple[int, Data | list[Value]]] = [(0, root)]
    waiting: tuple[Data, str, int] | None = None
    for line in lines:
        parsed = _parse(line)
        if parsed is None:
            return None
        indent, dash, key, value = parsed
        if waiting is not None:
            mapping, name, above = waiting
            if indent != above + 2 or len(open_) >= MAX_DEPTH - 1:
                return None
            below: Data | list[Value] = [] if dash else {}
            mapping[name] = below
            open_.append((indent, below))
            waiting = None
        while open_[-1][0] > indent:
            open_.pop()
        at, top = open_[-1]
        if at != indent or dash is not isinstance(top, list):
            return None
        if isinstance(top, list):
            if key is None:
                top.append(value)
                continue
            row: Data = {}
            top.append(row)
            indent += 2
            open_.append((indent, row))
            top = row
        if key is None or key in top:
            return None
        if value is _NEST:
            waiting = (top, key, indent)
        else:
            top[key] = value
    return root if root and waiting is None else None


@lru_cache(_REMEMBERED)
def _parse(line: str) -> _Line | None:
    """One line by itself, remembered: most lines of a register recur.  None: not canonical."""
    match = _LINE.match(line)
    if match is None:
        return None
    blanks, dash, key, text = match.groups()
    if key in _NOT_KEYS or (key is None and not dash):
        return None
    if not text and key is not None:
        return len(blanks), bool(dash), key, _NEST
    value = _scalar(text)
    return None if value is None else (len(blanks), bool(dash), key, value)


_NOT_KEYS = AMBIGUOUS_WORDS | {"true", "false", "null"}


def _scalar(text: str) -> Value:
    """The value of one scalar; None where it is null or not plainly readable."""
    if not text or len(text) > MAX_SCALAR:
        return None
    if text[0] == '"':
        return text[1:-1] if _QUOTED.fullmatch(text) else None
    if not _PLAIN.fullmatch(text):
        return None
    if text[0] in CANDIDATE or len(text) <= LONGEST_WORD:
        value = resolve(text)
        return None if isinstance(value, Unclear) else value
    return text
