"""A register as plain tables in DuckDB, read on a path of its own.

PyYAML instead of the project's loader, the naive interpreter instead of its replay, dictionaries
instead of records: what the figures of a year are compared with shares nothing with them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from naive import Facts, Holding, Interpreter, day_of

Files = Mapping[str, bytes]
Row = Mapping[str, Any]

FOLDERS = {
    "request": "catalog/requests/",
    "correction": "catalog/corrections/",
    "complaint": "catalog/complaints/",
    "rectification": "catalog/rectifications/",
    "application": "negative-list/applications/",
    "objection": "negative-list/objections/",
    "delisting": "negative-list/delistings/",
}

TABLES = """
create table agencies (key text, since text, gone text);
create table laws (key text, rank text, since text, until text);
create table resources (key text, agency text, library text, subject text, published text, refreshed text, reviewed text, cycle text, credential text, declared text, gone text, fields text[]);
create table items (resource text, name text, identifier bool, own bool);
create table entries (key text, agency text, listed text, delisted text, whole bool, review text);
create table bases (entry text, law text);
create table inspections (key text, kind text, date text, inspector text, found int);
create table returns (year int, agency text, submitted text);
create table uses (key text, agency text, request text, month text, accesses bigint);
create table cases (kind text, key text, asked text, applicant text, resource text, opened text, outcome text);
create table steps (kind text, key text, n int, act text, day text, state text, grants bool);
create table runs (kind text, key text, clock text, started date, due date, provisional bool, stopped date, ended bool, running bool);
create table workdays (day date);
create table cycles (cycle text, days int);
create table ranks (rank text);
create table subjects (subject text);
create table withholding (word text);
"""


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain YAML in which a date is the text it was."""


