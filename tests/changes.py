"""Example changes as real small git histories: a base, then one commit for each ``head`` folder.

An example of a rule about changes is a folder with ``change.yml`` (who: ``as``; perhaps
``message`` and ``today``), ``base/`` laid over the common register, ``head/`` over that,
``head-2/`` over that.  A file ``gone`` in one of them lists paths that the commit removes.
All examples lie in one bare repository, two branches each.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from mulu.cli.review import review_of
from mulu.cli.shell import Shell
from mulu.findings import Level
from mulu.review import Review
from registers import EXAMPLES, TODAY, example_folders, files_below, line_of

Files = dict[str, bytes]
GONE = "gone"


def change_folders() -> Iterator[Path]:
    """Every example of a rule about changes."""
    return (folder for folder in example_folders() if (folder / "change.yml").is_file())


def about(folder: Path) -> dict[str, str]:
    """What ``change.yml`` says."""
    lines = (folder / "change.yml").read_text("utf-8").splitlines()
    rows = (line.partition(": ") for line in lines if line)
    return {name: value.strip('"') for name, _, value in rows}


def states(folder: Path) -> list[Files]:
    """The whole register at base and after each commit."""
    now = files_below(EXAMPLES / "common")
    found: list[Files] = []
    for name in ("base", *sorted(path.name for path in folder.glob("head*") if path.is_dir())):
        now = dict(now)
        layer = files_below(folder / name) if (folder / name).is_dir() else {}
        for path in layer.pop(GONE, b"").decode().split():
            del now[path]
        now |= layer
        found.append(now)
    return found


def fast_import(repo: Path, histories: dict[str, tuple[list[Files], str]]) -> None:
    """Write branches: for each name its states, a commit each, the last also as ``name/head``."""
    process = subprocess.Popen(["git", "-C", str(repo), "fast-import", "--quiet"], stdin=subprocess.PIPE)  # fmt: skip
    assert process.stdin is not None
    out = process.stdin
    mark = 0
    for name, (commits, message) in histories.items():
        before: Files = {}
        for number, files in enumerate(commits):
            mark += 1
            text = (message if number else "base").encode()
            branch = f"refs/heads/{name}/{'base' if number == 0 else 'head'}".encode()
            out.write(b"commit %s\nmark :%d\ncommitter m <m@example.cn> 1750000000 +0800\ndata %d\n%s\n" % (branch, mark, len(text), text))  # fmt: skip
            if number:
                out.write(b"from :%d\n" % (mark - 1))
            for path in sorted(before.keys() - files.keys()):
                out.write(b"D %s\n" % path.encode())
            for path, source in files.items():
                if before.get(path) != source:
                    out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(source), source))  # fmt: skip
            out.write(b"\n")
            before = files
    out.close()
    assert process.wait() == 0


@cache
def repository() -> Path:
    """A bare repository with every example, made once for a test process."""
    repo = Path(mkdtemp(prefix="mulu-changes-"))
    subprocess.run(["git", "init", "-q", "--bare", str(repo)], check=True)
    fast_import(repo, {
        branch_of(folder): (states(folder), about(folder).get("message", "改动"))
        for folder in change_folders()
    })  # fmt: skip
    return repo


def branch_of(folder: Path) -> str:
    """The branches of an example begin with this."""
    return f"{folder.parent.name}/{folder.name}"


def review_example(folder: Path) -> Review:
    """The review of an example."""
    facts, branch = about(folder), branch_of(folder)
    return review_commits(
        repository(), f"{branch}/base", f"{branch}/head", facts.get("as"), facts.get("today")
    )


def review_commits(
    repo: Path, base: str, head: str, agency: str | None, today: str | None = None
) -> Review:
    """The review of a change in a repository, by the program's own schemas where it has none."""
    shell = Shell(None, date.fromisoformat(today) if today else TODAY)
    told, _ = review_of(shell, repo, base, head, agency=agency, account=None)
    assert isinstance(told, Review)
    return told


def lines_of(review: Review) -> list[str]:
    """Errors and warnings, a line each."""
    findings = [f for f in review.verdict.findings if f.rule.level is not Level.NOTE]
    return [line_of(finding) for finding in findings]
