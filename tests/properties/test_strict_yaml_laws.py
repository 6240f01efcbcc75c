"""Laws of the strict loader: it never crashes, and what it accepts has one reading."""

from __future__ import annotations

import unicodedata

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mulu.findings import Finding
from mulu.loading import canonical
from mulu.loading.strict_yaml import escape_pointer, load, positions
from mulu.record import Data, Value
from registers import EXAMPLES
from test_strict_yaml import TextDates

TOKENS = ["a", "title", ": ", ":", "- ", "-", "\n", "  ", " ", "[", "]", "{", "}", ",", "&x", "*x", "!t", "!!int ", "|", ">", "'", '"', "#", " # c", "---\n", "...\n", "%YAML 1.1\n", "<<", "?", "@", "`", "yes", "0755", "1e3", "甲", "\u202e", "\\u202e", "\r", "\t", "\ufeff", "~", "null", "2026-03-02", "\\"]  # fmt: skip
RECORDS = [path.read_bytes() for path in sorted((EXAMPLES / "common").rglob("*.yml"))]


def sound(source: bytes) -> None:
    """A refusal lies inside the file; an acceptance reads the same in PyYAML."""
    loaded = load("x.yml", source)
    if isinstance(loaded, Finding):
        assert 0 <= loaded.place.line <= source.count(b"\n") + source.count(b"\r") + 1
        assert loaded.sentence(str, str)
        positions(source)
        return
    assert loaded == yaml.load(source, Loader=TextDates)
    places = positions(source)
    assert {pointer for pointer, _ in values(loaded, "")} <= set(places)


def values(value: Value, pointer: str) -> list[tuple[str, Value]]:
    """Every value with its pointer."""
    found = [(pointer, value)]
    if isinstance(value, dict):
        for name, below in value.items():
            found += values(below, f"{pointer}/{escape_pointer(name)}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            found += values(below, f"{pointer}/{index}")
    return found


@given(st.lists(st.sampled_from(TOKENS), max_size=25))
@settings(max_examples=3_000, deadline=None)
def test_token_soup(tokens: list[str]) -> None:
    sound("".join(tokens).encode())


@given(st.binary(max_size=200))
@settings(max_examples=2_000, deadline=None)
def test_random_bytes(source: bytes) -> None:
    sound(source)


@given(st.text(max_size=200))
@settings(max_examples=1_500, deadline=None)
def test_random_text(text: str) -> None:
    sound(text.encode("utf-8", "surrogatepass"))


@given(st.sampled_from(RECORDS), st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 4))
@settings(max_examples=2_000, deadline=None)
def test_mutated_good_files(source: bytes, at: int, piece: bytes, cut: int) -> None:
    at %= len(source)
    sound(source[:at] + piece + source[at + cut :])


def nfc(text: str) -> str:
    """The text in the form records are written in."""
    return unicodedata.normalize("NFC", text)


TEXTS = st.text(st.characters(exclude_categories=["C", "Z", "M"]) | st.sampled_from(" #:-'\"&*!|>%@`{}[],?\\~"), min_size=1, max_size=20).map(nfc) | st.sampled_from(["yes", "on", "null", "true", "0755", "1e3", "2026-03-02", "a: b", "- a", "#x", "a #b", " a", "a ", "", "~", "12", "1.5", "《法》", "a:", "…"])  # fmt: skip
SCALARS = TEXTS | st.integers(-(10**14), 10**14) | st.booleans() | st.none() | st.integers(-999, 999).map(lambda n: n / 8)  # fmt: skip
KEYS = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
DATA = st.dictionaries(KEYS, st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3), max_leaves=10), min_size=1, max_size=5)  # fmt: skip


def readable(value: Value) -> bool:
    """Whether every text in a value is one the loader admits."""
    return all(
        not isinstance(v, str) or load("x.yml", b'a: "' + v.replace("\\", "").replace('"', "").encode() + b'"\n') == {"a": v.replace("\\", "").replace('"', "")}
        for _, v in values(value, "")
    )  # fmt: skip


@given(DATA.filter(readable))
@settings(max_examples=1_000, deadline=None)
def test_what_is_dumped_loads_as_it_was(data: Data) -> None:
    assert load("x.yml", canonical.dump(data, {})) == data


@given(DATA.filter(readable))
@settings(max_examples=300, deadline=None)
def test_formatting_twice_is_formatting_once(data: Data) -> None:
    once = canonical.dump(data, {})
    assert canonical.format_source(once, data, {}) == once
