"""The rows of a table file, one by one: CSV, JSON and XLSX.

Bytes in, ``(number, cells)`` out.  Hides how each format is put together; changes no text.
A number is the text it was written as (JSON), or the shortest text of it (XLSX); a float
too large to have kept its digits stays a float, so that nobody takes it for a code.
CSV and JSON are read as they arrive; of an XLSX one sheet is in memory.

Numbers of rows are those a person sees: the row of the sheet (header included) in CSV and
XLSX, the position of the object in JSON, where arrays may be glued together and objects
may stand one a line (NDJSON).  A row that cannot be taken apart has a word for the reason
in place of its cells.  XLSX cells that hold an Excel error arrive as blank: the reader
(calamine) does not tell them apart.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from mulu.record import Data, Value

Row: TypeAlias = "tuple[int, dict[str, Value] | str]"

TYPES = ("csv", "json", "xlsx")
_CODECS = {"utf-8": "utf-8-sig", "gb18030": "gb18030", "utf-16": "utf-16", "cp950": "cp950"}
_DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";"}
_MAX_ROW = 4 * 1024 * 1024  # characters of one JSON row
_MAX_INFLATED = 1024**3  # bytes of an XLSX unpacked
_MAX_PARTS = 10_000
_EXACT = 10**15  # a float above has lost digits: 18-character codes typed as numbers


class TableError(ValueError):
    """The file as a whole cannot be read; the message is one line and quotes no cell."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is put together, as its map says."""

    type: str
    encoding: str = "utf-8"
    delimiter: str = "comma"
    sheet: str = ""
    header_row: int = 1


def layout_of(file: Data) -> Layout:
    """The layout that a map's ``file`` describes; its shape has been checked."""
    row = file.get("header_row", 1)
    texts = {
        name: str(file[name]) for name in ("type", "encoding", "delimiter", "sheet") if name in file
    }
    return Layout(**texts, header_row=row if isinstance(row, int) else 1)


def rows(chunks: Iterable[bytes], layout: Layout) -> Iterator[Row]:
    """Every row of the file.  Raises TableError where the file cannot be read on."""
    if layout.type == "xlsx":
        yield from _xlsx(b"".join(chunks), layout)
    elif layout.type == "json":
        yield from _json(_decoded(chunks, layout.encoding))
    else:
        yield from _csv(_decoded(chunks, layout.encoding), layout)


def _decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(_CODECS[encoding])("strict")
    line = 1
    try:
        for chunk in chunks:
            text = decoder.decode(chunk)
            line += text.count("\n")
            yield text
        yield decoder.decode(b"", final=True)
    except UnicodeError:
        raise TableError(f"第 {line} 行之后不是 {encoding} 文字；请在映射的 file.encoding 写明实际的编码") from None  # fmt: skip


def _csv(texts: Iterable[str], layout: Layout) -> Iterator[Row]:
    reader = csv.reader(_lines(texts), delimiter=_DELIMITERS[layout.delimiter], strict=True)
    header: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == layout.header_row:
                header = _header(cells)
            elif header:
                yield number, _named(header, cells)
    except csv.Error:
        raise TableError(f"第 {number + 1} 行不合 CSV 写法（引号不成对、换行方式不对或单元格过长）") from None  # fmt: skip
    if not header:
        raise TableError(f"没有第 {layout.header_row} 行，读不到表头")


def _lines(texts: Iterable[str]) -> Iterator[str]:
    rest = ""
    for text in texts:
        *whole, rest = (rest + text).split("\n")
        yield from (f"{line}\n" for line in whole)
    if rest:
        yield rest


def _header(cells: Sequence[Value]) -> list[str]:
    names = ["" if cell is None else str(cell) for cell in cells]
    for name in names:
        if name and names.count(name) > 1:
            raise TableError(f"表头里“{_shown(name)}”出现了不止一次")
    if not any(names):
        raise TableError("表头是空行；请在映射的 file.header_row 写明表头在第几行")
    return names


def _shown(name: str) -> str:
    return "".join(filter(str.isprintable, name))[:40]


def _named(header: list[str], cells: Sequence[Value]) -> dict[str, Value] | str:
    if len(cells) > len(header) and any(cell not in ("", None) for cell in cells[len(header) :]):
        return "too-many-cells"
    return {name: cell for name, cell in zip(header, cells, strict=False) if name}


class _Repeated(dict[str, Value]):
    """An object that names a column twice."""


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeated(found)


@dataclass(slots=True)
class _Text:
    """Text that arrives piece by piece; what has been read is given up."""

    pieces: Iterator[str]
    held: str = ""
    at: int = 0
    is_whole: bool = False

    def more(self) -> bool:
        """Hold as much again (so that retrying stays linear); whether there was any."""
        self.held, self.at = self.held[self.at :], 0
        wanted = max(1, len(self.held))
        got: list[str] = []
        while wanted > 0 and not self.is_whole:
            piece = next(self.pieces, None)
            if piece is None:
                self.is_whole = True
            else:
                got.append(piece)
                wanted -= len(piece)
        self.held += "".join(got)
        return any(got)

    def next_sign(self) -> str:
        """The next character that is not a blank, without taking it; '' at the end."""
        while True:
            rest = self.held[self.at : self.at + 256]
            sign = rest.lstrip(" \t\r\n")
            self.at += len(rest) - len(sign)
            if sign:
                return sign[0]
            if not rest and not self.more():
                return ""


