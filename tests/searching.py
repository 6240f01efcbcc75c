"""An index as files, queries to it through node, and the naive way to find the same."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mulu.pages import search
from mulu.pages.search import Entry
from mulu.pages.sheet import Sheet
from registers import ROOT

CORE = ROOT / "site/theme/assets/search-core.js"
FACETS = ("kind", "agency", "library", "sharing", "cycle")


@cache
def traditional() -> search.Folding:
    """The project's own table."""
    return search.Folding((ROOT / "site/search/traditional.txt").read_text("utf-8"))


def sheets_of(entries: Iterable[Entry]) -> list[Sheet]:
    """The index of entries, with no titles for its facet values."""
    cut = search.blocks(entries, traditional())
    found = [search.inverted(block, traditional()) for block in cut]
    return list(search.sheets(cut, found, {}, {}, traditional()))


def write(folder: Path, entries: Iterable[Entry]) -> Path:
    """The files of an index below a folder."""
    for sheet in sheets_of(entries):
        target = folder / sheet.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(sheet.make())
    return folder


@dataclass(frozen=True)
class Answer:
    """What a query finds."""

    total: int
    counts: Mapping[str, Mapping[str, int]]
    hrefs: Sequence[str]
    titles: Sequence[str]


def ask(folder: Path, asked: Sequence[Mapping[str, Any]], rows: int = 20) -> list[Answer]:
    """Many queries at once."""
    return [
        Answer(
            one["total"],
            one["counts"],
            [row["href"] for row in one["rows"]],
            [row["title"] for row in one["rows"]],
        )
        for one in _node({"folder": str(folder), "asked": list(asked), "rows": rows})
    ]


def call(name: str, arguments: Sequence[Sequence[Any]]) -> list[Any]:
    """What a function of search-core.js gives for each list of arguments."""
    return _node({"call": name, "asked": list(arguments)})


def _node(request: dict[str, Any]) -> list[Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: run tests/prepare.sh")
    done = subprocess.run(
        [node, str(Path(__file__).with_name("search_run.cjs"))],
        input=json.dumps({"core": str(CORE), **request}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: list[Any] = json.loads(done.stdout)
    return answer


# ------------------------------------------------------------------ the naive way


def texts(entry: Entry) -> list[str]:
    """Everything an entry is found by, as it is compared."""
    return [
        traditional()(text)
        for text in (entry.title, entry.by, entry.abstract, *entry.words, *entry.items)
    ]


def has(entry: Entry, query: str) -> bool:
    """Whether for each word every two neighbouring characters stand together in some text."""
    found = texts(entry)
    return all(
        any(word[at : at + 2] in text for text in found)
        for word in traditional()(query).split()
        for at in range(len(word) - 1)
    )


def facet(entry: Entry, name: str) -> str:
    """A facet word of an entry."""
    value: str = getattr(entry, name)
    return value


def naive(
    entries: Iterable[Entry], asked: Mapping[str, Any]
) -> tuple[int, dict[str, Counter[str]]]:
    """How many a query finds, and each facet's counts under all other facets."""
    matching = [entry for entry in entries if has(entry, asked["k"])]

    def passing(without: str) -> list[Entry]:
        chosen = [name for name in FACETS if name != without and asked.get(name)]
        return [e for e in matching if all(facet(e, name) in asked[name] for name in chosen)]

    counts = {name: Counter(facet(e, name) for e in passing(name)) for name in FACETS}
    for one in counts.values():
        del one[""]
    return len(passing("")), counts
