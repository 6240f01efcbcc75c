"""Writes outputs: built aside, checked, swapped in whole.

A reader of the destination sees the old files or the new ones, never a mixture; a build
that dies leaves the old ones.  ``build.json`` names every file with its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

MANIFEST = "build.json"


def publish(
    files: Iterable[tuple[str, bytes]], destination: Path, about: Mapping[str, object]
) -> int:
    """Write all files into a new folder beside the destination, then put it in its place.

    Returns how many files there are.  Raises OSError (disk full, no permission) with the
    destination untouched, and ValueError where two files have one path.
    """
    destination = Path(os.path.abspath(destination))  # noqa: PTH100  a link stays a link
    destination.parent.mkdir(parents=True, exist_ok=True)
    if destination.exists() and not _is_ours(destination):
        raise FileExistsError(17, "目标文件夹里有别的文件，没有改动它；换一个空文件夹", str(destination))  # fmt: skip
    aside = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        digests = _write(files, aside)
        manifest = {**about, "files": dict(sorted(digests.items()))}
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (aside / MANIFEST).write_text(text, "utf-8")
        aside.chmod(0o755)
        _swap(aside, destination)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return len(digests)


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


def _write(files: Iterable[tuple[str, bytes]], folder: Path) -> dict[str, str]:
    digests: dict[str, str] = {}
    made: set[str] = set()
    base = str(folder)
    for path, source in files:
        if path in digests:
            raise ValueError(f"two files for {path}")
        above = path.rpartition("/")[0]
        if above not in made:
            (folder / above).mkdir(parents=True, exist_ok=True)
            made.add(above)
        with open(f"{base}/{path}", "wb") as stream:  # noqa: PTH123  20,000 Path objects cost a second
            stream.write(source)
        digests[path] = hashlib.sha256(source).hexdigest()
    return digests


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
