"""Every text of a record stays text, on every page, whatever it says.

The texts of ``tests/hostile/texts.txt`` stand in every field of every kind of record, in two
sites (a public and an internal one, which start the list at different places).  Pages are
read with the parser of the browser and then opened as readers open them, with the policy of
the site in force and without it: escaping has to hold by itself.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from csv import reader
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, Request

from fullest import (
    ADDRESS,
    Rotation,
    Spot,
    built,
    faults_of,
    fields,
    filled,
    mulu,
    skeleton,
    spots,
    texts,
    write,
)
from mulu.record import Value
from page_safety import pages, read
from registers import files_below, schemas

TEXTS = texts("texts.txt")
REFUSED = texts("refused.txt")


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a word; what a page has fetched it need not fetch again."""

    def do_GET(self) -> None:
        """A page without an icon of its own asks for one here."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        """A file does not change while it is served."""
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Generator[str]:
    """A folder on a server of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@dataclass
class Site:
    """A built site: where it is served, its files."""

    address: str
    files: dict[str, bytes]

    @property
    def pages(self) -> list[str]:
        """The addresses of its pages."""
        return [path.removesuffix("index.html") for path in self.files if path.endswith(".html")]

    @property
    def different(self) -> list[str]:
        """Its pages but those of rules, of which three stand for all: they hold no record.

        The page of errors asks for its styles at the address of the site: that is elsewhere.
        """
        rules = [path for path in self.pages if "rules/" in path]
        return [path for path in self.pages if path not in (*rules[3:], "404.html")]


@pytest.fixture(scope="module")
def rotations() -> tuple[Rotation, Rotation]:
    """The turns of the public and of the internal site; the second goes on where the first ended."""
    first = Rotation(list(TEXTS.values()))
    filled(first)
    return first, Rotation(first.texts, len(first.texts) // 2, first.had)


@pytest.fixture(scope="module")
def registers(rotations: tuple[Rotation, Rotation]) -> dict[str, dict[str, bytes]]:
    return {
        "public": filled(Rotation(rotations[0].texts)),
        "internal": filled(rotations[1]),
        "clean": filled(lambda spot: ""),
    }


@pytest.fixture(scope="module")
def sites(
    registers: dict[str, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Site]]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, files in registers.items():
        root = write(folder / name, files)
        if name != "clean":
            land(root, files, TEXTS if name == "public" else dict(reversed(TEXTS.items())))
        built(root, folder / f"{name}-site", "public" if name == "public" else "internal")
    with ExitStack() as stack:
        yield {name: opened(stack, folder / f"{name}-site") for name in registers}


def land(root: Path, files: Mapping[str, bytes], said: Mapping[str, str]) -> None:
    """Make a Git repository of a register: a commit a file, each with a text as subject and name."""
    stream = b""
    for (path, source), text in zip(files.items(), cycle(said.values()), strict=False):
        name = re.sub("[<>]", "", text).strip() or "甲"
        subject = text.encode()
        stream += f"commit refs/heads/main\ncommitter {name} <a@example.cn> 1790000000 +0800\n".encode()  # fmt: skip
        stream += b"data %d\n%s\n" % (len(subject), subject)
        stream += b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(source), source)
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
    subprocess.run([*git, "reset", "-q"], check=True)


def opened(stack: ExitStack, folder: Path) -> Site:
    """A site at the root of a server of its own."""
    return Site(stack.enter_context(served(folder)), files_below(folder))


# What stands in the register.


def test_every_field_of_every_kind_is_filled(registers: dict[str, dict[str, bytes]]) -> None:
    found = {(spot.kind, spot.field) for path, data in skeleton().items() for spot in spots(path, data)}  # fmt: skip
    wanted = {(kind.name, name) for kind in schemas().kinds.values() for name in fields(kind.schema)}  # fmt: skip
    assert wanted - found == set()
    for files in registers.values():
        assert faults_of(files) == []


def test_every_text_gets_into_every_kind(rotations: tuple[Rotation, Rotation]) -> None:
    filled(rotations[1])
    assert len(TEXTS) >= 60
    missing = {kind: set(TEXTS.values()) - rotations[1].had[kind] for kind in schemas().kinds}
    assert {kind: rest for kind, rest in missing.items() if rest} == {}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_record_may_hold_is_refused(name: str) -> None:
    path = "catalog/agencies/minzheng.yml"
    escaped = json.dumps(REFUSED[name])[1:-1]
    raw = REFUSED[name] if name != "line-feed" else escaped  # a break as such reads as a blank
    for written in (raw, escaped):
        source = f'title: "{written}"\nkind: organ\nlevel: city\n'.encode()
        faults = faults_of({**filled(lambda spot: ""), path: source})
        assert any(fault.startswith(path) for fault in faults), written


