"""Issues as requests: the forms a forge shows, and what comes back from them.

Two directions of one description.  ``forms`` writes an issue form for every procedure, its
fields from the kind's schema; ``parsed`` reads the body such a form was rendered to.  A body is a
stranger's text: labels are looked for in their order and each exactly once, so that a heading
inside a value cannot stand for another field; anything else is refused in words.  What was
written by another account than the issue's author is nobody's request, and is refused too.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from mulu.loading.schemas import Schema
from mulu.policy.pack import Pack
from mulu.record import Data, Value
from mulu.register import Register

LABEL = "共享登记"
KIND = "办理事项"
_OWN = {"pack", "acts", "arises_from", "internal_note"}
_EMPTY = "_No response_"
_LONG = 300
_BIDI = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")  # fmt: skip
_HEADING = re.compile("^ {0,3}###(?:[ \t].*)?$", re.MULTILINE)
_BEIJING = timezone(timedelta(hours=8))
_HAN = re.compile("[\u2e80-\uffef]")


class Refused(Exception):
    """An issue that cannot become a record; ``reasons`` say why, each a sentence and its values.

    ``again`` is whether the writer can mend that by editing the issue.
    """

    def __init__(self, *reasons: str, again: bool = True) -> None:
        super().__init__("；".join(reasons))
        self.reasons = reasons
        self.again = again


@dataclass(frozen=True, slots=True)
class Issue:
    """What an issue's event says, whatever the forge."""

    forge: str
    number: int
    login: str
    title: str
    body: str
    day: str
    address: str

    @property
    def name(self) -> str:
        """``github#12``: what the record's commit is marked with."""
        return f"{self.forge}#{self.number}"


# ---------------------------------------------------------------------- payloads


def issue_of(payload: Value) -> Issue:
    """An issue from an event or an answer of GitHub, Gitea, Forgejo or GitLab.

    Raises Refused where the payload has not the shape that these document, where the issue is
    confidential, and where another account than the author's has written it last.
    """
    if not isinstance(payload, dict):
        raise Refused("内容不是议题的数据")
    if payload.get("object_kind") == "issue":
        return _gitlab_event(payload)
    if "iid" in payload:
        return _gitlab(payload, _text(payload, "author", "username"), "web_url")
    issue = payload.get("issue", payload)
    if not isinstance(issue, dict):
        raise Refused("内容不是议题的数据")
    login = _text(issue, "user", "login")
    if "sender" in payload and _text(payload, "sender", "login") != login:
        raise _of_another()
    address = _text(issue, "html_url")
    is_github = address.startswith("https://github.com/") or "node_id" in issue
    return Issue(
        "github" if is_github else "gitea",
        _number(issue, "number"),
        login,
        _text(issue, "title"),
        _text(issue, "body"),
        _day(_text(issue, "created_at")),
        address,
    )


def _gitlab_event(payload: Data) -> Issue:
    """The event names who acted; the author only by number."""
    about, user = payload.get("object_attributes"), payload.get("user")
    if not isinstance(about, dict) or not isinstance(user, dict):
        raise Refused("内容不是议题的数据")
    author = _number(about, "author_id")
    if _number(user, "id") != author or about.get("last_edited_by_id") not in (None, author):
        raise _of_another()
    return _gitlab(about, _text(user, "username"), "url")


def _gitlab(about: Data, login: str, address: str) -> Issue:
    if about.get("confidential", False) is not False:
        raise Refused("这个议题设为不公开，登记是公开的，不能转成登记", again=False)
    return Issue(
        "gitlab",
        _number(about, "iid"),
        login,
        _text(about, "title"),
        _text(about, "description"),
        _day(_text(about, "created_at")),
        _text(about, address),
    )


def _of_another() -> Refused:
    return Refused("最近改动这个议题的不是建立它的账号；请由建立它的账号再编辑一次", again=False)


def _text(data: Data, *names: str) -> str:
    value: Value = data
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str):
        raise Refused(f"议题的数据里 {'.'.join(names)} 不是文字")
    return value


