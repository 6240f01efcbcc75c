"""The verdict as JUnit XML: a test case a rule that ran, its findings as failures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from mulu.findings import Finding, Level, Verdict


def render(
    verdict: Verdict, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """Errors fail their case; warnings and notes stand in its output."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in verdict.findings:
        found[finding.rule.code].append(finding)
    codes = sorted({*verdict.ran, *found})
    cases = [_case(code, found[code], translate) for code in codes]
    cases += [f'<testcase classname="mulu" name={_attribute(code)}><skipped message={_attribute(why)}/></testcase>' for code, why in verdict.skipped]  # fmt: skip
    cases += [f'<testcase classname="mulu" name={_attribute(f.code)}><error message={_attribute(f.kind)}/></testcase>' for f in verdict.faults]  # fmt: skip
    failures = sum(any(f.rule.level is Level.ERROR for f in rows) for rows in found.values())
    head = f'<testsuite name="mulu" tests="{len(cases)}" failures="{failures}" errors="{len(verdict.faults)}" skipped="{len(verdict.skipped)}">'  # fmt: skip
    body = "\n".join(cases)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{body}\n</testsuite>\n'


def _case(code: str, findings: list[Finding], translate: Callable[[str], str]) -> str:
    parts = [f'<testcase classname="mulu" name={_attribute(code)}>']
    for finding in findings:
        place = finding.place
        text = f"{place.path}:{place.line}:{place.column} {finding.sentence(str, translate)}。怎么改：{finding.remedy(str, translate)}"  # fmt: skip
        if finding.rule.level is Level.ERROR:
            parts.append(
                f"<failure message={_attribute(finding.rule.title)}>{escape(_xml(text))}</failure>"
            )
        else:
            parts.append(f"<system-out>{escape(_xml(text))}</system-out>")
    return "".join([*parts, "</testcase>"])


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))


def _xml(text: str) -> str:
    """Only characters that XML can hold and a reader can see."""
    return "".join(c if c.isprintable() else "?" for c in text)
