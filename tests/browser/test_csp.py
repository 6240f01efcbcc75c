"""The policy of every page: nothing runs or loads but what the site itself brought."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fullest import built
from page_safety import Read, directives, pages, policy_faults, read
from registers import EXAMPLES

IN_HEADERS_ONLY = {"frame-ancestors", "sandbox", "report-to", "report-uri"}  # no meaning in a page


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return built(EXAMPLES / "common", tmp_path_factory.mktemp("policy") / "out")


@pytest.fixture(scope="module")
def read_pages(files: dict[str, bytes]) -> dict[str, Read]:
    return pages(files)


def policies_in(source: str) -> list[dict[str, set[str]]]:
    """The policies a server's settings name: ``Content-Security-Policy: …`` or ``"…"``."""
    rows = re.findall(r"(?i)content-security-policy:?[ \t]+(\"[^\"]+\"|[^\"\n]+)", source)
    return [directives(row.strip('"')) for row in rows]


def header_faults(source: str, site: dict[str, Read]) -> list[str]:
    """Where a server would say otherwise than the pages."""
    faults: list[str] = []
    wanted: dict[str, set[str]] = {}
    for page in site.values():
        for policy in page.policies:
            for name, sources in directives(policy).items():
                wanted.setdefault(name, set()).update(sources)
    found = policies_in(source)
    if not found:
        faults.append("no policy")
    for sent in found:
        shown = {name: value for name, value in sent.items() if name not in IN_HEADERS_ONLY}
        if shown != wanted:
            faults.append(f"{shown} is not {wanted}")
    return faults


def test_every_page_has_a_narrow_policy(read_pages: dict[str, Read]) -> None:
    faults = {path: list(policy_faults(page)) for path, page in read_pages.items()}
    assert {path: found for path, found in faults.items() if found} == {}


def test_every_script_of_a_page_is_a_file_of_the_site(
    files: dict[str, bytes], read_pages: dict[str, Read]
) -> None:
    for path, page in read_pages.items():
        for source in page.sources:
            folder = Path("/") / Path(path).parent
            target = Path("/") / source if source.startswith("/") else folder / source
            name = str(target).partition("?")[0]
            parts: list[str] = []
            for part in name.strip("/").split("/"):
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in files, f"{path}: {source}"


@pytest.mark.parametrize("name", ["_headers", "nginx.conf"])
def test_servers_are_told_the_same_policy(
    name: str, files: dict[str, bytes], read_pages: dict[str, Read]
) -> None:
    assert name in files
    assert header_faults(files[name].decode(), read_pages) == []


GOOD = "default-src 'none'; script-src 'self'; img-src 'self' data:"
CARELESS = {
    "no policy": "<p>甲</p>",
    "two policies": f'<meta http-equiv="Content-Security-Policy" content="{GOOD}">' * 2,
    "inline allowed": "<meta http-equiv=content-security-policy content=\"default-src 'self'; script-src 'unsafe-inline'\">",
    "eval allowed": "<meta http-equiv=content-security-policy content=\"default-src 'self'; script-src 'unsafe-eval'\">",
    "hosts allowed": "<meta http-equiv=content-security-policy content=\"default-src 'self'; img-src https:\">",
    "no default": "<meta http-equiv=content-security-policy content=\"script-src 'self'\">",
    "other script": f'<meta http-equiv="Content-Security-Policy" content="{GOOD}"><script>1</script>',
    "other style": f'<meta http-equiv="Content-Security-Policy" content="{GOOD}"><style>p{{}}</style>',
}  # fmt: skip


@pytest.mark.parametrize("name", CARELESS)
def test_a_careless_page_is_found(name: str) -> None:
    assert list(policy_faults(read(CARELESS[name].encode())))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "/*\n  X-Frame-Options: DENY\n",
        "/*\n  Content-Security-Policy: default-src 'self'\n",
        "add_header Content-Security-Policy \"default-src 'none'; script-src 'unsafe-inline'\" always;",
    ],
)
def test_a_careless_server_is_found(source: str) -> None:
    page = read(f'<meta http-equiv="Content-Security-Policy" content="{GOOD}">'.encode())
    assert header_faults(source, {"index.html": page})
    assert not header_faults(f"/*\n  Content-Security-Policy: {GOOD}; frame-ancestors 'none'\n", {"index.html": page})  # fmt: skip
    assert not header_faults(f'add_header Content-Security-Policy "{GOOD}" always;', {"index.html": page})  # fmt: skip
