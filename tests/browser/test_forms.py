"""Forms as agency staff use them: filled in, pasted from a table, downloaded, and accepted by the register."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from changes import fast_import, lines_of, review_commits
from mulu.loading import canonical
from mulu.record import Data
from registers import files_below, register_of, schemas

ROOT = Path(__file__).parents[2]
RECORDS = {f"{folder}/{path}": source for folder in ("catalog", "negative-list") for path, source in files_below(ROOT / folder).items()}  # fmt: skip
REGISTER, _ = register_of(RECORDS)


def downloaded(page: Page) -> dict[str, str]:
    """What the download button hands over."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载").click()
    found: dict[str, str] = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    return found


def register_with(folder: Path, path: str, source: str) -> str:
    """What ``mulu check`` says of the register with one more file; '' where it accepts it."""
    for name in ("catalog", "negative-list"):
        shutil.copytree(ROOT / name, folder / name)
    target = folder / path
    assert not target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source, "utf-8")
    mulu = Path(sys.executable).with_name("mulu")
    done = subprocess.run([mulu, "check", "--root", folder, "--today", "2026-11-23"], capture_output=True, text=True, check=False)  # fmt: skip
    return "" if done.returncode == 0 else done.stdout[-900:]


def at_noon(page: Page) -> None:
    """The day the register is judged on, whatever the clock says."""
    page.clock.set_fixed_time("2026-11-23T12:00:00+08:00")


def test_a_share_request_takes_at_most_eight_steps(page: Page, tmp_path: Path) -> None:
    at_noon(page)
    page.goto("resources/minzheng/hunyin-dengji/")
    page.get_by_role("link", name="申请共享").click()  # 1
    page.wait_for_selector(".m-items .m-choice")
    page.get_by_label("提出单位").fill("市教育局（jiaoyu）")  # 2
    page.get_by_label("登记日期").check()  # 3
    page.get_by_label("职责依据").fill("义务教育阶段学位申请资格审核。")  # 4
    page.get_by_label("使用用途").fill("核对监护人的婚姻状况，免交结婚证。")  # 5
    page.get_by_label("使用承诺").check()  # 6
    assert page.locator(".m-status").inner_text() == "可以提交了。"
    href = page.locator(".m-submit").get_attribute("href") or ""
    assert href.startswith("https://git.example.cn/shenzhen/mulu/_new/main/?filename=catalog%2Frequests%2F2026%2Fjiaoyu--hunyin-dengji.yml&value=")  # fmt: skip
    assert len(href) <= 7500
    form = downloaded(page)  # 7
    assert form["mulu"] == "intake/1"
    assert form["path"] == "catalog/requests/2026/jiaoyu--hunyin-dengji.yml"
    assert register_with(tmp_path / "register", form["path"], form["source"]) == ""
    repo = tmp_path / "r.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repo)], check=True)
    head = RECORDS | {form["path"]: form["source"].encode()}
    fast_import(repo, {"x": ([RECORDS, head], "x")})
    review = review_commits(repo, "x/base", "x/head", "jiaoyu")
    assert lines_of(review) == []
    assert review.verdict.passed


def test_it_says_in_words_what_is_missing(page: Page) -> None:
    page.goto("forms/request/")
    page.get_by_role("button", name="下载").click()
    faults = page.locator(".m-fault:visible").all_inner_texts()
    assert len(faults) >= 4
    assert all("请填写" in text or "勾选" in text for text in faults)
    assert (
        page.evaluate("document.activeElement.closest('.m-field').dataset.pointer") == "/applicant"
    )
    page.get_by_label("提出单位").fill("没有这个单位")
    page.keyboard.press("Tab")
    assert "请从列表里选" in page.locator("[data-pointer='/applicant'] .m-fault").inner_text()


def test_one_cannot_ask_oneself(page: Page) -> None:
    page.goto("forms/request/?resource=minzheng/hunyin-dengji")
    page.get_by_label("提出单位").fill("minzheng")
    page.keyboard.press("Tab")
    assert "不能向自己提出需求" in page.locator("[data-pointer='/applicant'] .m-fault").inner_text()


def test_the_draft_stays_in_the_browser(page: Page) -> None:
    page.goto("forms/complaint/")
    page.get_by_label("事实").fill("反复要求提交可以从平台取得的证照原件。")
    page.reload()
    assert page.get_by_label("事实").input_value().startswith("反复要求")
    page.get_by_role("button", name="清空重填").click()
    page.wait_for_load_state()
    assert page.get_by_label("事实").input_value() == ""


PASTED = "中文名称\t类型\t长度\t字段名\t是否标识\n许可证编号\t字符型\t30\txkzbh\t是\n发证日期\tdate\t\tfzrq\t否\n面积\tdecimal(12,2)\t\tmj\t\n"


