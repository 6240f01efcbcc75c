"""What an earlier build knew, kept from run to run so that unchanged work is not done again.

Lies beside the repository's objects (or in the user's cache), never where a site is
published: it holds records whole.  Losing it costs a minute, never a byte of the site.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

from git import Repo

from mulu.tree.commit import NoRepositoryError, open_repository
from mulu.tree.directory import Stamp

_RACE = 50_000_000
"""Nanoseconds: a file written so shortly before it was read may change again unseen."""

_LITTLE = 8
"""Changes of less than one value in so many are written beside the rest, not with it."""


@dataclass
class Memory:
    """Plain values by name; ``files`` are records as they were read, by path.

    ``stamp`` is what must be equal for anything here to count: the program and its language.
    Two files keep it: the values as they once were, and what has changed in them since.
    """

    place: Path
    stamp: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    base: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The values of the first file; never changed, so that what is new is told by identity."""
    number: bytes = b""
    """Which first file the second one belongs to."""

    @property
    def files(self) -> dict[str, tuple[Stamp, bytes, Any]]:
        """Records by path: how the file lay on disk, its digest and its data."""
        found: dict[str, tuple[Stamp, bytes, Any]] = self.values.setdefault("files", {})
        return found

    @property
    def blocks(self) -> Blocks:
        """Values that are worked out and kept one by one, whichever process does it."""
        return Blocks(self.place.with_name(f"{self.place.name}-blocks"), self.stamp)

    @property
    def templates(self) -> str:
        """A folder for compiled templates; '' where none can be had."""
        folder = self.place.parent / "templates" / self.stamp[:16]
        with contextlib.suppress(OSError):
            if not folder.is_dir():  # another version's may mean something else
                shutil.rmtree(folder.parent, ignore_errors=True)
                folder.mkdir(parents=True)
            return str(folder)
        return ""

    def save(self) -> None:
        """Write down what is new; where that cannot be done, the next run starts afresh."""
        changes = {name: _difference(self.base.get(name), value) for name, value in self.values.items()}  # fmt: skip
        if sum(change[2] for change in changes.values()) < sum(map(_size, self.base.values())) // _LITTLE:  # fmt: skip
            _write(_beside(self.place), (self.number, changes))
            return
        number = os.urandom(8)
        _write(self.place, (self.stamp, number, self.values))
        _write(_beside(self.place), (number, {name: _difference(value, value) for name, value in self.values.items()}))  # fmt: skip


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
        found, number, base = _read(place)
        of, changes = _read(_beside(place))
        if (found, of) == (stamp, number):
            values = {name: _changed(base.get(name), change) for name, change in changes.items()}
            return Memory(place, stamp, values, base, number)
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return Memory(place, stamp)


# A change of a value is (its new values by key, the keys that are gone, how many those are);
# of what is no dictionary, and of what was none, it is the whole value under None.
_Change: TypeAlias = tuple[Any, tuple[Any, ...], int]


def _difference(old: Any, new: Any) -> _Change:
    if not _is_mapping(old) or not _is_mapping(new):
        return (None, (), 0) if new is old else ([new], (), _size(new))
    fresh = {key: value for key, value in new.items() if old.get(key, old) is not value}
    gone = tuple(old.keys() - new.keys())
    return fresh, gone, len(fresh) + len(gone)


def _size(value: Any) -> int:
    return len(value) if _is_mapping(value) else 1


def _is_mapping(value: Any) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def _changed(old: Any, change: _Change) -> Any:
    fresh, gone, _ = change
    if not _is_mapping(fresh):
        return old if fresh is None else fresh[0]
    found = {**old, **fresh}
    for key in gone:
        del found[key]
    return found


def _beside(place: Path) -> Path:
    return place.with_name(f"{place.name}-since")


def _read(place: Path) -> Any:
    return marshal.loads(place.read_bytes())  # noqa: S302  our own, in the repository's folder


def _write(place: Path, value: Any) -> None:
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                marshal.dump(value, stream)
            os.replace(name, place)  # noqa: PTH105
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


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
