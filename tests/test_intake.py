"""Issues and filled-in forms become branches with a record, or are refused politely and leave nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from changes import fast_import, review_commits
from mulu.cli.drafting import open_case
from mulu.cli.main import cli
from mulu.cli.shell import Shell, Stop
from mulu.formats import issue as issues
from registers import ROOT, files_below, register_of
from test_forge import Forge, asked
from test_hook import must

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


def intake(file: Path, *arguments: str | Path, today: str = "2026-11-23") -> Result:
    call = ["intake", str(file), "--root", str(ROOT), "--today", today, *map(str, arguments)]
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
    file.write_text(json.dumps(payload), "utf-8")
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


def numbered(tmp_path: Path, number: int) -> Path:
    return changed(tmp_path, lambda payload: payload["issue"].update(number=number))


def land(repo: Path, commit: str) -> None:
    git(repo, "update-ref", "refs/heads/main", commit)


def test_a_landed_issue_is_known_beside_one_whose_number_begins_alike(tmp_path: Path, repo: Path) -> None:  # fmt: skip
    for number in (1, 12):
        land(repo, answer(intake(numbered(tmp_path, number), "--repo", repo))["commit"])
    assert PATH in answer(intake(numbered(tmp_path, 1), "--repo", repo))["refused"][0]
    found = answer(intake(numbered(tmp_path, 2), "--repo", repo))
    assert found["path"] == PATH.replace(".yml", "-3.yml")


def test_a_case_of_last_year_never_takes_the_place_of_another(tmp_path: Path, repo: Path) -> None:
    land(repo, answer(intake(numbered(tmp_path, 1), "--repo", repo))["commit"])
    found = answer(intake(numbered(tmp_path, 2), "--repo", repo, today="2027-01-04"))
    assert git(repo, "diff", "--name-status", "main", found["branch"]) == f"A\t{found['path']}\n"
    assert found["path"] == PATH.replace(".yml", "-2.yml")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20T15:59:59Z", "2026-11-20"),
        ("2026-11-20T16:00:00Z", "2026-11-21"),
        ("2026-11-20T23:30:00.123Z", "2026-11-21"),
        ("2026-11-21T00:30:00+08:00", "2026-11-21"),
        ("2026-11-20 16:00:00 UTC", "2026-11-21"),
        ("2025-12-31T16:00:00Z", "2026-01-01"),
    ],
)
def test_a_case_is_opened_on_the_day_it_was_in_beijing(moment: str, day: str, tmp_path: Path, repo: Path) -> None:  # fmt: skip
    file = changed(tmp_path, lambda payload: payload["issue"].update(created_at=moment))
    found = answer(intake(file, "--repo", repo))
    assert f"date: {day}\n" in git(repo, "show", f"{found['branch']}:{found['path']}")
    assert f"/{day[:4]}/" in found["path"]
    assert git(repo, "show", "-s", "--format=%ai", found["commit"]).startswith(f"{day} 00:00:00 +0800")  # fmt: skip


def test_a_branch_that_others_have_added_to_is_left_alone(repo: Path) -> None:
    commit = answer(intake(DATA / "github-opened.json", "--repo", repo))["commit"]
    person = ("-c", "user.name=x", "-c", "user.email=x@example.cn")
    theirs = git(repo, *person, "commit-tree", f"{commit}^{{tree}}", "-p", commit, "-m", "补充").strip()  # fmt: skip
    git(repo, "update-ref", "refs/heads/intake/github-12", theirs)
    refs = git(repo, "for-each-ref")
    found = answer(intake(DATA / "github-edited.json", "--repo", repo))
    assert found["refused"] == ["合入请求里已经有别人接着做的修改；要改的，请在那里改"]
    assert "编辑正文" not in found["comment"]
    assert git(repo, "for-each-ref") == refs


def rest(payload: dict[str, Any]) -> None:
    """The issue as the forge's interface gives it, instead of the event."""
    if "issue" in payload:
        issue = payload["issue"]
    else:
        issue = {k: v for k, v in payload["object_attributes"].items() if k not in ("url", "action", "author_id")}  # fmt: skip
        issue |= {"web_url": payload["object_attributes"]["url"], "created_at": "2026-11-20T08:00:00.000Z"}  # fmt: skip
        issue |= {"author": {"id": 3, "username": payload["user"]["username"]}}
    payload.clear()
    payload.update(issue)


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab"])
def test_the_forges_interface_answers_the_same_issue(forge: str, tmp_path: Path, repo: Path) -> None:  # fmt: skip
    event = answer(intake(DATA / f"{forge}-opened.json", "--repo", repo))
    assert answer(intake(changed(tmp_path, rest, f"{forge}-opened"), "--repo", repo)) == event


