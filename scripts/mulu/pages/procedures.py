"""The pages made from the packs: what can be done and how, and what answers each article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mulu.findings import Rule, articles_name
from mulu.pages.diagram import diagram
from mulu.pages.view import (
    BADGE_BAD,
    BADGE_OK,
    BADGE_PLAIN,
    BADGE_WARN,
    Badge,
    Builder,
    Page,
    Piece,
    View,
)
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
    is_fixed: bool
    who: str
    says: tuple[str, ...]
    source: str
    marks: tuple[str, ...]


def pages(view: View, rules: Sequence[Rule]) -> Iterator[tuple[str, Builder]]:
    """The pages of every pack: the register's own at the root, the others in a folder of theirs."""
    titles = {rule.code: rule.title for rule in rules}
    for pack in view.register.policies.packs.values():
        folder = view.pack_folder(pack)
        yield f"{folder}procedures/", partial(_list_page, pack=pack)
        for name, procedure in pack.procedures.items():
            build = partial(_procedure_page, pack=pack, procedure=procedure)
            yield f"{folder}procedures/{name}/", build
        yield f"{folder}articles/", partial(_articles_page, pack=pack, rules=titles)


def _list_page(view: View, pack: Pack) -> Page:
    own, folder = view.register.pack, view.pack_folder(pack)
    others = [one for one in view.register.policies.packs.values() if one is not pack]
    title = view.say("办事程序") if pack is own else pack.title
    shown: dict[str, Any] = {
        "title": title,
        "about": _about(pack),
        "is_own": pack is own,
        "cards": [_card(view, pack, procedure) for procedure in pack.procedures.values()],
        "others": [(_about(one), f"{view.pack_folder(one)}procedures/") for one in others],
        "articles": f"{folder}articles/",
    }
    says = view.say("{pack}规定的各种程序。", pack=pack.title)
    return Page(f"{folder}procedures/index.html", "procedures.html", title, says, shown)


def _about(pack: Pack) -> dict[str, str]:
    """What a pack is, as plain values."""
    return {
        "name": pack.name,
        "title": pack.title,
        "short": pack.short,
        "number": pack.number,
        "issuer": pack.issuer,
        "in_force_from": pack.in_force_from,
        "replaces": pack.record.text("replaces"),
        "source": pack.record.text("source"),
    }


def _card(view: View, pack: Pack, procedure: Procedure) -> dict[str, Any]:
    cases = _cases(view, pack, procedure)
    ended = sum(view.register.has_ended(case, view.day) for case in cases)
    limits = [_term(view, clock) for clock in procedure.clocks.values() if clock.term is not None]
    openers = [by for way in procedure.opening for by in way.by]
    return {
        "title": view.say(procedure.title),
        "href": view.procedure_href(pack, procedure.name),
        "says": view.say(procedure.says),
        "who": view.language.join(list(dict.fromkeys(view.say(pack.capacity_title(procedure, by)) for by in openers))),
        "limits": list(dict.fromkeys(limits)),
        "articles": articles_name(procedure.articles),
        "running": len(cases) - ended,
        "ended": ended,
        "unconfirmed": procedure.unconfirmed,
    }  # fmt: skip


def _cases(view: View, pack: Pack, procedure: Procedure) -> Sequence[Record]:
    """The cases of a procedure; none for a pack the register does not keep."""
    if pack is not view.register.pack:
        return ()
    return list(view.register.of(procedure.name).values())