Loader.yaml_implicit_resolvers = {
    first: [row for row in rows if row[0] != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def plain(source: bytes) -> Any:
    """What YAML says; nobody changes it."""
    return yaml.load(source, Loader)


def folded(name: str) -> str:
    """How names of items are compared."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True)
class Days:
    """The working calendar of the years that are known."""

    off: frozenset[date]
    made_up: frozenset[date]
    last: int


@cache
def calendar(folder: Path) -> Days:
    """Every notice of the calendar."""
    off: set[date] = set()
    made_up: set[date] = set()
    confirmed: list[int] = []
    for path in sorted(folder.glob("*.yml")):
        year = plain(path.read_bytes())
        for row in year.get("holidays", ()):
            first, last = day_of(row["from"]), day_of(row["until"])
            off |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
            made_up |= {day_of(day) for day in row.get("work", ())}
        if year.get("notices") and all(row.get("confirmed") for row in year["notices"]):
            confirmed.append(year["year"])
    return Days(frozenset(off), frozenset(made_up), max(confirmed))


class Flattened:
    """A register's tables as they stood on a day, under one pack."""

    def __init__(self, files: Files, pack: Path, calendar_folder: Path, end: date) -> None:
        self.end = end
        self.days = calendar(calendar_folder)
        self.pack: Row = plain((pack / "pack.yml").read_bytes())
        self.procedures = {path.stem: plain(path.read_bytes()) for path in sorted(pack.glob("procedures/*.yml"))}  # fmt: skip
        self.records = {path: plain(source) for path, source in files.items() if path.endswith(".yml")}  # fmt: skip
        self.sql = duckdb.connect(":memory:")
        self.sql.execute(TABLES)
        for table, rows in (
            ("agencies", self._agencies()),
            ("laws", self._laws()),
            ("resources", self._resources()),
            ("items", self._items()),
            ("entries", self._entries()),
            ("bases", self._bases()),
            ("inspections", self._inspections()),
            ("returns", self._returns()),
            ("uses", self._uses()),
            ("cycles", iter(self.pack.get("freshness_days", {}).items())),
            ("ranks", ((row["word"],) for row in self._words("rank") if row.get("admissible"))),
            ("subjects", ((one,) for one in self.pack.get("one_source", ()))),
            ("withholding", ((row["word"],) for row in self._words("sharing-class") if row.get("withheld"))),
            ("workdays", self._workdays()),
        ):  # fmt: skip
            self._fill(table, list(rows))
        self._play()

    def _fill(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        # many rows at once: one by one they take a hundred times as long
        for at in range(0, len(rows), 500):
            chunk = rows[at : at + 500]
            marks = f"({', '.join('?' * len(chunk[0]))})"
            values = [value for row in chunk for value in row]
            self.sql.execute(
                f"insert into {table} values {', '.join([marks] * len(chunk))}", values
            )

    def _words(self, vocabulary: str) -> list[Row]:
        rows: list[Row] = self.pack["vocabularies"][vocabulary]
        return rows

    def _below(self, folder: str) -> Iterator[tuple[str, Row]]:
        for path, record in self.records.items():
            if path.startswith(folder):
                yield path.removeprefix(folder).removesuffix(".yml"), record

    def _agencies(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("catalog/agencies/"):
            yield key, one.get("since", ""), one.get("withdrawn", {}).get("date", "")

    def _laws(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("negative-list/laws/"):
            yield key, one["rank"], one.get("in_force_from", ""), one.get("in_force_until", "")

    def _resources(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("catalog/resources/"):
            yield key, key.split("/")[0], one.get("library", ""), one.get("subject", ""), one.get("published_on", ""), one.get("refreshed_on", ""), one.get("secrecy_review", {}).get("date", ""), one.get("update_cycle", ""), one.get("credential", ""), one.get("sharing", {}).get("declared", ""), one.get("withdrawn", {}).get("date", ""), list(one)  # fmt: skip

    def _items(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("catalog/resources/"):
            for row in one.get("items", ()):
                yield key, folded(str(row["name"])), bool(row.get("identifier")), "from" not in row and "settled_by" not in row  # fmt: skip

    def _entries(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("negative-list/entries/"):
            yield key, key.split("/")[0], one.get("listed_on", ""), one.get("delisted", {}).get("date", ""), not one.get("items"), one.get("review_by", "")  # fmt: skip

    def _bases(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("negative-list/entries/"):
            for row in one.get("basis", ()):
                yield key, row["law"]

    def _inspections(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("catalog/inspections/"):
            yield key, one["kind"], one["date"], one["by"], len(one.get("findings", ()))

    def _returns(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("catalog/returns/"):
            year, _, agency = key.partition("/")
            yield int(year), agency, one["submitted_on"]

    def _uses(self) -> Iterator[tuple[Any, ...]]:
        for key, one in self._below("catalog/usage/"):
            for row in one.get("counts", ()):
                if isinstance(row.get("accesses"), int):
                    yield key, key.split("/")[-1], row["request"], row["month"], row["accesses"]

    def _workdays(self) -> Iterator[tuple[Any, ...]]:
        facts = self._facts({}, {})
        for n in range((date(2027, 12, 31) - date(2014, 1, 1)).days + 1):
            day = date(2014, 1, 1) + timedelta(days=n)
            if facts.is_workday(day):
                yield (day,)

    # cases

    def _play(self) -> None:
        cases: list[tuple[Any, ...]] = []
        steps: list[tuple[Any, ...]] = []
        runs: list[tuple[Any, ...]] = []
        for kind, folder in FOLDERS.items():
            procedure: Row = self.procedures.get(kind, {})
            states: dict[str | None, Row] = {
                row["state"]: row for row in procedure.get("states", ())
            }
            for key, case in self._below(folder) if procedure else ():
                about = case.get("resource") or case.get("entry") or ""
                asked = case.get("against") or about.split("/")[0]
                played = Interpreter(procedure, self._facts(case, procedure))
                for n, act in enumerate(case["acts"]):
                    if played.take(act) is not None:
                        break
                    steps.append((kind, key, n, act["act"], act["date"], played.state, bool(states[played.state].get("grants"))))  # fmt: skip
                if played.state is None:
                    continue
                outcome = states[played.state].get("outcome", "")
                cases.append((kind, key, asked, case.get("applicant", ""), about, case["acts"][0]["date"], outcome))  # fmt: skip
                runs += [
                    (kind, key, run.clock, run.started, run.due, run.provisional, run.stopped, run.ended, run.running)
                    for run in played.runs
                ]  # fmt: skip
        for table, rows in (("cases", cases), ("steps", steps), ("runs", runs)):
            self._fill(table, rows)

    def _facts(self, case: Row, procedure: Row) -> Facts:
        parties: dict[str, str] = {}
        words: dict[str, str] = {}
        for row in procedure.get("parties", ()):
            if "agency" in row and row["agency"] in case:
                parties[row["party"]] = case[row["agency"]]
            if "provider_of" in row and row["provider_of"] in case:
                parties[row["party"]] = case[row["provider_of"]].split("/")[0]
            if "role_of" in row and row["role_of"] in case:
                words[row["party"]] = case[row["role_of"]]
        about = case.get("resource") or case.get("entry") or ""
        return Facts(
            self.end,
            parties,
            words,
            [
                Holding(row["role"], row["agency"], day_of(row["from"]), day_of(row["until"]) if "until" in row else None)
                for row in self.records.get("catalog/register.yml", {}).get("roles", ())
            ],
            {key: one["withdrawn"].get("successors", ()) for key, one in self._below("catalog/agencies/") if "withdrawn" in one},
            self._library_kind(about),
            self._class_of(case, about),
            lambda day: self._in_force(about, day),
            self.days.off,
            self.days.made_up,
            self.days.last,
        )  # fmt: skip

    def _library_kind(self, about: str) -> str | None:
        resource = self.records.get(f"catalog/resources/{about}.yml")
        if resource is None:
            return None
        library = self.records.get(f"catalog/libraries/{resource.get('library')}.yml")
        own = next((row["word"] for row in self._words("library-kind") if row.get("own")), None)
        return library["kind"] if library else own

    def _in_force(self, about: str, day: date) -> bool:
        entry = self.records.get(f"negative-list/entries/{about}.yml")
        if entry is None or entry.get("listed_on", "9999") > day.isoformat():
            return False
        return "delisted" not in entry or day.isoformat() < entry["delisted"]["date"]

    def _class_of(self, case: Row, about: str) -> Callable[[date], str | None]:
        if f"catalog/resources/{about}.yml" not in self.records:
            return lambda _day: None
        entry = self.records.get(f"negative-list/entries/{about}.yml", {})
        withheld = [row["word"] for row in self._words("sharing-class") if row.get("withheld")]
        others = [row["word"] for row in self._words("sharing-class") if not row.get("withheld")]
        items = entry.get("items", ())
        touched = not items or bool(set(items) & set(case.get("items", ())))
        return lambda day: (withheld if touched and self._in_force(about, day) else others)[0]
