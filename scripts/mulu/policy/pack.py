"""A policy pack: the rule as data (words, procedures, articles), nothing of it in code.

A pack is the folder ``schemas/policies/<name>/``; an older version that cases still run
under is kept beside it as ``<name>@<version>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mulu.policy.indicator import Assessment, Chapter, Indicator
from mulu.policy.procedure import Procedure, Source
from mulu.record import Data, Record, numbers_in, rows_in, texts_in

Name = str
Reference = str
"""``name@version``, as a case names the pack it was opened under."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a vocabulary: its Chinese title, what it means, and what the rule attaches to it."""

    word: str
    title: str
    says: str = ""
    marks: frozenset[str] = frozenset()
    stands_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """A property the rule wants every resource (of some sharing classes) to state."""

    route: tuple[str, ...]
    title: str
    classes: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who may add and change the records of a kind: the agency in the path, holders of roles.

    With ``fields`` only those.  ``governs``, or a property in ``governing``, decides how data is
    judged and never changes together with data.
    """

    kind: str
    own: bool
    roles: tuple[str, ...]
    fields: frozenset[str]
    governs: bool
    governing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty, power, prohibition or definition of an article, and what answers it.

    ``answers`` are (kind of answer, its name); an empty tuple with ``outside`` or
    ``pending`` says why the register does not answer it, or not yet.
    """

    number: str
    kind: str
    actor: str
    title: str
    limit: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    outside: str = ""
    pending: str = ""
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One article in our own words, with its duties."""

    number: int
    title: str
    says: str
    duties: tuple[Duty, ...]
    unconfirmed: bool = False


@dataclass(frozen=True)
class Pack:
    """The rules a register is kept under."""

    name: Name
    title: str
    short: str
    number: str
    issuer: str
    version: int
    in_force_from: str
    record: Record
    has_negative_list: bool = True
    unconfirmed: bool = False
    vocabularies: Mapping[str, Mapping[str, Term]] = field(
        default_factory=dict[str, Mapping[str, Term]]
    )
    requires: tuple[Requirement, ...] = ()
    keepers: tuple[Keeper, ...] = ()
    one_source: frozenset[str] = frozenset()
    freshness: Mapping[str, int] = field(default_factory=dict[str, int])
    articles: Mapping[int, Article] = field(default_factory=dict[int, Article])
    procedures: Mapping[str, Procedure] = field(default_factory=dict[str, Procedure])
    examples: Mapping[str, Data] = field(default_factory=dict[str, Data])
    chapters: Mapping[str, Chapter] = field(default_factory=dict[str, Chapter])
    """The parts of the annual report that indicators stand in, in order."""
    indicators: Mapping[str, Indicator] = field(default_factory=dict[str, Indicator])
    assessment: Assessment | None = None

    @property
    def reference(self) -> Reference:
        """How a case names this pack."""
        return f"{self.name}@{self.version}"

    def term(self, vocabulary: str, word: str) -> Term | None:
        """The term; of another pack's word, the term that stands for it; None where there is none."""
        words = self.vocabularies.get(vocabulary, {})
        return words.get(word) or next(
            (term for term in words.values() if word in term.stands_for), None
        )

    def word_for(self, vocabulary: str, word: str) -> str:
        """A word as this pack says it; the word itself where the pack has nothing for it."""
        term = self.term(vocabulary, word)
        return term.word if term else word

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

    def class_word(self, *, withheld: bool) -> str:
        """The first sharing class that withholds, or the first that does not: the default."""
        terms = self.vocabularies.get("sharing-class", {}).values()
        return next((term.word for term in terms if ("withheld" in term.marks) is withheld), "")

    def marked(self, vocabulary: str, mark: str) -> str:
        """The first word of a vocabulary with a mark, or ''."""
        terms = self.vocabularies.get(vocabulary, {}).values()
        return next((term.word for term in terms if mark in term.marks), "")

    def role_titles(self, roles: Iterable[str]) -> str:
        """The titles of roles: 市电子政务主管部门、市法制部门."""
        return "、".join(self.title_of("role", role) for role in roles)

    def choices(self, procedure: Procedure, state: str) -> str:
        """The acts that lead out of a state ('' before the case is opened) and who does them."""
        ways = procedure.by_state.get(state, ()) if state else procedure.opening
        rows = [
            f"{way.title} {way.act}（{'、'.join(self.capacity_title(procedure, by) for by in way.by)}）"
            for way in ways
        ]
        return "；".join(rows) or "没有，案件已到终点；要办新的事，另立案件"

    def capacity_title(self, procedure: Procedure, word: str) -> str:
        """A party's or a role's title."""
        party = procedure.parties.get(word)
        return party.title if party else self.title_of("role", word)


