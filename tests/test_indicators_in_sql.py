"""Every figure of a year, computed again in SQL over tables that were read on a path of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattened import Files, Flattened, folded, plain
from mulu.indicators import MEASURES, Year, period_of
from mulu.policy.indicator import Indicator
from naive import day_of
from registers import EXAMPLES, ROOT, example_files, files_below, pack, register_of

COMMON = example_files(EXAMPLES / "common" / "none")

THERE = """
create or replace temp macro stands(since, gone) as since <= getvariable('end') and (gone = '' or gone > getvariable('end'));
create or replace temp macro within(day) as day between getvariable('start') and getvariable('end');
create or replace temp macro has(name, word) as list_contains(getvariable(name), word);
create or replace temp macro worked(since, until) as (select count(*) from workdays where day > since and day <= until);
create or replace temp view there as select * from resources where stands(published, gone);
create or replace temp view listed as select * from entries where listed <> '' and listed <= getvariable('end') and (delisted = '' or getvariable('end') < delisted);
create or replace temp view sharing as
    select there.*, case when getvariable('by_list') then not exists (from listed where listed.key = there.key and whole)
                    else there.declared not in (from withholding) end as may
    from there;
create or replace temp view granted as
    select distinct kind, key, applicant, resource from steps join cases using (kind, key) where grants;
create or replace temp view timed as
    select *, case when getvariable('whose') = 'applicant' then applicant else asked end as agency
    from runs join cases using (kind, key)
    where kind = getvariable('case') and clock = getvariable('clock');
create or replace temp view acted as
    select *, case when getvariable('whose') = 'applicant' then applicant else asked end as agency
    from steps join cases using (kind, key) where kind = getvariable('case');