def _procedure_page(view: View, pack: Pack, procedure: Procedure) -> Page:
    folder = view.pack_folder(pack)
    cases = _cases(view, pack, procedure)
    running = [case for case in cases if not view.register.has_ended(case, view.day)]
    shown: dict[str, Any] = {
        "title": view.say(procedure.title),
        "pack_short": pack.short,
        "parent": Piece(view.say("办事程序"), "procedures/") if not folder else Piece(pack.short, f"{folder}procedures/"),
        "articles_href": f"{folder}articles/",
        "running": view.case_rows(sorted(running, key=view.urgency)[:50]),
        "running_count": len(running),
        "ended": len(cases) - len(running),
        "cases_href": "requests/" if procedure.name == "request" else f"cases/#{procedure.name}",
    }  # fmt: skip

    def more() -> dict[str, Any]:
        rows = [_row(view, pack, procedure, way) for way in procedure.ways]
        terms = [_clock(view, pack, procedure, clock) for clock in procedure.clocks.values()]
        return {
            "p": procedure,
            "drawing": diagram(procedure, lambda by: pack.capacity_title(procedure, by)),
            "outcomes": OUTCOMES,
            "rows": rows,
            "terms": terms,
            "example": _example(view, pack, procedure),
            "articles": [pack.articles[n] for n in procedure.articles if n in pack.articles],
            "unconfirmed": procedure.unconfirmed or any("未核实" in one for one in [*(r.marks for r in rows), *(t.marks for t in terms)]),
        }  # fmt: skip

    path = f"{folder}procedures/{procedure.name}/index.html"
    says = view.say(procedure.says)
    return Page(path, "procedure.html", view.say(procedure.title), says, shown, more=more)


def _row(view: View, pack: Pack, procedure: Procedure, way: Way) -> Row:
    first = next(one for one in procedure.ways if one.act == way.act)
    return Row(
        anchor=f"act-{way.act}" if way is first else "",
        title=view.say(way.title),
        word=way.act,
        says=view.say(way.says),
        who=view.language.join([view.say(pack.capacity_title(procedure, by)) for by in way.by]),
        before=view.language.join(
            [view.say(one.title) for one in procedure.states.values() if one.name in way.sources]
        ),
        after=view.say(procedure.states[way.to].title),
        carries=view.language.join([_field(view, procedure.name, name) for name in way.carries]),
        conditions=tuple(view.say(guard.says) for guard in way.guards),
        orders=tuple(view.say(ORDERS[order]) for order in way.orders),
        source=articles_name(way.source.articles) if way.source.articles else "",
        marks=_marks(way.source),
        optional=way.optional,
    )


def _field(view: View, kind: str, name: str) -> str:
    known = kind if kind in view.register.schemas.kinds else "request"
    return view.words.title_of(known, "acts", "*", name)


def _marks(source: Source) -> tuple[str, ...]:
    return tuple(
        word
        for word, holds in (("本市做法", source.local_practice), ("未核实", source.unconfirmed))
        if holds
    )


def _term(view: View, clock: ClockRule) -> str:
    if clock.term is None:
        return view.say("由通知写明") if clock.due_field else view.say("未规定期限")
    says = "{n} 个工作日" if clock.unit == "working-day" else "{n} 天"
    return view.language.count(says, clock.term)


