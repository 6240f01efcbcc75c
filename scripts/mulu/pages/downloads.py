"""The lists of the site as tables to take away, and the page that offers them.

CSV in UTF-8 with a byte order mark, which Excel wants; a cell that a spreadsheet would take
for a formula is written so that it stays text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from mulu.pages.sheet import Sheet, ready
from mulu.pages.view import Page, View
from mulu.record import Record
from mulu.register import provider

_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
Row = Sequence[object]


def page(view: View) -> Page:
    """What can be taken away: tables, schemas, the register itself."""
    settings = view.register.settings
    forge = settings.get("forge") if settings else None
    kinds = [
        (kind.name, view.say(kind.title), view.language.number(len(view.register.of(kind.name))))
        for kind in view.register.schemas.kinds.values()
        if kind.name != "register"
    ]
    counts = {
        "agencies": len(view.agencies()),
        "resources": len(view.register.live_resources),
        "negative-list": len(view.register.entries_in_force(view.day)),
        "requests": len(view.register.of("request")),
        "todo": len(view.duties),
    }
    says = {
        "agencies": view.say("单位和各自编入的信息资源数"),
        "resources": view.say("全部信息资源：名称、提供单位、共享类型、更新周期、信息项"),
        "negative-list": view.say("现行负面清单：依据、理由、列入和复核日期"),
        "requests": view.say("共享需求：谁向谁要什么、办到哪一步、最迟哪天"),
        "todo": view.say("待办：哪个单位、最迟哪一天、要做什么"),
    }
    shown = {
        "kinds": kinds,
        "repository": str(forge["repository"]) if isinstance(forge, dict) else "",
        "tables": [
            (f"downloads/{name}.csv", says[name], view.language.number(n))
            for name, n in counts.items()
        ],
    }
    title, description = view.say("下载和接口"), view.say("把目录拿走：数据文件、格式说明和仓库。")
    return Page("downloads/index.html", "downloads.html", title, description, shown)


def sheets(view: View, resources: Iterable[str]) -> Iterator[Sheet]:
    """The tables; titles of columns in the register's own language.

    ``resources`` gives the ``resource`` line of each live one, in order.
    """
    for name, lines in (
        ("agencies", _lines(_agencies(view))),
        ("resources", chain(_lines([_RESOURCE]), resources)),
        ("negative-list", _lines(_entries(view))),
        ("requests", _lines(_requests(view))),
        ("todo", _lines(_duties(view))),
    ):
        content = ("\ufeff" + "".join(lines)).encode()
        yield ready(f"downloads/{name}.csv", content)


def _agencies(view: View) -> Iterator[Row]:
    yield "代号", "名称", "简称", "信息资源"
    for one in view.agencies():
        count = len(view.register.resources_by_agency.get(one.key, ()))
        yield one.key, one.title, one.text("short"), count


_RESOURCE = "代号", "名称", "信息资源代码", "提供单位", "共享类型", "更新周期", "数据更新日期", "信息项数", "信息项", "摘要"  # fmt: skip


def resource(view: View, one: Record) -> str:
    """A resource's line: it follows from the record, its entry, and few others' names."""
    row = view.resource_row(one)
    names = "、".join(str(item["name"]) for item in one.rows("items"))
    cells = one.key, one.title, one.text("code"), row.agency.text, row.sharing.text, row.cycle, row.refreshed, row.items, names, one.text("abstract")  # fmt: skip
    return "".join(_lines([cells]))


def _entries(view: View) -> Iterator[Row]:
    yield "代号", "名称", "仅限信息项", "提供单位", "依据", "理由", "列入日期", "复核期限"
    for one in view.register.entries_in_force(view.day) if view.tells_reasons else ():
        bases = "；".join(f"《{law.text}》{clause}" for law, clause, _ in view.bases(one))
        agency = view.register.agency_title(provider(one))
        yield one.key, one.title, "、".join(one.texts("items")), agency, bases, one.text("reason"), one.text("listed_on"), one.text("review_by")  # fmt: skip


def _requests(view: View) -> Iterator[Row]:
    yield "代号", "资源", "提出单位", "提供单位", "状态", "期限", "最近办理"
    for one in view.register.of("request").values():
        row, about = view.case_row(one), one.text("resource")
        yield one.key, view.link("resource", about).text, view.register.agency_title(one.text("applicant")), view.register.agency_title(about.partition("/")[0]), row.state.text, row.late.text if row.late else "", row.day  # fmt: skip


def _duties(view: View) -> Iterator[Row]:
    yield "单位", "最迟", "期限", "要做什么", "案件", "种类", "依据"
    for duty in view.duties:
        row = view.duty_row(duty)
        yield row.agency.text, row.due, row.badge.text, row.what, row.case.text, row.kind, row.articles  # fmt: skip


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    """Each row as CSV writes it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def _cell(value: object) -> object:
    """A value as a cell; a quote before what would be a formula keeps it text."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
