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
from collections.abc import Iterator, Mapping, MutableMapping
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

    @property
    def blocks(self) -> Blocks:
        """Values that are worked out and kept one by one, whichever process does it."""
        return Blocks(self.place.with_name(f"{self.place.name}-blocks"), self.stamp)

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


@dataclass(frozen=True)
class Blocks(MutableMapping[bytes, Any]):
    """Plain values by key, each in a file of its own; what was kept for another stamp is not there."""

    folder: Path
    stamp: str

    def __getitem__(self, key: bytes) -> Any:
        try:
            found: Any = marshal.loads(self._place(key).read_bytes())  # noqa: S302  our own
            stamp, value = found
        except (OSError, ValueError, EOFError, TypeError):
            raise KeyError(key) from None
        if stamp != self.stamp:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: Any) -> None:
        """Keep a value; where that cannot be done it is worked out again the next time."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            aside = self._place(key).with_suffix(f".{os.getpid()}")
            aside.write_bytes(marshal.dumps((self.stamp, value)))
            aside.replace(self._place(key))

    def __delitem__(self, key: bytes) -> None:
        self._place(key).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[bytes]:
        for path in self.folder.glob("*"):
            with contextlib.suppress(ValueError):
                yield bytes.fromhex(path.name)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _place(self, key: bytes) -> Path:
        return self.folder / key.hex()


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
