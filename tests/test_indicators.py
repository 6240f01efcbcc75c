"""Figures of a year: how facts become numbers, what a year holds, and how agencies are judged."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from goldens import compare
from mulu.assessment import assess, points_of, score_text
from mulu.indicators import MEASURES, Fact, Figure, Year, figure_of, period_of, rounded, shown
from mulu.loading import records
from mulu.policy.indicator import Assessment, Band, Deduction, Grade, Part, Weight
from mulu.record import Record
from registers import EXAMPLES, ROOT, example_files, pack, policies, register_of

COMMON = example_files(EXAMPLES / "common" / "none")
HUNYIN = "catalog/resources/minzheng/hunyin-dengji.yml"
TONGJI = "catalog/resources/tongji/dan-ge-diaocha-duixiang.yml"


def facts(*values: int, misses: int = 0) -> list[Fact]:
    """Facts with these values that count, and some that do not."""
    hits = [Fact("resource", f"a/{n}", "a", value=value) for n, value in enumerate(values)]
    return hits + [Fact("resource", f"b/{n}", "b", hit=False) for n in range(misses)]


def year_of(
    changed: dict[str, str] | None = None,
    year: int = 2025,
    today: date = date(2026, 11, 23),
    *,
    without: tuple[str, ...] = (),
) -> Year:
    """A year of the common register with some files changed, added or left out."""
    files = {path: source for path, source in COMMON.items() if path not in without}
    files |= {path: text.encode() for path, text in (changed or {}).items()}
    register, findings = register_of(files)
    assert findings == []
    return Year(register, period_of(year, today))


def text_of(path: str, **values: object) -> str:
    """A record of the common register with some properties changed; None takes one away."""
    data = {**yaml.safe_load(COMMON[path]), **values}
    data = {name: value for name, value in data.items() if value is not None}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


# ---------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("how", "values", "misses", "expected"),
    [
        ("count", [], 0, Fraction(0)),
        ("count", [5, 7], 3, Fraction(2)),
        ("sum", [], 2, Fraction(0)),
        ("sum", [5, 7], 2, Fraction(12)),
        ("share", [], 0, None),
        ("share", [], 1, Fraction(0)),
        ("share", [1], 2, Fraction(1, 3)),
        ("share", [1], 0, Fraction(1)),
        ("median", [], 4, None),
        ("median", [9], 0, Fraction(9)),
        ("median", [9, 2], 0, Fraction(11, 2)),
        ("median", [9, 1, 2], 0, Fraction(2)),
        ("p90", [], 0, None),
        ("p90", [4], 0, Fraction(4)),
        ("p90", list(range(1, 11)), 0, Fraction(9)),
        ("p90", list(range(1, 12)), 0, Fraction(10)),
    ],
)
def test_facts_make_a_number(
    how: str, values: list[int], misses: int, expected: Fraction | None
) -> None:
    assert figure_of(how, facts(*values, misses=misses)).value == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0.0"),
        (Fraction(1, 20), "0.1"),
        (Fraction(49, 1000), "0.0"),
        (Fraction(-1, 20), "-0.1"),
        (Fraction(-1, 25), "0.0"),
        (Fraction(12345678, 10), "1,234,567.8"),
        (Fraction(199, 2), "99.5"),
        (Fraction(9995, 100), "100.0"),
    ],
)
def test_one_decimal_with_halves_away_from_zero(value: Fraction, text: str) -> None:
    assert rounded(value) == text


def test_nothing_is_never_zero_or_all() -> None:
    fresh = pack().indicators["fresh"]
    assert shown(fresh, figure_of("share", [])) == "不适用"
    assert shown(fresh, figure_of("share", facts(misses=1))) == "0.0%"


def test_every_measure_is_a_word_of_the_schema_and_used() -> None:
    schema = yaml.safe_load((ROOT / "schemas/policies/indicators.schema.json").read_text("utf-8"))
    words = schema["properties"]["indicators"]["items"]["properties"]["measure"]["enum"]
    used = {one.measure for found in policies().packs.values() for one in found.indicators.values()}
    assert set(words) == set(MEASURES) == used


@pytest.mark.parametrize("name", sorted(policies().packs))
def test_every_indicator_says_what_it_is(name: str) -> None:
    found = policies().packs[name]
    for one in found.indicators.values():
        assert one.says.endswith("。")
        assert one.formula
        assert one.source.articles or one.source.local_practice or one.source.unconfirmed, one.name
        if one.source.articles and found.articles:
            assert set(one.source.articles) <= set(found.articles), one.name


# ---------------------------------------------------------------------- the year


def test_a_year_ends_today_or_with_december() -> None:
    today = date(2026, 11, 23)
    assert period_of(2025, today).end == date(2025, 12, 31)
    assert period_of(2026, today).end == today
    assert period_of(2025, today).is_over
    assert not period_of(2026, today).is_over
    assert period_of(2026, date(2026, 1, 1)).end == date(2026, 1, 1)
    with pytest.raises(ValueError, match="还没有开始"):
        period_of(2027, today)


@pytest.mark.parametrize(
    ("published", "there", "new"),
    [("2024-12-31", 2, 0), ("2025-01-01", 2, 1), ("2025-12-31", 2, 1), ("2026-01-01", 1, 0)],
)
def test_a_resource_counts_from_the_day_of_publication(
    published: str, there: int, new: int
) -> None:
    year = year_of({HUNYIN: text_of(HUNYIN, published_on=published)})
    tongji = year_of(without=(HUNYIN,))
    assert year.figure("resources").value == there
    assert tongji.figure("resources").value == 1
    mine = [fact for fact in year.facts("new-resources") if fact.agency == "minzheng"]
    assert len(mine) == new


@pytest.mark.parametrize(("gone", "there"), [("2025-12-31", 1), ("2026-01-01", 2)])
def test_a_withdrawn_resource_counts_to_the_day_before(gone: str, there: int) -> None:
    year = year_of({HUNYIN: text_of(HUNYIN, withdrawn={"date": gone, "reason": "业务取消"})})
    assert year.figure("resources").value == there


@pytest.mark.parametrize(
    ("refreshed", "share"),
    [("2025-12-29", 1), ("2025-12-28", 0), ("2026-01-01", None), (None, None)],
)
def test_fresh_is_asked_of_the_end_of_the_year(refreshed: str | None, share: int | None) -> None:
    year = year_of({HUNYIN: text_of(HUNYIN, refreshed_on=refreshed)})
    assert pack().freshness["daily"] == 2
    assert year.of_agency("fresh", "minzheng") is not None
    assert figure(year, "fresh", "minzheng").value == share


def figure(year: Year, name: str, agency: str) -> Figure:
    """An agency's figure, where there is one."""
    found = year.of_agency(name, agency)
    assert found is not None
    return found


