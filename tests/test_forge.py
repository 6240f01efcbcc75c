"""The workflows: linted, and run against a bare repository that stands for the forge.

``gh`` and ``curl`` are stand-ins that answer from a table and write down what they were asked;
everything else, git and the judge above all, is real.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from registers import EXAMPLES, ROOT
from test_cli import MULU, mulu
from test_hook import CLEAN_ENVIRONMENT, RESOURCE, TODAY, commit, edit, must, new_register

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ADOPT = ROOT / "site/pages/adopt"
GITEA = sorted((ADOPT / "gitea").glob("*.yml"))
GITLAB = ADOPT / "gitlab-ci.yml"
BIN = Path(sys.executable).parent
PINNED = {
    "actions/checkout": "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
    "actions/setup-python": "a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0",
    "actions/upload-artifact": "ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
    "actions/deploy-pages": "d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5",
}
"""Read from the tags of the actions' own repositories."""


def loaded(path: Path) -> dict[str, Any]:
    document: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def steps(path: Path, job: str | None = None) -> list[dict[str, Any]]:
    jobs = loaded(path)["jobs"]
    return [step for name in ([job] if job else jobs) for step in jobs[name]["steps"]]


def scripts() -> Iterator[tuple[str, str]]:
    """Every piece of shell in every workflow."""
    for path in (*WORKFLOWS, *GITEA):
        for number, step in enumerate(steps(path)):
            if "run" in step:
                yield f"{path.parent.name}/{path.name}:{number}", step["run"]
    for name, job in loaded(GITLAB).items():
        if name in ("stages", "default", "variables"):
            continue
        for part in ("before_script", "script"):
            if part in job:
                yield f"gitlab-ci.yml:{name}:{part}", "\n".join(job[part])


# ---------------------------------------------------------------------- as they are written


