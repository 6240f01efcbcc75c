"""Reads the example folders: a rule's head laid over a small common register, and judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from mulu.findings import Finding
from mulu.judge import Judge, judge, judges
from mulu.loading import records
from mulu.loading.schemas import Schemas
from mulu.policy.load import FOLDERS, Policies, load
from mulu.policy.pack import Pack
from mulu.register import Register, index

ROOT = Path(__file__).parents[1]
EXAMPLES = Path(__file__).parent / "examples"
TODAY = date(2026, 11, 23)


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path relative to it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def schemas() -> Schemas:
    """The project's own schemas."""
    return Schemas.load(files_below(ROOT / "schemas" / "records").items())


def policy_files() -> dict[str, bytes]:
    """The files of every pack and of the calendar, by path from the root."""
    return {
        f"{folder}/{path}": source
        for folder in FOLDERS
        for path, source in files_below(ROOT / folder).items()
    }


@cache
def policy_schemas() -> Schemas:
    """The schemas of packs and calendars."""
    return Schemas.load(policy_files().items())


@cache
def policies() -> Policies:
    """Every pack and the working calendar."""
    return load(policy_files().items(), policy_schemas())


@cache
def pack() -> Pack:
    """The pack shenzhen-2015."""
    found = policies().named("shenzhen-2015")
    assert found is not None
    return found


def register_of(files: dict[str, bytes]) -> tuple[Register, list[Finding]]:
    """The register that files make, and what loading found."""
    loaded = records.load(files.items(), schemas())
    settings = next((one for one in loaded.records if one.kind == "register"), None)
    own = policies().named(settings.text("pack")) if settings else None
    register = index(loaded.records, schemas(), own or pack(), loaded.broken, policies())
    return register, loaded.findings


def example_files(folder: Path) -> dict[str, bytes]:
    """An example's head over the common register (``no-register`` stands alone)."""
    head = files_below(folder / "head") if (folder / "head").is_dir() else {}
    alone = folder.parent.name == "no-register"
    return head if alone else {**files_below(EXAMPLES / "common"), **head}


def findings_of(folder: Path, code: str) -> tuple[list[str], bool]:
    """What the rule under test says of an example, a line each; and whether it ran."""
    register, _ = register_of(example_files(folder))
    wanted = [one for one in judges() if one.rule.code == code]
    verdict = judge(register, TODAY, among=wanted)
    return [line_of(finding) for finding in verdict.findings], code in verdict.ran


def line_of(finding: Finding) -> str:
    """path:line:column code name=value …"""
    place = finding.place
    values = " ".join(f"{name}={value}" for name, value in sorted(finding.values.items()))
    return f"{place.path}:{place.line}:{place.column} {finding.rule.code} {values}".rstrip()


def example_folders() -> Iterator[Path]:
    """Every example of every rule."""
    for rule in sorted(EXAMPLES.iterdir()):
        if rule.is_dir() and rule.name != "common":
            yield from sorted(rule.iterdir())


def state_folders() -> Iterator[Path]:
    """Every example of a rule about states; those of changes carry ``change.yml``."""
    return (folder for folder in example_folders() if not (folder / "change.yml").is_file())


def judge_of(code: str) -> Judge:
    """The judge with a code."""
    return next(one for one in judges() if one.rule.code == code)
