"""What a check has to say: rules, places and findings.

A finding keeps the sentence, the values and the place apart, because values come
from strangers: each renderer escapes them for its own medium and only then puts
them into the sentence.  Nothing here imports anything of ours.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """ERROR blocks, WARNING is shown, NOTE informs (the three words of SARIF)."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Stage(StrEnum):
    """Where in the pipeline a rule speaks: bytes and YAML, shape, state, step."""

    LOAD = "load"
    SCHEMA = "schema"
    REGISTER = "register"
    CHANGE = "change"


class Side(StrEnum):
    """Which state of a change a place lies in; a single state is always HEAD."""

    BASE = "base"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file.  ``line`` and ``column`` count characters from 1; 0 is the whole file."""

    path: str
    pointer: str = ""
    line: int = 0
    column: int = 0
    side: Side = Side.HEAD


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong, said once.

    ``says`` and ``fix`` are templates whose fields are plain names; ``why`` explains
    the rule to a reader and is what ``mulu explain`` and the rule's page show.
    ``article`` is an article of the rule the register implements (深府〔2015〕99号).
    ``whole`` says that it counts over the whole register: a change hears it only of the
    records it changes itself, because of the others it reads a part.

    Raises ValueError when a template is more than text and plain names, because
    ``{a.b}`` or ``{a!r}`` would let a value reach into our objects.
    """

    code: str
    title: str
    says: str
    fix: str
    why: str
    level: Level = Level.ERROR
    stage: Stage = Stage.REGISTER
    article: int | None = None
    whole: bool = False
    fields: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", frozenset(_fields(self.says) | _fields(self.fix)))

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The explanation, a paragraph each; lines of a paragraph joined as Chinese text is."""
        parts = self.why.strip().split("\n\n")
        return tuple("".join(line.strip() for line in part.split("\n")) for part in parts)

    def finding(
        self, place: Place, *, related: tuple[tuple[Place, str], ...] = (), **values: object
    ) -> Finding:
        """One occurrence.  Raises ValueError unless the values are exactly the template's fields."""
        return self.occurrence(place, values, related)

    def occurrence(
        self,
        place: Place,
        values: Mapping[str, object],
        related: tuple[tuple[Place, str], ...] = (),
    ) -> Finding:
        """``finding`` for values that are not known one by one."""
        if frozenset(values) != self.fields:
            raise ValueError(f"{self.code}: needs {sorted(self.fields)}, got {sorted(values)}")
        return Finding(self, place, {name: str(value) for name, value in values.items()}, related)


@dataclass(frozen=True, slots=True)
class Finding:
    """One occurrence of a rule, at a place, with the values its sentence needs."""

    rule: Rule
    place: Place
    values: Mapping[str, str]
    related: tuple[tuple[Place, str], ...] = ()

    def sentence(self, escape: Callable[[str], str], translate: Callable[[str], str]) -> str:
        """What is wrong, each value escaped for the medium."""
        return fill(translate(self.rule.says), self.values, escape)

    def remedy(self, escape: Callable[[str], str], translate: Callable[[str], str]) -> str:
        """What to write instead, each value escaped for the medium."""
        return fill(translate(self.rule.fix), self.values, escape)

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: path, line, column, code, pointer; the same in every output."""
        return (
            self.place.path,
            self.place.line,
            self.place.column,
            self.rule.code,
            self.place.pointer,
        )

    @property
    def fingerprint(self) -> str:
        """Identity that survives the finding moving to another line (SARIF, GitLab)."""
        parts = [self.rule.code, self.place.path, self.place.pointer]
        parts += [f"{name}={value}" for name, value in sorted(self.values.items())]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that crashed: which, and the kind of exception (never its text, which may quote data)."""

    code: str
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings of a run, which rules ran, which did not and why, and which crashed."""

    findings: tuple[Finding, ...]
    records: int
    ran: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()

    def count(self, level: Level) -> int:
        """How many findings are of a level."""
        return sum(finding.rule.level is level for finding in self.findings)

    @property
    def passed(self) -> bool:
        """No error found, nothing crashed, nothing left unchecked."""
        return not (self.faults or self.skipped or self.count(Level.ERROR))


def fill(template: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    """Put escaped values into a template that holds nothing but text and plain names."""
    out: list[str] = []
    for text, name, _, _ in string.Formatter().parse(template):
        out.append(text)
        if name is not None:
            out.append(escape(values[name]))
    return "".join(out)


def _fields(template: str) -> set[str]:
    names: set[str] = set()
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"only plain names may stand in a template: {template!r}")
        names.add(name)
    return names


def article_name(number: int) -> str:
    """An article as the rule's own text counts it: 17 → 第十七条.

    Raises ValueError outside 1 to 99.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"no such article: {number}")
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else digits[tens]) + "十"
    return f"第{head}{digits[ones] if ones else ''}条"


def articles_name(numbers: Iterable[int]) -> str:
    """第十四条、第十五条; 未列条款 where there is none."""
    return "、".join(article_name(number) for number in numbers) or "未列条款"
