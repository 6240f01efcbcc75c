"""Records written in Markdown: prose, kept line by line so that a change shows which lines it is about.

What may be in a text file is the strict loader's to say; Markdown itself refuses nothing.
"""

from __future__ import annotations

from mulu.findings import Finding
from mulu.loading import strict_yaml
from mulu.record import Data, Record

SUFFIX = ".md"


def load(path: str, source: bytes) -> Data | Finding:
    """Read one text; a Finding says where and why it is refused."""
    text = strict_yaml.text_of(path, source)
    if isinstance(text, Finding):
        return text
    return {"lines": list(text.split("\n")[:-1])}


def positions(source: bytes) -> dict[str, tuple[int, int]]:
    """Line and column of every line by JSON pointer."""
    return {f"/lines/{at}": (at + 1, 1) for at in range(source.count(b"\n"))}


def dump(lines: list[str]) -> bytes:
    """The file of these lines."""
    return "".join(f"{line}\n" for line in lines).encode()


def text_of(record: Record) -> str:
    """The whole text of a record."""
    return "\n".join(record.texts("lines"))
