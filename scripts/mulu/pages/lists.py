"""The pages over many records: home, agencies, libraries, negative list, requests, rules, fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mulu.findings import Rule
from mulu.pages.records import Page
from mulu.pages.view import View
from mulu.record import Record
from mulu.register import is_withdrawn, opened_on, provider

LEVELS = {"error": "错误", "warning": "警告", "note": "提示"}
Examples = Mapping[str, Sequence[tuple[str, str]]]


def pages(view: View, rules: Sequence[Rule], examples: Examples) -> Iterator[Page]:
    """Every page that is not about one record."""
    yield _home(view)
    yield _agencies(view)
    yield _libraries(view)
    yield _negative_list(view)
    yield _requests(view)
    yield _cases(view)
    kinds = [(name, view.register.schemas.kinds[name].title) for name in ("resource", "agency", "library", "law", *view.register.case_kinds)]  # fmt: skip
    yield "search/index.html", "search.html", "检索", "检索目录、单位、法律文件和办理事项。", {"kinds": kinds}  # fmt: skip
    yield "rules/index.html", "rules.html", "检查规则", "每一次修改都要通过的检查。", {"rules": rules, "levels": LEVELS}  # fmt: skip
    for rule in rules:
        shown = {"r": rule, "levels": LEVELS, "examples": examples.get(rule.code, ())}
        yield f"rules/{rule.code}/index.html", "rule.html", rule.title, rule.paragraphs[0], shown
    yield _fields(view)


def _home(view: View) -> Page:
    register = view.register
    live = register.live_resources
    settings = register.settings
    shared = [resource for resource in live if not register.is_listed(resource, view.day)]
    open_requests = [
        c for c in register.of("request").values() if not register.has_ended(c, view.day)
    ]
    entries = register.entries_in_force(view.day)
    items = sum(len(resource.rows("items")) for resource in live)
    agencies = [(a, len(register.resources_by_agency.get(a.key, ()))) for a in view.agencies()]
    figures = [
        {"title": "信息资源", "value": f"{len(live):,}", "note": f"{sum(1 for _, n in agencies if n)} 个单位编入", "href": "agencies/"},
        {"title": "可以共享", "value": f"{len(shared):,}", "note": f"占 {_percent(len(shared), len(live))}", "href": "libraries/"},
        {"title": "负面清单", "value": f"{len(entries):,}", "note": "每项都有条款依据", "href": "negative-list/"},
        {"title": "办理中的需求", "value": f"{len(open_requests):,}", "note": f"累计 {len(register.of('request')):,} 件", "href": "requests/"},
        {"title": "待办", "value": f"{len(view.duties):,}", "note": f"超期 {sum(d.late for d in view.duties):,} 件", "href": "todo/"},
        {"title": "信息项", "value": f"{items:,}", "note": f"平均每项资源 {items / len(live):.1f} 个" if live else "", "href": "search/"},
    ]  # fmt: skip
    newest = sorted(live, key=lambda r: (r.text("published_on"), r.key), reverse=True)[:8]
    acts = sorted(register.cases, key=lambda c: (view.case_day(c), c.path), reverse=True)[:8]
    title = settings.title if settings else "政务信息资源目录"
    abstract = settings.text("abstract") if settings else ""
    shown = {
        "title": title,
        "abstract": abstract or "共享为原则，不共享为例外。查目录、提需求、看进度，都在这里。",
        "figures": figures,
        "library_kinds": list(_library_kinds(view)),
        "newest": newest,
        "acts": [(case, view.case_day(case)) for case in acts],
        "agencies": [(a, n) for a, n in agencies if n],
    }
    return "index.html", "home.html", "首页", abstract or title, shown


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "不适用"


def _library_kinds(view: View) -> Iterator[dict[str, Any]]:
    for term in view.register.pack.vocabularies.get("library-kind", {}).values():
        rows = [r for r in view.register.live_resources if view.library_kind(r) == term.word]
        shared = sum(not view.register.is_listed(r, view.day) for r in rows)
        share = round(100 * shared / len(rows)) if rows else 0
        yield {"word": term.word, "title": term.title, "says": term.says, "count": len(rows), "shared": shared, "share": share}  # fmt: skip


def _agencies(view: View) -> Page:
    counts = {key: len(rows) for key, rows in view.register.resources_by_agency.items()}
    live = [(agency, counts.get(agency.key, 0)) for agency in view.agencies()]
    gone = [(a, 0) for a in view.register.of("agency").values() if is_withdrawn(a)]
    city = [row for row in live if row[0].text("level") == "city"]
    district = [row for row in live if row[0].text("level") != "city"]
    groups = [("市级单位", city), ("区级单位", district), ("已撤销的单位", gone)]
    shown = {"groups": groups, "total": len(live)}
    return (
        "agencies/index.html",
        "agencies.html",
        "单位",
        "编制目录、提供和使用信息资源的单位。",
        shown,
    )


def _libraries(view: View) -> Page:
    register = view.register
    groups: list[tuple[Any, list[tuple[str, str, int, str]], str]] = []
    for term in register.pack.vocabularies.get("library-kind", {}).values():
        rows = [
            (lib.title, f"libraries/{lib.key}/", len(register.resources_by_library.get(lib.key, ())), lib.text("topic"))
            for lib in register.of("library").values()
            if lib.text("kind") == term.word and not is_withdrawn(lib)
        ]  # fmt: skip
        if not rows and "own" in term.marks:
            rows = _business_libraries(view)
        groups.append((term, rows, term.says))
    return "libraries/index.html", "libraries.html", "信息资源库", "基础、主题和业务信息资源库。", {"groups": groups}  # fmt: skip


def _business_libraries(view: View) -> list[tuple[str, str, int, str]]:
    """Each provider's own library: its resources that belong to no base or theme library."""
    counts: dict[str, int] = {}
    for resource in view.register.resources_by_library.get("", ()):
        counts[provider(resource)] = counts.get(provider(resource), 0) + 1
    return [
        (view.register.agency_title(a), f"agencies/{a}/", n, "") for a, n in sorted(counts.items())
    ]


