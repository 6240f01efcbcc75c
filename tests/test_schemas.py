"""The schemas obey the trust model's subset, and both engines agree about every document."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulu.findings import Finding
from mulu.loading import strict_yaml
from mulu.loading.schemas import RULES, Kind, Schemas
from mulu.procedures import GUARDS
from mulu.record import Key, Record
from mulu.rules import order_not_carried_out
from registers import EXAMPLES, ROOT, files_below, policy_schemas, schemas

RULES_OF_RULES = list(policy_schemas().kinds.values())
KINDS = list(schemas().kinds.values())
ANCHORED = re.compile(r"\^.*\(\?!\[\\s\\S\]\)", re.DOTALL)
KEYWORDS = {"type", "title", "description", "examples", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "format", "enum", "const", "minimum", "maximum", "x-titles", "x-dcat", "x-guide", "x-visibility", "x-reference", "x-vocabulary", "x-kind", "x-path", "$schema"}  # fmt: skip


def nodes(schema: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema with its place."""
    yield where, schema
    for name, below in schema.get("properties", {}).items():
        yield from nodes(below, f"{where}/{name}")
    if "items" in schema:
        yield from nodes(schema["items"], f"{where}[]")


ALL = [
    pytest.param(node, id=where)
    for kind in [*KINDS, *RULES_OF_RULES]
    for where, node in nodes(dict(kind.schema), kind.name)
]


@pytest.mark.parametrize("node", ALL)
def test_node_is_closed_and_bounded(node: dict[str, Any]) -> None:
    assert set(node) <= KEYWORDS
    match node.get("type"):
        case "object":
            assert node["additionalProperties"] is False
            assert set(node.get("required", ())) <= set(node["properties"])
        case "array":
            assert node["maxItems"] <= 5_000
            assert "items" in node
        case "string":
            assert "enum" in node or node["maxLength"] <= 8_192
        case "integer" | ["integer", "null"]:
            assert node["minimum"] <= node["maximum"]
        case "boolean":
            pass
        case other:
            pytest.fail(f"type {other}")
    if "pattern" in node:
        assert ANCHORED.fullmatch(node["pattern"]), (
            "anchored at both ends, also against a final newline"
        )
        assert not re.search(r"\\[dwsDWS]", node["pattern"].replace(r"[\s\S]", "")), (
            "ASCII classes only"
        )
        assert not re.search(r"[)*+}][*+]", node["pattern"].replace("(?!", "")), (
            "no nested repetition"
        )
    if "enum" in node:
        assert set(node.get("x-titles", {})) == set(node["enum"]), (
            "every choice has a Chinese title"
        )


@pytest.mark.parametrize("kind", [*KINDS, *RULES_OF_RULES], ids=lambda kind: kind.name)
def test_every_property_is_described_in_chinese_with_a_valid_example(kind: Kind) -> None:
    for where, node in nodes(dict(kind.schema), kind.name):
        if where.endswith("[]") and "properties" not in node:
            continue
        for text in (node["title"], node["description"]):
            assert re.search("[\u4e00-\u9fff]", text), where
        for example in node.get("examples", ()):
            validator: Any = jsonschema.Draft202012Validator(node)
            errors = list(validator.iter_errors(example))
            assert not errors, f"{where}: {errors}"
        if where != kind.name and node["type"] not in ("object",) and not where.endswith("[]"):
            assert node.get("examples"), f"{where} has no example"


def test_the_kinds_are_those_of_the_domain() -> None:
    assert sorted(schemas().kinds) == ["agency", "application", "chapter", "clearance", "complaint", "correction", "delisting", "dispute", "entry", "inspection", "law", "library", "objection", "rectification", "register", "request", "resource", "return", "update", "usage"]  # fmt: skip


def test_the_guards_of_the_schema_are_those_of_the_program() -> None:
    """The closed list stands twice, for authors and for the replay; this keeps it one."""
    procedure = policy_schemas().kinds["procedure"].schema["properties"]
    for group in ("acts", "clocks"):
        guard = procedure[group]["items"]["properties"]["guards"]["items"]["properties"]["guard"]
        assert set(guard["enum"]) == set(GUARDS)
    orders = procedure["acts"]["items"]["properties"]["orders"]["items"]
    assert set(orders["enum"]) == set(order_not_carried_out.CARRIED_OUT)


