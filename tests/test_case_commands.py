"""A case from its first act to its last, as an agency types it."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import icalendar
import pytest

from registers import EXAMPLES, ROOT
from test_cli import mulu

CASE = "2026/gongan--hunyin-dengji"
FILE = f"catalog/requests/{CASE}.yml"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    shutil.copytree(EXAMPLES / "common", folder)
    return folder


def run(register: Path, today: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return mulu(*arguments, "--root", str(register), "--today", today)


def asked(register: Path) -> None:
    """A request of gongan for minzheng's marriages, submitted on 2 November 2026."""
    done = run(register, "2026-11-02", "new", "request", "--agency", "gongan", "--set", "resource=minzheng/hunyin-dengji", "--set", "duty=户籍登记。", "--set", "purpose=核验婚姻状况。")  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"已建立 {FILE}\n")


def act(register: Path, day: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(register, day, "act", CASE, *arguments)


def notified(register: Path) -> None:
    asked(register)
    assert act(register, "2026-11-03", "list", "--by", "zhengshu").returncode == 0
    done = act(register, "2026-11-05", "notify", "--by", "zhengshu", "--on", "2026-11-04", "--set", "to=minzheng", "--set", "received_on=2026-11-05")  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_a_request_from_first_act_to_last(register: Path) -> None:
    notified(register)
    for day, *step in (
        ("2026-11-19", "provide", "--by", "minzheng", "--set", "channel=interface"),
        ("2026-11-20", "open", "--by", "zhengshu", "--set", "channel=interface"),
        ("2026-11-23", "close", "--by", "gongan", "--set", "result=已经使用。"),
    ):
        done = act(register, day, *step)
        assert done.returncode == 0, done.stdout
    assert (register / FILE).read_text("utf-8") == (
        "pack: shenzhen-2015@1\napplicant: gongan\nresource: minzheng/hunyin-dengji\n"
        "duty: 户籍登记。\npurpose: 核验婚姻状况。\nundertaking: true\nacts:\n"
        "  - act: submit\n    date: 2026-11-02\n    by: gongan\n"
        "  - act: list\n    date: 2026-11-03\n    by: zhengshu\n    as: authority\n"
        "  - act: notify\n    date: 2026-11-04\n    by: zhengshu\n    as: authority\n    received_on: 2026-11-05\n    to: minzheng\n"
        "  - act: provide\n    date: 2026-11-19\n    by: minzheng\n    channel: interface\n"
        "  - act: open\n    date: 2026-11-20\n    by: zhengshu\n    as: operator\n    channel: interface\n"
        "  - act: close\n    date: 2026-11-23\n    by: gongan\n    result: 已经使用。\n"
    )
    done = run(register, "2026-11-23", "check")
    assert (done.returncode, done.stdout) == (0, "检查了 15 条记录，没有发现问题\n")
    shown = run(register, "2026-11-23", "show", CASE).stdout
    assert "状态：已办结（办理到此为止）" in shown
    assert "应于 2026-11-19 前完成；2026-11-19 完成，没有超期" in shown


def test_without_an_act_it_says_where_the_case_stands(register: Path) -> None:
    notified(register)
    said = act(register, "2026-11-18").stdout
    assert "状态：已通知" in said
    assert "自 2026-11-05 起，应于 2026-11-19 前完成；还有 1 个工作日" in said
    assert "下一步：提供 provide（示例市民政局，写明 channel）" in said
    assert "可以：撤回 withdraw（示例市公安局，写明 reason）" in said
    assert "今天到期" in act(register, "2026-11-19").stdout
    assert "已超期 1 个工作日" in act(register, "2026-11-20").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("open", "--by", "zhengshu", "--set", "channel=interface"), "act-not-now", "案件的状态是“已通知”，不能“开通使用”"),
        (("provide", "--by", "gongan", "--set", "channel=interface"), "act-not-entitled", "“提供”要由提供单位来做"),
        (("provide", "--by", "minzheng"), "act-incomplete", "“提供”没有写明“提供方式”（第十五条、第十六条）"),
        (("fly", "--by", "minzheng"), "act-unknown", "没有动作“fly”"),
        (("provide", "--by", "minzheng", "--set", "channel=interface", "--on", "2026-11-01"), "act-out-of-order", "早于前一个动作"),
        (("provide", "--by", "minzheng", "--set", "channel=interface", "--on", "2026-12-01"), "date-in-future", "晚于"),
        (("provide", "--by", "nobody", "--set", "channel=interface"), "unknown-reference", "没有名为“nobody”的单位"),
        (("provide", "--by", "minzheng", "--set", "channel=飞鸽"), "not-allowed", "提供方式"),
    ],
)  # fmt: skip
def test_what_replay_refuses_is_not_written(
    register: Path, arguments: tuple[str, ...], code: str, says: str
) -> None:
    notified(register)
    before = (register / FILE).read_bytes()
    done = act(register, "2026-11-10", *arguments)
    assert done.returncode == 1
    assert code in done.stdout
    assert says in done.stdout
    assert "没有写文件" in done.stdout
    assert (register / FILE).read_bytes() == before


