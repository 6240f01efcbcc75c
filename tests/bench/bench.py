"""Times mulu against named peers in one run, and prints the ratios.

    make bench                 1,000, 5,000 and 20,000 resources
    … bench.py --sizes 1000    fewer
    … bench.py --full          check-jsonschema at every size too (six minutes at 20,000)

Figures are of whole processes. Peak memory is the largest single process.
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
            bench_build(root, size, work)
            shutil.rmtree(root)
        bench_plain_theme(work)


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


def bench_build(root: Path, size: int, work: Path) -> None:
    """``mulu build``."""
    out = work / "site"
    ours, memory = timed([BIN / "mulu", "build", "--root", root, "--today", TODAY, "-o", out])
    files = [path for path in out.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files) / 1e6
    say(
        f"build  {size:>6}  mulu {ours:.1f} s ({1e3 * ours / size:.2f} ms a page, {memory} MiB) · {len(files)} files, {total:.0f} MB"
    )
    shutil.rmtree(out)


def bench_plain_theme(work: Path) -> None:
    """Plain mkdocs-material: 1,000 resources as Markdown pages kept out of nav."""
    size, root, plain = 1_000, work / "register-plain", work / "plain"
    write(root, size)
    (plain / "docs").mkdir(parents=True)
    (plain / "mkdocs.yml").write_text(
        "site_name: x\ntheme:\n  name: material\n  language: zh\n  font: false\nnot_in_nav: '*'\nnav:\n  - index.md\n",
        "utf-8",
    )
    (plain / "docs/index.md").write_text("# x\n", "utf-8")
    for path in (root / "catalog/resources").rglob("*.yml"):
        (plain / "docs" / f"{path.stem}.md").write_text(markdown(path), "utf-8")
    theirs, _ = timed([BIN / "mkdocs", "build", "-q"], cwd=plain, NO_MKDOCS_2_WARNING="1")
    ours, _ = timed([BIN / "mulu", "build", "--root", root, "--today", TODAY, "-o", work / "site"])
    say(
        f"pages  {size:>6}  mulu build {ours:.1f} s · plain mkdocs-material {theirs:.1f} s · {theirs / ours:.1f} times"
    )


def markdown(path: Path) -> str:
    """A resource as somebody would write it in Markdown."""
    data = yaml.safe_load(path.read_text("utf-8"))
    rows = "".join(
        f"| {row['name']} | {row['key']} | {row['type']} | {row['length']} |\n"
        for row in data["items"]
    )
    return f"# {data['title']}\n\n{data['abstract']}\n\n| 信息项 | 字段 | 类型 | 长度 |\n|---|---|---|---|\n{rows}"


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
