"""Runs every rule over the register, each on its own, and joins what they say.

A rule that raises becomes a fault of that rule; the others still run, and the verdict
does not pass.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import cast

import mulu.rules
from mulu.findings import Fault, Finding, Rule, Verdict
from mulu.register import Register

Check = Callable[[Register, date], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Judge:
    """A rule with the function that checks it."""

    rule: Rule
    check: Check


@cache
def judges() -> tuple[Judge, ...]:
    """Every module of ``mulu.rules``, in the order of their codes."""
    names = sorted(module.name for module in pkgutil.iter_modules(mulu.rules.__path__))
    modules = [importlib.import_module(f"mulu.rules.{name}") for name in names]
    return tuple(Judge(cast(Rule, m.RULE), cast(Check, m.check)) for m in modules)


def judge(
    register: Register,
    day: date,
    loaded: Iterable[Finding] = (),
    among: Iterable[Judge] | None = None,
) -> Verdict:
    """The verdict on a state: what loading found, and what every rule finds on that day."""
    findings = list(loaded)
    ran: list[str] = []
    faults: list[Fault] = []
    for one in judges() if among is None else among:
        try:
            findings.extend(one.check(register, day))
        except Exception as error:  # a fault of one rule must not end the run
            faults.append(Fault(one.rule.code, type(error).__name__))
        else:
            ran.append(one.rule.code)
    findings.sort(key=lambda finding: finding.order)
    return Verdict(tuple(findings), register.size, tuple(ran), (), tuple(faults))
