"""The fullest register: every field of every kind of record filled in, with texts of one's choice.

The skeleton lies in ``tests/hostile/register`` over the common register of the examples: at
least one record of every kind, with every part that is optional.  What schemas add later
as a plain text field is filled in here without anybody's help.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mulu.findings import Level
from mulu.judge import judge
from mulu.loading import markdown
from mulu.loading.canonical import dump
from mulu.loading.schemas import Kind, Schema
from mulu.loading.strict_yaml import load
from mulu.record import Data, Value, rows_in, texts_in
from registers import EXAMPLES, ROOT, TODAY, files_below, register_of, schemas

HOSTILE = Path(__file__).parent / "hostile"
_NOT_FREE = {"enum", "const", "pattern", "format", "x-reference", "x-vocabulary"}
_CASE = re.compile(r"\\u\{([0-9A-F]{1,6})\}")
_TIMES = re.compile(r"(.)\{(\d+)\}\Z")
_MORE = {
    "catalog/clearances/yangben.yml": [f"catalog/clearances/yangben-{n}.yml" for n in range(2)],
    "catalog/inspections/2026/zhiliang.yml": [f"catalog/inspections/2025/{n}.yml" for n in range(2)],
    "negative-list/laws/tongjifa.yml": [f"negative-list/laws/tongjifa-{n}.yml" for n in range(2)],
    "catalog/usage/2026/jiaoyu.yml": [f"catalog/usage/2026/{key}.yml" for key in ("sifa", "tongji")],
    "catalog/resources/minzheng/hunyin-dengji.yml": [f"catalog/resources/jiaoyu/{n}.yml" for n in range(76)],
}  # fmt: skip
ADDRESS = "https://www.example.cn/onfocus=alert(1)//autofocus&lt;img/src=x/onerror=alert(1)&gt;{{7919*7907}}"
"""Quotes, angle brackets and backquotes are refused in an address: others would put it in markup."""

LONG = 500  # characters: a field that takes so many takes several texts


@dataclass(frozen=True)
class Spot:
    """One text field of one record."""

    path: str
    kind: str
    pointer: str
    schema: Schema
    internal: bool
    was: str

    @property
    def limit(self) -> int:
        """How many characters fit."""
        return int(self.schema["maxLength"])

    @property
    def field(self) -> str:
        """The field, whatever the row: ``/items/*/name``."""
        return re.sub(r"/\d+(?=/|\Z)", "/*", self.pointer)

    @property
    def is_free(self) -> bool:
        """Whether any text may stand here."""
        return not _NOT_FREE & self.schema.keys()

    @property
    def is_address(self) -> bool:
        """Whether it takes an address on the web."""
        return "https://" in self.schema.get("pattern", "")

    @property
    def family(self) -> str:
        """Fields that must agree with each other: names of clauses, names of items."""
        if self.field.endswith("/clause"):
            return "clause"
        return "item" if re.search(r"/items/\*(/name)?\Z", self.field) else ""


Fill = Callable[[Spot], str]


def texts(name: str) -> dict[str, str]:
    """The texts of a list in ``tests/hostile`` by name."""
    found: dict[str, str] = {}
    for line in (HOSTILE / name).read_text("utf-8").split("\n"):
        if line and not line.startswith("#"):
            key, text = re.split(r"\s+", line, maxsplit=1)
            assert key not in found, f"{key} twice"
            text = _CASE.sub(lambda found: chr(int(found[1], 16)), text)
            found[key] = _TIMES.sub(lambda found: found[1] * int(found[2]), text)
    return found


@cache
def skeleton() -> Mapping[str, Data]:
    """The records to be filled, by path."""
    sources = {**files_below(EXAMPLES / "common"), **files_below(HOSTILE / "register")}
    found: dict[str, Data] = {}
    for path, source in sources.items():
        data = markdown.load(path, source) if path.endswith(markdown.SUFFIX) else load(path, source)
        assert isinstance(data, dict), data
        found[path] = data
        for again in _MORE.get(path, []):
            found[again] = _other_names(_copy(data), again)
    return found


def _other_names(data: Data, path: str) -> Data:
    """A copy that is called, and whose items are called, otherwise, so that they get texts of their own."""
    for row in rows_in(data.get("items")):
        row["name"] = f"{row['name']}（{path}）"
    if "title" in data:
        data["title"] = f"{data['title']}（{path}）"
    data.pop("code", None)
    return data


def kind_of(path: str) -> Kind:
    """The kind of the record at a path."""
    kind = schemas().kind_of(path)
    assert kind is not None, path
    return kind


def spots(path: str, data: Data) -> Iterator[Spot]:
    """Every text field of a record, also those it lacks and could have, in order."""
    kind = kind_of(path)
    yield from _spots(path, kind.name, "", kind.schema, data, internal=False)


def _spots(
    path: str, kind: str, pointer: str, schema: Schema, value: Value, *, internal: bool
) -> Iterator[Spot]:
    internal = internal or schema.get("x-visibility") == "internal"
    if isinstance(value, dict):
        for name, below in schema["properties"].items():
            free = below.get("type") == "string" and not _NOT_FREE & below.keys()
            if name in value or free:
                there = value.get(name, "")
                yield from _spots(path, kind, f"{pointer}/{name}", below, there, internal=internal)
    elif isinstance(value, list):
        for index, row in enumerate(value):
            yield from _spots(
                path, kind, f"{pointer}/{index}", schema["items"], row, internal=internal
            )
    elif isinstance(value, str):
        yield Spot(path, kind, pointer, schema, internal, value)


def fields(schema: Schema, pointer: str = "", *, internal: bool = False) -> dict[str, bool]:
    """Every text field a schema knows, free or internal, and whether it is internal."""
    internal = internal or schema.get("x-visibility") == "internal"
    found: dict[str, bool] = {}
    for name, below in schema.get("properties", {}).items():
        found |= fields(below, f"{pointer}/{name}", internal=internal)
    if isinstance(schema.get("items"), dict):
        found |= fields(schema["items"], f"{pointer}/*", internal=internal)
    if schema.get("type") == "string" and (internal or not _NOT_FREE & schema.keys()):
        found[pointer] = internal
    return found


def filled(fill: Fill, records: Mapping[str, Data] | None = None) -> dict[str, bytes]:
    """The register with each free field as ``fill`` wants it, as the files of a working copy."""
    found: dict[str, bytes] = {}
    for path, data in (records or skeleton()).items():
        copy = _copy(data)
        for spot in spots(path, data):
            if text := fill(spot):
                _put(copy, spot.pointer, text)
        is_prose = path.endswith(markdown.SUFFIX)
        found[path] = markdown.dump(texts_in(copy["lines"])) if is_prose else dump(copy, kind_of(path).schema)  # fmt: skip
    return found


def _copy(data: Data) -> Data:
    again = load("x", dump(data, {}))
    assert isinstance(again, dict)
    return again


def _put(data: Data, pointer: str, text: str) -> None:
    there: Value = data
    *route, last = pointer[1:].split("/")
    for part in route:
        there = _at(there, part)
    if isinstance(there, list):
        there[int(last)] = text
    else:
        _mapping(there)[last] = text


def _at(value: Value, part: str) -> Value:
    if isinstance(value, list):
        return value[int(part)]
    return _mapping(value)[part]


def _mapping(value: Value) -> Data:
    assert isinstance(value, dict)
    return value


@dataclass
class Rotation:
    """Hands out texts in turn, so that each gets into each kind; fields that must agree do.

    A short field gets one text, the next in its own turn.  A long public field gets as many
    as fit of those that its kind has not had.
    """

    texts: list[str]
    start: int = 0
    had: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    _turns: dict[str, int] = field(default_factory=dict[str, int])
    _families: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def __call__(self, spot: Spot) -> str:
        """The text for a field; '' leaves it as it is."""
        if spot.is_address:
            return ADDRESS
        if not spot.is_free:
            return ""
        had = self.had.setdefault(spot.kind, set())
        if spot.limit >= LONG and not spot.internal and (several := self._several(spot, had)):
            had.update(several)
            return " ".join(several)
        text = self._of_family(spot) if spot.family else self._next(spot)
        if not spot.internal:
            had.add(text)
        return text

    def _several(self, spot: Spot, had: set[str]) -> list[str]:
        found: list[str] = []
        left = spot.limit
        ahead = self.start % len(self.texts)
        for text in self.texts[ahead:] + self.texts[:ahead]:
            if text not in had and len(text) < left:
                found.append(text)
                left -= len(text) + 1
        return found

    def _next(self, spot: Spot, turn: str = "", limit: int = 0) -> str:
        fitting = [text for text in self.texts if len(text) <= (limit or spot.limit)]
        turn = turn or spot.kind + spot.field
        before = self._turns.setdefault(turn, self.start + 7 * len(self._turns))
        self._turns[turn] = before + 1
        return fitting[before % len(fitting)]

    def _of_family(self, spot: Spot) -> str:
        limit = {"clause": 40, "item": 200}[spot.family]
        wanted = (spot.family, spot.was)
        if wanted not in self._families:
            self._families[wanted] = self._next(spot, spot.family, limit)
        return self._families[wanted]


def faults_of(files: dict[str, bytes]) -> list[str]:
    """What the rules have against a register, errors only."""
    register, loaded = register_of(files)
    verdict = judge(register, TODAY, loaded)
    found = [f"{fault}" for fault in verdict.faults]
    for finding in verdict.findings:
        if finding.rule.level is Level.ERROR:
            place = finding.place
            found.append(f"{place.path} {place.pointer} {finding.rule.code} {finding.values}")
    return found


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for path, source in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source)
    return folder


def mulu(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command on a day of its own, from a folder that is no register."""
    command = [Path(sys.executable).with_name("mulu"), *arguments, "--today", "2026-11-23"]
    return subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=False)


def built(root: Path, output: Path, audience: str = "public") -> dict[str, bytes]:
    """Build the site of a register; its files by path."""
    done = mulu("build", "--root", root, "-o", output, "--audience", audience)
    assert done.returncode == 0, done.stdout + done.stderr
    return files_below(output)
