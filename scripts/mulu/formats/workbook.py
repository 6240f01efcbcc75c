"""The annual report's tables as a workbook: a sheet for each, numbers as numbers, charts drawn anew."""

from __future__ import annotations

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from mulu.report.document import Cell, Chart, Document, Table
from mulu.report.steady import steady

_FORMS = {"share": "0.0%", "number": "#,##0", "days": "#,##0.0"}
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LINE = Border(bottom=Side(style="thin", color="BBBBBB"))
_HEAD = PatternFill("solid", start_color="E7EFF8")


def workbook(document: Document) -> bytes:
    """An XLSX file with every table of the report, those behind charts too, in their order.

    Texts are never read as formulas.
    """
    book = Workbook()
    contents: Any = book.active
    contents.title = "目录"
    contents.append([])
    _put(contents.cell(1, 1), Cell(document.full_title))
    contents.cell(1, 1).font = Font(bold=True, size=16)
    note = "示例：数据均为虚构。" if document.is_demonstration else ""
    _put(contents.cell(2, 1), Cell(f"截至 {document.day}。{note}"))
    charts = {block.table.number: block for _, block in document.blocks() if isinstance(block, Chart)}  # fmt: skip
    for row, table in enumerate(document.tables, 4):
        name = f"表{table.number}"
        link = contents.cell(row, 1)
        _put(link, Cell(f"表 {table.number}　{table.title}"))
        link.hyperlink = f"#'{name}'!A1"
        link.font = Font(color="17508C", underline="single")
        sheet = book.create_sheet(name)
        _sheet(sheet, table, is_demonstration=document.is_demonstration)
        if table.number in charts:
            _chart(sheet, charts[table.number])
    contents.column_dimensions["A"].width = 60
    book.properties.title, book.properties.creator = document.full_title, document.issuer
    written = io.BytesIO()
    book.save(written)
    return steady(written.getvalue(), document.day)


def _sheet(sheet: Any, table: Table, *, is_demonstration: bool) -> None:
    _put(sheet.cell(1, 1), Cell(f"表 {table.number}　{table.title}" + ("（示例）" if is_demonstration else "")))  # fmt: skip
    sheet.cell(1, 1).font = Font(bold=True, size=13)
    for at, column in enumerate(table.columns, 1):
        cell = sheet.cell(3, at)
        _put(cell, Cell(column.title))
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="right" if column.is_number else "left")  # fmt: skip
        widest = max([len(column.title), *(len(row[at - 1].text) for row in table.rows if at <= len(row))])  # fmt: skip
        sheet.column_dimensions[get_column_letter(at)].width = min(60, max(8, 2 * widest + 2))
    for number, row in enumerate(table.rows, 4):
        for at, value in enumerate(row, 1):
            cell = sheet.cell(number, at)
            _put(cell, value)
            cell.border = _LINE
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if table.columns[at - 1].is_number else "left")  # fmt: skip
    if table.note:
        _put(sheet.cell(len(table.rows) + 5, 1), Cell(table.note))
    sheet.freeze_panes = "B4"


def _put(cell: Any, value: Cell) -> None:
    if value.number is not None:
        cell.value = int(value.number) if value.number.denominator == 1 else float(value.number)
        cell.number_format = _FORMS[value.form]
        return
    cell.value = _NOT_IN_XML.sub("", value.text)[:32_000]
    cell.data_type = "s"  # a text that begins with "=" stays a text


def _chart(sheet: Any, chart: Chart) -> None:
    drawn: Any = BarChart()
    drawn.type = "col" if chart.is_upright else "bar"
    drawn.title = f"图 {chart.number}　{chart.title}"
    last, width = 3 + len(chart.table.rows), len(chart.table.columns)
    drawn.add_data(Reference(sheet, min_col=2, max_col=width, min_row=3, max_row=last), titles_from_data=True)  # fmt: skip
    drawn.set_categories(Reference(sheet, min_col=1, min_row=4, max_row=last))
    if not chart.is_upright:
        drawn.y_axis.scaling.min = 0
        drawn.x_axis.scaling.orientation = "maxMin"
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.height, drawn.width = (9, 20) if chart.is_upright else (max(6, 0.6 * last), 18)
    sheet.add_chart(drawn, f"{get_column_letter(width + 2)}3")