def pack_of(
    record: Record,
    articles: Record | None,
    procedures: Mapping[str, Procedure],
    examples: Mapping[str, Data],
) -> Pack:
    """The pack that valid files describe; what is missing of it is left empty."""
    days = record.get("freshness_days")
    return Pack(
        name=record.text("name"),
        title=record.title,
        short=record.text("short") or record.title,
        number=record.text("number"),
        issuer=record.text("issuer"),
        version=int(str(record.get("version"))),
        in_force_from=record.text("in_force_from"),
        record=record,
        has_negative_list=record.get("negative_list") is True,
        unconfirmed=record.get("unconfirmed") is True,
        vocabularies=_vocabularies(record),
        requires=tuple(_requirement(row) for row in record.rows("requires")),
        keepers=tuple(map(_keeper, record.rows("keepers"))),
        one_source=frozenset(record.texts("one_source")),
        freshness={cycle: n for cycle, n in days.items() if isinstance(n, int)}
        if isinstance(days, dict)
        else {},
        articles={
            article.number: article
            for article in map(_article, articles.rows("articles") if articles else ())
        },
        procedures={
            name: procedures[name] for name in record.texts("procedures") if name in procedures
        },
        examples=examples,
    )


def _vocabularies(record: Record) -> dict[str, dict[str, Term]]:
    vocabularies = record.get("vocabularies")
    names = vocabularies if isinstance(vocabularies, dict) else {}
    return {
        name: {str(row["word"]): _term(row) for row in record.rows("vocabularies", name)}
        for name in names
    }


def _term(row: Data) -> Term:
    marks = frozenset(name for name, value in row.items() if value is True)
    return Term(
        str(row["word"]),
        str(row["title"]),
        str(row.get("says", "")),
        marks,
        tuple(texts_in(row.get("stands_for"))),
    )


def _requirement(row: Data) -> Requirement:
    return Requirement(
        tuple(str(row["field"]).split("/")),
        str(row["title"]),
        tuple(texts_in(row.get("classes"))),
        Source(numbers_in(row["articles"]), unconfirmed=row.get("unconfirmed") is True),
    )


def _keeper(row: Data) -> Keeper:
    return Keeper(
        str(row["kind"]),
        row.get("own") is True,
        tuple(texts_in(row.get("roles"))),
        frozenset(texts_in(row.get("fields"))),
        row.get("governs") is True,
        frozenset(texts_in(row.get("governing"))),
    )


def _article(row: Data) -> Article:
    return Article(
        int(str(row["article"])),
        str(row["title"]),
        str(row["says"]),
        tuple(map(_duty, rows_in(row["duties"]))),
        row.get("unconfirmed") is True,
    )


def _duty(row: Data) -> Duty:
    return Duty(
        number=str(row["duty"]),
        kind=str(row["kind"]),
        actor=str(row["actor"]),
        title=str(row["title"]),
        limit=str(row.get("limit", "")),
        answers=tuple(map(_answer, rows_in(row.get("answers")))),
        outside=str(row.get("outside", "")),
        pending=str(row.get("pending", "")),
        unconfirmed=row.get("unconfirmed") is True,
    )


def _answer(row: Data) -> tuple[str, str]:
    if "procedure" in row:
        act = str(row.get("act", ""))
        return "procedure", f"{row['procedure']}/{act}" if act else str(row["procedure"])
    return next(((name, str(value)) for name, value in row.items()), ("", ""))
