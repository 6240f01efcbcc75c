"""The annual report: what it says, that every form says the same, and that foreign programs read it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from goldens import compare
from mulu.formats.paper import html
from mulu.formats.word import word
from mulu.formats.workbook import workbook
from mulu.indicators import Figure, Year, period_of
from mulu.report.compose import Years, change, compose
from mulu.report.document import (
    Chart,
    Document,
    Heading,
    Listing,
    Paragraph,
    Table,
    Tiles,
    numeral,
)
from registers import EXAMPLES, ROOT, example_files, files_below, pack, register_of

COMMON = example_files(EXAMPLES / "common" / "none")
HUNYIN = "catalog/resources/minzheng/hunyin-dengji.yml"
TEMPLATE = (ROOT / "site/paper/report.html").read_text("utf-8")
STYLE = (ROOT / "site/paper/report.css").read_text("utf-8")
HOSTILE = '=1+1<script>alert("x")</script>{{ 7*7 }}'


def report_of(files: Mapping[str, bytes], year: int = 2025, today: date = date(2026, 11, 23)) -> Document:  # fmt: skip
    """The report of a register given as files."""
    register, findings = register_of(dict(files))
    assert findings == []
    this, before = Year(register, period_of(year, today)), Year(register, period_of(year - 1, today))  # fmt: skip
    return compose(Years.of(this, None if before.is_empty else before))


def demonstration() -> dict[str, bytes]:
    """The files of the register that comes with the program."""
    return {f"{folder}/{path}": source for folder in ("catalog", "negative-list") for path, source in files_below(ROOT / folder).items()}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> Document:
    """The demonstration's report of 2025."""
    return report_of(demonstration())


def outline(document: Document) -> str:
    """The report as plain lines: what is printed, but for figures of single agencies."""
    rows = [document.full_title, document.issuer, document.day, ""]
    for number, chapter in enumerate(document.chapters, 1):
        rows += [f"# {numeral(number)}、{chapter.title}", ""]
        for part in (chapter, *chapter.sections[:2]):
            if part is not chapter:
                rows += [f"## {part.title}", ""]
            for block in part.blocks:
                match block:
                    case Paragraph(line):
                        rows.append("".join(cell.text for cell in line))
                    case Heading(text):
                        rows.append(f"### {text}")
                    case Listing(lines):
                        rows += ["- " + "".join(cell.text for cell in line) for line in lines]
                    case Tiles(tiles):
                        rows += [f"[{one.title} {one.value.text} {one.note}]" for one in tiles]
                    case Table():
                        rows += table_lines(block)
                    case Chart():
                        rows.append(f"图 {block.number} {block.title}（{len(block.labels)} 条）")
                        rows += table_lines(block.table)
            rows.append("")
    return "\n".join(rows)


def table_lines(table: Table) -> list[str]:
    """A table, its cells between bars."""
    head = [column.title for column in table.columns]
    rows = [" | ".join(row) for row in (head, *([cell.text for cell in row] for row in table.rows))]
    return [f"表 {table.number} {table.title}", *rows, *([table.note] if table.note else [])]


# ---------------------------------------------------------------------- what it says


def test_golden_report(document: Document) -> None:
    compare("report", {"2025.txt": outline(document).encode()})


@pytest.mark.parametrize(
    ("indicator", "now", "then", "says"),
    [
        ("resources", Fraction(12), Fraction(10), "比上年增加 2 项"),
        ("resources", Fraction(10), Fraction(1210), "比上年减少 1,200 项"),
        ("resources", Fraction(10), Fraction(10), "与上年持平"),
        ("resources", Fraction(10), None, ""),
        ("share-rate", Fraction(19, 20), Fraction(9, 10), "比上年提高 5.0 个百分点"),
        ("share-rate", Fraction(9000, 10000), Fraction(9001, 10000), "与上年持平"),
        ("share-rate", None, Fraction(1, 2), ""),
        ("provide-days-median", Fraction(5, 2), Fraction(4), "比上年减少 1.5 个工作日"),
    ],
)
def test_how_a_figure_has_changed(
    indicator: str, now: Fraction | None, then: Fraction | None, says: str
) -> None:
    one = pack().indicators[indicator]
    assert change(one, Figure(now, 0, 0, ()), Figure(then, 0, 0, ())) == says


def test_without_the_year_before_nothing_is_compared() -> None:
    register, _ = register_of(dict(COMMON))
    alone = compose(Years.of(Year(register, period_of(2025, date(2026, 11, 23))), None))
    assert "比上年" not in outline(alone)
    assert "没有数据" in outline(alone)


