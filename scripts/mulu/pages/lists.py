"""The pages over many records: home, catalog, agencies, libraries, negative list, requests, and so on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mulu.findings import Rule
from mulu.pages import entries
from mulu.pages.view import Badge, Builder, Page, Piece, View
from mulu.record import Record
from mulu.register import is_withdrawn, opened_on, provider

LEVELS = {"error": "错误", "warning": "警告", "note": "提示"}
Examples = Callable[[str], Sequence[tuple[str, str]]]
"""A rule's examples, (title, text), by its code; asked for where its page is made."""
_MOST = 60
"""Cards of one state on the board; the rest is a search away."""
_ROWS = 200


def pages(rules: Sequence[Rule], examples: Examples) -> Iterator[tuple[str, Builder]]:
    """Every page that is not about one record, after its address."""
    yield "", _home
    yield "agencies/", _agencies
    yield "libraries/", _libraries
    yield "negative-list/", _negative_list
    yield "requests/", _requests
    yield "cases/", _cases
    yield "no-originals/", _no_originals
    yield "search/", _search
    yield "fields/", _fields
    yield "rules/", partial(_rules, rules=rules)
    for rule in rules:
        build = partial(_rule, rule=rule, examples=examples)
        yield f"rules/{rule.code}/", build


def _rules(view: View, rules: Sequence[Rule]) -> Page:
    rows = [(r.code, r.title, view.say(LEVELS[r.level]), r.article) for r in rules]
    title, says = view.say("检查规则"), view.say("每一次修改都要通过的检查。")
    return Page("rules/index.html", "rules.html", title, says, {"rules": rows})


def _rule(view: View, rule: Rule, examples: Examples) -> Page:
    tone = {"error": "bad", "warning": "warn", "note": "plain"}[rule.level]
    shown = {
        "code": rule.code,
        "title": rule.title,
        "level": Badge(view.say(LEVELS[rule.level]), tone),
        "article": rule.article,
        "paragraphs": rule.paragraphs,
        "says": rule.says,
        "fix": rule.fix,
        "examples": list(examples(rule.code)),
    }
    path = f"rules/{rule.code}/index.html"
    return Page(path, "rule.html", rule.title, rule.paragraphs[0], shown)


# ---------------------------------------------------------------------- home


def _home(view: View) -> Page:
    register, say, count = view.register, view.say, view.language.count
    number = view.language.number
    live = register.live_resources
    settings = register.settings
    entries = register.entries_in_force(view.day)
    withheld = sum(register.is_listed(one, view.day) for one in live)
    partly = sum(bool(register.withheld_items(one, view.day)) for one in live)
    items = sum(len(resource.rows("items")) for resource in live)
    requests = register.of("request").values()
    running = sum(not register.has_ended(one, view.day) for one in requests)
    late = sum(duty.late for duty in view.duties)
    kept, due = _promptness(view)
    counts = [(a, len(register.resources_by_agency.get(a.key, ()))) for a in view.agencies()]
    filled = [(view.agency(a.key), n) for a, n in counts if n]
    figures = [
        (say("信息资源"), number(len(live)), count("{n} 个单位编入", len(filled)), "search/?kind=resource"),
        (say("信息项"), number(items), say("平均每项资源 {n} 个", n=number(round(items / len(live), 1))) if live else "", "items/"),
        (say("负面清单"), number(len(entries)), say("每项都有条款依据"), "negative-list/"),
        (say("办理中的需求"), number(running), count("累计 {n} 件", len(requests)), "requests/"),
        (say("待办"), number(len(view.duties)), count("超期 {n} 件", late) if late else say("没有超期"), "todo/"),
    ]  # fmt: skip
    newest = sorted(live, key=lambda r: (r.text("published_on"), r.key), reverse=True)[:6]
    acts = sorted(register.cases, key=lambda c: (view.case_day(c), c.path), reverse=True)[:6]
    title = settings.title if settings else say("政务信息资源目录")
    abstract = settings.text("abstract") if settings else ""
    shown = {
        "title": title,
        "abstract": abstract or say("共享为原则，不共享为例外。查目录、提需求、看进度，都在这里。"),
        "figures": figures,
        "shares": _shares(view, len(live), withheld, partly),
        "prompt": (kept, due, view.language.percent(kept, due), count("超期 {n} 件", due - kept), round(100 * kept / due, 2) if due else 0.0),
        "library_kinds": list(_library_kinds(view)),
        "newest": [(view.resource_row(one), view.language.day(one.text("published_on"))) for one in newest],
        "acts": view.case_rows(acts),
        "waiting": [view.duty_row(duty) for duty in view.duties[:6]],
        "agencies": filled,
        "examples": _popular(live),
    }  # fmt: skip
    return Page("index.html", "home.html", "", str(shown["abstract"]), shown)


