"""Every mistake in a pack is found at its place; the folders are small whole packs, each with one."""

from pathlib import Path

import pytest

from mulu.policy import structure
from registers import line_of
from replaying import packs_in

PACKS = Path(__file__).parent / "packs"
FOLDERS = sorted(PACKS.iterdir())
MISTAKES = [folder for folder in FOLDERS if folder.name.startswith("fail-")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_pack(folder: Path) -> None:
    lines = [line_of(finding) for finding in packs_in(folder).findings]
    expected = folder / "expected.txt"
    if folder in MISTAKES:
        wanted = expected.read_text("utf-8").splitlines()
        assert wanted, "a fail pack must expect a finding"
        assert lines == wanted
    else:
        assert folder.name.startswith("pass-")
        assert not expected.exists(), "a pass pack expects nothing"
        assert lines == []


def test_every_rule_about_packs_has_its_mistake() -> None:
    shown = {
        line.split()[1]
        for folder in MISTAKES
        for line in (folder / "expected.txt").read_text("utf-8").splitlines()
    }
    about_packs = {rule.code for rule in structure.RULES} - {structure.CALENDAR.code}
    assert about_packs <= shown


@pytest.mark.parametrize("folder", MISTAKES, ids=lambda folder: folder.name)
def test_a_finding_says_what_and_where(folder: Path) -> None:
    for finding in packs_in(folder).findings:
        assert finding.place.path.startswith("schemas/policies/")
        assert finding.place.line > 0
        assert finding.sentence(str, str)