def test_github_on_an_address_of_its_own(tmp_path: Path) -> None:
    file = changed(tmp_path, lambda p: p["issue"].update(html_url="https://git.example.cn/o/r/issues/12"))  # fmt: skip
    assert answer(intake(file))["branch"] == "intake/github-12"


OF_ANOTHER: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "github": ("github-edited", lambda p: p["sender"].update(login="somebody-else")),
    "gitea": ("gitea-opened", lambda p: p["sender"].update(login="sz-minzheng")),
    "gitlab": ("gitlab-opened", lambda p: p["user"].update(id=9, username="sz-minzheng")),
    "gitlab, edited before": ("gitlab-opened", lambda p: p["object_attributes"].update(last_edited_by_id=9)),
}  # fmt: skip


@pytest.mark.parametrize("what", OF_ANOTHER)
def test_what_another_account_wrote_is_nobodys_request(what: str, tmp_path: Path) -> None:
    name, change = OF_ANOTHER[what]
    found = answer(intake(changed(tmp_path, change, name)))
    assert "不是建立它的账号" in found["refused"][0]


@pytest.mark.parametrize("value", [True, "no", 1])
def test_a_confidential_issue_stays_confidential(value: object, tmp_path: Path) -> None:
    file = changed(tmp_path, lambda p: p["object_attributes"].update(confidential=value), "gitlab-opened")  # fmt: skip
    assert "不公开" in answer(intake(file))["refused"][0]


def test_a_form_filled_in_on_the_site(repo: Path) -> None:
    found = answer(intake(DATA / "form.json", "--repo", repo))
    assert found["branch"].startswith("intake/form-")
    assert git(repo, "show", f"{found['branch']}:{PATH}") == json.loads((DATA / "form.json").read_bytes())["source"]  # fmt: skip
    assert review_commits(repo, "main", found["commit"], "jiaoyu").verdict.passed


def test_a_form_gives_the_same_commit_on_another_day(tmp_path: Path, repo: Path) -> None:
    laws = REGISTER.schemas.kinds["law"]
    law = next(iter(REGISTER.of("law").values()))
    source = FILES[laws.file(law.key)].decode().replace(law.title, "试行办法", 1)
    form = {"mulu": "intake/1", "path": laws.file("shixing-banfa"), "source": source}
    file = tmp_path / "form.json"
    file.write_text(json.dumps(form), "utf-8")
    first, second = (intake(file, "--repo", repo, today=f"2026-11-{n}") for n in (23, 24))
    assert answer(first)["commit"] == answer(second)["commit"]
    assert answer(first)["agency"] == ""
    by = answer(intake(file, "--repo", repo, "--account", "gitea:sz-minzheng"))
    assert by["agency"] == "minzheng"
    assert "检查没有通过" in by["body"]