def test_what_an_act_can_carry_are_properties_of_acts() -> None:
    procedure = policy_schemas().kinds["procedure"].schema["properties"]
    carries = set(procedure["acts"]["items"]["properties"]["carries"]["items"]["enum"])
    for kind in KINDS:
        if "acts" in kind.schema["properties"]:
            assert carries <= set(kind.schema["properties"]["acts"]["items"]["properties"])


def test_references_and_vocabularies_name_what_exists() -> None:
    for kind in KINDS:
        for route, mark, target in kind.marks:
            if mark == "x-reference":
                assert target in {*schemas().kinds, "item"}, (kind.name, route)


def test_a_path_belongs_to_at_most_one_kind_and_keys_round_trip() -> None:
    paths = {
        "catalog/register.yml": ("register", "register"),
        "catalog/agencies/minzheng.yml": ("agency", "minzheng"),
        "catalog/resources/minzheng/hunyin.yml": ("resource", "minzheng/hunyin"),
        "negative-list/entries/minzheng/hunyin.yml": ("entry", "minzheng/hunyin"),
        "catalog/requests/2026/jiaoyu--huji.yml": ("request", "2026/jiaoyu--huji"),
        "catalog/returns/2025/minzheng.yml": ("return", "2025/minzheng"),
    }
    for path, (name, key) in paths.items():
        assert [kind.name for kind in KINDS if kind.pattern.match(path)] == [name]
        kind = schemas().kinds[name]
        assert kind.key(path) == key
        assert kind.file(key) == path
    for path in ("catalog/agencies/A.yml", "catalog/agencies/a/b.yml", "catalog/x.yml", "catalog/requests/1999/a--b.yml", "catalog/agencies/a.yml\n", "catalog/agencies/../register.yml"):  # fmt: skip
        assert schemas().kind_of(path) is None


def record_of(kind: str, source: str) -> Record:
    data = strict_yaml.load("x.yml", source.encode())
    assert not isinstance(data, Finding)
    path = schemas().kinds[kind].file("a/b")
    return Record(kind, Key("a/b"), path, data, lambda: strict_yaml.positions(source.encode()))


SENTENCES = [
    ("title: 甲\nsharing:\n  declared: shared\n", "missing-property", 1, 1, "缺少“信息资源摘要”（abstract）"),
    ("title: 甲\nabstrct: 乙\nabstract: 丙\nsharing:\n  declared: shared\n", "unknown-property", 2, 1, "没有“abstrct”这一栏"),
    ("title: 甲\nabstract: 乙\nsharing: shared\n", "wrong-type", 3, 10, "“共享属性”应当是一组栏目"),
    ("title: 甲\nabstract: 乙\nsharing:\n  declared: shared\nupdate_cycle: 每月\n", "not-allowed", 5, 15, "“更新周期”不能是“每月”"),
    ("title: 甲\nabstract: 乙\nsharing:\n  declared: shared\npublished_on: 2026-02-30\n", "wrong-form", 5, 15, "“发布日期”的写法不对"),
    ("title: 甲\nabstract: 乙\nsharing:\n  declared: shared\ncode: 408/1\n", "wrong-form", 5, 7, "“信息资源代码”的写法不对"),
    (f"title: {'甲' * 301}\nabstract: 乙\nsharing:\n  declared: shared\n", "too-long", 1, 8, "“信息资源名称”有 301 个字符，最多 300 个"),
    ('title: ""\nabstract: 乙\nsharing:\n  declared: shared\n', "too-short", 1, 8, "“信息资源名称”不能空着"),
    ("title: 甲\nabstract: 乙\nkeywords: []\nsharing:\n  declared: shared\n", "too-few-rows", 3, 11, "“关键词”至少要有 1 条"),
    ("title: 甲\nabstract: 乙\nkeywords:\n  - 丙\n  - 丙\nsharing:\n  declared: shared\n", "repeated-row", 4, 3, "“关键词”里有重复的内容"),
    ("title: 甲\nabstract: 乙\nsharing:\n  declared: shared\nrecord_count: -1\n", "out-of-range", 5, 15, "“记录数”超出允许的范围（0 至 1000000000000）"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "code", "line", "column", "sentence"), SENTENCES, ids=[f"{row[1]}-{n}" for n, row in enumerate(SENTENCES)])  # fmt: skip