def test_usage_is_said_in_one_line(register: Path) -> None:
    asked(register)
    for arguments, says in (
        (("act", "2026/nobody--nothing", "list", "--by", "zhengshu"), "没有案件"),
        (("act", CASE, "list"), "请用 --by"),
        (("act", CASE, "list", "--by", "zhengshu", "--set", "reason"), "应当写成 栏目=值"),
        (("act", CASE, "list", "--by", "zhengshu", "--set", "colour=red"), "没有 'colour' 这一栏"),
        (("todo", "--agency", "nobody"), "没有单位"),
        (("todo", "--role", "king"), "没有职责"),
        (("deadline",), "写 --from 日期"),
        (("new", "resource-x"), "没有 'resource-x' 这一类"),
    ):
        done = run(register, "2026-11-03", *arguments)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert says in done.stderr


def test_comments_survive_an_act(register: Path) -> None:
    asked(register)
    path = register / FILE
    path.write_text("# 窗口来电催办\n" + path.read_text("utf-8"), "utf-8")
    assert act(register, "2026-11-03", "list", "--by", "zhengshu").returncode == 0
    assert path.read_text("utf-8").startswith("# 窗口来电催办\npack: ")


def test_a_dry_run_shows_and_does_not_write(register: Path) -> None:
    asked(register)
    before = (register / FILE).read_bytes()
    done = act(register, "2026-11-03", "list", "--by", "zhengshu", "--dry-run")
    assert "as: authority" in done.stdout
    assert (register / FILE).read_bytes() == before


def test_todo_sorts_filters_and_counts(register: Path) -> None:
    notified(register)
    done = run(register, "2026-11-23", "todo")
    assert "超期  1" in done.stdout
    assert "2026-11-19  超 2 个工作日" in done.stdout
    assert "截至 2026-11-23：待办 1 件，其中超期 1 件" in done.stdout
    assert run(register, "2026-11-23", "todo", "--agency", "gongan").stdout == "截至 2026-11-23：没有待办\n"  # fmt: skip
    assert run(register, "2026-11-19", "todo", "--overdue").stdout.endswith("没有待办\n")
    assert "待办 0" not in run(register, "2026-11-23", "todo", "--overdue").stdout
    assert "没有待办" in run(register, "2026-11-23", "todo", "--role", "authority").stdout