def test_zizmor_finds_nothing() -> None:
    done = subprocess.run([BIN / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", ROOT / ".github", *GITEA], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("schema", "paths", "more"), [("github-workflows", (*WORKFLOWS, *GITEA), []), ("gitlab-ci", (GITLAB,), ["--data-transform", "gitlab-ci"])])  # fmt: skip
def test_the_schema_finds_nothing(schema: str, paths: tuple[Path, ...], more: list[str]) -> None:
    done = subprocess.run([BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *more, *paths], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("place", "script"), list(scripts()))
def test_shell_is_shell_and_holds_no_expression(place: str, script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{place}: {done.stderr}"
    assert "${{" not in script, place


@pytest.mark.parametrize("path", [*WORKFLOWS, *GITEA], ids=str)
def test_actions_are_pinned_and_rights_are_the_least(path: Path) -> None:
    text = path.read_text("utf-8")
    for action, reference in re.findall(r"uses: ([^@\s]+)@(.+)", text):
        assert PINNED.get(action) == reference
    workflow = loaded(path)
    assert workflow["permissions"] == {}
    assert all(
        "timeout-minutes" in job and "permissions" in job for job in workflow["jobs"].values()
    )
    for step in steps(path):
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
            assert "pull_request" not in str(step["with"].get("ref"))


def test_the_gate_cannot_write() -> None:
    rights = loaded(ROOT / ".github/workflows/gate.yml")["jobs"]["gate"]["permissions"]
    assert set(rights.values()) == {"read"}


# ---------------------------------------------------------------------- a forge to run them at

STAND_IN = """\
#!{python}
import json, os, pathlib, sys
here = pathlib.Path(os.environ["STAND_INS"])
name, arguments = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
given = sys.stdin.read() if "--input" in arguments else ""
with (here / "asked.jsonl").open("a") as log:
    log.write(json.dumps([name, arguments, given]) + "\\n")
answers = json.loads((here / "answers.json").read_text())
if name == "curl":
    status, body = answers.get("curl", ["404", ""])
    pathlib.Path(arguments[arguments.index("--output") + 1]).write_text(body)
    print(status, end="")
elif arguments[0] == "api" and "--method" not in arguments:
    path = arguments[-1].split("?")[0]
    if path not in answers:
        sys.exit("gh: Not Found (HTTP 404)")
    print(json.dumps([answers[path]]))
else:
    print(json.dumps(answers.get("made", {{}})))
"""


@dataclass
class Forge:
    """A bare repository with a register, a runner's working copy, and stand-ins for gh and curl."""

    folder: Path
    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    made: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the forge answers to what is written."""

    def __post_init__(self) -> None:
        self.server, self.author = self.folder / "server.git", self.folder / "author"
        self.runner, self.stand_ins = self.folder / "runner", self.folder / "stand-ins"
        self.base = new_register(self.author)
        for name in (".github", ".gitignore"):
            subprocess.run(["cp", "-r", ROOT / name, self.author], check=True)
        must(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.server))
        must(self.author, "remote", "add", "origin", str(self.server))
        self.base = commit(self.author, "自动流程")
        must(self.author, "push", "--quiet", "origin", "main")
        self.stand_ins.mkdir()
        for name in ("gh", "curl"):
            self._program(self.stand_ins / name, STAND_IN.format(python=sys.executable))

    @staticmethod
    def _program(path: Path, source: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        path.chmod(0o755)

    def land(self) -> str:
        """Put what the author has on main; its commit."""
        must(self.author, "push", "--quiet", "--force", "origin", "HEAD:main")
        return must(self.author, "rev-parse", "HEAD")

    def propose(self, number: int = 7) -> str:
        """Offer what the author has as a pull request, from a branch of its own; its commit."""
        head = must(self.author, "rev-parse", "HEAD")
        must(self.author, "push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{number}/head")
        return head

    def back(self) -> None:
        """The author starts again from the first state."""
        must(self.author, "checkout", "--quiet", "--detach", self.base)

    def start(self) -> None:
        """A fresh runner with the default branch, and a program that judges by a fixed day."""
        subprocess.run(["rm", "-rf", self.runner], check=True)
        must(
            self.folder, "clone", "--quiet", "--branch", "main", str(self.server), str(self.runner)
        )
        programs = self.runner / ".venv/bin"
        programs.mkdir(parents=True)
        (programs / "python").symlink_to(Path(sys.executable).resolve())
        self._program(programs / "mulu", f'#!/bin/sh\nexec "{MULU}" "$@" --today {TODAY}\n')

    def run(
        self, workflow: str, job: str, names: tuple[str, ...], values: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run named steps of a job as the forge would, expressions taken from a table."""
        self.start()
        (self.stand_ins / "answers.json").write_text(
            json.dumps({**self.answers, "made": self.made})
        )
        (self.stand_ins / "asked.jsonl").write_text("")
        found = [step for step in steps(ROOT / ".github/workflows" / workflow, job) if step.get("name") in names]  # fmt: skip
        assert len(found) == len(names)
        done = subprocess.CompletedProcess[str]([], 0, "", "")
        for step in found:
            environment = {name: _value(text, values) for name, text in step.get("env", {}).items()}
            path = f"{self.stand_ins}:{os.environ['PATH']}"
            done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=self.runner, capture_output=True, text=True, check=False, env={**CLEAN_ENVIRONMENT, "PATH": path, "STAND_INS": str(self.stand_ins), "GITHUB_REPOSITORY": "o/r", "RUNNER_TEMP": str(self.folder / "temp"), "GITHUB_EVENT_PATH": str(self.folder / "event.json"), **environment})  # fmt: skip
            assert "Traceback" not in done.stderr
            if done.returncode:
                break
        return done

    def asked(self) -> list[tuple[str, list[str], str]]:
        return [tuple(json.loads(line)) for line in (self.stand_ins / "asked.jsonl").read_text().splitlines()]  # fmt: skip

    def written(self) -> list[tuple[str, str, Any]]:
        """What was changed at the forge: method, path, body."""
        return [
            (arguments[2], arguments[3], json.loads(body))
            for name, arguments, body in self.asked()
            if name == "gh" and arguments[:2] == ["api", "--method"]
        ]


def _value(text: str, values: dict[str, str]) -> str:
    """A variable of a step: an expression has to stand alone and be in the table."""
    found = re.fullmatch(r"\$\{\{ (.+) \}\}", str(text))
    return values[found[1]] if found else str(text)


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


def gate(
    forge: Forge, head: str, *, number: str = "7", login: str = "sz-minzheng", queue: tuple[str, str] = ("", ""), branch: str = "patch", fork: str = "true"
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    head_of = "github.event.pull_request.head.sha || github.event.merge_group.head_sha"
    return forge.run(
        "gate.yml",
        "gate",
        ("Judge",),
        {
            "github.token": "token",
            "github.event.pull_request.number": number,
            head_of: head,
            "github.event.pull_request.user.login": login,
            "github.event.pull_request.head.ref": branch,
            "github.event.pull_request.head.repo.full_name != github.repository": fork,
            "github.event.merge_group.head_ref": queue[0],
            "github.event.merge_group.base_sha": queue[1],
        },
    )


def comment_of(forge: Forge) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((forge.runner / "build/gate/comment.json").read_text("utf-8"))
    return told


def monthly(forge: Forge) -> str:
    """A good change, committed."""
    edit(forge.author, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    return commit(forge.author)


def broken(forge: Forge) -> str:
    """A bad change, committed."""
    edit(forge.author, RESOURCE, "update_cycle: daily", "update_cycle: 每天")
    return commit(forge.author)


# ---------------------------------------------------------------------- gate.yml


def test_a_good_pull_request_passes(forge: Forge) -> None:
    monthly(forge)
    head = forge.propose()
    done = gate(forge, head)
    assert done.returncode == 0, done.stdout + done.stderr
    told = comment_of(forge)
    assert (told["version"], told["number"], told["head"]) == (1, 7, head)
    assert json.loads((forge.runner / "build/gate/verdict.json").read_text("utf-8"))["passed"]
    assert json.loads((forge.runner / "build/gate/verdict.sarif").read_text("utf-8"))["version"]


def test_a_bad_one_is_refused_at_its_line(forge: Forge) -> None:
    broken(forge)
    done = gate(forge, forge.propose())
    assert done.returncode == 1
    assert f"::error file={RESOURCE},line=19,col=15" in done.stdout
    assert "not-allowed" in comment_of(forge)["markdown"]


def test_nothing_of_the_head_is_run_or_checked_out(forge: Forge) -> None:
    mark = forge.folder / "run"
    for path in (".github/scripts/gate.py", ".github/scripts/forge.py", ".github/scripts/json.py", "json.py", "mulu.py", "Makefile", "sitecustomize.py"):  # fmt: skip
        (forge.author / path).write_text(f"open({str(mark)!r}, 'w')\n")
    (forge.author / ".gitattributes").write_text("* filter=x diff=x merge=x\n")
    (forge.author / "schemas/records").mkdir(parents=True)
    (forge.author / "schemas/records/resource.schema.json").write_text("{}")
    commit(forge.author)
    done = gate(forge, forge.propose())
    assert done.returncode == 1
    assert "governance-not-yours" in done.stdout
    assert not mark.exists()
    assert must(forge.runner, "rev-parse", "HEAD") == forge.base


def test_a_head_that_moved_on_is_not_judged(forge: Forge) -> None:
    first = monthly(forge)
    forge.propose()
    commit(forge.author, "又一次")
    forge.propose()
    done = gate(forge, first)
    assert done.returncode == 1
    assert "又有新的提交" in done.stdout
    assert not (forge.runner / "build/gate").exists()


def test_a_head_behind_main_is_judged_as_it_would_land(forge: Forge) -> None:
    edit(forge.author, "catalog/agencies/gongan.yml", "head: ", "head: 新任")
    tip = commit(forge.author)
    forge.land()
    forge.back()
    monthly(forge)
    head = forge.propose()
    done = gate(forge, head)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((forge.runner / "build/gate/verdict.json").read_text("utf-8"))
    landed = told["change"]["head"]
    assert must(forge.runner, "rev-parse", f"{landed}^1", f"{landed}^2").split() == [tip, head]
    again = gate(forge, head)
    assert again.returncode == 0
    assert json.loads((forge.runner / "build/gate/verdict.json").read_text("utf-8")) == told


def test_a_conflict_asks_for_a_rebase(forge: Forge) -> None:
    edit(forge.author, RESOURCE, "update_cycle: daily", "update_cycle: weekly")
    commit(forge.author)
    forge.land()
    forge.back()
    monthly(forge)
    done = gate(forge, forge.propose())
    assert done.returncode == 1
    assert "rebase" in done.stdout


def test_a_foreign_history_is_the_judges_to_refuse(forge: Forge) -> None:
    must(forge.author, "checkout", "--quiet", "--orphan", "other")
    commit(forge.author)
    done = gate(forge, forge.propose())
    assert done.returncode == 1
    assert "head-not-on-base" in done.stdout


@pytest.mark.parametrize("login", ["", "sz-minzheng --as zhengshu", "--as=minzheng", "$(id)", "dependabot[bot]", "x\n::error::"])  # fmt: skip
def test_a_strange_login_stands_for_nobody(forge: Forge, login: str) -> None:
    monthly(forge)
    done = gate(forge, forge.propose(), login=login)
    assert done.returncode == 1
    assert "author-unknown" in done.stdout


@pytest.mark.parametrize(("number", "head"), [("7; id", ""), ("", ""), ("0", ""), ("7", "main"), ("7", "A" * 40), ("7", "--help")])  # fmt: skip
def test_strange_numbers_and_hashes_end_at_once(forge: Forge, number: str, head: str) -> None:
    monthly(forge)
    done = gate(forge, head or forge.propose(), number=number)
    assert done.returncode == 1
    assert "不是应有的样子" in done.stdout
    assert not (forge.runner / "build/gate").exists()


def test_an_entry_of_the_merge_queue_is_judged_in_its_proposers_name(forge: Forge) -> None:
    head = monthly(forge)
    reference = f"refs/heads/gh-readonly-queue/main/pr-12-{forge.base}"
    must(forge.author, "push", "--quiet", "origin", f"HEAD:{reference}")
    forge.answers["repos/o/r/pulls/12"] = {"user": {"login": "sz-minzheng"}}
    done = gate(forge, head, number="", login="", queue=(reference, forge.base))
    assert done.returncode == 0, done.stdout + done.stderr
    forge.answers["repos/o/r/pulls/12"] = {"user": {"login": "sz-zhengshu"}}
    done = gate(forge, head, number="", login="", queue=(reference, forge.base))
    assert done.returncode == 1
    assert "not-your-record" in done.stdout
    done = gate(forge, head, number="", login="", queue=(reference + ";id", forge.base))
    assert "QUEUE_REF 不是应有的样子" in done.stdout


def test_an_intake_branch_is_judged_in_the_name_of_who_asked(forge: Forge) -> None:
    monthly(forge)
    head = forge.propose()
    forge.answers["repos/o/r/issues/12"] = {"user": {"login": "sz-minzheng"}}
    bot = "github-actions[bot]"
    done = gate(forge, head, login=bot, branch="intake/github-12", fork="false")
    assert done.returncode == 0, done.stdout + done.stderr
    done = gate(forge, head, login=bot, branch="intake/github-12", fork="true")
    assert "author-unknown" in done.stdout, "a fork may call its branch what it likes"
    done = gate(forge, head, login=bot, branch="intake/github-12;id", fork="false")
    assert "author-unknown" in done.stdout
    forge.answers["repos/o/r/issues/12"] = {"user": {"login": "a-stranger"}}
    done = gate(forge, head, login=bot, branch="intake/github-12", fork="false")
    assert "author-unknown" in done.stdout


# ---------------------------------------------------------------------- intake.yml


def asked(forge: Forge, **more: str) -> None:
    """The event of an issue about the register's one resource."""
    issue = json.loads((ROOT / "tests/data/issues/github-opened.json").read_text("utf-8"))
    body = issue["issue"]["body"].replace("市教育局", "gongan").replace("登记日期\n登记状态", "_No response_")  # fmt: skip
    for old, new in more.items():
        body = body.replace(f"### {old}\n", f"### {new}\n")
    issue["issue"]["body"] = body
    (forge.folder / "event.json").write_text(json.dumps(issue, ensure_ascii=False), "utf-8")


def intake(forge: Forge) -> tuple[dict[str, Any], list[tuple[str, str, Any]]]:
    """Both jobs one after the other; the answer between them, and what was written at the forge."""
    done = forge.run("intake.yml", "record", ("Record",), {"github.token": "token", "github.event.issue.number": "12"})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    answer = forge.runner / "build/intake/answer.json"
    (forge.folder / "temp/intake").mkdir(parents=True, exist_ok=True)
    (forge.folder / "temp/intake/answer.json").write_bytes(answer.read_bytes())
    found: dict[str, Any] = json.loads(answer.read_bytes())
    done = forge.run("intake.yml", "tell", ("Tell",), {"secrets.INTAKE_TOKEN || github.token": "token", "github.event.issue.number": "12"})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return found, forge.written()


def test_an_issue_becomes_a_branch_and_a_pull_request(forge: Forge) -> None:
    asked(forge)
    forge.answers |= {"repos/o/r/pulls": [], "repos/o/r": {"default_branch": "main"}, "repos/o/r/issues/12/comments": []}  # fmt: skip
    forge.made = {"number": 31}
    found, written = intake(forge)
    assert must(forge.server, "rev-parse", "refs/heads/intake/github-12") == found["commit"]
    (method, path, body), (_, comments, comment) = written
    assert (method, path, body["head"], body["base"]) == ("POST", "repos/o/r/pulls", "intake/github-12", "main")  # fmt: skip
    assert "检查通过" in body["body"]
    assert (comments, "#31" in comment["body"]) == ("repos/o/r/issues/12/comments", True)


def test_an_issue_that_cannot_be_taken_is_told_why_and_pushes_nothing(forge: Forge) -> None:
    asked(forge, 职责依据="别的")
    forge.answers["repos/o/r/issues/12/comments"] = []
    before = must(forge.server, "for-each-ref")
    found, written = intake(forge)
    assert found["refused"]
    assert must(forge.server, "for-each-ref") == before
    assert [(method, path) for method, path, _ in written] == [("POST", "repos/o/r/issues/12/comments")]  # fmt: skip
    assert "谢谢提交" in written[0][2]["body"]


def test_a_tree_that_unfolds_without_end_is_refused_soon(forge: Forge) -> None:
    edit(forge.author, "catalog/agencies/gongan.yml", "head: ", "head: 新任")
    commit(forge.author)
    forge.land()
    forge.back()
    blob = subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=forge.author, input="x", capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    entry, tree = f"100644 blob {blob}\tx", ""
    for _ in range(10):
        rows = "\n".join(entry.split("\t")[0] + f"\tn{n}" for n in range(10))
        tree = subprocess.run(["git", "mktree"], cwd=forge.author, input=rows, capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
        entry = f"040000 tree {tree}\tx"
    rows = must(forge.author, "ls-tree", forge.base) + f"\n040000 tree {tree}\tbomb"
    top = subprocess.run(["git", "mktree"], cwd=forge.author, input=rows, capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    bomb = must(forge.author, "commit-tree", top, "-p", forge.base, "-m", "x")
    must(forge.author, "push", "--quiet", "origin", f"{bomb}:refs/pull/7/head")
    done = gate(forge, bomb)
    assert done.returncode == 1
    assert "too-many-paths" in done.stdout


# ---------------------------------------------------------------------- comment.yml

HEAD = "c0ffee" * 6 + "c0ff"


def comment(
    forge: Forge, told: object, title: str | None = None
) -> subprocess.CompletedProcess[str]:
    folder = forge.folder / "temp/gate"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "comment.json"
    if isinstance(told, bytes):
        file.write_bytes(told)
    elif told is not None:
        file.write_text(json.dumps(told), "utf-8")
    named = f"gate 7 {HEAD}" if title is None else title
    values = {"github.token": "token", "github.event.workflow_run.display_title": named}
    return forge.run("comment.yml", "comment", ("Comment",), values)


def told(**changed: object) -> dict[str, object]:
    return {"version": 1, "number": 7, "head": HEAD, "markdown": "### 检查通过\n", **changed}


@pytest.fixture
def open_pull(forge: Forge) -> Forge:
    forge.answers["repos/o/r/pulls/7"] = {"head": {"sha": HEAD}}
    forge.answers["repos/o/r/issues/7/comments"] = []
    return forge


def test_the_first_verdict_becomes_a_comment_and_the_next_renews_it(open_pull: Forge) -> None:
    assert comment(open_pull, told()).returncode == 0
    body = {"body": "<!-- mulu gate -->\n### 检查通过\n"}
    assert open_pull.written() == [("POST", "repos/o/r/issues/7/comments", body)]
    open_pull.answers["repos/o/r/issues/7/comments"] = [
        {"id": 1, "user": {"login": "somebody"}, "body": "<!-- mulu gate -->\n伪造"},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "别的"},
        {"id": 3, "user": {"login": "github-actions[bot]"}, "body": "<!-- mulu gate -->\n旧"},
    ]
    assert comment(open_pull, told()).returncode == 0
    assert open_pull.written() == [("PATCH", "repos/o/r/issues/comments/3", body)]


@pytest.mark.parametrize(
    "strange",
    [
        None, b"", b"[]", b"null", b"{", b"[" * 100_000, b"\xff", b" " * 500_000,
        {}, told(version=2), told(version=True), told(number="7"), told(number=7.0), told(number=-7), told(number=0),
        told(head="main"), told(head=HEAD.upper()), told(head=HEAD + "\n"), told(markdown=None),
        told(markdown="x" * 65_001), told(more=1), {"version": 1, "number": 7, "head": HEAD},
    ],
)  # fmt: skip
def test_an_artifact_of_another_shape_is_refused(open_pull: Forge, strange: object) -> None:
    done = comment(open_pull, strange)
    assert done.returncode == 1
    assert "附件不是应有的样子" in done.stdout
    assert open_pull.asked() == []


def test_an_artifact_of_another_run_is_refused(open_pull: Forge) -> None:
    for title in ("", "gate 8 " + HEAD, "gate 7 " + "0" * 40, "gate queue " + HEAD):
        done = comment(open_pull, told(), title)
        assert done.returncode == 1
        assert open_pull.asked() == []


def test_a_link_is_no_artifact(open_pull: Forge) -> None:
    folder = open_pull.folder / "temp/gate"
    folder.mkdir(parents=True)
    (open_pull.folder / "elsewhere.json").write_text(json.dumps(told()))
    (folder / "comment.json").symlink_to(open_pull.folder / "elsewhere.json")
    assert comment(open_pull, None).returncode == 1


def test_a_verdict_on_an_older_head_is_not_written(open_pull: Forge) -> None:
    open_pull.answers["repos/o/r/pulls/7"] = {"head": {"sha": "1" * 40}}
    assert comment(open_pull, told()).returncode == 0
    assert open_pull.written() == []


def test_what_the_gate_writes_is_what_the_comment_takes(open_pull: Forge) -> None:
    broken(open_pull)
    head = open_pull.propose()
    gate(open_pull, head)
    written = comment_of(open_pull)
    open_pull.answers["repos/o/r/pulls/7"] = {"head": {"sha": head}}
    assert comment(open_pull, written, f"gate 7 {head}").returncode == 0
    ((_, _, body),) = open_pull.written()
    assert body["body"].endswith(written["markdown"])


# ---------------------------------------------------------------------- publish.yml


def publish(forge: Forge, since: str = "") -> subprocess.CompletedProcess[str]:
    values = {"github.token": "token", "inputs.since": since}
    return forge.run("publish.yml", "build", ("Judge what landed",), values)


def proposed_by(forge: Forge, landing: str, login: str, **changed: object) -> None:
    pull = {"user": {"login": login}, "merged_at": "2026-11-20T00:00:00Z", "base": {"ref": "main"}}
    forge.answers[f"repos/o/r/commits/{landing}/pulls"] = [{**pull, **changed}]


@pytest.fixture
def site(forge: Forge) -> Forge:
    """A forge whose site was built from the first state."""
    forge.answers["repos/o/r/pages"] = {"html_url": "https://o.example.cn/r/"}
    forge.answers["curl"] = ["200", json.dumps({"commit": forge.base})]
    return forge


def test_the_first_publication_checks_the_whole(site: Forge) -> None:
    site.answers["curl"] = ["404", "<html>"]
    assert publish(site).returncode == 0
    broken(site)
    site.land()
    done = publish(site)
    assert done.returncode == 1
    assert "not-allowed" in done.stdout


def test_every_landing_is_judged_in_its_proposers_name(site: Forge) -> None:
    monthly(site)
    first = site.land()
    edit(site.author, "catalog/agencies/zhengshu.yml", "head: ", "head: 新任")
    commit(site.author)
    second = site.land()
    proposed_by(site, first, "sz-minzheng")
    proposed_by(site, second, "sz-zhengshu")
    done = publish(site)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("检查合入")] == [f"检查合入 {first[:12]}", f"检查合入 {second[:12]}"]  # fmt: skip


def test_what_was_bad_and_taken_back_still_stops_the_publication(site: Forge) -> None:
    broken(site)
    bad = site.land()
    edit(site.author, RESOURCE, "update_cycle: 每天", "update_cycle: daily")
    commit(site.author)
    good = site.land()
    for landing in (bad, good):
        proposed_by(site, landing, "sz-minzheng")
    done = publish(site)
    assert done.returncode == 1
    assert f"合入 {bad[:12]} 没有通过，网站保持原样" in done.stdout
    assert publish(site, since=bad).returncode == 0


@pytest.mark.parametrize("changed", [{"merged_at": None}, {"base": {"ref": "other"}}, {"user": {"login": "x y"}}])  # fmt: skip
def test_a_landing_nobody_proposed_is_not_published(site: Forge, changed: dict[str, Any]) -> None:
    monthly(site)
    proposed_by(site, site.land(), "sz-minzheng", **changed)
    done = publish(site)
    assert done.returncode == 1
    assert "author-unknown" in done.stdout


@pytest.mark.parametrize("answer", [["500", ""], ["000", ""], ["200", "x"], ["200", "[]"], ["200", "{}"], ["200", '{"commit": "main"}']])  # fmt: skip
def test_a_site_that_does_not_answer_is_not_taken_for_none(site: Forge, answer: list[str]) -> None:
    site.answers["curl"] = answer
    assert publish(site).returncode == 1


def test_an_error_page_is_not_read_whatever_it_says(site: Forge) -> None:
    site.answers["curl"][0] = "500"
    assert "读不到已发布的网站（500）" in publish(site).stdout


def test_a_rewritten_history_is_not_published(site: Forge) -> None:
    must(site.author, "checkout", "--quiet", "--orphan", "other")
    commit(site.author)
    site.land()
    done = publish(site)
    assert done.returncode == 1
    assert "历史被改写过" in done.stdout


def test_a_main_branch_that_took_another_side_is_not_published(site: Forge) -> None:
    tip = monthly(site)
    site.land()
    site.answers["curl"] = ["200", json.dumps({"commit": tip})]
    site.back()
    edit(site.author, "catalog/agencies/gongan.yml", "head: ", "head: 新任")
    commit(site.author)
    must(site.author, "merge", "--quiet", "--no-ff", "-m", "x", tip)
    site.land()
    done = publish(site)
    assert done.returncode == 1
    assert "不是接在" in done.stdout


@pytest.mark.parametrize("since", ["main", "HEAD~1", "c0ffee", "--all", "$(id)"])
def test_only_a_whole_hash_names_where_to_begin(site: Forge, since: str) -> None:
    assert publish(site, since=since).returncode == 1


# ---------------------------------------------------------------------- clock.yml


def clock(forge: Forge) -> subprocess.CompletedProcess[str]:
    return forge.run("clock.yml", "issues", ("What is overdue, and what is due within five days", "One issue per agency"), {"github.token": "token"})  # fmt: skip


def request(forge: Forge) -> None:
    """A request that has waited for minzheng since the start of the month."""
    for step in (
        ("new", "request", "--agency", "gongan", "--set", "resource=minzheng/hunyin-dengji", "--set", "duty=户籍登记。", "--set", "purpose=核验。"),
        ("act", "2026/gongan--hunyin-dengji", "list", "--by", "zhengshu"),
        ("act", "2026/gongan--hunyin-dengji", "notify", "--by", "zhengshu", "--set", "to=minzheng", "--set", "received_on=2026-11-05"),
    ):  # fmt: skip
        done = subprocess.run([MULU, *step, "--root", forge.author, "--today", "2026-11-05"], capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    commit(forge.author)
    forge.land()


def test_each_agency_gets_one_issue_that_is_renewed_and_closed(forge: Forge) -> None:
    request(forge)
    issues = "repos/o/r/issues"
    forge.answers[issues] = []
    assert clock(forge).returncode == 0
    ((method, path, issue),) = forge.written()
    assert (method, path, issue["title"], issue["labels"]) == ("POST", issues, "待办：示例市民政局", ["待办"])  # fmt: skip
    assert issue["body"].startswith("<!-- mulu todo minzheng -->\n## 示例市民政局")
    assert "超 2 个工作日" in issue["body"]
    bot = {"login": "github-actions[bot]"}
    ours = {"number": 4, "user": bot, "title": issue["title"], "body": issue["body"].rstrip()}
    forge.answers[issues] = [ours]
    assert clock(forge).returncode == 0
    assert forge.written() == []
    forge.answers[issues] = [
        {"number": 3, "user": {"login": "somebody"}, "title": "x", "body": issue["body"]},
        {**ours, "body": issue["body"].replace("超 2", "超 1")},
        {**ours, "number": 5},
        {"number": 6, "user": bot, "title": "x", "body": "<!-- mulu todo gongan -->\n旧"},
        {"number": 7, "user": bot, "title": "x", "body": None},
    ]
    assert clock(forge).returncode == 0
    assert forge.written() == [
        ("PATCH", f"{issues}/4", {"title": issue["title"], "body": issue["body"]}),
        ("PATCH", f"{issues}/5", {"state": "closed"}),
        ("PATCH", f"{issues}/6", {"state": "closed"}),
    ]


def test_the_list_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine")
    common = ["--root", str(EXAMPLES / "common"), "--today", TODAY, "-o", str(tmp_path)]
    for more in (["--format", "markdown"], ["--format", "json"], []):
        done = mulu("todo", *common, *more)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.md"]


def test_the_day_begins_in_shanghai() -> None:
    (row,) = loaded(ROOT / ".github/workflows/clock.yml")["on"]["schedule"]
    minute, hour = row["cron"].split()[:2]
    assert (int(hour) + 8) % 24 == 6
    assert minute == "10"


# ---------------------------------------------------------------------- what cities copy


def test_the_copies_for_gitea_judge_too(forge: Forge) -> None:
    broken(forge)
    bad = forge.propose(8)
    forge.back()
    monthly(forge)
    good = forge.propose(7)
    for number, head, code in (("7", good, 0), ("8", bad, 1)):
        forge.start()
        must(forge.runner, "fetch", "--quiet", "origin", f"+refs/pull/{number}/head:refs/mulu/head", "+refs/heads/main:refs/mulu/base")  # fmt: skip
        assert must(forge.runner, "rev-parse", "refs/mulu/head") == head
        wanted = ("如果合入会是什么样子", "判断")
        script = "\n".join(f"({one['run']})" for one in steps(ADOPT / "gitea/gate.yml") if one["name"] in wanted)  # fmt: skip
        done = subprocess.run(["bash", "-e", "-c", script], cwd=forge.runner, env={**CLEAN_ENVIRONMENT, "ACCOUNT": "gitea:sz-minzheng"}, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr


def test_the_copies_for_gitea_fetch_only_the_head_of_the_event(forge: Forge) -> None:
    monthly(forge)
    head = forge.propose()
    (step,) = [
        one for one in steps(ADOPT / "gitea/gate.yml") if one["name"] == "主分支和提出的内容"
    ]
    for given, code in ((head, 0), (forge.base, 1)):
        forge.start()
        empty = forge.folder / f"work-{code}"
        empty.mkdir()
        (forge.folder / "o").mkdir(exist_ok=True)
        if not (forge.folder / "o/r").exists():
            (forge.folder / "o/r").symlink_to(forge.server)
        done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=empty, env={**CLEAN_ENVIRONMENT, "GITHUB_SERVER_URL": str(forge.folder), "GITHUB_REPOSITORY": "o/r", "BRANCH": "main", "NUMBER": "7", "HEAD": given}, capture_output=True, text=True, check=False)  # fmt: skip
        assert (done.returncode != 0) == (code != 0), done.stderr
    assert must(forge.folder / "work-0", "rev-parse", "HEAD") == forge.base


def test_the_copies_for_gitlab_judge_too(forge: Forge) -> None:
    monthly(forge)
    head = must(forge.author, "rev-parse", "HEAD")
    must(forge.author, "push", "--quiet", "origin", "HEAD:refs/merge-requests/7/head")
    forge.start()
    (forge.runner / ".ci").mkdir()
    (forge.runner / ".ci/tell.py").write_text("print('sz-minzheng')\n")
    must(forge.runner, "fetch", "--quiet", "origin", "+refs/heads/main:refs/mulu/base")
    script = "\n".join(loaded(GITLAB)["gate"]["script"]).replace("gitlab:", "github:")
    for sha, code in ((head, 0), (forge.base, 1)):
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=forge.runner, env={**CLEAN_ENVIRONMENT, "CI_PROJECT_URL": str(forge.server).removesuffix(".git"), "CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_SHA": sha}, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
    assert json.loads((forge.runner / "codequality.json").read_text("utf-8")) == []


@dataclass
class Server:
    """An HTTP server that answers from a table and writes down what it was told."""

    answers: dict[str, Any]
    told: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])

    def handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command != "GET":
                    server.told.append((self.command, self.path, json.loads(body)))
                found = server.answers.get(self.path, [])
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(found).encode())

            do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@pytest.fixture
def at() -> Iterator[tuple[Server, str]]:
    table = Server({})
    server = HTTPServer(("127.0.0.1", 0), table.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield table, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def tell(address: str, *arguments: str, gitlab: bool = False) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "GITHUB", "MULU"))}  # fmt: skip
    where = {"CI_API_V4_URL": address, "CI_PROJECT_ID": "9", "CI_MERGE_REQUEST_IID": "7", "MULU_TOKEN": "t"} if gitlab else {"GITHUB_API_URL": address, "GITHUB_REPOSITORY": "o/r", "NUMBER": "7", "TOKEN": "t"}  # fmt: skip
    done = subprocess.run([sys.executable, ADOPT / "tell.py", *arguments], env={**clean, **where, "no_proxy": "*"}, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gitea_is_told_in_one_comment(at: tuple[Server, str], tmp_path: Path) -> None:
    table, address = at
    table.answers["/user"] = {"login": "gitea-actions"}
    verdict = tmp_path / "verdict.md"
    verdict.write_text("### 检查通过\n", "utf-8")
    tell(address, "comment", str(verdict))
    body = {"body": "<!-- mulu gate -->\n### 检查通过\n"}
    assert table.told == [("POST", "/repos/o/r/issues/7/comments", body)]
    table.told.clear()
    table.answers["/repos/o/r/issues/7/comments"] = [
        {"id": 1, "user": {"login": "x"}, "body": body["body"]},
        {"id": 2, "user": {"login": "gitea-actions"}, "body": body["body"]},
    ]
    tell(address, "comment", str(tmp_path / "missing.md"))
    ((method, path, said),) = table.told
    assert (method, path) == ("PATCH", "/repos/o/r/issues/comments/2")
    assert "不能算通过" in said["body"]


@pytest.mark.parametrize("gitlab", [False, True])
def test_agencies_get_their_issues_on_the_other_forges(
    at: tuple[Server, str], tmp_path: Path, gitlab: bool
) -> None:
    table, address = at
    (tmp_path / "minzheng.md").write_text("## 民政局&#40;市&#41;\n", "utf-8")
    project = "/projects/9/issues" if gitlab else "/repos/o/r/issues"
    query = "?state=opened&scope=all&per_page=100&page=1" if gitlab else "?state=open&type=issues&limit=50&page=1"  # fmt: skip
    person, text, number = (
        ("author", "description", "iid") if gitlab else ("user", "body", "number")
    )
    me = {"username": "bot"} if gitlab else {"login": "bot"}
    table.answers["/user"] = me
    table.answers[project + query] = [
        {number: 3, person: me, "title": "x", text: "<!-- mulu todo gongan -->\n"},
        {number: 4, person: {**dict.fromkeys(me, "x")}, "title": "x", text: "<!-- mulu todo jiaoyu -->\n"},
    ]  # fmt: skip
    tell(address, "todo", str(tmp_path), gitlab=gitlab)
    closing = {"state_event": "close"} if gitlab else {"state": "closed"}
    assert table.told == [
        ("POST", project, {"title": "待办：民政局(市)", text: "<!-- mulu todo minzheng -->\n## 民政局&#40;市&#41;\n"}),
        ("PUT" if gitlab else "PATCH", f"{project}/3", closing),
    ]  # fmt: skip


def test_gitlab_names_the_proposer(at: tuple[Server, str]) -> None:
    table, address = at
    table.answers["/projects/9/merge_requests/7"] = {"author": {"username": "sz-minzheng"}}
    assert tell(address, "author", gitlab=True) == "sz-minzheng\n"
