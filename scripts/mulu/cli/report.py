"""``mulu report``: the annual report of a year, as files that an office can publish."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from mulu.cli.shell import CLEAN, ENVIRONMENT, FINDINGS, Shell, Stop, load_register, say, with_shell
from mulu.findings import Level

FORMS = ("html", "pdf", "docx", "xlsx")


@click.command(
    help="生成年度报告（第三十三条）：一份可以打印的网页、PDF、Word 和全部表格的 Excel。"
)
@click.argument("year", type=click.IntRange(1900, 9999))
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("build/report"), help="放到哪个文件夹。")  # fmt: skip
@click.option("--format", "forms", default=",".join(FORMS), help="要哪几种，用逗号分开：html、pdf、docx、xlsx；不写全要。")  # fmt: skip
@click.option("--as-of", "revision", help="按某次提交时的登记簿，写提交号；日期也按那次提交。")
@with_shell
def command(shell: Shell, year: int, output: Path, forms: str, revision: str | None) -> int:
    """Compose the report and write it in every form asked for."""
    asked = [form.strip() for form in forms.split(",") if form.strip()]
    if unknown := [form for form in asked if form not in FORMS]:
        raise Stop(f"没有 {'、'.join(unknown)} 这种格式；可用：{'、'.join(FORMS)}")
    if revision is None:
        return _write(shell, year, output, asked, _version(shell))
    with tempfile.TemporaryDirectory(prefix="mulu-report-") as folder:
        sha, day = _unpack(shell, revision, Path(folder))
        then = Shell(Path(folder), shell.given_today or day)
        return _write(then, year, output.absolute(), asked, sha[:10])


def _write(shell: Shell, year: int, output: Path, forms: list[str], version: str) -> int:
    from mulu.tree.directory import Directory

    register, findings = load_register(shell, Directory(shell.root))
    if wrong := sum(one.rule.level is Level.ERROR for one in findings):
        say(
            f"有 {wrong} 处内容读不进来，算出的数会是错的，没有生成报告；先运行 mulu check 看是哪些"
        )
        return FINDINGS
    document = _document(shell, register, year)
    settings = register.settings
    site = settings.text("site") if settings else ""
    makers = _makers(shell, document, site, version)
    made = [(f"report-{year}.{form}", makers[form]()) for form in forms]
    _land(output, made)
    for name, content in made:
        say(f"{output / name}（{max(1, len(content) // 1024):,} KB）")
    return CLEAN


def _document(shell: Shell, register: Any, year: int) -> Any:
    from mulu.indicators import Year, period_of
    from mulu.report.compose import Years, compose

    if not register.pack.indicators:
        raise Stop(f"规则包 {register.pack.name} 没有指标：缺 indicators.yml，或者其中有错误；运行 mulu check 看是哪些")  # fmt: skip
    try:
        this = Year(register, period_of(year, shell.today))
    except ValueError as error:
        raise Stop(str(error)) from None
    if this.is_empty:
        raise Stop(f"登记簿里没有 {year} 年的数据")
    before = Year(register, period_of(year - 1, shell.today))
    return compose(Years.of(this, None if before.is_empty else before))


def _makers(shell: Shell, document: Any, site: str, version: str) -> dict[str, Callable[[], bytes]]:
    """How each form is made; the page is made once for both forms that want it."""
    from functools import cache

    assets = dict(shell.asset_files("site/paper"))

    @cache
    def page() -> bytes:
        from mulu.formats.paper import html

        return html(document, assets["report.html"].decode(), assets["report.css"].decode(), site=site, version=version)  # fmt: skip

    def pdf() -> bytes:
        try:
            from mulu.formats.paper import pdf as printed

            return printed(page())
        except (ImportError, OSError) as error:
            raise Stop(f"做不了 PDF：缺 WeasyPrint 或它要的库（Debian：libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0，字体 fonts-noto-cjk）；也可以在浏览器里打开网页，另存为 PDF。（{type(error).__name__}）", ENVIRONMENT) from None  # fmt: skip

    def docx() -> bytes:
        from mulu.formats.word import word

        return word(document)

    def xlsx() -> bytes:
        from mulu.formats.workbook import workbook

        return workbook(document)

    return {"html": page, "pdf": pdf, "docx": docx, "xlsx": xlsx}


def _land(output: Path, files: list[tuple[str, bytes]]) -> None:
    """Every file, written beside its place and moved there: a failed run leaves what was there."""
    beside: list[tuple[Path, Path]] = []
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            new = output / f".{name}.new"
            beside.append((new, output / name))
            new.write_bytes(content)
        for new, place in beside:
            new.replace(place)
    except OSError as error:
        for new, _ in beside:
            with suppress(OSError):
                new.unlink()
        raise Stop(f"写不了 {output}：{error.strerror}", ENVIRONMENT) from None


def _version(shell: Shell) -> str:
    """The commit a working copy stands on; '' without one, or where files were changed since."""
    from mulu.tree import commit as git
    from mulu.tree.limits import FOLDERS

    try:
        repo = git.open_repository(shell.root)
        inside = git.folder_of(repo, shell.root)
        clean = git.is_clean(repo, *(f"{inside}/{name}".lstrip("/") for name in FOLDERS))
        return git.sha_of(repo, "HEAD")[:10] if clean else ""
    except git.NoRepositoryError:
        return ""


def _unpack(shell: Shell, revision: str, folder: Path) -> tuple[str, Any]:
    """Put the register of a commit into a folder; returns the commit and its day."""
    from datetime import date

    from mulu.tree import commit as git

    try:
        repo = git.open_repository(shell.root)
        sha = git.sha_of(repo, revision)
        inside = git.folder_of(repo, shell.root)
        git.unpack(repo, sha, inside, folder)
        return sha, date.fromisoformat(git.day_of(repo, sha))
    except git.NoRepositoryError as error:
        raise Stop(str(error), ENVIRONMENT) from None
