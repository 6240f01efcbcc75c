"""A built site of the repository's own register, served, and a browser to use it with."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one process, and none without the browser."""
    missing = pytest.mark.skip(reason="Chromium is not installed: run tests/prepare.sh")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            if not Path(CHROMIUM).exists():
                item.add_marker(missing)


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site") / "out"
    command: list[str | Path] = [
        Path(sys.executable).with_name("mulu"),
        "build",
        "-o",
        str(folder),
        "--today",
        "2026-11-23",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page that fails on a script error, a missing file, or a request to another host."""
    faults: list[str] = []
    context = browser.new_context(
        base_url=site, viewport={"width": 1280, "height": 900}, locale="zh-CN"
    )
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(f"script: {error}"))
    opened.on(
        "response", lambda r: faults.append(f"{r.status} {r.url}") if r.status >= 400 else None
    )
    opened.on(
        "request", lambda r: None if r.url.startswith((site, "data:")) else faults.append(r.url)
    )
    yield opened
    context.close()
    assert faults == []