"""

FACTS: Mapping[str, str] = {
    "catalogued": "select key as agency, exists (from there where there.agency = agencies.key) as hit, 1 as value from agencies where stands(since, gone)",
    "resources": "select agency, true as hit, 1 as value from there",
    "published": "select agency, true as hit, 1 as value from resources where within(published)",
    "withdrawn": "select agency, true as hit, 1 as value from resources where within(gone)",
    "items": "select agency, true as hit, (select count(*) from items where resource = there.key) as value from there",
    "shared": "select agency, may as hit, 1 as value from sharing",
    "listed": "select agency, key in (select key from listed) as hit, 1 as value from there",
    "claimed": "select agency, declared in (from withholding) and key not in (select key from listed where whole) as hit, 1 as value from there",
    "complete": "select agency, list_has_all(fields, getvariable('fields')) as hit, 1 as value from there",
    "confirmed": """
        select agency, list_max(list_filter([published, refreshed, reviewed], lambda day: day <= getvariable('end')))
               >= strftime(getvariable('end')::date - cast(getvariable('days') as int), '%Y-%m-%d') as hit, 1 as value
        from there where refreshed <= getvariable('end')""",
    "fresh": """
        select agency, refreshed::date + days >= getvariable('end')::date as hit, 1 as value
        from there join cycles using (cycle) where refreshed <> '' and refreshed <= getvariable('end')""",
    "credentials": "select agency, may as hit, 1 as value from sharing where credential <> ''",
    "used": "select agency, key in (select resource from granted) as hit, 1 as value from sharing where may",
    "using": "select distinct applicant as agency, resource, true as hit, 1 as value from granted",
    "sources": """
        select '' as agency, count(distinct agency) filter (own) <= 1 as hit, 1 as value
        from items join there on items.resource = there.key
        where subject in (from subjects) and not identifier
        group by subject, name having count(distinct agency) > 1""",
    "bases": """
        select agency, count(bases.law) > 0 and bool_and(coalesce(laws.since <> '' and laws.since <= getvariable('end')
               and (laws.until = '' or getvariable('end') <= laws.until) and laws.rank in (from ranks), false)) as hit, 1 as value
        from listed left join bases on entry = listed.key left join laws on laws.key = law
        group by listed.key, agency""",
    "reviews": "select agency, true as hit, 1 as value from listed where review <> '' and review <= getvariable('end')",
    "acts": "select agency, true as hit, 1 as value from acted where has('acts', act) and (len(getvariable('outcomes')) = 0 or has('outcomes', state)) and within(day)",
    "satisfied": """
        select agency, bool_or(grants) as hit, 1 as value from acted
        where within(opened) and outcome <> 'withdrawn' group by key, agency""",
    "on-time": """
        select agency, coalesce(stopped <= due, false) as hit, 1 as value from timed
        where not provisional and not ended and due between getvariable('start')::date and getvariable('end')::date
              and (stopped is not null or due < getvariable('end')::date)""",
    "days": """
        select agency, true as hit, worked(started, stopped) as value from timed
        where stopped between getvariable('start')::date and getvariable('end')::date""",
    "overdue": """
        select agency, true as hit, worked(due, getvariable('end')::date) as value from timed
        where running and not provisional and due < getvariable('end')::date""",
    "inspections": "select inspector as agency, true as hit, found as value from inspections where kind = getvariable('inspection') and within(date)",
    "returned": """
        select agencies.key as agency, coalesce(submitted <= getvariable('due'), false) as hit, 1 as value
        from agencies left join returns on agency = agencies.key and year = getvariable('year')
        where stands(since, gone) and getvariable('end') = getvariable('year') || '-12-31'""",
    "accesses": "select agency, true as hit, accesses as value from uses where within(month || '-01')",
}  # fmt: skip

FIGURES: Mapping[str, str] = {
    "count": "count(*) filter (hit), 1",
    "sum": "coalesce(sum(value) filter (hit), 0), 1",
    "share": "case when count(*) > 0 then count(*) filter (hit) end, count(*)",
    "median": "2 * quantile_cont(value, 0.5) filter (hit), 2",
    "p90": "quantile_disc(value, 0.9) filter (hit), 1",
}


def in_sql(tables: Flattened, year: Year, one: Indicator) -> dict[str, Fraction | None]:
    """A figure of the city (under '') and of each agency that has one."""
    variables: dict[str, Any] = {
        "start": year.period.start.isoformat(),
        "end": year.period.end.isoformat(),
        "year": year.period.year,
        "by_list": bool(tables.pack["negative_list"]),
        "acts": list(one.of.get("acts", ())),
        "outcomes": list(one.of.get("outcomes", ())),
        "fields": list(one.of.get("fields", ())),
        "due": f"{year.period.year + 1}-{one.word('due')}",
        **{name: one.word(name) for name in ("case", "clock", "whose", "inspection", "days")},
    }
    for name, value in variables.items():
        tables.sql.execute(f'set variable "{name}" = $value', {"value": value})
    tables.sql.execute(THERE)
    number = FIGURES[one.figure]
    facts = FACTS[one.measure]
    whole = tables.sql.execute(f"select '', {number} from ({facts})").fetchall()
    parts = (
        tables.sql.execute(f"select agency, {number} from ({facts}) group by agency").fetchall()
        if "agency" in one.by
        else []
    )
    return {key: None if value is None else Fraction(value) / over for key, value, over in (*whole, *parts)}  # fmt: skip


def differences(files: Files, year: int, today: date) -> list[str]:
    """Every figure of the city and of agencies on which the two ways do not agree."""
    register, findings = register_of(dict(files))
    assert findings == []
    measured = Year(register, period_of(year, today))
    tables = Flattened(files, ROOT / "schemas/policies" / pack().name, ROOT / "schemas/calendar", measured.period.end)  # fmt: skip
    found: list[str] = []
    for name, one in pack().indicators.items():
        ours = {"": measured.figure(name).value, **{key: figure.value for key, figure in measured.by("agency", name).items()}}  # fmt: skip
        theirs = in_sql(tables, measured, one)
        found += [f"{name} {key or '全市'}: {ours.get(key)} ≠ {theirs.get(key)}" for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key)]  # fmt: skip
    return found


def demonstration() -> dict[str, bytes]:
    """The files of the register that comes with the program."""
    return {
        f"{folder}/{path}": source
        for folder in ("catalog", "negative-list")
        for path, source in files_below(ROOT / folder).items()
    }


def test_every_measure_is_told_in_sql_too() -> None:
    assert set(FACTS) == set(MEASURES)


@pytest.mark.parametrize(
    ("year", "today"),
    [
        (2023, date(2026, 11, 23)),
        (2024, date(2026, 11, 23)),
        (2025, date(2026, 11, 23)),
        (2025, date(2025, 7, 1)),
        (2026, date(2026, 11, 23)),
        (2026, date(2026, 1, 1)),
        (2026, date(2026, 3, 13)),
    ],
)
def test_the_demonstration(year: int, today: date) -> None:
    assert differences(demonstration(), year, today) == []


def test_the_common_register() -> None:
    assert differences(COMMON, 2025, date(2026, 11, 23)) == []


def test_a_difference_would_be_seen() -> None:
    files = demonstration()
    path = next(path for path in files if path.startswith("catalog/requests/2025/"))
    register, _ = register_of(files)
    measured = Year(register, period_of(2025, date(2026, 11, 23)))
    fewer = {name: source for name, source in files.items() if name != path}
    tables = Flattened(fewer, ROOT / "schemas/policies" / pack().name, ROOT / "schemas/calendar", measured.period.end)  # fmt: skip
    name = "requests-submitted"
    assert in_sql(tables, measured, pack().indicators[name])[""] != measured.figure(name).value


# ---------------------------------------------------------------------- registers made up

DAYS = ("2023-06-01", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-27", "2025-06-30", "2025-09-28", "2025-12-17", "2025-12-30", "2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2026-11-22")  # fmt: skip
"""Days on both sides of the ends of 2025, and about long holidays."""
AGENCIES = ("minzheng", "tongji", "gongan")
RESOURCE, ENTRY, LAW = (
    COMMON[f"{path}.yml"]
    for path in (
        "catalog/resources/tongji/dan-ge-diaocha-duixiang",
        "negative-list/entries/tongji/dan-ge-diaocha-duixiang",
        "negative-list/laws/tongjifa",
    )
)
days: st.SearchStrategy[str] = st.sampled_from(DAYS)


def some(**kept: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A dictionary in which any of these may be missing."""
    return st.fixed_dictionaries({}, optional=kept)


