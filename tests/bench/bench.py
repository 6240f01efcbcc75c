"""Times mulu against named peers in one run, and prints the ratios.

    make bench                 1,000, 5,000 and 20,000 resources
    … bench.py --sizes 1000    fewer
    … bench.py --full          check-jsonschema at every size too (six minutes at 20,000)

Figures are of whole processes. Peak memory is the largest single process.  The site has a
bench of its own, ``bench_site.py``.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from synthesise import write

from mulu.loading import strict_yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
TODAY = "2026-11-23"


def main() -> None:
    """Run every bench for every size."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(n) for n in text.split(",")],
        default=[1_000, 5_000, 20_000],
    )
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mulu-bench-") as name:
        work = Path(name)
        peers = install_peers(work)
        bench_start_up()
        write(work / "register-0", 1)
        fixed, _ = timed([BIN / "mulu", "check", "--root", work / "register-0", "--today", TODAY])
        for size in options.sizes:
            root = work / f"register-{size}"
            write(root, size)
            if size >= 5_000 or size == max(options.sizes):
                bench_loader(root)
            bench_check(root, size, peers, fixed, full=options.full or size == min(options.sizes))
            shutil.rmtree(root)


def install_peers(work: Path) -> Path:
    """The npm packages of the checking peer, in a folder of the run."""
    folder = work / "peers"
    folder.mkdir()
    for file in ("package.json", "peer.mjs"):
        shutil.copy(HERE / file, folder)
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True
    )
    return folder / "peer.mjs"


def bench_start_up() -> None:
    """``mulu --help``, the median of nine."""
    times = [timed([BIN / "mulu", "--help"])[0] for _ in range(9)]
    say(f"start-up      mulu --help {statistics.median(times):.2f} s")


def bench_loader(root: Path) -> None:
    """The strict loader against PyYAML's CSafeLoader, in turns, on up to 5,000 files.

    Once as it runs (canonical files take the fast path), once through libyaml's events
    alone, as a file that is not in canonical form would go.
    """
    paths = sorted((root / "catalog/resources").rglob("*.yml"))[:5_000]
    sources = [path.read_bytes() for path in paths]
    texts = [source.decode() for source in sources]
    rounds = [
        (
            seconds(lambda: [strict_yaml.load("x", source) for source in sources]),
            seconds(
                lambda: [
                    strict_yaml.read_events(*pair) for pair in zip(texts, sources, strict=True)
                ]
            ),
            seconds(lambda: [yaml.load(source, Loader=yaml.CSafeLoader) for source in sources]),
        )
        for _ in range(3)
    ]
    ours, events, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    mean = sum(map(len, sources)) / len(sources)
    say(
        f"load   {len(sources):>6}  strict {ours:.2f} s · by events {events:.2f} s · CSafeLoader {theirs:.2f} s · ratios {ours / theirs:.2f} and {events / theirs:.2f} (files of {mean / 1000:.1f} kB)"
    )


def bench_check(root: Path, size: int, peers: Path, fixed: float, *, full: bool) -> None:
    """``mulu check`` against ajv, and against check-jsonschema where asked."""
    ours, memory = timed([BIN / "mulu", "check", "--root", root, "--today", TODAY])
    ajv, _ = timed(["node", peers, root, ROOT / "schemas/records"])
    line = f"check  {size:>6}  mulu {ours:.2f} s ({1e3 * (ours - fixed) / size:.2f} ms a record after {fixed:.2f} s of start-up, {memory} MiB) · ajv+js-yaml {ajv:.2f} s, ratio {ours / ajv:.2f}"
    if full:
        files = sorted((root / "catalog/resources").rglob("*.yml"))
        schema = ROOT / "schemas/records/resource.schema.json"
        theirs = sum(
            timed([BIN / "check-jsonschema", "--schemafile", schema, *files[i : i + 1_000]])[0]
            for i in range(0, len(files), 1_000)
        )
        line += f" · check-jsonschema {theirs:.1f} s, ratio 1/{theirs / ours:.0f}"
    say(line)


def timed(
    command: Sequence[str | Path],
    cwd: Path | None = None,
    codes: Sequence[int] = (0,),
    **environment: str,
) -> tuple[float, int]:
    """Wall seconds and peak MiB of one run of a command.

    Raises SystemExit where it ends with another code: a failed run is no measurement.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    assert process.stderr is not None
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in codes:
        sys.exit(f"{command[0]} failed: {complaint.decode()[-500:]}")
    return time.perf_counter() - start, usage.ru_maxrss // 1024


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