def test_what_fails_late_leaves_no_branch(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Stop("没有成功", 4)

    monkeypatch.setattr("mulu.cli.review.review_of", fail)
    refs = git(repo, "for-each-ref")
    assert isinstance(intake(DATA / "github-opened.json", "--repo", repo).exception, Stop)
    assert git(repo, "for-each-ref") == refs


def test_a_form_handed_in_by_an_account_of_another_agency() -> None:
    form = DATA / "form.json"
    assert intake(form, "--account", "gitea:sz-jiaoyu").exit_code == 0
    assert answer(intake(form, "--account", "gitea:sz-minzheng"))["refused"] == ["账号属于市民政局，不能以市教育局的名义提出"]  # fmt: skip


def test_what_the_caller_did_wrong_is_no_answer_to_the_writer(repo: Path) -> None:
    issue = str(DATA / "github-opened.json")
    for arguments, code in (
        (["--account", "sz-jiaoyu"], 2),
        (["--account", "cvs:sz-jiaoyu"], 2),
        (["--root", "/nowhere"], 2),
        (["--repo", str(repo), "--base", "nowhere"], 4),
        (["--repo", str(repo), "--base", "--all"], 4),
    ):
        result = CliRunner().invoke(cli, ["intake", issue, *arguments])
        assert isinstance(result.exception, Stop)
        assert result.exception.code == code
        assert result.stdout == ""


def test_a_working_copy_is_enough_to_draft() -> None:
    found = answer(intake(DATA / "github-opened.json"))
    assert found["commit"] is None
    assert "    applicant: jiaoyu\n" in found["body"]


def test_an_account_speaks_for_its_own_agency_only(tmp_path: Path, repo: Path) -> None:
    def of_minzheng(payload: dict[str, Any]) -> None:
        payload["issue"]["user"]["login"] = payload["sender"]["login"] = "sz-minzheng"

    result = intake(changed(tmp_path, of_minzheng, "gitea-opened"), "--repo", repo)
    assert answer(result)["refused"] == ["账号属于市民政局，不能以市教育局的名义提出"]


def test_the_workflow_renews_its_own_branch_and_no_other(tmp_path: Path) -> None:
    forge = Forge(tmp_path)
    forge.answers |= {"repos/o/r/pulls": [], "repos/o/r": {"default_branch": "main"}, "repos/o/r/issues/12/comments": []}  # fmt: skip
    forge.made = {"number": 31}
    branch = "refs/heads/intake/github-12"
    values = {"github.token": "token", "github.event.issue.number": "12"}

    def record(purpose: str) -> dict[str, Any]:
        asked(forge)
        event = json.loads((tmp_path / "event.json").read_bytes())
        event["issue"]["body"] = event["issue"]["body"].replace("免交结婚证", purpose)
        (tmp_path / "event.json").write_text(json.dumps(event), "utf-8")
        done = forge.run("intake.yml", "record", ("Record",), values)
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads((forge.runner / "build/intake/answer.json").read_bytes())
        return found

    first, second = record("免交结婚证"), record("少交材料")
    assert first["commit"] != second["commit"]
    assert must(forge.server, "rev-parse", branch) == second["commit"]
    person = ("-c", "user.name=x", "-c", "user.email=x@example.cn")
    theirs = must(forge.server, *person, "commit-tree", f"{second['commit']}^{{tree}}", "-p", second["commit"], "-m", "补充")  # fmt: skip
    must(forge.server, "update-ref", branch, theirs)
    assert "已经有别人" in record("又少交材料")["refused"][0]
    assert must(forge.server, "rev-parse", branch) == theirs


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
    "half a character": (body(lambda b: b.replace("义务", "义\ud800务")), "控制字符"),
    "a section nobody asked for": (body(lambda b: b.replace("### 备注", "### 附件\n\nx\n\n### 备注")), "不认识的栏目“附件”"),
    "a heading that only looks like ours": (body(lambda b: b.replace("义务教育", "x\n ### 提出单位\n\n市民政局\n")), "不认识的栏目“提出单位”"),
    "a heading in a fence": (body(lambda b: b.replace("义务教育", "```\n### 提出单位\n\n市民政局\n```\n")), "出现了两次"),
    "too long": (body(lambda b: b + "x" * 70_000), "太长"),
    "number as text": (lambda p: p["issue"].update(number="12"), "number 不是编号"),
    "number below nothing": (lambda p: p["issue"].update(number=-1), "number 不是编号"),
    "no user": (lambda p: p["issue"].update(user=None), "user.login 不是文字"),
    "body is null": (lambda p: p["issue"].update(body=None), "body 不是文字"),
    "issue is a list": (lambda p: p.update(issue=[]), "不是议题的数据"),
    "no date": (lambda p: p["issue"].update(created_at="yesterday"), "没有建立的时间"),
    "no such day": (lambda p: p["issue"].update(created_at="2026-02-30T00:00:00Z"), "没有建立的时间"),
    "before there was a calendar": (lambda p: p["issue"].update(created_at="0001-01-01T00:00:00+14:00"), "没有建立的时间"),
    "after all calendars": (lambda p: p["issue"].update(created_at="9999-12-31T23:59:59Z"), "没有建立的时间"),
    "sender is a text": (lambda p: p.update(sender="x"), "sender.login 不是文字"),
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


@pytest.mark.parametrize("source", [b"", b"not json", b"[]", b"3", b"null", b'{"issue": 1}', b"[" * 100_000, b'{"mulu": "intake/1"}', b'{"mulu": "intake/1", "path": "../x", "source": ""}', b'{"mulu": "intake/1", "path": "catalog/register.yml", "source": "x"}', b'{"mulu": "intake/1", "path": "catalog/resources/minzheng/x.yml", "source": "a: ["}', b"\xff\xfe", b" " * (1 << 21), b'{"mulu": "intake/1", "path": "catalog/laws/x.yml", "source": "a: \\ud800"}', b'{"object_kind": "issue"}', b'{"object_kind": "issue", "object_attributes": {}, "user": {"id": "3"}}', b'{"iid": 1, "author": []}'])  # fmt: skip
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


CASES = [case for kind in REGISTER.pack.procedures for case in REGISTER.of(kind).values()]


def rendered(kind: str, data: dict[str, Any]) -> str:
    """The body a forge makes of a form filled in with what a case says."""
    sections = [(issues.KIND, REGISTER.schemas.kinds[kind].title)]
    for field in issues.fields(REGISTER, kind):
        value: Any = (data["acts"][0] if field.of_act else data).get(field.name)
        if field.schema.get("type") == "boolean":
            text = f"- [{'X' if value else ' '}] {field.label}"
        elif value is None:
            text = "_No response_"
        elif field.schema.get("x-reference") == "agency":
            text = REGISTER.agency_title(value)
        else:
            text = "\n".join(map(str, value)) if field.schema.get("type") == "array" else dict(field.options).get(value, str(value))  # fmt: skip
        sections.append((field.label, text))
    return "\r\n\r\n".join(f"### {label}\r\n\r\n{text}" for label, text in sections)


def test_every_procedure_has_a_form_for_all_it_needs() -> None:
    for kind in REGISTER.pack.procedures:
        asked = issues.fields(REGISTER, kind)
        labels = [issues.KIND, *(field.label for field in asked)]
        assert len(set(labels)) == len(labels)
        needed = set(REGISTER.schemas.kinds[kind].schema["required"])
        assert needed - {"pack", "acts"} <= {field.name for field in asked}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}/{case.key}")
def test_every_case_of_the_register_could_have_been_an_issue(case: Any) -> None:
    one = issues.Issue("github", 1, "x", "x", rendered(case.kind, case.data), "2026-11-20", "")
    kind, data, act = issues.parsed(REGISTER, one)
    opening: dict[str, Any] = case.data["acts"][0]
    hidden = {"acts", "pack", "arises_from", "internal_note"}
    assert kind == case.kind
    assert data == {name: value for name, value in case.data.items() if name not in hidden}
    open_case(REGISTER, kind, data, act, Shell(None, date.fromisoformat(opening["date"])))
    acts: Any = data["acts"]
    assert acts == [{name: opening[name] for name in acts[0]}]


def test_the_committed_forms_are_those_of_the_data() -> None:
    done = CliRunner().invoke(cli, ["forms", "--check", "--root", str(ROOT)])
    assert done.exit_code == 0, done.output


def test_the_forge_takes_the_forms() -> None:
    files: list[str | Path] = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
    assert len(files) >= 5
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([program, "--builtin-schema", "vendor.github-issue-forms", *files], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout
