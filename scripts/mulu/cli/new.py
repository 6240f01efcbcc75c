"""``mulu new``: a record from flags or prompts, valid or refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from mulu.cli.shell import CLEAN, FINDINGS, Shell, Stop, line_reader, load_register, say, with_shell


@click.command(
    help="新建一条记录，例如：mulu new resource minzheng/hunyin-dengji --set title=婚姻登记信息 "
    "--set abstract=…。代号不写时由名称的拼音生成（资源须用 --agency 写明单位）。"
)
@click.argument("kind")
@click.argument("key", required=False)
@click.option("--agency", help="提供或提出的单位的代号。")
@click.option("--set", "values", multiple=True, metavar="栏目=值", help="填一个栏目，可写多次；下级栏目用点，如 sharing.declared=shared。")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只显示，不写文件。")
@with_shell
def command(
    shell: Shell,
    kind: str,
    key: str | None,
    agency: str | None,
    values: Sequence[str],
    dry_run: bool,
) -> int:
    """Compose, check with the register around it, and write."""
    from mulu.findings import Level, Verdict
    from mulu.judge import judge
    from mulu.loading import canonical
    from mulu.publish import write_file
    from mulu.register import index
    from mulu.reporters import terminal
    from mulu.tree.directory import Directory

    register, _ = load_register(shell, Directory(shell.root))
    known = register.schemas.kinds.get(kind)
    if known is None:
        raise Stop(f"没有 {kind!r} 这一类；可用：{'、'.join(f'{k.name}（{k.title}）' for k in register.schemas.kinds.values())}")  # fmt: skip
    data = _given(values, known.schema)
    _prompt(data, known.schema)
    _derive(register, kind, data, agency, shell)
    name = key or _key(kind, data, agency, shell)
    path = known.file(name)
    if not known.pattern.match(path):
        raise Stop(f"代号 {name!r} 不合规定：这一类记录放在 {known.path}")
    if register.is_known(kind, name):
        raise Stop(f"{path} 已经有了；代号不能重复使用")
    if kind == "resource" and "code" not in data and "classification" in data:
        data["code"] = _next_code(register, name, data)
    source = canonical.dump(data, known.schema)
    record, findings = _load(path, source, register)
    if record is not None:
        whole = index([*register, record], register.schemas, register.pack, register.broken)
        findings = [f for f in judge(whole, shell.today).findings if f.place.path == path]
    verdict = Verdict(tuple(findings), 1)
    lines = source.decode().split("\n")
    if findings:
        reader = line_reader(shell.root)
        say(terminal.render(verdict, translate=str, colour=False, lines=lambda p, n: lines[n - 1] if p == path and 0 < n <= len(lines) else reader(p, n)))  # fmt: skip
    if verdict.count(Level.ERROR):
        say("没有写文件：先改正上面的错误")
        return FINDINGS
    if dry_run:
        say(source.decode())
    else:
        write_file(shell.root / path, source)
        say(f"已建立 {path}")
    return CLEAN


def _load(path: str, source: bytes, register: Any) -> tuple[Any, list[Any]]:
    from mulu.loading import records

    loaded = records.load([(path, source)], register.schemas)
    return (loaded.records[0] if loaded.records else None), loaded.findings


def _given(values: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals:
            raise Stop(f"--set {text!r} 应当写成 栏目=值")
        _put(data, name.split("."), value, schema)
    return data


def _put(data: dict[str, Any], names: list[str], value: str, schema: Mapping[str, Any]) -> None:
    below = schema.get("properties", {}).get(names[0])
    if below is None:
        raise Stop(f"没有 {names[0]!r} 这一栏；可用：{'、'.join(schema.get('properties', {}))}")
    if len(names) > 1:
        _put(data.setdefault(names[0], {}), names[1:], value, below)
    else:
        data[names[0]] = _typed(value, below)


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    """A flag's text as the schema's type; lists are split at commas."""
    kind = schema.get("type")
    by_title = {title: word for word, title in schema.get("x-titles", {}).items()}
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "array":
        items = schema.get("items", {})
        if items.get("type") == "object":
            return [{items["required"][0]: part} for part in re.split("[,，、]", value) if part]
        return [_typed(part, items) for part in re.split("[,，、]", value) if part]
    return by_title.get(value, value)


def _prompt(data: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Ask for required texts that were not given; only on a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    for name in schema["required"]:
        below = schema["properties"][name]
        if (
            name in data
            or below.get("type") in ("array", "object")
            or name in ("pack", "applicant")
        ):
            continue
        choices = "、".join(f"{word}={title}" for word, title in below.get("x-titles", {}).items())
        say(f"{below['description']}{f'（{choices}）' if choices else ''}")
        data[name] = _typed(click.prompt(below["title"]), below)


def _derive(
    register: Any, kind: str, data: dict[str, Any], agency: str | None, shell: Shell
) -> None:
    """Fill what follows from the register: default class, pack, applicant, the opening act."""
    properties = register.schemas.kinds[kind].schema["properties"]
    if kind == "resource":
        classes = register.pack.vocabularies.get("sharing-class", {}).values()
        default = next((term.word for term in classes if "withheld" not in term.marks), "")
        data.setdefault("sharing", {}).setdefault("declared", default)
    if "acts" not in properties:
        return
    data.setdefault("pack", f"{register.pack.name}@{register.pack.version}")
    applicant = data.setdefault("applicant", agency or "")
    if "undertaking" in properties:
        data.setdefault("undertaking", True)
    act = register.pack.opening_acts.get(kind)
    if act and "acts" not in data:
        data["acts"] = [{"act": act, "date": shell.today.isoformat(), "by": applicant}]


def _key(kind: str, data: Mapping[str, Any], agency: str | None, shell: Shell) -> str:
    if "acts" in data:
        about = data.get("resource") or data.get("entry") or data.get("against") or ""
        subject = str(about).rpartition("/")[2]
        return f"{shell.today.year}/{data.get('applicant')}--{subject}"
    from mulu.loading.slugs import slug_of

    slug = slug_of(str(data.get("title", "")))
    if not slug:
        raise Stop("请写代号，或用 --set title=名称")
    if kind in ("resource", "entry"):
        if not agency:
            raise Stop("请写代号，或用 --agency 写明单位")
        return f"{agency}/{slug}"
    return slug


def _next_code(register: Any, key: str, data: Mapping[str, Any]) -> str:
    """The next free code in the class path that the agency's other resources of the class use."""
    first = {"基础信息资源": "1", "主题信息资源": "2", "部门信息资源": "3"}.get(data["classification"][0], "3")  # fmt: skip
    agency = key.partition("/")[0]
    codes = [r.text("code") for r in register.of("resource").values() if r.text("code")]
    own = [r.text("code") for r in register.of("resource").values() if r.key.startswith(f"{agency}/") and r.text("code").startswith(first)]  # fmt: skip
    path = own[0].partition("/")[0] if own else f"{first}08001"
    used = {int(code.partition("/")[2]) for code in codes if code.partition("/")[0] == path}
    return f"{path}/{max(used, default=0) + 1}"
