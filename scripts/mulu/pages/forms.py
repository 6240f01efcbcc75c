"""Form pages: one for each case a pack lets somebody open, and one for cataloguing a resource.

A form is derived: its fields from the kind's schema, the act that opens the case and what that
act must carry from the pack's procedure.  The page shows every field without script; with it,
the browser checks what is typed, writes the record's file and hands it to the reader.  Nothing
is sent from here: the page knows the forge's address and no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mulu.loading.schemas import Schema
from mulu.pages.sheet import Sheet, key_of
from mulu.pages.view import Builder, Page, View
from mulu.policy.pack import Pack
from mulu.policy.procedure import Procedure, Way
from mulu.record import Record
from mulu.register import Register, in_force, is_withdrawn

RESOURCE = "resource"
_WRITTEN_BY_THE_FORM = {"pack", "acts", "withdrawn", "settled_by", "arises_from"}
_IMPORTED = "/source"
_FEW = 7
_LONG = 300


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: where it goes in the record, how it is asked for, what it offers."""

    pointer: str
    control: str
    schema: Schema
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    below: tuple[Field, ...] = ()
    when: str = ""
    """Only asked for when another field has one of these words: ``/sharing/declared=withheld``."""

    @property
    def title(self) -> str:
        """What the reader sees."""
        return str(self.schema.get("title", self.pointer))

    @property
    def help(self) -> str:
        """What to write."""
        return str(self.schema.get("description", ""))

    @property
    def example(self) -> str:
        """An example as text, '' where there is none that fits in a line."""
        examples = self.schema.get("examples") or [""]
        return str(examples[0]) if isinstance(examples[0], (str, int)) else ""

    @property
    def name(self) -> str:
        """An identifier for HTML."""
        return "f" + self.pointer.replace("/", "-")


TOLD = (
    "请填写",
    "至少填一行",
    "太长了，最多 {limit} 个字",
    "太多了，最多 {limit} 条",
    "请从给出的选项里选",
    "需要勾选同意",
    "有重复的内容",
    "写法不对，例如 {example}",
    "写法不对",
    "请填整数",
    "太小了",
    "太大了",
    "登记簿里没有这一项，请从列表里选",
    "应当由{who}提出",
    "或",
    "别的单位",
    "不能晚于今天",
    "请从列表里选提供单位",
    "只用小写字母、数字和连字符",
    "第 {n} 行“{title}”：",
    "第 {n} 行：",
    "文件放在 {path}",
    "可以提交了。",
    "还要填写：{count} 处。",
    "还不能提交，要填写或改正：{count} 处。",
    "已下载。把文件交给主管部门登记。",
    "已复制。在登记平台上新建文件 {path}，粘贴进去。",
    "请按 Ctrl+C 复制已选中的内容。",
    "粘贴了 {count} 行。",
    "目录里没有这项资源",
)
"""What ``forms.js`` tells its reader; a test holds the two together."""


def kinds(view: View) -> list[str]:
    """The kinds with a form: cataloguing first, then the pack's procedures in their order."""
    return [RESOURCE, *view.register.pack.procedures]


def pages(register: Register) -> Iterator[tuple[str, Builder]]:
    """The forms, and a page that leads to them, after their addresses."""
    yield "forms/", _list_page
    for kind in (RESOURCE, *register.pack.procedures):
        procedure = register.pack.procedures.get(kind)
        if procedure is None or procedure.opening:
            yield f"forms/{kind}/", partial(_form_page, kind=kind)


def _list_page(view: View) -> Page:
    titles = {kind: view.register.schemas.kinds[kind] for kind in kinds(view)}
    cards = [(kind, _title(view, kind), view.say(str(known.schema["description"]))) for kind, known in titles.items()]  # fmt: skip
    title, says = view.say("填写表单"), view.say("提出共享需求、异议、纠错、投诉，编目资源。")
    return Page("forms/index.html", "forms.html", title, says, {"cards": cards})


