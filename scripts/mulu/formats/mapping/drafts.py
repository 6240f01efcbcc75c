"""One row, read as its map says: a draft of a record, or the reasons why there is none.

A draft keeps apart what the source *says* from what the map only *fills in* (constants,
words for what is absent): the first is written whenever it changes, the second only where
the record has nothing yet, so that a later import never undoes a person's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from mulu.formats.mapping import cells
from mulu.formats.mapping.notes import Note, RefusedError
from mulu.formats.mapping.plan import Choice, Do, Field, Plan, Reads, Target
from mulu.record import Data, Value
from mulu.register import comparable

_MAX_RAW = 200  # characters of one entry of source.raw
_MAX_IDENTIFIER = 300
_MAX_ITEMS = 1000
_MAX_URL = 2000


@dataclass(slots=True)
class Draft:
    """What one row comes to.

    ``origin`` is the identity as the row has it, ``said`` every field's original text;
    both, and ``more``, are written as source.raw holds them, 列名=原值.
    """

    row: int
    agency: Data = field(default_factory=dict[str, Value])
    values: dict[Target, Value] = field(default_factory=dict[Target, Value])
    defaults: dict[Target, Value] = field(default_factory=dict[Target, Value])
    identifier: str = ""
    origin: str = ""
    url: str = ""
    said: dict[Target, tuple[str, ...]] = field(default_factory=dict[Target, tuple[str, ...]])
    converted: list[Target] = field(default_factory=list[Target])
    more: list[str] = field(default_factory=list[str])
    notes: list[Note] = field(default_factory=list[Note])

    @property
    def title(self) -> str:
        """The resource's title."""
        return str(self.values.get(("title",), ""))

    @property
    def raw(self) -> list[str]:
        """The original texts of what was converted, then those of rows merged into this one."""
        own = [entry for target in self.converted for entry in self.said.get(target, ())]
        return list(dict.fromkeys((*own, *self.more)))


@dataclass(frozen=True, slots=True)
class Draughtsman:
    """Reads rows by one plan; ``url_form`` is the pattern of the record's schema."""

    plan: Plan
    columns: Mapping[str, str]
    url_form: re.Pattern[str]

    def draft(self, row: int, given: Mapping[str, Value]) -> Draft | tuple[Note, ...]:
        """The row's draft, or every reason against it.

        Where there is personal data that is the only reason: no other may quote the row.
        """
        drawing = _Drawing(self.plan, Draft(row))
        reasons = drawing.lay_out(given, self.columns)
        if not reasons:
            reasons = drawing.fill(self.url_form)
        return tuple(dict.fromkeys(reasons)) or drawing.draft