def test_a_sentence_with_an_undefined_figure_is_left_out() -> None:
    said = outline(report_of(COMMON))
    assert "按期提供率 不适用" not in said
    assert "| 不适用 |" in said


OWN = """# 总体情况

截至 {end}，编目 **{resources+}**，按期提供率 {on-time}。

## 做法

1. 先编目
2. 后共享 <b>{{ 7*7 }}</b>，见[办法](https://example.org/x)

| 指标 | 数 |
|---|---|
| 共享率 | {share-rate} |
"""


def test_a_chapter_of_the_authority_s_own_keeps_the_year_s_figures() -> None:
    own = report_of({**COMMON, "catalog/returns/2025/report/overview.md": OWN.encode()})
    blocks = own.chapters[0].blocks
    tiles, paragraph, heading, listing, table = blocks
    assert isinstance(tiles, Tiles)
    assert isinstance(paragraph, Paragraph)
    figures = [cell for cell in paragraph.line if cell.href]
    assert "".join(cell.text for cell in paragraph.line) == "截至 2025 年 12 月 31 日，编目 2 项，按期提供率 不适用。"  # fmt: skip
    assert [cell.href for cell in figures] == ["report/2025/figures/resources/", "report/2025/figures/on-time/"]  # fmt: skip
    assert isinstance(heading, Heading)
    assert (heading.text, heading.level) == ("做法", 2)
    assert isinstance(listing, Listing)
    assert listing.is_ordered
    assert "".join(cell.text for cell in listing.lines[1]) == "后共享 <b>{{ 7*7 }}</b>，见办法（https://example.org/x）"  # fmt: skip
    assert isinstance(table, Table)
    assert table.rows[0][1].href == "report/2025/figures/share-rate/"
    assert [one.name for one in own.chapters] == [one.name for one in report_of(COMMON).chapters]
    page = html(own, TEMPLATE, STYLE)
    assert b"<b>{{" not in page
    assert b"&lt;b&gt;{{ 7*7 }}" in page


def test_a_chapter_begun_with_the_generated_sentences_says_what_they_say(tmp_path: Path) -> None:
    for path, source in COMMON.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(source)
    done = subprocess.run([Path(sys.executable).with_name("mulu"), "new", "chapter", "2025", "catalog", "--root", str(tmp_path)], capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "已建立 catalog/returns/2025/report/catalog.md\n")
    written = (tmp_path / "catalog/returns/2025/report/catalog.md").read_bytes()
    own = report_of({**COMMON, "catalog/returns/2025/report/catalog.md": written})
    assert running_text(own, "catalog") == running_text(report_of(COMMON), "catalog")


def running_text(document: Document, name: str) -> list[str]:
    """The running text of a chapter, undefined figures left out with their sentences."""
    (chapter,) = (one for one in document.chapters if one.name == name)
    lines = ["".join(cell.text for cell in block.line) for block in chapter.blocks if isinstance(block, Paragraph)]  # fmt: skip
    return [line for line in lines if "不适用" not in line]


def test_a_year_that_is_not_over_is_no_annual_report() -> None:
    document = report_of(COMMON, 2026, date(2026, 3, 1))
    assert document.title.endswith("共享情况")
    assert document.day == "2026-03-01"


def test_a_demonstration_bears_a_mark_and_no_name(document: Document) -> None:
    assert (document.is_demonstration, document.issuer) == (True, "")
    assert '<div class="mark"' in html(document, TEMPLATE, STYLE).decode()
    register = COMMON["catalog/register.yml"].replace(b"demonstration: true\n", b"")
    real = report_of({**COMMON, "catalog/register.yml": register})
    assert not real.is_demonstration
    assert real.issuer
    assert '<div class="mark"' not in html(real, TEMPLATE, STYLE).decode()


def test_a_list_kept_inside_is_not_printed() -> None:
    files = demonstration()
    path = "catalog/register.yml"
    files[path] = files[path].replace(b"negative_list: public", b"negative_list: internal")
    titles = [table.title for table in report_of(files).tables]
    assert "负面清单" not in titles
    assert "负面清单" in [table.title for table in report_of(demonstration()).tables]


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (51, "五十一"), (99, "九十九"), (100, "一百"), (101, "一百零一"), (110, "一百一十"), (1005, "一千零五")])  # fmt: skip
def test_chapters_are_counted_in_chinese(number: int, text: str) -> None:
    assert numeral(number) == text


# ---------------------------------------------------------------------- every form says the same


