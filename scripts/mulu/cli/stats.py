"""``mulu stats``: the indicators of a year, the records behind one, and how agencies are judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from mulu.cli.shell import (
    CLEAN,
    FINDINGS,
    Shell,
    Stop,
    has_colour,
    load_register,
    policy_schemas,
    say,
    with_shell,
)
from mulu.findings import Level


@click.command(
    help="一年的指标：目录、共享、负面清单、质量、监督；也可以看指标背后的记录和各单位的考核得分。"
)
@click.option("--year", type=click.IntRange(1900, 9999), help="哪一年，不写为 --today 所在的一年。")
@click.option("--agency", help="只看一个单位的，写代号。")
@click.option("--indicator", help="只看一个指标，并列出它背后的记录，写代号。")
@click.option("--assessment", type=click.Path(path_type=Path, dir_okay=False), help="按另一个考核办法试算，写文件；写 - 用规则包里的。", is_flag=False, flag_value=Path("-"))  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="文本或 JSON。")  # fmt: skip
@with_shell
def command(
    shell: Shell,
    year: int | None,
    agency: str | None,
    indicator: str | None,
    assessment: Path | None,
    form: str,
) -> int:
    """Measure and show."""
    from mulu.tree.directory import Directory

    register, findings = load_register(shell, Directory(shell.root))
    if wrong := sum(one.rule.level is Level.ERROR for one in findings):
        say(f"有 {wrong} 处内容读不进来，算出的数会是错的，没有计算；先运行 mulu check 看是哪些")
        return FINDINGS
    if not register.pack.indicators:
        raise Stop(f"规则包 {register.pack.name} 没有指标：缺 indicators.yml，或者其中有错误；运行 mulu check 看是哪些")  # fmt: skip
    if agency is not None and register.find("agency", agency) is None:
        raise Stop(f"没有单位 {agency!r}")
    if indicator is not None and indicator not in register.pack.indicators:
        raise Stop(f"没有指标 {indicator!r}；可用：{'、'.join(register.pack.indicators)}")
    measured = year_of(shell, register, year)
    if assessment is not None:
        scores = scores_of(shell, measured, assessment)
        shown = [one for one in scores if agency in (None, one.agency)]
        say(_scores_json(measured, shown) if form == "json" else "\n".join(_scores_text(measured, shown)))  # fmt: skip
    elif form == "json":
        say(_json(measured, agency, indicator))
    else:
        say("\n".join(_text(measured, agency, indicator)))
    return CLEAN


def year_of(shell: Shell, register: Any, year: int | None) -> Any:
    """The year measured, looked at on the shell's day."""
    from mulu.indicators import Year, period_of

    try:
        period = period_of(year or shell.today.year, shell.today)
    except ValueError as error:
        raise Stop(str(error)) from None
    measured = Year(register, period)
    if measured.is_empty:
        raise Stop(f"登记簿里没有 {period.year} 年的数据")
    return measured


def scores_of(shell: Shell, measured: Any, path: Path) -> Any:
    """Every agency judged by the pack's assessment (``-``) or by one in a file."""
    from mulu.assessment import assess

    try:
        return assess(measured, _assessment(shell, measured.register, path))
    except ValueError as error:
        raise Stop(f"考核办法不能用：{error}") from None


def _assessment(shell: Shell, register: Any, path: Path) -> Any:
    from mulu.policy.load import read_assessment

    if path == Path("-"):
        if register.pack.assessment is None:
            raise Stop(f"规则包 {register.pack.name} 没有考核办法：缺 assessment.yml，或者其中有错误；运行 mulu check 看是哪些")  # fmt: skip
        return register.pack.assessment
    try:
        source = path.read_bytes()
    except OSError as error:
        raise Stop(f"读不了 {path}：{error.strerror}") from None
    found, findings = read_assessment(path.name, source, policy_schemas(shell))
    if found is None:
        rows = "；".join(f"第 {one.place.line} 行 {one.sentence(str, str)}" for one in findings)
        raise Stop(f"考核办法 {path.name} 有错误：{rows}")
    return found


# ---------------------------------------------------------------------- as text


def _text(measured: Any, agency: str | None, indicator: str | None) -> Iterator[str]:
    from mulu.indicators import shown

    register, period = measured.register, measured.period
    figures = {name: _figure(measured, name, agency) for name in register.pack.indicators}
    whose = f" {register.agency_title(agency)}" if agency else ""
    yield f"{period.year} 年{whose}，截至 {period.end}" + (
        "" if period.is_over else "（全年还没有过完）"
    )
    for chapter, about in register.pack.chapters.items():
        rows = [
            f"  {_padded(one.title, 30)}{_right(shown(one, figure), 16)}{_made_of(one, figure)}"
            for name, one in register.pack.indicators.items()
            if one.chapter == chapter
            and indicator in (None, name)
            and (figure := figures[name]) is not None
        ]
        if rows:
            yield from ("", _bold(about.title), *rows)
    if indicator:
        yield from _behind(register, register.pack.indicators[indicator], figures[indicator])


