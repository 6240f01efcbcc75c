"""The verdict as GitLab Code Quality JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

from mulu.findings import Level, Verdict

_SEVERITIES = {Level.ERROR: "blocker", Level.WARNING: "minor", Level.NOTE: "info"}


def render(
    verdict: Verdict, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """One issue a finding; faults and skipped rules are blockers without a file."""
    issues: list[dict[str, object]] = [
        {
            "description": f"{finding.sentence(str, translate)}。怎么改：{finding.remedy(str, translate)}",
            "check_name": finding.rule.code,
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[finding.rule.level],
            "location": {
                "path": finding.place.path,
                "lines": {"begin": max(1, finding.place.line)},
            },
        }
        for finding in verdict.findings
    ]
    unchecked = [(code, f"未检查：{why}") for code, why in verdict.skipped]
    unchecked += [(fault.code, f"检查程序出错：{fault.kind}") for fault in verdict.faults]
    for code, text in unchecked:
        location = {"path": "catalog/register.yml", "lines": {"begin": 1}}
        issues.append({"description": text, "check_name": code, "fingerprint": f"unchecked-{code}", "severity": "blocker", "location": location})  # fmt: skip
    return json.dumps(issues, ensure_ascii=False, indent=1) + "\n"
