"""Strict YAML: the small, unambiguous part of YAML 1.2 that a record may be written in.

Bytes in, values or findings out.  What is accepted has one reading: UTF-8 text in NFC
with LF line ends, mappings, sequences and scalars, no anchors, tags, directives, merge
keys or second documents, no key twice, and no plain scalar that another YAML reader
would take for something else (``yes``, ``0755``, ``1e3``).  A value is one paragraph:
it holds no line break, so it cannot break out of a line wherever it is shown.

Built on libyaml's events: PyYAML composes and resolves on top of them, we do not.
Limits are those of the trust model: 64 KiB, depth 16, 5,000 nodes, 8,192 characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, cast

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from mulu.findings import Finding, Place, Rule, Stage
from mulu.loading import block
from mulu.loading.scalars import (
    CANDIDATE,
    LONGEST_WORD,
    MAX_DEPTH,
    MAX_NODES,
    MAX_SCALAR,
    Unclear,
    resolve,
)
from mulu.record import Data, Value

MAX_BYTES = 64 * 1024

_WHY_TEXT = (
    "记录由很多人、很多程序读写。看不见的字符、不同的换行和编码会让同样的文字被读成"
    "不同的内容，也会被用来骗过审核的人，所以文件只收一种写法。"
)
_WHY_YAML = (
    "同一段 YAML 在不同软件里可能读出不同的值。登记簿只用其中没有歧义的部分，"
    "这样任何人、任何软件读到的都一样。"
)


def _rule(code: str, title: str, says: str, fix: str, why: str = _WHY_YAML) -> Rule:
    return Rule(code, title, says, fix, why, stage=Stage.LOAD)


TOO_LARGE = _rule("file-too-large", "文件过大", "文件有 {size} 字节，超过 {limit} 字节", "拆分内容，或删去不属于目录的数据", "目录只登记有什么，不存放数据本身；过大的文件多半放错了东西，也会拖慢所有人的检查。")  # fmt: skip
NOT_UTF8 = _rule("not-utf8", "不是 UTF-8 编码", "第 {byte} 个字节起不是 UTF-8 文字", "用 UTF-8 编码另存本文件", _WHY_TEXT)  # fmt: skip
BYTE_ORDER_MARK = _rule("byte-order-mark", "开头有 BOM", "文件开头有 BOM 标记", "另存为“UTF-8（无 BOM）”", _WHY_TEXT)  # fmt: skip
FORBIDDEN_CHARACTER = _rule("forbidden-character", "不允许的字符", "含有不允许的字符 {code_point}", "删去它；空格用半角空格，不用制表符和全角空格", _WHY_TEXT)  # fmt: skip
LINE_ENDING = _rule("wrong-line-ending", "换行方式不对", "这一行以 CR 换行", "用 LF（Unix）换行另存本文件", _WHY_TEXT)  # fmt: skip
NOT_NORMALIZED = _rule("not-normalized", "文字不是规范形式", "文字不是 Unicode NFC 形式", "运行 mulu fmt，它会改写成规范形式；用转义写的，直接写出文字", _WHY_TEXT)  # fmt: skip
NO_FINAL_NEWLINE = _rule("no-final-newline", "末行没有换行", "文件最后一行没有换行", "在末尾加一个换行，或运行 mulu fmt", _WHY_TEXT)  # fmt: skip
EMPTY_FILE = _rule("empty-file", "空文件", "文件里没有内容", "写上内容，或删去这个文件")
NOT_A_MAPPING = _rule("not-a-mapping", "不是键值结构", "最外层不是“名称: 值”的结构", "最外层从“title: 名称”这样的一行写起")  # fmt: skip
SYNTAX = _rule("yaml-syntax", "YAML 写法有误", "这里读不下去：{problem}", "检查缩进、冒号后的空格和引号是否成对")  # fmt: skip
ANCHOR = _rule("anchor-or-alias", "锚点和引用", "用了锚点（&）或引用（*）", "把内容直接写出来；以 & 或 * 开头的文字请加引号")  # fmt: skip
TAG = _rule("tag", "类型标签", "用了类型标签（!）", "删去标签；以 ! 开头的文字请加引号")
DIRECTIVE = _rule("directive", "指令行", "用了 % 指令行", "删去以 % 开头的指令行")
SECOND_DOCUMENT = _rule("second-document", "第二个文档", "一个文件里有多个文档（---）", "每个文件只写一条记录")  # fmt: skip
MERGE_KEY = _rule("merge-key", "合并键", "用了合并键（<<）", "把内容直接写出来")
DUPLICATE_KEY = _rule("duplicate-key", "重复的键", "“{key}”写了两次", "只保留一处")
KEY_NOT_TEXT = _rule("key-not-text", "键不是文字", "键必须是文字", "把键写成一个词；像数字或日期的词请加引号")  # fmt: skip
TOO_DEEP = _rule("too-deep", "嵌套过深", "嵌套超过 {limit} 层", "减少层次")
TOO_MANY_NODES = _rule("too-many-nodes", "内容过多", "超过 {limit} 个值", "拆分成多条记录")
SCALAR_TOO_LONG = _rule("scalar-too-long", "文字过长", "一个值有 {length} 个字符，超过 {limit} 个", "缩短文字")  # fmt: skip
AMBIGUOUS = _rule("ambiguous-scalar", "有歧义的写法", "这个值不同软件会读成不同的意思", "是文字就加双引号；是否用 true 或 false；数字写成普通的十进制")  # fmt: skip
LINE_BREAK = _rule("line-break-in-value", "值里有换行", "一个值里有换行", "写成一段；太长可用 >- 折行，折行处读作空格", _WHY_TEXT)  # fmt: skip

RULES = (
    TOO_LARGE, NOT_UTF8, BYTE_ORDER_MARK, FORBIDDEN_CHARACTER, LINE_ENDING, NOT_NORMALIZED,
    NO_FINAL_NEWLINE, EMPTY_FILE, NOT_A_MAPPING, SYNTAX, ANCHOR, TAG, DIRECTIVE, SECOND_DOCUMENT,
    MERGE_KEY, DUPLICATE_KEY, KEY_NOT_TEXT, TOO_DEEP, TOO_MANY_NODES, SCALAR_TOO_LONG, AMBIGUOUS,
    LINE_BREAK,
)  # fmt: skip

# str.isprintable() refuses controls, bidi and zero-width marks, separators other than the
# space, private use and unassigned code points.  These are printable by that test and yet
# invisible: fillers, the braille blank, joiners and variation selectors.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


class _Refused(Exception):
    """Ends the reading of one file with a finding."""

    def __init__(self, rule: Rule, line: int, column: int, pointer: str, **values: object) -> None:
        self.rule, self.values = rule, values
        self.line, self.column, self.pointer = line, column, pointer


@dataclass(slots=True)
class _Open:
    """A mapping or sequence still being read."""

    value: Any
    pointer: str
    key: str | None = None
    is_mapping: bool = True


def load(path: str, source: bytes) -> Data | Finding:
    """Read one record; a Finding says where and why it is refused."""
    try:
        text = _text(source)
        return block.read(text) or _mapping(read_events(text, source))
    except _Refused as refused:
        place = Place(path, refused.pointer, refused.line, refused.column)
        return refused.rule.occurrence(place, refused.values)


def text_of(path: str, source: bytes) -> str | Finding:
    """A file as text, whatever it is written in; a Finding where it is no clean text."""
    try:
        return _text(source)
    except _Refused as refused:
        return refused.rule.occurrence(
            Place(path, "", refused.line, refused.column), refused.values
        )


@lru_cache(64)  # findings come file by file, often many to a file
def positions(source: bytes) -> dict[str, tuple[int, int]]:
    """Line and column of every value by JSON pointer; of keys by pointer + '#'.

    For a source that ``load`` refuses, the positions up to where it is refused.
    """
    found: dict[str, tuple[int, int]] = {}
    try:
        for pointer, event in walk(source):
            found.setdefault(pointer, (event.start_mark.line + 1, event.start_mark.column + 1))
    except YAMLError:
        pass
    return found


def escape_pointer(part: str) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1") if "~" in part or "/" in part else part


def _text(source: bytes) -> str:
    """The file as text, or a refusal: everything that can be said without YAML."""
    if len(source) > MAX_BYTES:
        raise _Refused(TOO_LARGE, 0, 0, "", size=len(source), limit=MAX_BYTES)
    if source.startswith(b"\xef\xbb\xbf"):
        raise _Refused(BYTE_ORDER_MARK, 1, 1, "")
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        start = source.rfind(b"\n", 0, error.start) + 1
        column = len(source[start : error.start].decode("utf-8", "replace")) + 1
        raise _Refused(NOT_UTF8, line, column, "", byte=error.start + 1) from None
    if "\r" in text:
        line, column = _spot(text, text.index("\r"))
        raise _Refused(LINE_ENDING, line, column, "")
    if not text.replace("\n", " ").isprintable() or _INVISIBLE.search(text):
        index = next(
            i
            for i, c in enumerate(text)
            if c != "\n" and (not c.isprintable() or _INVISIBLE.match(c))
        )
        line, column = _spot(text, index)
        raise _Refused(
            FORBIDDEN_CHARACTER, line, column, "", code_point=f"U+{ord(text[index]):04X}"
        )
    if not unicodedata.is_normalized("NFC", text):
        lines = enumerate(text.split("\n"), 1)
        line = next((n for n, row in lines if not unicodedata.is_normalized("NFC", row)), 1)
        raise _Refused(NOT_NORMALIZED, line, 1, "")
    if text and not text.endswith("\n"):
        raise _Refused(NO_FINAL_NEWLINE, text.count("\n") + 1, 1, "")
    return text


def _spot(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _events(source: bytes) -> Callable[[], Any]:
    """The next event of libyaml over a source, None at the end; PyYAML leaves it untyped."""
    return cast("Callable[[], Any]", CParser(source).get_event)


def _mapping(value: Value) -> Data:
    if not isinstance(value, dict):
        raise _Refused(NOT_A_MAPPING, 1, 1, "")
    return value


# Long and branching on purpose: it runs once per event of every file of the register, and
# a call per event would cost as much as the event itself (measured: ratio 0.45 to CSafeLoader
# as one function, 0.7 as four).
def read_events(text: str, source: bytes) -> Value:  # noqa: PLR0912, PLR0915, C901
    """The value a text stands for, built from libyaml's events in one pass."""
    if not text.strip():
        raise _Refused(EMPTY_FILE, 0, 0, "")
    next_event = _events(source)
    stack: list[_Open] = []
    top: _Open | None = None
    nodes = 0
    documents = 0
    root: Value = None
    value: Any
    pointer, is_mapping = "", False
    has_escapes = "\\" in text
    while True:
        try:
            event = next_event()
        except YAMLError as error:
            _refuse_syntax(error, text)
        kind = event.__class__
        if kind is ScalarEvent:
            value = event.value
            if event.anchor is not None:
                _refuse(ANCHOR, event, top)
            if event.tag is not None:
                _refuse(TAG, event, top)
            if not event.style:
                first = value[:1]
                if first in CANDIDATE or first == "" or len(value) <= LONGEST_WORD:
                    value = _plain(value, event, top)
            elif has_escapes:
                _refuse_decoded(value, event, top)
            if type(value) is str:
                if len(value) > MAX_SCALAR:
                    _refuse(SCALAR_TOO_LONG, event, top, length=len(value), limit=MAX_SCALAR)
                if "\n" in value:
                    _refuse(LINE_BREAK, event, top)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if event.anchor is not None:
                _refuse(ANCHOR, event, top)
            if event.tag is not None:
                _refuse(TAG, event, top)
            if len(stack) >= MAX_DEPTH:
                _refuse(TOO_DEEP, event, top, limit=MAX_DEPTH)
            is_mapping = kind is MappingStartEvent
            if top is not None and top.is_mapping and top.key is None:
                _refuse(KEY_NOT_TEXT, event, top)
            value = {} if is_mapping else []
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            stack.pop()
            top = stack[-1] if stack else None
            continue
        elif kind is DocumentStartEvent:
            documents += 1
            if documents > 1:
                _refuse(SECOND_DOCUMENT, event, None)
            if event.version is not None or event.tags:
                _refuse(DIRECTIVE, event, None)
            continue
        elif event is None:
            if not documents:
                raise _Refused(EMPTY_FILE, 0, 0, "")
            return root
        elif hasattr(event, "anchor"):
            _refuse(ANCHOR, event, top)
        else:
            continue

        nodes += 1
        if nodes > MAX_NODES:
            _refuse(TOO_MANY_NODES, event, top, limit=MAX_NODES)
        if top is None:
            root = value
            pointer = ""
        elif not top.is_mapping:
            if kind is not ScalarEvent:
                pointer = f"{top.pointer}/{len(top.value)}"
            top.value.append(value)
        elif top.key is None:
            if type(value) is not str:
                _refuse(KEY_NOT_TEXT, event, top)
            if value in top.value:
                _refuse(DUPLICATE_KEY, event, top, key=value)
            top.key = value
            continue
        else:
            if kind is not ScalarEvent:
                pointer = f"{top.pointer}/{escape_pointer(top.key)}"
            top.value[top.key] = value
            top.key = None
        if kind is not ScalarEvent:
            top = _Open(value, pointer, None, is_mapping)
            stack.append(top)


