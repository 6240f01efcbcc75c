"""``mulu review``: one change between two commits, judged."""

from __future__ import annotations

import gc
import importlib
from pathlib import Path
from typing import Any

import click

from mulu.cli.check import FORMATS, exit_code
from mulu.cli.shell import ENVIRONMENT, Shell, Stop, has_colour, say, with_shell


@click.command(help="判断一次改动：BASE 是登记簿原来的提交，HEAD 是改动之后的提交。只读 Git 对象，规则以 BASE 为准。")  # fmt: skip
@click.argument("base")
@click.argument("head")
@click.option("--repo", type=click.Path(path_type=Path, exists=True, file_okay=False), help="仓库所在的文件夹，可以是裸仓库；不写为当前登记簿。")  # fmt: skip
@click.option("--as", "agency", metavar="单位", help="改动由哪个单位提出（单位的代号）。")
@click.option("--account", metavar="平台:账号", help="改动由哪个账号提出，如 gitea:sz-minzheng；按 BASE 里单位登记的账号找到单位。")  # fmt: skip
@click.option("--digests", is_flag=True, help="另外列出疑似秘密内容的摘要，供保密主管部门核准误判；不要公开。")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="结果的格式。")
@with_shell
def command(
    shell: Shell,
    base: str,
    head: str,
    repo: Path | None,
    agency: str | None,
    account: str | None,
    digests: bool,
    form: str,
) -> int:
    """Judge the change and report in the asked format."""
    if agency and account:
        raise Stop("--as 和 --account 只写一个")
    where = repo or shell.given_root or Path.cwd()
    told, lines = review_of(shell, where, base, head, agency=agency, account=account)
    reporter = importlib.import_module(f"mulu.reporters.{'terminal' if form == 'text' else form}")
    colour = {"colour": has_colour()} if form == "text" else {}
    render = reporter.render_review if hasattr(reporter, "render_review") else _verdict_only(reporter)  # fmt: skip
    say(str(render(told, translate=str, lines=lines, **colour)))
    if digests:
        click.echo("".join(f"{one.hit.digest}  {one.place.path}:{one.place.line}  {one.hit.what}\n" for one in told.change.found), err=True, nl=False)  # fmt: skip
    return exit_code(told.verdict)


def _verdict_only(reporter: Any) -> Any:
    """For formats that know findings and nothing else."""

    def render(told: Any, **options: Any) -> str:
        return str(reporter.render(told.verdict, **options))

    return render


def review_of(
    shell: Shell, where: Path, base: str, head: str, *, agency: str | None, account: str | None
) -> tuple[Any, Any]:
    """The review of a change, and a function that gives a source line for a place in it.

    Raises Stop where the repository, a commit or an object is missing or incomplete.
    """
    from mulu.tree.commit import NoRepositoryError, open_repository
    from mulu.tree.objects import Objects

    gc.disable()  # one short run over many small values: collecting costs a third of the time
    try:
        repo = open_repository(where, has_head=False)
        objects = Objects(repo)
        try:
            told, lines = _review(shell, repo, objects, (base, head), (agency, _parted(account)))
            return told, lines
        finally:
            objects.close()
    except NoRepositoryError as error:
        raise Stop(str(error), ENVIRONMENT) from None
    finally:
        gc.enable()


def _parted(account: str | None) -> tuple[str, str] | None:
    if account is None:
        return None
    forge, colon, name = account.partition(":")
    if not (forge and colon and name):
        raise Stop("--account 写成 平台:账号，如 gitea:sz-minzheng")
    return forge, name


def _review(shell: Shell, repo: Any, objects: Any, between: tuple[str, str], who: Any) -> Any:
    from mulu import review
    from mulu.change import Change
    from mulu.cli.step import Step
    from mulu.findings import Verdict
    from mulu.judge import judge_change
    from mulu.tree import span as spans

    span = spans.read(repo, objects, *between)
    step = Step(shell, repo, objects, span, account=who[1], agency=who[0], names=between)
    facts = span.base, span.head, len(span.commits)
    if not span.whole:
        change = Change(step.nothing(), step.nothing(), who[0], ())
        verdict = Verdict(tuple(sorted(span.findings, key=lambda one: one.order)), 0)
        return review.review(change, verdict, shell.today, facts), _no_line
    change = step.change()
    found = [*span.findings, *step.findings]
    verdict = judge_change(change, shell.today, found, step.affected)
    return review.review(change, verdict, shell.today, facts), _lines(
        step, change.hidden(shell.today)
    )


def _no_line(_path: str, _number: int) -> str:
    return ""


def _lines(step: Any, hidden: frozenset[str]) -> Any:
    """Source lines of the files as they are after the change; none of a file that looks secret."""
    now = {delta.path: delta.after for delta in step.span.deltas}
    texts: dict[str, list[str]] = {}

    def line(path: str, number: int) -> str:
        if path not in texts:
            sha = now.get(path) or step.files.get(path, "")
            source = b"" if path in hidden else step.source(sha)
            texts[path] = source.decode("utf-8", "replace").split("\n")
        rows = texts[path]
        return rows[number - 1] if 0 < number <= len(rows) else ""

    return line
