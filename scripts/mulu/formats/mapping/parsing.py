"""Reads a map and checks it: what comes out as a ``Plan`` can be carried out.

Its expressions compile, the values it writes fit the record's schema, no word of a
vocabulary is taken over unchecked.  The shape is judged by ``shape``; what is judged here
is what a schema cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from mulu.findings import Finding
from mulu.formats.mapping.cells import Manner
from mulu.formats.mapping.plan import (
    KEEP,
    LEAVE_OUT,
    REFUSE,
    Choice,
    Do,
    Field,
    MapError,
    Plan,
    Reads,
    Target,
    When,
    put,
)
from mulu.formats.mapping.shape import MAP
from mulu.loading import strict_yaml
from mulu.loading.schemas import Schemas
from mulu.loading.strict_yaml import escape_pointer
from mulu.record import Data, Key, Positions, Record, Value
from mulu.register import comparable

_AGENCY: dict[Target, Reads] = {
    ("title",): Reads.TEXT,
    ("kind",): Reads.WORD,
    ("level",): Reads.WORD,
    ("short",): Reads.TEXT,
    ("region",): Reads.TEXT,
    ("uscc",): Reads.TEXT,
}
_RESOURCE: dict[Target, Reads] = {
    ("title",): Reads.TEXT,
    ("code",): Reads.TEXT,
    ("classification",): Reads.TEXTS,
    ("library",): Reads.WORD,
    ("abstract",): Reads.TEXT,
    ("keywords",): Reads.TEXTS,
    ("subject",): Reads.WORD,
    ("formats",): Reads.FORMATS,
    ("items",): Reads.ITEMS,
    ("sharing", "declared"): Reads.WORD,
    ("sharing", "conditions"): Reads.TEXT,
    ("sharing", "method"): Reads.WORDS,
    ("openness", "class"): Reads.WORD,
    ("openness", "conditions"): Reads.TEXT,
    ("update_cycle",): Reads.WORD,
    ("published_on",): Reads.DATE,
    ("refreshed_on",): Reads.DATE,
    ("record_count",): Reads.COUNT,
    ("credential",): Reads.WORD,
    ("system",): Reads.TEXT,
    ("note",): Reads.TEXT,
}
_FROM_TITLE = {("kind",), ("level",)}  # of an agency: read from its title where no column is named

# Which keys make sense for what; anything else in a field is a misunderstanding.
_ANYWHERE = {"column", "columns", "absent", "blanks"}
_LISTS = {"split", "strip", "values", "otherwise", "constant"}
_KEYS = {
    Reads.TEXT: {
        "constant",
        "join",
        "overlap",
        "take",
        "on_bad",
        "values",
        "patterns",
        "otherwise",
    },
    Reads.WORD: {"constant", "join", "take", "on_bad", "values", "patterns", "otherwise"},
    Reads.DATE: {"take", "on_bad", "forms", "drop_time", "earliest", "latest"},
    Reads.COUNT: {"take", "on_bad", "thousands"},
    Reads.TEXTS: _LISTS,
    Reads.WORDS: _LISTS,
    Reads.FORMATS: _LISTS,
    Reads.ITEMS: {"take", "split", "outside_brackets", "when"},
}
_RESOLUTIONS = {
    Reads.DATE: ("earliest", "latest", "leave_out"),
    Reads.COUNT: ("smallest", "largest", "leave_out"),
}
_NEEDED: dict[str, Data] = {
    "agency": {"title": "某局", "kind": "organ", "level": "city"},
    "resource": {"title": "甲", "abstract": "甲", "sharing": {"declared": "shared"}},
}


def parse(path: str, source: bytes, schemas: Schemas) -> Plan:
    """Read a map.  Raises MapError with every problem found."""
    data = strict_yaml.load(path, source)
    if isinstance(data, Finding):
        raise MapError([_line(data)])
    places = strict_yaml.positions(source)
    record = Record("map", Key(path), path, data, lambda: places)
    shape = Schemas({"map": MAP})
    if not shape.valid("map", data):
        raise MapError(_line(finding) for finding in shape.explain(record))
    reader = _Reader(path, data, places, schemas)
    plan = reader.plan()
    if reader.problems:
        raise MapError(reader.problems)
    return plan


def _line(finding: Finding) -> str:
    place = finding.place
    where = f"{place.path}:{place.line}:{place.column} {_dotted(place.pointer)}".rstrip()
    return f"{where}：{finding.sentence(str, str)}；{finding.remedy(str, str)}"


def _dotted(pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in parts)


@dataclass(slots=True)
class _Reader:
    """Reads one map that has the right shape; problems gather instead of ending it."""

    path: str
    data: Data
    places: Positions
    schemas: Schemas
    problems: list[str] = field(default_factory=list[str])

    def problem(self, pointer: str, text: str) -> None:
        known = pointer
        while known and known not in self.places:
            known = known.rpartition("/")[0]
        line, column = self.places.get(known, (1, 1))
        self.problems.append(f"{self.path}:{line}:{column} {_dotted(pointer)}：{text}")

    def plan(self) -> Plan:
        text = _group(self.data, "text")
        resource = tuple(self.fields("resource", _RESOURCE))
        identity = self.identity("/identity", _group(self.data, "identity"), ("identity",), "/")
        has_url = "url" in self.data
        plan = Plan(
            catalog=str(self.data["catalog"]),
            file=_group(self.data, "file"),
            manner=Manner(text.get("html") == "strip", tuple(_strings(text.get("narrow")))),
            blanks=frozenset(_strings(text.get("blanks"))),
            unused=frozenset(map(comparable, _strings(self.data.get("unused")))),
            identity=identity,
            url=self.identity("/url", _group(self.data, "url"), ("url",), "") if has_url else None,
            agency=tuple(self.fields("agency", _AGENCY)),
            agency_keys=self.agency_keys(),
            resource=resource,
            merges_formats=self.data["duplicates"] == "merge-formats",
            may_differ=self.may_differ(resource),
            keep=frozenset(self.kept()),
        )
        for name in _strings(self.data.get("unused")):
            if comparable(name) in plan.columns:
                self.problem("/unused", f"“{name}”在别处用到了")
        return plan

    def fields(self, part: str, targets: Mapping[Target, Reads]) -> Iterator[Field]:
        for target, reads in targets.items():
            holder: Value = _group(self.data, part)
            for name in target[:-1]:
                holder = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(holder, dict) and target[-1] in holder:
                pointer = "/".join(("", part, *target))
                yield self.field(pointer, holder[target[-1]], part, target, reads)

    def field(self, pointer: str, given: Value, part: str, target: Target, reads: Reads) -> Field:
        spec: Data = given if isinstance(given, dict) else {"constant": given}
        for name in spec.keys() - _ANYWHERE - _KEYS[reads]:
            self.problem(f"{pointer}/{name}", "不适用于这一栏")
        check = partial(self.check_value, part, target, reads)
        is_needed = reads is Reads.WORD or target[-1] in _NEEDED[part]
        otherwise = KEEP if reads in (Reads.TEXT, Reads.TEXTS) else REFUSE
        absent = REFUSE if is_needed else LEAVE_OUT
        found = Field(
            target=target,
            reads=reads,
            columns=self.columns(pointer, spec),
            constant=spec.get("constant"),
            join=str(spec.get("join", "")),
            overlaps=bool(spec.get("overlap")),
            take=self.expression(f"{pointer}/take", spec.get("take"), groups=1),
            values={
                raw: self.value_choice(f"{pointer}/values/{escape_pointer(raw)}", value, check)
                for raw, value in _group(spec, "values").items()
            },
            patterns=self.patterns(f"{pointer}/patterns", spec.get("patterns"), check),
            otherwise=self.choice(f"{pointer}/otherwise", spec, otherwise, check),
            absent=self.choice(f"{pointer}/absent", spec, absent, check),
            on_bad=self.choice(f"{pointer}/on_bad", spec, REFUSE, check),
            blanks=frozenset(_strings(spec.get("blanks"))),
            split=str(spec.get("split", "")),
            strip=str(spec.get("strip", "")),
            outside_brackets=bool(spec.get("outside_brackets")),
            when=self.when(f"{pointer}/when", _group(spec, "when")),
            forms=tuple(_strings(spec.get("forms"))) or ("YYYY-MM-DD",),
            drops_time=bool(spec.get("drop_time")),
            earliest=self.day(f"{pointer}/earliest", spec.get("earliest"), "1900-01-01"),
            latest=self.day(f"{pointer}/latest", spec.get("latest"), "2099-12-31"),
            has_thousands=bool(spec.get("thousands")),
        )
        self.check_field(pointer, found, part)
        return found

    def check_field(self, pointer: str, found: Field, part: str) -> None:
        """What the parts of a field must be to each other."""
        if found.constant is not None:
            if found.columns or found.values or found.patterns:
                self.problem(pointer, "固定的值和列名只能写一种")
            self.check_value(part, found.target, found.reads, f"{pointer}/constant", found.constant)
            return
        if not found.columns and not (part == "agency" and found.target in _FROM_TITLE):
            self.problem(pointer, "没有写 column（列名），也没有写固定的值")
        is_open = found.reads in (Reads.WORD, Reads.WORDS, Reads.FORMATS)
        if is_open and not found.values and not found.patterns:
            self.problem(pointer, "这一栏只收规定的值，须用 values 写明原值对应什么")
        if found.reads is Reads.ITEMS and not found.split:
            self.problem(pointer, "须用 split 写明信息项之间的分隔符")
        if found.absent.do is Do.LEAVE_OUT and found.target[-1] in _NEEDED[part]:
            self.problem(f"{pointer}/absent", "这一栏必填，不能写 leave_out")
        if found.overlaps and len(found.columns) < 2:
            self.problem(f"{pointer}/overlap", "只用于几列（columns）")
        if found.earliest > found.latest:
            self.problem(f"{pointer}/earliest", "晚于 latest")

    def check_value(
        self, part: str, target: Target, reads: Reads, pointer: str, value: Value
    ) -> None:
        """A value the map writes must fit the record it is written to."""
        data = dict(_NEEDED[part])
        is_list = reads in (Reads.TEXTS, Reads.WORDS, Reads.FORMATS)
        put(data, target, [value] if is_list and not isinstance(value, list) else value)
        kind = part
        if not self.schemas.valid(kind, data):
            record = Record(kind, Key(""), self.path, data, dict)
            finding = next(self.schemas.explain(record))
            self.problem(pointer, f"{finding.sentence(str, str)}；{finding.remedy(str, str)}")

    def columns(self, pointer: str, spec: Data) -> tuple[str, ...]:
        if "column" in spec and "columns" in spec:
            self.problem(pointer, "column 和 columns 只能写一种")
        return tuple(_strings(spec.get("columns"))) or tuple(_strings([spec.get("column")]))

    def identity(self, pointer: str, spec: Data, target: Target, join: str) -> Field:
        columns = self.columns(pointer, spec)
        if not columns:
            self.problem(pointer, "没有写 column（列名）")
        take = self.expression(f"{pointer}/take", spec.get("take"), groups=1)
        return Field(target, Reads.TEXT, columns, join=str(spec.get("join", join)), take=take)

    def agency_keys(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for title, key in _group(_group(self.data, "agency"), "keys").items():
            found[comparable(title)] = str(key)
            if not re.fullmatch("[a-z0-9][a-z0-9-]{0,79}", str(key)):
                self.problem(
                    f"/agency/keys/{escape_pointer(title)}", "代号只用小写字母、数字和连字符"
                )
        return found

    def may_differ(self, fields: Iterable[Field]) -> Mapping[Target, str]:
        by_name = {".".join(one.target): one for one in fields}
        found: dict[Target, str] = {}
        for name, how in _group(self.data, "may_differ").items():
            if name not in by_name:
                self.problem(f"/may_differ/{name}", "resource 里没有这一栏")
                continue
            allowed = _RESOLUTIONS.get(by_name[name].reads, ("leave_out",))
            if how not in allowed:
                self.problem(f"/may_differ/{name}", f"可选：{'、'.join(allowed)}")
            found[by_name[name].target] = str(how)
        return found

    def kept(self) -> Iterator[str]:
        for position, name in enumerate(_strings(self.data.get("keep"))):
            if (name,) not in _RESOURCE and name not in ("sharing", "openness"):
                self.problem(f"/keep/{position}", f"没有 {name} 这一栏")
            yield name

    def expression(self, pointer: str, given: Value, *, groups: int = 0) -> re.Pattern[str] | None:
        if given is None:
            return None
        try:
            found = re.compile(str(given))
        except (re.error, RecursionError, OverflowError):
            self.problem(pointer, "不是正确的正则表达式")
            return None
        if groups and found.groups != groups:
            self.problem(
                pointer, f"要有 {groups} 个括号，现在有 {found.groups} 个；不取的括号写成 (?:…)"
            )
        return found

    def when(self, pointer: str, given: Data) -> When:
        at_least, longest = given.get("at_least", 1), given.get("longest", 200)
        return When(
            at_least if isinstance(at_least, int) else 1,
            longest if isinstance(longest, int) else 200,
            self.expression(f"{pointer}/matching", given.get("matching")),
            self.expression(f"{pointer}/not_matching", given.get("not_matching")),
        )

    def day(self, pointer: str, given: Value, default: str) -> str:
        try:
            return date.fromisoformat(str(given)).isoformat() if given is not None else default
        except ValueError:
            self.problem(pointer, "应当写成 2026-03-02 这样的日期")
            return default

    def patterns(
        self, pointer: str, given: Value, check: partial[None]
    ) -> tuple[tuple[re.Pattern[str], Choice], ...]:
        found: list[tuple[re.Pattern[str], Choice]] = []
        for position, row in enumerate(given if isinstance(given, list) else []):
            if isinstance(row, dict):
                here = f"{pointer}/{position}"
                expression = self.expression(f"{here}/matches", row.get("matches"))
                rest = {name: value for name, value in row.items() if name != "matches"}
                if len(rest) != 1:
                    self.problem(here, "除 matches 外，写 value、leave_out、refuse 之一")
                value = rest.get("value") if "value" in rest else rest
                choice = self.value_choice(f"{here}/value", value, check)
                if expression is not None:
                    found.append((expression, choice))
        return tuple(found)

    def value_choice(self, pointer: str, given: Value, check: partial[None]) -> Choice:
        """One entry of a value table: a value to use, or {leave_out: true}, or {refuse: reason}."""
        if isinstance(given, dict) and given.keys() == {"leave_out"}:
            return Choice(Do.LEAVE_OUT)
        if isinstance(given, dict) and given.keys() == {"refuse"}:
            return Choice(Do.REFUSE, given["refuse"])
        check(pointer, given)
        return Choice(Do.USE, given)

    def choice(self, pointer: str, spec: Data, default: Choice, check: partial[None]) -> Choice:
        """What to do otherwise, when absent, or when bad."""
        name = pointer.rpartition("/")[2]
        given = spec.get(name)
        if given is None:
            return default
        if given in (Do.LEAVE_OUT, Do.REFUSE, Do.KEEP):
            if given == Do.KEEP and (name != "otherwise" or default.do is not Do.KEEP):
                self.problem(pointer, "这里不能写 keep")
            return Choice(Do(str(given)))
        if not isinstance(given, dict) or len(given) != 1:
            self.problem(
                pointer, "写 refuse、leave_out，或 {value: …}、{column: …}、{refuse: 理由} 之一"
            )
            return default
        ((do, value),) = given.items()
        if do == "value" and name != "on_bad":
            return self.value_choice(pointer, value, check)
        if do == "column" and name == "absent":
            return Choice(Do.COLUMN, value)
        if do != "refuse":
            self.problem(pointer, f"这里不能写 {do}")
        return Choice(Do.REFUSE, value)


def _group(data: Data, name: str) -> Data:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _strings(value: Value) -> list[str]:
    return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []
