"""Measures search: recall against two peers on real titles; size, speed and order of large indexes.

    … bench_search.py FOLDER                    recall over 1,000 titles, then 20,000 and 50,000
    … bench_search.py FOLDER --only recall      one part
    … bench_search.py FOLDER --only 20000

FOLDER holds the lists of open-data portals (../shared/data/portals).  The peers are
mkdocs-material as stock (lunr with jieba) and Pagefind extended, fetched from PyPI and npm.
A large register is written by ``synthesise.py`` and loaded; since its words are few, the same
number of entries is made again of the portals' titles, abstracts and item names.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from synthesise import write as write_register  # noqa: E402
from synthesise import write_cases  # noqa: E402

from mulu.pages import entries as register_entries  # noqa: E402
from mulu.pages import search  # noqa: E402
from mulu.pages.items import Holders  # noqa: E402
from mulu.pages.search import Entry  # noqa: E402
from mulu.pages.view import View  # noqa: E402
from registers import TODAY, files_below, register_of  # noqa: E402
from searching import ask, traditional, write  # noqa: E402

BIN = Path(sys.executable).parent
JIEBA, PAGEFIND = "jieba==0.42.1", "pagefind@1.6.0"
CHROMIUM = "/usr/bin/chromium"
NAMES = {"hangzhou": ("资源名称", "发布部门", "摘要"), "shanghai": ("数据集名称", "数据提供方", "摘要"), "suzhou": ("资源信息名称", "提供机构", "描述"), "guiyang": ("标题", "数据提供方", "数据摘要")}  # fmt: skip
T = TypeVar("T")
Hits = Mapping[str, set[str]]


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="recall, or a number of resources")
    parser.add_argument("--pieces", type=int, default=1_500, help="asked of the peers at most")
    parser.add_argument("--texts", choices=("real", "synthetic"), default="")
    options = parser.parse_args()
    rows = real_rows(options.folder)
    with tempfile.TemporaryDirectory(prefix="mulu-search-") as name, chromium() as browser:
        work = Path(name)
        if options.only in ("", "recall"):
            recall(rows, work, browser, options.pieces)
        for size in (20_000, 50_000):
            if options.only in ("", str(size)):
                if options.texts != "real":
                    large(f"{size:>6} synthetic", synthetic(work, size), work, browser)
                if options.texts != "synthetic":
                    large(f"{size:>6} real texts", real(rows, size), work, browser)


# ------------------------------------------------------------------ data


def real_rows(folder: Path) -> list[tuple[str, str, str]]:
    """(title, agency, abstract) of every row of every portal that has a title."""
    found: list[tuple[str, str, str]] = []
    for name, (title, agency, abstract) in NAMES.items():
        rows: list[dict[str, str]] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        found += [(row[title], row[agency] or "", row[abstract] or "") for row in rows if row[title]]  # fmt: skip
    return found


def real(rows: Sequence[tuple[str, str, str]], size: int) -> list[Entry]:
    """Resources of real texts, 15 items each, and half as many cases about them."""
    chance = random.Random(20151022)
    items = sorted({one for _, _, text in rows for one in re.split(r"[，、,;；]", text) if 2 <= len(one) <= 12})  # fmt: skip
    agencies = sorted({agency for _, agency, _ in rows})
    made: list[Entry] = []
    for n in range(size):
        title, agency, abstract = rows[n % len(rows)]
        again = n // len(rows)
        key = f"a{agencies.index(agency):03}"
        made.append(
            Entry("resource", f"resources/{key}/r{n:06}/", f"{title}{again + 1}期" if again else title, agency, abstract[:120], (f"308{n % 1000:03}/{n + 1}", f"{key}/r{n:06}"), tuple(chance.sample(items, 15)), key, f"l{n % 40}", "shared" if n % 9 else "withheld", f"c{n % 8}")
        )  # fmt: skip
    for n, about in enumerate(chance.sample(made, size // 2)):
        made.append(about._replace(kind="request" if n % 4 else "correction", href=f"cases/request/2026/c{n:06}/", title=f"{chance.choice(agencies)} → {about.title}", by="共享需求", abstract="2026-03-05", words=(), items=(), library="", sharing="", cycle=""))  # fmt: skip
    return made


def synthetic(work: Path, size: int) -> list[Entry]:
    """The entries of a register of files."""
    root = work / "register"
    write_register(root, size)
    write_cases(root, size // 2, size)
    register, _ = register_of({f"catalog/{path}": source for path, source in files_below(root / "catalog").items()})  # fmt: skip
    subprocess.run(["rm", "-r", str(root)], check=True)
    view = View(register, TODAY)
    return list(register_entries.entries(view, Holders(register)))


# ------------------------------------------------------------------ recall, with the peers


def recall(rows: Sequence[tuple[str, str, str]], work: Path, browser: Browser, most: int) -> None:
    """Every two-character piece of 1,000 titles: how often it finds the titles that have it."""
    titles = sorted({title for title, _, _ in rows})
    titles = random.Random(1000).sample(titles, 1_000)
    wanted: dict[str, set[str]] = defaultdict(set)
    for title in titles:
        for piece in re.findall(f"(?=([{search.HAN}]{{2}}))", title):
            wanted[piece].add(title)
    pieces = sorted(wanted)
    some = random.Random(2).sample(pieces, min(most, len(pieces)))
    made = [Entry("resource", f"resources/{n}/", title, "", "") for n, title in enumerate(titles)]
    folder = write(work / "ours", made)
    answers = ask(folder, [{"k": piece} for piece in pieces], rows=1_000)
    ours = {piece: set(answer.titles) for piece, answer in zip(pieces, answers, strict=True)}
    tell("mulu, every piece", pieces, wanted, ours)
    tell("mulu", some, wanted, ours)
    pages(work / "peers", titles)
    tell(f"mkdocs-material, {JIEBA}", some, wanted, by_material(work, titles, some, browser))
    tell(f"{PAGEFIND} extended", some, wanted, by_pagefind(work, titles, some, browser))


def tell(name: str, pieces: Sequence[str], wanted: Hits, found: Hits) -> None:
    """Print recall and precision over pairs of piece and title."""
    pairs = sum(len(wanted[piece]) for piece in pieces)
    right = sum(len(wanted[piece] & found[piece]) for piece in pieces)
    whole = sum(wanted[piece] <= found[piece] for piece in pieces)
    nothing = sum(not wanted[piece] & found[piece] for piece in pieces)
    given = sum(len(found[piece]) for piece in pieces)
    say(f"recall  {name}: {right / pairs:.2%} of {pairs} (piece, title) pairs, precision {right / given:.2%}; of {len(pieces)} pieces {whole} found every title, {nothing} none")  # fmt: skip


def pages(folder: Path, titles: Sequence[str]) -> None:
    """A Markdown page of each title, for mkdocs; Pagefind reads the site it makes."""
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("site_name: x\ntheme:\n  name: material\n  language: zh\n  font: false\nplugins:\n  - search\nnot_in_nav: '*'\nnav:\n  - index.md\n", "utf-8")  # fmt: skip
    (folder / "docs/index.md").write_text("# x\n", "utf-8")
    for n, title in enumerate(titles):
        (folder / f"docs/p{n}.md").write_text(f"# {title}\n", "utf-8")


def by_material(work: Path, titles: Sequence[str], pieces: Sequence[str], browser: Browser) -> Hits:
    """What the theme's own search worker answers, asked as its search box asks it."""
    jieba, folder = work / "jieba", work / "peers"
    pip: list[str | Path] = [BIN / "pip", "install", "--quiet", "--disable-pip-version-check", "--target", jieba, JIEBA]  # fmt: skip
    run(pip)
    run([BIN / "mkdocs", "build", "-q"], cwd=folder, PYTHONPATH=str(jieba), NO_MKDOCS_2_WARNING="1")
    worker = next((folder / "site/assets/javascripts/workers").glob("search*.js")).name
    with serving(folder / "site") as base:
        page = browser.new_page()
        page.goto(base)
        answers: list[list[str]] = page.evaluate(
            """async ([path, pieces]) => {
                const worker = new Worker(path);
                const ask = (message) => new Promise((done) => { worker.onmessage = ({ data }) => done(data); worker.postMessage(message); });
                const data = await (await fetch("search/search_index.json")).json();
                await ask({ type: 0, data: { ...data, options: { suggest: false } } });
                const found = [];
                for (const piece of pieces) found.push((await ask({ type: 2, data: piece })).data.items.flat().map((one) => one.location));
                return found;
            }""",
            [f"assets/javascripts/workers/{worker}", list(pieces)],
        )
        page.close()
    return {piece: set(numbered(found, titles)) for piece, found in zip(pieces, answers, strict=True)}  # fmt: skip


