"""Each reporter says all of a verdict in its own form, and no value breaks out of it."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from goldens import compare
from mulu.findings import Fault, Finding, Level, Place, Rule, Side, Stage, Verdict
from mulu.reporters import markdown, terminal

FORMS = {"terminal": "txt", "json": "json", "sarif": "sarif", "github": "txt", "gitlab": "json", "junit": "xml", "markdown": "md"}  # fmt: skip
HOSTILE = "甲\n::error file=x::乙\x1b[31m<script>alert(1)</script>@everyone ![x](http://e) `code` \"'%0A|#12 cafe\u0301"
WRONG = Rule("not-allowed", "不在可选值之中", "“{title}”不能是“{value}”", "可选：{choices}", "为什么。", stage=Stage.SCHEMA, article=13)  # fmt: skip
LATE = Rule("basis-needs-review", "依据已经变化", "依据的《{law}》失效", "复核依据", "为什么。", Level.WARNING, article=18)  # fmt: skip
THIN = Rule(
    "incomplete-by-guide", "核心元数据不全", "还缺：{missing}", "补上", "为什么。", Level.NOTE
)
PATH = "catalog/resources/minzheng/hunyin-dengji.yml"
SOURCE = {(PATH, 3): "update_cycle: 每天\x1b[31m  # 注", (PATH, 9): "  - name: 婚姻登记"}


def lines(path: str, number: int) -> str:
    """The source lines of the verdict's file."""
    return SOURCE.get((path, number), "")


def verdict() -> Verdict:
    """Findings of all levels, with a hostile value, two places, no line, a fault, a skipped rule."""
    findings = (
        WRONG.finding(Place(PATH, "/update_cycle", 3, 15), title="更新周期", value=HOSTILE, choices="daily（每日）"),
        LATE.finding(Place(PATH, "/items/0", 9, 11), related=((Place("negative-list/laws/a.yml", "", 1, 1, Side.BASE), "法律文件"),), law="统计法"),
        THIN.finding(Place("catalog/register.yml"), missing="信息项信息"),
    )  # fmt: skip
    return Verdict(findings, 3, ("not-allowed", "role-unfilled"), (("history", "没有仓库"),), (Fault("bad-uscc", "KeyError"),))  # fmt: skip


def rendered(form: str, what: Verdict, *, colour: bool = False) -> str:
    render: Callable[..., str] = importlib.import_module(f"mulu.reporters.{form}").render
    options: dict[str, Any] = {"colour": colour} if form == "terminal" else {}
    return render(what, translate=str, lines=lines, **options)


@pytest.mark.parametrize("form", FORMS)
def test_golden(form: str) -> None:
    compare(f"reporters/{form}", {f"verdict.{FORMS[form]}": rendered(form, verdict()).encode()})


@pytest.mark.parametrize("form", FORMS)
def test_nothing_unprintable_comes_out(form: str) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", rendered(form, verdict()))


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_verdict_has_a_form(form: str) -> None:
    text = rendered(form, Verdict((), 0))
    assert text.endswith("\n") or text == ""


@pytest.mark.parametrize("form", FORMS)
def test_faults_and_skipped_rules_are_said(form: str) -> None:
    text = rendered(form, verdict())
    for word in ("bad-uscc", "KeyError", "history"):
        assert word in text


def test_json_is_the_contract() -> None:
    document = json.loads(rendered("json", verdict()))
    assert list(document) == ["version", "passed", "summary", "findings", "skipped", "faults"]
    assert document["summary"] == {"records": 3, "errors": 1, "warnings": 1, "notes": 1}
    assert [set(f) for f in document["findings"]] == [{"code", "level", "stage", "side", "path", "line", "column", "pointer", "message", "fix", "article", "values", "related"}] * 3  # fmt: skip
    assert document["findings"][0]["values"]["value"] == HOSTILE


def test_only_our_commands_begin_a_line_in_the_workflow_log() -> None:
    for line in rendered("github", verdict()).splitlines():
        assert re.match(r"::(error|warning|notice) (file=catalog/|title=)", line)
        assert (
            line.count("::") == 2 or "%3A" in line or "::error file=x::" in line.partition("::")[2]
        )
    assert len(rendered("github", verdict()).splitlines()) == 5


def test_the_log_is_capped() -> None:
    many = Verdict(
        tuple(THIN.finding(Place("a.yml", "", n, 1), missing="x") for n in range(1, 302)), 301
    )
    assert rendered("github", many).splitlines()[200:] == [
        "::notice title=mulu::还有 101 处没有列出"
    ]
    assert "还有 101 处没有列出" in rendered("markdown", many)
    assert rendered("terminal", many).count("incomplete-by-guide  ") == 0
    assert "incomplete-by-guide 还有 281 处" in rendered("terminal", many)


def test_junit_parses_and_counts() -> None:
    suite = ElementTree.fromstring(rendered("junit", verdict()))
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "1", "1")
    assert len(suite) == int(suite.get("tests") or 0)


def test_gitlab_fingerprints_differ_and_do_not_move_with_the_line() -> None:
    issues = json.loads(rendered("gitlab", verdict()))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    moved = WRONG.finding(
        Place(PATH, "/update_cycle", 7, 1), title="更新周期", value=HOSTILE, choices="daily（每日）"
    )
    assert moved.fingerprint == verdict().findings[0].fingerprint


def test_a_value_is_no_markdown() -> None:
    encoded = markdown.encode(HOSTILE)
    assert not re.search(r"[<>`\[\]!@|*_~\\\n\"']", encoded)
    assert not re.search(r"(?<!&)#\d(?!\d*;)", encoded)


def test_the_mark_lies_under_the_value_also_behind_wide_characters() -> None:
    rule = Rule("x-y", "t", "s", "f", "w")
    text = rendered("terminal", Verdict((rule.finding(Place(PATH, "", 9, 11)),), 1))
    source, mark = [row for row in text.splitlines() if row.startswith("  │")]
    at = source.index("婚姻登记")
    assert mark[4:].index("^") == terminal.columns(source[4:at])
    assert mark.count("^") == 8


def test_colour_only_where_asked() -> None:
    assert "\x1b[" in rendered("terminal", verdict(), colour=True)
    assert "\x1b" not in rendered("terminal", verdict())


@pytest.mark.parametrize("template", ["{a.b}", "{0}", "{a[0]}", "{a!r}", "{a:>9}", "{}"])
def test_a_template_is_text_and_plain_names(template: str) -> None:
    with pytest.raises(ValueError, match="plain names"):
        Rule("a-b", "t", template, "f", "w")


def test_a_finding_needs_exactly_its_fields() -> None:
    with pytest.raises(ValueError, match="needs"):
        LATE.finding(Place("a"))
    finding = LATE.finding(Place("a"), law="{x}")
    assert isinstance(finding, Finding)
    assert finding.sentence(str, str) == "依据的《{x}》失效"
