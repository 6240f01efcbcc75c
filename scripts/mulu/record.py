"""A record: one YAML file of the register, known by its path.

Positions are worked out only when a finding asks for one: the register is loaded
without them and the one file in question is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NewType, TypeAlias

from mulu.findings import Place, Side

Key = NewType("Key", str)
"""A record's identity inside its kind: its path without folder and suffix."""

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Data: TypeAlias = dict[str, Value]
Positions: TypeAlias = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One file of the register that has the shape of its kind."""

    kind: str
    key: Key
    path: str
    data: Data
    locate: Callable[[], Positions]
    side: Side = Side.HEAD

    @property
    def title(self) -> str:
        """The record's own title, or its key where its kind has none."""
        return self.text("title") or self.key

    def at(self, pointer: str = "") -> Place:
        """The place of a value (RFC 6901); of its nearest parent where the value is missing."""
        positions = self.locate()
        known = pointer
        while known and known not in positions:
            known = known.rpartition("/")[0]
        line, column = positions.get(known, (1, 1))
        return Place(self.path, pointer, line, column, self.side)

    def text(self, *names: str) -> str:
        """The string at a path of names, or '' where there is none."""
        value = self.get(*names)
        return value if isinstance(value, str) else ""

    def get(self, *names: str) -> Value:
        """The value at a path of names, or None where there is none."""
        value: Value = self.data
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    def rows(self, *names: str) -> list[Data]:
        """The mappings in the list at a path of names, or an empty list."""
        return rows_in(self.get(*names))

    def texts(self, *names: str) -> list[str]:
        """The strings in the list at a path of names, or an empty list."""
        return texts_in(self.get(*names))


def rows_in(value: Value) -> list[Data]:
    """The mappings in a list; none where it is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def texts_in(value: Value) -> list[str]:
    """The strings in a list; none where it is no list."""
    return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []


def numbers_in(value: Value) -> tuple[int, ...]:
    """The integers in a list; none where it is no list."""
    return tuple(row for row in value if isinstance(row, int)) if isinstance(value, list) else ()
