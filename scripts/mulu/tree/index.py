"""The tokens of every file of a commit, kept beside the repository's objects from run to run.

Kept by the hash of each file, so an index serves any commit: what it does not know yet is read,
what the commit no longer has is forgotten.  Losing it costs a second, never a verdict.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import cast

from git import Repo

from mulu.tree.commit import blobs, git, open_repository

Tokens = tuple[str, ...]

_FORM = "tokens-1"
_PARALLEL_FROM = 5_000
_EXTRA = 2_000
"""How many files may have been forgotten before the index is written again for them."""


def listing(repo: Repo, commit: str, *folders: str) -> dict[str, str]:
    """The blob of every file below the folders of a commit, by path."""
    rows = git(repo, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *folders).split(b"\0")
    found: dict[str, str] = {}
    for row in filter(None, rows):
        head, _, name = row.partition(b"\t")
        mode, _, sha = head.partition(b" ")
        if mode == b"100644":
            found[name.decode("utf-8", "backslashreplace")] = sha.rpartition(b" ")[2].decode()
    return found


def tokens_of(
    repo: Repo, files: Mapping[str, str], read: Callable[[str, bytes], Tokens]
) -> dict[str, Tokens]:
    """The tokens of files, by path; ``read`` makes them for a file that is not known yet."""
    place = Path(repo.common_dir) / "mulu" / _FORM
    known = _load(place)
    new = [(path, sha) for path, sha in files.items() if sha not in known]
    for (_, sha), found in zip(new, _all(repo, new, read), strict=True):
        known[sha] = found
    if new or len(known) > len(files) + _EXTRA:
        _save(place, {sha: known[sha] for sha in files.values()})
    return {path: known[sha] for path, sha in files.items()}


def _all(
    repo: Repo, wanted: list[tuple[str, str]], read: Callable[[str, bytes], Tokens]
) -> list[Tokens]:
    """The tokens of blobs in their order; by two processes where there are many, halving the time."""
    if len(wanted) < _PARALLEL_FROM:
        return [read(path, source) for path, source in blobs(repo, wanted)]
    half = len(wanted) // 2
    with ProcessPoolExecutor(1) as pool:
        other = pool.submit(_read, str(repo.common_dir), wanted[half:], read)
        mine = [read(path, source) for path, source in blobs(repo, wanted[:half])]
        rest: list[Tokens] = marshal.loads(other.result())  # noqa: S302  our own worker's
    return [*mine, *rest]


def _read(
    folder: str, wanted: list[tuple[str, str]], read: Callable[[str, bytes], Tokens]
) -> bytes:
    repo = open_repository(Path(folder), has_head=False)
    return marshal.dumps([read(path, source) for path, source in blobs(repo, wanted)])


def _load(place: Path) -> dict[str, Tokens]:
    try:
        found = marshal.loads(place.read_bytes())  # noqa: S302  our own file in the repository's folder
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return cast("dict[str, Tokens]", found) if isinstance(found, dict) else {}


def _save(place: Path, known: dict[str, Tokens]) -> None:
    with contextlib.suppress(
        OSError
    ):  # a repository that may not be written is judged all the same
        place.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent)
        os.close(handle)
        Path(name).write_bytes(marshal.dumps(known))
        Path(name).replace(place)
