"""Files in, records and findings out: the ``load`` step of the pipeline.

A file is refused by the strict loader, by its path, or by its schema.  A refused record
is *broken*: known by its key, so that references to it give no second finding, and used
for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType

from mulu.findings import Finding, Place, Rule, Stage
from mulu.loading import markdown, strict_yaml
from mulu.loading.schemas import Schemas
from mulu.record import Data, Positions, Record

UNEXPECTED_PATH = Rule(
    "unexpected-path",
    "不该在这里的文件",
    "这个位置不放任何一类记录",
    "移到该类记录的文件夹，文件名用小写字母、数字和连字符，以 .yml 结尾",
    "记录的路径就是它的身份：哪一类、哪个单位、哪一项，都由路径说明。放错地方的文件没有人会读到。",
    stage=Stage.LOAD,
    article=13,
)
RULES = (UNEXPECTED_PATH,)


@dataclass(slots=True)
class Loaded:
    """What a set of files came to."""

    records: list[Record] = field(default_factory=list[Record])
    findings: list[Finding] = field(default_factory=list[Finding])
    broken: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def load(files: Iterable[tuple[str, bytes]], schemas: Schemas) -> Loaded:
    """Load files one by one; the order of the files does not matter to what comes out."""
    loaded = Loaded()
    for path, source in files:
        add(loaded, path, source, read(path, source, schemas), schemas)
    return loaded


def positions(path: str, source: bytes) -> Positions:
    """Line and column of every value of a file by JSON pointer."""
    found: Positions = _reader(path).positions(source)
    return found


def _reader(path: str) -> ModuleType:
    return markdown if path.endswith(markdown.SUFFIX) else strict_yaml


def read(path: str, source: bytes, schemas: Schemas) -> tuple[Data | Finding, bool]:
    """The costly half of loading one file: its data, and whether that fits its kind.

    Depends on nothing but its arguments, so the shell may do it in another process.
    """
    data = _reader(path).load(path, source)
    kind = schemas.kind_of(path)
    if isinstance(data, Finding) or kind is None:
        return data, False
    return data, schemas.valid(kind.name, data)


def add(
    loaded: Loaded,
    path: str,
    source: bytes,
    outcome: tuple[Data | Finding, bool],
    schemas: Schemas,
) -> None:
    """The cheap half: put what was read where it belongs."""
    data, fits = outcome
    kind = schemas.kind_of(path)
    if kind is None:
        loaded.findings.append(UNEXPECTED_PATH.finding(Place(path)))
        return
    key = kind.key(path)
    if isinstance(data, Finding):
        loaded.findings.append(data)
        loaded.broken.append((kind.name, key))
        return
    record = Record(kind.name, key, path, data, partial(positions, path, source))
    if fits:
        loaded.records.append(record)
        return
    loaded.broken.append((kind.name, key))
    loaded.findings.extend(schemas.explain(record))
