"""The strict loader refuses each attack for its own reason, at its place, and accepts the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mulu.findings import Finding
from mulu.loading import strict_yaml
from mulu.loading.scalars import MAX_DEPTH, MAX_NODES, MAX_SCALAR
from mulu.loading.strict_yaml import MAX_BYTES, RULES, load, positions

HOSTILE = Path(__file__).parent / "hostile" / "yaml"


def said(source: bytes) -> str:
    """The code a source is refused with, or 'accepted'."""
    loaded = load("x.yml", source)
    return loaded.rule.code if isinstance(loaded, Finding) else "accepted"


def test_every_hostile_file_is_refused_for_its_reason_at_its_place() -> None:
    rows: list[str] = []
    for path in sorted(HOSTILE.glob("*.yml")):
        loaded = load(path.name, path.read_bytes())
        assert isinstance(loaded, Finding), f"{path.name} was accepted"
        rows.append(f"{path.name} {loaded.rule.code} {loaded.place.line}:{loaded.place.column}")
    assert rows == (HOSTILE / "expected.txt").read_text("utf-8").splitlines()


def test_every_rule_of_the_loader_has_a_hostile_file_or_a_limit_test() -> None:
    met = {row.split()[1] for row in (HOSTILE / "expected.txt").read_text("utf-8").splitlines()}
    limits = {"file-too-large", "too-many-nodes", "scalar-too-long", "too-deep"}
    assert met | limits == {rule.code for rule in RULES}


def test_the_refused_text_is_never_in_the_finding() -> None:
    for path in sorted(HOSTILE.glob("*.yml")):
        loaded = load(path.name, path.read_bytes())
        assert isinstance(loaded, Finding)
        for value in loaded.values.values():
            assert value.isprintable()


def nested(depth: int) -> bytes:
    """A document whose deepest mapping is ``depth`` levels down."""
    rows = ["  " * level + "a:" for level in range(depth - 1)]
    return "\n".join([*rows, "  " * (depth - 1) + "a: 1", ""]).encode()


def flow(depth: int) -> bytes:
    """The same in brackets: one mapping and ``depth - 1`` lists."""
    return b"a: " + b"[" * (depth - 1) + b"]" * (depth - 1) + b"\n"


def many(nodes: int) -> bytes:
    """A mapping with one list: exactly ``nodes`` nodes, keys counted."""
    return b"a:\n" + b"  - 1\n" * (nodes - 3)


def large(size: int) -> bytes:
    """A file of exactly ``size`` bytes: one value and comments."""
    row = b"# " + b"x" * 61 + b"\n"
    body = b"a: 1\n" + row * ((size - 5) // len(row) - 1)
    rest = size - len(body)
    return body + b"#" + b"x" * (rest - 2) + b"\n"


def plain(length: int) -> bytes:
    """A plain scalar of exactly ``length`` characters."""
    return b"a: " + b"x" * length + b"\n"


def quoted(length: int) -> bytes:
    """The same in quotes."""
    return b'a: "' + b"x" * length + b'"\n'


LIMITS: list[tuple[str, Callable[[int], bytes], int]] = [
    ("too-deep", nested, MAX_DEPTH),
    ("too-deep", flow, MAX_DEPTH),
    ("too-many-nodes", many, MAX_NODES),
    ("file-too-large", large, MAX_BYTES),
    ("scalar-too-long", plain, MAX_SCALAR),
    ("scalar-too-long", quoted, MAX_SCALAR),
]


@pytest.mark.parametrize(
    ("code", "build", "limit"), LIMITS, ids=[row[1].__name__ for row in LIMITS]
)
def test_a_limit_accepts_n_and_refuses_n_plus_1(
    code: str, build: Callable[[int], bytes], limit: int
) -> None:
    assert said(build(limit)) == "accepted"
    assert said(build(limit + 1)) == code


ACCEPTED: list[tuple[str, object]] = [
    ("a", "a"), ("0", 0), ("-5", -5), ("123456789012345", 123456789012345), ("1.5", 1.5), ("-0.25", -0.25),
    ("true", True), ("false", False), ("null", None), ("", None), ("2026-03-02", "2026-03-02"), ("308011/12", "308011/12"),
    ("第二十五条", "第二十五条"), ("《统计法》", "《统计法》"), ("2026年", "2026年"), ("'0755'", "0755"), ('"yes"', "yes"), ('"\\u5a5a"', "婚"),
    (">-\n  长的\n  文字", "长的 文字"), ("[a, b]", ["a", "b"]), ("{b: 1}", {"b": 1}), ("[]", []), ("a#b", "a#b"), ("a:b", "a:b"), ("a # 注", "a"), ("nope", "nope"), ("e10", "e10"), ("0x", "0x"), ("1.2.3", "1.2.3"), ("12:345", "12:345"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), ACCEPTED, ids=[repr(text) for text, _ in ACCEPTED])
def test_an_accepted_scalar_has_this_value(text: str, value: object) -> None:
    loaded = load("x.yml", f"a: {text}\n".encode())
    assert loaded == {"a": value}
    assert isinstance(loaded, dict)
    assert type(loaded["a"]) is type(value)


class TextDates(yaml.CSafeLoader):
    """PyYAML's own loader, dates left as text as ours does."""


TextDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@pytest.mark.parametrize("text", [text for text, _ in ACCEPTED])
def test_what_is_accepted_reads_the_same_elsewhere(text: str) -> None:
    source = f"a: {text}\n".encode()
    assert load("x.yml", source) == yaml.load(source, Loader=TextDates)


def test_positions_of_every_value_and_key() -> None:
    source = "title: 婚姻 # 注\nitems:\n  - name: 甲\n    key: x\n  - {name: 乙}\n".encode()
    assert positions(source) == {
        "": (1, 1), "/title#": (1, 1), "/title": (1, 8), "/items#": (2, 1), "/items": (3, 3),
        "/items/0": (3, 5), "/items/0/name#": (3, 5), "/items/0/name": (3, 11), "/items/0/key#": (4, 5), "/items/0/key": (4, 10),
        "/items/1": (5, 5), "/items/1/name#": (5, 6), "/items/1/name": (5, 12),
    }  # fmt: skip


def test_pointers_are_escaped() -> None:
    assert "/a~1b/~0" in positions(b"a/b:\n  ~0: 1\n") or "/a~1b" in positions(b'"a/b":\n  c: 1\n')
    assert strict_yaml.escape_pointer("a/b~c") == "a~1b~0c"


def test_positions_of_a_broken_source_end_where_it_breaks() -> None:
    assert positions(b"a: 1\nb: [\n")["/a"] == (1, 4)
