"""Writes outputs: built aside, checked, swapped in whole.

A reader of the destination sees the old files or the new ones; a build that dies leaves the
old ones.  ``build.json`` names every file with its digest.  Where the destination is what an
earlier run left, only files that are new are made: they are all written aside first, and a
plan says which go where; from then on the change is finished, by this run or by the next.
"""

from __future__ import annotations

import gc
import hashlib
import json
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from mulu.pages.sheet import Sheet

MANIFEST = "build.json"
_PLAN = "plan.json"
_PARALLEL_FROM = 12

Part: TypeAlias = Callable[[], Iterable[Sheet]]
"""Some of the files; parts are made independently, perhaps in different processes."""


class Kept(NamedTuple):
    """A file as it was left: the key it was made under, its digest, and how it lies on disk."""

    key: bytes
    digest: str
    size: int
    changed: int


@dataclass(frozen=True)
class Left:
    """What an earlier run left in the destination; ``manifest`` tells whether it is still that."""

    manifest: str = ""
    files: Mapping[str, Kept] = field(default_factory=dict[str, Kept])

    def without(self, altered: set[str] | None) -> dict[str, Kept]:
        """The files, those that ``altered_since`` found under a key that no sheet has."""
        if altered is None:
            return {}
        return {**self.files, **{path: self.files[path]._replace(key=b"") for path in altered}}


def publish(
    parts: Sequence[Part],
    destination: Path,
    about: Mapping[str, object],
    *,
    there: Mapping[str, Kept] | None = None,
    standing: Iterable[str] = (),
    jobs: int = 1,
    may_land: Callable[[], bool] = lambda: True,
) -> Left | None:
    """Make all files and put them in the destination's place; returns what is left there.

    ``there`` is what an earlier run left; what ``standing`` names of it stays, and no part
    makes it.  ``may_land`` is asked when everything is made; where it says no, nothing is changed and
    None returned.  Raises OSError (disk full, no permission) with the destination untouched,
    and ValueError where two files have one path.
    """
    destination = Path(os.path.abspath(destination))  # noqa: PTH100  a link stays a link
    destination.parent.mkdir(parents=True, exist_ok=True)
    _finish(destination)
    if destination.exists() and not _is_ours(destination):
        raise FileExistsError(17, "目标文件夹里有别的文件，没有改动它；换一个空文件夹", str(destination))  # fmt: skip
    known = there or {}
    aside = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        files = _make(parts, aside, known, jobs)
        for path in standing:
            _add(files, path, known[path])
        digests = {path: files[path].digest for path in sorted(files)}
        # a line for each without indent, which would cost four times as much
        text = json.dumps({**about, "files": digests}, ensure_ascii=False, separators=(",\n", ": "))
        manifest = f"{text}\n".encode()
        if not may_land():
            shutil.rmtree(aside, ignore_errors=True)
            return None
        (aside / MANIFEST).write_bytes(manifest)
        aside.chmod(0o755)
        if known:
            made = [path for path, file in files.items() if known.get(path) is not file]
            _land(aside, destination, made, [path for path in known if path not in files])
        else:
            _swap(aside, destination)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return Left(hashlib.sha256(manifest).hexdigest(), files)


def altered_since(destination: Path, left: Left) -> set[str] | None:
    """The files that are not as an earlier run left them; None where the whole is something else."""
    destination = Path(os.path.abspath(destination))  # noqa: PTH100
    _finish(destination)
    manifest = destination / MANIFEST
    if not left.manifest or not manifest.is_file():
        return None
    if hashlib.sha256(manifest.read_bytes()).hexdigest() != left.manifest:
        return None
    return {path for path, file in left.files.items() if not _lies(f"{destination}/{path}", file)}


def _lies(name: str, file: Kept) -> bool:
    try:
        found = os.stat(name)  # noqa: PTH116
    except OSError:
        return False
    return found.st_size == file.size and found.st_mtime_ns == file.changed


