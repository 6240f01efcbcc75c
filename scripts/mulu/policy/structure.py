"""Whether packs hold together: names, paths through a procedure, clocks that can stop.

A schema sees one value at a time; what one row says of another is judged here, when the
pack is read and before any case is played under it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from mulu.findings import Finding, Rule, Stage, articles_name
from mulu.policy.indicator import PLACE
from mulu.policy.procedure import ClockRule, Procedure, Way, procedure_of
from mulu.record import Data, Record, numbers_in, rows_in, texts_in

_WHY = "规则包把程序写成数据：状态、动作、由谁做、期限。程序走不通、期限停不下来、写的是没有的名字，案件就会卡住，所以先检查规则包，再按它检查案件。"  # fmt: skip


def _rule(code: str, title: str, says: str, fix: str) -> Rule:
    return Rule(code, title, says, fix, _WHY, stage=Stage.SCHEMA)


PACK_NAME = _rule("pack-name", "规则包的代号与文件夹不同", "规则包的代号是“{name}”，文件夹却是 {folder}", "把 name 改成 {folder}，或把文件夹改名")  # fmt: skip
PACK_NAME_TAKEN = _rule("pack-name-taken", "两个规则包同名", "规则包 {name} 已经有了", "换一个代号；修改原有规则包的，把版本加一，旧版放在 {name} 文件夹")  # fmt: skip
PACK_MISSING = _rule("pack-missing", "规则包没有 pack.yml", "文件夹 {folder} 里没有可用的 pack.yml", "补上 pack.yml，或改正其中的错误")  # fmt: skip
NOT_LISTED = _rule("procedure-not-listed", "没有列出的程序", "程序 {name} 有文件，却没有列在 procedures 里", "在 procedures 里加上 {name}，或删去文件")  # fmt: skip
NAME_UNKNOWN = _rule("pack-unknown-name", "规则包里没有这个名字", "“{title}”写的 {name} 不是{what}（{articles}）", "可用：{choices}")  # fmt: skip
NAME_REPEATED = _rule("pack-repeated-name", "名字重复", "{what} {name} 写了两次", "每个名字只写一次，改名或删去一个")  # fmt: skip
PARTY_UNCLEAR = _rule("party-unclear", "当事一方没有写明是谁", "“{title}”要写 agency、provider_of、role_of 之中的一个", "写明从案件的哪一栏得知这一方")  # fmt: skip
GUARD_INCOMPLETE = _rule("guard-incomplete", "条件没有写全", "“{title}”的条件 {guard} 要写明 {name}（{articles}）", "补上 {name}，写这个条件看的对象或取值")  # fmt: skip
NO_OPENING = _rule("procedure-no-opening", "没有立案的动作", "程序“{title}”没有立案的动作（{articles}）", "至少有一个动作不写 from")  # fmt: skip
UNREACHABLE = _rule("procedure-unreachable-state", "到不了的状态", "没有哪条路能到状态“{title}”（{articles}）", "加上通到它的动作，或删去这个状态")  # fmt: skip
DEAD_END = _rule("procedure-dead-end", "走不出去的状态", "从状态“{title}”走不到任何终点（{articles}）", "加上走出去的动作，或写明它的结局 outcome")  # fmt: skip
AFTER_END = _rule("procedure-after-end", "终点之后还有动作", "“{act}”从终点“{state}”出发（{articles}）", "从这个动作的 from 里删去终点，或删去终点的 outcome")  # fmt: skip
NEVER_STOPS = _rule("clock-never-stops", "停不下来的期限", "期限“{title}”起算之后，走不到停止它的动作（{articles}）", "改正 stops，写起算之后能做的动作")  # fmt: skip
MEASURE_INCOMPLETE = _rule("measure-incomplete", "指标没有写全", "指标“{title}”的计量要写明 {name}", "补上 {name}；各种计量要写的，见指标的格式")  # fmt: skip
CALENDAR = _rule("calendar-contradiction", "放假安排自相矛盾", "{year} 年“{name}”：{problem}", "对照通知改正起止日期和调休上班的日子")  # fmt: skip

RULES = (
    PACK_NAME, PACK_NAME_TAKEN, PACK_MISSING, NOT_LISTED, NAME_UNKNOWN, NAME_REPEATED, PARTY_UNCLEAR, GUARD_INCOMPLETE, NO_OPENING,
    UNREACHABLE, DEAD_END, AFTER_END, NEVER_STOPS, MEASURE_INCOMPLETE, CALENDAR,
)  # fmt: skip

_OF_WHAT = {"done-by": "act", "done": "act", "not-done": "act", "late": "clock", "not-late": "clock", "field": "field"}  # fmt: skip
_WORDS_WHAT = {"done-by": "capacity", "other-than": "capacity", "addressed-to": "capacity", "library-kind": "library-kind", "sharing-class": "sharing-class"}  # fmt: skip
_ACT_FIELDS = ("opinion", "channel", "to", "result", "reason", "as")
_LONGEST_HOLIDAY = 31


def of_packs(
    heads: Mapping[str, Record],
    broken: Sequence[tuple[str, str]],
    procedures: Sequence[Record],
) -> Iterator[Finding]:
    """What is wrong with the packs as a set: a name twice, a name unlike its folder, no head."""
    seen: dict[str, Record] = {}
    for folder, head in heads.items():
        name, version = head.text("name"), head.get("version")
        reference = f"{name}@{version}"
        if reference in seen:
            related = ((seen[reference].at("/name"), "另一个"),)
            yield PACK_NAME_TAKEN.finding(head.at("/name"), name=reference, related=related)
        elif folder not in (name, reference):
            yield PACK_NAME.finding(head.at("/name"), name=name, folder=folder)
        seen.setdefault(reference, head)
    names = {folder: set[str]() for folder in heads}
    for record in procedures:
        names.setdefault(record.key.partition("/")[0], set()).add(record.key.rpartition("/")[2])
    for kind, key in broken:
        if kind == "procedure":
            names.setdefault(key.partition("/")[0], set()).add(key.rpartition("/")[2])
    for folder, head in heads.items():
        yield from _listed(head, names[folder])
    refused = {key.partition("/")[0] for kind, key in broken if kind == "pack"}
    for record in procedures:
        folder = record.key.partition("/")[0]
        if folder not in heads and folder not in refused:
            refused.add(folder)
            yield PACK_MISSING.finding(record.at(), folder=folder)


def _listed(head: Record, names: Collection[str]) -> Iterator[Finding]:
    """Procedures listed without a file, and files that are not listed."""
    listed = head.texts("procedures")
    for position, name in enumerate(listed):
        if name not in names:
            yield NAME_UNKNOWN.finding(
                head.at(f"/procedures/{position}"),
                title="程序",
                name=name,
                what="这个规则包的程序",
                articles=head.text("number"),
                choices="、".join(sorted(names)) or "没有",
            )
    for name in sorted(set(names) - set(listed)):
        yield NOT_LISTED.finding(head.at("/procedures"), name=name)


def of_procedures(heads: Mapping[str, Record], records: Iterable[Record]) -> Iterator[Finding]:
    """What is wrong inside each procedure."""
    for record in records:
        words = _pack_words(heads.get(record.key.partition("/")[0]))
        yield from _repeated(record, words["role"])
        yield from _unfinished(record)
        yield from _names(record, words)
        yield from _paths(record, procedure_of(record))


def of_indicators(record: Record, procedures: Mapping[str, Procedure]) -> Iterator[Finding]:
    """Indicators that stand twice, or name what the pack has not."""
    chapters = {str(row["chapter"]) for row in record.rows("chapters")}
    seen: set[str] = set()
    for position, row in enumerate(record.rows("indicators")):
        name, at = str(row["indicator"]), f"/indicators/{position}"
        if name in seen:
            yield NAME_REPEATED.finding(record.at(f"{at}/indicator"), what="指标", name=name)
        seen.add(name)
        yield from _known(
            record, f"{at}/chapter", row, [str(row["chapter"])], "写明的部分", chapters
        )
        for needed in _MEASURE_NEEDS.get(str(row["measure"]), ()):
            if needed not in row:
                yield MEASURE_INCOMPLETE.finding(record.at(at), title=row["title"], name=needed)
        if "case" in row:
            yield from _of_procedure(record, at, row, procedures)
    yield from _of_chapters(record)


_GROUPS = {"agency": "单位", "library": "信息库", "month": "月份"}


def _of_chapters(record: Record) -> Iterator[Finding]:
    """Sentences, charts and tables of indicators that there are not, or not by what they are shown."""
    by = {str(row["indicator"]): texts_in(row.get("by")) for row in record.rows("indicators")}
    for position, row in enumerate(record.rows("chapters")):
        at = f"/chapters/{position}"
        for n, sentence in enumerate(texts_in(row.get("says"))):
            named = [found[1] for found in PLACE.finditer(sentence) if found[1] != "end"]
            yield from _known(record, f"{at}/says/{n}", row, named, "这里的指标", by)
        for n, chart in enumerate(rows_in(row.get("charts"))):
            group = str(chart["by"])
            fitting = [name for name, groups in by.items() if group in groups]
            yield from _known(record, f"{at}/charts/{n}/indicators", chart, texts_in(chart["indicators"]), f"按{_GROUPS[group]}分项的指标", fitting)  # fmt: skip
        for n, table in enumerate(rows_in(row.get("tables"))):
            yield from _known(record, f"{at}/tables/{n}/of", table, [str(table["of"])], "这里的指标", by)  # fmt: skip


_MEASURE_NEEDS: Mapping[str, tuple[str, ...]] = {
    "acts": ("case", "acts"),
    "satisfied": ("case",),
    "on-time": ("case", "clock"),
    "days": ("case", "clock"),
    "overdue": ("case", "clock"),
    "complete": ("fields",),
    "confirmed": ("days",),
    "inspections": ("inspection",),
    "returned": ("due",),
}


def _of_procedure(
    record: Record, at: str, row: Data, procedures: Mapping[str, Procedure]
) -> Iterator[Finding]:
    case = str(row["case"])
    yield from _known(record, f"{at}/case", row, [case], "这个规则包的程序", procedures)
    procedure = procedures.get(case)
    if procedure is not None:
        clocks = procedure.clocks
        yield from _known(record, f"{at}/acts", row, texts_in(row.get("acts")), "程序的动作", procedure.by_act)  # fmt: skip
        yield from _known(record, f"{at}/outcomes", row, texts_in(row.get("outcomes")), "程序的状态", procedure.states)  # fmt: skip
        yield from _known(record, f"{at}/clock", row, [str(row["clock"])] if "clock" in row else [], "程序的期限", clocks)  # fmt: skip


def of_assessment(record: Record, indicators: Record | None) -> Iterator[Finding]:
    """Weights and deductions of indicators that the pack has not, or that agencies have not."""
    rows = indicators.rows("indicators") if indicators else ()
    known = {str(row["indicator"]) for row in rows if "agency" in texts_in(row.get("by"))}
    for at, part in enumerate(record.rows("parts")):
        for n, row in enumerate(rows_in(part["indicators"])):
            place = f"/parts/{at}/indicators/{n}/indicator"
            yield from _known(record, place, {"title": "考核"}, [str(row["indicator"])], "按单位计算的指标", known)  # fmt: skip
    for at, row in enumerate(record.rows("deductions")):
        place = f"/deductions/{at}/indicator"
        yield from _known(record, place, {"title": "考核"}, [str(row["indicator"])], "按单位计算的指标", known)  # fmt: skip


def _known(
    record: Record, at: str, row: Data, names: Iterable[str], what: str, choices: Collection[str]
) -> Iterator[Finding]:
    for name in names:
        if name not in choices:
            yield NAME_UNKNOWN.finding(
                record.at(at),
                title=str(row["title"]),
                name=name,
                what=what,
                articles=articles_name(numbers_in(row.get("articles"))),
                choices="、".join(sorted(choices)) or "没有",
            )


def of_calendars(records: Iterable[Record]) -> Iterator[Finding]:
    """Years that are not their file's, spans that end before they begin, days both off and worked."""
    for record in records:
        year = str(record.get("year"))
        if year != record.key:
            yield CALENDAR.finding(
                record.at("/year"), year=year, name="年份", problem=f"文件名是 {record.key}"
            )
        for position, row in enumerate(record.rows("holidays")):
            problem = _span_problem(row)
            if problem:
                place = record.at(f"/holidays/{position}")
                yield CALENDAR.finding(place, year=year, name=row["name"], problem=problem)