def test_mulu_check_says_the_same(registers: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    for name, files in registers.items():
        assert mulu("check", "--root", write(tmp_path / name, files)).returncode == 0
    bad = tmp_path / "clean/catalog/agencies/minzheng.yml"
    bad.write_text(bad.read_text("utf-8").replace("示例市民政局", "示例\u202e市民政局"), "utf-8")
    assert mulu("check", "--root", tmp_path / "clean").returncode == 1


# What stands in the pages.


def test_no_page_holds_what_could_run(sites: dict[str, Site]) -> None:
    clean = pages(sites["clean"].files)
    allowed = {
        "scripts": {text for page in clean.values() for text in page.scripts},
        "sources": {name_of(source) for page in clean.values() for source in page.sources},
        "names": {name for page in clean.values() for name in page.names},
    }
    for site in sites.values():
        for path, page in pages(site.files).items():
            assert page.faults == [], path
            assert set(page.scripts) <= allowed["scripts"], path
            assert {name_of(source) for source in page.sources} <= allowed["sources"], path
            assert page.names <= allowed["names"], path


def name_of(source: str) -> str:
    """A script whatever the depth of the page that asks for it; the page of errors has none."""
    return unquote(source).removeprefix(unescape(urlsplit(ADDRESS).path)).lstrip("/").replace("../", "").removeprefix("./")  # fmt: skip


def test_no_template_of_ours_was_filled_from_a_record(sites: dict[str, Site]) -> None:
    for site in sites.values():
        for path, source in site.files.items():
            if path.endswith((".html", ".json", ".csv", ".xml")):
                assert b"62615533" not in source.replace(b"%}62615533{%", b""), path


FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


def test_no_cell_of_a_table_is_a_formula(sites: dict[str, Site]) -> None:
    for site in sites.values():
        for path, source in site.files.items():
            if path.endswith(".csv"):
                for row in reader(source.decode("utf-8-sig").splitlines()):
                    for cell in row:
                        number = re.fullmatch(r"-?\d+([.]\d+)?", cell)
                        assert number or not FORMULA.match(cell), f"{path}: {cell}"


NAMES_IN_BROWSER = r"""async addresses => {
    const found = {};
    for (const address of addresses) {
        const text = await (await fetch(address)).text();
        const walk = root => {
            for (const one of root.querySelectorAll("*")) {
                found["<" + one.localName] ??= address;
                if (one.localName === "script")
                    found["script " + (one.getAttribute("src")?.replace(/^(\.\.?\/)+/, "") ?? (/json/.test(one.type) ? "" : one.textContent))] ??= address;
                for (const name of one.getAttributeNames()) found["@" + name] ??= address;
                if (one.localName === "template") walk(one.content);
            }
        };
        walk(new DOMParser().parseFromString(text, "text/html"));
    }
    return found;
}"""


def names_in(browser: Browser, site: Site) -> dict[str, str]:
    """Every name of an element, an attribute, a script, with a page where it stands."""
    page = browser.new_page(bypass_csp=True)
    page.goto(site.address + "no-such-page")
    found: dict[str, str] = page.evaluate(NAMES_IN_BROWSER, site.different)
    page.close()
    return found


def test_the_browser_reads_no_other_elements_than_ours(
    sites: dict[str, Site], browser: Browser
) -> None:
    found: dict[str, dict[str, str]] = {
        name: names_in(browser, site) for name, site in sites.items()
    }
    for name in ("public", "internal"):
        assert {key: where for key, where in found[name].items() if key not in found["clean"]} == {}


# What pages do when they are opened.

WATCH = """
window.seenByWatch = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
    window[name] = text => { seenByWatch.push(`dialog: ${text}`); return null; };
document.addEventListener("securitypolicyviolation", event =>
    seenByWatch.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
addEventListener("error", event =>
    seenByWatch.push(`error: ${event.message ?? event.target.outerHTML}`), true);
addEventListener("unhandledrejection", event => seenByWatch.push(`error: ${event.reason}`));
"""

# Pages are opened in frames, four at a time: a third of the time that a tab each takes.
OPEN = """async ([addresses, settle]) => {
    const queue = [...addresses], found = [];
    const pause = time => new Promise(done => setTimeout(done, time));
    const lane = async () => {
        const frame = document.createElement("iframe");
        frame.width = 1000;
        frame.height = 700;
        document.body.append(frame);
        while (queue.length) {
            const address = queue.shift();
            const loaded = new Promise(done => { frame.onload = () => done(true); });
            frame.src = address;
            if (!await Promise.race([loaded, pause(20000)])) found.push(`${address}: late`);
            await pause(settle);
            try {
                const inside = frame.contentWindow;
                for (const one of inside.seenByWatch.splice(0)) found.push(`${address}: ${one}`);
                if (inside.location.pathname !== new URL(address).pathname)
                    found.push(`${address}: navigation: ${inside.location.href}`);
                if (inside.length) found.push(`${address}: navigation: a frame inside`);
            } catch (error) {
                found.push(`${address}: navigation: ${error}`);
            }
        }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    return found;
}"""


@dataclass
class Watched:
    """A browser tab that writes down what a page of ours never does."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.add_init_script(WATCH)
        self.page.goto(self.address + "no-such-page")
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._console)
        self.page.on("popup", lambda page: self.faults.append(f"popup: {page.url}"))
        self.page.on("download", lambda load: self.faults.append(f"download: {load.url}"))
        self.page.context.on("request", self._request)

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.faults.append(f"{where}: console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:image/", "blob:")):
            self.faults.append(f"{request.frame.url}: request: {request.url}")

    def open(self, paths: Iterable[str], settle: int = 20) -> None:
        """Open pages of the site, each for so many milliseconds after it is there."""
        given = [[self.address + path for path in paths], settle]
        try:
            self.faults += self.page.evaluate(OPEN, given)
        except Error as error:
            self.faults.append(f"navigation: {self.page.url} {error}")

    @property
    def summary(self) -> str:
        """A few of the faults, readable."""
        return "\n".join(sorted({unquote(fault)[:300] for fault in self.faults})[:30])


@contextmanager
def watched(browser: Browser, address: str, **settings: Any) -> Generator[Watched]:
    """A tab of its own on a site, and what it did."""
    context = browser.new_context(locale="zh-CN", service_workers="block", **settings)
    tab = Watched(context.new_page(), address)
    yield tab
    context.close()


@pytest.mark.parametrize(
    ("name", "without_policy"),
    [("public", True), ("internal", True), ("internal", False)],
    ids=["public", "internal", "internal-with-policy"],
)
def test_nothing_happens_on_any_page(
    name: str, without_policy: bool, sites: dict[str, Site], browser: Browser
) -> None:
    site = sites[name]
    with watched(browser, site.address, bypass_csp=without_policy) as tab:
        tab.open(site.different if without_policy else site.different[::4])
    assert not tab.faults, tab.summary


@pytest.mark.parametrize("without_policy", [True, False], ids=["escaping", "policy"])
def test_nothing_happens_when_one_searches_for_it(
    without_policy: bool, sites: dict[str, Site], browser: Browser
) -> None:
    with watched(browser, sites["internal"].address, bypass_csp=without_policy) as tab:
        tab.page.goto(tab.address + "search/", wait_until="networkidle")
        before = tab.page.inner_text("body")
        box = tab.page.locator("input[type=search]:visible").last
        for text in TEXTS.values():
            box.fill(text)
            tab.page.wait_for_timeout(40)
        for _ in range(100):
            tab.page.wait_for_timeout(100)
            if tab.page.inner_text("body") != before:
                break
        else:
            pytest.fail("the page shows nothing of what is typed")
        tab.page.wait_for_timeout(300)
        tab.faults += tab.page.evaluate("seenByWatch")
    assert not tab.faults, tab.summary


@pytest.mark.parametrize("part", ["search", "forms"])
def test_nothing_happens_when_an_address_holds_it(
    part: str, sites: dict[str, Site], browser: Browser
) -> None:
    site = sites["internal"]
    linked = {name for source in site.files.values() for name in re.findall(rb"forms/[a-z-]+/\?([a-z_]+)=", source)}  # fmt: skip
    names = sorted({name.decode() for name in linked} | {"resource", "entry", "agency", "law"})
    forms = [path for path in site.pages if path.startswith("forms/")]
    paths: list[str] = []
    for index, text in enumerate(TEXTS.values()):
        given = quote(text, safe="")
        query = "&".join(f"{name}={given}" for name in names)
        form = forms[index % len(forms)]
        paths.append(
            f"search/?k={given}#{given}" if part == "search" else f"{form}?{query}#{given}"
        )
    with watched(browser, site.address, bypass_csp=True) as tab:
        tab.open(paths, settle=200)
    assert not tab.faults, tab.summary


# The tools above see what they are for.

CARELESS: Mapping[str, str] = {
    "dialog": "<script>alert(1)</script>",
    "late dialog": "<img src=404.png onerror=alert(1)>",
    "error": "<script>throw new Error('x')</script>",
    "console": "<script>console.error('x')</script>",
    "request": "<img src=https://evil.localhost/p.gif>",
    "navigation": "<iframe srcdoc=x></iframe>",
    "policy": '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><script>1</script>',
}  # fmt: skip


@pytest.mark.parametrize("name", CARELESS)
def test_a_careless_page_is_found(name: str, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(f"<!doctype html><title>x</title>{CARELESS[name]}")
    with served(tmp_path) as address, watched(browser, address) as tab:
        tab.open(["index.html"], settle=200)
    assert [fault for fault in tab.faults if f": {name.split()[-1]}: " in fault]


@pytest.mark.parametrize("html", ["<a href=' JaVaScript:x'>", "<b onclick=x>", "<base href=x>", "<iframe srcdoc=x>", "<meta http-equiv=refresh content=0>", "<b style=x>", "<script src=//x>", "<form action=data:x>"])  # fmt: skip
def test_a_careless_element_is_found(html: str) -> None:
    assert read(html.encode()).faults
    assert not read(b'<a href="x/?k=javascript:">javascript:</a><img src="data:image/svg+xml,x">').faults  # fmt: skip


# What texts do to the page around them.


def extreme(text: str) -> Mapping[str, bytes]:
    """The register with one kind of text everywhere, each one its own, and 500 items."""
    records = {path: data for path, data in skeleton().items() if "/resources/jiaoyu/" not in path}
    path = "catalog/resources/minzheng/hunyin-dengji.yml"
    data = dict(records[path])
    rows = data["items"]
    assert isinstance(rows, list)
    more: list[Value] = [{"name": f"项目{n}"} for n in range(498)]
    data["items"] = rows + more
    given: dict[tuple[str, str], str] = {}

    def fill(spot: Spot) -> str:
        if re.search(r"/items/\d{2,}/(note|code_table)", spot.pointer):
            return ""
        if spot.is_address:
            return f"https://{'a' * 60}.example.cn/{'a' * 400}"
        if not spot.is_free:
            return ""
        limit = {"clause": 40, "item": 60}.get(spot.family, min(spot.limit, 500))
        key = (spot.family, spot.was) if spot.family else (spot.path, spot.pointer)
        return given.setdefault(key, one_of(text, len(given), limit))

    return filled(fill, {**records, path: data})


def one_of(text: str, number: int, limit: int) -> str:
    """A text of its own: letters only, so that it breaks nowhere and has one direction."""
    letters = "אבגדהוזחטי" if text == RIGHT_TO_LEFT else "ABCDEFGHIJ"
    name = "".join(letters[int(digit)] for digit in str(number))
    return f"{text} {name}"[:limit] if text == RIGHT_TO_LEFT else name + text * (limit - len(name))


RIGHT_TO_LEFT = "שלום"


@pytest.fixture(scope="module")
def extremes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    folder = tmp_path_factory.mktemp("extremes")
    for name, text in (("long", "W"), ("right-to-left", RIGHT_TO_LEFT)):
        files = dict(extreme(text))
        assert faults_of(files) == []
        built(write(folder / name, files), folder / f"{name}-site", "internal")
    with ExitStack() as stack:
        yield {name: opened(stack, folder / f"{name}-site") for name in ("long", "right-to-left")}


WIDER = """width => {
    if (document.documentElement.scrollWidth <= width) return [];
    const scrolls = one => {
        for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
            if (getComputedStyle(up).overflowX !== "visible") return true;
        return false;
    };
    const wide = [...document.body.querySelectorAll("*")].filter(
        one => one.getBoundingClientRect().right > width + 1 && !scrolls(one));
    const inner = wide.filter(one => !wide.some(other => other !== one && one.contains(other)));
    return ["a page", ...new Set(inner.slice(0, 40).map(
        one => `${one.parentElement.localName}>${one.localName}.${one.className}`))].slice(0, 6);
}"""


def record_pages(site: Site) -> list[str]:
    """The pages of a register, without those that explain rules and fields.

    The page of errors asks for its styles at the address of the site, which is not served here.
    """
    apart = (
        "404.html",
        "rules/",
        "en/rules/",
        "decisions/",
        "packs/",
        "procedures/",
        "adopt/",
        "guides/",
    )
    return [path for path in site.pages if not path.startswith(apart)]


def culprits(browser: Browser, site: Site, script: str, width: int) -> dict[str, str]:
    """What a script finds fault with, each with the first page where it stands."""
    page = browser.new_page(viewport={"width": width, "height": 780})
    found: dict[str, str] = {}
    for path in record_pages(site):
        page.goto(site.address + path)
        for culprit in page.evaluate(script, width):
            found.setdefault(culprit, path)
    page.close()
    return found


@pytest.mark.parametrize("name", ["long", "right-to-left"])
def test_no_text_makes_a_page_wider_than_a_telephone(
    name: str, extremes: dict[str, Site], browser: Browser
) -> None:
    found = culprits(browser, extremes[name], WIDER, 360)
    assert not found, "\n".join(f"{page}  {what}" for what, page in found.items())


# Digits and letters written from the right, next behind such a text and not kept apart from
# it, are shown on its other side (Unicode bidirectional algorithm, rules W2 and N1).
REVERSED = r"""() => {
    const apart = one => {
        const style = getComputedStyle(one);
        return style.display !== "inline" && style.display !== "contents"
            || /isolate|plaintext/.test(style.unicodeBidi);
    };
    const home = node => {
        let up = node.parentElement;
        while (!apart(up) && up !== document.body) up = up.parentElement;
        return up;
    };
    // What stands between isolates is one neutral character to what stands beside it.
    const told = node => node.data.replace(/\u2068[^\u2068\u2069]*\u2069/g, "\ufffc");
    const nodes = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.parentElement.checkVisibility()) nodes.push(walker.currentNode);
    const found = new Set();
    nodes.forEach((node, index) => {
        for (const match of told(node).matchAll(/שלום( [\u05d0-\u05ea]+)?/g)) {
            const mine = home(node);
            let rest = told(node).slice(match.index + match[0].length);
            for (const next of nodes.slice(index + 1)) {
                if (!mine.contains(next)) break;
                const its = home(next);
                if (its === mine) rest += told(next);
                else if (getComputedStyle(its).display.startsWith("inline")) rest += "\ufffc";
                else break;
                if (rest.length > 200) break;
            }
            const after = rest.match(/^[^\p{L}]*?[\p{Nd}\u05d0-\u05ea]+/u);
            if (after) found.add(`${mine.localName}.${mine.className}>${node.parentElement.localName}: …${after[0]}`);
        }
    });
    return [...found].slice(0, 6);
}"""


def test_no_text_turns_what_stands_behind_it(extremes: dict[str, Site], browser: Browser) -> None:
    found = culprits(browser, extremes["right-to-left"], REVERSED, 1000)
    assert not found, "\n".join(f"{page}  {what}" for what, page in found.items())


@pytest.mark.parametrize(
    ("html", "careless"),
    [
        ("<p>שלום אב 2026-11-23</p>", True),
        ("<p><a href=x>שלום</a>（<b>2026</b>）</p>", True),
        ("<p>שלום、שלום</p>", True),
        ("<p><bdi>שלום</bdi> 2026-11-23</p>", False),
        ("<p>שלום，截至 2026-11-23</p>", False),
        ("<table><tr><td>שלום<td>2026</table>", False),
        ("<p>\u2068שלום\u2069 2026-11-23</p>", False),
        ("<p><bdi>שלום</bdi>、<bdi>שלום</bdi> 12</p>", False),
    ],
)
def test_a_careless_direction_is_found(browser: Browser, html: str, careless: bool) -> None:
    page = browser.new_page()
    page.set_content(html)
    assert bool(page.evaluate(REVERSED)) is careless
    page.close()


def test_a_careless_width_is_found(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 780})
    page.set_content(f"<p><b class=x>{'W' * 300}</b></p>")
    assert page.evaluate(WIDER, 360)[1:] == ["p>b.x"]
    page.set_content(f"<p style='overflow-wrap:anywhere'>{'W' * 300}</p>")
    assert page.evaluate(WIDER, 360) == []
    page.close()
