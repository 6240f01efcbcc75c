"""Golden files: compared whole, rewritten by ``make bless``."""

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
BLESS = os.environ.get("MULU_BLESS") == "1"


def compare(folder: str, files: dict[str, bytes]) -> None:
    """Compare all files with the golden folder: none missing, none more, each equal."""
    root = GOLDEN / folder
    if BLESS:
        for old in sorted(root.rglob("*"), reverse=True):
            old.unlink() if old.is_file() else old.rmdir()
        for path, source in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(source)
    wanted = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    assert sorted(files) == sorted(wanted)
    for path, source in files.items():
        assert source.decode() == (root / path).read_bytes().decode(), path