@dataclass(slots=True)
class _Drawing:
    plan: Plan
    draft: Draft
    cells: dict[str, str | list[str]] = field(default_factory=dict[str, "str | list[str]"])

    def lay_out(self, given: Mapping[str, Value], columns: Mapping[str, str]) -> list[Note]:
        """Clean every column the plan reads, before anything may be quoted."""
        reasons: list[Note] = []
        for name, value in given.items():
            folded = folded_name(name)
            column = columns.get(folded)
            if column is None:
                continue
            try:
                if folded in self.cells:
                    raise RefusedError("repeated-column", column)
                self.cells[folded] = self.clean(column, value)
            except RefusedError as refused:
                reasons.append(refused.note)
        personal = [reason for reason in reasons if reason.code == "personal-data"]
        return personal or reasons

    def clean(self, column: str, value: Value) -> str | list[str]:
        if isinstance(value, list):
            return [self.clean_text(column, one) for one in value]
        return self.clean_text(column, value)

    def clean_text(self, column: str, value: Value) -> str:
        text, codes = cells.clean(cells.text_of(value, column), column, self.plan.manner)
        kind = cells.personal_data(text, is_address="://" in text[:10])
        if kind:
            raise RefusedError("personal-data", column, kind)
        for code in dict.fromkeys(codes):
            self.note(code, column)
        return text

    def note(self, code: str, column: str, value: str = "") -> None:
        note = Note(code, column, value)
        if note not in self.draft.notes:
            self.draft.notes.append(note)

    def fill(self, url_form: re.Pattern[str]) -> list[Note]:
        """Read every field; the reasons of all that cannot be read."""
        reasons: list[Note] = []
        for step in (self.read_agency, self.read_identity):
            try:
                step()
            except RefusedError as refused:
                reasons.append(refused.note)
        for one in self.plan.resource:
            try:
                value = self.value(one)
                if value is not None:
                    self.draft.values[one.target] = value
            except RefusedError as refused:
                reasons.append(refused.note)
        if self.plan.url is not None:
            self.read_url(self.plan.url, url_form)
        return reasons

    def read_agency(self) -> None:
        title = ""
        for one in self.plan.agency:
            if one.columns or one.constant is not None:
                value = self.value(one)
                filled = self.draft.defaults.pop(one.target, None)
                value = filled if value is None else value
            else:
                value = self.chosen(one, title, title)
            if value is not None:
                self.draft.agency[one.target[0]] = value
            if one.target == ("title",):
                title = str(value)
                self.draft.said[("agency",)] = self.draft.said.pop(("title",), ())
                if ("title",) in self.draft.converted:
                    self.draft.converted[self.draft.converted.index(("title",))] = ("agency",)

    def read_identity(self) -> None:
        one = self.plan.identity
        texts = self.texts(one)
        if not all(texts):
            raise RefusedError("no-identity", one.label)
        whole = one.join.join(texts)
        self.draft.identifier = identifier(whole, one)
        self.draft.origin = f"{one.label}={whole}"
        if not 0 < len(self.draft.identifier) <= _MAX_IDENTIFIER:
            raise RefusedError("no-identity", one.label)

    def read_url(self, one: Field, form: re.Pattern[str]) -> None:
        text = "".join(self.texts(one))
        url = identifier(text, one)
        if url and len(url) <= _MAX_URL and form.search(url):
            self.draft.url = url
        elif text:
            self.note("url-left-out", one.label)
            self.keep_raw(one, [text])

    def texts(self, one: Field) -> list[str]:
        """The texts of the field's columns; '' for what is blank, which is noted."""
        found: list[str] = []
        for column in one.columns:
            cell = self.cells.get(comparable(column), "")
            if isinstance(cell, list):
                raise RefusedError("not-a-text", column)
            if cell in self.plan.blanks or cell in one.blanks:
                self.blank(one, column, cell)
                cell = ""
            found.append(cell)
        return found

    def blank(self, one: Field, column: str, text: str) -> None:
        if text:
            self.note("blank", column, text)
            self.keep_raw(replace(one, columns=(column,)), [text])

    def keep_raw(self, one: Field, texts: Iterable[str]) -> None:
        """Keep the original in source.raw."""
        self.convert(one)
        self.say(one, texts)

    def convert(self, one: Field) -> None:
        if one.target not in self.draft.converted:
            self.draft.converted.append(one.target)

    def say(self, one: Field, texts: Iterable[str]) -> None:
        """Remember what the columns said."""
        entries = [
            f"{column}={text}" for column, text in zip(one.columns, texts, strict=False) if text
        ]
        for entry in entries:
            if len(entry) > _MAX_RAW:
                self.note("raw-cut", one.label)
        self.draft.said[one.target] = tuple(cells.cut(entry, _MAX_RAW) for entry in entries)

    def value(self, one: Field) -> Value:
        """The field's value, None where it has none.  Raises RefusedError."""
        if one.constant is not None:
            self.draft.defaults[one.target] = one.constant
            return None
        if one.reads in (Reads.TEXTS, Reads.WORDS, Reads.FORMATS):
            return self.several(one)
        texts = self.texts(one)
        if not texts or not all(texts):
            return self.absent(one)
        if one.reads is Reads.ITEMS:
            return self.items(one, texts)
        return self.single(one, texts)

    def absent(self, one: Field) -> Value:
        choice = one.absent
        if choice.do is Do.REFUSE:
            raise _refusal(choice, "absent", one.label, "")
        if choice.do is Do.LEAVE_OUT:
            return None
        self.note("filled", one.label)
        if choice.do is Do.COLUMN:
            never = Choice(Do.REFUSE, by_rule=False)
            value = self.value(replace(one, columns=(str(choice.value),), absent=never))
        else:
            value = choice.value
        if value is not None:
            self.draft.defaults[one.target] = value
        return None

    def single(self, one: Field, texts: list[str]) -> Value:
        text = _overlapped(texts) if one.overlaps else one.join.join(texts)
        self.say(one, texts)
        if one.take is not None:
            found = one.take.search(text)
            if found is None or not found[1]:
                return self.bad(one, "not-taken", text)
            text = found[1]
        if one.reads is Reads.DATE:
            value: Value = cells.day_of(text, one.forms, drops_time=one.drops_time) or None
            if not isinstance(value, str) or not one.earliest <= value <= one.latest:
                return self.bad(one, "bad-date", text)
            if value != text:
                self.note("date-read", one.label, text)
        elif one.reads is Reads.COUNT:
            value = cells.count_of(text, has_thousands=one.has_thousands)
            if value is None:
                return self.bad(one, "bad-number", text)
        else:
            value = self.chosen(one, text, one.label)
        if (str(value) if value is not None else None) != (texts[0] if len(texts) == 1 else ""):
            self.keep_raw(one, texts)
        return value

    def bad(self, one: Field, code: str, text: str) -> Value:
        if one.on_bad.do is Do.REFUSE:
            raise _refusal(one.on_bad, code, one.label, text)
        self.note("bad-left-out", one.label, text)
        self.convert(one)
        return None

    def chosen(self, one: Field, text: str, label: str) -> Value:
        """What the map makes of a text."""
        choice = one.values.get(text)
        if choice is None:
            fitting = (choice for form, choice in one.patterns if form.search(text))
            choice = next(fitting, one.otherwise)
        if choice.do is Do.KEEP:
            return text
        if choice.do is Do.REFUSE:
            raise _refusal(choice, "unknown-value", label, text)
        if choice.do is Do.LEAVE_OUT:
            self.note("left-out", label, text)
            return None
        return choice.value

    def several(self, one: Field) -> Value:
        texts = list(self.pieces(one))
        if not texts:
            return self.absent(one)
        found: list[Value] = []
        for text in texts:
            value = self.chosen(one, text, one.label)
            found += value if isinstance(value, list) else [] if value is None else [value]
        if one.values:
            self.keep_raw(one, [_listed(self.cells.get(comparable(c), "")) for c in one.columns])
        if one.reads is Reads.FORMATS:
            return united(found) or None
        names, _ = cells.unique([str(name) for name in found], comparable)
        return list[Value](names) or None

    def pieces(self, one: Field) -> Iterator[str]:
        """Each element of list cells, each part of split texts; blanks noted and passed over."""
        for column in one.columns:
            cell = self.cells.get(comparable(column), "")
            if isinstance(cell, str):
                cell = cells.parts(cell, one.split) or [] if one.split else [cell]
            for piece in cell:
                text = piece.strip(one.strip + " ") if one.strip else piece
                if text in self.plan.blanks or text in one.blanks:
                    self.blank(one, column, text)
                elif text:
                    yield text

    def items(self, one: Field, texts: list[str]) -> Value:
        """The items a description lists; None where it is no list, or none to rely on."""
        text = one.join.join(texts)
        if one.take is not None:
            found = one.take.search(text)
            text = found[1] if found and found[1] else ""
        when = one.when
        is_other = when.not_matching is not None and when.not_matching.search(text)
        if not text or is_other or (when.matching is not None and not when.matching.search(text)):
            return None
        names = cells.parts(text, one.split, outside_brackets=one.outside_brackets)
        if names is None:
            self.note("items-unbalanced", one.label)
            return None
        kept, repeated = cells.unique([name for name in names if name], comparable)
        if len(kept) < when.at_least or max(map(len, kept), default=0) > when.longest:
            return None
        if len(kept) > _MAX_ITEMS:
            self.note("items-too-many", one.label)
            return None
        if not all(names):
            self.note("items-empty", one.label)
        for name in repeated:
            self.note("items-repeated", one.label, name)
        return [{"name": name} for name in kept]