def _plain(text: str, event: Any, top: _Open | None) -> Value:
    """The value of a plain scalar; refused where readers differ."""
    value = resolve(text)
    if isinstance(value, Unclear):
        _refuse(MERGE_KEY if value is Unclear.MERGE_KEY else AMBIGUOUS, event, top)
    return value


def _pointer_of(top: _Open | None) -> str:
    if top is None:
        return ""
    if not top.is_mapping:
        return f"{top.pointer}/{len(top.value)}"
    return top.pointer if top.key is None else f"{top.pointer}/{escape_pointer(top.key)}"


def _refuse(rule: Rule, event: Any, top: _Open | None, **values: object) -> NoReturn:
    mark = event.start_mark
    raise _Refused(rule, mark.line + 1, mark.column + 1, _pointer_of(top), **values)


def _refuse_decoded(value: str, event: Any, top: _Open | None) -> None:
    """What an escape stands for is held to what may stand in a file as it is."""
    if not unicodedata.is_normalized("NFC", value):
        _refuse(NOT_NORMALIZED, event, top)
    if value.isprintable() and not _INVISIBLE.search(value):
        return
    for character in value:
        if character == "\n":
            continue
        if not character.isprintable() or _INVISIBLE.match(character):
            _refuse(FORBIDDEN_CHARACTER, event, top, code_point=f"U+{ord(character):04X}")


