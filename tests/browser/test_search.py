"""The search page as people use it: typing, narrowing, going back, with the keyboard alone."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

HOSTILE = '<img src=x onerror="window.pwned=1">\'</script><script>window.pwned=1</script>{{7*7}}'


def asked(page: Page) -> list[tuple[str, str]]:
    """What the address says."""
    return parse_qsl(urlsplit(page.url).query)


def settled(page: Page, address: str) -> None:
    """Open an address and wait until its answer is shown."""
    page.goto(address)
    page.wait_for_selector("#search[data-turn]")


def total(page: Page) -> int:
    """The number in the status line."""
    found = re.search(r"\d[\d,]*", page.locator(".s-status").inner_text())
    return int(found[0].replace(",", "")) if found else 0


def tick(page: Page, facet: str, word: str) -> None:
    """Choose a facet value by its title."""
    page.get_by_role("group", name=facet, exact=True).get_by_label(word).check()


def test_two_characters_from_the_home_page_to_the_record(page: Page) -> None:
    page.goto("")
    page.get_by_role("searchbox").fill("婚姻")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"search/\?k="))
    first = page.locator(".s-link").first
    first.wait_for()
    assert "婚姻" in first.inner_text()
    assert page.locator(".s-title mark").first.inner_text() == "婚姻"
    assert "婚姻" in page.locator(".s-match mark").first.inner_text()
    first.click()
    assert page.locator("h1").inner_text().startswith("婚姻")


@pytest.mark.parametrize("text", ["hunyindeng", "hydj", "婚姻登記", "308010/1"])
def test_other_ways_to_write_it(page: Page, text: str) -> None:
    settled(page, "search/")
    page.get_by_role("searchbox").fill(text)
    expect(page.get_by_role("link", name="婚姻登记信息", exact=True)).to_be_visible()
    assert page.locator(".s-card mark").count() > 0


def test_facets_narrow_and_their_counts_are_kept(page: Page) -> None:
    settled(page, "search/?k=登记")
    whole = total(page)
    group = page.get_by_role("group", name="单位", exact=True)
    row = group.locator("label", has_text="市民政局")
    promised = int(row.locator(".s-count").inner_text())
    assert 0 < promised < whole
    row.locator("input").check()
    expect(page.locator(".s-status")).to_have_text(f"找到 {promised} 项")
    assert asked(page) == [("k", "登记"), ("agency", "minzheng")]
    # another value of the same facet widens, one of another facet narrows
    word = group.locator("input:not(:checked)").first.get_attribute("value")
    other = group.locator(f"label:has(input[value={word}])")
    more = int(other.locator(".s-count").inner_text())
    other.locator("input").check()
    expect(page.locator(".s-status")).to_have_text(f"找到 {promised + more} 项")
    tick(page, "种类", "信息资源")
    expect(page.locator(".s-chip")).to_have_count(3)
    assert 0 < total(page) <= promised + more


def test_the_focus_stays_on_the_facet_just_used(page: Page) -> None:
    settled(page, "search/")
    box = page.get_by_role("group", name="更新周期", exact=True).get_by_label("每日")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(".s-chip")).to_have_count(1)
    assert page.evaluate("document.activeElement.value") == "daily"


def test_chips_take_a_choice_back(page: Page) -> None:
    settled(page, "search/?k=登记&kind=resource&cycle=daily")
    page.get_by_role("button", name="不再按“每日”筛选").click()
    expect(page.locator(".s-chip")).to_have_count(1)
    assert asked(page) == [("k", "登记"), ("kind", "resource")]
    page.get_by_role("button", name="清除筛选").click()
    expect(page.locator(".s-chip")).to_have_count(0)
    assert asked(page) == [("k", "登记")]


def test_an_address_can_be_shared_and_back_goes_back(page: Page) -> None:
    settled(page, "search/?k=登记&agency=minzheng&agency=gongan")
    assert page.get_by_role("searchbox").input_value() == "登记"
    assert page.locator(".s-lists input:checked").count() == 2
    seen = total(page)
    tick(page, "种类", "信息资源")
    expect(page.locator(".s-chip")).to_have_count(3)
    assert total(page) < seen
    page.go_back()
    expect(page.locator(".s-chip")).to_have_count(2)
    expect(page.locator(".s-status")).to_have_text(f"找到 {seen} 项")
    page.go_forward()
    expect(page.locator(".s-chip")).to_have_count(3)


def test_an_unknown_facet_value_can_be_taken_back(page: Page) -> None:
    settled(page, "search/?k=登记&agency=nobody")
    expect(page.locator(".s-status")).to_have_text("没有找到")
    page.locator(".s-chip").click()
    expect(page.locator(".s-chip")).to_have_count(0)
    assert total(page) > 10


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    settled(page, "search/")
    page.keyboard.press("/")
    page.keyboard.type("婚姻登记信息")
    expect(page.locator(".s-link").first).to_have_text("婚姻登记信息")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    place = "[...document.querySelectorAll('.s-link')].indexOf(document.activeElement)"
    assert page.evaluate(place) == 1
    page.keyboard.press("ArrowUp")
    assert page.evaluate(place) == 0
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources/minzheng/hunyin-dengji/")


def test_more_results_are_shown_on_demand(page: Page) -> None:
    settled(page, "search/")
    expect(page.locator(".s-card")).to_have_count(20)
    page.get_by_role("button", name="显示更多").click()
    expect(page.locator(".s-card")).to_have_count(40)
    links = page.locator(".s-link").evaluate_all("all => all.map((one) => one.href)")
    assert len(set(links)) == 40


def test_long_facets_are_folded(page: Page) -> None:
    settled(page, "search/")
    group = page.get_by_role("group", name="单位", exact=True)
    assert group.locator("li").count() == 8
    group.get_by_role("button", name="更多").click()
    assert group.locator("li").count() > 20
    group.get_by_role("button", name="收起").click()
    assert group.locator("li").count() == 8


def test_nothing_found_offers_other_ways(page: Page, site: str) -> None:
    settled(page, "search/?k=没有这样的东西")
    expect(page.locator(".s-status")).to_have_text("没有找到")
    ways = page.locator(".s-empty a").evaluate_all("all => all.map((one) => one.href)")
    assert f"{site}agencies/" in ways
    assert page.locator(".s-card").count() == 0
    page.get_by_role("searchbox").fill("婚姻")
    expect(page.locator(".s-empty")).to_be_hidden()


def test_a_late_answer_does_not_replace_a_newer_one(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    settled(page, "search/")
    page.route("**/search/terms/*", hold)
    page.get_by_role("searchbox").fill("统计")
    page.wait_for_timeout(300)
    assert len(held) == 1
    page.get_by_role("searchbox").fill("婚姻登记档案")
    expect(page.locator(".s-link").first).to_have_text("婚姻登记档案")
    held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator(".s-link").first).to_have_text("婚姻登记档案")


def test_hostile_texts_stay_texts(page: Page) -> None:
    def poison(route: Route) -> None:
        rows = json.loads(route.fetch().text())
        poisoned = [[href, HOSTILE, HOSTILE, HOSTILE, [HOSTILE], [HOSTILE], "a"] for href, *_ in rows]  # fmt: skip
        route.fulfill(body=json.dumps(poisoned), content_type="application/json")

    page.route("**/search/rows/*", poison)
    settled(page, "search/?k=img&kind=<b>x</b>")
    page.locator(".s-chip").click()
    page.get_by_role("searchbox").fill("登记")
    page.locator(".s-card").first.wait_for()
    page.wait_for_timeout(200)
    assert page.locator(".s-link").first.inner_text() == HOSTILE
    assert page.locator(".s-page img, .s-page b, .s-page script").count() == 0
    assert page.evaluate("window.pwned") is None
    page.unroute_all(behavior="wait")  # rows that nobody waited for may still be on their way


def test_an_index_that_cannot_be_read_is_said(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site)
    page = context.new_page()
    page.route("**/search/meta.json*", lambda route: route.fulfill(status=404))
    page.goto("search/?k=婚姻")
    expect(page.locator(".s-status")).to_contain_text("检索暂时不能用")
    context.close()


def test_without_script_there_are_other_ways(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("search/")
    assert "检索要用到脚本" in page.locator("noscript").inner_text()
    assert not page.locator("#search").is_visible()
    for href in page.locator("noscript a").evaluate_all("all => all.map((one) => one.href)"):
        assert page.request.get(href).ok
    context.close()


def test_it_needs_nothing_a_strict_policy_forbids(page: Page) -> None:
    """The policy a site may send: own scripts, own styles, own data."""
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"
    said: list[str] = []

    def with_policy(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})  # fmt: skip

    page.on("console", lambda message: said.append(message.text))
    page.route("**/search/?k=*", with_policy)
    settled(page, "search/?k=婚姻")
    assert page.locator(".s-card").count() > 5
    assert [text for text in said if "Content Security Policy" in text and "search" in text] == []


def test_the_filters_are_folded_on_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    settled(page, "search/?k=登记&sharing=shared")
    assert not page.locator(".s-lists").is_visible()
    page.locator(".s-facets > summary").click()
    tick(page, "更新周期", "每日")
    expect(page.locator(".s-chip")).to_have_count(2)
    assert page.locator(".s-lists").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_query_prints_with_its_results(page: Page) -> None:
    settled(page, "search/?k=婚姻&kind=resource")
    page.emulate_media(media="print")
    assert not page.locator(".s-facets").is_visible()
    assert page.locator(".s-card").first.is_visible()
    assert page.locator(".s-chip").inner_text().startswith("种类")
