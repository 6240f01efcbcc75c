"""Packs and calendars from their files, each file checked like any record.

What is wrong with a file is a finding and costs only that file: a procedure that cannot be
read leaves its cases unplayed, and that is said; the others are played.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from mulu.findings import Finding
from mulu.loading import records, strict_yaml
from mulu.loading.schemas import Schemas
from mulu.policy import structure
from mulu.policy.indicator import Assessment, assessment_of, chapters_of, indicators_of
from mulu.policy.pack import Pack, pack_of
from mulu.policy.procedure import Procedure, procedure_of
from mulu.record import Data, Record
from mulu.workdays import Calendar, calendar_of

FOLDERS = ("schemas/policies", "schemas/calendar")
_EXAMPLE = re.compile(r"schemas/policies/([^/]+)/examples/([^/]+)\.yml\Z")


@dataclass(frozen=True)
class Policies:
    """Every pack of a register, the working calendar, and what is wrong with their files.

    ``broken`` names procedures (``pack/procedure``) that could not be read.
    """

    packs: Mapping[str, Pack] = field(default_factory=dict[str, Pack])
    calendar: Calendar = field(default_factory=Calendar)
    findings: tuple[Finding, ...] = ()
    broken: frozenset[str] = frozenset()

    def named(self, name: str) -> Pack | None:
        """The newest version of a pack, or None."""
        found = [pack for pack in self.packs.values() if pack.name == name]
        return max(found, key=lambda pack: pack.version, default=None)


def load(files: Iterable[tuple[str, bytes]], schemas: Schemas) -> Policies:
    """Read every pack and calendar; paths are relative to the register's root."""
    sources = [(path, source) for path, source in files if path.endswith(".yml")]
    examples = _examples(sources)
    loaded = records.load(
        ((path, source) for path, source in sources if not _EXAMPLE.match(path)), schemas
    )
    by_kind: dict[str, list[Record]] = {}
    for record in loaded.records:
        by_kind.setdefault(record.kind, []).append(record)
    procedures: dict[str, dict[str, Procedure]] = {}
    for record in by_kind.get("procedure", ()):
        folder = record.key.partition("/")[0]
        procedures.setdefault(folder, {})[record.key.rpartition("/")[2]] = procedure_of(record)
    articles = {record.key.partition("/")[0]: record for record in by_kind.get("articles", ())}
    measured = {record.key.partition("/")[0]: record for record in by_kind.get("indicators", ())}
    judged = {record.key.partition("/")[0]: record for record in by_kind.get("assessment", ())}
    packs: dict[str, Pack] = {}
    heads = {record.key.partition("/")[0]: record for record in by_kind.get("pack", ())}
    for folder, record in heads.items():
        pack = pack_of(
            record, articles.get(folder), procedures.get(folder, {}), examples.get(folder, {})
        )
        pack = replace(
            pack,
            chapters=chapters_of(measured.get(folder)),
            indicators=indicators_of(measured.get(folder)),
            assessment=assessment_of(judged.get(folder)),
        )
        packs.setdefault(pack.reference, pack)
    findings = chain(
        loaded.findings,
        structure.of_packs(heads, loaded.broken, by_kind.get("procedure", ())),
        structure.of_procedures(heads, by_kind.get("procedure", ())),
        structure.of_calendars(by_kind.get("calendar", ())),
        *(
            structure.of_indicators(record, procedures.get(folder, {}))
            for folder, record in measured.items()
        ),
        *(
            structure.of_assessment(record, measured.get(folder))
            for folder, record in judged.items()
        ),
    )
    return Policies(
        packs,
        calendar_of(record.data for record in by_kind.get("calendar", ())),
        tuple(findings),
        frozenset(key.replace("/procedures", "") for kind, key in loaded.broken if kind == "procedure"),
    )  # fmt: skip


def read_assessment(
    path: str, source: bytes, schemas: Schemas
) -> tuple[Assessment | None, Sequence[Finding]]:
    """An assessment from a file of its own, to see what it would do; None where it has errors."""
    loaded = records.load([(_ASSESSMENT, source)], schemas)
    findings = [replace(one, place=replace(one.place, path=path)) for one in loaded.findings]
    return (None, findings) if findings else (assessment_of(loaded.records[0]), ())


_ASSESSMENT = "schemas/policies/other/assessment.yml"


def _examples(sources: Iterable[tuple[str, bytes]]) -> dict[str, dict[str, Data]]:
    found: dict[str, dict[str, Data]] = {}
    for path, source in sources:
        match = _EXAMPLE.match(path)
        data = strict_yaml.load(path, source) if match else None
        if match and isinstance(data, dict):
            found.setdefault(match[1], {})[match[2]] = data
    return found
