"""What templates may ask: the register in the words of the page.

Templates see a ``View`` and records, and call the methods here; nothing else computes.
Every text that comes out is plain: the templates escape it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from mulu.duties import Duty, duties
from mulu.findings import article_name, articles_name
from mulu.history import Landing
from mulu.policy.pack import Pack
from mulu.procedures import Run
from mulu.record import Data, Record
from mulu.register import Register, in_force, is_withdrawn, last_act, opened_on, provider

BADGE_OK, BADGE_BAD, BADGE_WARN, BADGE_PLAIN, BADGE_RUNNING = "ok", "bad", "warn", "plain", "base"


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words, with its colour."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of text, perhaps a link (relative to the site's root)."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class View:
    """The register on a day, for one audience."""

    register: Register
    day: date
    as_of: str
    internal: bool = False
    history: Mapping[str, Sequence[Landing]] = field(default_factory=dict[str, Sequence[Landing]])

    # ------------------------------------------------------------------ where things are

    def href(self, kind: str, key: str) -> str:
        """The address of a record's page, relative to the site's root."""
        if kind in ("resource", "entry", "item"):
            return f"resources/{key.partition('#')[0]}/"
        folder = {"agency": "agencies", "library": "libraries", "law": "laws"}.get(kind)
        return f"{folder}/{key}/" if folder else f"cases/{kind}/{key}/"

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

    def edit_href(self, record: Record) -> str:
        """The forge's page for changing the record, or '' where the register names no forge."""
        settings = self.register.settings
        forge = settings.get("forge") if settings else None
        if not isinstance(forge, dict):
            return ""
        style = {"github": "edit", "gitlab": "-/edit", "gitea": "_edit"}[str(forge["kind"])]
        return f"{forge['repository']}/{style}/{forge['branch']}/{record.path}"

    # ------------------------------------------------------------------ words

    def title_of(self, kind: str, *names: str) -> str:
        """The Chinese title a kind's schema gives a property."""
        return str(self._schema(kind, *names).get("title", names[-1]))

    def word(self, kind: str, value: object, *names: str) -> str:
        """An enumerated value in Chinese: from the schema or the pack's vocabulary."""
        schema = self._schema(kind, *names)
        if "x-vocabulary" in schema:
            return self.register.pack.title_of(schema["x-vocabulary"], str(value))
        return str(schema.get("x-titles", {}).get(value, value))

    def term(self, vocabulary: str, word: object) -> str:
        """A word of the pack in Chinese."""
        return self.register.pack.title_of(vocabulary, str(word))

    def article(self, number: int) -> str:
        """第十七条."""
        return article_name(number)

    def articles(self, numbers: Sequence[int]) -> str:
        """第十四条、第十五条."""
        return articles_name(numbers)

    def _schema(self, kind: str, *names: str) -> Mapping[str, Any]:
        schema: Mapping[str, Any] = self.register.schemas.kinds[kind].schema
        for name in names:
            schema = schema["items"] if name == "*" else schema["properties"][name]
        return schema

    # ------------------------------------------------------------------ resources

    def sharing(self, resource: Record) -> Badge:
        """The effective class: only the negative list withholds (art. 7)."""
        if is_withdrawn(resource):
            return Badge("已撤销", BADGE_PLAIN)
        if self.register.is_listed(resource, self.day):
            return Badge(self._class_title(withheld=True), BADGE_BAD)
        if self.register.pack.is_withheld(resource.text("sharing", "declared")):
            return Badge("审核中", BADGE_WARN)
        if self.register.withheld_items(resource, self.day):
            return Badge("部分信息项不予共享", BADGE_WARN)
        return Badge(self.word("resource", resource.text("sharing", "declared"), "sharing", "declared"), BADGE_OK)  # fmt: skip

    def is_shared(self, resource: Record) -> bool:
        """Whether another agency may have the resource (perhaps without some items)."""
        withheld = self.register.is_listed(resource, self.day)
        return not (withheld or is_withdrawn(resource))

    def _class_title(self, *, withheld: bool) -> str:
        pack = self.register.pack
        return pack.title_of("sharing-class", pack.class_word(withheld=withheld))

    def library_kind(self, resource: Record) -> str:
        """The kind of library a resource belongs to, a word of the pack."""
        return self.register.library_kind(resource)

    def freshness(self, resource: Record) -> Badge | None:
        """On time or late by the update cycle; None where that cannot be said."""
        cycle, last = resource.text("update_cycle"), resource.text("refreshed_on")
        limit = self.register.pack.freshness.get(cycle)
        if not last or limit is None:
            return None
        late = (self.day - date.fromisoformat(last)).days - limit
        return Badge(f"更新逾期 {late} 天", BADGE_BAD) if late > 0 else Badge("更新及时", BADGE_OK)

    def items(self, resource: Record) -> list[dict[str, object]]:
        """The rows of the items table."""
        withheld = set(self.register.withheld_items(resource, self.day))
        everything = self.register.is_listed(resource, self.day)
        rows: list[dict[str, object]] = []
        for row in resource.rows("items"):
            name = str(row["name"])
            source = str(row.get("from", ""))
            rows.append(
                {
                    "name": name,
                    "key": row.get("key", ""),
                    "type": self.word("resource", row.get("type", ""), "items", "*", "type"),
                    "length": row.get("length", ""),
                    "code_table": row.get("code_table", ""),
                    "sensitivity": self.word("resource", row.get("sensitivity", ""), "items", "*", "sensitivity"),
                    "identifier": bool(row.get("identifier")),
                    "source": self.link("item", source) if source else None,
                    "note": row.get("note", ""),
                    "withheld": everything or name in withheld,
                }
            )  # fmt: skip
        return rows

    def users(self, resource: Record) -> list[Piece]:
        """Agencies that were granted the use of the resource."""
        return [self.link("agency", agency) for agency in self.register.users(resource, self.day)]

    def bases(self, record: Record, *names: str) -> list[tuple[Piece, str, str]]:
        """Legal bases as (law, clause, reason)."""
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
        return f"{self.register.agency_title(case.text('applicant'))} → {target}"

    def case_state(self, case: Record) -> Badge:
        """Where a case stands, replayed from its acts."""
        played = self.register.replay(case, self.day)
        if played is None or not played.state:
            return Badge("没有按程序检查", BADGE_WARN)
        state = played.procedure.states[played.state]
        if state.outcome:
            return Badge(state.title, BADGE_OK if state.outcome == "met" else BADGE_PLAIN)
        return Badge(state.title, BADGE_RUNNING)

    def clock_badge(self, run: Run) -> Badge:
        """Days left, late, kept, or that the rule states no term."""
        unit = "个工作日" if run.rule.unit == "working-day" else "天"
        left = run.left(self.day, self.register.policies.calendar)
        if left is None:
            return Badge("未规定期限", BADGE_PLAIN)
        if run.stopped is not None:
            return Badge(f"超期 {-left} {unit}", BADGE_BAD) if run.is_late(self.day) else Badge("按期", BADGE_OK)  # fmt: skip
        if run.ended:
            return Badge("不再计算", BADGE_PLAIN)
        if run.is_late(self.day):
            return Badge(f"超期 {-left} {unit}", BADGE_BAD)
        if left < 0:
            return Badge("暂定日期已过", BADGE_WARN)
        return Badge(f"还有 {left} {unit}", BADGE_WARN if left <= 2 else BADGE_RUNNING) if left else Badge("今天到期", BADGE_WARN)  # fmt: skip

    @cached_property
    def duties(self) -> Sequence[Duty]:
        """What every open case waits for, the most pressing first."""
        return duties(self.register, self.day)

    @cached_property
    def _duties_by_case(self) -> Mapping[str, Sequence[Duty]]:
        found: dict[str, list[Duty]] = {}
        for duty in self.duties:
            found.setdefault(duty.case.path, []).append(duty)
        return found

    def duties_of(self, agency: str) -> list[Duty]:
        """An agency's duties."""
        return [duty for duty in self.duties if duty.agency == agency]

    def duties_about(self, case: Record) -> Sequence[Duty]:
        """What a case waits for."""
        return self._duties_by_case.get(case.path, ())

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
        return self.clock_badge(duty.run) if duty.run else Badge("未规定期限", BADGE_PLAIN)

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

    def acts(self, case: Record) -> list[dict[str, object]]:
        """The acts of a case, each as what a reader wants to know of it."""
        return [self._act(case, row) for row in case.rows("acts")]

    def act_title(self, case: Record, act: str) -> str:
        """An act's title in the case's procedure."""
        procedure = self.register.procedure_of(case)
        return procedure.title_of(act) if procedure else act

    def _act(self, case: Record, row: Data) -> dict[str, object]:
        schema = self._schema(case.kind, "acts", "*")
        details: list[tuple[str, Piece]] = []
        for name, below in schema["properties"].items():
            if name in ("act", "date", "by", "as", "basis") or name not in row:
                continue
            if below.get("x-visibility") == "internal" and not self.internal:
                continue
            value = row[name]
            piece = self.link(below["x-reference"], str(value)) if "x-reference" in below else Piece(self.word(case.kind, value, "acts", "*", name))  # fmt: skip
            details.append((str(below["title"]), piece))
        return {
            "title": self.act_title(case, str(row["act"])),
            "date": row["date"],
            "by": self.link("agency", str(row["by"])),
            "role": self.term("role", row["as"]) if "as" in row else "",
            "details": details,
        }

    # ------------------------------------------------------------------ lists

    def sorted_by_title(self, records: Sequence[Record]) -> list[Record]:
        """Records by title, in code-point order: the same on every machine."""
        return sorted(records, key=lambda record: (record.title, record.key))

    def agencies(self) -> list[Record]:
        """Live agencies: city before district, then by key."""
        live = [a for a in self.register.of("agency").values() if not is_withdrawn(a)]
        return sorted(live, key=lambda a: (a.text("level") != "city", a.key))

    def in_force(self, record: Record) -> bool:
        """Whether a law or an entry counts on the view's day."""
        return in_force(record, self.day)

    def provider(self, record: Record) -> str:
        """The agency key of a resource or entry."""
        return provider(record)

    def provider_of(self, case: Record) -> str:
        """The agency that holds what a case is about."""
        return (case.text("resource") or case.text("entry")).partition("/")[0]