def ended(reason: str) -> st.SearchStrategy[dict[str, Any]]:
    """A day on which something ended, and why."""
    return st.fixed_dictionaries({"date": days, "reason": st.just(reason)})


def over(
    source: bytes, more: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    """A record of the common register with other values."""
    record: dict[str, Any] = plain(source)

    def changed(values: dict[str, Any]) -> dict[str, Any]:
        return record | values

    return more.map(changed)


def name_of(row: Mapping[str, Any]) -> str:
    """What the name of an item is compared as."""
    return folded(str(row["name"]))


ITEMS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["姓名", "住址", "ＡＢ", "ab", "编号"]),
            "type": st.just("string"),
        },
        optional={"identifier": st.just(True)},
    ),
    min_size=1,
    max_size=4,
    unique_by=name_of,
)
RESOURCES = over(
    RESOURCE,
    st.fixed_dictionaries(
        {
            "items": ITEMS,
            "published_on": days,
            "update_cycle": st.sampled_from(["daily", "annual", "realtime"]),
            "sharing": st.sampled_from([{"declared": "shared"}, {"declared": "withheld"}]),
        },
        optional={
            "refreshed_on": days,
            "subject": st.sampled_from(["person", "organization", "other"]),
            "credential": st.just("licence"),
            "withdrawn": ended("业务取消"),
        },
    ),
)
ENTRIES = over(
    ENTRY, some(listed_on=days, review_by=days, items=st.just(["姓名"]), delisted=ended("法律修订"))
)
LAWS = over(
    LAW, some(in_force_from=days, in_force_until=days, rank=st.sampled_from(["law", "policy"]))
)
STEPS: Mapping[str, Mapping[str, Any]] = {
    "list": {"by": "zhengshu", "as": "authority"},
    "decline": {"by": "zhengshu", "as": "authority", "reason": "超出履行职责的需要。"},
    "notify": {"by": "zhengshu", "as": "authority"},
    "provide": {"channel": "exchange"},
    "open": {"by": "zhengshu", "as": "operator", "channel": "exchange"},
    "close": {},
    "withdraw": {"reason": "不再使用。"},
}
PATHS = (
    ("list",),
    ("decline",),
    ("withdraw",),
    ("list", "notify"),
    ("list", "withdraw"),
    ("list", "notify", "withdraw"),
    ("list", "notify", "provide"),
    ("list", "notify", "provide", "open"),
    ("list", "notify", "provide", "open", "close"),
    ("notify", "list"),
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request for some resource, played as far as it goes; some cannot have happened so."""
    provider, applicant = draw(st.permutations(AGENCIES))[:2]
    day = day_of(draw(days))
    acts: list[dict[str, Any]] = [{"act": "submit", "date": str(day), "by": applicant}]
    for name in draw(st.sampled_from(PATHS)):
        day += timedelta(days=draw(st.sampled_from([0, 1, 3, 14, 15, 40])))
        act = {"act": name, "date": str(day), "by": {"provide": provider}.get(name, applicant), **STEPS[name]}  # fmt: skip
        if name == "notify":
            act |= {"to": provider, "received_on": str(day + timedelta(days=draw(st.integers(0, 3))))}  # fmt: skip
        acts.append(act)
    return {
        "pack": "shenzhen-2015@1",
        "applicant": applicant,
        "resource": f"{provider}/ziyuan-{draw(st.integers(0, 2))}",
        "duty": "核对。",
        "purpose": "核对。",
        "undertaking": True,
        "acts": acts,
    }


WHICH: st.SearchStrategy[tuple[str, int]] = st.tuples(st.sampled_from(AGENCIES), st.integers(0, 2))
PARTS: Mapping[str, st.SearchStrategy[Any]] = {
    "resources": st.dictionaries(WHICH, RESOURCES, max_size=6),
    "entries": st.dictionaries(WHICH, ENTRIES, max_size=3),
    "law": LAWS,
    "requests": st.lists(requests(), max_size=6),
    "returns": st.dictionaries(st.sampled_from(AGENCIES), days, max_size=3),
    "accesses": st.lists(st.integers(0, 10**9), max_size=3),
}
REGISTERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({**PARTS})


def files_of(made: Mapping[str, Any]) -> dict[str, bytes]:
    """A generated register as files over the common one."""
    files = {path: source for path, source in COMMON.items() if "/resources/" not in path and "/entries/" not in path}  # fmt: skip
    found: dict[str, Any] = {"negative-list/laws/tongjifa.yml": made["law"]}
    for (agency, n), record in made["resources"].items():
        found[f"catalog/resources/{agency}/ziyuan-{n}.yml"] = {**record, "code": f"308010/{n}"}
    for (agency, n), record in made["entries"].items():
        found[f"negative-list/entries/{agency}/ziyuan-{n}.yml"] = record
    for n, record in enumerate(made["requests"]):
        found[f"catalog/requests/2025/xuqiu-{n}.yml"] = record
    for agency, day in made["returns"].items():
        found[f"catalog/returns/2025/{agency}.yml"] = {"submitted_on": day, "provided": {"resources": 0, "requests": 0, "on_time": 0}, "used": {"requests": 0, "resources": 0}}  # fmt: skip
    counts = [{"request": f"2025/xuqiu-{n}", "month": f"2025-0{n + 1}", "method": "interface", "medium": "none", "accesses": times} for n, times in enumerate(made["accesses"]) if n < len(made["requests"])]  # fmt: skip
    if counts:
        found["catalog/usage/2025/minzheng.yml"] = {"counts": counts}
    return files | {path: yaml.safe_dump(data, allow_unicode=True).encode() for path, data in found.items()}  # fmt: skip


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(made=REGISTERS, today=st.sampled_from([date(2025, 6, 30), date(2025, 12, 31), date(2026, 11, 23)]))  # fmt: skip
def test_registers_made_up(made: Mapping[str, Any], today: date) -> None:
    assert differences(files_of(made), 2025, today) == []
