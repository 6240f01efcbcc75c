"""What the pages of a built site point at: every internal link resolves, and no other host is named.

Read with the standard library alone, page by page: attributes that lead somewhere, the ids
fragments may name, and ``url()`` and ``@import`` in style sheets, ``<style>`` and ``style``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

LEADING = {"href", "src", "action", "formaction", "poster", "data", "xlink:href"}
# An example to be read, and the names of vocabularies: none is ever fetched.
NAMED_ONLY = {"placeholder", "xmlns", "xmlns:xlink", "itemtype", "itemid"}
HOST = re.compile(r"""(?:\b(?:https?|wss?|ftp):|^|[\s,('"=])//([^/?#\s"'),]+)""", re.IGNORECASE)
SHEET = re.compile(r"""(?:url\(\s*|@import\s+)(["']?)(?!data:)([^"')\s;]+)\1""")
UNSEEN = ("data:", "mailto:", "tel:", "blob:")


class Leaf(HTMLParser):
    """One page: where it points, by tag and attribute, and which fragments it answers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str, str]] = []
        self.hosts: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.canonical: str | None = None
        self.style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in what one element names."""
        self.style = tag == "style"
        given = {name: value or "" for name, value in attrs}
        self.ids += [given[name] for name in ("id", "name") if name == "id" or tag == "a" if name in given]  # fmt: skip
        if tag == "link" and given.get("rel") == "canonical":
            self.canonical = given.get("href")
        for name, value in given.items():
            if name in LEADING:
                self.links.append((tag, name, value.strip()))
            elif name in {"srcset", "imagesrcset"}:
                self.links += [(tag, name, one.split()[0]) for one in value.split(",") if one.strip()]  # fmt: skip
            elif name == "style":
                self.links += [(tag, name, address) for address in sheet_links(value)]
            if name not in NAMED_ONLY:
                self.hosts += [(tag, name, host.lower()) for host in HOST.findall(value)]

    def handle_endtag(self, tag: str) -> None:
        """Leave a style element."""
        self.style = False

    def handle_data(self, data: str) -> None:
        """Read a style element as the style sheet it is."""
        if self.style:
            self.links += [("style", "url", address) for address in sheet_links(data)]
            self.hosts += [("style", "url", host) for address in sheet_links(data) for host in HOST.findall(address)]  # fmt: skip


def sheet_links(css: str) -> list[str]:
    """What a style sheet fetches."""
    return [address for _, address in SHEET.findall(css)]


@dataclass(frozen=True)
class Site:
    """A built folder that will be published at ``home``."""

    folder: Path
    home: str

    def faults(self, outbound: set[str]) -> Iterator[str]:
        """Say what is wrong, page by page; ``outbound`` are the hosts an ``<a href>`` may lead to."""
        leaves = {path: Leaf(path.read_text("utf-8")) for path in self.files("*.html")}
        ids = {path: set(leaf.ids) for path, leaf in leaves.items()}
        own = urlsplit(self.home).netloc
        for path, leaf in leaves.items():
            name = path.relative_to(self.folder).as_posix()
            for tag, attribute, address in leaf.links:
                if fault := self.broken(path, address, ids):
                    yield f"{name}: <{tag} {attribute}> {fault}"
            for tag, attribute, host in leaf.hosts:
                if host != own and not ((tag, attribute) == ("a", "href") and host in outbound):
                    yield f"{name}: <{tag} {attribute}> names the host {host}"
            for twice in sorted({one for one in ids[path] if leaf.ids.count(one) > 1}):
                yield f"{name}: id {twice} stands twice"
            if leaf.canonical not in {None, self.address(path)}:
                yield f"{name}: canonical is {leaf.canonical}, not {self.address(path)}"
        for path in self.files("*.css"):
            name = path.relative_to(self.folder).as_posix()
            for address in sheet_links(path.read_text("utf-8")):
                if HOST.match(address):
                    yield f"{name}: names {address}"
                elif fault := self.broken(path, address, ids):
                    yield f"{name}: {fault}"

    def files(self, pattern: str) -> list[Path]:
        """The files of the build of one kind."""
        return sorted(self.folder.rglob(pattern))

    def address(self, path: Path) -> str:
        """Where a file of the build will be published."""
        return self.home + path.relative_to(self.folder).as_posix().removesuffix("index.html")

    def broken(self, path: Path, address: str, ids: dict[Path, set[str]]) -> str:
        """What is wrong with an address on a page; '' where it resolves or is another host's."""
        if address.lower().startswith(UNSEEN):
            return ""
        if address.lower().startswith("javascript:"):
            return f"runs a script: {address}"
        whole, fragment = urldefrag(urljoin(self.address(path), address))
        if urlsplit(whole).netloc != urlsplit(self.home).netloc:
            return ""
        if not whole.startswith(self.home):
            return f"leads out of the site: {address}"
        target = self.target(whole)
        if target is None:
            return f"leads nowhere: {address}"
        if fragment and target in ids and unquote(fragment) not in ids[target]:
            return f"names no id: {address}"
        return ""

    @cached_property
    def paths(self) -> frozenset[Path]:
        """Every file of the build; asking the disk once per link takes as long again."""
        return frozenset(path for path in self.folder.rglob("*") if path.is_file())

    def target(self, whole: str) -> Path | None:
        """The file of the build behind an address of the site."""
        path = self.folder / unquote(urlsplit(whole).path.removeprefix(urlsplit(self.home).path))
        return next((one for one in (path, path / "index.html") if one in self.paths), None)
