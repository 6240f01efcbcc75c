"""The verdict as workflow commands: annotations on the lines of a pull request.

Properties and messages are percent-encoded as the runner decodes them, so no value can
begin a command of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from mulu.findings import Finding, Level, Verdict

LIMIT = 200
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(
    verdict: Verdict, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """One command a finding, 200 at most, then one that sums up."""
    rows = [_command(finding, translate) for finding in verdict.findings[:LIMIT]]
    rows += [
        f"::error title={_property(code)}::{_data('未检查：' + why)}"
        for code, why in verdict.skipped
    ]
    rows += [
        f"::error title={_property(f.code)}::{_data('检查程序出错：' + f.kind)}"
        for f in verdict.faults
    ]
    if len(verdict.findings) > LIMIT:
        rows.append(f"::notice title=mulu::还有 {len(verdict.findings) - LIMIT} 处没有列出")
    return "".join(row + "\n" for row in rows)


def _command(finding: Finding, translate: Callable[[str], str]) -> str:
    place = finding.place
    properties = [f"file={_property(place.path)}"]
    if place.line:
        properties += [f"line={place.line}", f"col={place.column}"]
    properties.append(f"title={_property(f'{finding.rule.title} {finding.rule.code}')}")
    text = f"{finding.sentence(str, translate)}。怎么改：{finding.remedy(str, translate)}"
    return f"::{_COMMANDS[finding.rule.level]} {','.join(properties)}::{_data(text)}"


def _data(text: str) -> str:
    safe = "".join(c if c.isprintable() or c in "\r\n" else "?" for c in text)
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
