"""Measures how often real text is taken for a secret, and how fast a register is scanned.

    secrecy_titles.py LISTS REGISTER    the lists of portals (a folder of *.json), a register

Blocking hits in titles (the limit is 1 in 1,000) and in all other values of the lists; hits
by kind and file in a register; time for 20,000 of its files.  Prints places and kinds, never
what was found.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from mulu.trust.secrecy import Hit, scan, scan_bytes

TITLES = ("标题", "资源名称", "数据集名称", "资源信息名称")
FILES = 20_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lists", type=Path)
    parser.add_argument("register", type=Path)
    options = parser.parse_args()
    measure_lists(options.lists)
    sources = read(options.register)
    measure_files(options.register, sources)
    measure_time([source for _, source in sources])


def measure_lists(folder: Path) -> None:
    """False alarms in text that was published, so that none of it is a secret."""
    for name, only in (("titles", True), ("all other values", False)):
        count, hits = 0, Counter[str]()
        for path in sorted(folder.glob("*.json")):
            for key, value in values(path):
                if (key in TITLES) == only:
                    count += 1
                    hits.update(kinds(scan(value)))
        certain = sum(number for kind, number in hits.items() if kind.endswith("certain"))
        print(f"{name}: {count:,}, blocking {certain} ({1000 * certain / count:.3f} in 1,000)")
        print(f"  {dict(sorted(hits.items()))}")
    for path in sorted(folder.glob("*.json")):
        print(f"{path.name} as a file: {dict(Counter(kinds(scan_bytes(path.read_bytes()))))}")


def values(path: Path) -> Iterator[tuple[str, str]]:
    """Each text of a list of portals with its column."""
    for row in cast("list[dict[str, object]]", json.loads(path.read_text("utf-8"))):
        for key, value in row.items():
            if isinstance(value, str):
                yield key, value


def kinds(hits: list[Hit]) -> Iterator[str]:
    """The words by which hits are counted."""
    return (f"{hit.what} {'certain' if hit.certain else 'doubtful'}" for hit in hits)


def read(root: Path) -> list[tuple[Path, bytes]]:
    """All records of a register."""
    folders = [root / "catalog", root / "negative-list"]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.yml"))]
    return [(path, path.read_bytes()) for path in paths]


def measure_files(root: Path, sources: list[tuple[Path, bytes]]) -> None:
    """False alarms in records."""
    hits = [(path, hit) for path, source in sources for hit in scan_bytes(source)]
    print(f"{len(sources):,} records: {dict(Counter(kinds([hit for _, hit in hits])))}")
    for path, hit in hits:
        print(
            f"  {path.relative_to(root)}:{hit.line}:{hit.column} {hit.what} certain={hit.certain}"
        )


def measure_time(sources: list[bytes]) -> None:
    """Seconds for as many files as a large register holds."""
    wanted = [sources[number % len(sources)] for number in range(FILES)]
    start = time.process_time()
    for source in wanted:
        scan_bytes(source)
    size = sum(map(len, wanted)) / 1e6
    print(f"{FILES:,} files, {size:.1f} MB: {time.process_time() - start:.2f} s")


if __name__ == "__main__":
    main()