def write_file(path: Path, source: bytes) -> None:
    """Write one file so that a reader sees the old bytes or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(source)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        os.chmod(name, mode)  # noqa: PTH101
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# ---------------------------------------------------------------------- making


def _make(
    parts: Sequence[Part], aside: Path, known: Mapping[str, Kept], jobs: int
) -> dict[str, Kept]:
    """Every file of every part: made into ``aside``, or kept where its key is the same."""
    files: dict[str, Kept] = {}
    for rows in _made(parts, _Maker(str(aside), known), jobs):
        for path, kept in rows:
            # the very object that was known: so a file that was kept is told from one made
            _add(files, path, known[path] if kept is None else kept)
    return files


def _add(files: dict[str, Kept], path: str, kept: Kept) -> None:
    if path in files:
        raise ValueError(f"two files for {path}")
    files[path] = kept


def _made(parts: Sequence[Part], maker: _Maker, jobs: int) -> Iterator[list[tuple[str, Kept | None]]]:  # fmt: skip
    if jobs == 1 or len(parts) < _PARALLEL_FROM or not hasattr(os, "fork"):
        yield from map(maker, parts)
        return
    # forked, so that the workers have the register without its being sent to them
    _work.append((parts, maker))
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            yield from pool.map(_make_part, range(len(parts)))
    finally:
        _work.pop()


_work: list[tuple[Sequence[Part], _Maker]] = []


def _make_part(number: int) -> list[tuple[str, Kept | None]]:
    gc.disable()  # values of one part are few and short-lived
    parts, maker = _work[-1]
    return maker(parts[number])


@dataclass
class _Maker:
    """Makes the files of a part; folders are made once."""

    aside: str
    known: Mapping[str, Kept]
    _folders: set[str] = field(default_factory=set[str])

    def __call__(self, part: Part) -> list[tuple[str, Kept | None]]:
        return [(sheet.path, self._file(sheet)) for sheet in part()]

    def _file(self, sheet: Sheet) -> Kept | None:
        old = self.known.get(sheet.path)
        if old is not None and sheet.key == old.key:
            return None
        source = sheet.make()
        name = f"{self.aside}/{sheet.path}"
        above = name.rpartition("/")[0]
        if above not in self._folders:
            os.makedirs(above, exist_ok=True)  # noqa: PTH103  40,000 Path objects cost a second
            self._folders.add(above)
        with open(name, "wb") as stream:  # noqa: PTH123
            stream.write(source)
        changed = os.stat(name).st_mtime_ns  # noqa: PTH116
        return Kept(sheet.key, hashlib.sha256(source).hexdigest(), len(source), changed)


# ---------------------------------------------------------------------- landing


def _land(aside: Path, destination: Path, made: Sequence[str], gone: Sequence[str]) -> None:
    """Put the new files where they belong; once the plan has its name, this is finished by anyone."""
    plan = json.dumps({"made": [*made, MANIFEST], "gone": list(gone)}, ensure_ascii=False)
    (aside / _PLAN).write_text(plan, "utf-8")
    aside.rename(_landing(destination))
    _finish(destination)


def _landing(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.landing")


def _finish(destination: Path) -> None:
    """Carry a plan out, this run's or one that an earlier run could not finish."""
    landing = _landing(destination)
    plan = landing / _PLAN
    if not plan.is_file():
        return
    steps = json.loads(plan.read_text("utf-8"))
    for path in steps["made"]:
        source, target = landing / path, destination / path
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
    for path in steps["gone"]:
        (destination / path).unlink(missing_ok=True)
        _remove_empty((destination / path).parent, destination)
    shutil.rmtree(landing)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _is_ours(destination: Path) -> bool:
    return (destination / MANIFEST).is_file() or not any(destination.iterdir())


def _swap(aside: Path, destination: Path) -> None:
    """Put ``aside`` where ``destination`` is; the old one goes away only afterwards."""
    old = aside.with_name(aside.name + ".old")
    if destination.exists():
        destination.rename(old)
    try:
        aside.rename(destination)
    except BaseException:
        if old.exists():
            old.rename(destination)
        raise
    shutil.rmtree(old, ignore_errors=True)