def by_pagefind(work: Path, titles: Sequence[str], pieces: Sequence[str], browser: Browser) -> Hits:
    """What Pagefind's script answers over the same pages."""
    tool, folder = work / "npm", work / "peers/site"
    tool.mkdir()
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", PAGEFIND], cwd=tool)
    run([tool / "node_modules/.bin/pagefind", "--site", folder, "--force-language", "zh", "--root-selector", "article"])  # fmt: skip
    with serving(folder) as base:
        page = browser.new_page()
        page.goto(base)
        answers: list[list[str]] = page.evaluate(
            """async (pieces) => {
                const pagefind = await import("/pagefind/pagefind.js");
                const urls = new Map();
                const found = [];
                for (const piece of pieces) {
                    const { results } = await pagefind.search(piece);
                    for (const one of results) if (!urls.has(one.id)) urls.set(one.id, (await one.data()).url);
                    found.push(results.map((one) => urls.get(one.id)));
                }
                return found;
            }""",
            list(pieces),
        )
        page.close()
    return {piece: set(numbered(found, titles)) for piece, found in zip(pieces, answers, strict=True)}  # fmt: skip


def numbered(addresses: Sequence[str], titles: Sequence[str]) -> Iterator[str]:
    """The titles of the pages p0/, p1/, … among addresses."""
    for address in addresses:
        if found := re.search(r"(?:^|/)p(\d+)/", address):
            yield titles[int(found[1])]


