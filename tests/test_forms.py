"""The compiled validators belong to the schemas beside them, and every form asks for what its kind needs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from registers import ROOT, files_below, pack, schemas

SOURCE, BUILT = ROOT / "site" / "forms", ROOT / "site" / "theme" / "assets" / "forms"


@pytest.mark.skipif(shutil.which("npm") is None, reason="node is not on this machine")
def test_the_validators_are_built_from_the_schemas(tmp_path: Path) -> None:
    """``npm ci && npm run build`` in site/forms gives the committed files, byte for byte."""
    work, out = tmp_path / "forms", tmp_path / "out"
    shutil.copytree(SOURCE, work, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=work, check=True)
    subprocess.run(["node", "build.mjs", ROOT / "schemas" / "records", out], cwd=work, check=True)
    assert files_below(out) == files_below(BUILT)


def test_every_procedure_and_the_catalog_have_a_validator() -> None:
    assert {*pack().procedures, "resource"} <= {path.stem for path in BUILT.glob("*.js")}


def test_a_validator_is_small_and_evaluates_nothing() -> None:
    for path in BUILT.glob("*.js"):
        text = path.read_text("utf-8")
        assert len(text.encode()) < 64_000
        assert "new Function" not in text
        assert "eval(" not in text


def test_the_lock_file_names_no_registry() -> None:
    text = (SOURCE / "package-lock.json").read_text("utf-8")
    assert "http" not in text.replace("https://github.com/sponsors", "").replace("https://opencollective", "")  # fmt: skip


def test_every_required_property_is_asked_for_or_derived() -> None:
    """What the form writes itself is what stands in no field: pack and acts."""
    for kind in (*pack().procedures, "resource"):
        required = set(schemas().kinds[kind].schema["required"])
        assert "internal_note" not in required