def test_an_agency_of_a_later_year_is_not_asked() -> None:
    path = "catalog/agencies/minzheng.yml"
    year = year_of({path: text_of(path, since="2026-01-01")})
    assert "minzheng" not in year.agencies
    assert "tongji" in year.agencies


def test_an_agency_merged_in_mid_year_keeps_what_it_did() -> None:
    path = "catalog/agencies/minzheng.yml"
    gone = {"date": "2025-07-01", "reason": "机构改革", "successors": ["tongji"]}
    year = year_of({path: text_of(path, withdrawn=gone)})
    assert "minzheng" not in year.agencies
    assert [fact.agency for fact in year.facts("new-resources")].count("minzheng") == 1


def test_breakdowns_come_from_the_facts_of_the_city() -> None:
    year = demonstration()
    for name, one in year.register.pack.indicators.items():
        for group in one.by:
            parts = year.by(group, name)
            whole = year.facts(name)
            told = sum(len(part.facts) for part in parts.values())
            assert told <= len(whole)
            if group == "agency":
                assert told == len(whole), name
                if one.figure in ("count", "sum"):
                    assert (
                        sum(part.value or 0 for part in parts.values()) == year.figure(name).value
                    )


def test_a_register_without_resources_has_no_year() -> None:
    assert year_of(without=(HUNYIN, TONGJI, TONGJI.replace("catalog/resources", "negative-list/entries"))).is_empty  # fmt: skip
    assert not year_of().is_empty


def demonstration() -> Year:
    """The year 2025 of the register that comes with the program."""
    from registers import files_below

    files = {f"{folder}/{path}": source for folder in ("catalog", "negative-list") for path, source in files_below(ROOT / folder).items()}  # fmt: skip
    register, findings = register_of(files)
    assert findings == []
    return Year(register, period_of(2025, date(2026, 11, 23)))


# ---------------------------------------------------------------------- judging


@pytest.mark.parametrize(
    ("value", "points"),
    [(None, None), (0, 0), (Fraction(499, 1000), 0), (Fraction(1, 2), 30), (Fraction(3, 4), 60), (1, 100)],
)  # fmt: skip
def test_more_is_better(value: Fraction | None, points: int | None) -> None:
    weight = Weight("fresh", 10, (Band(100, 100), Band(75, 60), Band(50, 30)))  # fmt: skip
    number = None if value is None else Fraction(value)
    assert points_of(weight, Figure(number, 0, 0, ()), pack().indicators["fresh"]) == points


@pytest.mark.parametrize(("value", "points"), [(10, 100), (11, 70), (20, 70), (21, 0)])
def test_less_is_better(value: int, points: int) -> None:
    one = pack().indicators["correction-days-median"]
    assert one.direction == "less"
    weight = Weight(one.name, 10, (Band(10, 100), Band(20, 70)))
    assert points_of(weight, Figure(Fraction(value), 0, 0, ()), one) == points


def by_resources(enough: int = 50, *deductions: Deduction) -> Assessment:
    """Half for having a resource, half for its being fresh."""
    return Assessment(
        "考核",
        "试算。",
        enough,
        (
            Part("目录", (Weight("resources", 50, (Band(1, 100),)),)),
            Part("更新", (Weight("fresh", 50, (Band(100, 100),)),)),
        ),
        deductions,
        (Grade("优秀", 90), Grade("不合格", 0)),
    )


