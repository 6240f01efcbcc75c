"""The pages made from the packs: what can be done and how, and what answers each article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mulu.findings import Rule, articles_name
from mulu.pages.diagram import diagram
from mulu.pages.records import Page
from mulu.pages.view import BADGE_BAD, BADGE_OK, BADGE_PLAIN, BADGE_WARN, Badge, Piece, View
from mulu.policy.pack import Duty, Pack
from mulu.policy.procedure import ClockRule, Procedure, Source, Way
from mulu.record import Record

ORDERS = {
    "declare-shared": "资源由提供单位改为共享类",
    "list-entry": "资源列入负面清单",
    "delist-entry": "条目移出负面清单",
    "open-request": "转为共享需求",
}
KINDS = {"definition": "定义", "duty": "义务", "power": "权利", "prohibition": "禁止", "sanction": "责任"}  # fmt: skip
OUTCOMES = {"met": BADGE_OK, "refused": BADGE_BAD, "withdrawn": BADGE_PLAIN, "referred": BADGE_WARN}


@dataclass(frozen=True, slots=True)
class Row:
    """One way of doing an act, in reader's words."""

    anchor: str
    title: str
    word: str
    says: str
    who: str
    before: str
    after: str
    carries: str
    conditions: tuple[str, ...]
    orders: tuple[str, ...]
    source: str
    marks: tuple[str, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One clock, in reader's words."""

    title: str
    span: str
    term: str
    who: str
    says: tuple[str, ...]
    source: str
    marks: tuple[str, ...]


def pages(view: View, rules: Sequence[Rule]) -> Iterator[Page]:
    """The pages of every pack: the register's own at the root, the others in a folder of theirs."""
    own = view.register.pack
    for pack in view.register.policies.packs.values():
        folder = view.pack_folder(pack)
        others = [one for one in view.register.policies.packs.values() if one is not pack]
        title = "办事程序" if pack is own else pack.title
        shown: dict[str, Any] = {
            "pack": pack,
            "is_own": pack is own,
            "cards": [_card(view, pack, procedure) for procedure in pack.procedures.values()],
            "others": [(one, f"{view.pack_folder(one)}procedures/") for one in others],
            "articles": f"{folder}articles/",
        }
        yield f"{folder}procedures/index.html", "procedures.html", title, f"{pack.title}规定的各种程序。", shown  # fmt: skip
        for procedure in pack.procedures.values():
            yield _procedure_page(view, pack, procedure, folder)
        yield _articles_page(view, pack, folder, {rule.code: rule.title for rule in rules})


def _card(view: View, pack: Pack, procedure: Procedure) -> dict[str, Any]:
    cases = _cases(view, pack, procedure)
    ended = sum(view.register.has_ended(case, view.day) for case in cases)
    limits = [_term(clock) for clock in procedure.clocks.values() if clock.term is not None]
    openers = [by for way in procedure.opening for by in way.by]
    return {
        "title": procedure.title,
        "href": view.procedure_href(pack, procedure.name),
        "says": procedure.says,
        "who": "、".join(dict.fromkeys(pack.capacity_title(procedure, by) for by in openers)),
        "limits": list(dict.fromkeys(limits)),
        "articles": articles_name(procedure.articles),
        "running": len(cases) - ended,
        "ended": ended,
        "unconfirmed": procedure.unconfirmed,
    }


def _cases(view: View, pack: Pack, procedure: Procedure) -> Sequence[Record]:
    """The cases of a procedure; none for a pack the register does not keep."""
    if pack is not view.register.pack:
        return ()
    return list(view.register.of(procedure.name).values())


def _procedure_page(view: View, pack: Pack, procedure: Procedure, folder: str) -> Page:
    cases = _cases(view, pack, procedure)
    running = [case for case in cases if not view.register.has_ended(case, view.day)]
    rows = [_row(view, pack, procedure, way) for way in procedure.ways]
    terms = [_clock(pack, procedure, clock) for clock in procedure.clocks.values()]
    shown: dict[str, Any] = {
        "pack": pack,
        "p": procedure,
        "parent": ("办事程序", "procedures/") if not folder else (pack.short, f"{folder}procedures/"),
        "drawing": diagram(procedure, lambda by: pack.capacity_title(procedure, by)),
        "outcomes": OUTCOMES,
        "rows": rows,
        "terms": terms,
        "example": _example(view, pack, procedure),
        "articles": [pack.articles[n] for n in procedure.articles if n in pack.articles],
        "articles_href": f"{folder}articles/",
        "running": sorted(running, key=view.urgency)[:50],
        "ended": len(cases) - len(running),
        "cases_href": "requests/" if procedure.name == "request" else f"cases/#{procedure.name}",
        "unconfirmed": procedure.unconfirmed or any("未核实" in one for one in [*(r.marks for r in rows), *(t.marks for t in terms)]),
    }  # fmt: skip
    path = f"{folder}procedures/{procedure.name}/index.html"
    return path, "procedure.html", procedure.title, procedure.says, shown


def _row(view: View, pack: Pack, procedure: Procedure, way: Way) -> Row:
    first = next(one for one in procedure.ways if one.act == way.act)
    return Row(
        anchor=f"act-{way.act}" if way is first else "",
        title=way.title,
        word=way.act,
        says=way.says,
        who="、".join(pack.capacity_title(procedure, by) for by in way.by),
        before="、".join(
            state.title for state in procedure.states.values() if state.name in way.sources
        ),
        after=procedure.states[way.to].title,
        carries="、".join(_field(view, procedure.name, name) for name in way.carries),
        conditions=tuple(guard.says for guard in way.guards),
        orders=tuple(ORDERS[order] for order in way.orders),
        source=articles_name(way.source.articles) if way.source.articles else "",
        marks=_marks(way.source),
        optional=way.optional,
    )


def _field(view: View, kind: str, name: str) -> str:
    known = kind if kind in view.register.schemas.kinds else "request"
    return view.register.title_of(known, "acts", "*", name)


def _marks(source: Source) -> tuple[str, ...]:
    return tuple(
        word
        for word, holds in (("本市做法", source.local_practice), ("未核实", source.unconfirmed))
        if holds
    )


def _term(clock: ClockRule) -> str:
    if clock.term is None:
        return "由通知写明" if clock.due_field else "未规定期限"
    return f"{clock.term} {'个工作日' if clock.unit == 'working-day' else '天'}"


def _clock(pack: Pack, procedure: Procedure, clock: ClockRule) -> Term:
    starts = " 或 ".join(procedure.title_of(act) for act in clock.starts)
    stops = " 或 ".join(dict.fromkeys(procedure.title_of(act) for act in sorted(clock.stops)))
    unit = "个工作日" if clock.unit == "working-day" else "天"
    says = [clock.says, *(f"只限：{guard.says}" for guard in clock.guards)]
    marks = set(_marks(clock.source))
    if clock.extension:
        says.append(f"可以延长最多 {clock.extension.longest} {unit}：{clock.extension.says}")
        marks |= set(_marks(clock.extension.source))
    if clock.suspension:
        says.append(f"可以中止最多 {clock.suspension.longest} 个工作日：{clock.suspension.says}")
        says += [f"中止：{mark}" for mark in _marks(clock.suspension.source)]
    return Term(
        clock.title,
        f"{starts} → {stops}",
        _term(clock),
        pack.capacity_title(procedure, clock.duty),
        tuple(filter(None, says)),
        articles_name(clock.source.articles),
        tuple(sorted(marks)),
    )


def _example(view: View, pack: Pack, procedure: Procedure) -> dict[str, Any] | None:
    """The pack's example as a timeline, and as the file it is."""
    from mulu.loading import canonical

    data = pack.examples.get(procedure.name)
    kind = view.register.schemas.kinds.get(procedure.name)
    acts = data.get("acts") if data else None
    if data is None or kind is None or not isinstance(acts, list):
        return None
    rows: list[dict[str, Any]] = []
    for act in acts:
        if not isinstance(act, dict):
            continue
        details = [
            (_field(view, procedure.name, name), _words(view, procedure.name, name, value))
            for name, value in act.items()
            if name not in ("act", "date", "by", "as", "basis")
        ]
        rows.append(
            {
                "title": _title(procedure, act),
                "date": act.get("date", ""),
                "by": view.register.agency_title(str(act.get("by", ""))),
                "details": details,
            }
        )
    return {"acts": rows, "source": canonical.dump(data, kind.schema).decode()}


def _title(procedure: Procedure, act: dict[str, Any]) -> str:
    """The title of the way an act of an example fits."""
    ways = [way for way in procedure.by_act.get(str(act.get("act")), ()) if way.fits(act)]
    party = [way for way in ways if act.get("as") in way.by or "as" not in act]
    return (party or ways)[-1].title if ways else str(act.get("act"))


def _words(view: View, kind: str, name: str, value: object) -> str:
    if name in ("to", "by"):
        return view.register.agency_title(str(value))
    return view.word(kind, value, "acts", "*", name)


def _articles_page(view: View, pack: Pack, folder: str, rules: dict[str, str]) -> Page:
    duties = [duty for article in pack.articles.values() for duty in article.duties]
    counts = [
        ("有回应", sum(bool(d.answers) and not d.pending for d in duties), BADGE_OK),
        ("部分回应", sum(bool(d.answers) and bool(d.pending) for d in duties), BADGE_WARN),
        ("尚未做到", sum(bool(d.pending) and not d.answers for d in duties), BADGE_BAD),
        ("不属登记簿", sum(bool(d.outside) for d in duties), BADGE_PLAIN),
    ]
    shown: dict[str, Any] = {
        "pack": pack,
        "parent": None if not folder else (pack.short, f"{folder}procedures/"),
        "articles": [
            (article, [_duty(view, pack, duty, rules) for duty in article.duties])
            for article in pack.articles.values()
        ],
        "counts": counts,
        "total": len(duties),
    }
    description = f"{pack.title}逐条对照：每一项要求，在这里由什么回应。"
    return f"{folder}articles/index.html", "articles.html", "逐条对照", description, shown


def _duty(view: View, pack: Pack, duty: Duty, rules: dict[str, str]) -> dict[str, Any]:
    return {
        "d": duty,
        "kind": KINDS[duty.kind],
        "answers": [_answer(view, pack, kind, name, rules) for kind, name in duty.answers],
        "badge": Badge("不属登记簿", BADGE_PLAIN)
        if duty.outside
        else Badge("尚未做到", BADGE_BAD)
        if duty.pending and not duty.answers
        else None,
    }


def _answer(
    view: View, pack: Pack, kind: str, name: str, rules: dict[str, str]
) -> tuple[str, Piece]:
    """What answers a duty: its sort in a word, and a link to it."""
    if kind == "rule":
        return "检查", Piece(rules.get(name, name), f"rules/{name}/")
    if kind == "procedure":
        word, _, act = name.partition("/")
        procedure = pack.procedures.get(word)
        title = procedure.title if procedure else word
        if procedure and act:
            title = f"{title}：{procedure.title_of(act)}"
        return "程序", Piece(
            title, view.procedure_href(pack, word) + (f"#act-{act}" if act else "")
        )
    if kind == "field":
        record, *route = name.split("/")
        title = (
            f"{view.register.schemas.kinds[record].title}：{view.register.title_of(record, *route)}"
        )
        return "栏目", Piece(title, f"fields/#{record}")
    return "页面", Piece(_PAGES.get(name, name), "" if name == "./" else name)


_PAGES = {
    "./": "首页", "search/": "检索", "agencies/": "单位", "libraries/": "信息资源库", "negative-list/": "负面清单",
    "requests/": "共享需求", "cases/": "其他事项", "todo/": "待办", "procedures/": "办事程序", "articles/": "逐条对照",
    "rules/": "检查规则", "fields/": "栏目说明", "about/": "关于", "guides/agency/": "单位指南",
    "guides/reviewer/": "审核指南", "guides/public/": "公众指南", "guides/adopt/": "采用指南", "guides/import/": "导入指南",
}  # fmt: skip
