"""Every rule does what its example folders say; the folders are what the rule's page shows."""

from pathlib import Path

import pytest

from mulu.findings import Stage
from mulu.judge import Judge, judge, judges
from registers import EXAMPLES, TODAY, example_files, findings_of, register_of, state_folders

FOLDERS = list(state_folders())
STATES = [one for one in judges() if one.check is not None]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_example(folder: Path) -> None:
    lines, ran = findings_of(folder, folder.parent.name)
    assert ran, "the rule under test did not run"
    expected = folder / "expected.txt"
    if folder.name.startswith("fail-"):
        wanted = expected.read_text("utf-8").splitlines()
        assert wanted, "a fail example must expect a finding"
        assert lines == wanted
    else:
        assert folder.name.startswith("pass-")
        assert not expected.exists(), "a pass example expects nothing"
        assert lines == []


@pytest.mark.parametrize("one", STATES, ids=lambda one: one.rule.code)
def test_rule_is_complete(one: Judge) -> None:
    names = [folder.name for folder in FOLDERS if folder.parent.name == one.rule.code]
    assert any(name.startswith("fail-") for name in names), "no fail example"
    assert any(name.startswith("pass-") for name in names), "no pass example"
    assert one.check is not None
    assert one.check.__module__.rpartition(".")[2] == one.rule.code.replace("-", "_")
    assert one.rule.stage is Stage.REGISTER
    assert len(one.rule.why.strip()) > 30, "the docstring is the published explanation"


def test_every_example_folder_belongs_to_a_rule() -> None:
    codes = {one.rule.code for one in STATES}
    assert {folder.parent.name for folder in FOLDERS} == codes


def test_the_common_register_is_clean() -> None:
    register, findings = register_of(example_files(EXAMPLES / "common" / "none"))
    verdict = judge(register, TODAY, findings)
    assert verdict.findings == ()
    assert verdict.passed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_an_example_is_otherwise_sound(folder: Path) -> None:
    """An example shows one mistake: other stages find nothing, except where a broken file is the point."""
    _, findings = register_of(example_files(folder))
    assert folder.name in ("pass-broken", "pass-broken-target") or findings == []


def test_a_rule_that_raises_is_a_fault_and_the_others_run() -> None:
    register, _ = register_of(example_files(EXAMPLES / "common" / "none"))

    def crash(*_: object) -> None:
        raise RuntimeError("身份证号")

    broken = Judge(STATES[0].rule, crash)  # type: ignore[arg-type]
    verdict = judge(register, TODAY, among=[broken, *STATES[1:]])
    assert [(fault.code, fault.kind) for fault in verdict.faults] == [
        (STATES[0].rule.code, "RuntimeError")
    ]
    assert len(verdict.ran) == len(STATES) - 1
    assert not verdict.passed
