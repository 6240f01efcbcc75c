"""What is marked internal stays inside: no file of the public site holds it, in no writing.

A value of its own stands in every internal field of every kind of record; the register is a
Git repository whose earlier commits held other such values, so that pages of changes would
show them if they were careless.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import subprocess
import tempfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from gzip import compress
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from fullest import Spot, built, fields, filled, skeleton, write
from mulu.record import Data
from registers import ROOT, schemas

EMAIL = "nobody@kanari0.example.cn"


def records() -> dict[str, Data]:
    """The skeleton without its many copies of one resource."""
    return {path: data for path, data in skeleton().items() if "/resources/jiaoyu/" not in path}


class Canaries:
    """Gives each internal field a value that stands nowhere else."""

    def __init__(self, age: int) -> None:
        self.age = age
        self.given: dict[str, tuple[str, str, str]] = {}
        self._of: dict[tuple[str, str], str] = {}

    def __call__(self, spot: Spot) -> str:
        """A value the field's pattern takes."""
        if not spot.internal:
            return ""
        if known := self._of.get((spot.path, spot.pointer)):
            return known
        number = f"{self.age}{len(self.given):03}"
        value = {"phone": f"0755-7713{number}", "email": f"kanari{number}@example.cn"}.get(spot.pointer.rpartition("/")[2], f"kanari{number}x")  # fmt: skip
        self.given[value] = (spot.kind, spot.field, spot.path)
        self._of[spot.path, spot.pointer] = value
        return value


# Reading a file in every way that a reader could.


def writings(value: str) -> Iterator[bytes]:
    """How a value looks, as such and where it lies anywhere inside base64."""
    yield value.encode()
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    yield value.encode().hex().encode()
    for shift in range(3):
        code = b64encode(b"\0" * shift + value.encode()).rstrip(b"=")
        yield code[(0, 2, 3)[shift] : -1 if (shift + len(value)) % 3 else None]


def contents(source: bytes, depth: int = 3) -> Iterator[bytes]:
    """A file, what is packed in it, and both with escapes undone."""
    yield source
    text = source.decode("utf-8", "replace")
    yield unquote_to_bytes(source)
    yield unescape(text).encode()
    yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text).encode("utf-8", "replace")  # fmt: skip
    yield re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text).encode()
    if depth:
        for inside in packed(source):
            yield from contents(inside, depth - 1)


