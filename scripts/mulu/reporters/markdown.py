"""The verdict as the comment on a pull request.

Every value is encoded character by character, so that none can become a link, an image,
a mention, an issue number or markup of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from mulu.findings import Finding, Level, Verdict, article_name
from mulu.review import Concern, Review

LIMIT = 200
RECORDS, LINES = 50, 20
_WORDS = {Level.ERROR: "错误", Level.WARNING: "警告", Level.NOTE: "提示"}


def render(
    verdict: Verdict, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """A summary, then the findings by file, 200 at most."""
    counts = "，".join(f"{word} {verdict.count(level)} 处" for level, word in _WORDS.items())
    title = "### 检查通过" if verdict.passed else "### 检查没有通过"
    parts = [title, "", f"检查了 {verdict.records} 条记录：{counts}。"]
    parts += [f"- **未检查** `{code}`：{encode(why)}" for code, why in verdict.skipped]
    parts += [
        f"- **检查程序出错** `{fault.code}`：{encode(fault.kind)}" for fault in verdict.faults
    ]
    files: dict[str, list[Finding]] = defaultdict(list)
    for finding in verdict.findings[:LIMIT]:
        files[finding.place.path].append(finding)
    for path, findings in files.items():
        parts += ["", f"#### {encode(path)}", ""]
        parts += [_row(finding, translate) for finding in findings]
    if len(verdict.findings) > LIMIT:
        parts += ["", f"还有 {len(verdict.findings) - LIMIT} 处没有列出。"]
    return "\n".join(parts) + "\n"


def render_review(
    review: Review, *, translate: Callable[[str], str], lines: Callable[[str, int], str]
) -> str:
    """What the change does, whom it touches, who must act; then the verdict."""
    change = review.change
    author = encode(change.base.agency_title(change.author)) if change.author else "未知单位"
    parts = [f"### {author}的改动", ""]
    for told in review.told[:RECORDS]:
        parts.append(f"- **{told.what}** {inert(told.title)} {inert(told.edit.path)}")
        parts += [f"  - {line.sentence(inert, translate)}" for line in told.lines[:LINES]]
        more = len(told.lines) - LINES
        parts += [f"  - 还有 {more} 处不同"] if more > 0 else []
    if len(review.told) > RECORDS:
        parts.append(f"- 还有 {len(review.told) - RECORDS} 条记录没有列出")
    parts += _concerned("涉及的单位", review.touched) + _concerned("接下来要办", review.needed)
    return "\n".join(parts) + "\n\n" + render(review.verdict, translate=translate, lines=lines)


def _concerned(title: str, concerns: tuple[Concern, ...]) -> list[str]:
    rows = [f"| {encode(one.title)} | {encode('；'.join(one.why))} |" for one in concerns[:RECORDS]]
    more = [f"| 还有 {len(concerns) - RECORDS} 个单位 | |"] if len(concerns) > RECORDS else []
    return ["", f"| {title} | 事项 |", "| --- | --- |", *rows, *more] if concerns else []


def _row(finding: Finding, translate: Callable[[str], str]) -> str:
    rule, place = finding.rule, finding.place
    line = f"第 {place.line} 行 " if place.line else ""
    article = f"（{article_name(rule.article)}）" if rule.article else ""
    sentence, remedy = finding.sentence(inert, translate), finding.remedy(inert, translate)
    return f"- **{_WORDS[rule.level]}** {line}{sentence}{article}<br>怎么改：{remedy} `{rule.code}`"


def inert(text: str) -> str:
    """A value as code: forges look for mentions and issue numbers after Markdown, but not in code."""
    return f"<code>{encode(text)}</code>" if text else ""


def encode(text: str) -> str:
    """Text that Markdown shows as it is: ASCII punctuation as character references."""
    return "".join(_character(c) for c in text)


def _character(c: str) -> str:
    if c.isascii() and not c.isalnum() and c not in " -/":
        return f"&#{ord(c)};" if c.isprintable() else " "
    return c if c.isprintable() else " "
