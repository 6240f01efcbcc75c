"""A register in a commit: git objects, never a checkout.

GitPython finds the repository and runs git; the blobs come through one
``git cat-file --batch`` process, whatever their number.  Replace refs and the head's own
attributes play no part.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from git import Repo
from git.exc import GitError

from mulu.findings import Finding, Place
from mulu.history import Landing
from mulu.tree import limits

_ENVIRONMENT = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": "/dev/null"}
_FILE, _FOLDER = "100644", "040000"
MODES = {"120000": "链接", "160000": "子模块", "100755": "可执行文件"}


class NoRepositoryError(Exception):
    """There is no usable git repository; the message says what to do."""


class ShallowError(NoRepositoryError):
    """The repository holds only a part of its history: what it tells would have a gap."""


class Commit:
    """Reads a register's folders from a commit; the same interface as a directory.

    ``folder`` is where the register lies inside the repository, '' for its top.
    """

    def __init__(self, repo: Repo, revision: str, folder: str = "") -> None:
        self.repo = repo
        self._prefix = f"{folder}/" if folder else ""
        self.sha = _resolve(repo, revision)
        self.findings: list[Finding] = []

    def files(self, *folders: str) -> Iterator[tuple[str, bytes]]:
        """Every record file below the folders, sorted by path, as (path, bytes)."""
        entries = sorted(self._entries(folders))
        self.findings.extend(limits.collisions(path for path, _, _ in entries))
        if len(entries) > limits.MAX_FILES:
            place = Place(folders[0])
            self.findings.append(limits.TOO_MANY_FILES.finding(place, limit=limits.MAX_FILES))
        wanted: list[tuple[str, str]] = []
        for path, sha, size in entries[: limits.MAX_FILES]:
            problem = limits.size_problem(path, size)
            if problem:
                self.findings.append(problem)
            else:
                wanted.append((path, sha))
        yield from blobs(self.repo, wanted)

    def _entries(self, folders: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
        wanted = [self._prefix + folder for folder in folders]
        listing = git(
            self.repo, "ls-tree", "-r", "-l", "-z", "--full-tree", self.sha, "--", *wanted
        )
        for row in filter(None, listing.split(b"\0")):
            head, _, name = row.partition(b"\t")
            mode, kind, sha, size = head.decode().split()
            path = name.decode("utf-8", "backslashreplace").removeprefix(self._prefix)
            if path.endswith("/.gitkeep"):
                continue
            problem = limits.name_problem(path)
            if problem is None and (mode != _FILE or kind != "blob"):
                place = Place(limits.shown(path))
                problem = limits.NOT_A_FILE.finding(place, what=MODES.get(mode, "特殊文件"))
            if problem:
                self.findings.append(problem)
            else:
                yield path, sha, int(size)


def open_repository(folder: Path, *, has_head: bool = True) -> Repo:
    """The repository that a folder lies in.

    Raises NoRepositoryError where there is none, where it is shallow or partial (its history
    would be told with a gap) or, with ``has_head``, where nothing has been committed yet.
    """
    try:
        repo = Repo(folder, search_parent_directories=True)
    except GitError:
        raise NoRepositoryError(f"{folder} 不在 Git 仓库里") from None
    repo.git.update_environment(**_ENVIRONMENT)
    if has_head and not repo.head.is_valid():
        raise NoRepositoryError("仓库里还没有提交")
    if (Path(repo.common_dir) / "shallow").exists():
        raise ShallowError("这是不完整的克隆（shallow），历史不全；请运行 git fetch --unshallow")
    if _is_partial(repo):
        raise ShallowError(
            "这是不完整的克隆（partial），有的对象不在本机；请重新克隆，不用 --filter"
        )
    return repo


def _is_partial(repo: Repo) -> bool:
    """Whether objects may be missing on purpose: a remote has promised to send them later."""
    with repo.config_reader() as config:
        return any(
            config.has_option(section, "promisor")
            or config.has_option(section, "partialclonefilter")
            for section in map(str, config.sections())
        )


def folder_of(repo: Repo, root: Path) -> str:
    """Where a folder lies inside its repository, '' for the top."""
    top = Path(str(repo.working_tree_dir or repo.common_dir)).resolve()
    inside = root.resolve().relative_to(top).as_posix()
    return "" if inside == "." else inside


def day_of(repo: Repo, revision: str) -> str:
    """The civil date of a commit in Asia/Shanghai, as YYYY-MM-DD."""
    return _log_line(repo, revision, "%cd")


def sha_of(repo: Repo, revision: str) -> str:
    """The full hash of a revision."""
    return _resolve(repo, revision)


def is_clean(repo: Repo, *paths: str) -> bool:
    """Whether the working copy holds just what HEAD does, below the paths."""
    return not git(repo, "status", "--porcelain", "-z", "--", *paths)


def unpack(repo: Repo, sha: str, folder: str, into: Path) -> None:
    """Write a register as a commit has it, with its own schemas and pages, into an empty folder.

    ``folder`` is where it lies inside the repository, '' for its top.  Links that lead outside
    are left out by the archive's own rules.
    """
    packed = git(repo, "archive", "--format=tar", f"{sha}:{folder}" if folder else sha)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(into, filter="data")


def history(repo: Repo, folder: str, revision: str, *paths: str) -> dict[str, list[Landing]]:
    """For every file below the paths, the commits that touched it, newest first.

    ``folder`` is where the register lies inside the repository ('' for its top); file
    names come out relative to it.  One streamed ``git log`` for all files.
    """
    prefix = f"{folder}/" if folder else ""
    found: dict[str, list[Landing]] = {}
    for entry in _log_entries(repo, revision, [prefix + path for path in paths]):
        commit, day, author, rest = entry.split(b"\0", 3)
        subject, _, names = rest.partition(b"\0")
        landing = Landing(commit.decode(), day.decode(), _clean(author), _clean(subject))
        for name in names.replace(b"\n", b"").split(b"\0"):
            path = name.decode("utf-8", "backslashreplace")
            if path:
                found.setdefault(path.removeprefix(prefix), []).append(landing)
    return found


def _log_entries(repo: Repo, revision: str, paths: list[str]) -> Iterator[bytes]:
    """The log with its file names, an entry at a time as git writes it."""
    form = "--format=%x01%H%x00%cd%x00%an%x00%s"
    command = [
        "git",
        "log",
        *_LOG,
        form,
        "--name-only",
        "-z",
        "--no-renames",
        revision,
        "--",
        *paths,
    ]
    process: Any = repo.git.execute(command, as_process=True, env=_LOCALE)
    waiting = b""
    while chunk := process.proc.stdout.read(1 << 16):
        *entries, waiting = (waiting + chunk).split(b"\x01")
        yield from filter(None, entries)
    if waiting:
        yield waiting
    if process.proc.wait():
        raise NoRepositoryError("git log 没有成功")


_LOG = ("--date=format-local:%Y-%m-%d", "--no-show-signature")
_LOCALE = {"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"}


def _log_line(repo: Repo, revision: str, form: str) -> str:
    return git(repo, "log", *_LOG, f"--format={form}", "-1", revision).decode().strip()


def _resolve(repo: Repo, revision: str) -> str:
    try:
        return str(repo.git.rev_parse("--verify", "--end-of-options", f"{revision}^{{commit}}"))
    except GitError:
        raise NoRepositoryError(f"仓库里没有 {limits.shown(revision)} 这个提交") from None


def git(repo: Repo, *arguments: str, quiet: bool = False) -> bytes:
    """What a git command prints; nothing where it fails and ``quiet``.

    Raises NoRepositoryError where it fails otherwise.
    """
    try:
        output: Any = repo.git.execute(
            ["git", *arguments], stdout_as_string=False, strip_newline_in_stdout=False,
            env=_LOCALE,
        )  # fmt: skip
    except GitError as error:
        if quiet:
            return b""
        raise NoRepositoryError(f"git {arguments[0]} 没有成功：{type(error).__name__}") from None
    return bytes(output)


def sizes(repo: Repo, shas: list[str]) -> Iterator[tuple[str, int]]:
    """The size of each object in bytes; those that are missing are left out."""
    with tempfile.TemporaryFile() as names:
        names.write("".join(f"{sha}\n" for sha in shas).encode())
        names.seek(0)
        output: Any = repo.git.cat_file("--batch-check", "--buffer", istream=names)
    for row in str(output).splitlines():
        sha, _, rest = row.partition(" ")
        if rest.rpartition(" ")[2].isdigit():
            yield sha, int(rest.rpartition(" ")[2])


def order_of(repo: Repo, revision: str, most: int) -> list[str]:
    """The newest commits, newest first."""
    return git(repo, "log", "--format=%H", f"-{most}", revision).decode().split()


def versions(repo: Repo, wanted: list[tuple[str, str]]) -> list[bytes | None]:
    """The content of files in commits, given as (commit, path); None where there was none."""
    if not wanted:
        return []
    names = "".join(f"{commit}:{path}\n" for commit, path in wanted).encode()
    with tempfile.TemporaryFile() as questions:
        questions.write(names)
        questions.seek(0)
        process: Any = repo.git.execute(["git", "cat-file", "--batch", "--buffer"], as_process=True, istream=questions)  # fmt: skip
        found: list[bytes | None] = []
        with open(process.proc.stdout.fileno(), "rb", 1 << 20, closefd=False) as answers:
            for _ in wanted:
                head = answers.readline().split(b" ")
                is_blob = len(head) == 3 and head[1] == b"blob"
                found.append(answers.read(int(head[2]) + 1)[:-1] if is_blob else None)
    return found


def blobs(repo: Repo, wanted: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """The contents of blobs by hash, through one ``cat-file --batch`` fed from a thread.

    Raises NoRepositoryError where an object is missing (a partial clone, a damaged one).
    """
    command = ["git", "cat-file", "--batch", "--buffer"]
    process: Any = repo.git.execute(command, as_process=True, istream=subprocess.PIPE)
    names = "".join(f"{sha}\n" for _, sha in wanted).encode()
    feeder = threading.Thread(target=_feed, args=(process.proc.stdin, names), daemon=True)
    feeder.start()
    with open(process.proc.stdout.fileno(), "rb", 1 << 20, closefd=False) as answers:
        for path, sha in wanted:
            head = answers.readline().split()
            if len(head) != 3 or head[1] != b"blob":
                raise NoRepositoryError(f"仓库里缺少对象 {sha[:12]}（{limits.shown(path)}）")
            yield path, answers.read(int(head[2]) + 1)[:-1]
    feeder.join()


def _feed(stream: Any, names: bytes) -> None:
    with stream:
        stream.write(names)


def _clean(text: bytes) -> str:
    return "".join(c for c in text.decode("utf-8", "replace") if c.isprintable())
