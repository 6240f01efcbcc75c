"""Collects every word of the interface into the catalogs, and compiles them: ``make words``.

Words stand in templates and in ``mulu/pages`` (``_``, ``n_``, ``say``, ``count``), in the frame,
and as titles in schemas and packs.  Translations already there are kept; what is no longer
asked for goes; what is new comes without a translation, and a test says so.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""Instead of the time of writing, which would make the same words other bytes."""
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SAY, COUNT = {"_", "say"}, {"n_", "count"}
TITLES = {"title", "x-titles", "description"}
PACK_WORDS = {"title", "says", "term"}


def words() -> dict[str, bool]:
    """Every message, in order, and whether it has a plural."""
    found: dict[str, bool] = {}
    for text, plural in (*_templates(), *_frame(), *_code(), *_schemas(), *_packs()):
        if re.search(r"[\u4e00-\u9fff]|[，。、：；]", text):
            found[text] = found.get(text, False) or plural
    return found


def _templates() -> Iterator[tuple[str, bool]]:
    for path in sorted((ROOT / "site/templates").glob("*.html")):
        for call in Environment().parse(path.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in SAY | COUNT:
                for first in call.args[:1]:
                    if isinstance(first, nodes.Const):
                        yield str(first.value), call.node.name in COUNT


def _frame() -> Iterator[tuple[str, bool]]:
    """The frame's own words, and the titles in its lists of links."""
    text = (ROOT / "site/theme/main.html").read_text("utf-8")
    for found in re.findall(r'say\("([^"]+)"\)|, "([^"]+)"\)', text):
        yield "".join(found), False


def _code() -> Iterator[tuple[str, bool]]:
    for path in sorted((ROOT / "scripts/mulu/pages").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        plural = set(_given(tree, COUNT))
        for one in _spoken(tree):
            yield one, one in plural or "{n}" in one
    shell = ast.parse((ROOT / "scripts/mulu/cli/build.py").read_text("utf-8"))
    for one in _given(shell, {"say"}):
        yield one, False


def _given(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """The literals that methods of these names are given: what they say."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            for first in call.args[:1]:
                if call.func.attr in names and isinstance(first, ast.Constant):
                    yield str(first.value)


def _spoken(tree: ast.AST) -> Iterator[str]:
    """Every Chinese literal that is no docstring: words reach ``say`` through tables too."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}  # fmt: skip
    loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    patterns = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call.func) in ("compile", "findall")
        for part in ast.walk(call)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docs | inside | loose | patterns:
            yield node.value


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _schemas() -> Iterator[tuple[str, bool]]:
    for path in sorted((ROOT / "schemas/records").glob("*.json")):
        yield from ((text, False) for text in _titles(yaml.safe_load(path.read_text("utf-8"))))


def _titles(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in TITLES and isinstance(one, str):
                yield one
            elif key == "x-titles" and isinstance(one, dict):
                yield from map(str, one.values())
            else:
                yield from _titles(one)
    elif isinstance(value, list):
        for one in value:
            yield from _titles(one)


def _packs() -> Iterator[tuple[str, bool]]:
    """Titles and sentences of the pack that registers are kept under by default."""
    folder = ROOT / "schemas/policies/shenzhen-2015"
    for path in sorted([folder / "pack.yml", *(folder / "procedures").glob("*.yml")]):
        yield from ((text, False) for text in _said(yaml.safe_load(path.read_text("utf-8"))))


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in PACK_WORDS and isinstance(one, str):
                yield one
            elif key == "how" and isinstance(one, list):
                yield from map(str, one)
            elif key != "example":
                yield from _said(one)
    elif isinstance(value, list):
        for one in value:
            yield from _said(one)


def catalog(code: str, known: Catalog | None) -> Catalog:
    """The catalog of a language: all words, with the translations that are known."""
    made = Catalog(locale=code, project="mulu", charset="utf-8", fuzzy=False)
    made.mime_headers  # noqa: B018  filled by Babel
    for text, plural in words().items():
        key = (text, text) if plural else text
        old = known.get(text) if known else None
        string = old.string if old is not None and isinstance(old.string, tuple) == plural else None
        made.add(key, string if string else ("", "") if plural else "")
    return made


def po(made: Catalog) -> bytes:
    """A catalog as text, without dates: the same words give the same bytes."""
    stream = io.BytesIO()
    write_po(stream, made, width=0, sort_output=False, omit_header=True)
    return _HEADER.encode() + stream.getvalue()


_HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def mo(made: Catalog) -> bytes:
    """A catalog as gettext reads it."""
    stream = io.BytesIO()
    made.revision_date = made.creation_date = _NO_DAY
    write_mo(stream, made)
    return stream.getvalue()


def read(path: Path) -> Catalog:
    """A catalog from its text."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.parts[-3])


def main(codes: Iterable[str]) -> None:
    """Rewrite the catalogs of the languages."""
    for code in codes:
        folder = HERE / code / "LC_MESSAGES"
        path = folder / "mulu.po"
        made = catalog(code, read(path) if path.exists() else None)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po(made))
        (folder / "mulu.mo").write_bytes(mo(read(path)))
        missing = [one.id for one in made if one.id and not one.string]
        print(f"{code}: {len(made)} words, {len(missing)} without a translation")


if __name__ == "__main__":
    main(sys.argv[1:] or ["en"])
