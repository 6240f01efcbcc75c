"""Pages that say how things stand: days left go on counting in the browser, and stand without it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page

from registers import policies

BUILT = date(2026, 11, 23)


def said(page: Page, address: str) -> list[tuple[str, str]]:
    """Each badge that has a clock: the clock and the words."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return [(one.get_attribute("data-clock") or "", one.inner_text()) for one in page.locator("[data-clock]").all()]  # fmt: skip


def expected(clock: str, today: date) -> str:
    """The words of a clock on a day, by the calendar of the program."""
    due_text, unit, *provisional = clock.split()
    due = date.fromisoformat(due_text)
    left = (due - today).days if unit == "day" else policies().calendar.between(today, due)
    words = "天" if unit == "day" else "个工作日"
    if today > due:
        return "暂定日期已过" if provisional else f"超期 {-left} {words}"
    return "今天到期" if today == due else f"还有 {left} {words}"


@pytest.mark.parametrize("later", [0, 1, 4, 9, 45])
def test_days_left_are_counted_to_the_day_of_reading(page: Page, site: str, later: int) -> None:
    today = BUILT + timedelta(later)
    page.clock.set_fixed_time(f"{today}T02:00:00Z")
    found = said(page, f"{site}todo/")
    assert len(found) > 5
    for clock, words in found:
        assert words == expected(clock, today)
    note = page.locator(".m-asof").inner_text()
    assert ("期限算到" in note) == (later > 0)
    assert "2026年11月23日" in re.sub(r"\s", "", note)


def test_the_day_is_the_citys_not_the_readers(page: Page, site: str) -> None:
    page.clock.set_fixed_time("2026-11-23T17:00:00Z")
    for clock, words in said(page, f"{site}monitor/offices/"):
        assert words == expected(clock, date(2026, 11, 24))


def test_a_clock_that_is_slow_turns_nothing_back(page: Page, site: str) -> None:
    page.clock.set_fixed_time("2020-01-01T00:00:00Z")
    for clock, words in said(page, f"{site}todo/"):
        assert words == expected(clock, BUILT)


def test_without_script_the_days_of_the_build_stand(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for clock, words in said(page, f"{site}monitor/agencies/minzheng/"):
        assert words == expected(clock, BUILT)
    context.close()


def test_english_pages_count_in_english(page: Page, site: str) -> None:
    page.clock.set_fixed_time("2026-12-20T02:00:00Z")
    words = [words for _, words in said(page, f"{site}en/todo/")]
    assert any(re.fullmatch(r"\d+ working days late", one) for one in words)
    assert not any(re.search(r"[一-鿿]", one) for one in words)


def test_an_agency_sees_what_it_has_to_do_what_it_asked_for_and_its_score(page: Page, site: str) -> None:  # fmt: skip
    page.goto(f"{site}monitor/agencies/minzheng/")
    assert page.locator("#mine").inner_text().startswith("要办的")
    assert page.locator("#asked").inner_text().startswith("提出的")
    score = page.locator("#score ~ div table tbody tr")
    weights = [int(row.locator("td").last.inner_text()) for row in score.all()]
    assert sum(weights) == 100
    page.get_by_role("link", name="全部指标").click()
    assert "/report/2026/agencies/minzheng/" in page.url
