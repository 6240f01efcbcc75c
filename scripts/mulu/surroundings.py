"""What of a register a change can touch, told from the bytes of its files without reading them as YAML.

A file's *tokens* are the names it is known by or refers to: its title and code, its items, the
records it names.  Two records can only concern each other when they share a token, so a change
is judged with the records that share one with it, and the other ten thousands stay unread.
Tokens may promise too much (a word in a sentence that looks like a reference), never too little.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from mulu.findings import Finding
from mulu.loading import strict_yaml
from mulu.record import Value
from mulu.register import comparable

Tokens = tuple[str, ...]

_NAMES = {"title": "t ", "name": "n ", "code": "c ", "subject": "s "}
_REFERENCES = ("resource", "entry", "application", "arises_from", "complaint", "request", "law", "library", "from", "settled_by")  # fmt: skip
_WANTED = {**_NAMES, **dict.fromkeys(_REFERENCES, "= ")}
_SPECIAL = b"\"'[{&*!|>"
_NOT_PLAIN = re.compile(rb"(?:^|[:-]) *[\"'\[{&*!|>]", re.MULTILINE)
_RESOURCES = "catalog/resources/"
_OF_RESOURCES = ("title", "name", "code", "subject", "from", "law", "library", "settled_by")


_FOLDED = re.compile(rb"\n +(?![ #-])(?![\w]+:[ \n])")


def _is_written_otherwise(source: bytes) -> bool:
    """Whether a file holds quotes, flow rows, folded values or blanks before a colon."""
    if len(source.translate(None, _SPECIAL)) != len(source) and _NOT_PLAIN.search(source):
        return True
    return b" :" in source or _FOLDED.search(source) is not None


class _Tokens(dict[bytes, str]):
    """The token of each value of one property, made once."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, value: bytes) -> str:
        text = value.partition(b" #")[0].decode("utf-8", "replace")
        found = self[value] = _token(self.name, text)
        return found


class _Word(NamedTuple):
    """A property worth finding: a pattern that begins with a fixed word is found five times faster."""

    word: bytes
    find: Callable[[bytes], list[bytes]]
    tokens: _Tokens


_WORDS = {
    name: _Word(name.encode(), re.compile(rf"{name}:(.*)".encode()).findall, _Tokens(name))
    for name in _WANTED
}
_IN_RESOURCES = tuple(_WORDS[name] for name in _OF_RESOURCES)
_IN_OTHERS = tuple(_WORDS[name] for name in ("title", *_REFERENCES))


def tokens(path: str, source: bytes) -> Tokens:
    """The tokens of one file; whatever its form, even broken."""
    if _is_written_otherwise(source):
        data = strict_yaml.load(path, source)
        if not isinstance(data, Finding):
            return tuple(dict.fromkeys(_of_data(data)))
    found: list[str] = ["w"] if b"\nwithdrawn:" in source else []
    for word, find, known in _IN_RESOURCES if path.startswith(_RESOURCES) else _IN_OTHERS:
        if word in source:
            found += map(known.__getitem__, find(source))
    return tuple(dict.fromkeys(found))


def _of_data(value: Value, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for below, inner in value.items():
            if below == "withdrawn":
                yield "w"
            yield from _of_data(inner, below)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_data(inner, name)
    elif isinstance(value, str) and name in _WANTED:
        yield _token(name, value)


def _token(name: str, value: str) -> str:
    form = _WANTED[name]
    if form in "t n ":
        return form + comparable(value)
    return form + value.strip().partition("#")[0] if form == "= " else form + value.strip()


def reference(key: str) -> str:
    """The token of a record that names another by its key."""
    return f"= {key}"


def can_clash(token: str) -> bool:
    """Whether two records that share a token may contradict each other: one title, one code."""
    return token[0] in "tc" and len(token) > 2


class Names:
    """Normalised names, findable by likeness: an inverted index of their pieces of two characters."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self._at: dict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self.names):
            for piece in _pieces(name):
                self._at[piece].append(number)

    def like(self, name: str, least: float) -> Iterator[tuple[str, float]]:
        """Every other name at least so like it (0 to 100), with how much."""
        from rapidfuzz import fuzz

        pieces = _pieces(name)
        counts: dict[int, int] = defaultdict(int)
        for piece in pieces:
            for number in self._at.get(piece, ()):
                counts[number] += 1
        for number, shared in sorted(counts.items()):
            other = self.names[number]
            if other != name and 2 * shared >= len(pieces):
                score = fuzz.ratio(name, other, score_cutoff=least)
                if score:
                    yield other, score


def _pieces(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)} or {name}


def sharing(known: Mapping[str, Tokens], wanted: frozenset[str]) -> Iterator[str]:
    """The paths of which a token is wanted."""
    return (path for path, has in known.items() if not wanted.isdisjoint(has))
