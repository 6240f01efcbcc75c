"""A policy pack: the rule as data (titles, vocabularies, articles), nothing of it in code.

A pack is the folder ``schemas/policies/<name>/``.  What this module reads of it now:
``pack.yml`` (the instrument and its vocabularies) and ``articles.yml`` (each article's
number and its content in our own words).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mulu.findings import Finding
from mulu.loading import strict_yaml
from mulu.record import Data, Value


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a vocabulary: its Chinese title, what it means, and what the rule attaches to it."""

    word: str
    title: str
    says: str = ""
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pack:
    """The rules a register is kept under."""

    name: str
    title: str
    number: str
    issuer: str
    version: int
    in_force_from: str
    vocabularies: Mapping[str, Mapping[str, Term]]
    opening_acts: Mapping[str, str] = field(default_factory=dict[str, str])
    freshness: Mapping[str, int] = field(default_factory=dict[str, int])
    articles: Mapping[int, Mapping[str, str]] = field(default_factory=dict[int, Mapping[str, str]])

    def term(self, vocabulary: str, word: str) -> Term | None:
        """The term, or None where the pack has no such word."""
        return self.vocabularies.get(vocabulary, {}).get(word)

    def title_of(self, vocabulary: str, word: str) -> str:
        """The term's title; the word itself where the pack has none."""
        term = self.term(vocabulary, word)
        return term.title if term else word

    def has_mark(self, vocabulary: str, word: str, mark: str) -> bool:
        """Whether the pack attaches a mark to a word, e.g. ('rank', 'law', 'admissible')."""
        term = self.term(vocabulary, word)
        return term is not None and mark in term.marks

    def is_withheld(self, sharing_class: str) -> bool:
        """Whether a sharing class keeps a resource from other agencies (art. 12)."""
        return self.has_mark("sharing-class", sharing_class, "withheld")


def load(name: str, files: Iterable[tuple[str, bytes]]) -> Pack:
    """Read a pack from its files (paths relative to the pack's folder).

    Raises ValueError naming the file where the pack is missing or unreadable: a register
    cannot be judged without its rule.
    """
    documents: dict[str, Data] = {}
    for path, source in files:
        if path.endswith(".yml"):
            loaded = strict_yaml.load(path, source)
            if isinstance(loaded, Finding):
                place = loaded.place
                raise ValueError(f"{name}/{path}:{place.line}:{place.column}: {loaded.rule.code}")
            documents[path] = loaded
    head = documents.get("pack.yml")
    if head is None:
        raise ValueError(f"没有规则包 {name}（schemas/policies/{name}/pack.yml）")
    return Pack(
        name=name,
        title=str(head["title"]),
        number=str(head.get("number", "")),
        issuer=str(head.get("issuer", "")),
        version=int(str(head.get("version", 1))),
        in_force_from=str(head.get("in_force_from", "")),
        vocabularies=_vocabularies(head),
        opening_acts=_texts(head.get("opening_acts")),
        freshness=_freshness(head),
        articles=_articles(documents.get("articles.yml", {})),
    )


def _vocabularies(head: Data) -> dict[str, dict[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    vocabularies = head.get("vocabularies")
    for name, words in vocabularies.items() if isinstance(vocabularies, dict) else ():
        if isinstance(words, dict):
            found[name] = {word: _term(word, row) for word, row in words.items()}
    return found


def _term(word: str, row: Value) -> Term:
    if not isinstance(row, dict):
        return Term(word, word)
    marks = frozenset(str(name) for name, value in row.items() if value is True)
    return Term(word, str(row.get("title", word)), str(row.get("says", "")), marks)


def _texts(rows: Value) -> dict[str, str]:
    return {str(name): str(value) for name, value in rows.items()} if isinstance(rows, dict) else {}


def _freshness(head: Data) -> dict[str, int]:
    """Days after which data of an update cycle counts as late."""
    rows = head.get("freshness_days")
    items = rows.items() if isinstance(rows, dict) else ()
    return {cycle: days for cycle, days in items if isinstance(days, int)}


def _articles(document: Data) -> dict[int, dict[str, str]]:
    rows = document.get("articles")
    found: dict[int, dict[str, str]] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("article"), int):
            number = int(str(row["article"]))
            found[number] = {name: str(value) for name, value in row.items() if name != "article"}
    return found
