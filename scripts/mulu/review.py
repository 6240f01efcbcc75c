"""What a reviewer is told of a change beside its faults: what it does, whom it touches, who must act.

Everything is derived: who keeps a record, who uses it, what each case waits for.  A sentence and
its values stay apart, as in a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from mulu.change import (
    HIDDEN,
    Change,
    Difference,
    Edit,
    differences,
    lost_items,
    narrowed_items,
)
from mulu.findings import Verdict
from mulu.procedures import Replay, Run
from mulu.record import Record
from mulu.register import about, provider


@dataclass(frozen=True, slots=True)
class Told:
    """One record of the change: what happened to it, and how, line by line."""

    edit: Edit
    what: str
    title: str
    lines: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Concern:
    """One agency that the change touches or that must act: what for, and in which capacity."""

    agency: str
    title: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Review:
    """A change, its verdict, and what to tell of it."""

    change: Change
    verdict: Verdict
    day: date
    span: tuple[str, str, int]
    """Base and head as hashes, and how many commits lie between them."""
    told: tuple[Told, ...] = ()
    touched: tuple[Concern, ...] = ()
    needed: tuple[Concern, ...] = ()


def review(change: Change, verdict: Verdict, day: date, span: tuple[str, str, int]) -> Review:
    """Tell a judged change."""
    hidden, unspeakable = change.hidden(day), change.unspeakable(day)
    return Review(
        change,
        verdict,
        day,
        span,
        tuple(
            _told(change, edit, day, hidden=edit.path in hidden)
            for edit in change.edits
            if edit.path not in unspeakable
        ),
        tuple(_concerns(change, _touched(change, day))),
        tuple(_concerns(change, _needed(change, day))),
    )


def _told(change: Change, edit: Edit, day: date, *, hidden: bool) -> Told:
    kind = change.head.schemas.kinds[edit.kind].title
    title = edit.record.title if edit.record else edit.key
    if not edit.was:
        what = f"新增{kind}"
    elif not edit.now:
        what = f"删除{kind}"
    else:
        what = f"修改{kind}"
    if hidden:
        return Told(edit, what, edit.key, (Difference("", HIDDEN, {}),))
    lines = [*differences(change.head, edit)]
    if edit.is_case:
        title = _case_title(change, edit)
        lines += _course(change, edit, day)
    return Told(edit, what, title, tuple(lines))


def _case_title(change: Change, edit: Edit) -> str:
    record = edit.record
    if record is None:
        return edit.key
    subject = change.head.find("resource", about(record))
    applicant = change.head.agency_title(record.text("applicant"))
    against = record.text("against")
    what = subject.title if subject else change.head.agency_title(against) if against else edit.key
    return f"{applicant}：{what}"


def _course(change: Change, edit: Edit, day: date) -> Iterator[Difference]:
    """Acts added, states before and after, clocks started, stopped, moved."""
    before = change.base.replay(edit.before, day) if edit.before else None
    after = change.head.replay(edit.after, day) if edit.after else None
    for position, act in edit.new_acts:
        title = str(act["act"])
        if after is not None:
            title = next((s.way.title for s in after.history if s.position == position), title)
        values = {"date": str(act["date"]), "agency": change.head.agency_title(str(act["by"])), "act": title}  # fmt: skip
        yield Difference(f"/acts/{position}", "{date} {agency}：{act}", values)
    if after is not None and _state(before) != _state(after):
        values = {"before": _state(before), "after": _state(after)}
        yield Difference("/acts", "状态：{before} → {after}", values)
    yield from _clocks(before, after)


def _state(played: Replay | None) -> str:
    if played is None or not played.state:
        return "未立案"
    return played.procedure.states[played.state].title


def _clocks(before: Replay | None, after: Replay | None) -> Iterator[Difference]:
    old = _runs(before)
    for identity, run in _runs(after).items():
        was = old.get(identity)
        title, due = run.rule.title, _due(run)
        if was is None:
            says = "期限“{clock}”已停" if not run.is_running else "期限“{clock}”起算，{due}"
        elif was.is_running and not run.is_running:
            says = "期限“{clock}”停止"
        elif _due(was) != due:
            says = "期限“{clock}”变动：{before} → {due}"
        else:
            continue
        values = {"clock": title, "due": due, "before": _due(was) if was else ""}
        used = {name: value for name, value in values.items() if f"{{{name}}}" in says}
        yield Difference("/acts", says, used)


def _runs(played: Replay | None) -> Mapping[tuple[str, int], Run]:
    return {(run.rule.name, run.position): run for run in played.clocks} if played else {}


def _due(run: Run) -> str:
    if run.due is None:
        return "未规定期限"
    return f"最迟 {run.due.day}{'（暂定）' if run.due.provisional else ''}"


@dataclass(slots=True)
class _Reasons:
    """Why each agency is concerned, without saying anything twice."""

    why: dict[str, dict[str, None]] = field(default_factory=dict[str, dict[str, None]])

    def add(self, agency: str, why: str) -> None:
        if agency:
            self.why.setdefault(agency, {})[why] = None


def _concerns(change: Change, reasons: _Reasons) -> Iterator[Concern]:
    for agency, why in sorted(reasons.why.items()):
        yield Concern(agency, change.head.agency_title(agency), tuple(why))


def _touched(change: Change, day: date) -> _Reasons:
    """Providers, users with opened requests, and the parties of cases."""
    found = _Reasons()
    for edit in change.edits:
        record = edit.record
        if record is None:
            continue
        if edit.kind in ("resource", "entry"):
            found.add(provider(record), "提供单位")
        if edit.kind == "resource" and edit.before is not None:
            for case in change.base.granted(edit.before, day):
                found.add(case.text("applicant"), "使用单位")
        if edit.is_case:
            _parties(change, record, found)
        if edit.kind == "agency":
            found.add(edit.key, "本单位的记录")
    return found


def _parties(change: Change, case: Record, found: _Reasons) -> None:
    found.add(case.text("applicant"), "提出单位")
    found.add(case.text("against"), "被投诉或被整改的单位")
    found.add(about(case).partition("/")[0], "提供单位")


def _needed(change: Change, day: date) -> _Reasons:
    """Who must still act: users whose items go, and whoever each case waits for now."""
    found = _Reasons()
    for edit in change.of("resource"):
        gone = [*lost_items(edit), *narrowed_items(edit)]
        for case in change.base.granted(edit.before, day) if edit.before and gone else ():
            if change.unacknowledged(case, gone):
                found.add(case.text("applicant"), f"知悉信息项变更（{case.kind}/{case.key}）")
    for edit in change.edits:
        played = change.head.replay(edit.after, day) if edit.is_case and edit.after else None
        for step in played.next if played and not played.ended and not played.refused else ():
            for capacity, agency in step.who if not step.way.optional else ():
                pack = change.head.pack_of(edit.after) if edit.after else None
                role = pack.capacity_title(played.procedure, capacity) if pack and played else capacity  # fmt: skip
                found.add(agency, f"{step.way.title}（以{role}的身份，{edit.key}）")
    return found
