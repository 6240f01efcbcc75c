"""Tables into records: real lists, the mess of samples, maps that are wrong, people's edits."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

import goldens
from mulu.findings import Finding
from mulu.formats import table
from mulu.formats.mapping import cells, parsing, records, shape
from mulu.formats.mapping.notes import File, Outcome, RefusedError
from mulu.formats.mapping.plan import MapError, Plan
from mulu.formats.mapping.shelf import new_keys
from mulu.loading import strict_yaml
from mulu.loading.slugs import slug_of
from mulu.record import Data
from registers import ROOT, files_below, schemas

openpyxl: Any = pytest.importorskip("openpyxl")

MULU = Path(sys.executable).with_name("mulu")
DATA = Path(__file__).parent / "data"
PORTALS = ROOT.parent / "shared" / "data" / "portals"
REGISTER = "title: 目录\ncity: 江城市\npack: shenzhen-2015\nroles: []\n"

Files: TypeAlias = dict[str, bytes]


def mulu(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program; a traceback is never acceptable."""
    done = subprocess.run(
        [MULU, *arguments], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    (folder / "catalog").mkdir(parents=True)
    (folder / "catalog" / "register.yml").write_text(REGISTER, "utf-8")
    return folder


def plan_of(text: str, path: str = "map.yml") -> Plan:
    return parsing.parse(path, text.encode(), schemas())


def problems_of(text: str) -> list[str]:
    with pytest.raises(MapError) as caught:
        plan_of(text)
    assert all("\n" not in line for line in caught.value.lines)
    return list(caught.value.lines)


def portal_rows(city: str) -> list[table.Row]:
    path = PORTALS / f"{city}.json"
    if not path.is_file():
        pytest.skip(f"真实清单不在 {PORTALS}：只在有共享资料的机器上运行")
    return list(table.rows([path.read_bytes()], table.Layout("json")))


# ---- the real lists


@pytest.mark.parametrize("city", ["hangzhou", "shanghai", "suzhou", "guiyang"])
def test_a_real_list_is_taken_whole_and_once(city: str) -> None:
    plan = plan_of((DATA / "maps" / f"{city}.yml").read_text("utf-8"))
    rows = portal_rows(city)
    result = records.convert(rows, plan, schemas(), ())
    outcomes = {outcome: result.count(outcome) for outcome in Outcome}
    assert sum(outcomes.values()) == len(rows)
    assert [line.row for line in result.lines] == list(range(1, len(rows) + 1))
    assert all(line.reasons for line in result.lines if line.outcome is Outcome.REFUSED)
    assert (outcomes, Counter(line.reasons[0].code for line in result.lines if line.reasons)) == {
        "hangzhou": ({"taken": 3399, "merged": 2847, "refused": 344}, {"by-rule": 344}),
        "shanghai": ({"taken": 2228, "merged": 2258, "refused": 8}, {"duplicate-differs": 8}),
        "suzhou": ({"taken": 3207, "merged": 0, "refused": 3}, {"duplicate": 3}),
        "guiyang": ({"taken": 2366, "merged": 78, "refused": 25}, {"duplicate-differs": 25}),
    }[city]
    assert result.unmapped == ()
    for path, source in result.files:
        data = strict_yaml.load(path, source)
        kind = schemas().kind_of(path)
        assert not isinstance(data, Finding)
        assert kind is not None
        assert schemas().valid(kind.name, data), path
    again = records.convert(rows, plan, schemas(), result.files)
    assert again.files == ()
    assert [line.outcome for line in again.lines] == [line.outcome for line in result.lines]


def test_the_order_of_rows_does_not_matter() -> None:
    plan = plan_of((DATA / "maps" / "hangzhou.yml").read_text("utf-8"))
    rows = portal_rows("hangzhou")
    files = records.convert(rows, plan, schemas(), ()).files
    random.Random(7).shuffle(rows)
    assert records.convert(rows, plan, schemas(), ()).files == files


# ---- the samples, end to end


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_a_sample_comes_to_its_golden_tree(kind: str, register: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    arguments = (
        "import", "table", DATA / "tables" / f"sample.{kind}",
        "--map", DATA / "maps" / f"sample-{kind}.yml", "--register", register, "--report", report,
    )  # fmt: skip
    done = mulu(*arguments)
    assert (done.returncode, done.stderr) == (1, "")
    files = {**files_below(register), "report.json": report.read_bytes()}
    del files["catalog/register.yml"]
    goldens.compare(f"import/{kind}", files)
    before = files_below(register)
    assert "写了 0 个文件" in mulu(*arguments).stdout
    assert files_below(register) == before


def test_the_report_for_a_spreadsheet_has_every_row_and_no_formula(
    register: Path, tmp_path: Path
) -> None:
    report = tmp_path / "报告.csv"
    done = mulu(
        "import", "table", DATA / "tables" / "sample.csv", "--map", DATA / "maps" / "sample-csv.yml",
        "--root", register, "--report", report, "--dry-run",
    )  # fmt: skip
    assert done.stdout.splitlines()[:3] == [
        "读入 17 行：收录 8，并入 1，拒收 8",
        "另有空行 1",
        "资源：新建 8，改写 0，不变 0；新建单位 4",
    ]
    assert done.stdout.splitlines()[-1] == f"没有写登记簿（--dry-run）；报告：{report}"
    assert list(files_below(register)) == ["catalog/register.yml"]
    rows = list(csv.DictReader(io.StringIO(report.read_bytes().decode("utf-8-sig"))))
    assert [int(row["行"]) for row in rows] == [*range(3, 15), *range(16, 21)]
    assert not any((cell or "").startswith(tuple("=+-@")) for row in rows for cell in row.values())


def test_personal_data_is_in_no_output(register: Path, tmp_path: Path) -> None:
    for kind, secrets in (
        ("csv", ("138-0013-8000", "13800138000")),
        ("json", ("11010519491231002X", "wang@example.cn")),
    ):
        report = tmp_path / f"{kind}.json"
        done = mulu(
            "import", "table", DATA / "tables" / f"sample.{kind}", "--map", DATA / "maps" / f"sample-{kind}.yml",
            "--register", register, "--report", report,
        )  # fmt: skip
        written = b"".join(files_below(tmp_path).values()).decode()
        for secret in secrets:
            assert secret not in done.stdout + done.stderr + written


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sample.csv", "--map", "sample-json.yml"), "第 1 行之后不是 utf-8 文字；请在映射的 file.encoding 写明实际的编码"),
        (("sample.json", "--map", "sample-csv.yml"), "第 1 行之后不是 gb18030 文字"),
        (("sample.csv", "--map", "sample-xlsx.yml"), "不是能读的 XLSX 文件（损坏，或有密码）"),
        (("sample.csv", "--map", "sample-csv.yml", "--report", "x.txt"), "须以 .csv 或 .json 结尾"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_one_line(
    arguments: tuple[str, ...], says: str, register: Path
) -> None:
    file, flag, map_, *rest = arguments
    done = mulu("import", "table", DATA / "tables" / file, flag, DATA / "maps" / map_, "--register", register, *rest)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
    assert list(files_below(register)) == ["catalog/register.yml"]


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    done = mulu("import", "table", DATA / "tables" / "sample.csv", "--map", DATA / "maps" / "sample-csv.yml", "--register", tmp_path)  # fmt: skip
    assert done.returncode == 2
    assert "catalog/register.yml" in done.stderr


# ---- maps

MAP = """\
catalog: 某目录
file: {type: json}
identity: {column: 号}
agency:
  title: {column: 部门}
  kind: organ
  level: city
resource:
  title: {column: 名}
  abstract: {column: 摘要, absent: {column: 名}}
  sharing: {declared: shared}
  update_cycle:
    column: 周期
    values: {每年: annual}
    absent: leave_out
duplicates: refuse
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("duplicates: refuse", "duplicates: number", "map.yml:16:13 duplicates：“单位、名称都相同的行”不能是“number”"),
        ("duplicates: refuse", "", "缺少“单位、名称都相同的行”（duplicates）"),
        ("catalog: 某目录", "catalogue: 某目录", "map.yml:1:1 catalogue：没有“catalogue”这一栏"),
        ("每年: annual", "每年: yearly", "map.yml:14:18 resource.update_cycle.values.每年：“更新周期”不能是“yearly”"),
        ("每年: annual", "每年: {leave_out: false, x: 1}", "resource.update_cycle.values.每年：“更新周期”应当是文字"),
        ("kind: organ", "kind: bureau", "map.yml:6:9 agency.kind.constant：“单位性质”不能是“bureau”"),
        ("kind: organ", "kind: {column: 性质}", "map.yml:6:9 agency.kind：这一栏只收规定的值，须用 values"),
        ("{column: 号}", '{column: 号, take: "("}', "map.yml:3:29 identity.take：不是正确的正则表达式"),
        ("{column: 号}", '{column: 号, take: "x"}', "identity.take：要有 1 个括号，现在有 0 个"),
        ("{column: 号}", "{columns: [号, 名], column: 号}", "identity：column 和 columns 只能写一种"),
        ("{column: 名}", "{column: 名, forms: [YYYY-MM-DD]}", "resource.title.forms：不适用于这一栏"),
        ("{column: 名}", "{column: 名, absent: leave_out}", "resource.title.absent：这一栏必填，不能写 leave_out"),
        ("{column: 名}", "{split: x}", "resource.title：没有写 column"),
        ("absent: leave_out", "absent: skip", "resource.update_cycle.absent：写 refuse、leave_out，或 {value: …}"),
        ("absent: leave_out", "otherwise: keep", "resource.update_cycle.otherwise：这里不能写 keep"),
        ("absent: leave_out", "on_bad: {value: annual}", "resource.update_cycle.on_bad：这里不能写 value"),
        ("duplicates: refuse", "duplicates: refuse\nunused: [部 门]", "map.yml:17:9 unused：“部 门”在别处用到了"),
        ("duplicates: refuse", "duplicates: refuse\nkeep: [itmes]", "keep.0：没有 itmes 这一栏"),
        ("duplicates: refuse", "duplicates: refuse\nmay_differ: {title: earliest}", "may_differ.title：可选：leave_out"),
        ("duplicates: refuse", "duplicates: refuse\nmay_differ: {items: leave_out}", "may_differ.items：resource 里没有这一栏"),
        ("  level: city", "  level: city\n  keys: {市局: 市局}", "agency.keys.市局：代号只用小写字母"),
        ("  sharing:", "  published_on: {column: 日, earliest: \"2020-02-30\"}\n  sharing:", "earliest：应当写成 2026-03-02 这样的日期"),
        ("  sharing:", "  published_on: {column: 日, earliest: \"2021-01-01\", latest: \"2020-01-01\"}\n  sharing:", "earliest：晚于 latest"),
        ("  sharing:", "  items: {column: 摘要}\n  sharing:", "resource.items：须用 split 写明"),
        ("  sharing:", "  formats: {column: 格式, values: {xls: {category: excel}}}\n  sharing:", "formats.values.xls：“格式分类”不能是“excel”"),
        ("catalog: 某目录", "catalog: 某目录\ncatalog: 又一个", "map.yml:2:1：“catalog”写了两次"),
        ("catalog: 某目录", "catalog: &a 某目录", "map.yml:1:10 catalog：用了锚点"),
    ],
)  # fmt: skip
def test_a_bad_map_is_explained_at_its_line(old: str, new: str, says: str) -> None:
    assert old in MAP
    found = problems_of(MAP.replace(old, new, 1))
    assert any(says in line for line in found), found


def test_every_problem_of_a_map_is_said_at_once() -> None:
    text = MAP.replace("每年: annual", "每年: yearly").replace("kind: organ", "kind: bureau")
    assert len(problems_of(text)) == 2


def test_a_column_that_no_row_has_is_a_problem_of_the_map() -> None:
    with pytest.raises(MapError) as caught:
        imported([{"号": "1", "名": "甲", "部门": "乙局", "摘要": "丙"}])
    assert caught.value.lines == ("文件里没有映射用到的列：周期",)


def test_the_shape_is_in_the_subset_our_sentences_cover() -> None:
    """Every keyword that can fail has a sentence, else a bad map would be a fault of ours."""
    known = {"type", "title", "properties", "additionalProperties", "required", "items", "examples", "enum", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"}  # fmt: skip
    waiting: list[dict[str, Any]] = [shape.SCHEMA]
    while waiting:
        node = waiting.pop()
        assert node.keys() <= known
        waiting += [*node.get("properties", {}).values(), *filter(None, [node.get("items")])]


# ---- rows into records

BASE = {"号": "1", "名": "婚姻登记", "部门": "市民政局", "摘要": "结婚和离婚", "周期": "每年"}
RESOURCE = "catalog/resources/shi-min-zheng-ju/hun-yin-deng-ji.yml"


def imported(
    rows: Iterable[dict[str, Any]], text: str = MAP, held: Iterable[tuple[str, bytes]] = ()
) -> records.Result:
    return records.convert(enumerate(rows, 1), plan_of(text), schemas(), held)


def said(result: records.Result) -> list[tuple[str, list[str]]]:
    """Outcome and reasons (or notes) of each row."""
    return [(str(line.outcome), [note.code for note in line.reasons or line.notes]) for line in result.lines]  # fmt: skip


def files_of(result: records.Result, held: Files | None = None) -> Files:
    return {**(held or {}), **dict(result.files)}


def read(files: Files, path: str = RESOURCE) -> Data:
    data = strict_yaml.load(path, files[path])
    assert not isinstance(data, Finding)
    return data


def source_of(files: Files) -> Data:
    source = read(files)["source"]
    assert isinstance(source, dict)
    return source


def test_a_row_becomes_a_record_and_its_agency() -> None:
    result = imported([BASE])
    assert {path: source.decode() for path, source in result.files} == {
        "catalog/agencies/shi-min-zheng-ju.yml": "title: 市民政局\nkind: organ\nlevel: city\n",
        RESOURCE: (
            "title: 婚姻登记\nabstract: 结婚和离婚\nsharing:\n  declared: shared\nupdate_cycle: annual\n"
            'source:\n  catalog: 某目录\n  identifier: "1"\n  raw:\n    - 周期=每年\n'
        ),
    }
    assert said(result) == [("taken", [])]


def test_what_people_wrote_is_kept_and_what_the_source_says_is_rewritten() -> None:
    held = files_of(imported([BASE]))
    edited = read(held)
    edited["sharing"] = {"declared": "withheld", "basis": [{"law": "tongjifa", "clause": "第九条"}]}
    edited["note"] = "人工补充"
    text = held[RESOURCE].decode().replace("  declared: shared\n", "  declared: withheld # 见负面清单\n  basis:\n    - law: tongjifa\n      clause: 第九条\n")  # fmt: skip
    held[RESOURCE] = text.encode() + "note: 人工补充\n".encode()
    assert read(held) == edited
    result = imported([{**BASE, "摘要": "婚姻登记", "周期": None}], held=held.items())
    assert said(result) == [("taken", ["rewritten"])]
    assert result.lines[0].file is File.CHANGED
    assert list(dict(result.files)) == [RESOURCE]
    after = read(files_of(result))
    assert after == {
        **edited,
        "abstract": "婚姻登记",
        "source": {"catalog": "某目录", "identifier": "1"},
    }
    assert "declared: withheld  # 见负面清单" in dict(result.files)[RESOURCE].decode()


def test_a_filled_in_value_never_overwrites_a_persons() -> None:
    row = {**BASE, "摘要": ""}
    held = files_of(imported([row]))
    assert read(held)["abstract"] == "婚姻登记"
    held[RESOURCE] = held[RESOURCE].replace(
        "abstract: 婚姻登记".encode(), "abstract: 人工写的".encode()
    )
    assert imported([row], held=held.items()).files == ()


def test_items_keep_the_details_people_added() -> None:
    text = MAP.replace("  sharing:", '  items: {column: 摘要, split: "、"}\n  sharing:')
    held = files_of(imported([{**BASE, "摘要": "甲、乙"}], text))
    held[RESOURCE] = held[RESOURCE].replace(
        "- name: 乙".encode(), "- name: 乙\n    type: date".encode()
    )
    after = read(files_of(imported([{**BASE, "摘要": "乙、丙"}], text, held.items())))
    assert after["items"] == [{"name": "乙", "type": "date"}, {"name": "丙"}]
    kept = text + "keep: [items]\n"
    after = read(files_of(imported([{**BASE, "摘要": "乙、丙"}], kept, held.items())))
    assert after["items"] == [{"name": "甲"}, {"name": "乙", "type": "date"}]


def test_a_renamed_resource_keeps_its_key() -> None:
    held = files_of(imported([BASE]))
    result = imported([{**BASE, "名": "婚姻登记（新）"}], held=held.items())
    assert list(dict(result.files)) == [RESOURCE]
    assert read(files_of(result))["title"] == "婚姻登记（新）"


def test_a_withdrawn_record_is_left_alone() -> None:
    held = files_of(imported([BASE]))
    held[RESOURCE] += "withdrawn:\n  date: 2024-01-01\n  reason: 停办\n".encode()
    result = imported([BASE], held=held.items())
    assert (said(result), result.files) == ([("refused", ["withdrawn"])], ())


def test_a_record_that_moved_is_found_where_it_is() -> None:
    held = files_of(imported([BASE]))
    moved = "catalog/resources/gongan/hunyin.yml"
    held[moved] = held[RESOURCE]
    held["catalog/agencies/gongan.yml"] = "title: 公安局\nkind: organ\nlevel: city\n".encode()
    held[RESOURCE] += "withdrawn:\n  date: 2024-01-01\n  reason: 移交\n".encode()
    result = imported([BASE], held=held.items())
    assert (said(result), result.files) == ([("taken", ["other-agency"])], ())
    assert result.lines[0].record == "gongan/hunyin"


def test_a_resource_made_by_hand_is_not_made_again() -> None:
    held = files_of(imported([BASE]))
    held[RESOURCE] = held[RESOURCE].split(b"source:")[0]
    result = imported([BASE], held=held.items())
    assert (said(result), result.files) == ([("refused", ["title-exists"])], ())


def test_agencies_are_found_by_any_of_their_names() -> None:
    for names in ("short: 市民政局\n", "names:\n  - title: 市民政局\n    from: 2010-01-01\n"):
        held = {"catalog/agencies/minzheng.yml": f"title: 江城市民政局\nkind: organ\nlevel: city\n{names}".encode()}  # fmt: skip
        assert list(dict(imported([BASE], held=held.items()).files)) == ["catalog/resources/minzheng/hun-yin-deng-ji.yml"]  # fmt: skip


def test_agencies_that_cannot_be_told_or_are_gone_are_refused() -> None:
    one = "title: 甲\nshort: 市民政局\nkind: organ\nlevel: city\n".encode()
    two = {"catalog/agencies/a.yml": one, "catalog/agencies/b.yml": one}
    assert said(imported([BASE], held=two.items())) == [("refused", ["agency-ambiguous"])]
    gone = one + "withdrawn:\n  date: 2019-01-10\n  reason: 撤销\n".encode()
    assert said(imported([BASE], held=[("catalog/agencies/a.yml", gone)])) == [("refused", ["agency-withdrawn"])]  # fmt: skip


def test_rows_that_make_an_agency_of_two_kinds_are_refused() -> None:
    text = MAP.replace("level: city", "level: {column: 层级, values: {市: city, 区: district}}")
    rows = [{**BASE, "层级": "市"}, {**BASE, "号": "2", "名": "乙", "层级": "区"}]
    assert said(imported(rows, text)) == [("taken", []), ("refused", ["agency-differs"])]


def test_an_agency_is_made_only_with_a_resource() -> None:
    assert imported([{**BASE, "周期": "偶尔"}]).files == ()


def test_a_broken_register_is_not_imported_into() -> None:
    with pytest.raises(MapError, match="先运行 mulu check"):
        imported([BASE], held=[("catalog/agencies/a.yml", b"a: [\n")])


MERGING = MAP.replace("duplicates: refuse", "duplicates: merge-formats\nmay_differ: {published_on: earliest, record_count: leave_out}").replace(
    "  sharing:", "  formats: {column: 格式, values: {a: {category: service}, b: {category: spreadsheet, types: [XLS]}}}\n  published_on: {column: 日}\n  record_count: {column: 量}\n  sharing:"
)  # fmt: skip
PAIR = [
    {**BASE, "号": "12", "格式": "a", "日": "2023-02-01", "量": "5"},
    {**BASE, "号": "3", "格式": "b", "日": "2023-01-01", "量": "6"},
]


def test_rows_that_differ_in_format_become_one_resource() -> None:
    result = imported(PAIR, MERGING)
    assert said(result) == [("merged", []), ("taken", ["merged", "differs-left-out"])]
    data = read(files_of(result))
    assert data["formats"] == [
        {"category": "service"},
        {"category": "spreadsheet", "types": ["XLS"]},
    ]
    assert (data["published_on"], "record_count" in data) == ("2023-01-01", False)
    assert data["source"] == {
        "catalog": "某目录",
        "identifier": "3",
        "raw": ["格式=b", "周期=每年", "量=6", "量=5", "号=12", "格式=a"],
    }


def test_a_merged_record_is_found_by_either_identifier() -> None:
    held = files_of(imported(PAIR, MERGING))
    assert imported(PAIR, MERGING, held.items()).files == ()
    assert imported(reversed(PAIR), MERGING, held.items()).files == ()
    alone = imported(PAIR[:1], MERGING, held.items())
    assert [line.record for line in alone.lines] == ["shi-min-zheng-ju/hun-yin-deng-ji"]
    smaller = [*PAIR, {**PAIR[0], "号": "2"}]
    assert source_of(files_of(imported(smaller, MERGING, held.items())))["identifier"] == "3"


def test_rows_that_differ_otherwise_are_refused_with_the_reason() -> None:
    result = imported([PAIR[0], {**PAIR[1], "号": "20", "摘要": "别的"}], MERGING)
    assert said(result) == [("taken", []), ("refused", ["duplicate-differs"])]
    assert (
        result.lines[1].reasons[0].sentence == "与第 1 行的单位、名称相同，不同的有：信息资源摘要"
    )
    assert not result.lines[1].is_by_rule
    by_rule = imported([BASE, {**BASE, "号": "2", "名": "婚姻 登记"}])
    assert said(by_rule) == [("taken", []), ("refused", ["duplicate"])]
    assert by_rule.lines[1].is_by_rule


def test_an_identity_that_repeats_is_no_identity() -> None:
    result = imported([BASE, {**BASE, "名": "别的"}])
    assert said(result) == [("taken", []), ("refused", ["identity-repeated"])]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"周期": "偶尔"}, ["unknown-value"]),
        ({"部门": None}, ["absent"]),
        ({"号": " "}, ["no-identity"]),
        ({"名": "\ud800"}, ["broken-character"]),
        ({"名": {"a": "b"}}, ["not-a-text"]),
        ({"号": 4.403e20}, ["digits-lost"]),
        ({"名": "甲" * 301}, ["not-valid"]),
        ({"摘要": "甲" * 4001}, ["not-valid"]),
        ({"部门": "乙" * 301}, ["not-valid"]),
        ({"摘要": "电话１３８００１３８０００", "周期": "13800138000", "名": None}, ["personal-data", "personal-data"]),
        ({"周期": "偶尔", "部门": ""}, ["absent", "unknown-value"]),
    ],
)  # fmt: skip
def test_a_row_is_refused_with_every_reason(change: dict[str, Any], codes: list[str]) -> None:
    result = imported([{**BASE, **change}])
    assert (said(result), result.files) == ([("refused", codes)], ())
    assert not result.lines[0].is_by_rule


def test_a_refusal_the_map_states_is_by_rule() -> None:
    text = MAP.replace(
        "    absent: leave_out\n", "    absent: {refuse: 没有周期}\n    otherwise: refuse\n"
    )
    result = imported([{**BASE, "周期": ""}, {**BASE, "周期": "偶尔"}], text)
    assert [line.reasons[0].sentence for line in result.lines] == ["“周期”：没有周期", "“周期”的“偶尔”在映射的 values 里没有"]  # fmt: skip
    assert all(line.is_by_rule for line in result.lines)


def test_a_bad_date_is_refused_unless_the_map_leaves_it_out() -> None:
    text = MAP.replace("  sharing:", "  published_on: {column: 日}\n  sharing:")
    for day in ("2023-13-40", "1301-01-01", "3101-01-01", "2023/6/1", "2023-06-01 10:00"):
        assert said(imported([{**BASE, "日": day}], text)) == [("refused", ["bad-date"])]
        lenient = imported([{**BASE, "日": day}], text.replace("日}", "日, on_bad: leave_out}"))
        assert said(lenient) == [("taken", ["bad-left-out"])]
        assert "published_on" not in read(files_of(lenient))


def test_blanks_are_only_those_the_map_lists() -> None:
    assert read(files_of(imported([{**BASE, "摘要": "无"}])))["abstract"] == "无"
    text = MAP.replace("identity:", "text: {blanks: [无]}\nidentity:")
    result = imported([{**BASE, "摘要": "　无\t"}], text)
    assert said(result) == [("taken", ["trimmed", "blank", "filled"])]
    assert read(files_of(result))["abstract"] == "婚姻登记"


def test_a_column_is_found_however_its_header_is_set() -> None:
    row = {"号 ": "1", "\ufeff名": "甲", "部\n门": "乙局", "摘　要": "丙", "周期": None}
    assert said(imported([row])) == [("taken", [])]


def test_columns_nobody_mentions_are_named() -> None:
    assert imported([{**BASE, "电\x1b[31m话": "1"}]).unmapped == ("电[31m话",)


def test_a_url_that_may_not_be_shown_is_left_out() -> None:
    text = MAP.replace("agency:", "url: {column: 网址}\nagency:")
    for url in (
        "javascript:alert(1)",
        "http://example.com/",
        "https://a b",
        "https://x/" + "y" * 2000,
    ):
        result = imported([{**BASE, "网址": url}], text)
        assert [note.code for note in result.lines[0].notes][:1] in (["url-left-out"], ["raw-cut"])
        assert "url" not in source_of(files_of(result))
    result = imported([{**BASE, "网址": "http://data.gz.gov.cn/1"}], text)
    assert said(result) == [("taken", [])]


# ---- keys


def test_slugs_are_pinyin_whole_words_and_never_too_long() -> None:
    assert slug_of("婚姻登记信息（2023年）") == "hun-yin-deng-ji-xin-xi-2023-nian"
    assert slug_of("ＡＱＩ指数") == "aqi-zhi-shu"
    assert slug_of("★") == ""
    assert len(slug_of("信息" * 40)) <= 60
    assert slug_of("x" * 100) == "x" * 60


def test_colliding_keys_are_told_apart_by_identity_in_any_order() -> None:
    wanted = {
        "甲": ("a/", "思想宣传"),
        "乙": ("a/", "丝箱喧传"),
        "丙": ("a/", "★"),
        "丁": ("a/", "甲"),
    }
    keys = new_keys(wanted, ["a/jia"])
    assert new_keys(dict(reversed(wanted.items())), ["a/jia"]) == keys
    assert len(set(keys.values())) == 4
    assert keys["甲"].startswith("a/si-xiang-xuan-chuan-")
    assert keys["丙"].startswith("a/r-")
    assert keys["丁"].startswith("a/jia-")


@given(st.text(max_size=200))
def test_a_slug_fits_whatever_the_title(title: str) -> None:
    (key,) = new_keys({"x": ("a/", title)}, []).values()
    kind = schemas().kinds["resource"]
    assert kind.pattern.match(kind.file(key))


# ---- cells


def cleaned(text: str) -> str:
    """The text as a record may hold it; '' where the row would be refused."""
    try:
        return cells.clean(text, "列", cells.Manner())[0]
    except RefusedError:
        return ""


def test_what_the_strict_loader_refuses_never_leaves_a_cell() -> None:
    """Over all of Unicode: what is left of a character can be stored, or the row is refused."""
    step = 1_000
    for start in range(0, 0x110000, step):
        texts = (
            cleaned(f"甲{chr(code)}乙") for code in range(start, start + step) if code < 0x110000
        )
        text = "".join(texts).replace("\\", "").replace('"', "")
        assert strict_yaml.load("x.yml", f'a: "{text}"\n'.encode()) == {"a": text}, hex(start)


@given(st.text(max_size=100))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    manner = cells.Manner(narrow=("digits", "letters"))
    try:
        once, changes = cells.clean(text, "列", manner)
    except RefusedError:
        return
    assert cells.clean(once, "列", manner) == (once, ())
    assert bool(changes) or once == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>甲</p><p>乙</p>", " 甲  乙 "),
        ("甲<b>乙</b>丙", "甲乙丙"),
        ("<a href='x' target=_blank>甲</a><br/><td nowrap style=\"a:b;c\">乙</td>", "甲  乙 "),
        ("a<b 且 b>c", "a<b 且 b>c"),
        ("x<y>z", "x<y>z"),
        ("&ldquo;甲&rdquo; &#41;", "“甲” )"),
        ("&amp;lt;p&amp;gt;甲&amp;lt;/p&amp;gt;", " 甲 "),
        ("<script>alert(1)</script>甲<!-- 乙 -->", " 甲"),
        ("AT&T; &bogus;", "AT&T; &bogus;"),
    ],
)
def test_html_is_stripped_and_other_brackets_stay(html: str, text: str) -> None:
    assert cells.without_html(html) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("电话13800138000", "手机号码"),
        ("+86 138 0013 8000", "手机号码"),
        ("证号11010519491231002x", "身份证件号码"),
        ("a.b-c@mail.example.cn", "邮箱地址"),
        ("0755-88101234", ""),
        ("编号 2013800138000123", ""),
        ("91440300MA5EYH0T2X", ""),
        ("2023-06-17", ""),
    ],
)
def test_personal_data_is_recognised(text: str, kind: str) -> None:
    assert cells.personal_data(text) == kind


@pytest.mark.parametrize(
    ("text", "forms", "day"),
    [
        ("2023-06-17", ["YYYY-MM-DD"], "2023-06-17"),
        ("2023-6-7", ["YYYY-MM-DD"], ""),
        ("2023-6-7", ["YYYY-M-D"], "2023-06-07"),
        ("2023/06/07 10:00:00", ["YYYY/M/D"], "2023-06-07"),
        ("2023.6.1", ["YYYY/M/D", "YYYY.M.D"], "2023-06-01"),
        ("20230601", ["YYYYMMDD"], "2023-06-01"),
        ("2023年6月1日", ["YYYY年M月D日"], "2023-06-01"),
        ("2023年6月", ["YYYY年M月D日"], ""),
        ("2023-02-29", ["YYYY-MM-DD"], ""),
        ("1686931200000", ["epoch-milliseconds"], "2023-06-17"),
        ("45078", ["excel-days"], "2023-06-01"),
        ("45078", ["YYYYMMDD"], ""),
        ("民國106年", list(cells.FORMS), ""),
        ("R/P1D", list(cells.FORMS), ""),
    ],
)
def test_dates_are_read_in_the_forms_named_and_no_other(
    text: str, forms: list[str], day: str
) -> None:
    assert cells.day_of(text, forms, drops_time=True) == day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("日期，时段（a，b），停车(分），，x", ["日期", "时段（a，b）", "停车(分）", "", "x"]),
        ("名称、地址（含街道、经度", None),
        ("名称）、地址", None),
        ("(甲】、乙", None),
        ("甲", ["甲"]),
    ],
)
def test_lists_are_split_outside_brackets(text: str, found: list[str] | None) -> None:
    assert cells.parts(text, "、，", outside_brackets=True) == found


# ---- files


def csv_rows(text: str, **layout: Any) -> list[table.Row]:
    source = text.encode(str(layout.get("encoding", "utf-8")))
    pieces = [source[i : i + 3] for i in range(0, len(source), 3)]
    return list(table.rows(pieces, table.Layout("csv", **layout)))


def json_rows(text: str, size: int = 5) -> list[table.Row]:
    pieces = [text[i : i + size].encode() for i in range(0, len(text), size)]
    return list(table.rows(pieces, table.Layout("json")))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "cp950"])
def test_csv_is_read_in_the_encoding_stated(encoding: str) -> None:
    text = '題名,數量\r\n"甲,乙\n丙",1\r\n丁\r\n'
    assert csv_rows(text, encoding=encoding) == [
        (2, {"題名": "甲,乙\n丙", "數量": "1"}),
        (3, {"題名": "丁"}),
    ]


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert csv_rows("\ufeff甲\n1\n") == [(2, {"甲": "1"})]
    assert json_rows('\ufeff[{"a": "1"}]') == [(1, {"a": "1"})]


def test_csv_header_may_stand_lower_and_rows_may_be_too_long() -> None:
    text = "标题;;\n甲;乙;\n1;2;;;\n1;2;3;4\n"
    assert csv_rows(text, delimiter="semicolon", header_row=2) == [
        (3, {"甲": "1", "乙": "2"}),
        (4, "too-many-cells"),
    ]


@pytest.mark.parametrize(
    ("text", "layout", "says"),
    [
        ("甲,甲\n", {}, "表头里“甲”出现了不止一次"),
        ("甲\n", {"header_row": 3}, "没有第 3 行，读不到表头"),
        (",,\n1,2,3\n", {}, "表头是空行"),
        ('甲\n"乙\n', {}, "第 2 行不合 CSV 写法"),
        ('甲\n"乙"丙\n', {}, "第 2 行不合 CSV 写法"),
    ],
)
def test_csv_that_cannot_be_read_is_refused(text: str, layout: dict[str, Any], says: str) -> None:
    with pytest.raises(table.TableError, match=says):
        csv_rows(text, **layout)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"a": "[,]{}"}, 3, {"a": 1, "a": 2}]',
        '[{"a": 1}, {"a": "[,]{}"}]\n[3, {"a": 1, "a": 2}]',
        '{"a": 1}\n{"a": "[,]{}"}\n3\n{"a": 1, "a": 2}\n',
    ],
)
def test_json_is_one_array_several_or_lines(text: str, size: int) -> None:
    assert json_rows(text, size) == [
        (1, {"a": "1"}),
        (2, {"a": "[,]{}"}),
        (3, "not-an-object"),
        (4, "repeated-column"),
    ]


def test_json_numbers_are_the_texts_they_were_written_as() -> None:
    text = '[{"a": 1.50, "b": 440300199001011234567, "c": true, "d": null, "e": NaN, "f": [1]}]'
    assert json_rows(text) == [(1, {"a": "1.50", "b": "440300199001011234567", "c": True, "d": None, "e": "NaN", "f": ["1"]})]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"a": 1}', "第 2 个对象之前文件就结束了"),
        ('[{"a": 1} {"a": 2}]', "第 2 个对象前面少了逗号"),
        ('[{"a": 1},,{"a": 2}]', "第 2 个对象多了逗号"),
        ('[{"a": }]', "第 1 个对象不是 JSON"),
        ('[{"a": "', "第 1 个对象不是 JSON"),
        ("[" + '{"a":' * 100_000, "第 1 个对象"),
        ("{} x", "第 2 个对象不是 JSON"),
    ],
)
def test_json_that_breaks_off_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(table.TableError, match=says):
        json_rows(text, 1000)


def test_an_encoding_that_does_not_fit_is_said() -> None:
    with pytest.raises(table.TableError, match="第 2 行之后不是 utf-8 文字"):
        list(table.rows([b"a\n", "乙".encode("gb18030")], table.Layout("csv")))


def sheet_rows(fill: Callable[[Any], None], **layout: Any) -> list[table.Row]:
    book = openpyxl.Workbook()
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return list(table.rows([stream.getvalue()], table.Layout("xlsx", **layout)))


def test_merged_cells_count_for_every_row_they_cover() -> None:
    def fill(sheet: Any) -> None:
        for row in (["部门", "名称"], ["甲局", "a"], [None, "b"], [None, "c"]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    assert sheet_rows(fill) == [
        (2, {"部门": "甲局", "名称": "a"}),
        (3, {"部门": "甲局", "名称": "b"}),
        (4, {"部门": "", "名称": "c"}),
    ]


def test_a_sheet_may_begin_anywhere() -> None:
    def fill(sheet: Any) -> None:
        sheet["C3"], sheet["D3"], sheet["C4"], sheet["D4"] = "部门", "数", "甲局", 12
        sheet["C5"], sheet["D5"] = "乙局", 4.5
        sheet.merge_cells("C5:C6")
        sheet["D6"] = True

    assert sheet_rows(fill, header_row=3) == [
        (4, {"部门": "甲局", "数": "12"}),
        (5, {"部门": "乙局", "数": "4.5"}),
        (6, {"部门": "乙局", "数": True}),
    ]


def test_a_missing_sheet_is_named_with_those_there_are() -> None:
    with pytest.raises(table.TableError, match="没有工作表“清单”；有：Sheet"):
        sheet_rows(lambda sheet: sheet.append(["a"]), sheet="清单")


@given(st.lists(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.text(max_size=9)), max_size=5), st.integers(1, 40), st.booleans())  # fmt: skip
def test_json_comes_back_as_it_was_written(
    rows: list[dict[str, Any]], size: int, lines: bool
) -> None:
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, indent=1)
    assert [row for _, row in json_rows(text, size)] == rows
