"""Writes a Hugo site with the same resource pages: the peer of ``mulu build``.

The records become front matter, one file each; ``hugo/`` holds the layout of the page; the
frame around it (head, header, footer) is cut from a page we built, so that it is the same.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from typing import Any

import yaml

_SITE = Path(__file__).with_name("hugo")
_ARTICLE = re.compile(r"(<article[^>]*>).*(</article>)", re.DOTALL)
_BETWEEN_TAGS = re.compile(r">([^<]+)<")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one page of theirs compares with ours."""

    rows: tuple[int, int]
    """Rows of tables, ours and theirs."""
    size: float
    """Bytes, theirs to ours."""
    texts: float
    """The share of our page's texts that theirs has too."""


def write(site: Path, root: Path, built: Path, today: str) -> int:
    """Write the whole site from a register and its built site; returns how many pages."""
    shutil.copytree(_SITE, site)
    paths = sorted((root / "catalog/resources").rglob("*.yml"))
    sample = _key(root, paths[0])
    (site / "layouts/baseof.html").write_text(
        _frame(page_of(built, sample).read_text("utf-8"), sample, _read(paths[0])), "utf-8"
    )
    noon = datetime.fromisoformat(today).replace(tzinfo=UTC)
    _put(site / "data/day.json", {"now": int(noon.timestamp())})
    agencies = (root / "catalog/agencies").glob("*.yml")
    _put(site / "data/agencies.json", {path.stem: _read(path)["title"] for path in agencies})
    for path in paths:
        key = _key(root, path)
        _put(site / f"content/resources/{key}.md", _front_matter(key, _read(path)))
    return len(paths)


def page_of(built: Path, key: str) -> Path:
    """Where a resource's page lies: the same in our site and in theirs."""
    return built / "resources" / key / "index.html"


def likenesses(ours: Path, theirs: Path, keys: list[str]) -> Iterator[Likeness]:
    """Our page of each resource beside theirs."""
    for key in keys:
        yield likeness(
            page_of(ours, key).read_text("utf-8"), page_of(theirs, key).read_text("utf-8")
        )


def likeness(ours: str, theirs: str) -> Likeness:
    """Compare two pages."""
    wanted, found = _texts(ours), set(_texts(theirs))
    return Likeness(
        (ours.count("<tr"), theirs.count("<tr")),
        len(theirs.encode()) / len(ours.encode()),
        sum(text in found for text in wanted) / len(wanted),
    )


def _texts(html: str) -> list[str]:
    """What a reader sees between tags, head included."""
    return [text for match in _BETWEEN_TAGS.findall(html) if (text := unescape(match).strip())]


def _frame(html: str, key: str, record: dict[str, Any]) -> str:
    """A built page with slots where the record was."""
    frame, found = _ARTICLE.subn(r'\1{{ block "main" . }}{{ end }}\2', html)
    if found != 1:
        raise ValueError("our page has no article to cut out")
    slots = {
        key: "{{ .Params.key }}",
        escape(record["title"]): "{{ .Title }}",
        escape(record["abstract"]): "{{ .Params.abstract }}",
    }
    for text, slot in slots.items():
        frame = frame.replace(text, slot)
    return frame


def _front_matter(key: str, record: dict[str, Any]) -> dict[str, Any]:
    """A record as Hugo takes it; under ``params``, where its own names cannot clash with ours."""
    return {
        "title": record["title"],
        "params": {**record, "key": key, "agency": key.partition("/")[0]},
    }


def _key(root: Path, path: Path) -> str:
    return path.relative_to(root / "catalog/resources").with_suffix("").as_posix()


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return data


def _put(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, default=str) + "\n", "utf-8")