# ------------------------------------------------------------------ large indexes


def large(name: str, made: Sequence[Entry], work: Path, browser: Browser) -> None:
    """Build the index and use it in Chromium, on the page of the repository's own register."""
    cut = search.blocks(made, traditional())
    whole, found = timed(lambda: [search.inverted(block, traditional()) for block in cut])
    again, sheets = timed(
        lambda: list(
            search.sheets(search.blocks(made, traditional()), found, {}, {}, traditional())
        )
    )
    making, files = timed(lambda: {sheet.path: sheet.make() for sheet in sheets})
    terms = [len(content) for path, content in files.items() if "/terms/" in path]
    say(f"index   {name}: {len(made)} entries, {len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB, shards {len(terms)} of {sum(terms) / len(terms) / 1e3:.1f} kB (max {max(terms) / 1e3:.0f}); invert {whole:.1f} s, write {making:.1f} s; from kept blocks with keys {again:.2f} s")  # fmt: skip
    folder = site(work)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    exact(name, made, folder)
    with serving(folder) as base:
        first(name, made, base, browser)
        speed(name, made, base, browser)


def site(work: Path) -> Path:
    """The built site of the repository's own register, without its index."""
    folder = work / "site"
    if not folder.exists():
        run([BIN / "mulu", "build", "-o", folder, "--today", "2026-11-23"], cwd=ROOT)
    for part in ("terms", "rows"):
        subprocess.run(["rm", "-rf", str(folder / "search" / part)], check=True)
    return folder


def exact(name: str, made: Sequence[Entry], folder: Path) -> None:
    """How often a resource's title, asked for whole, gives a record of that title first."""
    titles = random.Random(3).sample([one.title for one in made if one.kind == "resource"], 500)
    answers = ask(folder, [{"k": title} for title in titles], rows=20)
    right = sum(answer.titles[:1] == [title] for title, answer in zip(titles, answers, strict=True))
    say(f"exact   {name}: first for {right} of {len(titles)} titles")


