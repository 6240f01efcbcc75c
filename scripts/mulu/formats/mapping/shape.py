"""The shape of a map, as a schema: the same engine and sentences as for records judge it.

What a schema cannot say (does a regular expression compile, does a value fit its field)
is checked by ``plan``.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from mulu.formats.mapping.cells import COUNTED_FORMS, FORMS, NARROW
from mulu.loading.schemas import Kind

Shape: TypeAlias = dict[str, Any]

ENCODINGS = ("utf-8", "gb18030", "utf-16", "cp950")


def _text(title: str, example: str = "……", **more: Any) -> Shape:
    return {"title": title, "type": "string", "maxLength": 500, "examples": [example], **more}


def _texts(title: str, **more: Any) -> Shape:
    return {"title": title, "type": "array", "items": _text(title), "examples": [["……"]], **more}


def _word(title: str, *words: str) -> Shape:
    return {"title": title, "type": "string", "enum": list(words), "examples": [words[0]]}


def _flag(title: str) -> Shape:
    return {"title": title, "type": "boolean", "examples": [True]}


def _number(title: str, low: int, high: int) -> Shape:
    return {"title": title, "type": "integer", "minimum": low, "maximum": high, "examples": [low]}


def _group(title: str, required: tuple[str, ...] = (), /, **properties: Shape) -> Shape:
    return {
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
        "examples": ["……"],
    }


def _either(shape: Shape, *types: str) -> Shape:
    return {**shape, "type": [shape["type"], *types]}


def _table(title: str) -> Shape:
    return {"title": title, "type": "object", "examples": [{"每年": "annual"}]}


_CHOICE = _either(
    _group(
        "怎么办",
        value={"title": "取这个值"},
        column=_text("改取这一列", "摘要"),
        refuse=_text("拒收，理由", "不是资源"),
    ),
    "string",
)
_PATTERN = _group(
    "一条规则",
    ("matches",),
    matches=_text("正则表达式", "局$"),
    value={"title": "取这个值"},
    leave_out=_flag("不取"),
    refuse=_text("拒收，理由", "不是资源"),
)
_WHEN = _group(
    "怎样才算信息项的列表",
    at_least=_number("至少几项", 1, 1000),
    longest=_number("每项最多几个字符", 1, 200),
    matching=_text("全文须符合的正则表达式", "、"),
    not_matching=_text("全文不得符合的正则表达式", "流程"),
)
_FIELD = _either(
    _group(
        "栏目从哪里来",
        column=_text("列名", "资源名称"),
        columns=_texts("列名（几列）", minItems=2, maxItems=10),
        constant={"title": "固定的值"},
        join=_text("几列之间加的文字", "/"),
        overlap=_flag("后一列开头与前一列末尾相同的字只写一次"),
        take=_text("只取正则表达式第一个括号里的部分", "id=([0-9]+)"),
        values=_table("原值对应的取值"),
        patterns={"title": "按写法取值", "type": "array", "items": _PATTERN, "examples": ["……"]},
        otherwise=_CHOICE,
        absent=_CHOICE,
        on_bad=_CHOICE,
        blanks=_texts("这一栏的空白词"),
        split=_text("分隔符", "、，,;；"),
        strip=_text("每一项首尾去掉的字符", "[]'"),
        outside_brackets=_flag("括号里的分隔符不算"),
        when=_WHEN,
        forms={
            "title": "日期写法",
            "type": "array",
            "minItems": 1,
            "items": _word("日期写法", *FORMS, *COUNTED_FORMS),
            "examples": [["YYYY-MM-DD"]],
        },
        drop_time=_flag("去掉日期后面的时刻"),
        earliest=_text("可信的最早日期", "1990-01-01"),
        latest=_text("可信的最晚日期", "2026-12-31"),
        thousands=_flag("数目里有千位逗号"),
    ),
    "string",
)

SCHEMA = _group(
    "导入映射",
    ("catalog", "file", "identity", "agency", "resource", "duplicates"),
    catalog=_text("来源目录的名称", "某市数据开放平台", minLength=1, maxLength=200),
    file=_group(
        "文件",
        ("type",),
        type=_word("格式", "csv", "json", "xlsx"),
        encoding=_word("编码", *ENCODINGS),
        delimiter=_word("分隔符", "comma", "tab", "semicolon"),
        sheet=_text("工作表", "目录"),
        header_row=_number("表头在第几行", 1, 100),
    ),
    text=_group(
        "文字",
        html=_word("HTML", "keep", "strip"),
        narrow={
            "title": "改为半角",
            "type": "array",
            "items": _word("种类", *NARROW),
            "examples": [["digits"]],
        },
        blanks=_texts("空白词"),
    ),
    unused=_texts("有意不用的列"),
    identity=_group(
        "编号",
        column=_text("列名", "资源编号"),
        columns=_texts("列名（几列）", minItems=2, maxItems=10),
        join=_text("几列之间加的文字", "/"),
        take=_text("只取正则表达式第一个括号里的部分", "id=([0-9]+)"),
    ),
    url=_group("原网址", column=_text("列名", "网址"), take=_text("只取括号里的部分", "(https.*)")),
    agency=_group(
        "提供单位",
        ("title", "kind", "level"),
        title=_FIELD,
        kind=_FIELD,
        level=_FIELD,
        short=_FIELD,
        region=_FIELD,
        uscc=_FIELD,
        keys=_table("单位名称对应的代号"),
    ),
    resource=_group(
        "信息资源",
        ("title", "abstract", "sharing"),
        title=_FIELD,
        code=_FIELD,
        classification=_FIELD,
        library=_FIELD,
        abstract=_FIELD,
        keywords=_FIELD,
        subject=_FIELD,
        formats=_FIELD,
        items=_FIELD,
        sharing=_group(
            "共享属性", ("declared",), declared=_FIELD, conditions=_FIELD, method=_FIELD
        ),
        openness=_group("开放属性", **{"class": _FIELD, "conditions": _FIELD}),
        update_cycle=_FIELD,
        published_on=_FIELD,
        refreshed_on=_FIELD,
        record_count=_FIELD,
        credential=_FIELD,
        system=_FIELD,
        note=_FIELD,
    ),
    duplicates=_word("单位、名称都相同的行", "merge-formats", "refuse"),
    may_differ=_table("合并时可以不同的栏目"),
    keep=_texts("登记簿里已有就不改的栏目"),
)

MAP = Kind("map", "导入映射", "{map}.yml", SCHEMA)
