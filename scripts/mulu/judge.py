"""Runs every rule over the register or over a change, each on its own, and joins what they say.

A rule that raises becomes a fault of that rule; the others still run, and the verdict
does not pass.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TypeVar, cast

import mulu.rules
from mulu.change import HIDDEN, Change
from mulu.findings import Fault, Finding, Rule, Verdict
from mulu.register import Register

T = TypeVar("T")
Check = Callable[[Register, date], Iterator[Finding]]
Review = Callable[[Change, date], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Judge:
    """A rule with the function that checks a state, or the one that reviews a step."""

    rule: Rule
    check: Check | None = None
    review: Review | None = None


@cache
def judges() -> tuple[Judge, ...]:
    """Every module of ``mulu.rules``, in the order of their codes."""
    names = sorted(module.name for module in pkgutil.iter_modules(mulu.rules.__path__))
    modules = [importlib.import_module(f"mulu.rules.{name}") for name in names]
    return tuple(
        Judge(
            cast(Rule, m.RULE),
            cast("Check | None", getattr(m, "check", None)),
            cast("Review | None", getattr(m, "review", None)),
        )
        for m in modules
    )


def judge(
    register: Register,
    day: date,
    loaded: Iterable[Finding] = (),
    among: Iterable[Judge] | None = None,
) -> Verdict:
    """The verdict on a state: what loading found, and what every rule finds on that day."""
    run = _Run(list(loaded))
    for one in judges() if among is None else among:
        if one.check is not None:
            run.take(one.rule, one.check, register, day)
    return run.verdict(register.size)


def judge_change(
    change: Change,
    day: date,
    loaded: Iterable[Finding] = (),
    affected: frozenset[str] = frozenset(),
) -> Verdict:
    """The verdict on a step: what reading it found, the rules about steps, and the rules about states.

    Of the states' findings those count that lie in a record of the change, or in one that it
    affects and where base did not have them: nobody answers for what stood before.
    """
    run = _Run(list(loaded))
    changed = {edit.path for edit in change.edits}
    before = _Run([])
    states = [one for one in judges() if one.check is not None]
    for one in states:
        if one.check is not None:
            before.take(one.rule, one.check, change.base, day)
    known = {finding.fingerprint for finding in before.findings}
    after = _Run([])
    for one in states:
        if one.check is not None:
            after.take(one.rule, one.check, change.head, day)
    for finding in after.findings:
        path = finding.place.path
        news = path in affected and finding.fingerprint not in known and not finding.rule.whole
        if path in changed or news:
            run.findings.append(finding)
    run.ran.extend(after.ran)
    run.faults.extend(after.faults)
    for one in judges():
        if one.review is not None:
            run.take(one.rule, one.review, change, day)
    hidden, unspeakable = change.hidden(day), change.unspeakable(day)
    run.findings = [_quiet(f, hidden) for f in run.findings if f.place.path not in unspeakable]
    return run.verdict(len(change.edits))


def _quiet(finding: Finding, hidden: frozenset[str]) -> Finding:
    """The finding without values, where its file holds what must not be repeated."""
    if finding.place.path not in hidden or finding.rule.article == _SECRECY:
        return finding
    return replace(finding, values=dict.fromkeys(finding.values, HIDDEN))


_SECRECY = 28


@dataclass(slots=True)
class _Run:
    """What has been found so far, which rules ran and which crashed."""

    findings: list[Finding]
    ran: list[str] = field(default_factory=list[str])
    faults: list[Fault] = field(default_factory=list[Fault])

    def take(
        self, rule: Rule, ask: Callable[[T, date], Iterator[Finding]], of: T, day: date
    ) -> None:
        """Let one rule speak; its crash is its own."""
        try:
            self.findings.extend(ask(of, day))
        except Exception as error:  # a fault of one rule must not end the run
            self.faults.append(Fault(rule.code, type(error).__name__))
        else:
            self.ran.append(rule.code)

    def verdict(self, records: int) -> Verdict:
        """Everything, in the order every output has."""
        self.findings.sort(key=lambda finding: finding.order)
        return Verdict(
            tuple(self.findings), records, tuple(sorted(self.ran)), (), tuple(self.faults)
        )