def _span_problem(row: Data) -> str:
    first, last = date.fromisoformat(str(row["from"])), date.fromisoformat(str(row["until"]))
    if not 0 <= (last - first).days < _LONGEST_HOLIDAY:
        return "止于开始之前，或超过一个月"
    for day in texts_in(row.get("work")):
        worked = date.fromisoformat(day)
        if first <= worked <= last:
            return f"{day} 既放假又上班"
        if worked.weekday() < 5:
            return f"{day} 本来就是工作日"
    return ""


def _pack_words(head: Record | None) -> dict[str, set[str]]:
    names = ("role", "library-kind", "sharing-class")
    if head is None:
        return {name: set() for name in names}
    return {name: {str(row["word"]) for row in head.rows("vocabularies", name)} for name in names}


def _repeated(record: Record, roles: Collection[str]) -> Iterator[Finding]:
    """Names that stand twice; a party named like a role would be taken for it."""
    for group, what in (("parties", "party"), ("states", "state"), ("clocks", "clock")):
        seen: set[str] = set(roles) if what == "party" else set()
        for position, row in enumerate(record.rows(group)):
            name = str(row[what])
            if name in seen:
                place = record.at(f"/{group}/{position}/{what}")
                yield NAME_REPEATED.finding(place, what=_WHAT[what], name=name)
            seen.add(name)
    for position, row in enumerate(record.rows("parties")):
        if sum(name in row for name in ("agency", "provider_of", "role_of")) != 1:
            yield PARTY_UNCLEAR.finding(record.at(f"/parties/{position}"), title=row["title"])


