"""Planted changes: every bad one is refused for the right reason at the right line, no good one is."""

from pathlib import Path

import pytest

from changes import about, change_folders, lines_of, review_example
from mulu.findings import Stage
from mulu.judge import Judge, judges
from registers import EXAMPLES

FOLDERS = list(change_folders())
BAD = [folder for folder in FOLDERS if folder.name.startswith("fail-")]
GOOD = [folder for folder in FOLDERS if folder.name.startswith("pass-")]


def test_there_are_at_least_eighty_of_each() -> None:
    assert len(BAD) >= 80
    assert len(GOOD) >= 80
    assert len(BAD) + len(GOOD) == len(FOLDERS)


@pytest.mark.parametrize("folder", BAD, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_a_bad_change_is_refused(folder: Path) -> None:
    review = review_example(folder)
    wanted = (folder / "expected.txt").read_text("utf-8").splitlines()
    assert lines_of(review) == wanted
    assert any(f" {folder.parent.name}" in line for line in wanted), "for the right reason"
    assert not review.verdict.faults
    assert not review.verdict.passed or all("near-" in line or "suspected" in line for line in wanted)  # fmt: skip


@pytest.mark.parametrize("folder", GOOD, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_a_good_change_passes(folder: Path) -> None:
    review = review_example(folder)
    assert not (folder / "expected.txt").exists(), "a pass example expects nothing"
    assert lines_of(review) == []
    assert review.verdict.passed
    assert review.change.edits or review.change.others, "nothing was changed"
    assert folder.parent.name in review.verdict.ran, "the rule under test did not run"


@pytest.mark.parametrize("one", [j for j in judges() if j.review], ids=lambda one: one.rule.code)
def test_a_rule_about_changes_is_complete(one: Judge) -> None:
    names = [folder.name for folder in FOLDERS if folder.parent.name == one.rule.code]
    assert any(name.startswith("fail-") for name in names), "no fail example"
    assert any(name.startswith("pass-") for name in names), "no pass example"
    assert one.review is not None
    assert one.review.__module__.rpartition(".")[2] == one.rule.code.replace("-", "_")
    assert one.rule.stage is Stage.CHANGE
    assert len(one.rule.why.strip()) > 30


def test_every_change_says_who_made_it() -> None:
    for folder in FOLDERS:
        assert "as" in about(folder) or folder.parent.name == "author-unknown", folder


def test_common_is_no_example() -> None:
    assert not (EXAMPLES / "common" / "change.yml").exists()
