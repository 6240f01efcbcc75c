"""The verdict as JSON: a versioned contract for programs (``cli.md``).

Inner types may change; this shape only grows, and says so in ``version``.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from mulu.findings import Finding, Level, Verdict, article_name
from mulu.review import Concern, Review, Told

VERSION = 1


def render(
    verdict: Verdict, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """The whole verdict; the same bytes for the same findings."""
    return _text(_verdict(verdict, translate))


def render_review(
    review: Review, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """The verdict, and under ``change`` what the change does, whom it touches and who must act."""
    change = {
        "base": review.span[0],
        "head": review.span[1],
        "author": review.change.author,
        "commits": review.span[2],
        "records": [_told(told, translate) for told in review.told],
        "files": list(review.change.others),
        "touched": [_concern(one) for one in review.touched],
        "needed": [_concern(one) for one in review.needed],
    }
    return _text({**_verdict(review.verdict, translate), "change": change})


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _told(told: Told, translate: Callable[[str], str]) -> dict[str, object]:
    return {
        "path": told.edit.path,
        "kind": told.edit.kind,
        "title": told.title,
        "what": told.what,
        "differences": [
            {"pointer": line.pointer, "says": line.sentence(str, translate)} for line in told.lines
        ],
    }


def _concern(one: Concern) -> dict[str, object]:
    return {"agency": one.agency, "title": one.title, "why": list(one.why)}


def _verdict(verdict: Verdict, translate: Callable[[str], str]) -> dict[str, object]:
    return {
        "version": VERSION,
        "passed": verdict.passed,
        "summary": {
            "records": verdict.records,
            "errors": verdict.count(Level.ERROR),
            "warnings": verdict.count(Level.WARNING),
            "notes": verdict.count(Level.NOTE),
        },
        "findings": [_finding(finding, translate) for finding in verdict.findings],
        "skipped": [{"code": code, "why": why} for code, why in verdict.skipped],
        "faults": [{"code": fault.code, "kind": fault.kind} for fault in verdict.faults],
    }


def _finding(finding: Finding, translate: Callable[[str], str]) -> dict[str, object]:
    rule, place = finding.rule, finding.place
    return {
        "code": rule.code,
        "level": rule.level,
        "stage": rule.stage,
        "side": place.side,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "pointer": place.pointer,
        "message": finding.sentence(str, translate),
        "fix": finding.remedy(str, translate),
        "article": article_name(rule.article) if rule.article else None,
        "values": dict(finding.values),
        "related": [
            {"path": at.path, "line": at.line, "column": at.column, "label": label}
            for at, label in finding.related
        ],
    }