def run(*words: str | Path, code: int = 0, **environment: str) -> str:
    """One run of the program."""
    mulu = Path(sys.executable).parent / "mulu"
    done = subprocess.run([mulu, *words], capture_output=True, text=True, check=False, env={**os.environ, **environment})  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's report of 2025 in every form but the slow one."""
    folder = tmp_path_factory.mktemp("report")
    run("report", "2025", "--root", ROOT, "--today", "2026-11-23", "--format", "html,docx,xlsx", "-o", folder)  # fmt: skip
    return folder


def test_the_workbook_and_the_page_say_what_stats_says(written: Path) -> None:
    told = json.loads(run("stats", "--root", ROOT, "--today", "2026-11-23", "--year", "2025", "--format", "json"))  # fmt: skip
    figures = {one["title"]: one for one in told["indicators"]}
    book = openpyxl.load_workbook(written / "report-2025.xlsx")
    page = (written / "report-2025.html").read_text("utf-8")
    word_file = docx.Document(str(written / "report-2025.docx"))
    in_word = {row.cells[0].text: row.cells[1].text for table in word_file.tables if table.rows[0].cells[-1].text == "变化" and len(table.columns) == 4 for row in table.rows}  # fmt: skip
    seen = 0
    for sheet in book.worksheets[1:]:
        if not str(sheet["A1"].value).endswith("的指标（示例）") or sheet["D3"].value != "变化":
            continue
        for title, value, *_ in sheet.iter_rows(min_row=4, max_col=2, values_only=True):
            one = figures[str(title)]
            if one["value"] is None:
                assert value == "不适用"
            else:
                assert value == pytest.approx(one["value"])
            assert re.search(rf"<td>{re.escape(str(title))}</td><td class=\"n\">(<a [^>]*>)?{re.escape(one['text'])}(</a>)?</td>", page)  # fmt: skip
            assert in_word[str(title)] == one["text"]
            seen += 1
    assert seen == len(figures)


def test_the_same_commit_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    day = ("--today", "2026-11-23", "--format", "html,docx,xlsx")
    copy = tmp_path / "copy"
    for folder in ("catalog", "negative-list", "schemas"):
        shutil.copytree(ROOT / folder, copy / folder)
    subprocess.run("git init -q && git add -A && git -c user.name=x -c user.email=x@example.org commit -qm x --date 2026-01-02T00:00:00Z", shell=True, check=True, cwd=copy)  # fmt: skip
    run("report", "2025", "--root", copy, *day, "-o", tmp_path / "a")
    run("report", "2025", "--root", copy, *day, "--as-of", "HEAD", "-o", tmp_path / "b", TZ="America/Los_Angeles", LC_ALL="C.UTF-8", PYTHONHASHSEED="7")  # fmt: skip
    for form in ("html", "docx", "xlsx"):
        assert (tmp_path / f"a/report-2025.{form}").read_bytes() == (tmp_path / f"b/report-2025.{form}").read_bytes()  # fmt: skip
    for form in ("docx", "xlsx"):
        assert (tmp_path / f"a/report-2025.{form}").read_bytes() == (written / f"report-2025.{form}").read_bytes()  # fmt: skip


