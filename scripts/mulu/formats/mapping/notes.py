"""What a report says of a row: why it was refused, and what was changed in it.

As with findings, the sentence and the values stay apart until the report is written, and
a note about personal data has no value at all, so that no report can print it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mulu.findings import fill


class Outcome(StrEnum):
    """What became of a row: its own record, part of another row's record, or nothing."""

    TAKEN = "taken"
    MERGED = "merged"
    REFUSED = "refused"


class File(StrEnum):
    """What the row's record is to the register."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to say of a row.  ``column`` and ``value`` are strangers' text.

    ``by_rule``: the map states this very outcome; nobody has to decide anything.
    """

    code: str
    column: str = ""
    value: str = ""
    by_rule: bool = False

    @property
    def title(self) -> str:
        """A few words, for counting."""
        return _WORDS[self.code][0]

    @property
    def sentence(self) -> str:
        """The note in one sentence; long values are cut."""
        values = {"column": self.column, "value": self.value[:60] + "…" * (len(self.value) > 60)}
        return fill(_WORDS[self.code][1], values, str)


class RefusedError(Exception):
    """Ends the reading of a value or a row, with the reason."""

    def __init__(
        self, code: str, column: str = "", value: str = "", *, by_rule: bool = False
    ) -> None:
        super().__init__(code)
        self.note = Note(code, column, value, by_rule)


@dataclass(frozen=True, slots=True)
class Line:
    """One row in the report."""

    row: int
    outcome: Outcome
    record: str = ""
    file: File | None = None
    reasons: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def is_by_rule(self) -> bool:
        """Whether the map's explicit rules account for the outcome."""
        return all(reason.by_rule for reason in self.reasons)


def counted(lines: tuple[Line, ...]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How many rows were refused, by their first reason, and how many rows each note is on."""
    refused = Counter(line.reasons[0].title for line in lines if line.reasons)
    noted = Counter(title for line in lines for title in {note.title for note in line.notes})
    return dict(refused.most_common()), dict(noted.most_common())


# code: (a few words, the sentence)
_WORDS: Mapping[str, tuple[str, str]] = {
    # why a row was refused
    "not-an-object": ("不是一行数据", "这一项不是“列名: 值”的对象"),
    "too-many-cells": ("单元格比表头多", "这一行的单元格比表头多"),
    "repeated-column": ("同一列出现两次", "这一行里有的列出现了两次"),
    "personal-data": ("含有个人信息", "“{column}”里有{value}（内容不再写出）"),
    "broken-character": ("含有坏字", "“{column}”里有无法保存的字符 {value}"),
    "digits-lost": ("数字已丢位", "“{column}”是超过 15 位的数值，位数已丢失；在原表改成文本重填"),
    "not-a-text": ("不是文字", "“{column}”不是文字或数字"),
    "absent": ("必填的没有填", "“{column}”没有填"),
    "by-rule": ("按映射规则不收", "“{column}”：{value}"),
    "unknown-value": ("没有对应的取值", "“{column}”的“{value}”在映射的 values 里没有"),
    "not-taken": ("写法不符", "“{column}”的“{value}”不合映射的 take"),
    "bad-date": ("日期不对", "“{column}”的“{value}”不是可信的日期"),
    "bad-number": ("数字不对", "“{column}”的“{value}”不是数目"),
    "no-identity": ("没有编号", "没有可以认出这一行的“{column}”"),
    "identity-repeated": ("编号重复", "“{column}”的编号与第 {value} 行相同，名称却不同"),
    "duplicate": ("名称重复", "与第 {value} 行的单位、名称相同"),
    "duplicate-differs": (
        "名称重复而内容不同",
        "与第 {value} 行的单位、名称相同，不同的有：{column}",
    ),
    "title-exists": ("登记簿里已有", "登记簿里已有同名的 {value}"),
    "withdrawn": ("登记簿里已撤销", "登记簿里的 {value} 已经撤销"),
    "agency-withdrawn": ("单位已撤销", "单位 {value} 在登记簿里已经撤销"),
    "agency-ambiguous": ("单位不能确定", "登记簿里有不止一个单位叫“{value}”"),
    "agency-differs": ("单位前后不一", "单位“{value}”的性质或层级与别的行不同"),
    "not-valid": ("不合记录格式", "不合记录格式：{column} {value}"),
    # what was changed
    "trimmed": ("去掉首尾空白", "“{column}”首尾的空白已去掉"),
    "spaces": ("空白改为一个空格", "“{column}”里的换行、制表符、连续空白已改为一个空格"),
    "characters": ("去掉看不见的字符", "“{column}”里看不见的字符已去掉"),
    "nfc": ("改为 NFC", "“{column}”已改为 Unicode NFC 形式"),
    "html": ("去掉 HTML", "“{column}”里的 HTML 标记和转义已去掉"),
    "narrowed": ("全角改为半角", "“{column}”里的全角字母或数字已改为半角"),
    "blank": ("空白词按没有填处理", "“{column}”写的是“{value}”，按没有填处理"),
    "filled": ("按规则补填", "“{column}”没有填，按映射规则补填"),
    "left-out": ("按规则不取的值", "“{column}”的“{value}”按映射规则不取"),
    "bad-left-out": ("写法不对而不取的值", "“{column}”的“{value}”写法不对或不可信，按映射规则不取"),
    "date-read": ("改写的日期", "“{column}”的“{value}”已改写为年-月-日"),
    "url-left-out": ("不取的网址", "“{column}”不是可以登记的网址，没有取"),
    "items-unbalanced": ("括号不成对", "“{column}”的括号不成对，没有拆成信息项"),
    "items-too-many": ("信息项过多或过长", "“{column}”拆出的信息项过多或过长，没有取"),
    "items-empty": ("空的信息项", "“{column}”里空的信息项已去掉"),
    "items-repeated": ("重复的信息项", "“{column}”里重复的信息项已去掉：{value}"),
    "raw-cut": ("原文过长", "“{column}”的原文过长，source.raw 只留开头"),
    "merged": ("并入的行", "并入了第 {value} 行"),
    "differs-left-out": ("合并时不一致而不取", "合并的各行“{column}”不一致，按映射规则不取"),
    "other-agency": ("登记簿里在别的单位名下", "登记簿里这一项在 {value} 名下，没有移动"),
    "rewritten": ("改写的栏目", "改写了：{value}"),
}