def test_rows_from_a_spreadsheet_in_any_order(page: Page, tmp_path: Path) -> None:
    at_noon(page)
    page.goto("forms/resource/")
    page.get_by_label("提供单位").fill("minzheng")
    page.get_by_label("代号", exact=False).first.fill("yanglao-xingji")
    page.get_by_label("信息资源名称").fill("养老机构星级评定信息")
    page.get_by_label("信息资源摘要").fill("全市养老机构星级评定形成的信息。")
    cell = page.locator("[data-pointer='/items'] [data-name=name]").first
    cell.focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        PASTED,
    )
    form = downloaded(page)
    assert form["path"] == "catalog/resources/minzheng/yanglao-xingji.yml"
    assert "  - name: 许可证编号\n    key: xkzbh\n    type: string\n    length: 30\n    identifier: true\n" in form["source"]  # fmt: skip
    assert "  - name: 发证日期\n    key: fzrq\n    type: date\n  - name: 面积\n    key: mj\n    type: number\n    length: 12\n" in form["source"]  # fmt: skip
    assert register_with(tmp_path / "register", form["path"], form["source"]) == ""


def test_a_basis_is_asked_for_only_where_something_is_withheld(page: Page) -> None:
    page.goto("forms/resource/")
    basis = page.locator("[data-pointer='/sharing/basis']")
    assert not basis.is_visible()
    page.get_by_label("不予共享").check()
    assert basis.is_visible()


CASES: list[tuple[str, str, str, dict[str, str], list[str]]] = [
    ("application", "?resource=tongji/dan-ge-diaocha-duixiang", "jiaoyu", {"职责依据": "履行职责。", "使用用途": "核验。"}, ["使用承诺"]),
    ("objection", "?entry=tongji/dan-ge-diaocha-duixiang", "jiaoyu", {"异议理由": "依据的条款没有禁止共享。"}, []),
    ("correction", "?resource=minzheng/hunyin-dengji", "jiaoyu", {"问题描述": "登记机关名称有误。"}, []),
    ("complaint", "", "jiaoyu", {"被投诉单位": "minzheng", "事实": "没有按期提供。"}, ["市监察部门"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "query", "applicant", "texts", "ticks"), CASES, ids=lambda v: v if isinstance(v, str) else "")  # fmt: skip
def test_every_procedure_can_be_opened(
    page: Page,
    tmp_path: Path,
    kind: str,
    query: str,
    applicant: str,
    texts: dict[str, str],
    ticks: list[str],
) -> None:
    at_noon(page)
    page.goto(f"forms/{kind}/{query}")
    page.locator("[data-pointer='/applicant'] input").fill(applicant)
    for label, text in texts.items():
        page.locator(".m-field", has=page.locator(f"label:text-matches('^{label}')")).locator("input, textarea").first.fill(text)  # fmt: skip
    for label in ticks:
        page.get_by_label(label).first.check()
    choices = page.locator(".m-choices:has(.m-must)")
    for n in range(choices.count()):
        if not choices.nth(n).locator("input:checked").count():
            choices.nth(n).locator("input").first.check()
    page.keyboard.press("Tab")
    assert page.locator(".m-fault:visible").all_inner_texts() == []
    form = downloaded(page)
    assert register_with(tmp_path / "register", form["path"], form["source"]) == ""


@pytest.mark.parametrize("kind", ["request", "application", "objection", "delisting", "correction", "complaint", "rectification", "resource"])  # fmt: skip
def test_a_file_is_written_as_the_program_writes_it(page: Page, kind: str) -> None:
    """Every record of the demonstration, through the page's writer and through ``mulu fmt``."""
    page.goto(f"forms/{kind}/")
    schema = schemas().kinds[kind].schema
    records: list[Data] = [record.data for record in REGISTER.of(kind).values()]
    assert records
    odd = ["yes", "0755", "1e3", "a: b", "# x", "x #y", "-", "", " 前", "2026-02-30", "1:20", 'a"b', "a\\b", "@x", "null", "~", "[x]", "：", "a'b", "3.14", "0x1F", "+1"]  # fmt: skip
    for text in odd:
        records.append({"note": text, "items": [text]})
    theirs = page.evaluate("rows => rows.map((row) => window.muluForm.dump(row))", records)
    for data, written in zip(records, theirs, strict=True):
        public = {name: value for name, value in data.items() if name != "internal_note"}
        if public == data:
            assert written == canonical.dump(data, schema).decode()


def test_a_file_too_long_for_an_address_is_downloaded_instead(page: Page) -> None:
    page.goto("forms/complaint/")
    page.locator("[data-pointer='/applicant'] input").fill("jiaoyu")
    page.locator("[data-pointer='/against'] input").fill("minzheng")
    page.get_by_label("市监察部门").check()
    page.get_by_label("事实").fill("没有按期提供。" * 120)
    page.keyboard.press("Tab")
    assert page.locator(".m-status").inner_text() == "可以提交了。"
    assert not page.locator(".m-submit").is_visible()
    assert downloaded(page)["source"].count("没有按期提供") == 120


def test_without_script_the_fields_can_still_be_read(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("forms/request/")
    text = page.locator("main, article").first.inner_text()
    assert "没有启用脚本" in text
    assert "职责依据" in text
    context.close()


def test_hostile_text_stays_text(page: Page) -> None:
    page.goto("forms/request/?resource=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E/x")
    page.get_by_label("使用用途").fill(
        "</code><script>window.pwned = 1</script> ${1} `x` ::error::"
    )
    page.get_by_text("看看生成的文件").click()
    assert page.evaluate("window.pwned") is None
    assert "</code><script>" in page.locator(".m-file code").inner_text()
