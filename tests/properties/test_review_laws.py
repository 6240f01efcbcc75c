"""Laws of the judge of changes: reading a part of the register says what reading all of it would.

The oracle loads both states whole and checks them; the judge reads only what the change can
touch.  Whatever an example of a state rule finds, the judge finds too when the example arrives
as a change, and it finds nothing about the states that the oracle does not.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from changes import Files, fast_import, review_commits
from mulu.findings import Finding, Stage
from mulu.judge import judge
from mulu.loading import strict_yaml
from mulu.surroundings import tokens
from registers import EXAMPLES, TODAY, example_files, files_below, register_of, state_folders

FOLDERS = [f for f in state_folders() if f.parent.name not in ("no-register", "required-by-pack")]
"""Without those that change the pack: a change is judged by base's."""
COMMON = files_below(EXAMPLES / "common")


@cache
def repository() -> Path:
    """A bare repository in which every example of a state rule is a change of the common register."""
    repo = Path(mkdtemp(prefix="mulu-laws-"))
    subprocess.run(["git", "init", "-q", "--bare", str(repo)], check=True)
    fast_import(repo, {name(f): ([COMMON, example_files(f)], "x") for f in FOLDERS})
    return repo


def name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


Said = set[tuple[object, ...]]


def oracle(base: Files, head: Files) -> Said:
    """What a whole check says of head and did not say of base, or says of a changed file."""
    return news(base, head, whole(head))


def news(base: Files, head: Files, findings: Iterable[Finding]) -> Said:
    """Of the findings, those about a changed file, and those that were not there before.

    What an agency is called is no news: a broken agency file leaves its key in every sentence.
    """
    changed = {path for path in base.keys() | head.keys() if base.get(path) != head.get(path)}
    known = {_said(finding) for finding in whole(base)}
    return {
        _said(f)
        for f in findings
        if f.place.path in changed or (_said(f) not in known and not f.rule.whole)
    }


def _said(finding: Finding) -> tuple[object, ...]:
    values = {name: value for name, value in finding.values.items() if name != "agency"}
    return (
        finding.rule.code,
        finding.place.path,
        finding.place.pointer,
        tuple(sorted(values.items())),
    )


def whole(files: Files) -> tuple[Finding, ...]:
    register, loaded = register_of(files)
    return judge(register, TODAY, loaded).findings


def found(repo: Path, branch: str, base: Files, head: Files) -> Said:
    """What the judge says of the states; what it says of the step is another matter."""
    review = review_commits(repo, f"{branch}/base", f"{branch}/head", "zhengshu")
    assert not review.verdict.faults
    return news(
        base, head, (f for f in review.verdict.findings if f.rule.stage is not Stage.CHANGE)
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_a_part_says_what_the_whole_says(folder: Path) -> None:
    head = example_files(folder)
    assert found(repository(), name(folder), COMMON, head) == oracle(COMMON, head)


@pytest.mark.parametrize("seed", range(60))
def test_a_random_change_of_all_examples_together(seed: int, tmp_path: Path) -> None:
    """A larger register of many examples at once, from which some files are changed at random."""
    chance = random.Random(seed)
    base: Files = dict(COMMON)
    for folder in chance.sample(FOLDERS, 12):
        base = {**example_files(folder), **base} if chance.random() < 0.5 else {**base, **example_files(folder)}  # fmt: skip
    head = dict(base)
    for folder in chance.sample(FOLDERS, 3):
        head |= {p: s for p, s in example_files(folder).items() if COMMON.get(p) != s}
    for path in chance.sample(sorted(head), 2):
        if path != "catalog/register.yml":
            del head[path]
    repo = tmp_path / "r.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repo)], check=True)
    fast_import(repo, {"x": ([base, head], "x")})
    assert found(repo, "x", base, head) == oracle(base, head)


@pytest.mark.parametrize("seed", range(40))
def test_tokens_told_from_text_hold_those_of_the_data(seed: int) -> None:
    """A quoted value makes a file be read as YAML: the quick look at its text misses none of it."""
    chance = random.Random(seed)
    path, source = chance.choice([(p, s) for f in FOLDERS for p, s in example_files(f).items()])
    lines = source.decode("utf-8", "replace").split("\n")
    at = chance.randrange(len(lines))
    head, sep, value = lines[at].partition(": ")
    quoted = "\n".join([*lines[:at], f'{head}{sep}"{value}"', *lines[at + 1 :]]).encode()
    if sep and strict_yaml.load(path, quoted) == strict_yaml.load(path, source):
        assert set(tokens(path, quoted)) <= set(tokens(path, source))
