"""The site of the repository's own register, used in a real browser as its readers would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "shots"

KINDS_OF_PAGE = ["", "search/", "agencies/", "agencies/minzheng/", "libraries/", "libraries/renkou/", "resources/minzheng/hunyin-dengji/", "negative-list/", "laws/tongjifa/", "requests/", "cases/", "todo/", "procedures/", "procedures/request/", "articles/", "packs/national-2025/procedures/", "packs/national-2025/procedures/request/", "packs/national-2025/articles/", "rules/", "rules/withheld-needs-basis/", "fields/", "guides/", "guides/agency/", "about/", "forms/", "forms/request/?resource=minzheng/hunyin-dengji", "forms/resource/", "adopt/"]  # fmt: skip


def test_find_a_resource_by_two_characters_and_open_it(page: Page) -> None:
    page.goto("")
    page.get_by_role("searchbox").fill("婚姻")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"search/\?k="))
    first = page.locator(".m-results a").first
    first.wait_for()
    assert "婚姻" in first.inner_text()
    assert page.locator(".m-results mark").count() > 0
    first.click()
    assert page.locator("h1").inner_text().startswith("婚姻")
    assert page.locator("#items + table tbody tr").count() >= 5


def test_search_narrows_by_kind_and_keeps_its_address(page: Page) -> None:
    page.goto("search/?k=统计")
    page.locator(".m-results li").first.wait_for()
    before = page.locator(".m-results li").count()
    page.get_by_label("种类").select_option("law")
    page.wait_for_function("document.querySelector('.m-status').textContent.startsWith('找到')")
    assert 0 < page.locator(".m-results li").count() < before
    assert "kind=law" in page.url
    page.reload()
    page.locator(".m-results li").first.wait_for()
    assert page.get_by_label("种类").input_value() == "law"


def test_slash_puts_the_cursor_into_the_search_box(page: Page) -> None:
    page.goto("search/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_a_withheld_resource_gives_its_reason(page: Page) -> None:
    page.goto("negative-list/")
    page.locator("tbody a").first.click()
    notice = page.locator("#negative-list")
    assert "依据：《" in notice.inner_text()
    assert "复核" in notice.inner_text() or "列入" in notice.inner_text()


def test_every_page_says_it_is_a_demonstration_and_as_of_when(page: Page) -> None:
    for address in KINDS_OF_PAGE:
        page.goto(address)
        assert page.locator(".m-demo").inner_text().startswith("示例"), address
        assert "截至 2026-11-23" in page.locator(".m-footer").inner_text(), address


def test_dark_and_light(page: Page) -> None:
    page.goto("")
    scheme = "document.body.dataset.mdColorScheme"
    before = page.evaluate(scheme)
    page.get_by_role("button", name="切换深色或浅色").click()
    after = page.evaluate(scheme)
    assert {before, after} == {"default", "slate"}
    page.goto("agencies/")
    assert page.evaluate(scheme) == after


@pytest.mark.parametrize("address", KINDS_OF_PAGE)
def test_nothing_is_cut_off_at_360_pixels(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_everything_can_be_read_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    opened = context.new_page()
    opened.goto("resources/minzheng/hunyin-dengji/")
    assert "登记日期" in opened.locator("#items + table").inner_text()
    opened.goto("search/")
    assert "从单位、资源库或负面清单找起" in opened.locator("noscript").inner_text()
    context.close()


def test_the_keyboard_reaches_the_text_first(page: Page) -> None:
    page.goto("resources/minzheng/hunyin-dengji/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"


def test_a_page_prints(page: Page) -> None:
    page.goto("resources/minzheng/hunyin-dengji/")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator(".m-nav").is_visible()


@pytest.mark.parametrize("address", KINDS_OF_PAGE)
def test_every_internal_link_resolves(page: Page, site: str, address: str) -> None:
    page.goto(address)
    links = page.evaluate(
        "[...document.querySelectorAll('a[href]')].map(a => a.href.split('#')[0])"
    )
    for link in sorted({link for link in links if link.startswith(site)})[:80]:
        assert page.request.get(link).ok, link


def test_screenshots_are_kept_to_be_looked_at(page: Page) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for address in KINDS_OF_PAGE:
        page.goto(address)
        name = address.strip("/").replace("/", "-") or "home"
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        assert (SHOTS / f"{name}.png").stat().st_size > 5_000
