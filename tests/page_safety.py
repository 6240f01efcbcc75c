"""What may stand in a page of the site, read without a browser: scripts, addresses, policy."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser

ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset", "ping", "cite", "background", "xlink:href"}  # fmt: skip
FORBIDDEN = {"base", "iframe", "object", "embed", "frame", "frameset", "applet", "portal"}
_DATA_TYPES = {"application/json", "application/ld+json"}
_SCHEME = re.compile(r"[\x00-\x20]*(javascript|vbscript|data)[\x00-\x20]*:", re.IGNORECASE)


@dataclass
class Read(HTMLParser):
    """One page: its names, its inline scripts and styles, its policy, and what it may not hold."""

    names: set[str] = field(default_factory=set[str])
    scripts: list[str] = field(default_factory=list[str])
    sources: list[str] = field(default_factory=list[str])
    styles: list[str] = field(default_factory=list[str])
    policies: list[str] = field(default_factory=list[str])
    faults: list[str] = field(default_factory=list[str])
    _into: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(f"@{name}" for name, _ in attrs)}
        given = {name: value or "" for name, value in attrs}
        if tag in FORBIDDEN:
            self.faults.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in given:
            self._meta(given["http-equiv"].lower(), given.get("content", ""))
        for name, value in given.items():
            if name.startswith("on") or name in ("srcdoc", "style"):
                self.faults.append(f"<{tag} {name}={value[:60]!r}>")
            if name in ADDRESSES and _SCHEME.match(value) and not _is_picture(tag, value):
                self.faults.append(f"<{tag} {name}={value[:60]!r}>")
        self._into = self._inside(tag, given)
        if self._into is not None:
            self._into.append("")

    def _inside(self, tag: str, given: dict[str, str]) -> list[str] | None:
        if tag == "style":
            return self.styles
        if tag != "script" or given.get("type") in _DATA_TYPES:
            return None
        if "src" not in given:
            return self.scripts
        self.sources.append(given["src"])
        if re.match(r"[a-z+.-]*:|//", given["src"], re.IGNORECASE):
            self.faults.append(f"<script src={given['src'][:60]!r}>")
        return None

    def _meta(self, name: str, content: str) -> None:
        if name == "content-security-policy":
            self.policies.append(content)
        elif name == "refresh":
            self.faults.append(f"refresh {content[:60]!r}")

    def handle_data(self, data: str) -> None:
        if self._into:
            self._into[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._into = None


def _is_picture(tag: str, value: str) -> bool:
    return tag == "img" and value.startswith("data:image/")


def read(source: bytes) -> Read:
    """A page, read."""
    page = Read()
    page.feed(source.decode())
    page.close()
    return page


def pages(files: Mapping[str, bytes]) -> dict[str, Read]:
    """Every page of a site by its path."""
    return {path: read(source) for path, source in files.items() if path.endswith(".html")}


def digest(text: str) -> str:
    """A script or style as a policy names it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def directives(policy: str) -> dict[str, set[str]]:
    """A policy by directive."""
    rows = (part.split() for part in policy.split(";"))
    return {row[0].lower(): set(row[1:]) for row in rows if row}


def policy_faults(page: Read) -> Iterator[str]:
    """What is wrong with the policy of a page."""
    if len(page.policies) != 1:
        yield f"{len(page.policies)} policies"
    for policy in page.policies:
        wanted = directives(policy)
        if wanted.get("default-src") not in ({"'none'"}, {"'self'"}):
            yield "default-src is neither 'none' nor 'self'"
        for name, sources in wanted.items():
            yield from (f"{name} {one}" for one in sorted(sources) if _is_wide(name, one))
        scripts = wanted.get("script-src", wanted.get("default-src", set()))
        styles = wanted.get("style-src", wanted.get("default-src", set()))
        yield from (f"script not in the policy: {text.strip()[:60]!r}" for text in page.scripts if digest(text) not in scripts)  # fmt: skip
        yield from (f"style not in the policy: {text.strip()[:60]!r}" for text in page.styles if digest(text) not in styles)  # fmt: skip
        if page.sources and "'self'" not in scripts:
            yield f"script not in the policy: {page.sources[0]}"


def _is_wide(name: str, source: str) -> bool:
    """Whether a source lets in more than the site itself, what is named by digest, and pictures."""
    if source in ("'none'", "'self'") or source.startswith("'sha256-"):
        return False
    return not (name == "img-src" and source == "data:")
