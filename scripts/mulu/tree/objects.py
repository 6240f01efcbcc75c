"""Git objects by their hash, and where two trees differ, within a budget.

Trees are read object by object and compared from the top, so that a tree that would unfold
into ten thousand million paths costs no more than the paths the budget allows.  Nothing is
checked out; replace refs, grafts and the attributes of the judged commit play no part.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from git import Repo

from mulu.findings import Finding, Place, Rule, Stage
from mulu.tree import limits
from mulu.tree.commit import MODES, NoRepositoryError, blobs, sizes

_WHY = "一次修改要有人看得过来、机器判得过来：路径不能太多、太深，名称要在任何电脑上都能放下。超出的不再往下看，也就不能算通过。"  # fmt: skip


def _rule(code: str, title: str, says: str, fix: str) -> Rule:
    return Rule(code, title, says, fix, _WHY, stage=Stage.CHANGE)


TOO_MANY_PATHS = _rule("too-many-paths", "一次改动过多", "这次改动超过 {limit} 个文件，没有看完", "分成几次提交")  # fmt: skip
BAD_TREE = _rule("bad-tree", "文件夹已损坏", "这个文件夹的内容写得不合规定", "用 git fsck 检查，重新提交")  # fmt: skip

RULES = (TOO_MANY_PATHS, BAD_TREE)

MAX_PATHS = 5_000
MAX_MERGE_PATHS = 100_000
MAX_TREE = 4 << 20
_ROOM = 96 << 20
_FILE, _FOLDER = "100644", "40000"
_FORBIDDEN = {"", ".", ".."}


class Entry(NamedTuple):
    """One name in a tree: its mode as git writes it, and the object it stands for."""

    mode: str
    sha: str


class Delta(NamedTuple):
    """A file that two trees do not share: what stood there before, and after ('' for nothing)."""

    path: str
    before: str
    after: str


class OverBudgetError(Exception):
    """A change too large to be looked at to its end; ``finding`` says which budget."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule.code)
        self.finding = finding


@dataclass
class Objects:
    """The objects of a repository, through one ``cat-file --batch`` that answers while it is fed."""

    repo: Repo

    def __post_init__(self) -> None:
        self._processes: dict[str, Any] = {}
        self._trees: dict[str, dict[str, Entry]] = {}
        self._sizes: dict[str, int] = {}
        self._contents: dict[str, bytes] = {}

    def size(self, sha: str) -> int:
        """How many bytes an object has.  Raises NoRepositoryError where it is missing."""
        known = self._sizes.get(sha)
        return int(self._ask("--batch-check", sha)[0][2]) if known is None else known

    def read(self, sha: str) -> bytes:
        """An object's content.  Raises NoRepositoryError where it is missing."""
        known = self._contents.get(sha)
        return self._ask("--batch", sha)[1] if known is None else known

    def prime(self, blobs_wanted: Iterable[str]) -> None:
        """Ask for many blobs at once: a tenth of the time of asking one by one.

        Those too large for a record, and what exceeds the memory set aside, are asked for later.
        """
        self._sizes.update(sizes(self.repo, list(dict.fromkeys(blobs_wanted))))
        room, wanted = _ROOM, list[tuple[str, str]]()
        for sha, size in self._sizes.items():
            if size <= limits.MAX_BYTES and size <= room:
                room -= size
                wanted.append((sha, sha))
        self._contents.update(blobs(self.repo, wanted))

    def tree(self, sha: str) -> dict[str, Entry]:
        """The names in a tree; '' is the empty tree.

        Raises OverBudgetError for a tree too large or not written as git writes one.
        """
        known = self._trees.get(sha)
        if known is None:
            if sha and self.size(sha) > MAX_TREE:
                raise OverBudgetError(TOO_MANY_PATHS.finding(Place(""), limit=MAX_PATHS))
            known = dict(_entries(self.read(sha))) if sha else {}
            self._trees[sha] = known
        return known

    def close(self) -> None:
        """Let git go."""
        for process in self._processes.values():
            process.proc.stdin.close()
            process.proc.wait()
        self._processes.clear()

    def _ask(self, form: str, sha: str) -> tuple[list[bytes], bytes]:
        process = self._processes.get(form)
        if process is None:
            command = ["git", "cat-file", form]
            running: Any = self.repo.git.execute(command, as_process=True, istream=subprocess.PIPE)
            process = self._processes[form] = running
        process.proc.stdin.write(f"{sha}\n".encode())
        process.proc.stdin.flush()
        head = process.proc.stdout.readline().split()
        if len(head) != 3:
            raise NoRepositoryError(f"仓库里缺少对象 {sha[:12]}")
        body = b""
        if form == "--batch":
            body = process.proc.stdout.read(int(head[2]))
            process.proc.stdout.read(1)
        return head, body


