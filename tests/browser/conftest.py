"""A browser to use the built site with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from served import CHROMIUM

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


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