@dataclass(slots=True)
class _Objects:
    """The values of a JSON text that is one array, several glued together, or one value a line."""

    text: _Text
    number: int = 0
    decoder: json.JSONDecoder = field(
        default_factory=lambda: json.JSONDecoder(
            object_pairs_hook=_object,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            strict=False,
        )
    )

    def rows(self) -> Iterator[Row]:
        while sign := self.text.next_sign():
            if sign == "[":
                self.text.at += 1
                yield from self._array()
            else:
                yield self._row()

    def _array(self) -> Iterator[Row]:
        may_follow = True
        while sign := self.text.next_sign():
            if sign == "]":
                self.text.at += 1
                return
            if sign == ",":
                self.text.at += 1
                if may_follow:
                    raise self._broken("多了逗号")
                may_follow = True
            elif may_follow:
                yield self._row()
                may_follow = False
            else:
                raise self._broken("前面少了逗号")
        raise self._broken("之前文件就结束了，没有写完")

    def _row(self) -> Row:
        value: Value | _Repeated = self._value()
        self.number += 1
        if not isinstance(value, dict):
            return self.number, "not-an-object"
        return self.number, "repeated-column" if isinstance(value, _Repeated) else value

    def _value(self) -> Any:
        text = self.text
        while True:
            try:
                value, end = self.decoder.raw_decode(text.held, text.at)
                if end < len(text.held):
                    text.at = end
                    return value
                if not text.more():
                    text.at = len(text.held)
                    return value
            except json.JSONDecodeError:
                if len(text.held) - text.at > _MAX_ROW:
                    raise self._broken("不是 JSON，或者过长") from None
                if not text.more():
                    raise self._broken("不是 JSON") from None
            except (RecursionError, ValueError):
                raise self._broken("嵌套过深") from None

    def _broken(self, how: str) -> TableError:
        return TableError(f"第 {self.number + 1} 个对象{how}，读不下去")


def _json(texts: Iterable[str]) -> Iterator[Row]:
    return _Objects(_Text(iter(texts))).rows()


def _xlsx(source: bytes, layout: Layout) -> Iterator[Row]:
    import python_calamine

    _check_package(source)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source))
        if layout.sheet and layout.sheet not in book.sheet_names:
            names = "、".join(map(_shown, book.sheet_names))
            raise TableError(f"没有工作表“{layout.sheet}”；有：{names}")
        sheet = book.get_sheet_by_name(layout.sheet or book.sheet_names[0])
        left = (sheet.start or (0, 0))[1]
        merges = [(top, a - left, bottom, b - left) for (top, a), (bottom, b) in sheet.merged_cell_ranges or ()]  # fmt: skip
        grid = _unmerged((list(map(_cell, row)) for row in sheet.iter_rows()), merges)
        header_at = layout.header_row - 1
        blank: list[Value] = []
        header = _header(next(itertools.islice(grid, header_at, None), blank))
        for number, cells in enumerate(grid, layout.header_row + 1):
            yield number, _named(header, cells)
    except python_calamine.CalamineError:
        raise TableError("不是能读的 XLSX 文件（损坏，或有密码）") from None


def _check_package(source: bytes) -> None:
    """Refuse a package that would unpack to more than the budget; its own figures are not believed."""
    size = 0
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as package:
            parts = package.infolist()
            if len(parts) > _MAX_PARTS:
                raise TableError("XLSX 里的部件过多")
            for part in parts:
                with package.open(part) as stream:
                    while piece := stream.read(1 << 20):
                        size += len(piece)
                        if size > _MAX_INFLATED:
                            raise TableError("XLSX 解开后过大")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        raise TableError("不是能读的 XLSX 文件（损坏，或有密码）") from None


def _unmerged(
    grid: Iterable[list[Value]], merges: Sequence[tuple[int, int, int, int]]
) -> Iterator[list[Value]]:
    """The rows, a merged value repeated in every cell that it covers."""
    begins: dict[int, list[tuple[int, int, int, int]]] = {}
    for merge in merges:
        begins.setdefault(merge[0], []).append(merge)
    open_: list[tuple[int, int, int, Value]] = []
    for number, cells in enumerate(grid):
        for _, left, bottom, right in begins.get(number, ()):
            if left < len(cells):
                open_.append((left, bottom, right, cells[left]))
        for left, _, right, value in open_:
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = value
        open_ = [merge for merge in open_ if merge[1] > number]
        yield cells


def _cell(value: Any) -> Value:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return float(value)
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        at_midnight = value.time() == value.min.time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
