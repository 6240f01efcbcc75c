"""``mulu check``: the whole register, judged."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator

import click

from mulu.cli.shell import (
    CLEAN,
    ENVIRONMENT,
    FAULT,
    FINDINGS,
    NoPack,
    Shell,
    Stop,
    Tree,
    has_colour,
    line_reader,
    load_register,
    say,
    with_shell,
)
from mulu.findings import Level, Verdict

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")


@click.command(help="检查整个登记簿：写法、格式、相互引用和规则。")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="结果的格式。")
@click.option("--jobs", type=click.IntRange(1, 64), help="同时用几个进程读文件。")
@click.option("--pack", help="按哪个规则包判断，不写为登记簿自己的。")
@click.option("--at", "revision", help="检查某次提交，而不是当前文件夹。")
@with_shell
def command(
    shell: Shell, form: str, jobs: int | None, pack: str | None, revision: str | None
) -> int:
    """Judge the register and report in the asked format."""
    verdict = verdict_of(shell, jobs=jobs, pack=pack, revision=revision)
    say(report(shell, verdict, form))
    if pack is not None and form == "text":
        say("\n".join(_gaps(verdict, pack)))
    return exit_code(verdict)


def _gaps(verdict: Verdict, pack: str) -> Iterator[str]:
    """What would have to change under another pack: how many findings of each rule."""
    yield f"按 {pack} 衡量的差距："
    counts = Counter(finding.rule.code for finding in verdict.findings)
    titles = {finding.rule.code: finding.rule.title for finding in verdict.findings}
    for code, count in counts.most_common():
        yield f"  {count:>5}  {titles[code]}（{code}）"
    if not counts:
        yield "  没有"


def verdict_of(
    shell: Shell, *, jobs: int | None = None, pack: str | None = None, revision: str | None = None
) -> Verdict:
    """Load and judge the register in the working copy, or in a commit."""
    from mulu.judge import judge, judges

    try:
        register, findings = load_register(shell, _tree(shell, revision), pack=pack, jobs=jobs)
    except NoPack as error:
        if not error.findings or pack:
            raise
        skipped = tuple((one.rule.code, str(error)) for one in judges())
        found = sorted(error.findings, key=lambda finding: finding.order)
        return Verdict(tuple(found), 0, (), skipped)
    return judge(register, shell.today, findings)


def report(shell: Shell, verdict: Verdict, form: str) -> str:
    """The verdict in a format."""
    lines = line_reader(shell.root)
    name = "terminal" if form == "text" else form
    reporter = importlib.import_module(f"mulu.reporters.{name}")
    if form == "text":
        return str(reporter.render(verdict, translate=str, lines=lines, colour=has_colour()))
    return str(reporter.render(verdict, translate=str, lines=lines))


def exit_code(verdict: Verdict) -> int:
    """3 where something did not run, 1 where an error was found, else 0."""
    if verdict.faults or verdict.skipped:
        return FAULT
    return FINDINGS if verdict.count(Level.ERROR) else CLEAN


def _tree(shell: Shell, revision: str | None) -> Tree:
    if revision is None:
        from mulu.tree.directory import Directory

        return Directory(shell.root)
    from mulu.tree.commit import Commit, NoRepositoryError, folder_of, open_repository

    try:
        repo = open_repository(shell.root)
        return Commit(repo, revision, folder_of(repo, shell.root))
    except NoRepositoryError as error:
        raise Stop(str(error), ENVIRONMENT) from None
