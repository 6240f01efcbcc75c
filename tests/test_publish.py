"""A reader of the destination sees the old files or the new ones, never a mixture."""

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mulu.publish import publish, write_file


def whole(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_files_and_manifest_are_written(tmp_path: Path) -> None:
    count = publish([("a/b.html", b"x"), ("c.txt", b"")], tmp_path / "out", {"commit": "c0ffee"})
    assert count == 2
    manifest = json.loads((tmp_path / "out/build.json").read_text())
    assert manifest["commit"] == "c0ffee"
    assert manifest["files"] == {"a/b.html": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "c.txt": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}  # fmt: skip
    assert (tmp_path / "out/a/b.html").read_bytes() == b"x"


def test_a_second_build_replaces_the_first_and_leaves_nothing_aside(tmp_path: Path) -> None:
    publish([("old.html", b"1")], tmp_path / "out", {})
    publish([("new.html", b"2")], tmp_path / "out", {})
    assert sorted(whole(tmp_path / "out")) == ["build.json", "new.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_leaves_the_old_site_whole(tmp_path: Path) -> None:
    publish([("index.html", b"old")], tmp_path / "out", {})
    before = whole(tmp_path / "out")

    def files() -> Iterator[tuple[str, bytes]]:
        yield "index.html", b"new"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        publish(files(), tmp_path / "out", {})
    assert whole(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_build_leaves_the_old_site_whole(tmp_path: Path) -> None:
    publish([("index.html", b"old")], tmp_path / "out", {})
    before = whole(tmp_path / "out")

    def files() -> Iterator[tuple[str, bytes]]:
        yield "index.html", b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(files(), tmp_path / "out", {})
    assert whole(tmp_path / "out") == before


def test_a_folder_that_is_not_ours_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.txt").write_text("x")
    with pytest.raises(FileExistsError):
        publish([("a", b"")], tmp_path / "home", {})
    assert whole(tmp_path / "home") == {"thesis.txt": b"x"}


def test_two_files_with_one_path_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two files"):
        publish([("a", b"1"), ("a", b"2")], tmp_path / "out", {})


def test_write_file_keeps_the_mode_and_leaves_nothing_aside(tmp_path: Path) -> None:
    target = tmp_path / "x" / "a.yml"
    write_file(target, b"1")
    target.chmod(0o640)
    write_file(target, b"2")
    assert target.read_bytes() == b"2"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in target.parent.iterdir()] == ["a.yml"]