def _figure(measured: Any, name: str, agency: str | None) -> Any:
    if agency is None:
        return measured.figure(name)
    return measured.of_agency(name, agency)


def _made_of(one: Any, figure: Any) -> str:
    if one.figure == "share":
        return f"  {figure.numerator} / {figure.denominator}"
    return f"  {figure.denominator} 件" if one.figure in ("median", "p90") else ""


def _behind(register: Any, one: Any, figure: Any) -> Iterator[str]:
    from mulu.findings import articles_name

    yield ""
    yield f"  {one.says}"
    yield f"  算法：{one.formula}"
    if one.source.articles:
        yield f"  依据：{articles_name(one.source.articles)}"
    if figure is None:
        return
    yield ""
    yield _bold(f"记录 {len(figure.facts)} 条")
    for fact in figure.facts:
        mark = "" if one.figure != "share" else "是 " if fact.hit else "否 "
        amount = f" {fact.value}" if one.figure in ("sum", "median", "p90") else ""
        yield f"  {mark}{fact.kind}/{fact.key}  {register.agency_title(fact.agency)}{f'  {fact.day}' if fact.day else ''}{amount}"


def _scores_text(measured: Any, scores: Sequence[Any]) -> Iterator[str]:
    from mulu.assessment import score_text
    from mulu.indicators import shown

    register = measured.register
    indicators = register.pack.indicators
    yield f"{measured.period.year} 年考核，截至 {measured.period.end}"
    for one in scores:
        yield ""
        place = f"第 {one.rank} 名{'（并列）' if one.tied else ''}  " if one.rank else ""
        yield _bold(f"{place}{register.agency_title(one.agency)}  {score_text(one)}")
        for line in one.lines:
            points = "不计" if line.points is None else f"{line.points} 分"
            yield f"  {_padded(indicators[line.weight.indicator].title, 28)}{_right(shown(indicators[line.weight.indicator], line.figure), 18)}{_right(points, 9)}  × {line.weight.weight}"
        for off in one.off:
            yield f"  {_padded(indicators[off.indicator].title, 28)}{_right(shown(indicators[off.indicator], off.figure), 18)}{_right(f'-{off.points} 分', 9)}"


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if has_colour() else text


def _padded(text: str, width: int) -> str:
    from mulu.cli.cases import padded

    return str(padded(text, width))


def _right(text: str, width: int) -> str:
    from mulu.reporters.terminal import columns

    return " " * max(0, width - columns(text)) + text


# ---------------------------------------------------------------------- as JSON


def _json(measured: Any, agency: str | None, indicator: str | None) -> str:
    register, period = measured.register, measured.period
    rows: list[dict[str, Any]] = []
    for name, one in register.pack.indicators.items():
        figure = _figure(measured, name, agency)
        if figure is None or indicator not in (None, name):
            continue
        row = {
            "indicator": name,
            "title": one.title,
            "formula": one.formula,
            "unit": one.unit,
            "direction": one.direction,
            "articles": list(one.source.articles),
            **_number(one, figure),
        }
        if agency is None:
            row["by"] = {
                group: {key: _number(one, f) for key, f in measured.by(group, name).items()}
                for group in one.by
            }
        if indicator:
            row["records"] = [
                {"record": f"{fact.kind}/{fact.key}", "agency": fact.agency, "counts": fact.hit, "value": fact.value, "day": fact.day or None}
                for fact in figure.facts
            ]  # fmt: skip
        rows.append(row)
    whole = {"version": 1, "year": period.year, "as_of": str(period.end), "over": period.is_over, "agency": agency, "indicators": rows}  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _number(one: Any, figure: Any) -> dict[str, Any]:
    from mulu.indicators import shown

    value = None if figure.value is None else float(figure.value)
    return {
        "value": int(value) if value is not None and value.is_integer() and one.figure != "share" else value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "text": shown(one, figure),
    }  # fmt: skip


def _scores_json(measured: Any, scores: Sequence[Any]) -> str:
    from mulu.assessment import score_text

    indicators = measured.register.pack.indicators
    rows = [
        {
            "agency": one.agency,
            "rank": one.rank,
            "tied": one.tied,
            "score": None if one.value is None else float(one.value),
            "grade": one.grade or None,
            "text": score_text(one),
            "lines": [
                {"indicator": line.weight.indicator, "weight": line.weight.weight, "points": line.points, **_number(indicators[line.weight.indicator], line.figure)}
                for line in one.lines
            ],
            "off": [{"indicator": off.indicator, "points": off.points, **_number(indicators[off.indicator], off.figure)} for off in one.off],
        }
        for one in scores
    ]  # fmt: skip
    return json.dumps({"version": 1, "year": measured.period.year, "as_of": str(measured.period.end), "scores": rows}, ensure_ascii=False, indent=2)  # fmt: skip
