"""``mulu show``: one record, readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from mulu.cli.shell import CLEAN, Shell, Stop, load_register, say, with_shell
from mulu.record import Data, Value


@click.command(help="显示一条记录或案件。KEY 是代号或路径，例如 minzheng/hunyin-dengji。")
@click.argument("key")
@click.option("--history", is_flag=True, help="同时显示谁在哪天改过。")
@with_shell
def command(shell: Shell, key: str, history: bool) -> int:
    """Show what the key names; several kinds may have it."""
    from mulu.tree.directory import Directory

    register, _ = load_register(shell, Directory(shell.root))
    found = [record for record in register if key in (record.key, record.path)]
    if not found:
        near = _near(key, [record.key for record in register])
        raise Stop(f"没有 {key!r} 这条记录" + (f"；是不是 {near}？" if near else ""))
    for record in found:
        say("\n".join(_lines(register, record, shell)))
        if history:
            say("\n".join(_history(shell, record.path)))
    return CLEAN


def _lines(register: Any, record: Any, shell: Shell) -> Iterator[str]:
    from mulu.pages.view import View

    kind = register.schemas.kinds[record.kind]
    view = View(register, shell.today, internal=True)
    yield f"{record.title}  [{kind.title}]  {record.path}"
    if record.kind == "resource":
        badges = [view.sharing(record), view.freshness(record)]
        yield "  " + "  ".join(f"《{badge.text}》" for badge in badges if badge)
    yield from _rows(view, record.data, kind.schema, 1)
    if "acts" in record.data:
        from mulu.cli.cases import state_lines

        yield from state_lines(register, record, shell.today)


def _rows(view: Any, data: Data, schema: Mapping[str, Any], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for name, below in schema["properties"].items():
        value = data.get(name)
        if name not in data:
            continue
        if isinstance(value, dict):
            yield f"{pad}{below['title']}"
            yield from _rows(view, value, below, depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{pad}{below['title']}（{len(value)}）"
            for row in value:
                yield f"{pad}  · {_line(view, row, below['items'])}"
        else:
            yield f"{pad}{below['title']}：{_line(view, value, below)}"


def _line(view: Any, value: Value, schema: Mapping[str, Any]) -> str:
    """A value on one line; the parts of a group in the order of the schema."""
    if isinstance(value, list):
        return "、".join(_line(view, row, schema.get("items", {})) for row in value)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        parts = [_line(view, value[name], properties[name]) for name in properties if name in value]
        return "  ".join(filter(None, parts))
    return _word(view, value, schema)


def _word(view: Any, value: Any, schema: Mapping[str, Any]) -> str:
    if "x-reference" in schema:
        return str(view.link(schema["x-reference"], str(value)).text)
    if "x-vocabulary" in schema:
        return str(view.words.term(schema["x-vocabulary"], value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(schema.get("x-titles", {}).get(value, value))


def _history(shell: Shell, path: str) -> Iterator[str]:
    from mulu.cli.build import source_of

    landings = source_of(shell).history.get(path, [])
    yield "  变更记录"
    for landing in landings:
        yield f"    {landing.day}  {landing.author}  {landing.subject}"
    if not landings:
        yield "    还没有提交"


def _near(key: str, keys: list[str]) -> str:
    """The key the user may have meant: one that holds what was typed, else one that looks like it."""
    import difflib

    holding = sorted((k for k in keys if key in k), key=len)
    return (holding or difflib.get_close_matches(key, keys, 1, 0.5) or [""])[0]