def _shares(view: View, all_: int, withheld: int, partly: int) -> dict[str, Any]:
    """How much of the catalog can be had: the figure the rule is about (art. 7)."""
    rows = [
        ("ok", view.say("可以共享"), all_ - withheld - partly),
        ("warn", view.say("部分信息项不予共享"), partly),
        ("bad", view.say("不予共享"), withheld),
    ]
    return {
        "percent": view.language.percent(all_ - withheld, all_),
        "rows": [
            (tone, title, view.language.number(n), round(100 * n / all_, 2) if all_ else 0.0)
            for tone, title, n in rows
        ],
    }


def _promptness(view: View) -> tuple[int, int]:
    """Of the clocks of requests that have stopped, how many stopped in time (art. 14, 15)."""
    if "promptness" not in view.shared:
        kept = due = 0
        for case in view.register.of("request").values():
            played = view.register.replay(case, view.day)
            for run in played.clocks if played else ():
                if run.stopped is not None and run.due is not None:
                    due += 1
                    kept += run.stopped <= run.due.day
        view.shared["promptness"] = kept, due
    found: tuple[int, int] = view.shared["promptness"]
    return found


def _popular(live: Sequence[Record]) -> list[str]:
    """A few words to try the search with: the keywords most resources have."""
    counts: dict[str, int] = {}
    for resource in live:
        for word in resource.texts("keywords"):
            if 2 <= len(word) <= 6:
                counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))[:5]


def _library_kinds(view: View) -> Iterator[dict[str, Any]]:
    counts: dict[str, list[int]] = {}
    for resource in view.register.live_resources:
        row = counts.setdefault(view.library_kind(resource), [0, 0])
        row[0] += 1
        row[1] += not view.register.is_listed(resource, view.day)
    for term in view.register.pack.vocabularies.get("library-kind", {}).values():
        all_, shared = counts.get(term.word, [0, 0])
        yield {
            "word": term.word,
            "title": view.say(term.title),
            "says": view.say(term.says),
            "count": view.language.number(all_),
            "shared": view.language.number(shared),
            "share": round(100 * shared / all_, 2) if all_ else 0.0,
        }


# ---------------------------------------------------------------------- agencies and libraries


def _agencies(view: View) -> Page:
    counts = view.register.resources_by_agency

    def rows(agencies: list[Record]) -> list[tuple[Piece, int, int]]:
        return [
            (
                view.agency(a.key),
                len(counts.get(a.key, ())),
                sum(duty.late for duty in view.duties_by_agency.get(a.key, ())),
            )
            for a in agencies
        ]

    live = view.agencies()
    gone = [a for a in view.register.of("agency").values() if is_withdrawn(a)]
    groups = [
        (view.say("市级单位"), rows([a for a in live if a.text("level") == "city"])),
        (view.say("区级单位"), rows([a for a in live if a.text("level") != "city"])),
    ]
    shown = {
        "groups": groups,
        "gone": [(view.agency(a.key), a.text("withdrawn", "date")) for a in gone],
        "total": len(live),
    }
    says = view.say("编制目录、提供和使用信息资源的单位。")
    return Page("agencies/index.html", "agencies.html", view.say("单位"), says, shown)


