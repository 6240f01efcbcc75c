"""The annual reports on the site: every figure is the one ``mulu stats`` tells, and leads to its records."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mulu.cli.serve import Live
from mulu.cli.shell import Shell
from registers import ROOT

YEARS = (2024, 2025, 2026)
_FIGURE = re.compile(r'<a href="[^"]*report/(\d{4})/figures/([a-z0-9-]+)/(?:#([^"]+))?">(?:<span>[^<]*</span><b>)?([^<]+)<')  # fmt: skip


@pytest.fixture(scope="module")
def told() -> dict[int, dict[str, Any]]:
    """What ``mulu stats`` says of each year, after the indicator."""
    found: dict[int, dict[str, Any]] = {}
    for year in YEARS:
        words = ["stats", "--year", str(year), "--format", "json", "--today", "2026-11-23"]
        done = subprocess.run([Path(sys.executable).with_name("mulu"), *words], cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
        found[year] = {one["indicator"]: one for one in json.loads(done.stdout)["indicators"]}
    return found


def stated(page: Path) -> list[tuple[int, str, str, str]]:
    """Every figure of a page that leads to its records: year, indicator, agency, text."""
    return [(int(year), name, agency, html.unescape(text)) for year, name, agency, text in _FIGURE.findall(page.read_text("utf-8"))]  # fmt: skip


def test_figures_on_the_pages_are_those_of_stats(built: Path, told: dict[int, dict[str, Any]]) -> None:  # fmt: skip
    city, agencies = 0, 0
    for page in [*built.glob("report/**/index.html"), *built.glob("en/report/*/index.html")]:
        of = re.search(r"/agencies/([^/]+)/index\.html$", page.as_posix())
        for year, name, agency, text in stated(page):
            if year not in told:
                continue
            one = told[year][name]
            if agency:
                assert text == one["by"]["agency"][agency]["text"], (page, name, agency)
                assert of is None or agency == of[1]
                agencies += 1
            elif one["text"] == text:
                city += 1
            else:  # a library's or a month's, or an agency's that has no records to lead to
                others = {cell["text"] for group in one["by"].values() for cell in group.values()}
                assert text in others | {"0 " + one["unit"], "不适用"}, (page, name, text)
    assert city > 300
    assert agencies > 3000


def test_every_figure_has_a_page_that_says_the_same(built: Path, told: dict[int, dict[str, Any]]) -> None:  # fmt: skip
    for year in YEARS:
        for name, one in told[year].items():
            source = (built / f"report/{year}/figures/{name}/index.html").read_text("utf-8")
            assert f'<p class="m-big">{one["text"]}</p>' in source
            if one["unit"] == "%":
                assert f"{one['numerator']:,} / {one['denominator']:,}" in source


def test_a_figure_lists_the_records_it_was_computed_from(built: Path, told: dict[int, dict[str, Any]]) -> None:  # fmt: skip
    source = (built / "report/2025/figures/share-rate/index.html").read_text("utf-8")
    one = told[2025]["share-rate"]
    assert source.count(">计入</span>") == one["numerator"]
    assert source.count(">不计入</span>") == one["denominator"] - one["numerator"]


def test_serving_gives_the_same_bytes(built: Path) -> None:
    live = Live(Shell(ROOT, date(2026, 11, 23)), internal=False)
    for path in ("report/", "report/2025/agencies/minzheng/", "en/report/2025/figures/share-rate/"):
        status, content, name = live.get(path)
        assert status == 200
        assert content == (built / name).read_bytes()
    assert live.get("report/1999/")[0] == 404
