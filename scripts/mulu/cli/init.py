"""``mulu init``: a new, empty, valid register."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click

from mulu.cli.shell import CLEAN, Shell, Stop, say, with_shell
from mulu.loading.schemas import Schemas
from mulu.record import Data

_COPIED = ("schemas", "site/pages")


@click.command(help="建立一个新的登记簿：空的目录、规则、指南页面和自动检查。")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--city", required=True, help="城市全称，例如 深圳市。")
@click.option("--pack", default="shenzhen-2015", show_default=True, help="适用规则包。")
@with_shell
def command(shell: Shell, folder: Path, city: str, pack: str) -> int:
    """Write everything aside, then put it in place; an existing folder must be empty."""
    from mulu.publish import write_file

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Stop(f"{folder} 已经有内容；请换一个空文件夹")
    if not (shell.assets / "schemas" / "policies" / pack).is_dir():
        known = sorted(
            p.name for p in (shell.assets / "schemas" / "policies").iterdir() if p.is_dir()
        )
        raise Stop(f"没有规则包 {pack!r}；可用：{'、'.join(known)}")
    for path, source in _files(shell, city, pack):
        write_file(folder / path, source)
    say(f"已在 {folder} 建立{city}的登记簿。下一步：")
    say(f"  cd {folder}")
    say("  git init && git add . && git commit -m '建立登记簿'")
    say(
        "  mulu new agency minzheng --set title=民政局 --set kind=organ --set level=city --set head=局长"
    )
    say("  mulu check && mulu serve")
    return CLEAN


def _files(shell: Shell, city: str, pack: str) -> Iterator[tuple[str, bytes]]:
    from mulu.loading import canonical

    schemas = Schemas.load(_packaged(shell, "schemas/records"))
    settings: Data = {
        "title": f"{city}政务信息资源目录",
        "city": city,
        "pack": pack,
        "roles": [],
    }
    schema = schemas.kinds["register"].schema
    if not schemas.valid("register", settings):
        raise Stop("城市名称过长或为空")
    yield "catalog/register.yml", canonical.dump(settings, schema)
    for folder in _COPIED:
        for path, source in _packaged(shell, folder):
            yield f"{folder}/{path}", source
    yield "mkdocs.yml", (shell.assets / "mkdocs.yml").read_bytes()
    yield "requirements.txt", f"mulu[site,tables]=={version('mulu')}\n".encode()
    yield ".gitignore", b"/build/\n/.venv/\n"
    yield ".gitattributes", b"* text=auto eol=lf\n"
    yield ".vscode/settings.json", editor_settings(schemas)
    yield ".github/workflows/check.yml", _WORKFLOW.encode()
    yield "README.md", _README.format(city=city).encode()


def editor_settings(schemas: Schemas) -> bytes:
    """Editor settings that give completion: each kind's schema for its paths."""
    globs = {
        f"./schemas/records/{kind.name}.schema.json": _glob(kind.path)
        for kind in schemas.kinds.values()
        if kind.suffix == ".yml"
    }
    settings = {"yaml.schemas": globs, "yaml.schemaStore.enable": False, "files.eol": "\n", "files.insertFinalNewline": True}  # fmt: skip
    return (json.dumps(settings, ensure_ascii=False, indent=2) + "\n").encode()


def _glob(path: str) -> str:
    import re

    return re.sub(r"\{\w+\}", "*", path)


def _packaged(shell: Shell, folder: str) -> list[tuple[str, bytes]]:
    base = shell.assets / folder
    return [
        (path.relative_to(base).as_posix(), path.read_bytes())
        for path in sorted(base.rglob("*"))
        if path.is_file()
    ]


_WORKFLOW = """\
# 每次修改都检查；主分支通过后生成网站。
name: check
on:
  pull_request:
  push:
    branches: [main]
permissions: {}
jobs:
  check:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install -r requirements.txt
      - run: mulu check --format github
      - run: mulu build -o build/site
"""

_README = """\
# {city}政务信息资源目录

登记各单位掌握的政务信息资源：有什么、能否共享、怎样取得、不能共享的依据是什么。

| 要做的事 | 命令 |
|---|---|
| 检查 | `mulu check` |
| 新建记录 | `mulu new resource 单位/资源 --set title=名称` |
| 看网站 | `mulu serve` |
| 说明一条规则 | `mulu explain 代号` |

先在 `catalog/register.yml` 的 `roles` 下写明各项职责由哪个单位承担，再编入单位和资源。
指南在网站的“指南”页，也就是 `site/pages/guides/`。
"""
