"""``mulu build``: the whole site, swapped in at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from mulu.cli.shell import CLEAN, ENVIRONMENT, FINDINGS, Shell, Stop, load_register, say, with_shell
from mulu.findings import Level
from mulu.history import Landing

DEMONSTRATION = "示例：本网站是演示，数据均为虚构，不代表任何单位的真实情况。"


@dataclass(frozen=True, slots=True)
class Source:
    """What the register is built from: a commit, a day, and each file's history."""

    commit: str
    day: str
    dirty: bool
    history: dict[str, list[Landing]]
    note: str = ""


@click.command(help="生成网站。写到一旁，完成后整体换上；中途失败，原来的网站不动。")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("build/site"), help="放到哪个文件夹。")  # fmt: skip
@click.option("--audience", type=click.Choice(["public", "internal"]), default="public", help="给社会看，还是内部看。")  # fmt: skip
@click.option("--base-url", help="网站发布后的网址，不写取 register.yml 的 site。")
@click.option("--jobs", type=click.IntRange(1, 64), help="同时用几个进程读文件。")
@with_shell
def command(
    shell: Shell, output: Path, audience: str, base_url: str | None, jobs: int | None
) -> int:
    """Check, then build; a register with errors is not published."""
    return build(shell, output, internal=audience == "internal", base_url=base_url, jobs=jobs)


def build(
    shell: Shell,
    output: Path,
    *,
    internal: bool = False,
    base_url: str | None = None,
    jobs: int | None = None,
) -> int:
    """Build the site into ``output``; returns the exit code."""
    from mulu.judge import judge
    from mulu.publish import publish
    from mulu.tree.directory import Directory

    source = source_of(shell)
    register, findings = load_register(shell, Directory(shell.root), jobs=jobs)
    verdict = judge(register, shell.today, findings)
    if verdict.count(Level.ERROR) or verdict.faults:
        say(
            f"登记簿有 {verdict.count(Level.ERROR)} 处错误，没有生成网站；先运行 mulu check 看是哪些"
        )
        return FINDINGS
    if source.note:
        click.echo(f"注意：{source.note}", err=True)
    about = {
        "version": 1,
        "mulu": version("mulu"),
        "commit": source.commit,
        "dirty": source.dirty,
        "day": str(shell.given_today or source.day or shell.today),
        "audience": "internal" if internal else "public",
    }
    files = site_files(shell, register, source, internal=internal, base_url=base_url)
    count = publish(files, output, about)
    say(f"网站有 {count} 个文件，在 {output}")
    return CLEAN


def source_of(shell: Shell) -> Source:
    """The commit a working copy stands on; without one, pages have no history and say so."""
    from mulu.tree import commit as git
    from mulu.tree.limits import FOLDERS

    try:
        repo = git.open_repository(shell.root)
    except git.ShallowError as error:
        raise Stop(str(error), ENVIRONMENT) from None
    except git.NoRepositoryError as error:
        return Source("", "", dirty=False, history={}, note=f"{error}，网页上没有变更记录")
    inside = git.folder_of(repo, shell.root)
    folders = [f"{inside}/{name}".lstrip("/") for name in FOLDERS]
    return Source(
        git.sha_of(repo, "HEAD"),
        git.day_of(repo, "HEAD"),
        dirty=not git.is_clean(repo, *folders),
        history=git.history(repo, inside, "HEAD", *FOLDERS),
    )


def site_files(
    shell: Shell, register: Any, source: Source, *, internal: bool, base_url: str | None
) -> Iterator[tuple[str, bytes]]:
    """Every file of the site: hand-written pages, assets, schemas, and the register's pages."""
    from datetime import date

    from mulu.pages import shell as frame
    from mulu.pages import site
    from mulu.pages.view import View

    day = shell.given_today or (date.fromisoformat(source.day) if source.day else shell.today)
    as_of = _as_of(source, day)
    view = View(register, day, as_of, internal, source.history)
    url = base_url or (register.settings.text("site") if register.settings else "")
    html = ""
    for path, content in _hand_written(shell, register, as_of, url):
        if path == frame.SOURCE:
            html = content.decode()
        else:
            yield path, content
    for path, content in shell.asset_files("schemas"):
        yield f"schemas/{path}", content
    templates = {path: content.decode() for path, content in shell.asset_files("site/templates")}
    renderer = site.Renderer(frame.Frame(html), templates)
    yield from site.files(view, renderer, _rules(), _examples(shell))


def _as_of(source: Source, day: Any) -> str:
    if not source.commit:
        return f"截至 {day}"
    changed = "，含未提交的修改" if source.dirty else ""
    return f"截至 {day}，登记簿版本 {source.commit[:10]}{changed}"


def _rules() -> Sequence[Any]:
    from mulu.cli.explain import all_rules

    return list(all_rules().values())


def _examples(shell: Shell) -> dict[str, list[tuple[str, str]]]:
    from mulu.cli.explain import all_rules, examples

    return {code: examples(shell, code) for code in all_rules()}


def _hand_written(shell: Shell, register: Any, as_of: str, url: str) -> list[tuple[str, bytes]]:
    """The pages of site/pages and the frame, as mkdocs renders them, with the theme's assets."""
    settings = register.settings
    with tempfile.TemporaryDirectory(prefix="mulu-pages-") as name:
        folder = Path(name)
        for part in ("pages", "theme"):
            for path, content in shell.asset_files(f"site/{part}"):
                target = folder / part / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        (folder / "base.yml").write_bytes(_mkdocs_settings(shell))
        config = {
            "INHERIT": "base.yml",
            "site_name": settings.title if settings else "政务信息资源目录",
            "site_url": url or None,
            "docs_dir": "pages",
            "site_dir": "out",
            "theme": {"custom_dir": "theme"},
            "extra": {"as_of": as_of, "demonstration": bool(settings and settings.get("demonstration"))},
        }  # fmt: skip
        (folder / "mkdocs.yml").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
        _run_mkdocs(folder)
        return _collect(folder / "out")


def _mkdocs_settings(shell: Shell) -> bytes:
    own = shell.root / "mkdocs.yml"
    return (own if own.is_file() else shell.assets / "mkdocs.yml").read_bytes()


def _run_mkdocs(folder: Path) -> None:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0", "TZ": "UTC", "PYTHONHASHSEED": "0"}  # noqa: TID251  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        missing = "No module named" in done.stderr
        last = [line for line in done.stderr.strip().split("\n") if line][-1:]
        raise Stop("没有装 mkdocs-material；请安装 mulu[site]" if missing else f"mkdocs 没有成功：{''.join(last)}", ENVIRONMENT)  # fmt: skip


_UNUSED = ("assets/javascripts/", "sitemap.xml")  # our pages load no script of the theme


def _collect(folder: Path) -> list[tuple[str, bytes]]:
    from mulu.pages.shell import without_switches

    found: list[tuple[str, bytes]] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(_UNUSED) and not name.endswith(".map"):
            content = path.read_bytes()
            if name.endswith(".html"):
                content = without_switches(content.decode()).encode()
            found.append((name, content))
    return found
