"""The site of the repository's own register, used in a real browser as its readers would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from served import KINDS_OF_PAGE

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "shots"


def test_a_withheld_resource_gives_its_reason(page: Page) -> None:
    page.goto("negative-list/")
    page.locator("details summary").first.click()
    page.get_by_role("link", name="看这项资源").first.click()
    notice = page.locator("#negative-list")
    assert "依据：《" in notice.inner_text()
    assert "复核" in notice.inner_text() or "列入" in notice.inner_text()


def test_every_page_says_it_is_a_demonstration_and_as_of_when(page: Page) -> None:
    for address in KINDS_OF_PAGE:
        page.goto(address)
        english = address.startswith("en/")
        assert page.locator(".m-demo").inner_text().startswith("Example" if english else "示例"), (
            address
        )
        as_of = "As of Nov 23, 2026" if english else "截至 2026年11月23日"
        assert as_of in page.locator(".m-footer").inner_text(), address
        version = page.evaluate(
            "getComputedStyle(document.querySelector('.m-version'), '::after').content"
        )
        assert ("version" if english else "登记簿版本") in version, address


def test_dark_and_light(page: Page) -> None:
    page.goto("")
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    page.get_by_role("button", name="切换深色或浅色").click()
    after = page.evaluate(background)
    assert before != after
    page.goto("agencies/")
    assert page.evaluate(background) == after


def test_the_reader_s_own_scheme_is_kept_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, color_scheme="dark", java_script_enabled=False)
    opened = context.new_page()
    opened.goto("")
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 30)"
    context.close()


def test_the_language_switch_keeps_the_page(page: Page) -> None:
    page.goto("resources/minzheng/hunyin-dengji/#items")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(re.compile(r"/en/resources/minzheng/hunyin-dengji/"))
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "婚姻登记信息"
    assert page.get_by_role("heading", name=re.compile("^Items")).is_visible()
    page.get_by_role("link", name="To do").click()
    page.wait_for_url(re.compile(r"/en/todo/"))
    page.get_by_role("link", name="中文").click()
    page.wait_for_url(re.compile(r"[^n]/todo/$"))
    assert page.locator("h1").inner_text() == "待办"


def test_a_deadline_explains_itself_day_by_day(page: Page) -> None:
    page.goto("todo/")
    page.locator("#late + table td[data-title=案件] a").first.click()
    days = page.locator(".m-clock details").first
    assert days.get_attribute("open") is not None
    assert "工作日" in days.inner_text()
    assert days.locator("td.m-days__last").count() == 1


def test_what_an_agency_owes_is_found_by_keyboard_alone(page: Page) -> None:
    page.goto("agencies/")
    link = page.get_by_role("link", name=re.compile("超期")).first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"agencies/[a-z-]+/#duties"))
    assert "超期" in page.locator("#duties + table").inner_text()


def test_slash_puts_the_cursor_into_the_search_box(page: Page) -> None:
    for address in ("", "agencies/"):
        page.goto(address)
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.type") == "search", address


def test_browsing_needs_no_script(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    opened = context.new_page()
    opened.goto("browse/")
    opened.get_by_role("link", name=re.compile("^H")).click()
    opened.get_by_role("link", name="婚姻登记信息", exact=True).click()
    assert opened.locator("h1").inner_text() == "婚姻登记信息"
    context.close()


def test_an_item_says_who_else_holds_it(page: Page) -> None:
    page.goto("resources/minzheng/hunyin-dengji/")
    page.locator("#items + table a").first.click()
    assert "个单位的" in page.locator(".m-lead").inner_text()
    assert page.locator("tbody tr").count() >= 2


def test_both_sides_of_an_objection_stand_side_by_side(page: Page) -> None:
    page.goto("objections/")
    sides = page.locator(".m-sides").first.locator(".m-side")
    left, right = (sides.nth(n).bounding_box() for n in range(2))
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]


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