@lru_cache(maxsize=4096)
def folded_name(name: str) -> str:
    """A column's name as it is compared: blanks, widths and invisible marks do not count."""
    return comparable(cells.shown(name))


def identifier(whole: str, one: Field) -> str:
    """The part of a text that a field takes, or '' where there is none."""
    if one.take is None:
        return whole
    found = one.take.search(whole)
    return (found[1] or "") if found else ""


def united(formats: Iterable[Value]) -> list[Value]:
    """Formats, one entry a category, types sorted; whatever their order was."""
    types: dict[str, set[str]] = {}
    for one in formats:
        if isinstance(one, dict):
            named = one.get("types")
            known = types.setdefault(str(one["category"]), set())
            known.update(map(str, named) if isinstance(named, list) else ())
    found: list[Value] = []
    for category, names in sorted(types.items()):
        found.append({"category": category})
        if names:
            listed: list[Value] = [*sorted(names, key=str.casefold)]
            found[-1] = {"category": category, "types": listed}
    return found


def _refusal(choice: Choice, code: str, column: str, text: str) -> RefusedError:
    """A refusal with the map's own reason where it gives one."""
    if isinstance(choice.value, str):
        return RefusedError("by-rule", column, choice.value, by_rule=True)
    return RefusedError(code, column, text, by_rule=choice.by_rule)


def _overlapped(texts: list[str]) -> str:
    """Texts joined; what the end of one and the beginning of the next share is written once."""
    whole = texts[0]
    for text in texts[1:]:
        shared = next(
            n for n in range(min(len(whole), len(text)), -1, -1) if whole.endswith(text[:n])
        )
        whole += text[shared:]
    return whole


def _listed(cell: str | list[str]) -> str:
    return cell if isinstance(cell, str) else "、".join(cell)
