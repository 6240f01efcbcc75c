"""One file of the site before it is made: where it lies, what it depends on, how to make it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file to be: equal keys mean equal bytes, so a build makes only what is new.

    ``make`` may use nothing that the key does not stand for.
    """

    path: str
    key: bytes
    make: Callable[[], bytes]


def ready(path: str, content: bytes) -> Sheet:
    """A file whose bytes are there already."""
    key = hashlib.blake2b(content, digest_size=16).digest()
    return Sheet(path, key, partial(bytes, content))


def key_of(*parts: object) -> bytes:
    """The digest of plain values: texts, numbers, bytes, None, and tuples, lists and dicts of them."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
