"""``mulu codeowners``: the generated ownership file, printed or compared with the one kept."""

from __future__ import annotations

import difflib

import click

from mulu.cli.shell import CLEAN, FINDINGS, Shell, Stop, load_register, say, with_shell
from mulu.formats import codeowners


@click.command(help="生成代码托管平台的归属文件（CODEOWNERS）：谁来看哪一部分的修改。")
@click.option("--check", is_flag=True, help="与登记簿里保存的文件比较，不一样就指出。")
@click.option("--forge", type=click.Choice(list(codeowners.FILES)), help="哪一种平台，不写取 register.yml 的 forge。")  # fmt: skip
@with_shell
def command(shell: Shell, check: bool, forge: str | None) -> int:
    """Print the file, or say how the kept one differs."""
    from mulu.findings import Level
    from mulu.tree.directory import Directory

    register, findings = load_register(shell, Directory(shell.root))
    if any(finding.rule.level is Level.ERROR for finding in findings):
        raise Stop("登记簿有读不了的记录，归属说不全；先运行 mulu check 看是哪些", FINDINGS)
    kind = forge or (register.settings.text("forge", "kind") if register.settings else "")
    if not kind:
        raise Stop("catalog/register.yml 没有写 forge；用 --forge 指明是哪一种平台")
    wanted = codeowners.render(register, shell.today, kind)
    if not check:
        say(wanted)
        return CLEAN
    return _compare(shell, codeowners.FILES[kind], wanted)


def _compare(shell: Shell, path: str, wanted: str) -> int:
    """Whether the kept file says the same; what differs, line by line."""
    from mulu.reporters.terminal import visible

    file = shell.root / path
    kept = file.read_text("utf-8", "replace") if file.is_file() else ""
    if kept == wanted:
        return CLEAN
    say(f"{path} {'和登记簿对不上' if kept else '还没有'}；改正：mulu codeowners > {path}")
    rows = difflib.unified_diff(kept.splitlines(), wanted.splitlines(), path, "应当是", lineterm="", n=0)  # fmt: skip
    say("\n".join(visible(row) for row in rows))
    return FINDINGS
