"""Test-wide settings and the built site: the forge's runs are the same each time, a developer's go on searching."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import (  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]
    LoadScopeScheduling,
)

from served import CHROMIUM, served

settings.register_profile("forge", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("forge")

TESTS = Path(__file__).parent
USE_A_BROWSER = (TESTS / "browser", TESTS / "judges")


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """Tests go to whichever process is free, but all that use the browser to one of them.

    xdist's own groups are marks that it writes into a test's name; pytest 9.2 does not let it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith(("tests/browser/", "tests/judges/")) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser:
    """Two browsers at once would starve each other, and build the site twice."""
    return OneBrowser(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """None that look at the built site where there is no browser."""
    missing = pytest.mark.skip(reason="Chromium is not installed: run tests/prepare.sh")
    for item in items:
        if item.path.parent in USE_A_BROWSER and not Path(CHROMIUM).exists():
            item.add_marker(missing)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site of the repository's own register."""
    folder = tmp_path_factory.mktemp("site") / "out"
    command: list[str | Path] = [
        Path(sys.executable).with_name("mulu"),
        "build",
        "-o",
        str(folder),
        "--today",
        "2026-11-23",
    ]
    done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[str]:
    """The address of that site."""
    with served(built) as address:
        yield address