def test_a_report_of_an_old_commit_is_that_commits(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path, source in COMMON.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_bytes(source)
    commit = "git add -A && git -c user.name=x -c user.email=x@example.org commit -qm x"
    subprocess.run(f"git init -q && {commit}", shell=True, check=True, cwd=copy)
    args = ("report", "2025", "--root", copy, "--today", "2026-11-23", "--format", "xlsx")
    run(*args, "-o", tmp_path / "a")
    (copy / HUNYIN).unlink()
    subprocess.run(commit, shell=True, check=True, cwd=copy)
    run(*args, "--as-of", "HEAD~1", "-o", tmp_path / "b")
    run(*args, "-o", tmp_path / "c")
    first, old, new = ((tmp_path / name / "report-2025.xlsx").read_bytes() for name in "abc")
    assert first == old != new


def test_hostile_texts_stay_texts() -> None:
    path = "catalog/agencies/minzheng.yml"
    text = COMMON[path].decode()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    short = next((line for line in text.splitlines() if line.startswith("short:")), title)
    hostile = text.replace(short, f"{short.partition(':')[0]}: '{HOSTILE}'")
    document = report_of({**COMMON, path: hostile.encode()})
    page = html(document, TEMPLATE, STYLE).decode()
    assert "<script>" not in page
    assert "{{ 7*7 }}" in page
    book = openpyxl.load_workbook(io.BytesIO(workbook(document)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value == HOSTILE]  # fmt: skip
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}
    body: Any = docx.Document(io.BytesIO(word(document))).element
    assert HOSTILE in "".join(str(part.text) for part in body.iter() if part.text)


def test_links_lead_to_the_site_only_where_there_is_one() -> None:
    document = report_of(COMMON)
    assert 'href="http' not in html(document, TEMPLATE, STYLE).decode()
    assert 'href="https://example.org/m/resources/' in html(document, TEMPLATE, STYLE, site="https://example.org/m/").decode()  # fmt: skip


# ---------------------------------------------------------------------- foreign programs read it


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PDF of a small register."""
    root = tmp_path_factory.mktemp("printed")
    for path, source in COMMON.items():
        (root / "r" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "r" / path).write_bytes(source)
    run("report", "2025", "--root", root / "r", "--today", "2026-11-23", "--format", "pdf,docx,xlsx", "-o", root)  # fmt: skip
    return root


def poppler(*words: str | Path) -> str:
    """What a tool of poppler says; it may warn of nothing."""
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_the_pdf_is_tagged_and_its_text_can_be_taken(printed: Path) -> None:
    pdf = printed / "report-2025.pdf"
    about = poppler("pdfinfo", pdf)
    assert re.search(r"Tagged: +yes", about)
    assert re.search(r"Page size: +595.\d+ x 841.\d+ pts \(A4\)", about)
    text = poppler("pdftotext", "-layout", pdf, "-")
    assert "一、总体情况" in text
    assert "信息资源" in text
    assert re.search(r"—\s*3\s*—", text)
    fonts = poppler("pdffonts", pdf).splitlines()[2:]
    assert fonts
    assert all(re.search(r" yes yes yes +\d+ +\d+$", row) for row in fonts)
    outline = poppler("pdftohtml", "-xml", "-i", "-stdout", pdf).partition("<outline>")[2]
    assert re.search(r'<item page="3">一、总体情况</item>', outline)
    assert '"agencies"' in poppler("pdfinfo", "-dests", pdf)


def test_the_pdf_is_the_same_each_time(printed: Path, tmp_path: Path) -> None:
    run("report", "2025", "--root", printed / "r", "--today", "2026-11-23", "--format", "pdf", "-o", tmp_path, TZ="Asia/Tokyo")  # fmt: skip
    assert (tmp_path / "report-2025.pdf").read_bytes() == (printed / "report-2025.pdf").read_bytes()


@pytest.mark.parametrize(("form", "other"), [("docx", "odt"), ("xlsx", "ods")])
def test_libreoffice_opens_and_saves_it(printed: Path, tmp_path: Path, form: str, other: str) -> None:  # fmt: skip
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    for source, target in ((printed / f"report-2025.{form}", other), (tmp_path / f"report-2025.{other}", form)):  # fmt: skip
        subprocess.run(["soffice", home, "--headless", "--convert-to", target, "--outdir", tmp_path, source], check=True, capture_output=True, timeout=120)  # fmt: skip
    saved = tmp_path / f"report-2025.{form}"
    if form == "xlsx":
        assert openpyxl.load_workbook(saved).sheetnames == openpyxl.load_workbook(printed / saved.name).sheetnames  # fmt: skip
    else:
        text = "\n".join(one.text for one in docx.Document(str(saved)).paragraphs)
        assert "一、总体情况" in text


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (("2030",), "2030 年还没有开始", 2),
        (("1990",), "登记簿里没有 1990 年的数据", 2),
        (("2025", "--format", "pptx"), "没有 pptx 这种格式", 2),
        (("2025", "--as-of", "nonsense"), "没有 nonsense 这个提交", 4),
    ],
)
def test_a_report_that_cannot_be_made(words: tuple[str, ...], says: str, code: int, tmp_path: Path) -> None:  # fmt: skip
    assert says in run("report", *words, "--root", ROOT, "--today", "2026-11-23", "-o", tmp_path / "o", code=code)  # fmt: skip
    assert not (tmp_path / "o").exists()


def test_a_register_that_cannot_be_read_has_no_report(tmp_path: Path) -> None:
    for path, source in {**COMMON, HUNYIN: b"title: [\n"}.items():
        (tmp_path / "r" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "r" / path).write_bytes(source)
    said = run("report", "2025", "--root", tmp_path / "r", "--today", "2026-11-23", "-o", tmp_path / "o", code=1)  # fmt: skip
    assert "没有生成报告" in said
    assert not (tmp_path / "o").exists()


def test_a_place_that_cannot_be_written_keeps_what_was_there(tmp_path: Path) -> None:
    there = tmp_path / "o"
    there.mkdir()
    (there / "report-2025.html").write_text("old")
    (there / ".report-2025.xlsx.new").mkdir()
    said = run("report", "2025", "--root", ROOT, "--today", "2026-11-23", "--format", "html,xlsx", "-o", there, code=4)  # fmt: skip
    assert "写不了" in said
    assert (there / "report-2025.html").read_text() == "old"