def _clock(view: View, pack: Pack, procedure: Procedure, clock: ClockRule) -> Term:
    say, count = view.say, view.language.count
    either = say(" 或 ")
    starts = either.join(say(procedure.title_of(act)) for act in clock.starts)
    stops = either.join(dict.fromkeys(say(procedure.title_of(act)) for act in sorted(clock.stops)))
    says = [say(clock.says), *(say("只限：{what}", what=say(guard.says)) for guard in clock.guards)]
    marks = set(_marks(clock.source))
    if clock.extension:
        longest = (
            "可以延长最多 {n} 个工作日：{what}"
            if clock.unit == "working-day"
            else "可以延长最多 {n} 天：{what}"
        )
        says.append(count(longest, clock.extension.longest, what=say(clock.extension.says)))
        marks |= set(_marks(clock.extension.source))
    if clock.suspension:
        says.append(
            count(
                "可以中止最多 {n} 个工作日：{what}",
                clock.suspension.longest,
                what=say(clock.suspension.says),
            )
        )
        says += [say("中止：{what}", what=say(mark)) for mark in _marks(clock.suspension.source)]
    return Term(
        say(clock.title),
        f"{starts} → {stops}",
        _term(view, clock),
        clock.term is not None,
        say(pack.capacity_title(procedure, clock.duty)),
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
                "title": view.say(_title(procedure, act)),
                "date": str(act.get("date", "")),
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
    return view.words.word(kind, value, "acts", "*", name)


def _articles_page(view: View, pack: Pack, rules: dict[str, str]) -> Page:
    folder = view.pack_folder(pack)

    def more() -> dict[str, Any]:
        duties = [duty for article in pack.articles.values() for duty in article.duties]
        counts = [
            ("ok", view.say("有回应"), sum(bool(d.answers) and not d.pending for d in duties)),
            (
                "warn",
                view.say("部分回应"),
                sum(bool(d.answers) and bool(d.pending) for d in duties),
            ),
            ("bad", view.say("尚未做到"), sum(bool(d.pending) and not d.answers for d in duties)),
            ("plain", view.say("不属登记簿"), sum(bool(d.outside) for d in duties)),
        ]
        return {
            "articles": [
                (article, [_duty(view, pack, duty, rules) for duty in article.duties])
                for article in pack.articles.values()
            ],
            "counts": [(tone, title, n, round(100 * n / max(1, len(duties)), 2)) for tone, title, n in counts],
            "total": len(duties),
        }  # fmt: skip

    shown: dict[str, Any] = {
        "about": _about(pack),
        "parent": None if not folder else Piece(pack.short, f"{folder}procedures/"),
    }
    title = view.say("逐条对照")
    says = view.say("{pack}逐条对照：每一项要求，在这里由什么回应。", pack=pack.title)
    return Page(f"{folder}articles/index.html", "articles.html", title, says, shown, more=more)


def _duty(view: View, pack: Pack, duty: Duty, rules: dict[str, str]) -> dict[str, Any]:
    return {
        "d": duty,
        "kind": view.say(KINDS[duty.kind]),
        "answers": [_answer(view, pack, kind, name, rules) for kind, name in duty.answers],
        "badge": Badge(view.say("不属登记簿"), BADGE_PLAIN)
        if duty.outside
        else Badge(view.say("尚未做到"), BADGE_BAD)
        if duty.pending and not duty.answers
        else None,
    }


def _answer(
    view: View, pack: Pack, kind: str, name: str, rules: dict[str, str]
) -> tuple[str, Piece]:
    """What answers a duty: its sort in a word, and a link to it."""
    if kind == "rule":
        return view.say("检查"), Piece(rules.get(name, name), f"rules/{name}/")
    if kind == "procedure":
        word, _, act = name.partition("/")
        procedure = pack.procedures.get(word)
        title = procedure.title if procedure else word
        if procedure and act:
            title = f"{title}：{procedure.title_of(act)}"
        return view.say("程序"), Piece(
            view.say(title), view.procedure_href(pack, word) + (f"#act-{act}" if act else "")
        )
    if kind == "field":
        record, *route = name.split("/")
        title = f"{view.words.kind(record)}：{view.words.title_of(record, *route)}"
        return view.say("栏目"), Piece(title, f"fields/#{record}")
    return view.say("页面"), Piece(view.say(_PAGES.get(name, name)), "" if name == "./" else name)


_PAGES = {
    "./": "首页", "search/": "检索", "agencies/": "单位", "libraries/": "信息资源库", "negative-list/": "负面清单",
    "requests/": "共享需求", "cases/": "其他事项", "todo/": "待办", "procedures/": "办事程序", "articles/": "逐条对照",
    "rules/": "检查规则", "fields/": "栏目说明", "about/": "关于", "changes/": "变更", "no-originals/": "免交清单", "objections/": "负面清单异议", "items/": "信息项", "browse/": "按拼音浏览", "downloads/": "下载和接口", "guides/agency/": "单位指南",
    "guides/reviewer/": "审核指南", "guides/public/": "公众指南", "guides/adopt/": "采用指南", "guides/import/": "导入指南",
}  # fmt: skip
