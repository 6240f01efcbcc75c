"""``mulu fmt``: records in their canonical form, comments kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from mulu.cli.shell import CLEAN, FINDINGS, Shell, Stop, line_reader, say, with_shell


@click.command(help="把记录改写成规范的写法：栏目顺序、缩进、引号；注释保留。")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="只报告哪些文件要改，不改。")
@with_shell
def command(shell: Shell, paths: Sequence[Path], check: bool) -> int:
    """Format files; those that cannot be read are reported and left alone."""
    from mulu.findings import Finding, Verdict
    from mulu.loading import canonical, markdown, records
    from mulu.loading.schemas import Schemas
    from mulu.publish import write_file
    from mulu.reporters import terminal

    schemas = Schemas.load(shell.asset_files("schemas/records"))
    changed: list[str] = []
    refused: list[Finding] = []
    for path in _files(shell, paths):
        source = (shell.root / path).read_bytes()
        mended = _mend_bytes(source)
        kind = schemas.kind_of(path)
        data, _ = records.read(path, mended, schemas)
        if isinstance(data, Finding):
            refused.append(data)
            continue
        is_prose = path.endswith(markdown.SUFFIX)
        formatted = mended if is_prose else canonical.format_source(mended, data, kind.schema if kind else {})  # fmt: skip
        if formatted != source:
            changed.append(path)
            if not check:
                write_file(shell.root / path, formatted)
    for path in changed:
        say(f"{'要改' if check else '已改'} {path}")
    if refused:
        verdict = Verdict(tuple(refused), len(refused))
        say(terminal.render(verdict, translate=str, lines=line_reader(shell.root), colour=False))
    return FINDINGS if refused or (check and changed) else CLEAN


def _mend_bytes(source: bytes) -> bytes:
    """What can be mended without reading YAML: BOM, line ends, NFC, the final newline."""
    import unicodedata

    try:
        text = source.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return source
    return (unicodedata.normalize("NFC", text).rstrip("\n") + "\n").encode()


def _files(shell: Shell, paths: Sequence[Path]) -> Iterator[str]:
    from mulu.tree.directory import Directory
    from mulu.tree.limits import FOLDERS

    if not paths:
        yield from (path for path, _ in Directory(shell.root).files(*FOLDERS))
    for path in paths:
        full = path.resolve()
        if not full.is_relative_to(shell.root):
            raise Stop(f"{path} 不在登记簿 {shell.root} 里")
        if not full.exists():
            raise Stop(f"没有 {path}")
        found = sorted(full.rglob("*.yml")) if full.is_dir() else [full]
        yield from (file.relative_to(shell.root).as_posix() for file in found)