def samples(made: Sequence[Entry], count: int) -> Iterator[tuple[str, str]]:
    """(what kind of query, query), drawn from what can be found."""
    chance = random.Random(5)
    resources = [one for one in made if one.kind == "resource"]
    for _ in range(count):
        entry = chance.choice(resources)
        run = max(re.findall(f"[{search.HAN}]+", entry.title) or ["信息"], key=len)
        start = chance.randint(0, max(0, len(run) - 2))
        yield "two characters", run[start : start + 2]
        yield "four characters", run[max(0, start - 2) : start + 2]
        yield "whole title", entry.title
        yield "code", entry.words[0]
        yield "pinyin", "".join(search.syllables[ch][0] for ch in run[:3] if search.syllables[ch])


def first(name: str, made: Sequence[Entry], base: str, browser: Browser) -> None:
    """Bytes of a first query in an empty browser: all of the page, and of it the search files."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for kind, query in samples(made, 6):
        context = browser.new_context(base_url=base)
        page = context.new_page()
        loaded: list[tuple[str, int]] = []
        page.on("response", partial(_weigh, loaded))
        page.goto(f"search/?k={query}")
        page.wait_for_selector("#search[data-turn]")
        search_files = sum(size for path, size in loaded if "/search/" in path)
        found[kind].append((search_files, sum(size for _, size in loaded)))
        context.close()
    for kind, sizes in found.items():
        middle, most = statistics.median(s for s, _ in sizes), max(s for s, _ in sizes)
        rest = max(whole - part for part, whole in sizes)
        say(f"bytes   {name}: first query of {kind}: {middle / 1e3:.0f} kB (max {most / 1e3:.0f}) of search files without compression, {rest / 1e3:.0f} kB of page, styles and scripts")  # fmt: skip


def _weigh(loaded: list[tuple[str, int]], response: Any) -> None:
    loaded.append((response.url, int(response.headers.get("content-length", "0"))))


def speed(name: str, made: Sequence[Entry], base: str, browser: Browser) -> None:
    """Milliseconds from the last key to results drawn, each query new, on a page in use."""
    page = browser.new_page()
    page.goto(f"{base}search/")
    page.wait_for_selector("#search[data-turn]")
    times: dict[str, list[float]] = defaultdict(list)
    for kind, query in samples(made, 40):
        times[kind].append(_ask_page(page, query))
    page.close()
    whole = [one for below in times.values() for one in below]
    for kind, below in [*times.items(), ("all", whole)]:
        cuts = statistics.quantiles(below, n=20)
        say(f"speed   {name}: {kind}: p50 {statistics.median(below):.0f} ms, p95 {cuts[18]:.0f} ms of {len(below)}")  # fmt: skip


def _ask_page(page: Page, query: str) -> float:
    taken: float = page.evaluate(
        """async (query) => {
            const root = document.getElementById("search");
            const box = root.querySelector("input");
            await new Promise((done) => setTimeout(done, 260));
            const before = root.dataset.turn;
            const drawn = new Promise((done) => {
                const watch = new MutationObserver(() => { if (root.dataset.turn !== before) { watch.disconnect(); requestAnimationFrame(() => setTimeout(done)); } });
                watch.observe(root, { attributes: true });
            });
            const start = performance.now();
            box.value = query;
            box.dispatchEvent(new InputEvent("input", { bubbles: true }));
            await drawn;
            return performance.now() - start;
        }""",
        query,
    )
    return taken


# ------------------------------------------------------------------ tools


@contextmanager
def serving(folder: Path) -> Generator[str]:
    """The address of a folder."""
    command = ["node", str(HERE / "serve.mjs"), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        server.terminate()


@contextmanager
def chromium() -> Generator[Browser]:
    """A browser for the run."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])  # fmt: skip


def run(command: Sequence[str | Path], cwd: Path | None = None, **environment: str) -> None:
    """Run a tool.

    Raises SystemExit with its complaint where it fails: a failed run is no measurement.
    """
    done = subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stdout[-300:]}{done.stderr[-700:]}")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of one core that a piece of work takes, and what it gives."""
    start = time.process_time()
    given = work()
    return time.process_time() - start, given


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
