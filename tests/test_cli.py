"""The commands as their users type them: what they say, what they write, how they end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registers import EXAMPLES, ROOT

MULU = Path(sys.executable).with_name("mulu")


def mulu(
    *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program; a traceback is never acceptable."""
    done = subprocess.run([MULU, *arguments], cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment})  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout
    return done


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    shutil.copytree(EXAMPLES / "common", folder)
    return folder


def check(register: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return mulu("check", "--root", str(register), "--today", "2026-11-23", *arguments)


def test_a_clean_register_is_clean(register: Path) -> None:
    done = check(register)
    assert (done.returncode, done.stdout) == (0, "检查了 14 条记录，没有发现问题\n")


def test_a_finding_names_place_reason_and_remedy(register: Path) -> None:
    path = register / "catalog/resources/minzheng/hunyin-dengji.yml"
    path.write_text(
        path.read_text("utf-8").replace("update_cycle: daily", "update_cycle: 每天"), "utf-8"
    )
    done = check(register)
    assert done.returncode == 1
    assert "catalog/resources/minzheng/hunyin-dengji.yml:19:15" in done.stdout
    assert "“更新周期”不能是“每天”" in done.stdout
    assert "mulu explain not-allowed" in done.stdout


def test_json_is_the_contract(register: Path) -> None:
    (register / "catalog/agencies/minzheng.yml").write_text("title: 甲\ntitle: 乙\n", "utf-8")
    done = check(register, "--format", "json")
    verdict = json.loads(done.stdout)
    assert done.returncode == 1
    assert (verdict["version"], verdict["passed"]) == (1, False)
    assert verdict["summary"] == {"records": 14, "errors": 1, "warnings": 0, "notes": 0}
    (finding,) = verdict["findings"]
    assert {
        "code": "duplicate-key",
        "stage": "load",
        "side": "head",
        "line": 2,
        "column": 1,
    }.items() <= finding.items()


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"])
def test_every_format_reports_and_ends_the_same(register: Path, form: str) -> None:
    (register / "catalog/agencies/minzheng.yml").write_bytes(b"\xef\xbb\xbftitle: x\n")
    done = check(register, "--format", form)
    assert done.returncode == 1
    assert "BOM" in done.stdout or "byte-order-mark" in done.stdout


@pytest.mark.parametrize("source", [b"", b"\0", b"\xff\xfe", b"a: [", b"a: &x 1", b"- 1\n", b"a: 1\r\n", "a: 一\u202e\n".encode(), b"a:\n" + b" " * 70_000])  # fmt: skip
def test_any_bytes_give_a_finding(register: Path, source: bytes) -> None:
    (register / "catalog/agencies/minzheng.yml").write_bytes(source)
    done = check(register)
    assert done.returncode == 1
    assert "catalog/agencies/minzheng.yml" in done.stdout


def test_two_processes_say_the_same_as_one(register: Path, tmp_path: Path) -> None:
    for n in range(700):
        text = (EXAMPLES / "common/catalog/resources/minzheng/hunyin-dengji.yml").read_text("utf-8")
        text = text.replace("308010/1", f"308010/{n + 2}").replace("婚姻登记信息", f"婚姻登记信息{n}" if n % 7 else "x: y: z")  # fmt: skip
        (register / f"catalog/resources/minzheng/r-{n}.yml").write_text(text, "utf-8")
    one = check(register, "--jobs", "1", "--format", "json")
    two = check(register, "--jobs", "2", "--format", "json")
    assert one.stdout == two.stdout
    assert one.returncode == two.returncode == 1


def test_missing_folder_empty_folder_and_no_register_are_one_line(tmp_path: Path) -> None:
    done = mulu("check", "--root", str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    done = mulu("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "mulu init" in done.stderr
    done = mulu("check", "--root", str(tmp_path))
    assert done.returncode == 1
    assert "no-register" in done.stdout


def test_usage_errors_are_one_line_and_exit_2() -> None:
    for arguments in (["chekc"], ["check", "--format", "xml"], ["explain", "nothing"], ["new", "thing", "x", "--root", str(EXAMPLES / "common")]):  # fmt: skip
        done = mulu(*arguments)
        assert done.returncode == 2, arguments
        assert done.stderr.startswith("mulu：")


def test_explain_shows_article_reason_and_tested_example() -> None:
    done = mulu("explain", "withheld-needs-basis")
    assert done.returncode == 0
    for text in ("第四条", "怎么改：", "有问题的写法", "declared: withheld"):
        assert text in done.stdout
    listed = mulu("explain").stdout
    assert "duplicate-key" in listed
    assert "withheld-needs-basis" in listed


def test_new_writes_a_valid_record_or_nothing(register: Path) -> None:
    base = ["new", "resource", "minzheng/dibao", "--root", str(register), "--today", "2026-11-23"]
    done = mulu(*base, "--set", "title=最低生活保障对象信息")
    assert done.returncode == 1
    assert "缺少“信息资源摘要”" in done.stdout
    path = register / "catalog/resources/minzheng/dibao.yml"
    assert not path.exists()
    values = ["title=最低生活保障对象信息", "abstract=低保审批形成的信息。", "items=对象姓名,保障金额", "update_cycle=每月", "classification=部门信息资源,计划单列市及以下,市民政局"]  # fmt: skip
    done = mulu(*base, *(part for value in values for part in ("--set", value)))
    assert done.returncode == 0, done.stdout
    assert path.read_text("utf-8") == (
        "title: 最低生活保障对象信息\ncode: 308010/2\nclassification:\n  - 部门信息资源\n  - 计划单列市及以下\n  - 市民政局\n"
        "abstract: 低保审批形成的信息。\nitems:\n  - name: 对象姓名\n  - name: 保障金额\nsharing:\n  declared: shared\nupdate_cycle: monthly\n"
    )
    assert mulu(*base, *(part for value in values for part in ("--set", value))).returncode == 2
    assert check(register).returncode == 0


def test_new_case_derives_its_name_and_opening_act(register: Path) -> None:
    done = mulu("new", "request", "--agency", "gongan", "--root", str(register), "--today", "2026-11-23", "--set", "resource=minzheng/hunyin-dengji", "--set", "duty=户籍登记", "--set", "purpose=核对婚姻状况")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    path = register / "catalog/requests/2026/gongan--hunyin-dengji.yml"
    assert "  - act: submit\n    date: 2026-11-23\n    by: gongan\n" in path.read_text("utf-8")
    assert check(register).returncode == 0


def test_show_is_readable(register: Path) -> None:
    done = mulu(
        "show", "tongji/dan-ge-diaocha-duixiang", "--root", str(register), "--today", "2026-11-23"
    )
    assert done.returncode == 0
    for text in ("统计调查单个对象资料", "《不予共享》", "更新周期：每年", "统计法"):
        assert text in done.stdout
    done = mulu("show", "tongji/dan-ge", "--root", str(register))
    assert done.returncode == 2
    assert "是不是 tongji/dan-ge-diaocha-duixiang" in done.stderr


def test_fmt_orders_keeps_comments_and_is_idempotent(register: Path) -> None:
    path = register / "catalog/agencies/minzheng.yml"
    path.write_bytes("\ufeff# 民政\r\nlevel: city\r\nkind: organ # 机关\r\ntitle: '示例市民政局'\r\noffice: {title: 科技信息处}\r\nhead: 局长".encode())  # fmt: skip
    assert mulu("fmt", "--check", "--root", str(register)).returncode == 1
    assert mulu("fmt", "--root", str(register)).stdout == "已改 catalog/agencies/minzheng.yml\n"
    formatted = path.read_text("utf-8")
    assert formatted == "title: 示例市民政局\nkind: organ  # 机关\n# 民政\nlevel: city\nhead: 局长\noffice:\n  title: 科技信息处\n"  # fmt: skip
    assert mulu("fmt", "--check", "--root", str(register)).returncode == 0


def test_init_makes_a_register_that_checks_builds_and_grows(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    assert mulu("init", str(folder), "--city", "示例市").returncode == 0
    assert mulu("check", "--root", str(folder)).returncode == 0
    done = mulu("new", "agency", "minzheng", "--set", "title=示例市民政局", "--set", "kind=机关", "--set", "level=市级", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert mulu("build", cwd=folder).returncode == 0
    assert (folder / "build/site/agencies/minzheng/index.html").is_file()
    assert mulu("init", str(folder), "--city", "示例市").returncode == 2


def test_build_refuses_a_register_with_errors_and_keeps_the_old_site(register: Path, tmp_path: Path) -> None:  # fmt: skip
    out = tmp_path / "out"
    assert (
        mulu("build", "--root", str(register), "-o", str(out), "--today", "2026-11-23").returncode
        == 0
    )
    before = (out / "build.json").read_bytes()
    (register / "catalog/agencies/minzheng.yml").write_text("title: x\n", "utf-8")
    assert mulu("build", "--root", str(register), "-o", str(out)).returncode == 1
    assert (out / "build.json").read_bytes() == before


def test_build_is_the_same_whatever_clock_zone_locale_or_hash_seed(register: Path, tmp_path: Path) -> None:  # fmt: skip
    git = [
        "git",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "user.name=甲",
        "-c",
        "user.email=a@example.cn",
    ]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "建立登记簿"]):
        subprocess.run([*git, *command], cwd=register, check=True, env={**os.environ, "GIT_COMMITTER_DATE": "2026-03-02T20:00:00+0000", "GIT_AUTHOR_DATE": "2026-03-02T20:00:00+0000"})  # fmt: skip
    first = mulu("build", "--root", str(register), "-o", str(tmp_path / "a"), TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")  # fmt: skip
    second = mulu("build", "--root", str(register), "-o", str(tmp_path / "b"), TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8", PYTHONHASHSEED="2")  # fmt: skip
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert (tmp_path / "a/build.json").read_bytes() == (tmp_path / "b/build.json").read_bytes()
    manifest = json.loads((tmp_path / "a/build.json").read_text("utf-8"))
    assert manifest["day"] == "2026-03-03"
    page = (tmp_path / "a/resources/minzheng/hunyin-dengji/index.html").read_text("utf-8")
    assert "建立登记簿" in page


def test_a_shallow_clone_is_refused_and_no_repository_is_said(
    register: Path, tmp_path: Path
) -> None:
    done = mulu(
        "build", "--root", str(register), "-o", str(tmp_path / "out"), "--today", "2026-11-23"
    )
    assert done.returncode == 0
    assert "没有变更记录" in done.stderr
    git = [
        "git",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.cn",
    ]
    subprocess.run([*git, "init", "-q"], cwd=register, check=True)
    for n in range(2):
        subprocess.run(
            [*git, "commit", "-q", "--allow-empty", "-m", str(n)], cwd=register, check=True
        )
    subprocess.run([*git, "add", "."], cwd=register, check=True)
    subprocess.run([*git, "commit", "-qm", "x"], cwd=register, check=True)
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{register}", str(shallow)], check=True
    )
    done = mulu("build", "--root", str(shallow), "-o", str(tmp_path / "out2"))
    assert done.returncode == 4
    assert "unshallow" in done.stderr
    assert not (tmp_path / "out2").exists()


def test_internal_fields_never_enter_the_public_site(register: Path, tmp_path: Path) -> None:
    canary = "内部金丝雀"
    agency = register / "catalog/agencies/minzheng.yml"
    agency.write_text(agency.read_text("utf-8") + f"contact:\n  address: {canary}一\ninternal_note: {canary}二\n", "utf-8")  # fmt: skip
    resource = register / "catalog/resources/minzheng/hunyin-dengji.yml"
    resource.write_text(resource.read_text("utf-8") + f"internal_note: {canary}三\n", "utf-8")
    assert check(register).returncode == 0
    for audience, expected in (("public", False), ("internal", True)):
        out = tmp_path / audience
        done = mulu("build", "--root", str(register), "-o", str(out), "--audience", audience, "--today", "2026-11-23")  # fmt: skip
        assert done.returncode == 0
        found = any(
            canary in p.read_text("utf-8", "replace") for p in out.rglob("*") if p.is_file()
        )
        assert found is expected


def test_help_starts_quickly_without_the_heavy_libraries() -> None:
    code = "import sys; import mulu.cli.main; heavy = {'jsonschema', 'yaml', 'git', 'jinja2', 'mkdocs'} & set(sys.modules); print(sorted(heavy))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_repositorys_own_register_is_clean() -> None:
    done = mulu("check", "--root", str(ROOT), "--today", "2026-11-23", "--format", "json")
    verdict = json.loads(done.stdout)
    assert (done.returncode, verdict["summary"]["errors"]) == (0, 0)
    assert mulu("fmt", "--check", "--root", str(ROOT)).returncode == 0


def test_the_guides_example_of_an_import_works_as_written(tmp_path: Path) -> None:
    guide = (ROOT / "site/pages/guides/import.md").read_text("utf-8")
    example = guide.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "map.yml").write_text(example, "utf-8")
    rows = "某市清单\n编号,提供单位,名称,摘要,字段,更新频率,发布日期\n1,市水务局,取水许可,取水许可证信息,证号、取水权人（单位、个人）,每年,2023/6/1\n2,,无单位,甲,,每年,2023-01-01\n3,市水务局,坏周期,乙,,偶尔,2023-01-01\n"
    (tmp_path / "rows.csv").write_text(rows, "gb18030")
    register = tmp_path / "register"
    assert mulu("init", str(register), "--city", "某某市").returncode == 0
    arguments = ["import", "table", str(tmp_path / "rows.csv"), "--map", str(tmp_path / "map.yml"), "--register", str(register)]  # fmt: skip
    first = mulu(*arguments)
    assert first.returncode == 1
    assert "“更新频率”的“偶尔”" in first.stdout
    before = {path: path.read_bytes() for path in register.rglob("*.yml")}
    assert (register / "catalog/resources/shi-shui-wu-ju/qu-shui-xu-ke.yml") in before
    assert mulu(*arguments).returncode == 1
    assert {path: path.read_bytes() for path in register.rglob("*.yml")} == before
    assert check(register).returncode == 0
