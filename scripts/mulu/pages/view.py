"""What pages may ask: the register in the words of one language, for one audience and day.

A ``View`` turns records into plain values (texts, badges, links, rows); ``Words`` names what
schemas and the pack call things.  Templates see plain values, the page's own record and
``Words``, never the register: what a page shows is then all that it depends on.
Every text that comes out is plain: the templates escape it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from mulu.duties import Duty, duties
from mulu.findings import article_name, articles_name
from mulu.history import Landing
from mulu.loading.schemas import Schemas
from mulu.pages.direction import isolated
from mulu.pages.language import Language
from mulu.pages.sheet import key_of
from mulu.policy.pack import Pack
from mulu.procedures import Run
from mulu.record import Data, Record, Value
from mulu.register import Register, in_force, is_withdrawn, last_act, opened_on, provider

BADGE_OK, BADGE_BAD, BADGE_WARN, BADGE_PLAIN, BADGE_RUNNING = "ok", "bad", "warn", "plain", "base"


class Badge(NamedTuple):
    """A state in words, with its colour.

    ``clock`` is what a browser needs to say it on a later day: the due date, the unit of the
    term and whether the date is provisional; '' for what no day changes.
    """

    text: str
    tone: str
    clock: str = ""


class Piece(NamedTuple):
    """A bit of text, perhaps a link (relative to the root of the language's pages)."""

    text: str
    href: str = ""


class ResourceRow(NamedTuple):
    """A resource as lists show it."""

    href: str
    title: str
    agency: Piece
    sharing: Badge
    library: str
    cycle: str
    items: int
    refreshed: str


class CaseRow(NamedTuple):
    """A case as lists show it; ``tone`` is late, done or open."""

    href: str
    title: str
    kind: str
    state: Badge
    late: Badge | None
    day: str
    tone: str


class DutyRow(NamedTuple):
    """A duty as the boards show it."""

    due: str
    is_provisional: bool
    badge: Badge
    since: str
    waited: int
    agency: Piece
    what: str
    case: Piece
    kind: str
    articles: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be: all it depends on is here, and what its template does is the same for all.

    ``shown`` holds plain values; ``record`` is the one record whose data the template may read;
    ``more`` adds what follows from that record and the constants of the build alone.
    """

    path: str
    template: str
    title: str
    description: str
    shown: Mapping[str, Any]
    record: Record | None = None
    more: Callable[[], Mapping[str, Any]] | None = None
    is_gone: bool = False
    """A tombstone's page: it says why, and search engines are asked to forget it."""


Builder: TypeAlias = "Callable[[View], Page]"
"""How a page comes to be in any language: the same page for every view, but for its words."""


@dataclass(frozen=True)
class Words:
    """What schemas and the pack call things, in one language."""

    language: Language
    schemas: Schemas
    pack: Pack
    internal: bool = False

    def title_of(self, kind: str, *names: str) -> str:
        """The title a kind's schema gives a property."""
        return self.language.say(str(self.schema(kind, *names).get("title", names[-1])))

    def kind(self, kind: str) -> str:
        """What a kind of record is called."""
        return self.language.say(self.schemas.kinds[kind].title)

    def word(self, kind: str, value: object, *names: str) -> str:
        """An enumerated value in words: from the schema or the pack's vocabulary."""
        return self.value(self.schema(kind, *names), value)

    def value(self, schema: Mapping[str, Any], value: object) -> str:
        """A value in words where its schema has words for it, as it is elsewhere."""
        if "x-vocabulary" in schema:
            return self.term(schema["x-vocabulary"], value)
        titles = schema.get("x-titles")
        return self.language.say(str(titles[value])) if titles and value in titles else str(value)

    def term(self, vocabulary: str, word: object) -> str:
        """A word of the pack."""
        return self.language.say(self.pack.title_of(vocabulary, str(word)))

    def article(self, number: int) -> str:
        """第十七条."""
        return article_name(number)

    def articles(self, numbers: Sequence[int]) -> str:
        """第十四条、第十五条."""
        return articles_name(numbers)

    def day(self, value: object) -> str:
        """A date as the language writes it."""
        return self.language.day(value)

    def number(self, value: int) -> str:
        """A number as the language writes it."""
        return self.language.number(value)

    def schema(self, kind: str, *names: str) -> Mapping[str, Any]:
        """The schema of a property; '*' walks into a list's rows."""
        schema: Mapping[str, Any] = self.schemas.kinds[kind].schema
        for name in names:
            schema = schema["items"] if name == "*" else schema["properties"][name]
        return schema


@dataclass(frozen=True)
class View:
    """The register on a day, for one audience, in one language."""

    register: Register
    day: date
    internal: bool = False
    history: Mapping[str, Sequence[Landing]] = field(default_factory=dict[str, Sequence[Landing]])
    language: Language = field(default_factory=Language)
    digests: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """What the shell knows of each file's content, by path."""
    shared: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    """What is the same in every language, worked out once: the views of a build have it in common."""
    rows: dict[str, ResourceRow] = field(default_factory=dict[str, ResourceRow], repr=False, compare=False)  # fmt: skip
    """Resources as lists show them, by key: filled as they are asked for, or from an earlier build."""

    @cached_property
    def words(self) -> Words:
        """The names of things in this view's language."""
        return Words(self.language, self.register.schemas, self.register.pack, self.internal)

    def prepare(self) -> None:
        """Work out what many pages ask for, so that processes forked from here need not."""
        register = self.register
        for case in register.cases:
            register.replay(case, self.day)
        _ = (
            self.duties_by_agency,
            self._duties_by_case,
            register.backlinks,
            register.resources_by_agency,
        )
        _ = (register.cases_by_resource, register.cases_by_agency, register.resources_by_library)

    def say(self, text: str, **values: object) -> str:
        """A sentence of the interface in this view's language."""
        return self.language.say(text, **values)

    def digest(self, record: Record) -> bytes:
        """Which record it is and what it says, as a digest: two may say the same."""
        known = self.digests.get(record.path)
        return key_of(record.path, known if known is not None else repr(record.data))

    # ------------------------------------------------------------------ where things are

    def href(self, kind: str, key: str) -> str:
        """The address of a record's page, relative to the root of the language's pages.

        '' for kinds without pages of their own.
        """
        if kind in ("resource", "entry", "item"):
            return f"resources/{key.partition('#')[0]}/"
        folder = {"agency": "agencies", "library": "libraries", "law": "laws"}.get(kind)
        if folder:
            return f"{folder}/{key}/"
        return f"cases/{kind}/{key}/" if kind in self.register.case_kinds else ""

    def link(self, kind: str, key: str) -> Piece:
        """A record's title with its address; the bare key where there is no such record."""
        bare = key.partition("#")[0]
        record = self.register.find("resource" if kind in ("item", "entry") else kind, bare)
        if record is None:
            return Piece(key)
        title = self.case_title(record) if "acts" in record.data else record.title
        if kind in ("agency", "law"):
            title = record.text("short") or record.title
        if kind == "item":
            title = f"{title} · {key.partition('#')[2]}"
        return Piece(title, self.href(kind, key))

    def agency(self, key: str) -> Piece:
        """An agency by its short name, linked; nothing where the key is empty."""
        return self.link("agency", key) if key else Piece("")

    def source_href(self, record: Record) -> str:
        """The forge's page for changing the record, or '' where the register names no forge."""
        return self._forge_href(record, {"github": "edit", "gitlab": "-/edit", "gitea": "_edit"})

    def history_href(self, record: Record) -> str:
        """The forge's page with every change of the record, or ''."""
        return self._forge_href(
            record, {"github": "commits", "gitlab": "-/commits", "gitea": "commits/branch"}
        )

    def _forge_href(self, record: Record, styles: Mapping[str, str]) -> str:
        settings = self.register.settings
        forge = settings.get("forge") if settings else None
        if not isinstance(forge, dict):
            return ""
        return f"{forge['repository']}/{styles[str(forge['kind'])]}/{forge['branch']}/{record.path}"

    def landings(self, record: Record) -> tuple[tuple[str, str, str], ...]:
        """The changes of a record, newest first, as (day, author, subject)."""
        return tuple(
            (one.day, one.author, one.subject) for one in self.history.get(record.path, ())
        )

    def about(self, record: Record) -> dict[str, Any]:
        """What every record's page ends with: identity, how to improve it, and its history."""
        return {
            "href": self.href(record.kind, record.key),
            "source": self.source_href(record),
            "all_changes": self.history_href(record),
            "landings": self.landings(record)[:20],
            "earlier": max(0, len(self.landings(record)) - 20),
        }

    # ------------------------------------------------------------------ resources

    def sharing(self, resource: Record) -> Badge:
        """The effective class: only the negative list withholds (art. 7)."""
        if is_withdrawn(resource):
            return Badge(self.say("已撤销"), BADGE_PLAIN)
        if self.register.is_listed(resource, self.day):
            return Badge(self._class_title(withheld=True), BADGE_BAD)
        if self.is_claimed(resource):
            return Badge(self.say("审核中"), BADGE_WARN)
        if self.register.withheld_items(resource, self.day):
            return Badge(self.say("部分信息项不予共享"), BADGE_WARN)
        return Badge(self.words.word("resource", resource.text("sharing", "declared"), "sharing", "declared"), BADGE_OK)  # fmt: skip

    @cached_property
    def tells_reasons(self) -> bool:
        """Whether this audience sees the negative list: a register may keep it inside (art. 17)."""
        settings = self.register.settings
        kept = settings.text("audiences", "negative_list") if settings else ""
        return self.internal or kept != "internal"

    def is_claimed(self, resource: Record) -> bool:
        """Whether the provider declares a live resource withheld and the list does not (yet) say so."""
        declared = self.register.pack.is_withheld(resource.text("sharing", "declared"))
        return (
            declared
            and not is_withdrawn(resource)
            and not self.register.is_listed(resource, self.day)
        )

    def is_shared(self, resource: Record) -> bool:
        """Whether another agency may have the resource (perhaps without some items)."""
        withheld = self.register.is_listed(resource, self.day)
        return not (withheld or is_withdrawn(resource))

    def _class_title(self, *, withheld: bool) -> str:
        pack = self.register.pack
        return self.words.term("sharing-class", pack.class_word(withheld=withheld))

    def library_kind(self, resource: Record) -> str:
        """The kind of library a resource belongs to, a word of the pack."""
        return self.register.library_kind(resource)

    def library(self, resource: Record) -> Piece:
        """The library a resource belongs to; the provider's own where it names none."""
        named = resource.text("library")
        if named and self.register.find("library", named):
            return self.link("library", named)
        return Piece(self.words.term("library-kind", self.library_kind(resource)))

    def freshness(self, resource: Record) -> Badge | None:
        """On time or late by the update cycle; None where that cannot be said."""
        cycle, last = resource.text("update_cycle"), resource.text("refreshed_on")
        limit = self.register.pack.freshness.get(cycle)
        if not last or limit is None or is_withdrawn(resource):
            return None
        late = (self.day - date.fromisoformat(last)).days - limit
        if late > 0:
            return Badge(self.language.count("更新逾期 {n} 天", late), BADGE_BAD)
        return Badge(self.say("更新及时"), BADGE_OK)

    def resource_row(self, resource: Record) -> ResourceRow:
        """A resource as lists show it."""
        known = self.rows.get(resource.key)
        if known is None:
            known = self.rows[resource.key] = ResourceRow(
                self.href("resource", resource.key),
                resource.title,
                self.agency(provider(resource)),
                self.sharing(resource),
                self.library_kind(resource),
                self.words.word("resource", resource.text("update_cycle"), "update_cycle"),
                len(resource.rows("items")),
                resource.text("refreshed_on"),
            )
        return known

    def resource_rows(self, resources: Sequence[Record]) -> list[ResourceRow]:
        """Resources as lists show them, by title in code-point order: the same on every machine."""
        return [self.resource_row(one) for one in sorted(resources, key=lambda r: (r.title, r.key))]

    def users(self, resource: Record) -> list[Piece]:
        """Agencies that were granted the use of the resource."""
        return [self.agency(agency) for agency in self.register.users(resource, self.day)]

    def bases(self, record: Record, *names: str) -> list[tuple[Piece, str, str]]:
        """Legal bases as (law, clause, reason); none of a negative list that is kept inside."""
        if record.kind == "entry" and not self.tells_reasons:
            return []
        return [
            (
                self.link("law", str(row["law"])),
                str(row["clause"]),
                str(row.get("reason", "")) or self.clause(str(row["law"]), str(row["clause"])),
            )
            for row in record.rows(*names, "basis")
        ]

    def clause(self, law: str, clause: str) -> str:
        """What a clause asks, as the law's record puts it, or ''."""
        record = self.register.find("law", law)
        rows = record.rows("clauses") if record else []
        return next((str(row["says"]) for row in rows if row.get("clause") == clause), "")

    # ------------------------------------------------------------------ cases

    def case_title(self, case: Record) -> str:
        """Who wants what: 市教育局 → 户籍人口基本信息."""
        against, about = case.text("against"), case.text("resource") or case.text("entry")
        target = (
            self.register.agency_title(against) if against else self.link("resource", about).text
        )
        applicant = self.register.agency_title(case.text("applicant"))
        return f"{isolated(applicant)} → {isolated(target)}"

    def case_state(self, case: Record) -> Badge:
        """Where a case stands, replayed from its acts."""
        played = self.register.replay(case, self.day)
        if played is None or not played.state:
            return Badge(self.say("没有按程序检查"), BADGE_WARN)
        state = played.procedure.states[played.state]
        if state.outcome:
            tone = BADGE_OK if state.outcome == "met" else BADGE_PLAIN
            return Badge(self.say(state.title), tone)
        return Badge(self.say(state.title), BADGE_RUNNING)

    def clock_badge(self, run: Run) -> Badge:
        """Days left, late, kept, or that the rule states no term."""
        badge = self._clock_badge(run)
        if run.due is None or not run.is_running or run.paused:
            return badge
        provisional = " provisional" if run.due.provisional else ""
        return badge._replace(clock=f"{run.due.day} {run.rule.unit}{provisional}")

    def _clock_badge(self, run: Run) -> Badge:
        left = run.left(self.day, self.register.policies.calendar)
        if left is None:
            return Badge(self.say("未规定期限"), BADGE_PLAIN)
        late = run.is_late(self.day)
        if run.stopped is not None:
            return self._late(run, -left) if late else Badge(self.say("按期"), BADGE_OK)
        if run.ended:
            return Badge(self.say("不再计算"), BADGE_PLAIN)
        if late:
            return self._late(run, -left)
        if left < 0:
            return Badge(self.say("暂定日期已过"), BADGE_WARN)
        if not left:
            return Badge(self.say("今天到期"), BADGE_WARN)
        says = "还有 {n} 个工作日" if run.rule.unit == "working-day" else "还有 {n} 天"
        return Badge(self.language.count(says, left), BADGE_WARN if left <= 2 else BADGE_RUNNING)

    def _late(self, run: Run, days: int) -> Badge:
        says = "超期 {n} 个工作日" if run.rule.unit == "working-day" else "超期 {n} 天"
        return Badge(self.language.count(says, days), BADGE_BAD)

    @property
    def duties(self) -> Sequence[Duty]:
        """What every open case waits for, the most pressing first."""
        if "duties" not in self.shared:
            self.shared["duties"] = duties(self.register, self.day)
        found: Sequence[Duty] = self.shared["duties"]
        return found

    @cached_property
    def _duties_by_case(self) -> Mapping[str, Sequence[Duty]]:
        found: dict[str, list[Duty]] = {}
        for duty in self.duties:
            found.setdefault(duty.case.path, []).append(duty)
        return found

    @cached_property
    def duties_by_agency(self) -> Mapping[str, Sequence[Duty]]:
        """Duties by the agency that has them; '' where nobody holds the capacity."""
        found: dict[str, list[Duty]] = {}
        for duty in self.duties:
            found.setdefault(duty.agency, []).append(duty)
        return found

    def duties_about(self, case: Record) -> Sequence[Duty]:
        """What a case waits for."""
        return self._duties_by_case.get(case.path, ())

    def duty_row(self, duty: Duty) -> DutyRow:
        """A duty as the boards show it."""
        return DutyRow(
            str(duty.due or ""),
            duty.is_provisional,
            self.duty_badge(duty),
            duty.since,
            self.waited(duty),
            self.agency(duty.agency),
            self.say(" 或 ").join(dict.fromkeys(self.say(way.title) for way in duty.ways)),
            Piece(self.case_title(duty.case), self.href(duty.case.kind, duty.case.key)),
            self.words.kind(duty.case.kind),
            articles_name(duty.articles),
            duty.late,
        )

    def lateness(self, case: Record) -> Badge | None:
        """Days left or late of the case's most pressing duty; None where no term runs."""
        rows = [duty for duty in self.duties_about(case) if duty.due is not None]
        return self.duty_badge(rows[0]) if rows else None

    def is_late(self, case: Record) -> bool:
        """Whether a case waits for somebody who is late."""
        return any(duty.late for duty in self.duties_about(case))

    def urgency(self, case: Record) -> tuple[bool, str]:
        """Sort key: cases with a due date first, by date; the rest by their newest act."""
        dues = [str(duty.due) for duty in self.duties_about(case) if duty.due is not None]
        return (not dues, min(dues, default=self.case_day(case)))

    def waited(self, duty: Duty) -> int:
        """Working days since the act that made it this agency's turn."""
        return self.register.policies.calendar.between(date.fromisoformat(duty.since), self.day)

    def duty_badge(self, duty: Duty) -> Badge:
        """The clock of a duty as a badge."""
        return (
            self.clock_badge(duty.run) if duty.run else Badge(self.say("未规定期限"), BADGE_PLAIN)
        )

    def case_row(self, case: Record) -> CaseRow:
        """A case as lists show it."""
        late = self.is_late(case)
        ended = self.register.has_ended(case, self.day)
        return CaseRow(
            self.href(case.kind, case.key),
            self.case_title(case),
            self.words.kind(case.kind),
            self.case_state(case),
            self.lateness(case),
            self.case_day(case),
            "late" if late else "done" if ended else "open",
        )

    def case_rows(self, cases: Sequence[Record]) -> list[CaseRow]:
        """Cases as lists show them, in the order given."""
        return [self.case_row(case) for case in cases]

    def procedure_href(self, pack: Pack, name: str) -> str:
        """The address of a procedure's page; '' where the pack has none."""
        if name not in pack.procedures:
            return ""
        return f"{self.pack_folder(pack)}procedures/{name}/"

    def pack_folder(self, pack: Pack) -> str:
        """Where a pack's pages lie: at the root for the register's own."""
        if pack is self.register.pack:
            return ""
        newest = self.register.policies.named(pack.name)
        return f"packs/{pack.name if pack is newest else pack.reference}/"

    def case_day(self, case: Record) -> str:
        """The date of the newest act."""
        return str(last_act(case).get("date", "")) or opened_on(case)

    def acts(self, case: Record) -> list[dict[str, Any]]:
        """The acts of a case, each as what a reader wants to know of it."""
        return [self._act(case, row) for row in case.rows("acts")]

    def act_title(self, case: Record, act: str) -> str:
        """An act's title in the case's procedure."""
        procedure = self.register.procedure_of(case)
        return self.say(procedure.title_of(act)) if procedure else act

    def _act(self, case: Record, row: Data) -> dict[str, Any]:
        schema = self.words.schema(case.kind, "acts", "*")
        details: list[tuple[str, Piece]] = []
        for name, below in schema["properties"].items():
            if name in ("act", "date", "by", "as", "basis") or name not in row:
                continue
            if below.get("x-visibility") == "internal" and not self.internal:
                continue
            details.append((self.say(str(below["title"])), self._detail(row[name], below)))
        return {
            "title": self.act_title(case, str(row["act"])),
            "date": str(row["date"]),
            "by": self.agency(str(row["by"])),
            "role": self.words.term("role", row["as"]) if "as" in row else "",
            "details": details,
        }

    def _detail(self, value: Value, schema: Mapping[str, Any]) -> Piece:
        if isinstance(value, list):
            return Piece(self.language.join([str(one) for one in value]))
        if "x-reference" in schema:
            return self.link(schema["x-reference"], str(value))
        if schema.get("format") == "date":
            return Piece(self.language.day(value))
        return Piece(self.words.value(schema, value))

    # ------------------------------------------------------------------ lists

    def agencies(self) -> list[Record]:
        """Live agencies: city before district, then by key."""
        live = [a for a in self.register.of("agency").values() if not is_withdrawn(a)]
        return sorted(live, key=lambda a: (a.text("level") != "city", a.key))

    def in_force(self, record: Record) -> bool:
        """Whether a law or an entry counts on the view's day."""
        return in_force(record, self.day)