def _negative_list(view: View) -> Page:
    register = view.register
    entries = list(register.of("entry").values())
    laws = [
        (
            law,
            sum(
                link.record.kind == "entry" for link in register.backlinks.get(("law", law.key), ())
            ),
        )
        for law in register.of("law").values()
    ]
    pending = [
        resource
        for resource in register.live_resources
        if register.pack.is_withheld(resource.text("sharing", "declared"))
        and not register.is_listed(resource, view.day)
    ]
    shown = {
        "rows": list(register.entries_in_force(view.day)),
        "delisted": [entry for entry in entries if "delisted" in entry.data],
        "pending": pending,
        "laws": sorted(laws, key=lambda row: (-row[1], row[0].key)),
    }
    description = "依法不予共享的资源，每项写明法律条款、决定和复核日期。"
    return "negative-list/index.html", "negative-list.html", "负面清单", description, shown


def _requests(view: View) -> Page:
    """The requests by state, in the order of the procedure; in a state, the most pressing first."""
    procedure = view.register.pack.procedures.get("request")
    states = list(procedure.states.values()) if procedure else []
    by_state: dict[str, list[Record]] = {state.name: [] for state in states}
    for case in view.register.of("request").values():
        played = view.register.replay(case, view.day)
        by_state.setdefault(played.state if played else "", []).append(case)
    for name, rows in by_state.items():
        newest = sorted(rows, key=lambda c: (view.case_day(c), c.key), reverse=True)
        ended = procedure is not None and name in procedure.states and procedure.is_final(name)
        by_state[name] = newest if ended else sorted(newest, key=view.urgency)
    titles = {state.name: state.title for state in states}
    groups = [
        (titles.get(name, "没有按程序检查"), rows, name or "unchecked")
        for name, rows in by_state.items()
        if rows
    ]
    return "requests/index.html", "requests.html", "共享需求", "各单位提出的共享需求和办理情况。", {"groups": groups}  # fmt: skip


def _cases(view: View) -> Page:
    groups = [
        (view.register.schemas.kinds[kind], _newest_first(list(view.register.of(kind).values())))
        for kind in view.register.case_kinds
        if kind != "request"
    ]
    inspections = sorted(view.register.of("inspection").values(), key=lambda i: i.text("date"), reverse=True)  # fmt: skip
    shown = {"groups": groups, "inspections": inspections}
    return (
        "cases/index.html",
        "cases.html",
        "其他事项",
        "申请、异议、调整、纠错、投诉和整改。",
        shown,
    )


def _newest_first(cases: list[Record]) -> list[Record]:
    return sorted(cases, key=lambda case: (opened_on(case), case.key), reverse=True)


def _fields(view: View) -> Page:
    kinds = [
        {
            "name": kind.name,
            "title": kind.title,
            "path": kind.path,
            "description": kind.schema["description"],
            "fields": list(_rows(kind.schema, "")),
        }
        for kind in view.register.schemas.kinds.values()
    ]
    return (
        "fields/index.html",
        "fields.html",
        "栏目说明",
        "每一类记录的栏目和填法。",
        {"kinds": kinds},
    )


def _rows(schema: Mapping[str, Any], prefix: str) -> Iterator[dict[str, Any]]:
    """One row per property, nested ones as ``sharing.declared`` and ``items[].name``."""
    for name, below in schema.get("properties", {}).items():
        titles = below.get("x-titles", below.get("items", {}).get("x-titles", {}))
        standard = "；".join(filter(None, (below.get("x-guide", "") and f"国家指南：{below['x-guide']}", below.get("x-dcat", "") and f"DCAT：{below['x-dcat']}")))  # fmt: skip
        yield {
            "name": f"{prefix}{name}",
            "title": below["title"],
            "description": below["description"],
            "required": name in schema.get("required", ()),
            "internal": below.get("x-visibility") == "internal",
            "choices": "、".join(f"{word} {title}" for word, title in titles.items()),
            "standard": standard,
            "example": json.dumps(below.get("examples", [""])[0], ensure_ascii=False),
        }
        if below.get("type") == "object":
            yield from _rows(below, f"{prefix}{name}.")
        elif below.get("items", {}).get("type") == "object":
            yield from _rows(below["items"], f"{prefix}{name}[].")