def packed(source: bytes) -> Iterator[bytes]:
    """What is compressed in a file: gzip or zlib streams, members of an archive."""
    if source.startswith((b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda")):
        yield zlib.decompressobj(47).decompress(source)
    elif zipfile.is_zipfile(BytesIO(source)):
        with zipfile.ZipFile(BytesIO(source)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    for found in re.finditer(rb"(?s)stream\r?\n(.{2,}?)endstream|IDAT(.{2,})|zTXt(.{2,})", source):
        for part in found.groups():
            if part:
                try:
                    yield zlib.decompressobj().decompress(part)
                except zlib.error:
                    continue


def leaks(files: Mapping[str, bytes], values: Iterable[str]) -> dict[str, set[str]]:
    """Which values stand in which files, also in their names."""
    values = list(values)
    by_writing = {writing.lower(): value for value in values for writing in writings(value)}
    starts = {start.lower() for value in {value[:6] for value in values} for start in writings(value)}  # fmt: skip
    found: dict[str, set[str]] = {}
    for path, source in files.items():
        for content in {path.encode(), *contents(source)}:
            lowered = content.lower()
            if any(start in lowered for start in starts):
                for writing, value in by_writing.items():
                    if writing in lowered:
                        found.setdefault(value, set()).add(path)
    return found


def packed_with(value: bytes) -> bytes:
    """An archive with one member."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet.xml", value)
    return out.getvalue()


HIDDEN = "kanari9001x"
PLACES = {
    "as such": HIDDEN.encode(),
    "upper case": HIDDEN.upper().encode(),
    "base64": b64encode(f'{{"a":"{HIDDEN}"}}'.encode()),
    "base64 again": b"data:;base64," + b64encode(f"x{HIDDEN}".encode()),
    "base64 at the third": b64encode(f"xy{HIDDEN}yz".encode()),
    "hexadecimal": HIDDEN.encode().hex().encode(),
    "JSON escapes": json.dumps("".join(f"\\u{ord(letter):04x}" for letter in HIDDEN)).replace("\\\\", "\\").encode(),
    "per cent": "".join(f"%{ord(letter):02X}" for letter in HIDDEN).encode(),
    "entities": "".join(f"&#x{ord(letter):x};" for letter in HIDDEN).encode(),
    "UTF-16": f"甲{HIDDEN}".encode("utf-16"),
    "gzip": compress(f"甲{HIDDEN}".encode()),
    "archive": packed_with(HIDDEN.encode()),
    "archive in gzip": compress(packed_with(b64encode(HIDDEN.encode()))),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_a_value_is_found_however_it_is_written(name: str) -> None:
    assert leaks({"a": PLACES[name], "b": b"kanari9001y"}, [HIDDEN]) == {HIDDEN: {"a"}}


def test_a_value_is_found_in_the_name_of_a_file() -> None:
    assert leaks({f"{HIDDEN}/index.html": b""}, [HIDDEN])


# The register and its two sites.


@pytest.fixture(scope="module")
def now() -> Canaries:
    canaries = Canaries(1)
    filled(canaries, records())
    return canaries


@pytest.fixture(scope="module")
def before() -> Canaries:
    canaries = Canaries(2)
    filled(canaries, records())
    return canaries


def commit(folder: Path, message: str, files: Mapping[str, bytes]) -> None:
    """The whole register as one commit."""
    write(folder, files)
    author = {"NAME": "示例市民政局", "EMAIL": EMAIL, "DATE": "2026-11-20T08:00:00+08:00"}
    environment = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in author.items()}  # fmt: skip
    for command in (["add", "-A"], ["commit", "-q", "-m", message]):
        subprocess.run(["git", "-C", folder, *command], check=True, env=os.environ | environment)


@pytest.fixture(scope="module")
def sites(
    now: Canaries, before: Canaries, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, bytes]]:
    """The public and the internal site of a register with a past."""
    folder = tmp_path_factory.mktemp("audience")
    register = folder / "register"
    register.mkdir()
    subprocess.run(["git", "-C", register, "init", "-q", "-b", "main"], check=True)
    changed = {path: {**data, **({"note": "改过的备注。"} if "note" in kind_fields(path) else {})} for path, data in records().items()}  # fmt: skip
    commit(register, "登记", filled(Canaries(3), records()))
    commit(register, "修改内部备注", filled(before, records()))
    commit(register, "修改备注", filled(now, changed))
    return {
        name: built(register, folder / name, "public" if name == "public" else "internal")
        for name in ("public", "internal")
    }


def kind_fields(path: str) -> set[str]:
    """The names at the top of a record's schema."""
    kind = schemas().kind_of(path)
    return set(kind.schema["properties"]) if kind else set()


def test_every_internal_field_of_every_kind_has_a_value(now: Canaries) -> None:
    wanted = {(kind.name, name) for kind in schemas().kinds.values() for name, internal in fields(kind.schema).items() if internal}  # fmt: skip
    given = {(kind, name) for kind, name, _ in now.given.values()}
    assert wanted - given == set()
    assert len(wanted) >= 20


def test_the_public_site_holds_nothing_internal(
    sites: dict[str, dict[str, bytes]], now: Canaries, before: Canaries
) -> None:
    first = Canaries(3)
    filled(first, records())
    known = first.given | before.given | now.given
    found = leaks(sites["public"], [*known, EMAIL])
    where = {(value, *known.get(value, ())): sorted(files) for value, files in found.items()}
    assert where == {}, where


def test_the_internal_site_shows_all_of_it(
    sites: dict[str, dict[str, bytes]], now: Canaries
) -> None:
    shown = leaks({path: source for path, source in sites["internal"].items() if path.endswith(".html")}, now.given)  # fmt: skip
    missing = sorted(now.given[value] for value in now.given.keys() - shown.keys())
    assert missing == [], missing


def test_a_negative_list_kept_inside_is_not_public(tmp_path: Path) -> None:
    """``audiences.negative_list: internal`` in the register's own record."""
    path = "negative-list/entries/tongji/dan-ge-diaocha-duixiang.yml"
    hidden: dict[str, str] = {}

    def fill(spot: Spot) -> str:
        if spot.path == path and spot.is_free and not spot.family:
            value = f"kanari8{len(hidden):03}x"
            return hidden.setdefault(spot.pointer, value)
        return ""

    own = records()
    own["catalog/register.yml"] = {**own["catalog/register.yml"], "audiences": {"negative_list": "internal"}}  # fmt: skip
    files = built(write(tmp_path / "register", filled(fill, own)), tmp_path / "out")
    found = leaks(files, hidden.values())
    names = {value: pointer for pointer, value in hidden.items()}
    where = {names[value]: sorted(paths)[:5] for value, paths in found.items()}
    assert where == {}, where


# The machine.


def marks_of_this_machine() -> set[str]:
    """What tells where, and by whom, a site was built."""
    marks = {str(ROOT), tempfile.gettempdir().rstrip("/") + "/", f"{Path.home()}/"}
    if len(os.uname().nodename) > 3:
        marks.add(os.uname().nodename)
    user = getpass.getuser()
    return marks | {f"/home/{user}", f"/Users/{user}", f"{user}@{os.uname().nodename}"}


def test_no_file_tells_where_it_was_built(sites: dict[str, dict[str, bytes]]) -> None:
    register_made = {path: source for path, source in sites["public"].items() if not path.startswith(("schemas/", "adopt/", "en/adopt/", "guides/", "en/guides/"))}  # fmt: skip
    found = leaks(register_made, marks_of_this_machine())
    assert found == {}, found


def test_the_marks_of_this_machine_are_found() -> None:
    for mark in marks_of_this_machine():
        assert leaks({"build.json": json.dumps({"from": f"{mark}x"}).encode()}, [mark])
