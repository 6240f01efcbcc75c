"""A reader of the destination sees the old files or the new ones, never a mixture."""

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mulu.pages.sheet import Sheet, key_of
from mulu.publish import Left, Part, altered_since, publish, write_file


def part(*files: tuple[str, bytes]) -> Part:
    """A part of a site with these files."""
    return lambda: [Sheet(path, key_of(source), lambda source=source: source) for path, source in files]  # type: ignore[misc]  # fmt: skip


def whole(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_files_and_manifest_are_written(tmp_path: Path) -> None:
    left = publish(
        [part(("a/b.html", b"x"), ("c.txt", b""))], tmp_path / "out", {"commit": "c0ffee"}
    )
    assert left is not None
    assert len(left.files) == 2
    manifest = json.loads((tmp_path / "out/build.json").read_text())
    assert manifest["commit"] == "c0ffee"
    assert manifest["files"] == {"a/b.html": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "c.txt": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}  # fmt: skip
    assert (tmp_path / "out/a/b.html").read_bytes() == b"x"


def test_a_second_build_replaces_the_first_and_leaves_nothing_aside(tmp_path: Path) -> None:
    publish([part(("old.html", b"1"))], tmp_path / "out", {})
    publish([part(("new.html", b"2"))], tmp_path / "out", {})
    assert sorted(whole(tmp_path / "out")) == ["build.json", "new.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_leaves_the_old_site_whole(tmp_path: Path) -> None:
    publish([part(("index.html", b"old"))], tmp_path / "out", {})
    before = whole(tmp_path / "out")

    def files() -> Iterator[Sheet]:
        yield from part(("index.html", b"new"))()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        publish([files], tmp_path / "out", {})
    assert whole(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_build_leaves_the_old_site_whole(tmp_path: Path) -> None:
    publish([part(("index.html", b"old"))], tmp_path / "out", {})
    before = whole(tmp_path / "out")

    def files() -> Iterator[Sheet]:
        yield from part(("index.html", b"new"))()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish([files], tmp_path / "out", {})
    assert whole(tmp_path / "out") == before


def test_a_folder_that_is_not_ours_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.txt").write_text("x")
    with pytest.raises(FileExistsError):
        publish([part(("a", b""))], tmp_path / "home", {})
    assert whole(tmp_path / "home") == {"thesis.txt": b"x"}


def test_two_files_with_one_path_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two files"):
        publish([part(("a", b"1"), ("a", b"2"))], tmp_path / "out", {})


def test_write_file_keeps_the_mode_and_leaves_nothing_aside(tmp_path: Path) -> None:
    target = tmp_path / "x" / "a.yml"
    write_file(target, b"1")
    target.chmod(0o640)
    write_file(target, b"2")
    assert target.read_bytes() == b"2"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in target.parent.iterdir()] == ["a.yml"]


def build(
    folder: Path, files: dict[str, bytes], left: Left | None, seen: list[str] | None = None
) -> Left:
    """Publish, noting which files had to be made."""

    def sheets() -> Iterator[Sheet]:
        for path, source in files.items():

            def make(path: str = path, source: bytes = source) -> bytes:
                if seen is not None:
                    seen.append(path)
                return source

            yield Sheet(path, key_of(source), make)

    there = left.without(altered_since(folder, left)) if left else None
    found = publish([sheets], folder, {"n": len(files)}, there=there)
    assert found is not None
    return found


def test_only_what_is_new_is_made_and_the_result_is_that_of_a_clean_build(tmp_path: Path) -> None:
    before = {"a/x.html": b"1", "a/y.html": b"2", "b/z.html": b"3", "gone/w.html": b"4"}
    after = {"a/x.html": b"1", "a/y.html": b"changed", "b/z.html": b"3", "c/new.html": b"5"}
    left = build(tmp_path / "out", before, None)
    seen: list[str] = []
    build(tmp_path / "out", after, left, seen)
    build(tmp_path / "clean", after, None)
    assert seen == ["a/y.html", "c/new.html"]
    assert whole(tmp_path / "out") == whole(tmp_path / "clean")
    assert not (tmp_path / "out/gone").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean", "out"]


def test_a_file_somebody_changed_is_made_again(tmp_path: Path) -> None:
    left = build(tmp_path / "out", {"a.html": b"1", "b.html": b"2"}, None)
    (tmp_path / "out/a.html").write_bytes(b"defaced")
    seen: list[str] = []
    build(tmp_path / "out", {"a.html": b"1", "b.html": b"2"}, left, seen)
    assert seen == ["a.html"]
    assert (tmp_path / "out/a.html").read_bytes() == b"1"


def test_a_destination_that_is_not_what_was_left_is_made_anew(tmp_path: Path) -> None:
    left = build(tmp_path / "out", {"a.html": b"1"}, None)
    build(tmp_path / "out", {"a.html": b"other"}, None)
    seen: list[str] = []
    build(tmp_path / "out", {"a.html": b"1"}, left, seen)
    assert seen == ["a.html"]


def test_a_change_that_was_interrupted_is_finished_by_the_next_run(tmp_path: Path) -> None:
    left = build(tmp_path / "out", {"a.html": b"1", "b.html": b"2"}, None)
    wanted = {"a.html": b"new a", "b.html": b"new b"}
    real, moved = Path.replace, 0

    def dies(self: Path, target: Path) -> Path:
        nonlocal moved
        moved += 1
        if moved == 2:
            raise KeyboardInterrupt
        return real(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path / "out", wanted, left)
    build(tmp_path / "out", wanted, None)
    build(tmp_path / "clean", wanted, None)
    assert whole(tmp_path / "out") == whole(tmp_path / "clean")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean", "out"]


def test_a_full_disk_leaves_the_old_site_whole_when_only_some_is_made(tmp_path: Path) -> None:
    left = build(tmp_path / "out", {"a.html": b"1", "b.html": b"2"}, None)
    before = whole(tmp_path / "out")

    def sheets() -> Iterator[Sheet]:
        yield from part(("a.html", b"new"))()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        publish(
            [sheets],
            tmp_path / "out",
            {},
            there=left.without(altered_since(tmp_path / "out", left)),
        )
    assert whole(tmp_path / "out") == before


def test_what_may_not_land_does_not(tmp_path: Path) -> None:
    build(tmp_path / "out", {"a.html": b"1"}, None)
    before = whole(tmp_path / "out")
    assert publish([part(("a.html", b"2"))], tmp_path / "out", {}, may_land=lambda: False) is None
    assert whole(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_processes_make_what_one_does(tmp_path: Path) -> None:
    parts = [part(*((f"{n}/{m}.html", f"{n} {m}".encode()) for m in range(5))) for n in range(40)]
    publish(parts, tmp_path / "one", {})
    publish(parts, tmp_path / "two", {}, jobs=2)
    assert whole(tmp_path / "one") == whole(tmp_path / "two")


def test_a_part_that_fails_in_another_process_fails_the_build(tmp_path: Path) -> None:
    def fails() -> Iterator[Sheet]:
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    with pytest.raises(OSError, match="No space"):
        publish([*[part((f"{n}.html", b"")) for n in range(40)], fails], tmp_path / "out", {}, jobs=2)  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_what_stands_is_kept_without_being_made(tmp_path: Path) -> None:
    left = build(tmp_path / "out", {"a.html": b"1", "b.html": b"2", "c.html": b"3"}, None)
    (tmp_path / "out/b.html").unlink()
    there = left.without(altered_since(tmp_path / "out", left))
    assert [path for path, file in there.items() if file.key] == ["a.html", "c.html"]
    found = publish([part(("b.html", b"2"))], tmp_path / "out", {"n": 2}, there=there, standing=["a.html"])  # fmt: skip
    assert found is not None
    assert found.files["a.html"] is left.files["a.html"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "a.html",
        "b.html",
        "build.json",
    }
    assert (tmp_path / "out/b.html").read_bytes() == b"2"


def test_a_changed_file_that_is_no_longer_wanted_goes(tmp_path: Path) -> None:
    left = build(tmp_path / "out", {"a.html": b"1", "b.html": b"2"}, None)
    (tmp_path / "out/b.html").write_bytes(b"defaced")
    build(tmp_path / "out", {"a.html": b"1"}, left)
    assert not (tmp_path / "out/b.html").exists()
