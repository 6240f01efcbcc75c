"""What an earlier build knew, kept from run to run so that unchanged work is not done again.

Lies beside the repository's objects (or in the user's cache), never where a site is
published: it holds records whole.  Losing it costs a minute, never a byte of the site.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from git import Repo

from mulu.tree.commit import NoRepositoryError, open_repository
from mulu.tree.directory import Stamp

_RACE = 50_000_000
"""Nanoseconds: a file written so shortly before it was read may change again unseen."""


@dataclass
class Memory:
    """Plain values by name; ``files`` are records as they were read, by path.

    ``stamp`` is what must be equal for anything here to count: the program and its language.
    """

    place: Path
    stamp: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def files(self) -> dict[str, tuple[Stamp, bytes, Any]]:
        """Records by path: how the file lay on disk, its digest and its data."""
        found: dict[str, tuple[Stamp, bytes, Any]] = self.values.setdefault("files", {})
        return found

    def save(self) -> None:
        """Write everything down; where that cannot be done, the next run starts afresh."""
        with contextlib.suppress(OSError):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", dir=self.place.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    marshal.dump((self.stamp, self.values), stream)
                os.replace(name, self.place)  # noqa: PTH105
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise


def remember(root: Path, output: Path, stamp: str) -> Memory:
    """What is known of a register and an output folder; empty where nothing fits."""
    name = hashlib.sha256(f"{root}\n{os.path.abspath(output)}".encode()).hexdigest()[:16]  # noqa: PTH100
    place = _folder(root) / f"build-{name}"
    try:
        known: Any = marshal.loads(place.read_bytes())  # noqa: S302  our own, in the repository's folder
        found, values = known
        if found == stamp:
            return Memory(place, stamp, values)
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return Memory(place, stamp)


def _folder(root: Path) -> Path:
    try:
        repo: Repo = open_repository(root, has_head=False)
    except NoRepositoryError:
        cache = os.environ.get("XDG_CACHE_HOME")  # noqa: TID251  the shell
        return (Path(cache) if cache else Path.home() / ".cache") / "mulu"
    return Path(repo.common_dir) / "mulu"


def settled(stamps: Mapping[str, Stamp], now: int) -> set[str]:
    """The files that cannot have changed since without its being seen (git calls the others racy)."""
    return {path for path, stamp in stamps.items() if max(stamp[0], stamp[1]) < now - _RACE}


def moment(folder: Path) -> int:
    """Now, as the file system that holds a folder counts it, in nanoseconds."""
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_mtime_ns
