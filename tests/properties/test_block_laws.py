"""The fast reader equals its slow oracle: what it reads, the event reader reads the same."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mulu.findings import Finding
from mulu.loading import block, strict_yaml
from registers import ROOT

KEYS = st.sampled_from(["title", "a", "b", "items", "name", "on", "null", "y", "a_1"])
SCALARS = st.sampled_from(["甲", "x", "12", "0755", "1.5", "-1", "true", "yes", "null", "~", "", '"x"', '"a: b"', '"\\u0041"', "a: b", "a:b", "a #b", "a#b", "a:", "- x", "[]", "{}", "[a]", "|", ">-", "&x", "*x", "!t", "2026-03-02", "1e3", "'x'", " x", "x ", "《法》", "<<", "?x", ":x", "%x", "@x", "=", ".inf", "a  b", "# c", '"'])  # fmt: skip


def line_of(indent: int, dash: bool, key: str | None, value: str) -> str:
    """A line of something like YAML."""
    body = f"{key}: {value}" if key else value
    return " " * indent + ("- " if dash else "") + body


WHOLE_LINES = st.sampled_from(["title:", "  a:", "items:", "  - name: x", "    b: 1", "  -", "---", "...", "", "# x", "  - "])  # fmt: skip
LINES = (
    st.builds(line_of, st.integers(0, 6), st.booleans(), st.none() | KEYS, SCALARS) | WHOLE_LINES
)


def nothing(_: str) -> None:
    """A fast reader that never reads."""


def slow(text: str) -> object:
    """What the event reader makes of a text, or the code it refuses with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "read", nothing)
        loaded = strict_yaml.load("x.yml", text.encode())
    return loaded.rule.code if isinstance(loaded, Finding) else loaded


@given(st.lists(LINES, max_size=8))
@example(["a: b", "  c: d"])
@example(["a:", "  - b: 1", "    c:", "      - d", "  - e: 2", "f: 3"])
@example(["a:", "- b"])
@example(["a: 1", "a: 2"])
@settings(max_examples=3_000, deadline=None)
def test_line_soup(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    fast = block.read(text)
    assert fast is None or fast == slow(text)


RECORDS = [p.read_text("utf-8") for p in sorted((ROOT / "catalog").rglob("*.yml"))[::29]]


@given(st.sampled_from(RECORDS), st.integers(0, 5_000), st.sampled_from([" ", "-", ":", "#", '"', "\n", "  ", "0", "'", "&", "- ", ": "]), st.booleans())  # fmt: skip
@settings(max_examples=1_500, deadline=None)
def test_mutated_records(text: str, at: int, piece: str, replace: bool) -> None:
    at %= len(text)
    mutated = text[:at] + piece + text[at + (len(piece) if replace else 0) :]
    fast = None
    with contextlib.suppress(UnicodeError):
        fast = block.read(mutated)
    assert fast is None or fast == slow(mutated)


def test_the_registers_own_records_are_read_fast() -> None:
    files = [path for folder in ("catalog", "negative-list") for path in sorted(Path(ROOT, folder).rglob("*.yml"))]  # fmt: skip
    slow_ones = [path.name for path in files if block.read(path.read_text("utf-8")) is None]
    assert len(files) > 500
    assert slow_ones == []