def test_todo_as_json_is_a_contract(register: Path) -> None:
    notified(register)
    data = json.loads(run(register, "2026-11-18", "todo", "--format", "json").stdout)
    assert data == {
        "version": 1,
        "day": "2026-11-18",
        "duties": [
            {
                "case": f"request/{CASE}",
                "path": FILE,
                "title": "示例市公安局 → 婚姻登记信息",
                "state": "notified",
                "agency": "minzheng",
                "agency_title": "示例市民政局",
                "capacity": "provider",
                "acts": [{"act": "provide", "title": "提供"}],
                "clock": "provide",
                "started": "2026-11-05",
                "due": "2026-11-19",
                "provisional": False,
                "left": 1,
                "unit": "working-day",
                "late": False,
                "since": "2026-11-04",
                "articles": [15],
            }
        ],
    }


def test_todo_as_a_calendar_is_read_by_others(register: Path) -> None:
    notified(register)
    text = run(register, "2026-11-18", "todo", "--format", "ics").stdout
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == date(2026, 11, 19)
    assert str(event["summary"]) == "提供：示例市公安局 → 婚姻登记信息"
    assert str(event["status"]) == "CONFIRMED"
    assert all(len(line.encode()) <= 75 for line in text.splitlines())
    assert text == run(register, "2026-11-18", "todo", "--format", "ics").stdout


def test_a_deadline_explains_every_day(register: Path) -> None:
    said = run(register, "2026-11-23", "deadline", "--from", "2026-09-24", "--days", "10", "--explain").stdout  # fmt: skip
    assert said.splitlines()[0] == "2026-09-24 收到，10 个工作日：2026-10-15"
    for line in (
        "  ·  2026-09-24 周四  起算，当日不算",
        "  ·  2026-09-25 周五  放假（中秋节）",
        "  1  2026-09-28 周一  工作日",
        "  ·  2026-10-01 周四  放假（国庆节）",
        "  6  2026-10-10 周六  调休上班（国庆节）",
        " 10  2026-10-15 周四  工作日",
    ):
        assert line in said, line
    assert "国办发明电〔2025〕7号" in said


def test_a_provisional_deadline_says_so(register: Path) -> None:
    said = run(register, "2026-11-23", "deadline", "--from", "2026-12-21", "--days", "10").stdout
    assert "暂定" in said
    assert "2027" in said


def test_a_case_s_deadline_is_explained(register: Path) -> None:
    notified(register)
    said = run(register, "2026-11-18", "deadline", CASE, "--explain").stdout
    assert "提供期限（示例市民政局，第十五条）" in said
    assert " 10  2026-11-19 周四  工作日" in said


@pytest.mark.parametrize(
    ("kind", "arguments", "path"),
    [
        ("application", ("--agency", "gongan", "--set", "resource=tongji/dan-ge-diaocha-duixiang", "--set", "duty=履行职责。", "--set", "purpose=核验。"), "negative-list/applications/2026/gongan--dan-ge-diaocha-duixiang.yml"),
        ("objection", ("--agency", "gongan", "--set", "entry=tongji/dan-ge-diaocha-duixiang", "--set", "grounds=只要汇总数。"), "negative-list/objections/2026/gongan--dan-ge-diaocha-duixiang.yml"),
        ("delisting", ("--agency", "tongji", "--set", "entry=tongji/dan-ge-diaocha-duixiang", "--set", "law=tongjifa", "--set", "change=修改了条款。", "--act", "reason=可以共享。"), "negative-list/delistings/2026/tongji--dan-ge-diaocha-duixiang.yml"),
        ("correction", ("--agency", "gongan", "--set", "resource=minzheng/hunyin-dengji", "--set", "error=outdated", "--set", "description=更新不及时。"), "catalog/corrections/2026/gongan--hunyin-dengji.yml"),
        ("complaint", ("--agency", "gongan", "--set", "against=minzheng", "--set", "receiver=supervision", "--set", "facts=仍要求提供原件。"), "catalog/complaints/2026/gongan--minzheng.yml"),
        ("rectification", ("--agency", "zhengshu", "--set", "against=minzheng", "--set", "ground=originals-demanded", "--set", "facts=仍要求提供原件。", "--act", "due_on=2026-12-31"), "catalog/rectifications/2026/zhengshu--minzheng.yml"),
    ],
)  # fmt: skip
def test_every_kind_of_case_can_be_opened(
    register: Path, kind: str, arguments: tuple[str, ...], path: str
) -> None:
    done = run(register, "2026-11-23", "new", kind, *arguments)
    assert (done.returncode, done.stdout) == (0, f"已建立 {path}\n")
    assert run(register, "2026-11-23", "check").returncode == 0
    second = run(register, "2026-11-23", "new", kind, *arguments)
    assert second.stdout == f"已建立 {path.removesuffix('.yml')}-2.yml\n"


