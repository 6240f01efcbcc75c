"""Tables of a report that list records: the facts behind an indicator, laid out in one of a few ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from mulu.indicators import Fact, Year
from mulu.report.document import Cell, Column, Line

Laid: TypeAlias = tuple[tuple[Column, ...], tuple[Line, ...], str]
"""Columns, rows, and a note on what was left out."""

_MOST = 30
"""Records of one table; the rest stands behind the figure."""
_LIST = 500
"""Entries of the negative list that are printed: the list is published whole (art. 7)."""
_FIRST = 20
"""How many of a ranking."""
_SIDE = 12
"""Rows and columns of a matrix: the busiest agencies."""


def laid_out(table: str, year: Year, indicator: str) -> Laid:
    """The facts of an indicator as a table; ``table`` is a word of the schema of indicators."""
    return _LAYOUTS[table](year, indicator)


def record_cell(year: Year, fact: Fact) -> Cell:
    """The record a fact was read from: its title, leading to its page where it has one."""
    register = year.register
    key = fact.resource if fact.kind == "entry" else fact.key
    record = register.find("resource" if fact.kind == "entry" else fact.kind, key)
    if fact.kind == "agency":
        return Cell(register.agency_title(fact.key), f"agencies/{fact.key}/")
    if fact.kind in ("resource", "entry"):
        return Cell(record.title if record else fact.key, f"resources/{key}/" if record else "")
    if fact.kind in register.case_kinds:
        about = register.find("resource", fact.resource)
        title = about.title if about else fact.resource or fact.key
        return Cell(f"{register.schemas.kinds[fact.kind].title}：{title}", f"cases/{fact.kind}/{fact.key}/")  # fmt: skip
    if fact.kind in ("usage", "return"):
        agency = fact.key.rpartition("/")[2]
        place = f"agencies/{agency}/#{fact.kind}-{year.period.year}"
        return Cell(f"{register.schemas.kinds[fact.kind].title}：{register.agency_title(agency)}", place)  # fmt: skip
    return Cell(f"{register.schemas.kinds[fact.kind].title}：{fact.key}")


def agency_cell(year: Year, key: str) -> Cell:
    """An agency by its short name, leading to its page of the report."""
    if not key:
        return Cell("")
    return Cell(year.register.agency_title(key), f"agencies/{key}/")


def _records(year: Year, indicator: str) -> Laid:
    """What counts, record by record."""
    return _listed(year, indicator, [fact for fact in year.facts(indicator) if fact.hit])


def _missed(year: Year, indicator: str) -> Laid:
    """What was looked at and does not count."""
    return _listed(year, indicator, [fact for fact in year.facts(indicator) if not fact.hit])


def _listed(year: Year, indicator: str, facts: Sequence[Fact]) -> Laid:
    one = year.register.pack.indicators[indicator]
    has_day, has_value = any(fact.day for fact in facts), any(fact.value not in (0, 1) for fact in facts)  # fmt: skip
    ordered = sorted(facts, key=lambda fact: (-fact.value, fact.day, fact.key)) if has_value else facts  # fmt: skip
    unit = "天" if one.figure == "share" else one.unit
    columns = (Column("记录", width=5), Column("单位", width=2), *((Column("日期", width=2),) if has_day else ()), *((Column(unit, is_number=True),) if has_value else ()))  # fmt: skip
    rows = tuple(
        (record_cell(year, fact), agency_cell(year, fact.agency), *((Cell(fact.day),) if has_day else ()), *((_number(fact.value),) if has_value else ()))
        for fact in ordered[:_MOST]
    )  # fmt: skip
    return columns, rows, _left_out(len(facts), _MOST)


def _left_out(count: int, most: int) -> str:
    return f"共 {count:,} 条，这里列出 {most} 条。" if count > most else ""


def _number(value: int) -> Cell:
    return Cell(f"{value:,}", "", Fraction(value), "number")


def _by_resource(year: Year, indicator: str) -> Laid:
    """Resources by how often they are behind the figure, most first."""
    counts = Counter(fact.resource for fact in year.facts(indicator) if fact.hit and fact.resource)
    ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    columns = Column("信息资源", width=4), Column("提供单位", width=2), Column(year.register.pack.indicators[indicator].unit, is_number=True)  # fmt: skip
    rows = tuple(
        (_resource(year, key), agency_cell(year, key.partition("/")[0]), _number(times))
        for key, times in ranked[:_FIRST]
    )
    return columns, rows, _left_out(len(ranked), _FIRST)


def _resource(year: Year, key: str) -> Cell:
    record = year.register.find("resource", key)
    return Cell(record.title if record else key, f"resources/{key}/" if record else "")


def _pairs(year: Year, indicator: str) -> Laid:
    """Who asks whom: applicants down, providers across."""
    counts = Counter((fact.other, fact.resource.partition("/")[0]) for fact in year.facts(indicator) if fact.hit and fact.other and fact.resource)  # fmt: skip
    down = _busiest(_sums(counts, 0))
    across = _busiest(_sums(counts, 1))
    columns = Column("提出 ＼ 提供", width=2), *(Column(year.register.agency_title(key), is_number=True) for key in across)  # fmt: skip
    rows = tuple(
        (agency_cell(year, asking), *(_number(times) if (times := counts[asking, asked]) else Cell("") for asked in across))
        for asking in down
    )  # fmt: skip
    left = len({key for key, _ in counts} - set(down)) + len({key for _, key in counts} - set(across))  # fmt: skip
    return columns, rows, f"往来最多的单位各 {_SIDE} 个。" if left else ""


def _sums(counts: Mapping[tuple[str, str], int], side: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for pair, times in counts.items():
        found[pair[side]] += times
    return found


def _busiest(counts: Counter[str]) -> Sequence[str]:
    return [key for key, _ in sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:_SIDE]]


def _bases(year: Year, indicator: str) -> Laid:
    """The negative list with what each entry stands on."""
    register, entries = year.register, year.register.entries_in_force(year.period.end)
    columns = Column("信息资源", width=3), Column("单位", width=2), Column("不予共享的", width=3), Column("依据", width=4)  # fmt: skip
    rows: list[Line] = []
    for entry in entries[:_LIST]:
        laws: list[str] = []
        for row in entry.rows("basis"):
            law = register.find("law", str(row["law"]))
            laws.append(f"《{law.title if law else row['law']}》{row.get('clause', '')}")
        items = entry.texts("items")
        rows.append((_resource(year, entry.key), agency_cell(year, entry.key.partition("/")[0]), Cell("、".join(items) if items else "整项"), Cell("；".join(laws))))  # fmt: skip
    return columns, tuple(rows), _left_out(len(entries), _LIST)


_LAYOUTS: Mapping[str, Callable[[Year, str], Laid]] = {
    "records": _records,
    "missed": _missed,
    "resources": _by_resource,
    "pairs": _pairs,
    "bases": _bases,
}
"""The closed list of layouts a chapter may name; the schema of indicators lists the same words."""
