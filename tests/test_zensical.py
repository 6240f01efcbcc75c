"""The way out: the hand-written pages and the frame say the same when Zensical builds them.

mkdocs-material is at its end of life; whoever adopts the register must not go down with it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from click.testing import CliRunner

from mulu.cli import build
from mulu.cli.main import cli
from test_pages import COMMON


class Outline(HTMLParser):
    """What a reader gets of a page: its words, where its links lead, its forms and policy."""

    def __init__(self, path: str, html: str) -> None:
        super().__init__()
        self._base = f"https://mulu.example.cn/{path}"
        self.words = ""
        self.points: list[tuple[str, str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in what one element points at."""
        for name, value in attrs:
            if name in ("href", "src", "action"):
                self.points.append((tag, name, urljoin(self._base, value)))
            elif name in ("lang", "content"):
                self.points.append((tag, name, value or ""))

    def handle_data(self, data: str) -> None:
        """Take in words."""
        self.words += "".join(data.split())


def _zensical(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "-f", "mkdocs.yml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _pages(root: Path, output: Path) -> dict[str, Outline]:
    found = CliRunner().invoke(cli, ["build", "--root", str(root), "-o", str(output), "--today", "2026-11-23", "--jobs", "1", "--clean"])  # fmt: skip
    assert found.exit_code == 0, found.output
    return {
        path.relative_to(output).as_posix(): Outline(
            path.relative_to(output).as_posix(), path.read_text("utf-8")
        )
        for path in sorted(output.rglob("*.html"))
    }


def test_zensical_builds_the_same_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "register"
    for path, source in COMMON.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(source)
    wanted = _pages(root, tmp_path / "mkdocs")
    monkeypatch.setattr(build, "_run_mkdocs", _zensical)
    found = _pages(root, tmp_path / "zensical")
    assert found.keys() == wanted.keys()
    assert (
        len([path for path in found if re.match(r"(en/)?(guides|adopt|decisions|about)/", path)])
        > 35
    )
    for path, page in found.items():
        assert page.words == wanted[path].words, path
        assert page.points == wanted[path].points, path