def _libraries(view: View) -> Page:
    register = view.register
    groups: list[tuple[str, str, str, list[tuple[Piece, int, str]]]] = []
    for term in register.pack.vocabularies.get("library-kind", {}).values():
        rows = [
            (view.link("library", lib.key), len(register.resources_by_library.get(lib.key, ())), lib.text("topic"))
            for lib in register.of("library").values()
            if lib.text("kind") == term.word and not is_withdrawn(lib)
        ]  # fmt: skip
        if not rows and "own" in term.marks:
            rows = _business_libraries(view)
        groups.append((term.word, view.say(term.title), view.say(term.says), rows))
    says = view.say("基础、主题和业务信息资源库。")
    return Page("libraries/index.html", "libraries.html", view.say("信息资源库"), says, {"groups": groups})  # fmt: skip


def _business_libraries(view: View) -> list[tuple[Piece, int, str]]:
    """Each provider's own library: its resources that belong to no base or theme library."""
    counts: dict[str, int] = {}
    for resource in view.register.resources_by_library.get("", ()):
        counts[provider(resource)] = counts.get(provider(resource), 0) + 1
    return [(view.agency(agency), n, "") for agency, n in sorted(counts.items())]


# ---------------------------------------------------------------------- negative list


def _negative_list(view: View) -> Page:
    register = view.register
    entries = list(register.of("entry").values())
    laws = [
        (
            Piece(law.title, view.href("law", law.key)),
            view.words.term("rank", law.text("rank")),
            law.text("number"),
            law.text("in_force_from"),
            sum(link.record.kind == "entry" for link in register.backlinks.get(("law", law.key), ())),
            view.in_force(law),
        )
        for law in register.of("law").values()
    ]  # fmt: skip
    pending = [one for one in register.live_resources if view.is_claimed(one)]
    shown = {
        "rows": [_entry(view, entry) for entry in register.entries_in_force(view.day)]
        if view.tells_reasons
        else [],
        "inside": 0 if view.tells_reasons else len(register.entries_in_force(view.day)),
        "delisted": [
            _entry(view, entry)
            for entry in entries
            if "delisted" in entry.data and view.tells_reasons
        ],
        "pending": view.resource_rows(pending),
        "laws": sorted(laws, key=lambda row: (-row[4], row[0].href)),
        "objections": len(register.of("objection")),
    }
    says = view.say("依法不予共享的资源，每项写明法律条款、决定和复核日期。")
    return Page("negative-list/index.html", "negative-list.html", view.say("负面清单"), says, shown)


def _entry(view: View, entry: Record) -> dict[str, Any]:
    application = entry.text("application")
    cases = view.register.cases_by_resource.get(entry.key, ())
    return {
        "id": entry.key.replace("/", "--"),
        "title": entry.title,
        "href": view.href("entry", entry.key),
        "items": entry.texts("items"),
        "agency": view.agency(provider(entry)),
        "bases": view.bases(entry),
        "reason": entry.text("reason"),
        "listed_on": entry.text("listed_on"),
        "review_by": entry.text("review_by"),
        "review_late": bool(entry.text("review_by")) and entry.text("review_by") < str(view.day),
        "application": view.link("application", application) if application else None,
        "objections": view.case_rows([case for case in cases if case.kind == "objection"]),
        "delisted_on": entry.text("delisted", "date"),
        "because": entry.text("delisted", "reason"),
        "landings": view.landings(entry)[:10],
    }


def _no_originals(view: View) -> Page:
    """What the public need not bring: licences and results that agencies get by sharing (art. 24)."""
    groups: dict[str, list[tuple[Any, str]]] = {}
    for resource in view.register.live_resources:
        credential = resource.text("credential")
        if credential and view.is_shared(resource):
            users = view.users(resource)
            title = view.words.word("resource", credential, "credential")
            groups.setdefault(title, []).append(
                (view.resource_row(resource), view.language.join([user.text for user in users]))
            )
    rows = [(title, sorted(rows)) for title, rows in groups.items()]
    shown = {"groups": rows, "total": sum(len(rows) for _, rows in rows)}
    title = view.say("免交清单")
    says = view.say("办事时不用再交原件和复印件的证照和结果：单位应当通过共享取得（第二十四条）。")
    return Page("no-originals/index.html", "no-originals.html", title, says, shown)