def _unfinished(record: Record) -> Iterator[Finding]:
    """Guards without what they look at."""
    for group in ("acts", "clocks"):
        for position, row in enumerate(record.rows(group)):
            for at, guard in enumerate(rows_in(row.get("guards"))):
                name = str(guard["guard"])
                for needed, by in (("of", _OF_WHAT), ("words", {*_WORDS_WHAT, "field"})):
                    if name in by and needed not in guard:
                        yield GUARD_INCOMPLETE.finding(
                            record.at(f"/{group}/{position}/guards/{at}"),
                            title=row["title"],
                            guard=name,
                            name=needed,
                            articles=_articles(record),
                        )


_WHAT = {"state": "状态", "act": "动作", "clock": "期限", "party": "当事方", "capacity": "职责或当事方", "field": "动作的栏目", "library-kind": "资源库类别", "sharing-class": "共享类型"}  # fmt: skip


def _names(record: Record, words: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Every name in a procedure that names nothing of it."""
    known: dict[str, set[str]] = {
        "state": {str(row["state"]) for row in record.rows("states")},
        "act": {str(row["act"]) for row in record.rows("acts")},
        "clock": {str(row["clock"]) for row in record.rows("clocks")},
        "capacity": {str(row["party"]) for row in record.rows("parties")} | words["role"],
        "field": set(_ACT_FIELDS),
        "library-kind": words["library-kind"],
        "sharing-class": words["sharing-class"],
    }
    articles = _articles(record)
    for group in ("acts", "clocks"):
        for position, row in enumerate(record.rows(group)):
            for pointer, what, name in _mentions(row, f"/{group}/{position}"):
                if name not in known[what]:
                    yield NAME_UNKNOWN.finding(
                        record.at(pointer),
                        title=row["title"],
                        name=name,
                        what=_WHAT[what],
                        articles=articles,
                        choices="、".join(sorted(known[what])) or "没有",
                    )
    for position, row in enumerate(record.rows("parties")):
        for at, name in enumerate(texts_in(row.get("one_of"))):
            if name not in words["role"]:
                yield NAME_UNKNOWN.finding(
                    record.at(f"/parties/{position}/one_of/{at}"),
                    title=row["title"],
                    name=name,
                    what="职责",
                    articles=articles,
                    choices="、".join(sorted(words["role"])) or "没有",
                )


def _mentions(row: Data, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Every (pointer, what it must be, name) in the row of an act or a clock."""
    for name, what in (("by", "capacity"), ("from", "state"), ("stops", "act")):
        for at, value in enumerate(texts_in(row.get(name))):
            yield f"{pointer}/{name}/{at}", what, value
    for name, what in (("to", "state"), ("duty", "capacity")):
        if name in row:
            yield f"{pointer}/{name}", what, str(row[name])
    for at, start in enumerate(rows_in(row.get("starts"))):
        yield f"{pointer}/starts/{at}/act", "act", str(start["act"])
    for name in ("suspension", "extension"):
        part = row.get(name)
        if isinstance(part, dict):
            yield f"{pointer}/{name}/act", "act", str(part["act"])
            for at, value in enumerate(texts_in(part.get("resumes"))):
                yield f"{pointer}/{name}/resumes/{at}", "act", value
    for at, guard in enumerate(rows_in(row.get("guards"))):
        yield from _guard_mentions(guard, f"{pointer}/guards/{at}")


def _guard_mentions(guard: Data, pointer: str) -> Iterator[tuple[str, str, str]]:
    name = str(guard["guard"])
    if name in _OF_WHAT and "of" in guard:
        yield f"{pointer}/of", _OF_WHAT[name], str(guard["of"])
    if name in _WORDS_WHAT:
        for at, word in enumerate(texts_in(guard.get("words"))):
            yield f"{pointer}/words/{at}", _WORDS_WHAT[name], word


def _paths(record: Record, procedure: Procedure) -> Iterator[Finding]:
    """States and clocks that no path serves."""
    articles = _articles(record)
    if not procedure.opening:
        place = record.at("/acts")
        yield NO_OPENING.finding(place, title=procedure.title, articles=articles)
        return
    reached = _reach(procedure, {way.to for way in procedure.opening})
    for position, row in enumerate(record.rows("states")):
        name = str(row["state"])
        if name not in reached:
            rule = UNREACHABLE
        elif any(_outcome(procedure, state) for state in _reach(procedure, {name})):
            continue
        else:
            rule = DEAD_END
        yield rule.finding(record.at(f"/states/{position}"), title=row["title"], articles=articles)
    for position, way in enumerate(procedure.ways):
        for state in sorted(way.sources):
            if _outcome(procedure, state) and way.to != state:
                yield AFTER_END.finding(
                    record.at(f"/acts/{position}/from"),
                    act=way.title,
                    state=procedure.states[state].title,
                    articles=articles,
                )
    for position, row in enumerate(record.rows("clocks")):
        if not _can_stop(procedure, procedure.clocks[str(row["clock"])]):
            place = record.at(f"/clocks/{position}/stops")
            yield NEVER_STOPS.finding(place, title=row["title"], articles=articles)


def _outcome(procedure: Procedure, state: str) -> bool:
    return state in procedure.states and procedure.is_final(state)


def _reach(procedure: Procedure, start: Collection[str]) -> set[str]:
    """Every state that can follow, the starting ones included."""
    seen, stack = set(start), list(start)
    while stack:
        for way in procedure.by_state.get(stack.pop(), ()):
            if way.to not in seen:
                seen.add(way.to)
                stack.append(way.to)
    return seen


def _can_stop(procedure: Procedure, clock: ClockRule) -> bool:
    starts: set[str] = {way.to for way in procedure.ways if way.act in clock.starts}
    after: set[str] = _reach(procedure, starts)
    stopping: list[Way] = [way for way in procedure.ways if way.act in clock.stops]
    return any(way.sources & after for way in stopping)


def _articles(record: Record) -> str:
    return articles_name(numbers_in(record.get("articles")))
