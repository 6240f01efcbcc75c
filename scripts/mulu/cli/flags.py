"""Values given as ``栏目=值`` flags, typed by the schema they are for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mulu.cli.shell import Stop


def values_of(flags: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The data that flags describe; ``basis.0.law=…`` reaches into groups and lists.

    Raises Stop for a flag without '=', or a property the schema does not have.
    """
    data: dict[str, Any] = {}
    for text in flags:
        name, equals, value = text.partition("=")
        if not equals:
            raise Stop(f"{text!r} 应当写成 栏目=值")
        _put(data, name.split("."), value, schema)
    return data


def typed(value: str, schema: Mapping[str, Any]) -> Any:
    """A flag's text as the schema's type; lists are split at commas, titles become words."""
    kind = schema.get("type")
    by_title = {title: word for word, title in schema.get("x-titles", {}).items()}
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "array":
        items = schema.get("items", {})
        if items.get("type") == "object":
            return [{items["required"][0]: part} for part in re.split("[,，、]", value) if part]
        return [typed(part, items) for part in re.split("[,，、]", value) if part]
    return by_title.get(value, value)


def _put(group: dict[str, Any], names: list[str], value: str, schema: Mapping[str, Any]) -> None:
    properties = schema.get("properties", {})
    if names[0] not in properties:
        raise Stop(f"没有 {names[0]!r} 这一栏；可用：{'、'.join(properties)}")
    below = properties[names[0]]
    if len(names) == 1:
        group[names[0]] = typed(value, below)
    elif below.get("type") == "array":
        _put_row(group.setdefault(names[0], []), names[1:], value, below["items"])
    else:
        _put(group.setdefault(names[0], {}), names[1:], value, below)


def _put_row(rows: list[Any], names: list[str], value: str, schema: Mapping[str, Any]) -> None:
    if not names[0].isdecimal() or int(names[0]) > len(rows):
        raise Stop(f"列表的第几条写数字，从 0 起依次写：{names[0]!r}")
    position = int(names[0])
    if position == len(rows):
        rows.append({})
    if len(names) == 1:
        rows[position] = typed(value, schema)
    else:
        _put(rows[position], names[1:], value, schema)
