"""``mulu forms``: the issue forms and pull-request texts of a forge, from schemas and pack."""

from __future__ import annotations

from pathlib import Path

import click

from mulu.cli.shell import CLEAN, FINDINGS, Shell, load_register, say, with_shell


@click.command(help="生成平台上的议题表单和合入请求的文字：每种程序一份，来自格式说明和规则包。")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="写到哪个文件夹，不写为登记簿的 .github 和 .gitea。")  # fmt: skip
@click.option("--check", is_flag=True, help="只检查现有的表单是否与数据一致，不写文件。")
@with_shell
def command(shell: Shell, output: Path | None, check: bool) -> int:
    """Write what differs, or say what does."""
    from mulu.formats import issue
    from mulu.publish import write_file
    from mulu.tree.directory import Directory

    register, _ = load_register(shell, Directory(shell.root))
    forms = {f"ISSUE_TEMPLATE/{name}": source for name, source in issue.forms(register)}
    texts = {f"PULL_REQUEST_TEMPLATE/{name}": s for name, s in issue.templates(register)}
    folders = [output] if output else [shell.root / ".github", shell.root / ".gitea"]
    stale = [
        (folder / name, source)
        for folder in folders
        for name, source in ({**forms, **texts} if folder.name == ".github" else forms).items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != source
    ]
    for path, source in stale:
        if check:
            say(f"{path} 与数据不一致；运行 mulu forms 重新生成")
        else:
            write_file(path, source)
            say(f"已写 {path}")
    return FINDINGS if check and stale else CLEAN
