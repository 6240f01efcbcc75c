"""Nothing is forgotten: every rule is explained and announced, every command documented."""

import re

import pytest
from click.testing import CliRunner

from mulu.cli.explain import all_rules
from mulu.cli.main import COMMANDS, cli
from mulu.trust.secrecy import scan, scan_bytes
from registers import ROOT, files_below, register_of

RULES = all_rules()


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_has_a_word_a_title_and_an_explanation(code: str) -> None:
    rule = RULES[code]
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)
    assert re.search("[\u4e00-\u9fff]", rule.title)
    assert re.search("[\u4e00-\u9fff]", rule.says)
    assert re.search("[\u4e00-\u9fff]", rule.fix) or rule.fix.startswith("{")
    assert rule.paragraphs


def test_every_register_rule_is_announced() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    files = {path.stem.replace("_", "-") for path in (ROOT / "scripts/mulu/rules").glob("[!_]*.py")}
    assert {code for code in files if f"`{code}`" not in changelog} == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_has_help_and_stands_in_both_readmes(name: str) -> None:
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert re.search("[\u4e00-\u9fff]", done.output)
    for readme in ("README.md", "README.zh.md"):
        assert f"mulu {name}" in (ROOT / readme).read_text("utf-8")


def test_no_file_names_this_machine_or_a_registry() -> None:
    private = re.compile(r"/work/|/root/|pypi\.org|pythonhosted|registry\.npmjs")
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ("scripts", "schemas", "site", "catalog", "negative-list", ".github", ".ci")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and "node_modules" not in path.parts and path.suffix in {".py", ".yml", ".md", ".json", ".html", ".sh", ""}
        and private.search(path.read_text("utf-8", "replace"))
    ]  # fmt: skip
    assert found == []


def test_the_project_holds_nothing_that_is_not_cleared() -> None:
    """Its own examples hold what must be found; the demonstration's secrecy authority has cleared them."""
    register, _ = register_of({f"catalog/{p}": s for p, s in files_below(ROOT / "catalog").items()})
    cleared = {d for one in register.of("clearance").values() for d in one.texts("digests")}
    for folder in ("tests", "scripts", "site", "schemas", ".github"):
        for path, source in files_below(ROOT / folder).items():
            if not path.endswith((".pyc", ".png")) and "node_modules" not in path:
                hits = [*scan_bytes(source), *scan(path)]
                assert {hit.digest for hit in hits if hit.certain} <= cleared, path
