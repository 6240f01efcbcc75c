"""The hook at the door of a Git server, tried with ``git push`` against real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registers import EXAMPLES, ROOT
from test_cli import MULU, mulu

RESOURCE = "catalog/resources/minzheng/hunyin-dengji.yml"
TODAY = "2026-11-23"
CLEAN_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MULU_"))},
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.cn",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.cn",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
}


def git(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, with nothing of this machine's settings."""
    return subprocess.run(["git", *arguments], cwd=folder, env={**CLEAN_ENVIRONMENT, **environment}, capture_output=True, text=True, check=False)  # fmt: skip


def must(folder: Path, *arguments: str) -> str:
    """Run git; it has to succeed."""
    done = git(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def edit(folder: Path, path: str, old: str, new: str) -> None:
    """Replace text in a file; it has to be there."""
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), "utf-8")


def commit(folder: Path, message: str = "改动") -> str:
    """Commit everything; its hash."""
    must(folder, "add", "--all")
    must(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return must(folder, "rev-parse", "HEAD")


def new_register(folder: Path) -> str:
    """A working copy of the common register, with accounts, in one commit."""
    shutil.copytree(EXAMPLES / "common", folder)
    for agency in ("minzheng", "zhengshu"):
        with (folder / f"catalog/agencies/{agency}.yml").open("a", encoding="utf-8") as stream:
            stream.write(f"accounts:\n  - forge: gitea\n    name: sz-{agency}\n  - forge: github\n    name: sz-{agency}\n")  # fmt: skip
    must(folder, "init", "--quiet", "--initial-branch=main")
    return commit(folder, "建立登记簿")


def on_a_fixed_day(server: Path, *arguments: str) -> None:
    """Let the hook judge by a day of ours: the program it calls adds the day."""
    wrapper = server.parent / "mulu-today"
    wrapper.write_text(f'#!/bin/sh\nexec "{MULU}" "$@" --today {TODAY}\n')
    wrapper.chmod(0o755)
    must(server, "config", "mulu.program", str(wrapper))


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A bare repository with the hook, still empty."""
    folder = tmp_path / "server.git"
    must(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    done = mulu("hook", "install", "--repo", str(folder))
    assert done.returncode == 0, done.stderr
    on_a_fixed_day(folder)
    return folder


@pytest.fixture
def clone(tmp_path: Path, server: Path) -> Path:
    """A working copy whose register the server has taken."""
    folder = tmp_path / "clone"
    new_register(folder)
    must(folder, "remote", "add", "origin", str(server))
    done = push(folder)
    assert done.returncode == 0, done.stderr
    return folder


def push(
    clone: Path, *what: str, account: str = "gitea:sz-minzheng", **environment: str
) -> subprocess.CompletedProcess[str]:
    return git(clone, "push", "origin", *(what or ("main",)), MULU_ACCOUNT=account, **environment)


def tip(server: Path, ref: str = "refs/heads/main") -> str:
    return git(server, "rev-parse", "--verify", "--quiet", ref).stdout.strip()


def objects(server: Path) -> list[str]:
    return sorted(path.name for path in (server / "objects").rglob("*") if path.is_file())


def test_a_good_push_is_accepted(server: Path, clone: Path) -> None:
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    head = commit(clone)
    done = push(clone)
    assert done.returncode == 0, done.stderr
    assert tip(server) == head


def test_a_bad_push_is_refused_in_chinese_and_nothing_is_written(server: Path, clone: Path) -> None:
    before, kept = tip(server), objects(server)
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: 每天")
    commit(clone)
    done = push(clone)
    assert done.returncode != 0
    assert "“更新周期”不能是“每天”" in done.stderr
    assert "没有接受这次推送" in done.stderr
    assert (tip(server), objects(server)) == (before, kept)


def test_what_a_later_commit_takes_back_is_refused_all_the_same(server: Path, clone: Path) -> None:
    before = tip(server)
    path = "catalog/resources/tongji/dan-ge-diaocha-duixiang.yml"
    source = (clone / path).read_text("utf-8")
    (clone / path).write_text(source.replace("title: ", "title: 新", 1), "utf-8")
    commit(clone)
    (clone / path).write_text(source, "utf-8")
    commit(clone)
    done = push(clone)
    assert done.returncode != 0
    assert "not-your-record" in done.stderr
    assert tip(server) == before


@pytest.mark.parametrize(
    "variables",
    [{"GITEA_PUSHER_NAME": "sz-minzheng"}, {"GITEA_PUSHER_NAME": "sz-minzheng", "MULU_ACCOUNT": "gitea:sz-zhengshu"}, {"GITHUB_USER_LOGIN": "sz-minzheng"}],
)  # fmt: skip
def test_the_forge_says_who_pushes(server: Path, clone: Path, variables: dict[str, str]) -> None:
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    head = commit(clone)
    done = git(clone, "push", "origin", "main", **variables)
    assert done.returncode == 0, done.stderr
    assert tip(server) == head


@pytest.mark.parametrize("account", ["", "gitea", "gitea:", "gitea:-x", "gitea:a b", "svn:x", "gitea:x\n--as", "gitea:$(id)"])  # fmt: skip
def test_an_unknown_pusher_is_refused(server: Path, clone: Path, account: str) -> None:
    before = tip(server)
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    commit(clone)
    done = push(clone, account=account)
    assert done.returncode != 0
    assert "不知道是谁推送的" in done.stderr
    assert tip(server) == before


def test_an_account_of_nobody_is_refused_by_the_judge(server: Path, clone: Path) -> None:
    before = tip(server)
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    commit(clone)
    done = push(clone, account="gitea:somebody")
    assert done.returncode != 0
    assert "author-unknown" in done.stderr
    assert tip(server) == before


def test_a_repository_of_one_agency_needs_no_account(server: Path, clone: Path) -> None:
    assert mulu("hook", "install", "--repo", str(server), "--agency", "minzheng").returncode == 0
    on_a_fixed_day(server)
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    commit(clone)
    assert push(clone, account="").returncode == 0


def test_deletion_and_rewriting_of_the_branch_are_refused(server: Path, clone: Path) -> None:
    before = tip(server)
    must(server, "config", "receive.denyDeletes", "false")
    must(server, "config", "receive.denyDeleteCurrent", "ignore")
    done = push(clone, ":main")
    assert done.returncode != 0
    assert "不能删除" in done.stderr
    must(clone, "commit", "--quiet", "--amend", "-m", "改写")
    done = push(clone, "--force", "main")
    assert done.returncode != 0
    assert "不能改写" in done.stderr
    assert tip(server) == before


def test_the_first_push_is_judged_whole(tmp_path: Path, server: Path) -> None:
    folder = tmp_path / "clone"
    new_register(folder)
    edit(folder, RESOURCE, "update_cycle: daily", "update_cycle: 每天")
    commit(folder)
    must(folder, "remote", "add", "origin", str(server))
    done = push(folder)
    assert done.returncode != 0
    assert "“更新周期”不能是“每天”" in done.stderr
    assert (tip(server), objects(server)) == ("", [])


def test_the_first_push_must_bring_the_register_branch(tmp_path: Path, server: Path) -> None:
    folder = tmp_path / "clone"
    new_register(folder)
    must(folder, "remote", "add", "origin", str(server))
    done = push(folder, "main:other")
    assert done.returncode != 0
    assert "请先推送它" in done.stderr


def test_other_branches_are_judged_where_the_repository_asks(server: Path, clone: Path) -> None:
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: 每天")
    commit(clone)
    assert push(clone, "main:draft").returncode == 0
    assert mulu("hook", "install", "--repo", str(server), "--every-branch").returncode == 0
    on_a_fixed_day(server)
    assert push(clone, "main:second").returncode != 0
    assert push(clone, "main:refs/tags/v1").returncode != 0
    assert push(clone, ":draft").returncode == 0


def test_one_bad_ref_refuses_the_whole_push(server: Path, clone: Path) -> None:
    before = tip(server)
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    commit(clone)
    done = push(clone, "main", "main:refs/replace/" + before)
    assert done.returncode != 0
    assert "refs/replace" in done.stderr
    assert tip(server) == before


def test_without_the_program_nothing_is_accepted(server: Path, clone: Path) -> None:
    must(server, "config", "mulu.program", "/nowhere/mulu")
    before = tip(server)
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: monthly")
    commit(clone)
    assert push(clone).returncode != 0
    assert tip(server) == before


def test_a_repository_with_a_working_copy_takes_the_hook_too(tmp_path: Path) -> None:
    server = tmp_path / "server"
    new_register(server)
    must(server, "config", "receive.denyCurrentBranch", "updateInstead")
    assert mulu("hook", "install", "--repo", str(server)).returncode == 0
    on_a_fixed_day(server)
    must(tmp_path, "clone", "--quiet", str(server), "clone")
    clone = tmp_path / "clone"
    edit(clone, RESOURCE, "update_cycle: daily", "update_cycle: 每天")
    commit(clone)
    assert "“更新周期”不能是“每天”" in push(clone).stderr
    edit(clone, RESOURCE, "update_cycle: 每天", "update_cycle: monthly")
    commit(clone)
    must(clone, "reset", "--quiet", "--soft", "origin/main")
    head = commit(clone)
    done = push(clone)
    assert done.returncode == 0, done.stderr
    assert tip(server) == head


def test_a_foreign_hook_is_not_touched(server: Path) -> None:
    hook = server / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho mine\n")
    done = mulu("hook", "install", "--repo", str(server))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "别的钩子" in done.stderr
    assert hook.read_text() == "#!/bin/sh\necho mine\n"
    hook.unlink()
    hook.symlink_to("/bin/true")
    assert mulu("hook", "install", "--repo", str(server)).returncode == 2
    assert hook.readlink() == Path("/bin/true")


def test_installing_again_renews_and_leaves_nothing_aside(server: Path) -> None:
    hook = server / "hooks" / "pre-receive"
    hook.write_text(hook.read_text("utf-8") + "# older\n", "utf-8")
    assert mulu("hook", "install", "--repo", str(server), "--branch", "release").returncode == 0
    assert hook.read_bytes() == (ROOT / "site/pages/adopt/pre-receive").read_bytes()
    assert hook.stat().st_mode & 0o777 == 0o755
    assert not [path for path in hook.parent.iterdir() if path.name.startswith(".mulu-")]
    assert must(server, "config", "mulu.branch") == "release"


def test_a_forge_with_a_folder_of_hooks_gets_it_there(server: Path) -> None:
    (server / "hooks" / "pre-receive").write_text("#!/bin/sh\n# the forge's own\n")
    (server / "hooks" / "pre-receive.d").mkdir()
    assert mulu("hook", "install", "--repo", str(server)).returncode == 0
    assert os.access(server / "hooks" / "pre-receive.d" / "mulu", os.X_OK)


@pytest.mark.parametrize("arguments", [["--repo", "."], ["--repo", "SERVER", "--branch", "a..b"], ["--repo", "SERVER", "--branch", "--x"], ["--repo", "SERVER", "--agency", "民政局"]])  # fmt: skip
def test_what_cannot_be_installed_is_one_line(
    tmp_path: Path, server: Path, arguments: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    given = [str(server) if word == "SERVER" else word for word in arguments]
    done = mulu("hook", "install", *given, cwd=tmp_path / "empty", GIT_CEILING_DIRECTORIES=str(tmp_path))  # fmt: skip
    assert done.returncode in (2, 4)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("line", ["x", "0 0 refs/heads/main", f"{'a' * 40} {'b' * 40} main", f"{'a' * 40} {'b' * 40} refs/heads/main x\x1b[2J"])  # fmt: skip
def test_lines_of_another_form_are_refused(server: Path, line: str) -> None:
    done = subprocess.run([sys.executable, "-P", "-m", "mulu.cli.main", "hook", "receive"], cwd=server, input=line + "\n", env={**CLEAN_ENVIRONMENT, "GIT_DIR": "."}, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
