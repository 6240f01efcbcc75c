"""A register in a directory: the working copy somebody is editing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from mulu.findings import Finding, Place
from mulu.tree import limits

Stamp: TypeAlias = tuple[int, int, int, int]
"""Times of content and of entry in nanoseconds, size, and file number."""


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    found = entry.stat(follow_symlinks=False)
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


class Directory:
    """Reads a register's folders from disk.

    ``findings`` fills while ``files`` is consumed: what cannot be read is said there and
    left out, everything else is still read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.findings: list[Finding] = []

    def files(self, *folders: str) -> Iterator[tuple[str, bytes]]:
        """Every record file below the folders, sorted by path, as (path, bytes)."""
        for path in self._listed(folders):
            source = self._read(path)
            if source is not None:
                yield path, source

    def stamps(self, *folders: str) -> dict[str, Stamp]:
        """How every record file below the folders lies on disk, sorted by path."""
        return {path: _stamp(entry) for path, entry in self._listed(folders).items()}

    def _listed(self, folders: tuple[str, ...]) -> dict[str, os.DirEntry[str]]:
        found = dict(row for folder in folders for row in self._paths(folder))
        self.findings.extend(limits.collisions(found))
        if len(found) > limits.MAX_FILES:
            place = Place(folders[0])
            self.findings.append(limits.TOO_MANY_FILES.finding(place, limit=limits.MAX_FILES))
        return {path: found[path] for path in sorted(found)[: limits.MAX_FILES]}

    def some(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Those of the given files that exist, as (path, bytes)."""
        for path in sorted(set(paths)):
            if (self.root / path).is_file():
                source = self._read(path)
                if source is not None:
                    yield path, source

    def _paths(self, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        stack = [folder] if (self.root / folder).is_dir() else []
        while stack:
            here = stack.pop()
            try:
                entries = sorted(os.scandir(self.root / here), key=lambda entry: entry.name)
            except OSError as error:
                self._refuse_unreadable(here, error)
                continue
            for entry in entries:
                path = f"{here}/{entry.name}"
                if entry.name == ".gitkeep":
                    continue
                problem = limits.name_problem(path)
                is_file = entry.is_file(follow_symlinks=False)
                if problem is None and not is_file:
                    problem = self._kind_problem(path, entry)
                if problem:
                    self.findings.append(problem)
                elif is_file:
                    yield path, entry
                else:
                    stack.append(path)

    def _kind_problem(self, path: str, entry: os.DirEntry[str]) -> Finding | None:
        """What is wrong with what is no plain file: only folders are looked into."""
        what = "特殊文件"
        if entry.is_symlink():
            what = "链接"
        elif entry.is_dir():
            what = "文件夹" if entry.name.endswith(".yml") else ""
        return limits.NOT_A_FILE.finding(Place(path), what=what) if what else None

    def _read(self, path: str) -> bytes | None:
        try:
            with (self.root / path).open("rb") as stream:
                problem = limits.size_problem(path, os.fstat(stream.fileno()).st_size)
                if problem is None:
                    return stream.read()
                self.findings.append(problem)
        except OSError as error:
            self._refuse_unreadable(path, error)
        return None

    def _refuse_unreadable(self, path: str, error: OSError) -> None:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        self.findings.append(limits.UNREADABLE.finding(Place(path), reason=reason))
