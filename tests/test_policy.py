"""The packs: complete, honest about what answers each duty, and playable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from mulu.cli.explain import all_rules
from mulu.policy.load import load
from mulu.policy.pack import Duty, Pack
from mulu.procedures import Context, replay
from mulu.record import Data
from registers import (
    EXAMPLES,
    ROOT,
    TODAY,
    files_below,
    policies,
    policy_files,
    policy_schemas,
    schemas,
)
from test_pages import site_of

PACKS = policies().packs
SHENZHEN = PACKS["shenzhen-2015@1"]
DUTIES = [
    pytest.param(pack, duty, id=f"{pack.name}-{duty.number}")
    for pack in PACKS.values()
    for article in pack.articles.values()
    for duty in article.duties
]
PAGES = {path.removesuffix("index.html") or "./" for path in site_of(files_below(EXAMPLES / "common"))}  # fmt: skip
WRITTEN = {path.removesuffix(".md") + "/" for path in files_below(ROOT / "site/pages")}


def test_both_packs_load_without_a_finding() -> None:
    assert policies().findings == ()
    assert sorted(PACKS) == ["national-2025@1", "shenzhen-2015@1"]
    assert not policies().broken


def test_the_rule_of_2015_is_there_article_by_article() -> None:
    assert list(SHENZHEN.articles) == list(range(1, 37))
    numbers = [duty.number for article in SHENZHEN.articles.values() for duty in article.duties]
    assert numbers == [f"D{n:02}" for n in range(1, 86)]


def test_the_seven_procedures_of_2015_are_there() -> None:
    assert list(SHENZHEN.procedures) == ["request", "application", "objection", "delisting", "correction", "complaint", "rectification"]  # fmt: skip


def test_the_only_number_of_the_rule_is_ten_working_days() -> None:
    terms = [
        (procedure.name, clock.name, clock.term, clock.unit, clock.source.articles)
        for procedure in SHENZHEN.procedures.values()
        for clock in procedure.clocks.values()
        if clock.term is not None
    ]
    assert terms == [("request", "provide", 10, "working-day", (15,))]


def test_the_numbers_of_2025_are_those_of_its_table() -> None:
    terms = {
        (procedure.name, clock.term, clock.extension.longest if clock.extension else 0, clock.unit)
        for procedure in PACKS["national-2025@1"].procedures.values()
        for clock in procedure.clocks.values()
        if clock.term is not None
    }
    working = {(name, term, more) for name, term, more, unit in terms if unit == "working-day"}
    assert {("request", 1, 0), ("request", 10, 10), ("request", 20, 0), ("update", 10, 5), ("update", 2, 0), ("correction", 10, 0)} <= working  # fmt: skip


@pytest.mark.parametrize(("pack", "duty"), DUTIES)
def test_a_duty_is_answered_or_says_why_not(pack: Pack, duty: Duty) -> None:
    assert duty.answers or duty.outside or duty.pending
    assert not (duty.outside and duty.answers), "outside the register means nothing here answers it"
    for kind, name in duty.answers:
        assert is_there(pack, kind, name), f"{kind} {name}"


def is_there(pack: Pack, kind: str, name: str) -> bool:
    """Whether what is said to answer a duty exists."""
    match kind:
        case "rule":
            return name in all_rules()
        case "procedure":
            procedure, _, act = name.partition("/")
            return procedure in pack.procedures and (
                not act or act in pack.procedures[procedure].by_act
            )
        case "field":
            return has_field(*name.split("/"))
        case "page":
            return name in PAGES or name in WRITTEN
        case _:
            return False


def has_field(kind: str, *names: str) -> bool:
    """Whether a kind's schema has the property."""
    if kind not in schemas().kinds:
        return False
    schema: Mapping[str, Any] = schemas().kinds[kind].schema
    for name in names:
        below = schema.get("items") if name == "*" else schema.get("properties", {}).get(name)
        if below is None:
            return False
        schema = below
    return True


class Nowhere:
    """A register that answers as an example needs: roles by the demonstration's settings."""

    def __init__(self, roles: list[Data]) -> None:
        self.roles = roles

    def holders(self, role: str, day: str) -> list[str]:
        return [
            str(row["agency"])
            for row in self.roles
            if row["role"] == role and str(row["from"]) <= day <= str(row.get("until", "9999"))
        ]

    def standing_for(self, agency: str) -> list[str]:
        return [agency]

    def library_kind(self, case: Data) -> str:
        return "business"

    def sharing_class(self, case: Data, day: str) -> str:
        return {"shenzhen-2015": "shared"}.get(str(case["pack"]).partition("@")[0], "conditional")

    def entry_in_force(self, case: Data, day: str) -> bool:
        return True


EXAMPLES_OF = [
    pytest.param(pack, name, id=f"{pack.name}-{name}")
    for pack in PACKS.values()
    for name in pack.procedures
]


@pytest.mark.parametrize(("pack", "name"), EXAMPLES_OF)
def test_the_example_of_a_procedure_is_a_valid_case_played_to_its_end(
    pack: Pack, name: str
) -> None:
    from mulu.loading import strict_yaml

    example = pack.examples[name]
    assert schemas().valid(name, example)
    assert example["pack"] == pack.reference
    settings = strict_yaml.load("register.yml", (ROOT / "catalog/register.yml").read_bytes())
    assert isinstance(settings, dict)
    roles = settings["roles"]
    assert isinstance(roles, list)
    world = Nowhere([row for row in roles if isinstance(row, dict)])
    acts = example["acts"]
    assert isinstance(acts, list)
    rows = [row for row in acts if isinstance(row, dict)]
    played = replay(
        pack.procedures[name], rows, Context(TODAY, policies().calendar, example, world)
    )
    assert played.refused == ()
    assert played.ended


def test_every_act_word_of_a_pack_is_a_slug_and_titles_are_chinese() -> None:
    for pack in PACKS.values():
        for procedure in pack.procedures.values():
            for way in procedure.ways:
                assert re.search("[一-鿿]", way.title), (pack.name, way.act)


def test_an_older_version_is_kept_beside_the_newer() -> None:
    """A case is judged for ever by the version it was opened under."""
    files = dict(policy_files())
    for path, source in policy_files().items():
        if path.startswith("schemas/policies/shenzhen-2015/"):
            newer = source.replace(b"version: 1\n", b"version: 2\n")
            files[path] = newer
            files[path.replace("shenzhen-2015/", "shenzhen-2015@1/")] = source
    both = load(files.items(), policy_schemas())
    assert both.findings == ()
    assert sorted(both.packs) == ["national-2025@1", "shenzhen-2015@1", "shenzhen-2015@2"]
    newest = both.named("shenzhen-2015")
    assert newest is not None
    assert newest.version == 2