def _form_page(view: View, kind: str) -> Page:
    known = view.register.schemas.kinds[kind]
    procedure = view.register.pack.procedures.get(kind)
    way = procedure.opening[0] if procedure else None
    data = _data(view, known.folder, kind, known.schema, procedure, way)

    def more() -> dict[str, Any]:
        fields = tuple(_fields(view, known.schema, "", way))
        acts = tuple(_act_fields(view, known.schema, way)) if way else ()
        return {
            "kind": kind,
            "title": _title(view, kind),
            "says": view.say(procedure.says if procedure else str(known.schema["description"])),
            "procedure": view.say(procedure.title) if procedure else "",
            "main": [f for f in (*fields, *acts) if _is_main(f)],
            "extra": [f for f in fields if not _is_main(f)],
        }

    heading = view.say("填写：{title}", title=_title(view, kind))
    says = view.say(str(known.schema["description"]))
    return Page(f"forms/{kind}/index.html", "form.html", heading, says, {"data": data}, more=more)


def _title(view: View, kind: str) -> str:
    return view.say("编目资源") if kind == RESOURCE else view.words.kind(kind)


def sheets(view: View) -> Iterator[Sheet]:
    """What a form asks for when it knows what it is about: an agency's resources, and taken keys."""
    register = view.register
    for agency, records in register.resources_by_agency.items():
        entries = [register.entry_of(record) for record in records]
        known = [view.digest(one) for one in (*records, *entries) if one is not None]
        yield Sheet(f"forms/data/{agency}.json", key_of(known, str(view.day)), partial(_data_of, view, records))  # fmt: skip
    for kind in register.pack.procedures:
        year = str(view.day.year)
        taken = _json([key for key in register.of(kind) if key.startswith(year)]).encode()
        yield Sheet(f"forms/data/taken-{kind}.json", key_of(taken), partial(bytes, taken))


def _data_of(view: View, records: Sequence[Record]) -> bytes:
    return _json({record.key: _resource(view, record) for record in records}).encode()


def _resource(view: View, record: Record) -> dict[str, object]:
    entry = view.register.entry_of(record)
    listed = entry is not None and in_force(entry, view.day)
    return {
        "title": record.title,
        "items": [str(row["name"]) for row in record.rows("items")],
        "listed": listed,
        "withheld": entry.texts("items") if entry is not None and listed else [],
    }


def _fields(view: View, schema: Schema, pointer: str, way: Way | None) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, below in schema["properties"].items():
        internal = below.get("x-visibility") == "internal"
        if internal or (not pointer and name in _WRITTEN_BY_THE_FORM) or name in ("settled_by",):
            continue
        yield _field(view, below, f"{pointer}/{name}", required=name in required, way=way)


def _field(view: View, schema: Schema, pointer: str, *, required: bool, way: Way | None) -> Field:
    options = _options(view, schema)
    control = _control(schema, options, pointer, way)
    below: tuple[Field, ...] = ()
    if control == "group":
        below = tuple(_fields(view, schema if required else _eased(schema), pointer, way))
    elif control == "rows":
        below = tuple(_fields(view, schema["items"], f"{pointer}/*", way))
    return Field(pointer, control, schema, required, options, below, _when(view, pointer))


def _eased(schema: Schema) -> Schema:
    """A group that may be left out as a whole: then nothing in it must be there."""
    return {**schema, "required": ()}


def _control(
    schema: Schema, options: tuple[tuple[str, str], ...], pointer: str, way: Way | None
) -> str:
    kind = schema.get("type")
    if kind == "array":
        row = schema["items"]
        if row.get("type") == "object":
            return "rows"
        if options:
            return "multi"
        return "items" if pointer == "/items" and way is not None else "lines"
    if kind == "object":
        return "group"
    if kind == "boolean":
        return "check"
    if options:
        return "choice" if len(options) <= _FEW else "select"
    if "x-reference" in schema:
        return "reference"
    if kind in ("integer", "number"):
        return "number"
    if schema.get("format") == "date" or "YYYY" in str(schema.get("description", "")):
        return "date"
    return "area" if schema.get("maxLength", 0) > _LONG else "text"


