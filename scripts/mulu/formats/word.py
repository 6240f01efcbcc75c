"""The annual report as a Word document, for the office that edits, circulates and stamps it.

The page follows GB/T 9704-2012.  Lines are spaced exactly and no grid of characters is set: some
programs set such a grid wide and spoil the page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any, cast

import docx
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement  # pyright: ignore[reportUnknownVariableType]
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from mulu.report.compose import chinese_day
from mulu.report.document import (
    Block,
    Cell,
    Chart,
    Document,
    Heading,
    Line,
    Listing,
    Paragraph,
    Table,
    Tiles,
    numeral,
)
from mulu.report.steady import steady

_FANG, _HEI, _KAI, _SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TEXT = 156
"""Width of the text, in mm."""
_SIGN, _BAR = "▇", 24
"""What bars are made of, and how many of it are one of full length."""


def word(document: Document) -> bytes:
    """A DOCX file of the whole report."""
    return steady(_Writer(document).written(), document.day)


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.file: Any = docx.Document()
        self._page()
        self._styles()

    def written(self) -> bytes:
        document = self.document
        self.file.core_properties.title = document.full_title
        self.file.core_properties.author = document.issuer
        self.file.core_properties.comments = ""
        self._cover()
        for number, chapter in enumerate(document.chapters, 1):
            self._heading(f"{numeral(number)}、{chapter.title}", 1)
            if not (chapter.sections and chapter.name == "agencies"):
                self._blocks(chapter.blocks)
            for place, part in enumerate(chapter.sections, 1):
                heading = self._heading(f"（{numeral(place)}）{part.title}", 2)
                heading.paragraph_format.page_break_before = place > 1
                self._blocks(part.blocks)
        whole = io.BytesIO()
        self.file.save(whole)
        return whole.getvalue()

    def _page(self) -> None:
        section = self.file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.different_first_page_header_footer = True
        self.file.settings.odd_and_even_pages_header_footer = True
        for footer, side in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):  # fmt: skip
            paragraph = footer.paragraphs[0]
            paragraph.alignment = side
            self._run(paragraph, "— ", "宋体", 14)
            _field(self._run(paragraph, "", "宋体", 14), "PAGE")
            self._run(paragraph, " —", "宋体", 14)
        if self.document.is_demonstration:
            for header in (section.header, section.even_page_header, section.first_page_header):
                header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
                marked = self._run(header.paragraphs[0], "示　例（数据均为虚构）", _HEI, 16)
                marked.font.color.rgb = RGBColor(0xA8, 0x20, 0x1A)

    def _styles(self) -> None:
        sizes = {"Normal": (_FANG, 15.75), "Heading 1": (_HEI, 15.75), "Heading 2": (_KAI, 15.75), "Heading 3": (_FANG, 15.75)}  # fmt: skip
        for name, (font, size) in sizes.items():
            style = self.file.styles[name]
            style.font.name, style.font.size = font, Pt(size)
            style.font.bold = name == "Heading 3"
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
            form = style.paragraph_format
            form.space_before = form.space_after = Pt(0)
            form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28.95)
            form.first_line_indent = Pt(31.5)

    def _cover(self) -> None:
        for text, font, size, above in (
            (self.document.title, _SONG, 22, 150),
            (f"（{self.document.year} 年）", _SONG, 22, 0),
            ("（示例，数据均为虚构）" if self.document.is_demonstration else self.document.issuer, _FANG, 15.75, 180),
            (f"截至 {chinese_day(self.document.day)}", _FANG, 15.75, 0),
        ):  # fmt: skip
            paragraph = self.file.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.first_line_indent = Pt(0)
            paragraph.paragraph_format.space_before = Pt(above)
            self._run(paragraph, text, font, size)
        self.file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        title = self.file.add_paragraph()
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.paragraph_format.first_line_indent = Pt(0)
        self._run(title, "目　录", _SONG, 22)
        for number, chapter in enumerate(self.document.chapters, 1):
            row = self.file.add_paragraph()
            row.paragraph_format.first_line_indent = Pt(0)
            self._run(row, f"{numeral(number)}、{chapter.title}")
        self.file.add_section(WD_SECTION.NEW_PAGE)

    def _heading(self, text: str, level: int) -> Any:
        return self.file.add_heading(_clean(text), level)

    # ------------------------------------------------------------------ blocks

    def _blocks(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            match block:
                case Heading(text, level):
                    self._heading(text, min(3, level + 1))
                case Paragraph(line):
                    self._line(self.file.add_paragraph(), line)
                case Listing(lines, is_ordered):
                    for number, line in enumerate(lines, 1):
                        head = f"{number}. " if is_ordered else ""
                        self._line(self.file.add_paragraph(), (Cell(head), *line))
                case Tiles(tiles):
                    rows = tuple((Cell(tile.title), tile.value, Cell(tile.note)) for tile in tiles)
                    self._table(("指标", "数值", "变化"), (1, 1, 2), rows, {1})
                case Table():
                    self._caption(f"表 {block.number}　{block.title}")
                    self._full_table(block)
                case Chart():
                    self._caption(f"图 {block.number}　{block.title}")
                    self._bars(block)

    def _full_table(self, table: Table) -> None:
        numbers = {at for at, column in enumerate(table.columns) if column.is_number}
        self._table(tuple(c.title for c in table.columns), tuple(c.width for c in table.columns), table.rows, numbers)  # fmt: skip
        if table.note:
            self._small(self.file.add_paragraph(), table.note)

    def _bars(self, chart: Chart) -> None:
        """Bars of signs: they can be edited, and every program shows them."""
        rows: list[Line] = []
        for at, label in enumerate(chart.labels):
            for series in chart.series:
                value = series.values[at]
                length = round(float(_BAR * value.number / chart.most)) if value.number and chart.most else 0  # fmt: skip
                name = label.text if len(chart.series) == 1 else f"{label.text} {series.title}"
                rows.append((Cell(name), Cell(_SIGN * length), Cell(value.text)))
        self._table(("", "", ""), (3, 5, 2), tuple(rows), {2}, has_head=False)

    def _table(
        self,
        heads: tuple[str, ...],
        widths: tuple[int, ...],
        rows: tuple[Line, ...],
        numbers: set[int],
        *,
        has_head: bool = True,
    ) -> None:
        """A table of fixed widths.

        Written as XML in one go: cell by cell, the library takes minutes for a city's appendix.
        """
        total = sum(widths)
        table = self.file.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        twips = [round(_TEXT / 25.4 * 1440 * width / total) for width in widths]
        for column, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), twips, strict=True):
            column.set(qn("w:w"), str(width))
        size = 21 if len(widths) <= 7 else 16
        if has_head:
            row = _row([Cell(head) for head in heads], twips, set(), size, is_head=True)
            table._tbl.append(row)
        for line in rows:
            table._tbl.append(_row(line, twips, numbers, size, is_head=False))
        after = self.file.add_paragraph()
        after.paragraph_format.line_spacing = Pt(8)

    def _caption(self, text: str) -> None:
        paragraph = self.file.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.first_line_indent = Pt(0)
        paragraph.paragraph_format.keep_with_next = True
        self._run(paragraph, text, _HEI, 10.5)

    def _small(self, paragraph: Any, text: str) -> None:
        paragraph.paragraph_format.first_line_indent = Pt(0)
        paragraph.paragraph_format.line_spacing = Pt(16)
        self._run(paragraph, text, _FANG, 10.5)

    def _line(self, paragraph: Any, line: Line) -> None:
        for cell in line:
            run = self._run(paragraph, cell.text)
            run.bold = cell.is_strong or None

    def _run(self, paragraph: Any, text: str, font: str = "", size: float = 0) -> Any:
        run = paragraph.add_run(_clean(text))
        if font:
            run.font.name = font
            run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        if size:
            run.font.size = Pt(size)
        return run


def _row(cells: Iterable[Cell], twips: list[int], numbers: set[int], size: int, *, is_head: bool) -> Any:  # fmt: skip
    """A row of a table; ``size`` is in half points."""
    row = _element("w:tr")
    about = _within(row, "w:trPr")
    _within(about, "w:cantSplit")
    if is_head:
        _within(about, "w:tblHeader")
    for at, cell in enumerate(cells):
        box = _within(row, "w:tc")
        _within(_within(box, "w:tcPr"), "w:tcW", w=str(twips[at]), type="dxa")
        paragraph = _within(box, "w:p")
        form = _within(paragraph, "w:pPr")
        _within(form, "w:spacing", before="20", after="20", line=str(size * 15), lineRule="exact")
        _within(form, "w:ind", firstLine="0")
        _within(form, "w:jc", val="center" if is_head else "right" if at in numbers else "left")
        run = _within(paragraph, "w:r")
        look = _within(run, "w:rPr")
        _within(look, "w:rFonts", eastAsia=_HEI if is_head else _FANG, ascii=_FANG, hAnsi=_FANG)
        if cell.is_strong:
            _within(look, "w:b")
        if cell.text.startswith(_SIGN):
            _within(look, "w:color", val="17508C")
        _within(look, "w:sz", val=str(size))
        text = _within(run, "w:t")
        text.text = _clean(cell.text)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return row


def _within(parent: Any, name: str, **attributes: str) -> Any:
    element = _element(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)
    return element


def _element(name: str) -> Any:
    return cast(Any, OxmlElement(name))


def _field(run: Any, name: str) -> None:
    """A field that the program fills in, such as the number of the page."""
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        element = _element("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._element.append(element)


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
