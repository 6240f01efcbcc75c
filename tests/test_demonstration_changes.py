"""The cases of the demonstration register, act by act as the changes they were: none is refused.

Every kind of act that occurs is taken once, with the agency that did it as the author.  Acts
that order a change of the register are left to the examples, which carry that change too.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from changes import Files, lines_of, review_commits
from mulu.loading import canonical
from mulu.record import Data, Record, Value
from mulu.register import acts
from registers import ROOT, TODAY, files_below, register_of, schemas


def register_files() -> Files:
    """The demonstration register."""
    return {f"{folder}/{path}": source for folder in ("catalog", "negative-list") for path, source in files_below(ROOT / folder).items()}  # fmt: skip


@cache
def planted() -> tuple[Path, dict[str, str]]:
    """A bare repository and, for each kind of act, the agency that did it; a branch pair each."""
    files = register_files()
    register, _ = register_of(files)
    repo = Path(mkdtemp(prefix="mulu-demonstration-"))
    subprocess.run(["git", "init", "-q", "--bare", str(repo)], check=True)
    process = subprocess.Popen(["git", "-C", str(repo), "fast-import", "--quiet"], stdin=subprocess.PIPE)  # fmt: skip
    assert process.stdin is not None
    out = process.stdin
    who = "committer m <m@example.cn> 1750000000 +0800\ndata 1\nx\n"
    out.write(f"commit refs/heads/main\nmark :1\n{who}".encode())
    for path, source in files.items():
        out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(source), source))
    mark, authors = 1, dict[str, str]()
    for case in register.cases:
        played = register.replay(case, TODAY)
        for step in played.history if played else ():
            name = f"{case.kind}/{step.way.act}-{step.capacity}-{step.way.to}"
            if name in authors or step.way.orders:
                continue
            authors[name] = str(step.act["by"])
            before, after = (cut(case, step.position + n) for n in (0, 1))
            file = case.path.encode()
            gone = b"D %s\n" % file
            first = gone if before is None else b"M 100644 inline %s\ndata %d\n%s\n" % (file, len(before), before)  # fmt: skip
            assert after is not None
            out.write(f"commit refs/heads/{name}/base\nmark :{mark + 1}\n{who}from :1\n".encode() + first)  # fmt: skip
            out.write(f"commit refs/heads/{name}/head\nmark :{mark + 2}\n{who}from :{mark + 1}\n".encode())  # fmt: skip
            out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (file, len(after), after))
            mark += 2
    out.close()
    assert process.wait() == 0
    return repo, authors


def cut(case: Record, count: int) -> bytes | None:
    """The case as it was with its first acts; None before it was opened."""
    if not count:
        return None
    data: Data = {**case.data, "acts": list[Value](acts(case)[:count])}
    return canonical.dump(data, schemas().kinds[case.kind].schema)


@pytest.mark.parametrize("name", sorted(planted()[1]))
def test_an_act_of_the_demonstration_is_accepted(name: str) -> None:
    repo, authors = planted()
    review = review_commits(repo, f"{name}/base", f"{name}/head", authors[name])
    assert lines_of(review) == []
    assert review.verdict.passed
    assert len(review.told) == 1
    assert review.told[0].lines


def test_every_procedure_occurs() -> None:
    kinds = {name.partition("/")[0] for name in planted()[1]}
    assert kinds == {"request", "application", "objection", "delisting", "correction", "complaint", "rectification"}  # fmt: skip


def test_another_agency_may_not_have_done_it() -> None:
    repo, authors = planted()
    for name in sorted(authors)[:8]:
        other = "qixiang" if authors[name] != "qixiang" else "jiaotong"
        review = review_commits(repo, f"{name}/base", f"{name}/head", other)
        assert {f.rule.code for f in review.verdict.findings} >= {"not-your-act"}
