"""Budgets and names: what may be in a register's folders before anything is read.

The numbers are those of the trust model; a directory and a commit are held to the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from mulu.findings import Finding, Place, Rule, Stage
from mulu.loading.strict_yaml import MAX_BYTES as MAX_RECORD
from mulu.loading.strict_yaml import TOO_LARGE

FOLDERS = ("catalog", "negative-list")
MAX_BYTES = MAX_RECORD
MAX_FILES = 400_000
MAX_DEPTH = 8

_WHY = "记录的路径要在任何电脑上都能原样放下：只用小写字母、数字、连字符和点，不用链接，不靠大小写区分。"  # fmt: skip


def _rule(code: str, title: str, says: str, fix: str) -> Rule:
    return Rule(code, title, says, fix, _WHY, stage=Stage.LOAD)


BAD_NAME = _rule("bad-name", "文件名不合规定", "文件或文件夹的名称含有不允许的字符", "只用小写字母、数字和连字符，最长 80 个字符，例如 hunyin-dengji.yml")  # fmt: skip
NOT_A_FILE = _rule("not-a-file", "不是普通文件", "这里是{what}，不是普通文件", "换成普通文件；记录不用链接和子模块")  # fmt: skip
UNREADABLE = _rule("unreadable", "读不了", "文件读不了：{reason}", "检查文件权限")
PATH_TOO_DEEP = _rule("path-too-deep", "文件夹过深", "路径超过 {limit} 层", "移到规定的位置")
TOO_MANY_FILES = _rule("too-many-files", "文件过多", "文件超过 {limit} 个，其余没有检查", "分成多个登记簿")  # fmt: skip
COLLIDING_NAMES = _rule("colliding-names", "名称只差大小写", "与 {other} 只差大小写或字形", "改成不同的名称：有的系统分不清它们")  # fmt: skip

RULES = (BAD_NAME, NOT_A_FILE, UNREADABLE, PATH_TOO_DEEP, TOO_MANY_FILES, COLLIDING_NAMES)

_NAME = r"[a-z0-9][a-z0-9-]{0,79}(\.[a-z0-9]{1,10})?"
_PATH = re.compile(rf"{_NAME}(/{_NAME})*")


def name_problem(path: str) -> Finding | None:
    """What is wrong with a path as a path, or None."""
    if path.count("/") >= MAX_DEPTH:
        return PATH_TOO_DEEP.finding(Place(shown(path)), limit=MAX_DEPTH)
    if not _PATH.fullmatch(path):
        return BAD_NAME.finding(Place(shown(path)))
    return None


def is_data(path: str) -> bool:
    """Whether a path lies where records lie; everything else governs the register."""
    return path.partition("/")[0] in FOLDERS


def size_problem(path: str, size: int) -> Finding | None:
    """A file too large to be read, or None."""
    return TOO_LARGE.finding(Place(path), size=size, limit=MAX_BYTES) if size > MAX_BYTES else None


def collisions(paths: Iterable[str]) -> Iterator[Finding]:
    """Paths that a case-folding or normalising file system would take for one."""
    seen: dict[str, str] = {}
    for path in sorted(paths):
        folded = unicodedata.normalize("NFC", path).casefold()
        first = seen.setdefault(folded, path)
        if first != path:
            yield COLLIDING_NAMES.finding(Place(shown(path)), other=shown(first))


def shown(path: str) -> str:
    """A path that is safe to show: what is not printable as its code point."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in path)
