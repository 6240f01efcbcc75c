"""``mulu intake``: an issue, or a form filled in on the site, becomes a branch with the record.

Nothing of the file is executed or put into a command line.  What cannot become a record is
refused politely, in a text fit for a comment; what can is judged first, then committed by
git's plumbing with the date of the issue, so that the same issue gives the same commit.  A
branch that somebody else has added to is left as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from mulu.cli.drafting import derive, free_key, key_of, loaded, open_case
from mulu.cli.shell import CLEAN, ENVIRONMENT, FINDINGS, Shell, Stop, load_register, say, with_shell
from mulu.record import Data, Value

VERSION = 1
_MAX = 1 << 20
_FORGES = {"github": ("github",), "gitea": ("gitea",), "gitlab": ("gitlab",)}
_MARK = "Intake: "
_EMAIL = "intake@localhost"
_HALF = re.compile("[\ud800-\udfff]")


@click.command(help="把议题（平台的事件或接口数据）或网页表单下载的文件变成一条记录；结果是 JSON，拒绝时退出码为 1。")  # fmt: skip
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--repo", type=click.Path(path_type=Path, exists=True, file_okay=False), help="把记录提交到这个仓库（可以是裸仓库）的 intake/ 分支。")  # fmt: skip
@click.option("--base", default="main", show_default=True, help="从哪个提交开分支。")
@click.option("--account", metavar="平台:账号", help="由哪个账号提交，如 gitea:sz-minzheng；不写为议题的作者。")  # fmt: skip
@with_shell
def command(shell: Shell, file: Path, repo: Path | None, base: str, account: str | None) -> int:
    """Read, draft, judge, commit; print what came of it."""
    from mulu.formats.issue import Refused

    with file.open("rb") as stream:
        source = stream.read(_MAX + 1)
    answer: dict[str, object]
    try:
        answer = Intake(shell, repo, base, _parted(account)).take(source)
    except Refused as refused:
        answer = {"version": VERSION, "refused": list(refused.reasons), "comment": _comment(refused)}  # fmt: skip
    say(json.dumps(answer, ensure_ascii=False, indent=1))
    return FINDINGS if "refused" in answer else CLEAN


def _parted(account: str | None) -> tuple[str, str] | None:
    if account is None:
        return None
    forge, _, name = account.partition(":")
    if forge not in _FORGES or not name:
        raise Stop("--account 写成 平台:账号，如 gitea:sz-minzheng")
    return forge, name


@dataclass(frozen=True)
class Draft:
    """A record on its way: where, what, in whose name, and what it came from."""

    path: str
    source: bytes
    agency: str
    origin: str
    branch: str
    title: str
    day: str


@dataclass(frozen=True)
class Intake:
    """One file, taken into one register: the working copy, or a commit of a repository."""

    shell: Shell
    repo: Path | None
    base: str
    account: tuple[str, str] | None = None

    def take(self, source: bytes) -> dict[str, object]:
        """What the file becomes.  Raises Refused, or Stop for what the user can mend."""
        from mulu.formats.issue import Refused, issue_of

        if len(source) > _MAX:
            raise Refused("文件太大")
        try:
            payload: Value = json.loads(source)
        except (ValueError, RecursionError):
            raise Refused("文件不是 JSON") from None
        register = self._register()
        if isinstance(payload, dict) and payload.get("mulu") == "intake/1":
            draft = self._of_form(register, payload)
        else:
            draft = self._of_issue(register, issue_of(payload))
        problems = self._judge(register, draft)
        if problems:
            raise Refused(*problems)
        commit = self._commit(draft) if self.repo is not None else None
        body = self._body(draft, commit)
        if commit is not None:  # last, so that whatever fails before leaves no branch
            self._move(draft, commit)
        return {
            "version": VERSION,
            "branch": draft.branch,
            "path": draft.path,
            "agency": draft.agency,
            "title": draft.title,
            "body": body,
            "commit": commit,
        }

    # ------------------------------------------------------------------ the register

    def _register(self) -> Any:
        from mulu.tree.commit import NoRepositoryError
        from mulu.tree.directory import Directory

        if self.repo is None:
            return load_register(self.shell, Directory(self.shell.root))[0]
        try:
            return load_register(self.shell, self._tree)[0]
        except NoRepositoryError as error:
            raise Stop(str(error), ENVIRONMENT) from None

    @cached_property
    def _tree(self) -> Any:
        """The commit that base names; asked once, so that all is about the same one."""
        from mulu.tree.commit import Commit, open_repository

        assert self.repo is not None  # noqa: S101  only asked for with a repository
        return Commit(open_repository(self.repo, has_head=False), self.base)

    # ------------------------------------------------------------------ drafts

    def _of_issue(self, register: Any, issue: Any) -> Draft:
        from mulu.formats.issue import Refused, parsed
        from mulu.loading import canonical

        known = self._landed(issue.name)
        if known:
            raise Refused(f"此单已经登记为 {known}；情况有变的，请在那个案件里追加动作", again=False)  # fmt: skip
        kind, data, act = parsed(register, issue)
        own = self._agency_of(register, *(self.account or (issue.forge, issue.login)))
        named = str(data.get("applicant", ""))
        _same(register, own, named)
        if not register.is_known("agency", named or own):
            raise Refused("登记簿里没有这个提出单位；请写单位的简称或代号")
        data.setdefault("applicant", own)
        then = Shell(self.shell.given_root, date.fromisoformat(issue.day))
        try:
            derive(register, kind, data, own)
            open_case(register, kind, data, act, then)
            key = free_key(register, kind, key_of(kind, data, own, then))
        except Stop as stop:
            raise Refused(str(stop)) from None
        schema = register.schemas.kinds[kind]
        path = schema.file(key)
        if not schema.pattern.match(path):
            raise Refused("提出单位或所涉资源的代号不合规定")
        source = canonical.dump(data, schema.schema)
        branch = f"intake/{issue.forge}-{issue.number}"
        title = f"{schema.title}：{register.agency_title(str(data['applicant']))}"
        return Draft(path, source, str(data["applicant"]), issue.name, branch, title, issue.day)

    def _of_form(self, register: Any, payload: Data) -> Draft:
        from mulu.formats.issue import Refused

        path, text = payload.get("path"), payload.get("source")
        if not isinstance(path, str) or not isinstance(text, str) or set(payload) != {"mulu", "path", "source"}:  # fmt: skip
            raise Refused("文件不是网页表单下载的样子")
        if _HALF.search(path + text):
            raise Refused("文件里有不成字的字符")
        kind = register.schemas.kind_of(path)
        if kind is None:
            raise Refused("文件里写的位置不放任何一类记录")
        if register.is_known(kind.name, kind.key(path)):
            raise Refused(f"{path} 已经有了；要补充的，请在那里追加动作", again=False)
        source = text.encode()
        record, findings = loaded(path, source, register)
        if record is None:
            raise Refused(*(_sentence(one) for one in findings))
        own = self._agency_of(register, *self.account) if self.account else ""
        named = record.text("applicant") or record.key.partition("/")[0]
        agency = named if register.is_known("agency", named) else own
        _same(register, own, agency)
        acts = record.rows("acts")
        day = str(acts[0]["date"]) if acts else self._base_day()
        digest = hashlib.sha256(f"{path}\n{text}".encode()).hexdigest()[:12]
        title = f"{kind.title}：{register.agency_title(agency) if agency else record.key}"
        return Draft(path, source, agency, f"form#{digest}", f"intake/form-{digest}", title, day)

    def _agency_of(self, register: Any, forge: str, login: str) -> str:
        """The agency that an account stands for, or ''."""
        found = {
            agency.key
            for agency in register.of("agency").values()
            for row in agency.rows("accounts")
            if row.get("forge") in _FORGES[forge] and row.get("name") == login
        }
        return found.pop() if len(found) == 1 else ""

    def _judge(self, register: Any, draft: Draft) -> list[str]:
        from mulu.findings import Level
        from mulu.judge import judge
        from mulu.register import index
        from mulu.trust import secrecy

        if any(hit.certain for hit in secrecy.scan_bytes(draft.source)):
            return ["内容里有国家秘密标志、个人号码或密钥一类不得公开的内容；请从议题里删去（包括它的修改记录）"]  # fmt: skip
        record, findings = loaded(draft.path, draft.source, register)
        if record is not None:
            whole = index([*register, record], register.schemas, register.pack, register.broken, register.policies)  # fmt: skip
            findings = [one for one in judge(whole, self.shell.today).findings if one.place.path == draft.path]  # fmt: skip
        return [_sentence(one) for one in findings if one.rule.level is Level.ERROR]

    # ------------------------------------------------------------------ the commit

    def _git(self, *arguments: str, text: str = "", **environment: str) -> str:
        import os
        import subprocess

        call = ["git", "-C", str(self.repo), *arguments]
        done = subprocess.run(call, input=text.encode(), capture_output=True, env={**os.environ, **environment}, check=False)  # noqa: TID251  # fmt: skip
        if done.returncode:
            raise Stop(f"git {arguments[0]} 没有成功", ENVIRONMENT)
        return done.stdout.decode().strip()

    def _landed(self, origin: str) -> str:
        """The path that an issue has already become in base, or ''."""
        if self.repo is None:
            return ""
        subject = self._git("log", "-1", "--extended-regexp", f"--grep=^{_MARK}{origin}$", "--format=%s", self._tree.sha)  # fmt: skip
        return subject.partition(" ")[2]

    def _base_day(self) -> str:
        """The day of a record that says none: the base's, so that the commit stays the same."""
        return self.shell.today.isoformat() if self.repo is None else self._git("show", "--no-patch", "--format=%cs", self._tree.sha)  # fmt: skip

    def _old(self, draft: Draft) -> str:
        """Where the branch is, '' where it is not.  Raises Refused where its tip is not ours."""
        from mulu.formats.issue import Refused

        old = self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{draft.branch}")
        if old:
            email, *message = self._git("log", "-1", "--format=%ae%n%B", old).split("\n")
            if email != _EMAIL or f"{_MARK}{draft.origin}" not in message:
                raise Refused("合入请求里已经有别人接着做的修改；要改的，请在那里改", again=False)
        return old

    def _commit(self, draft: Draft) -> str:
        """The commit of the record on base; no branch knows of it yet."""
        self._old(draft)
        base = self._tree.sha
        blob = self._git("hash-object", "-w", "--stdin", text=draft.source.decode())
        with tempfile.TemporaryDirectory(prefix="mulu-intake-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", base, **index)
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{draft.path}", **index)  # fmt: skip
            tree = self._git("write-tree", **index)
        message = f"登记 {draft.path}\n\n{_MARK}{draft.origin}\n"
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "mulu intake"), ("EMAIL", _EMAIL), ("DATE", f"{draft.day}T00:00:00+08:00"))}  # fmt: skip
        return self._git("commit-tree", tree, "-p", base, text=message, **who)

    def _move(self, draft: Draft, commit: str) -> None:
        """The branch onto the commit, in one step, if nobody has moved it meanwhile."""
        old = self._old(draft) or "0" * len(commit)
        self._git("update-ref", f"refs/heads/{draft.branch}", commit, old)

    # ------------------------------------------------------------------ what people read

    def _body(self, draft: Draft, commit: str | None) -> str:
        """The text of the pull request: what it is, and the first review of it."""
        from mulu.reporters import markdown

        parts = [
            f"由 {markdown.encode(draft.origin)} 登记，文件 {markdown.inert(draft.path)}。",
            "",
        ]
        if commit is not None and self.repo is not None:
            from mulu.cli.review import review_of

            told, lines = review_of(self.shell, self.repo, self._tree.sha, commit, agency=draft.agency or None, account=None)  # fmt: skip
            parts.append(markdown.render_review(told, translate=str, lines=lines))
        else:
            rows = draft.source.decode().rstrip("\n").split("\n")
            parts += [f"    {row}" for row in rows]
        return "\n".join(parts).rstrip("\n") + "\n"


def _same(register: Any, own: str, named: str) -> None:
    """Raises Refused where an account's agency and the one that is named are two."""
    from mulu.formats.issue import Refused

    if own and named and own != named:
        raise Refused(f"账号属于{register.agency_title(own)}，不能以{register.agency_title(named)}的名义提出")  # fmt: skip


def _sentence(finding: Any) -> str:
    return f"{finding.sentence(str, str)}。{finding.remedy(str, str)}"


def _comment(refused: Any) -> str:
    """A polite refusal, every reason inert."""
    from mulu.reporters.markdown import encode

    rows = "\n".join(f"- {encode(reason)}" for reason in refused.reasons[:50])
    if not refused.again:
        return f"谢谢提交。没有据此登记：\n\n{rows}\n"
    return f"谢谢提交。还不能登记，因为：\n\n{rows}\n\n请修改这个议题（编辑正文即可），修改之后会再试一次。\n"