def test_equal_scores_share_a_rank_and_the_next_has_its_place() -> None:
    year = year_of({HUNYIN: text_of(HUNYIN, refreshed_on="2025-01-01")})
    scores = {one.agency: one for one in assess(year, by_resources())}
    assert (scores["tongji"].rank, scores["tongji"].tied, scores["tongji"].value) == (
        1,
        False,
        Fraction(100),
    )
    assert (scores["minzheng"].rank, scores["minzheng"].value) == (2, Fraction(50))
    others = [one for name, one in scores.items() if name not in ("tongji", "minzheng")]
    assert {(one.rank, one.tied, one.value) for one in others} == {(3, True, Fraction(0))}


def test_too_little_is_not_judged_and_says_so() -> None:
    scores = assess(year_of(), by_resources(enough=51))
    assert {one.value for one in scores} == {None}
    assert score_text(scores[0]) == "未评（能算的指标权重只占 50.0%）"
    assert {one.rank for one in scores} == {None}


def test_points_are_taken_off_up_to_a_limit_and_never_below_nothing() -> None:
    for each, most, value in ((30, 100, 70), (30, 20, 80), (200, 500, 0)):
        scores = assess(year_of(), by_resources(50, Deduction("resources", each, most)))
        assert next(one.value for one in scores if one.agency == "minzheng") == value


def test_an_indicator_of_the_city_cannot_judge_agencies() -> None:
    city = next(one for one in pack().indicators.values() if "agency" not in one.by)
    other = Assessment("考核", "", 0, (Part("", (Weight(city.name, 1, ()),)),), (), ())
    with pytest.raises(ValueError, match=city.name):
        assess(year_of(), other)
    unknown = Assessment("考核", "", 0, (Part("", (Weight("kindness", 1, ()),)),), (), ())
    with pytest.raises(ValueError, match="kindness"):
        assess(year_of(), unknown)


# ---------------------------------------------------------------------- at the command line


def said(*words: str | Path, code: int = 0) -> str:
    """What a command says of the register that comes with the program."""
    mulu = Path(sys.executable).with_name("mulu")
    run = subprocess.run([mulu, *words], capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stdout + run.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_golden_figures(form: str) -> None:
    day = ("--root", ROOT, "--today", "2026-11-23")
    compare(
        f"stats/{form}",
        {
            "year": said("stats", *day, "--year", "2025", "--format", form).encode(),
            "agency": said("stats", *day, "--year", "2025", "--agency", "minzheng", "--format", form).encode(),
            "indicator": said("stats", *day, "--year", "2025", "--indicator", "on-time", "--format", form).encode(),
            "assessment": said("stats", *day, "--year", "2025", "--assessment", "-", "--format", form).encode(),
        },
    )  # fmt: skip


def test_what_cannot_be_measured_is_named(tmp_path: Path) -> None:
    day = ("--root", ROOT, "--today", "2026-11-23")
    assert "2027 年还没有开始" in said("stats", *day, "--year", "2027", code=2)
    assert "没有 1999 年的数据" in said("stats", *day, "--year", "1999", code=2)
    assert "没有单位 'nobody'" in said("stats", *day, "--agency", "nobody", code=2)
    assert "没有指标 'kindness'" in said("stats", *day, "--indicator", "kindness", code=2)
    other = tmp_path / "other.yml"
    assert "读不了" in said("stats", *day, "--assessment", other, code=2)
    other.write_text("title: 考核\nparts: nothing\n", "utf-8")
    assert "第 2 行 “各部分”应当是列表" in said("stats", *day, "--assessment", other, code=2)


def test_another_assessment_is_tried_out(tmp_path: Path) -> None:
    source = (ROOT / "schemas/policies/shenzhen-2015/assessment.yml").read_text("utf-8")
    other = tmp_path / "other.yml"
    other.write_text(source.replace("enough: 50", "enough: 100"), "utf-8")
    words = ("stats", "--root", ROOT, "--today", "2026-11-23", "--year", "2025", "--assessment")
    assert said(*words, other) != said(*words, "-")


def test_a_register_with_a_broken_file_has_no_figures(tmp_path: Path) -> None:
    for path, source in COMMON.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(source)
    (tmp_path / HUNYIN).write_text("title: [", "utf-8")
    found = said("stats", "--root", tmp_path, "--today", "2026-11-23", "--year", "2025", code=1)
    assert "mulu check" in found


def test_a_return_begins_with_what_the_register_knows(tmp_path: Path) -> None:
    for path, source in COMMON.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(source)
    said("new", "return", "2025", "minzheng", "--root", tmp_path, "--today", "2026-11-23")
    made = tmp_path / "catalog/returns/2025/minzheng.yml"
    (record,) = records.load([("catalog/returns/2025/minzheng.yml", made.read_bytes())], register_of(COMMON)[0].schemas).records  # fmt: skip
    assert isinstance(record, Record)
    assert record.get("provided", "resources") == 1
    assert record.get("used", "resources") == 0
