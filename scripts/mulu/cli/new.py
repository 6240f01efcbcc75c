"""``mulu new``: a record from flags or prompts, valid or refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from mulu.cli.drafting import derive, draft_chapter, free_key, key_of, loaded, open_case, prefill
from mulu.cli.flags import typed, values_of
from mulu.cli.shell import CLEAN, FINDINGS, Shell, Stop, line_reader, load_register, say, with_shell


@click.command(
    help="新建一条记录，例如：mulu new resource minzheng/hunyin-dengji --set title=婚姻登记信息 "
    "--set abstract=…；年度报送写年份和单位：mulu new return 2025 minzheng，登记簿里有的数已经填好；年度报告里自己写的一章写年份和章节：mulu new chapter 2025 overview。代号不写时由名称的拼音生成（资源须用 --agency 写明单位）。"
)
@click.argument("kind")
@click.argument("words", nargs=-1, metavar="[代号]")
@click.option("--agency", help="提供或提出的单位的代号。")
@click.option("--set", "values", multiple=True, metavar="栏目=值", help="填一个栏目，可写多次；下级栏目用点，如 sharing.declared=shared。")  # fmt: skip
@click.option("--act", "act_values", multiple=True, metavar="栏目=值", help="立案动作的一个栏目，可写多次，如 reason=…、due_on=2026-12-31。")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只显示，不写文件。")
@with_shell
def command(
    shell: Shell,
    kind: str,
    words: tuple[str, ...],
    agency: str | None,
    values: Sequence[str],
    act_values: Sequence[str],
    dry_run: bool,
) -> int:
    """Compose, check with the register around it, and write."""
    from mulu.findings import Level, Verdict
    from mulu.judge import judge
    from mulu.loading import canonical, markdown
    from mulu.publish import write_file
    from mulu.register import index
    from mulu.reporters import terminal
    from mulu.tree.directory import Directory

    register, _ = load_register(shell, Directory(shell.root))
    known = register.schemas.kinds.get(kind)
    if known is None:
        raise Stop(f"没有 {kind!r} 这一类；可用：{'、'.join(f'{k.name}（{k.title}）' for k in register.schemas.kinds.values())}")  # fmt: skip
    data = values_of(values, known.schema)
    _prompt(data, known.schema)
    derive(register, kind, data, agency)
    if "acts" in known.schema["properties"]:
        given = values_of(act_values, known.schema["properties"]["acts"]["items"])
        open_case(register, kind, data, given, shell)
    name = _name(register, kind, data, words, agency, shell)
    path = known.file(name)
    if not known.pattern.match(path):
        raise Stop(f"代号 {name!r} 不合规定：这一类记录放在 {known.path}")
    if register.is_known(kind, name):
        raise Stop(f"{path} 已经有了；代号不能重复使用")
    if kind == "resource" and "code" not in data and "classification" in data:
        data["code"] = _next_code(register, name, data)
    is_prose = known.suffix == markdown.SUFFIX
    source = markdown.dump(data["lines"]) if is_prose else canonical.dump(data, known.schema)
    record, findings = loaded(path, source, register)
    if record is not None:
        whole = index(
            [*register, record], register.schemas, register.pack, register.broken, register.policies
        )
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


def _name(
    register: Any, kind: str, data: dict[str, Any], words: Sequence[str], agency: str | None, shell: Shell
) -> str:  # fmt: skip
    """The key: what was given, or what follows from the data; a return is filled in by it."""
    key = "/".join(words)
    if kind == "chapter":
        return draft_chapter(register, data, words)
    if kind == "return":
        prefill(register, data, key, shell)
    return key or free_key(register, kind, key_of(kind, data, agency, shell))


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
        data[name] = typed(click.prompt(below["title"]), below)


def _next_code(register: Any, key: str, data: Mapping[str, Any]) -> str:
    """The next free code in the class path that the agency's other resources of the class use."""
    first = {"基础信息资源": "1", "主题信息资源": "2", "部门信息资源": "3"}.get(data["classification"][0], "3")  # fmt: skip
    agency = key.partition("/")[0]
    codes = [r.text("code") for r in register.of("resource").values() if r.text("code")]
    own = [r.text("code") for r in register.of("resource").values() if r.key.startswith(f"{agency}/") and r.text("code").startswith(first)]  # fmt: skip
    path = own[0].partition("/")[0] if own else f"{first}08001"
    used = {int(code.partition("/")[2]) for code in codes if code.partition("/")[0] == path}
    return f"{path}/{max(used, default=0) + 1}"