def _refuse_syntax(error: YAMLError, text: str) -> NoReturn:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = str(getattr(error, "problem", None) or "")
    if "directive" in problem:
        raise _Refused(DIRECTIVE, line, column, "") from None
    if "undefined tag handle" in problem:
        raise _Refused(TAG, line, column, "") from None
    row = text.split("\n")[line - 1] if 0 < line <= text.count("\n") + 1 else ""
    raise _Refused(SYNTAX, line, column, "", problem=_explain(problem, row)) from None


def _explain(problem: str, row: str) -> str:
    """Libyaml's complaint in the words of a person who edits a file."""
    for sign, words in _COMPLAINTS:
        if sign in problem:
            return words
    return "写法不合 YAML 规则" if row.strip() else "内容不完整"


_COMPLAINTS = (
    ("mapping values are not allowed", "这里不能再有“: ”，含冒号的文字请加引号"),
    ("did not find expected key", "缩进不对，或少了引号"),
    ("did not find expected '-' indicator", "列表的缩进不齐"),
    ("could not find expected ':'", "少了冒号，或冒号后少了空格"),
    ("found character that cannot start any token", "不能以这个符号开头，请加引号"),
    ("found unexpected end of stream", "引号或括号没有配对"),
    ("did not find expected ',' or", "方括号或花括号里少了逗号，或没有配对"),
    ("block sequence entries are not allowed", "列表不能写在这里，请另起一行"),
    ("found unknown escape character", "双引号里有不认识的 \\ 写法"),
    ("control characters are not allowed", "含有控制字符"),
)


def walk(source: bytes) -> Iterator[tuple[str, Any]]:
    """Every node with its pointer, and every key with its pointer + '#'."""
    next_event = _events(source)
    stack: list[_Open] = []
    while (event := next_event()) is not None:
        kind = event.__class__
        top = stack[-1] if stack else None
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            stack.pop()
            continue
        if kind not in (ScalarEvent, MappingStartEvent, SequenceStartEvent):
            continue
        pointer = _pointer_of(top)
        if top is not None and top.is_mapping and top.key is None:
            if kind is ScalarEvent:
                top.key = event.value
                yield f"{_pointer_of(top)}#", event
                continue
            top.key = ""
        yield pointer, event
        if top is not None:
            if top.is_mapping:
                top.key = None
            else:
                top.value.append(None)
        if kind is not ScalarEvent:
            stack.append(_Open([], pointer, None, kind is MappingStartEvent))