# ---------------------------------------------------------------------- cases


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
    titles = {state.name: view.say(state.title) for state in states}
    groups = [
        (titles.get(name) or view.say("没有按程序检查"), name or "unchecked", len(rows), [_card(view, c) for c in rows[:_MOST]])
        for name, rows in by_state.items()
        if rows
    ]  # fmt: skip
    dated = sorted(
        (c for c in view.register.of("request").values() if not view.urgency(c)[0]),
        key=lambda c: (view.urgency(c), c.key),
    )
    shown = {
        "groups": groups,
        "deadlines": [_card(view, case) for case in dated[:_MOST]],
        "dated": len(dated),
    }
    says = view.say("各单位提出的共享需求和办理情况。")
    return Page("requests/index.html", "requests.html", view.say("共享需求"), says, shown)


def _card(view: View, case: Record) -> dict[str, Any]:
    about = case.text("resource")
    row = view.case_row(case)
    return {
        "row": row,
        "resource": view.link("resource", about).text,
        "who": view.register.agency_title(case.text("applicant")),
        "provider": view.register.agency_title(about.partition("/")[0]),
    }


def _cases(view: View) -> Page:
    groups = [
        (
            kind,
            view.words.kind(kind),
            view.say(str(view.register.schemas.kinds[kind].schema["description"])),
            len(view.register.of(kind)),
            view.case_rows(_newest_first(list(view.register.of(kind).values()))[:_ROWS]),
        )
        for kind in view.register.case_kinds
        if kind != "request"
    ]
    inspections = sorted(view.register.of("inspection").values(), key=lambda i: (i.text("date"), i.key), reverse=True)  # fmt: skip
    shown = {
        "groups": groups,
        "inspections": [
            (
                i.title,
                view.agency(i.text("by")),
                i.text("date"),
                i.text("scope"),
                view.words.word("inspection", i.text("result"), "result"),
                len(i.rows("findings")),
                i.text("internal_note") if view.internal else "",
            )
            for i in inspections
        ],
    }
    says = view.say("申请、异议、调整、纠错、投诉和整改。")
    return Page("cases/index.html", "cases.html", view.say("其他事项"), says, shown)


def _newest_first(cases: list[Record]) -> list[Record]:
    return sorted(cases, key=lambda case: (opened_on(case), case.key), reverse=True)


# ---------------------------------------------------------------------- search, fields


def _search(view: View) -> Page:
    """The search page; its script finds, this page names the facets and says what else there is."""
    title, says = view.say("检索"), view.say("检索目录、信息项、单位、法律文件和办理事项。")
    return Page("search/index.html", "search.html", title, says, {"words": entries.words(view)})


def _fields(view: View) -> Page:
    kinds = [
        {
            "name": kind.name,
            "title": view.say(kind.title),
            "path": kind.path,
            "description": view.say(kind.schema["description"]),
            "fields": list(_rows(view, kind.schema, "")),
        }
        for kind in view.register.schemas.kinds.values()
    ]
    says = view.say("每一类记录的栏目和填法。")
    return Page("fields/index.html", "fields.html", view.say("栏目说明"), says, {"kinds": kinds})


def _rows(view: View, schema: Mapping[str, Any], prefix: str) -> Iterator[dict[str, Any]]:
    """One row per property, nested ones as ``sharing.declared`` and ``items[].name``."""
    for name, below in schema.get("properties", {}).items():
        titles = below.get("x-titles", below.get("items", {}).get("x-titles", {}))
        standard = "；".join(filter(None, (below.get("x-guide", "") and f"国家指南：{below['x-guide']}", below.get("x-dcat", "") and f"DCAT：{below['x-dcat']}")))  # fmt: skip
        yield {
            "name": f"{prefix}{name}",
            "title": view.say(below["title"]),
            "description": view.say(below["description"]),
            "required": name in schema.get("required", ()),
            "internal": below.get("x-visibility") == "internal",
            "choices": "、".join(f"{word} {view.say(title)}" for word, title in titles.items()),
            "standard": standard,
            "example": json.dumps(below.get("examples", [""])[0], ensure_ascii=False),
        }
        if below.get("type") == "object":
            yield from _rows(view, below, f"{prefix}{name}.")
        elif below.get("items", {}).get("type") == "object":
            yield from _rows(view, below["items"], f"{prefix}{name}[].")
