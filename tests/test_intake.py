"""Issues and filled-in forms become branches with a record, or are refused politely and leave nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from changes import fast_import, review_commits
from mulu.cli.main import cli
from mulu.formats import issue as issues
from registers import ROOT, files_below, register_of

DATA = Path(__file__).parent / "data" / "issues"
FILES = {f"{folder}/{path}": source for folder in ("catalog", "negative-list") for path, source in files_below(ROOT / folder).items()}  # fmt: skip
REGISTER, _ = register_of(FILES)
PATH = "catalog/requests/2026/jiaoyu--hunyin-dengji.yml"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = tmp_path_factory.mktemp("origin") / "r.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(repo)], check=True)
    fast_import(repo, {"x": ([FILES], "x")})
    subprocess.run(["git", "-C", str(repo), "branch", "main", "x/base"], check=True)
    return repo


@pytest.fixture
def repo(origin: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "r.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(origin), str(copy)], check=True)
    return copy


def intake(file: Path, *arguments: str | Path) -> Result:
    call = ["intake", str(file), "--root", str(ROOT), "--today", "2026-11-23", *map(str, arguments)]
    return CliRunner().invoke(cli, call)


def answer(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    assert found["version"] == 1
    return found


def git(repo: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, text=True, check=True)  # fmt: skip
    return done.stdout


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], object], name: str = "github-opened") -> Path:  # fmt: skip
    payload = json.loads((DATA / f"{name}.json").read_bytes())
    change(payload)
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(payload, ensure_ascii=False), "utf-8")
    return file


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab"])
def test_an_issue_of_each_forge_becomes_the_same_record(forge: str, repo: Path) -> None:
    found = answer(intake(DATA / f"{forge}-opened.json", "--repo", repo))
    assert found["branch"] == f"intake/{forge}-12"
    assert found["path"] == PATH
    assert found["agency"] == "jiaoyu"
    source = git(repo, "show", f"{found['branch']}:{PATH}")
    assert source == (DATA / "record.yml").read_text("utf-8")
    assert git(repo, "diff", "--name-status", "main", found["branch"]) == f"A\t{PATH}\n"
    review = review_commits(repo, "main", found["commit"], "jiaoyu")
    assert review.verdict.passed
    assert "状态：<code>未立案</code> → <code>已提出</code>" in found["body"]


def test_the_same_issue_gives_the_same_commit(repo: Path) -> None:
    first = answer(intake(DATA / "github-opened.json", "--repo", repo))
    refs = git(repo, "for-each-ref")
    second = answer(intake(DATA / "github-opened.json", "--repo", repo))
    assert first == second
    assert git(repo, "for-each-ref") == refs


def test_an_issue_edited_before_it_lands_renews_its_branch(repo: Path) -> None:
    intake(DATA / "github-opened.json", "--repo", repo)
    found = answer(intake(DATA / "github-edited.json", "--repo", repo))
    assert "不再要求提交结婚证" in git(repo, "show", f"intake/github-12:{PATH}")
    assert git(repo, "rev-parse", "intake/github-12^").strip() == git(repo, "rev-parse", "main").strip()  # fmt: skip
    assert found["branch"] == "intake/github-12"


def test_an_issue_edited_after_it_landed_is_refused(repo: Path) -> None:
    commit = answer(intake(DATA / "github-opened.json", "--repo", repo))["commit"]
    git(repo, "update-ref", "refs/heads/main", commit)
    refs = git(repo, "for-each-ref")
    result = intake(DATA / "github-edited.json", "--repo", repo)
    assert result.exit_code == 1
    assert answer(result)["refused"] == [
        f"此单已经登记为 {PATH}；情况有变的，请在那个案件里追加动作"
    ]
    assert git(repo, "for-each-ref") == refs


def test_a_form_filled_in_on_the_site(repo: Path) -> None:
    found = answer(intake(DATA / "form.json", "--repo", repo))
    assert found["branch"].startswith("intake/form-")
    assert git(repo, "show", f"{found['branch']}:{PATH}") == json.loads((DATA / "form.json").read_bytes())["source"]  # fmt: skip
    assert review_commits(repo, "main", found["commit"], "jiaoyu").verdict.passed


def test_a_working_copy_is_enough_to_draft() -> None:
    found = answer(intake(DATA / "github-opened.json"))
    assert found["commit"] is None
    assert "    applicant: jiaoyu\n" in found["body"]


def test_an_account_speaks_for_its_own_agency_only(tmp_path: Path, repo: Path) -> None:
    def of_minzheng(payload: dict[str, Any]) -> None:
        payload["issue"]["user"]["login"] = "sz-minzheng"

    result = intake(changed(tmp_path, of_minzheng, "gitea-opened"), "--repo", repo)
    assert answer(result)["refused"] == ["账号属于市民政局，不能以市教育局的名义提出"]


# ---------------------------------------------------------------------- what is refused


def body(change: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    def apply(payload: dict[str, Any]) -> None:
        payload["issue"]["body"] = change(payload["issue"]["body"])

    return apply


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no body of ours": (body(lambda b: "请给我婚姻登记数据"), "没有写明办理事项"),
    "another matter": (body(lambda b: b.replace("\n共享需求\n", "\n随便什么\n", 1)), "没有写明办理事项"),
    "a section missing": (body(lambda b: b.replace("### 职责依据\n", "")), "缺少“职责依据”"),
    "sections swapped": (body(lambda b: b.replace("### 职责依据", "### X").replace("### 使用用途", "### 职责依据").replace("### X", "### 使用用途")), "次序变了"),
    "a heading inside a value": (body(lambda b: b.replace("义务教育", "x\n### 使用用途\n\n别的用途\n")), "出现了两次"),
    "nothing filled in": (body(lambda b: b.replace("义务教育阶段学位申请资格审核。", "_No response_")), "“职责依据”没有填写"),
    "no undertaking": (body(lambda b: b.replace("- [X]", "- [ ]")), "“使用承诺”没有填写"),
    "no such agency": (body(lambda b: b.replace("市教育局", "市魔法局")), "登记簿里没有这个提出单位"),
    "no such resource": (body(lambda b: b.replace("hunyin-dengji", "meiyou")), "meiyou"),
    "a path for a resource": (body(lambda b: b.replace("minzheng/hunyin-dengji", "../../etc/passwd")), ""),
    "invisible characters": (body(lambda b: b.replace("义务", "义\u202e务")), "控制字符"),
    "a secret": (body(lambda b: b.replace("义务", "电话" + "138" + "0013" + "8000")), "不得公开"),
    "too long": (body(lambda b: b + "x" * 70_000), "太长"),
    "number as text": (lambda p: p["issue"].update(number="12"), "number 不是编号"),
    "number below nothing": (lambda p: p["issue"].update(number=-1), "number 不是编号"),
    "no user": (lambda p: p["issue"].update(user=None), "user.login 不是文字"),
    "body is null": (lambda p: p["issue"].update(body=None), "body 不是文字"),
    "issue is a list": (lambda p: p.update(issue=[]), "不是议题的数据"),
    "no date": (lambda p: p["issue"].update(created_at="yesterday"), "没有建立的时间"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_issue_is_refused_in_words_and_leaves_nothing(what: str, tmp_path: Path, repo: Path) -> None:  # fmt: skip
    change, words = REFUSED[what]
    before = git(repo, "for-each-ref"), sorted(p.name for p in (repo / "objects").rglob("*"))
    result = intake(changed(tmp_path, change), "--repo", repo)
    assert result.exit_code == 1
    found = answer(result)
    assert words in "".join(found["refused"])
    assert found["comment"].startswith("谢谢提交")
    assert "commit" not in found
    assert (git(repo, "for-each-ref"), sorted(p.name for p in (repo / "objects").rglob("*"))) == before  # fmt: skip


@pytest.mark.parametrize("source", [b"", b"not json", b"[]", b"3", b"null", b'{"issue": 1}', b"[" * 100_000, b'{"mulu": "intake/1"}', b'{"mulu": "intake/1", "path": "../x", "source": ""}', b'{"mulu": "intake/1", "path": "catalog/register.yml", "source": "x"}', b'{"mulu": "intake/1", "path": "catalog/resources/minzheng/x.yml", "source": "a: ["}', b"\xff\xfe", b" " * (1 << 21)])  # fmt: skip
def test_a_file_of_the_wrong_shape(source: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(source)
    result = intake(file)
    assert result.exit_code == 1
    assert answer(result)["refused"]


HOSTILE = (
    "$(touch pwned) `id` ::error::x @everyone ![x](http://example.cn/x.png) </code><script> #1"
)


def test_hostile_words_stay_words(tmp_path: Path, repo: Path) -> None:
    def hostile(payload: dict[str, Any]) -> None:
        payload["issue"]["title"] = HOSTILE
        payload["issue"]["body"] = payload["issue"]["body"].replace("义务教育阶段", HOSTILE)

    found = answer(intake(changed(tmp_path, hostile), "--repo", repo))
    assert HOSTILE not in found["title"] + found["body"]
    assert "@everyone" not in found["body"]
    assert "<script>" not in found["body"]
    assert not list(tmp_path.rglob("pwned"))
    assert HOSTILE.split()[0] in git(repo, "show", f"intake/github-12:{PATH}")


def test_a_refusal_repeats_a_value_only_inert(tmp_path: Path) -> None:
    change = body(lambda b: b.replace("minzheng/hunyin-dengji", "@x ![i](http://e.cn)"))
    comment = answer(intake(changed(tmp_path, change)))["comment"]
    assert "@x" not in comment
    assert "![i]" not in comment


@given(st.text(max_size=300))
def test_any_body_is_a_draft_or_refused(text: str) -> None:
    one = issues.Issue("github", 1, "x", "x", text, "2026-11-20", "https://github.com/a/b/issues/1")
    with contextlib.suppress(issues.Refused):
        issues.parsed(REGISTER, one)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_value_cannot_become_another_field(value: str) -> None:
    """Whatever stands in one field, the others keep their own values, or all is refused."""
    body_ = json.loads((DATA / "github-opened.json").read_bytes())["issue"]["body"]
    one = issues.Issue("github", 1, "x", "x", body_.replace("义务教育阶段学位申请资格审核。", value), "2026-11-20", "")  # fmt: skip
    try:
        _, data, _ = issues.parsed(REGISTER, one)
    except issues.Refused:
        return
    assert data["applicant"] == "jiaoyu"
    assert data["purpose"] == "核对监护人的婚姻状况，免交结婚证。"


def test_the_committed_forms_are_those_of_the_data() -> None:
    done = CliRunner().invoke(cli, ["forms", "--check", "--root", str(ROOT)])
    assert done.exit_code == 0, done.output


def test_the_forge_takes_the_forms() -> None:
    files: list[str | Path] = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
    assert len(files) >= 5
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([program, "--builtin-schema", "vendor.github-issue-forms", *files], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout
