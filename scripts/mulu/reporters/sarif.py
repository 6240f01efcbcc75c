"""The verdict as SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from mulu.findings import Finding, Place, Rule, Verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(
    verdict: Verdict, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """One run; rules that crashed or did not run are notifications, and the run not successful."""
    rules = {finding.rule.code: finding.rule for finding in verdict.findings}
    notices = [(code, f"未检查：{why}") for code, why in verdict.skipped]
    notices += [(fault.code, f"检查程序出错：{fault.kind}") for fault in verdict.faults]
    run = {
        "tool": {
            "driver": {
                "name": "mulu",
                "rules": [_rule(rules[code], translate) for code in sorted(rules)],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not notices,
                "toolExecutionNotifications": [
                    {"level": "error", "descriptor": {"id": code}, "message": {"text": text}}
                    for code, text in notices
                ],
            }
        ],
        "results": [_result(finding, translate) for finding in verdict.findings],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _rule(rule: Rule, translate: Callable[[str], str]) -> dict[str, object]:
    return {
        "id": rule.code,
        "shortDescription": {"text": translate(rule.title)},
        "fullDescription": {"text": "\n\n".join(rule.paragraphs)},
        "help": {"text": f"怎么改：{rule.fix}"},
        "defaultConfiguration": {"level": rule.level},
    }


def _result(finding: Finding, translate: Callable[[str], str]) -> dict[str, object]:
    text = f"{finding.sentence(str, translate)}。怎么改：{finding.remedy(str, translate)}"
    return {
        "ruleId": finding.rule.code,
        "level": finding.rule.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(finding.place)}],
        "relatedLocations": [
            {"id": number, "physicalLocation": _location(place), "message": {"text": label}}
            for number, (place, label) in enumerate(finding.related, 1)
        ],
        "partialFingerprints": {"mulu/v1": finding.fingerprint},
    }


def _location(place: Place) -> dict[str, object]:
    location: dict[str, object] = {"artifactLocation": {"uri": quote(place.path)}}
    if place.line:
        location["region"] = {"startLine": place.line, "startColumn": max(1, place.column)}
    return location