def test_a_finding_speaks_of_the_property_at_its_place(
    source: str, code: str, line: int, column: int, sentence: str
) -> None:
    findings = list(schemas().explain(record_of("resource", source)))
    assert [
        (f.rule.code, f.place.line, f.place.column, f.sentence(str, str)) for f in findings
    ] == [(code, line, column, sentence)]


def test_a_chinese_title_is_led_back_to_its_word() -> None:
    source = "title: 甲\nabstract: 乙\nsharing:\n  declared: shared\nupdate_cycle: 每季\n"
    (finding,) = schemas().explain(record_of("resource", source))
    assert finding.remedy(str, str).endswith("；是不是 quarterly？")


def test_every_schema_rule_has_been_said_in_a_test() -> None:
    said = {row[1] for row in SENTENCES} | {"too-many-rows", "must-be"}
    assert said == {rule.code for rule in RULES}


def test_too_many_rows_and_must_be() -> None:
    rows = "".join(f"  - 词{n}\n" for n in range(51))
    source = f"title: 甲\nabstract: 乙\nkeywords:\n{rows}sharing:\n  declared: shared\n"
    assert [f.rule.code for f in schemas().explain(record_of("resource", source))] == [
        "too-many-rows"
    ]
    request = "pack: shenzhen-2015@1\napplicant: a\nresource: a/b\nduty: 甲\npurpose: 乙\nundertaking: false\nacts:\n  - act: submit\n    date: 2026-03-02\n    by: a\n"
    assert [f.rule.code for f in schemas().explain(record_of("request", request))] == ["must-be"]


def agree(kind: Kind, document: Any) -> None:
    slow: Any = jsonschema.Draft202012Validator(
        dict(kind.schema), format_checker=jsonschema.FormatChecker()
    )
    assert schemas().valid(kind.name, document) == slow.is_valid(document)


def test_engines_agree_on_every_example() -> None:
    count = 0
    for path in sorted(EXAMPLES.rglob("*.yml")):
        inner = re.sub(r"^.*?/(?=(catalog|negative-list)/)", "", path.as_posix())
        kind = schemas().kind_of(inner)
        data = strict_yaml.load(inner, path.read_bytes())
        if kind and not isinstance(data, Finding):
            agree(kind, data)
            count += 1
    assert count > 50


WORDS = st.sampled_from(["title", "abstract", "sharing", "declared", "shared", "items", "name", "date", "2026-02-30", "2026-02-28", "", "甲", "a/b", "x\n", "308011/12"])  # fmt: skip
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**13) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(document=st.dictionaries(WORDS, DOCUMENTS, max_size=6), kind=st.sampled_from(KINDS))
@settings(max_examples=300, deadline=None)
def test_engines_agree_on_generated_documents(document: dict[str, Any], kind: Kind) -> None:
    agree(kind, document)


@given(kind=st.sampled_from(KINDS), data=st.data())
@settings(max_examples=200, deadline=None)
def test_engines_agree_on_mutated_examples(kind: Kind, data: st.DataObject) -> None:
    document = {
        name: below["examples"][0]
        for name, below in kind.schema["properties"].items()
        if below.get("examples")
    }
    name = data.draw(st.sampled_from(sorted(document)))
    document[name] = data.draw(DOCUMENTS)
    agree(kind, document)


def test_a_reference_to_nothing_is_a_fault_of_the_schema() -> None:
    source = json.dumps(
        {
            "x-kind": "a",
            "x-path": "a.yml",
            "title": "甲",
            "properties": {"b": {"$ref": "c.json#/d"}},
        }
    )
    with pytest.raises(ValueError, match="names nothing"):
        Schemas.load([("a.schema.json", source.encode())])


def test_editor_settings_name_every_schema() -> None:
    from mulu.cli.init import editor_settings

    assert (ROOT / ".vscode" / "settings.json").read_bytes() == editor_settings(schemas())


def test_schema_files_are_read_by_name() -> None:
    names = {Path(path).name for path in files_below(ROOT / "schemas" / "records")}
    assert names == {"defs.schema.json", *(f"{name}.schema.json" for name in schemas().kinds)}
