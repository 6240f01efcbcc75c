"""``mulu hook``: the gate at the door of a Git server, before anything is written.

``install`` puts a small ``pre-receive`` script into a repository; git runs it at each push, and
``receive`` judges what is pushed to the register's branch while it still lies in git's
quarantine.  Whatever cannot be judged is refused: a pusher nobody knows, a rewritten history, a
judge that does not answer.  Git's own variables are handed on untouched, because the new
objects are found through them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from mulu.cli.shell import CLEAN, ENVIRONMENT, FAULT, FINDINGS, Shell, Stop, say, with_shell

MARK = "# mulu pre-receive"
TEMPLATE = "site/pages/adopt/pre-receive"
_NONE = re.compile("0+")
_UPDATE = re.compile(r"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs/\S+)")
_PUSHERS = {"GITEA_PUSHER_NAME": "gitea", "GL_USERNAME": "gitlab", "GITHUB_USER_LOGIN": "github"}
"""Where a forge tells its hooks who pushes.  Forgejo uses Gitea's name."""
_ACCOUNT = re.compile(r"(github|gitlab|gitea):[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_AGENCY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_OBJECTS = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
_HERE = ("GIT_DIR", "GIT_QUARANTINE_PATH", *_OBJECTS)
"""What ties git to the repository that is pushed to."""
_SECONDS = 600


@click.group(help="给 Git 仓库装上接收钩子：推送时先判断，有错误的不接受。")
def command() -> None:
    """Hold the two together."""


@command.command("install", help="装到一个仓库里；已有别的钩子时不覆盖。")
@click.option("--repo", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="哪个仓库，不写为当前文件夹。")  # fmt: skip
@click.option("--branch", help="登记簿的主分支，不写为仓库的默认分支。")
@click.option("--agency", help="所有推送都算哪个单位的（没有账号区分的仓库用）。")
@click.option("--every-branch", is_flag=True, help="推送到别的分支也判断：涉密内容进不了仓库。")
@with_shell
def install(
    shell: Shell, folder: Path, branch: str | None, agency: str | None, every_branch: bool
) -> int:
    """Write the settings, then the script, which is the switch."""
    script = (shell.assets / TEMPLATE).read_bytes()
    repo = Repository.at(folder)
    target = repo.hook
    if target.is_symlink() or (target.exists() and not _is_ours(target)):
        raise Stop(f"{target} 是别的钩子，没有改动它；请把它移到 pre-receive.d/ 或先挪开，再安装")
    chosen = branch or repo.branch
    if repo.git("check-ref-format", "--branch", chosen) != chosen:
        raise Stop(f"分支名 {chosen!r} 不合 Git 的规定")
    if agency and not _AGENCY.fullmatch(agency):
        raise Stop(f"{agency!r} 不是单位的代号")
    settings = {
        "program": str(_program()),
        "branch": chosen,
        "agency": agency or "",
        "branches": "all" if every_branch else "",
    }
    for name, value in settings.items():
        repo.configure(name, value)
    _write_script(target, script)
    say(f"钩子已装到 {target}：推送到 {chosen} 的改动先判断，有错误的不接受。")
    return CLEAN


@command.command("receive", hidden=True, help="由 Git 在推送时运行，不用手工运行。")
@with_shell
def receive(shell: Shell) -> int:
    """Judge every ref of a push; 0 accepts the whole push, anything else refuses all of it."""
    repo = Repository.at(Path(os.environ.get("GIT_DIR") or "."))  # noqa: TID251  git names the repository
    today = ["--today", str(shell.given_today)] if shell.given_today else []
    push = Push(repo, today, os.environ)  # noqa: TID251  the forge says who pushes
    code = push.judge(sys.stdin.read(1 << 20))
    if code:
        click.echo("没有接受这次推送，仓库里什么也没有写入。", err=True)
    return code


@dataclass(frozen=True)
class Repository:
    """One repository, by the folder git keeps its objects in; its settings under ``mulu.*``."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Repository:
        """The repository a folder is or lies in.  Raises Stop where there is none."""
        done = _run(["git", "rev-parse", "--absolute-git-dir"], cwd=folder)
        if done.returncode:
            raise Stop(f"{folder} 不是 Git 仓库", ENVIRONMENT)
        return cls(Path(done.stdout.strip()))

    def git(self, *arguments: str) -> str | None:
        """What a git command prints, without the last line's end; None where it fails."""
        done = _run(["git", f"--git-dir={self.folder}", "-c", "core.commitGraph=false", *arguments])
        return None if done.returncode else done.stdout.rstrip("\n")

    def setting(self, name: str) -> str:
        """A setting, or '' where there is none."""
        return self.git("config", "--get", f"mulu.{name}") or ""

    def configure(self, name: str, value: str) -> None:
        """Write a setting; an empty one is taken away.  Raises Stop where git cannot."""
        if value:
            done = self.git("config", f"mulu.{name}", value)
        else:
            done = self.git("config", "--unset-all", f"mulu.{name}") or ""
        if done is None:
            raise Stop(f"不能写 {self.folder / 'config'}", ENVIRONMENT)

    @property
    def branch(self) -> str:
        """The register's branch: as set at installation, else the one HEAD names."""
        return self.setting("branch") or self.git("symbolic-ref", "--short", "HEAD") or "main"

    @property
    def hook(self) -> Path:
        """Where the script goes: a forge that keeps a folder of hooks runs them itself."""
        hooks = self.git("rev-parse", "--path-format=absolute", "--git-path", "hooks")
        if hooks is None:
            raise Stop(f"找不到 {self.folder} 的钩子文件夹", ENVIRONMENT)
        beside = Path(hooks) / "pre-receive.d"
        return beside / "mulu" if beside.is_dir() else Path(hooks) / "pre-receive"


@dataclass(frozen=True)
class Update:
    """One ref of a push: from where, to where."""

    old: str
    new: str
    ref: str

    @property
    def creates(self) -> bool:
        """Whether the ref was not there."""
        return _NONE.fullmatch(self.old) is not None

    @property
    def deletes(self) -> bool:
        """Whether the ref is to go away."""
        return _NONE.fullmatch(self.new) is not None


@dataclass(frozen=True)
class Push:
    """One push to a repository, with what the forge's variables say of it."""

    repo: Repository
    today: Sequence[str]
    variables: Mapping[str, str]

    def judge(self, lines: str) -> int:
        """The first code that refuses, or 0."""
        branch = f"refs/heads/{self.repo.branch}"
        updates = list(_updates(lines))
        tip = self.repo.git("rev-parse", "--verify", "--quiet", branch) or ""
        if not tip and all(update.ref != branch for update in updates):
            return _refuse(f"登记簿的主分支 {self.repo.branch} 还没有内容，请先推送它")
        codes = [self._judge_one(update, branch, tip) for update in updates]
        return next(filter(None, codes), CLEAN)

    def _judge_one(self, update: Update, branch: str, tip: str) -> int:
        if update.ref.startswith("refs/replace/"):
            return _refuse("不接受 refs/replace：它让人看到的不是登记簿里记的")
        if update.ref != branch:
            return self._judge_other(update, tip)
        if update.deletes:
            return _refuse(f"登记簿的主分支 {self.repo.branch} 不能删除")
        if update.creates:
            return self._check(update.new)
        if self.repo.git("merge-base", "--is-ancestor", update.old, update.new) is None:
            return _refuse(
                "登记簿的历史只能往后添加，不能改写；请先取得最新的登记簿（git pull --rebase）再推送"
            )
        return self._review(update.old, update.new)

    def _judge_other(self, update: Update, tip: str) -> int:
        """Another branch or a tag: judged only where the repository asks for it."""
        if self.repo.setting("branches") != "all" or update.deletes or not tip:
            return CLEAN
        fork = self.repo.git("merge-base", tip, update.new)
        return self._review(fork or tip, update.new)

    def _review(self, old: str, new: str) -> int:
        author = self._author()
        if author is None:
            return _refuse(
                "不知道是谁推送的：平台没有说明账号，仓库也没有写明单位（mulu hook install --agency）"
            )
        return self._mulu("review", old, new, "--repo", str(self.repo.folder), *author)

    def _check(self, new: str) -> int:
        """The first push: the whole register, seen through a repository that has only this commit.

        The real one has no commit yet that git could stand on, and quarantine forbids to write one.
        """
        with tempfile.TemporaryDirectory(prefix="mulu-first-") as first:
            objects = [self.variables.get(name, "") for name in _OBJECTS]
            objects.append(str(self.repo.folder / "objects"))
            variables = {k: v for k, v in self.variables.items() if k not in _HERE}
            variables["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = os.pathsep.join(filter(None, objects))
            for arguments in (["init", "--quiet", "--bare", first], ["-C", first, "update-ref", "--no-deref", "HEAD", new]):  # fmt: skip
                if _run(["git", *arguments], variables=variables).returncode:
                    return _refuse("不能读取推送的内容", ENVIRONMENT)
            return self._mulu("check", "--root", first, "--at", new, variables=variables)

    def _author(self) -> list[str] | None:
        """Who pushes, as options of the judge; None where nobody can be named."""
        for name, forge in _PUSHERS.items():
            if self.variables.get(name):
                return _account(f"{forge}:{self.variables[name]}")
        if self.variables.get("MULU_ACCOUNT"):
            return _account(self.variables["MULU_ACCOUNT"])
        agency = self.repo.setting("agency")
        return ["--as", agency] if _AGENCY.fullmatch(agency) else None

    def _mulu(self, *arguments: str, variables: Mapping[str, str] | None = None) -> int:
        """Run the judge as a process of its own; its words go to the one who pushes."""
        everything = {**self.variables, "GIT_DIR": str(self.repo.folder)} if variables is None else variables  # fmt: skip
        call = [sys.executable, "-P", "-m", "mulu.cli.main", *arguments, *self.today]
        sys.stdout.flush()
        try:
            done = subprocess.run(call, env=everything, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL)  # fmt: skip
        except subprocess.TimeoutExpired:
            return _refuse(f"{_SECONDS} 秒没有判断完，不能算通过", FAULT)
        return done.returncode if done.returncode >= 0 else FAULT


def _updates(lines: str) -> Iterator[Update]:
    """The refs of a push as git lists them.  Raises Stop for a line of another form."""
    for line in lines.splitlines():
        found = _UPDATE.fullmatch(line)
        if found is None:
            raise Stop("不认识 Git 给出的推送内容", FAULT)
        yield Update(*found.groups())


def _account(account: str) -> list[str] | None:
    return ["--account", account] if _ACCOUNT.fullmatch(account) else None


def _refuse(why: str, code: int = FINDINGS) -> int:
    click.echo(f"mulu：{why}", err=True)
    return code


def _is_ours(script: Path) -> bool:
    lines = script.read_bytes().splitlines() if script.is_file() else []
    return len(lines) > 1 and lines[1].startswith(MARK.encode())


def _program() -> Path:
    """Where the hook will find the program."""
    beside = Path(sys.executable).with_name("mulu")
    return beside if beside.is_file() else Path("mulu")


def _write_script(target: Path, script: bytes) -> None:
    """Put an executable script in place in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".mulu-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(script)
        Path(name).chmod(0o755)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _run(
    call: Sequence[str], *, cwd: Path | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        call, cwd=cwd, env=variables, capture_output=True, text=True, errors="replace", check=False
    )