class Comparison:
    """Where two trees differ, and what is wrong with the names and modes of what is new.

    ``findings`` fills while ``deltas`` is consumed; what is no plain file is said there and
    left out.  Raises OverBudgetError past ``limit`` paths.
    """

    def __init__(self, objects: Objects, *, limit: int = MAX_PATHS, folder: str = "") -> None:
        self.objects = objects
        self.limit = limit
        self.findings: list[Finding] = []
        self._prefix = f"{folder}/" if folder else ""
        self._files = 0
        self._folders = 0

    def deltas(self, before: str, after: str) -> Iterator[Delta]:
        """Every file that differs between two trees, in the order of their names."""
        yield from sorted(self._below("", before, after))

    def _below(self, here: str, before: str, after: str) -> Iterator[Delta]:
        stack = [(here, before, after)]
        while stack:
            folder, old_sha, new_sha = stack.pop()
            old, new = self.objects.tree(old_sha), self.objects.tree(new_sha)
            changed = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
            if folder.startswith(limits.FOLDERS) and any(name not in old for name in changed):
                self.findings.extend(limits.collisions(f"{folder}{name}" for name in new))
            for name in sorted(changed):
                path = f"{folder}{name}"
                was, now = self._file(path, old.get(name), new_side=False), self._file(path, new.get(name), new_side=True)  # fmt: skip
                if was != now:
                    self._count()
                    yield Delta(path, was, now)
                below = _tree_of(old.get(name)), _tree_of(new.get(name))
                if any(below) and self._may_enter(path):
                    stack.append((f"{path}/", *below))

    def _count(self, *, folder: bool = False) -> None:
        self._files += not folder
        self._folders += folder
        if max(self._files, self._folders) > self.limit:
            raise OverBudgetError(TOO_MANY_PATHS.finding(Place(""), limit=self.limit))

    def _file(self, path: str, entry: Entry | None, *, new_side: bool) -> str:
        """The blob of a plain file, '' for anything else; what is wrong with a new one is said."""
        if entry is None or entry.mode == _FOLDER:
            return ""
        if new_side:
            problem = self._problem(path, entry)
            if problem is not None:
                self._count()
                self.findings.append(problem)
                return ""
        return entry.sha if entry.mode == _FILE else f"{entry.mode} {entry.sha}"

    def _problem(self, path: str, entry: Entry) -> Finding | None:
        if not is_safe(path):
            return limits.BAD_NAME.finding(Place(limits.shown(path)))
        if entry.mode != _FILE and not (entry.mode == "100755" and not limits.is_data(path)):
            what = MODES.get(entry.mode.zfill(6), "特殊文件")
            return limits.NOT_A_FILE.finding(Place(limits.shown(path)), what=what)
        return limits.name_problem(path) if limits.is_data(path) and not path.endswith("/.gitkeep") else None  # fmt: skip

    def _may_enter(self, path: str) -> bool:
        self._count(folder=True)
        if path.count("/") + 1 < limits.MAX_DEPTH:
            return True
        place = Place(limits.shown(path))
        self.findings.append(limits.PATH_TOO_DEEP.finding(place, limit=limits.MAX_DEPTH))
        return False


def _tree_of(entry: Entry | None) -> str:
    return entry.sha if entry is not None and entry.mode == _FOLDER else ""


def is_safe(path: str) -> bool:
    """Whether a path can be written, shown and checked out anywhere."""
    parts = path.split("/")
    return not any(
        part in _FORBIDDEN or part.casefold() == ".git" or not part.isprintable() or "\\" in part
        for part in parts
    )


def _entries(source: bytes) -> Iterator[tuple[str, Entry]]:
    """A tree object's rows: mode, blank, name, NUL, twenty bytes of hash."""
    at, end = 0, len(source)
    seen: set[str] = set()
    while at < end:
        blank, nul = source.find(b" ", at), source.find(b"\0", at)
        if not at < blank < nul or nul + 21 > end:
            raise OverBudgetError(BAD_TREE.finding(Place("")))
        name = source[blank + 1 : nul].decode("utf-8", "backslashreplace")
        if name in seen:
            raise OverBudgetError(BAD_TREE.finding(Place(limits.shown(name))))
        seen.add(name)
        mode = source[at:blank].decode("ascii", "replace")
        yield name, Entry(mode.lstrip("0"), source[nul + 1 : nul + 21].hex())
        at = nul + 21