def _number(data: Data, name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**10:
        raise Refused(f"议题的数据里 {name} 不是编号")
    return value


def _day(moment: str) -> str:
    """The civil date in Beijing, by which terms run, of a moment as forges write it."""
    try:
        when = datetime.fromisoformat(moment.removesuffix(" UTC"))
        zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
        day = zoned.astimezone(_BEIJING).date().isoformat()
    except (ValueError, OverflowError):
        day = ""
    if not day.startswith("20"):
        raise Refused("议题的数据里没有建立的时间")
    return day


# ---------------------------------------------------------------------- fields


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an issue form, and the property it stands for."""

    name: str
    schema: Schema
    required: bool
    options: tuple[tuple[str, str], ...]
    of_act: bool = False

    @property
    def label(self) -> str:
        """What the form calls it."""
        return str(self.schema["title"])


def fields(register: Register, kind: str) -> list[Field]:
    """The fields of a procedure's form, in the order of the schema; groups and tables have none."""
    schema, pack = register.schemas.kinds[kind].schema, register.pack
    found = [
        Field(name, below, name in schema["required"], _options(pack, below))
        for name, below in schema["properties"].items()
        if name not in _OWN and below.get("type") != "object" and not _is_table(below)
    ]
    way = pack.procedures[kind].opening[0]
    act = schema["properties"]["acts"]["items"]["properties"]
    derived = {"to"} if any(guard.name == "addressed-to" for guard in way.guards) else set[str]()
    found += [
        Field(name, act[name], True, _options(pack, act[name]), of_act=True)
        for name in way.carries
        if name not in derived
    ]
    return found


def _is_table(schema: Schema) -> bool:
    return schema.get("type") == "array" and schema["items"].get("type") == "object"


def _options(pack: Pack, schema: Schema) -> tuple[tuple[str, str], ...]:
    if "enum" in schema:
        titles: Mapping[str, str] = schema.get("x-titles", {})
        return tuple((str(word), titles.get(word, str(word))) for word in schema["enum"])
    terms = pack.vocabularies.get(str(schema.get("x-vocabulary", "")), {}).values()
    return tuple((term.word, term.title) for term in terms)


# ---------------------------------------------------------------------- forms out


def forms(register: Register) -> Iterator[tuple[str, bytes]]:
    """An issue form for every procedure that somebody can open, as (file name, YAML)."""
    for kind, procedure in register.pack.procedures.items():
        if procedure.opening:
            yield f"{kind}.yml", _yaml(_form(register, kind)).encode()


def _form(register: Register, kind: str) -> Data:
    known, procedure = register.schemas.kinds[kind], register.pack.procedures[kind]
    intro = f"{procedure.says}议题是公开的：不要写国家秘密、个人信息和商业秘密。填好以后会自动变成一条登记和一个合入请求。"  # fmt: skip
    body: list[Value] = [
        {"type": "markdown", "attributes": {"value": intro}},
        {
            "type": "dropdown",
            "id": "kind",
            "attributes": {"label": KIND, "options": [known.title], "default": 0},
            "validations": {"required": True},
        },
    ]
    body += [_input(field) for field in fields(register, kind)]
    return {
        "name": known.title,
        "description": str(known.schema["description"]),
        "title": f"{known.title}：",
        "labels": [LABEL],
        "body": body,
    }


def _input(field: Field) -> Data:
    about: Data = {"label": field.label, "description": _help(field)}
    needed: Data = {"validations": {"required": True}} if field.required else {}
    if field.schema.get("type") == "boolean":
        about["options"] = [{"label": field.label, "required": field.required}]
        return {"type": "checkboxes", "id": field.name, "attributes": about}
    if field.options:
        about["options"] = [title for _, title in field.options]
        return {"type": "dropdown", "id": field.name, "attributes": about, **needed}
    examples = field.schema.get("examples") or [""]
    is_long = field.schema.get("type") == "array" or field.schema.get("maxLength", 0) > _LONG
    if isinstance(examples[0], (str, int)) and not isinstance(examples[0], bool):
        about["placeholder"] = str(examples[0])
    return {"type": "textarea" if is_long else "input", "id": field.name, "attributes": about, **needed}  # fmt: skip


def _help(field: Field) -> str:
    text = str(field.schema.get("description", ""))
    if field.schema.get("x-reference") == "agency":
        return f"{text}写单位的简称或代号。"
    return f"{text}一行写一个。" if field.schema.get("type") == "array" else text


def _yaml(value: Value, indent: int = 0) -> str:
    """Block YAML of plain JSON values; every text in quotes."""
    pad = " " * indent
    if isinstance(value, dict):
        return "".join(
            f"{pad}{name}: {json.dumps(below, ensure_ascii=False)}\n"
            if not isinstance(below, dict | list)
            else f"{pad}{name}:\n{_yaml(below, indent + 2)}"
            for name, below in value.items()
        )
    rows = value if isinstance(value, list) else [value]
    return "".join(
        f"{pad}- {_yaml(row, indent + 2).lstrip()}"
        if isinstance(row, dict)
        else f"{pad}- {json.dumps(row, ensure_ascii=False)}\n"
        for row in rows
    )


def templates(register: Register) -> Iterator[tuple[str, bytes]]:
    """The text a pull request about each procedure begins with, as (file name, Markdown)."""
    for kind, procedure in register.pack.procedures.items():
        known = register.schemas.kinds[kind]
        who: dict[str, dict[str, None]] = {}
        for way in procedure.ways:
            if not way.opens:
                titles = (register.pack.capacity_title(procedure, by) for by in way.by)
                who.setdefault(way.title, {}).update(dict.fromkeys(titles))
        acts = "\n".join(f"- [ ] {title}（{'、'.join(names)}）" for title, names in who.items())
        how = "\n".join(f"{n}. {step}" for n, step in enumerate(procedure.how, 1))
        warning = "合入请求一经公开就是发布：不要写国家秘密、个人信息和商业秘密。"
        text = (
            f"<!-- {known.title}。{warning} -->\n\n**案件**（{known.folder}/ 下的哪个文件）：\n\n"
            f"**这一次办哪一步**（只勾本单位做的一项）：\n\n{acts}\n\n**怎么办**\n\n{how}\n"
        )
        yield f"{kind}.md", text.encode()


# ---------------------------------------------------------------------- bodies in


def parsed(register: Register, issue: Issue) -> tuple[str, Data, Data]:
    """A body as (kind, the record's values, the opening act's values).

    Raises Refused with every reason at once.
    """
    if len(issue.body) > 1 << 16:
        raise Refused("议题太长")
    text = unicodedata.normalize("NFC", issue.body.replace("\r\n", "\n").replace("\r", "\n"))
    if _BIDI.search(text):
        raise Refused("议题里有看不见的控制字符，请删去后再提交")
    titles = {register.schemas.kinds[kind].title: kind for kind in register.pack.procedures}
    first = re.match(rf"### {KIND}\n\n([^\n]*)\n", text)
    kind = titles.get(first[1].strip()) if first else None
    if kind is None:
        raise Refused("没有写明办理事项，或者议题不是用本登记簿的表单建立的")
    wanted = fields(register, kind)
    labels = [KIND, *(field.label for field in wanted)]
    heads = {f"### {label}" for label in labels}
    strange = [head for head in _HEADING.findall(text) if head not in heads]
    if strange:
        raise Refused(*(f"有不认识的栏目“{head.strip(' #')[:40]}”；文字里不要用 ### 开头的标题" for head in strange[:20]))  # fmt: skip
    values = _sections(text, labels)
    data, act, wrong = _values(register, wanted, values)
    if wrong:
        raise Refused(*wrong)
    return kind, data, act


def _values(
    register: Register, wanted: list[Field], texts: Mapping[str, str]
) -> tuple[Data, Data, list[str]]:
    data: Data = {}
    act: Data = {}
    wrong: list[str] = []
    for field in wanted:
        try:
            value = _value(register, field, texts[field.label])
        except Refused as error:
            wrong += error.reasons
            continue
        if value is not None:
            (act if field.of_act else data)[field.name] = value
        elif field.required:
            wrong.append(f"“{field.label}”没有填写")
    return data, act, wrong


def _sections(text: str, labels: list[str]) -> dict[str, str]:
    """The text below each label.  Raises Refused where a label is missing, twice, or out of order."""
    found: dict[str, str] = {}
    at = 0
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        head = f"### {label}\n"
        if not text.startswith(head, at):
            raise Refused(f"缺少“{label}”一栏，或者栏目的次序变了")
        start = at + len(head)
        if following is None:
            end = len(text)
        else:
            mark = f"\n### {following}\n"
            end = text.find(mark, start - 1)
            if end < 0:
                raise Refused(f"缺少“{following}”一栏，或者栏目的次序变了")
            if text.find(mark, end + 1) >= 0:
                raise Refused(f"“{following}”一栏出现了两次，分不清是哪一个")
        found[label] = text[start:end].strip()
        at = end + 1
    return found


def _value(register: Register, field: Field, text: str) -> Value:
    if text in ("", _EMPTY):
        return None
    schema = field.schema
    if schema.get("type") == "boolean":
        return True if re.match(r"- \[[xX]\] ", text) else None
    if schema.get("type") == "array":
        return [_paragraph(row.lstrip("-* ")) for row in text.split("\n") if row.strip()]
    value = _paragraph(text)
    if field.options:
        words = {title: word for word, title in field.options}
        if value not in words:
            raise Refused(f"“{field.label}”不在可选的值里")
        return words[value]
    if schema.get("type") == "integer":
        if not re.fullmatch("[0-9]{1,9}", value):
            raise Refused(f"“{field.label}”要写数字")
        return int(value)
    if schema.get("x-reference") == "agency":
        return agency_of(register, value)
    return value


def agency_of(register: Register, text: str) -> str:
    """The agency that a name, a short name or a key means; the text itself where none does."""
    for agency in register.of("agency").values():
        if (
            text in (agency.key, agency.title, agency.text("short"))
            and "withdrawn" not in agency.data
        ):
            return agency.key
    return text


def _paragraph(text: str) -> str:
    """One paragraph: a line break between Chinese characters is nothing, else a blank."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    joined = lines[0] if lines else ""
    for line in lines[1:]:
        joined += line if _HAN.match(joined[-1]) or _HAN.match(line[0]) else f" {line}"
    return joined