def _options(view: View, schema: Schema) -> tuple[tuple[str, str], ...]:
    one = schema["items"] if schema.get("type") == "array" else schema
    if "enum" in one:
        titles: Mapping[str, str] = one.get("x-titles", {})
        return tuple((str(word), titles.get(word, str(word))) for word in one["enum"])
    if "x-vocabulary" in one:
        terms = view.register.pack.vocabularies.get(str(one["x-vocabulary"]), {})
        return tuple((term.word, term.title) for term in terms.values())
    return ()


def _when(view: View, pointer: str) -> str:
    """A legal basis is asked for only where something is withheld (art. 12)."""
    if pointer != "/sharing/basis":
        return ""
    terms = view.register.pack.vocabularies.get("sharing-class", {}).values()
    return "/sharing/declared=" + ",".join(t.word for t in terms if "withheld" in t.marks)


def _act_fields(view: View, schema: Schema, way: Way) -> Iterator[Field]:
    """The day of the opening act, and what it must carry that does not follow from the parties."""
    act = schema["properties"]["acts"]["items"]["properties"]
    yield _field(view, act["date"], "/acts/0/date", required=True, way=way)
    derived = {"to"} if any(guard.name == "addressed-to" for guard in way.guards) else set[str]()
    for name in way.carries:
        if name not in derived:
            yield _field(view, act[name], f"/acts/0/{name}", required=True, way=way)


def _is_main(field: Field) -> bool:
    """What is asked first: what must be there, what the national guide calls core, parts of data."""
    if field.pointer == _IMPORTED:
        return False
    return field.required or "x-guide" in field.schema or field.control in ("items", "group")


def _data(
    view: View,
    folder: str,
    kind: str,
    schema: Schema,
    procedure: Procedure | None,
    way: Way | None,
) -> str:
    """Everything the script needs, as JSON that cannot leave its element."""
    register, pack = view.register, view.register.pack
    settings = register.settings
    agencies = [
        (a.key, a.text("short") or a.title, a.title) for a in view.agencies() if not is_withdrawn(a)
    ]
    return _json(
        {
            "kind": kind,
            "words": {text: said for text in TOLD if (said := view.say(text)) != text},
            "folder": folder,
            "pack": pack.reference,
            "schema": _bare(schema),
            "agencies": agencies,
            "laws": [(law.key, law.text("short") or law.title) for law in register.of("law").values()]
            if kind in ("delisting", RESOURCE)
            else [],
            "libraries": [(one.key, one.title) for one in register.of("library").values()]
            if kind == RESOURCE
            else [],
            "forge": settings.get("forge") if settings else None,
            "opening": _opening(view, pack, procedure, way) if procedure and way else None,
        }
    )  # fmt: skip


def _opening(view: View, pack: Pack, procedure: Procedure, way: Way) -> dict[str, object]:
    roles = {
        word: view.register.holder(word, view.day) for word in pack.vocabularies.get("role", {})
    }
    return {
        "act": way.act,
        "by": list(way.by),
        "carries": list(way.carries),
        "parties": {
            p.name: {"title": p.title, "agency": p.agency, "provider_of": p.provider_of, "role_of": p.role_of}
            for p in procedure.parties.values()
        },
        "roles": {word: agency for word, agency in roles.items() if agency},
        "guards": [
            {"guard": g.name, "words": list(g.words), "says": g.says}
            for g in way.guards
            if g.name in ("other-than", "addressed-to")
        ],
    }  # fmt: skip


_KEPT = {"title", "type", "properties", "items", "required", "enum", "const", "examples", "maxLength", "minItems", "x-titles"}  # fmt: skip


def _bare(schema: Schema) -> Schema:
    """A schema with what the script tells faults and writes files by."""
    kept = {name: value for name, value in schema.items() if name in _KEPT}
    if "properties" in kept:
        kept["properties"] = {
            name: _bare(below)
            for name, below in kept["properties"].items()
            if below.get("x-visibility") != "internal"
        }
    if "items" in kept:
        kept["items"] = _bare(kept["items"])
    return kept


def _json(value: object) -> str:
    """JSON that may stand inside HTML: nothing in it ends or opens an element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