def test_a_case_that_may_not_be_opened_is_not(register: Path) -> None:
    done = run(register, "2026-11-23", "new", "request", "--agency", "gongan", "--set", "resource=tongji/dan-ge-diaocha-duixiang", "--set", "duty=履行职责。", "--set", "purpose=核验。")  # fmt: skip
    assert done.returncode == 1
    assert "act-condition" in done.stdout
    assert "没有列入负面清单" in done.stdout
    assert not (register / "catalog/requests").exists()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_time_zones_change_nothing(register: Path, zone: str) -> None:
    notified(register)
    done = mulu("todo", "--root", str(register), "--today", "2026-11-20", TZ=zone)
    assert "2026-11-19  超 1 个工作日" in done.stdout


def own_policies(register: Path) -> Path:
    """The register with packs of its own, to be spoilt."""
    for folder in ("policies", "calendar"):
        shutil.copytree(ROOT / "schemas" / folder, register / "schemas" / folder)
    return register / "schemas/policies/shenzhen-2015"


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_day_that_does_not_exist_is_a_finding(register: Path) -> None:
    asked(register)
    spoil(register / FILE, "date: 2026-11-02", "date: 2026-02-30")
    done = run(register, "2026-11-23", "check")
    assert done.returncode == 1
    assert f"{FILE}:9:11" in done.stdout
    assert "“日期”的写法不对" in done.stdout


def test_a_broken_procedure_is_a_finding_and_the_rest_is_judged(register: Path) -> None:
    pack = own_policies(register)
    notified(register)
    spoil(register / "catalog/agencies/minzheng.yml", "kind: ", "sort: ")
    spoil(pack / "procedures/correction.yml", "    stops:\n      - correct\n", "")
    spoil(pack / "procedures/complaint.yml", "guard: other-than", "guard: other-then")
    done = run(register, "2026-11-23", "check")
    assert done.returncode == 1
    assert "schemas/policies/shenzhen-2015/procedures/correction.yml" in done.stdout
    assert "缺少“到何为止”（stops）" in done.stdout
    assert "是不是 other-than" in done.stdout
    assert "没有“sort”这一栏" in done.stdout
    assert "case-late" in done.stdout, "the requests are still played"


def test_without_its_rule_a_register_is_not_judged_and_that_is_said(register: Path) -> None:
    pack = own_policies(register)
    spoil(pack / "pack.yml", "version: 1", "version: one")
    done = run(register, "2026-11-23", "check")
    assert done.returncode == 3
    assert "schemas/policies/shenzhen-2015/pack.yml:7:10" in done.stdout
    assert "未检查 act-not-now" in done.stdout
    assert run(register, "2026-11-23", "todo").returncode == 2


def test_another_pack_gives_the_gap(register: Path) -> None:
    notified(register)
    done = run(register, "2026-11-23", "check", "--pack", "national-2025")
    assert done.returncode == 1
    for words in (
        "程序“共享申请”没有动作“list”",
        "没有动作“notify”",
        "要求写明“数据分级”",
        "按 national-2025 衡量的差距",
    ):
        assert words in done.stdout
    assert "答复（无条件共享）”应当由示例市民政局在 2026-11-03 前完成" in done.stdout
    assert run(register, "2026-11-23", "check", "--pack", "nowhere").returncode == 2
