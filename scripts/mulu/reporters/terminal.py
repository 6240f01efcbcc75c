"""The verdict for a person at a terminal: place, the line with a mark, what and how to mend.

Values and source lines come from strangers: what is not printable is shown as an escape,
never sent to the terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from mulu.findings import Finding, Level, Place, Verdict, article_name
from mulu.review import Concern, Review

_WORDS = {Level.ERROR: "错误", Level.WARNING: "警告", Level.NOTE: "提示"}
_COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.NOTE: "36"}
_WIDTH = 100
_ALIKE = 20


def render(
    verdict: Verdict,
    *,
    translate: Callable[[str], str],
    lines: Callable[[str, int], str],
    colour: bool,
) -> str:
    """All findings, then one line that sums up; notes of one kind are shown twenty times."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    out: list[str] = []
    seen: dict[str, int] = {}
    for finding in verdict.findings:
        code = finding.rule.code
        seen[code] = seen.get(code, 0) + 1
        if finding.rule.level is Level.ERROR or seen[code] <= _ALIKE:
            out += [*_finding(finding, translate, lines, paint), ""]
    for code, count in seen.items():
        if count > _ALIKE and all(f.rule.level is not Level.ERROR for f in verdict.findings if f.rule.code == code):  # fmt: skip
            out += [f"{code} 还有 {count - _ALIKE} 处，--format json 列出全部", ""]
    out += [paint(f"未检查 {code}：{visible(why)}", "31") for code, why in verdict.skipped]
    out += [paint(f"检查程序出错 {fault.code}：{fault.kind}", "31") for fault in verdict.faults]
    out.append(_summary(verdict))
    return "\n".join(out) + "\n"


def render_review(
    review: Review,
    *,
    translate: Callable[[str], str],
    lines: Callable[[str, int], str],
    colour: bool,
) -> str:
    """What the change does, whom it touches, who must act; then the findings."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    change = review.change
    author = change.base.agency_title(change.author) if change.author else "未知单位"
    out = [
        paint(f"{visible(author)}的改动：{len(change.edits)} 条记录，{review.span[2]} 个提交", "1")
    ]
    for told in review.told[:_ALIKE]:
        out.append(f"  {told.what} {paint(visible(told.title), '1')}  {paint(visible(told.edit.path), '36')}")  # fmt: skip
        rows = [line.sentence(visible, translate) for line in told.lines]
        out += [f"    {row}" for row in rows[:_ALIKE]]
        out += [f"    还有 {len(rows) - _ALIKE} 处不同"] if len(rows) > _ALIKE else []
    if len(review.told) > _ALIKE:
        out.append(f"  还有 {len(review.told) - _ALIKE} 条记录，--format json 列出全部")
    out += _concerned("涉及", review.touched) + _concerned("接下来要办", review.needed)
    return "\n".join(out) + "\n\n" + render(review.verdict, translate=translate, lines=lines, colour=colour)  # fmt: skip


def _concerned(title: str, concerns: tuple[Concern, ...]) -> list[str]:
    rows = [f"  {visible(one.title)}：{visible('；'.join(one.why))}" for one in concerns[:_ALIKE]]
    more = [f"  还有 {len(concerns) - _ALIKE} 个单位"] if len(concerns) > _ALIKE else []
    return [f"{title}：", *rows, *more] if concerns else []


def _summary(verdict: Verdict) -> str:
    head = f"检查了 {verdict.records} 条记录"
    if verdict.passed and not verdict.findings:
        return f"{head}，没有发现问题"
    counts = "，".join(f"{word} {verdict.count(level)} 处" for level, word in _WORDS.items())
    return f"{head}：{counts}"


def _finding(
    finding: Finding,
    translate: Callable[[str], str],
    lines: Callable[[str, int], str],
    paint: Callable[[str, str], str],
) -> Iterator[str]:
    rule, place = finding.rule, finding.place
    article = f"  {article_name(rule.article)}" if rule.article else ""
    yield f"{paint(_WORDS[rule.level], '1;' + _COLOURS[rule.level])} {paint(rule.code, '1')}{article}"
    yield f"  {paint(_spot(place), '36')}"
    yield from _source(place, lines, lambda text: paint(text, _COLOURS[rule.level]))
    yield f"  {finding.sentence(visible, translate)}"
    for at, label in finding.related:
        yield f"  {visible(label)}：{_spot(at)}"
    yield f"  怎么改：{finding.remedy(visible, translate)}（mulu explain {rule.code}）"


def _spot(place: Place) -> str:
    path = visible(place.path)
    return f"{path}:{place.line}:{place.column}" if place.line else path


def _source(
    place: Place, lines: Callable[[str, int], str], paint: Callable[[str], str]
) -> Iterator[str]:
    """The line with a mark under the value; nothing where the line cannot be had."""
    text = lines(place.path, place.line) if place.line else ""
    start = place.column - 1
    if not text.strip() or start > len(text):
        return
    left = max(0, start - _WIDTH // 2)
    before = ("…" if left else "") + visible(text[left:start])
    value = visible(text[start:].partition(" #")[0].rstrip())[: _WIDTH // 2]
    rest = visible(text[start:])[len(value) : _WIDTH // 2]
    number = str(place.line)
    yield f"  │ {number}  {before}{value}{rest}"
    gutter = " " * (len(number) + 2 + columns(before))
    yield f"  │ {gutter}{paint('^' * max(1, columns(value)))}"


def columns(text: str) -> int:
    """How many columns a text takes on a terminal: wide characters take two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def visible(text: str) -> str:
    """Text whose unprintable characters are shown as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
