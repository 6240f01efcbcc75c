"""Slugs: the names of files, in pinyin by habit (``domain.md``)."""

from __future__ import annotations

import re
import unicodedata

from pypinyin import lazy_pinyin

_LONGEST = 60  # of the 80 allowed: room for a suffix, and for paths that people can read


def slug_of(title: str) -> str:
    """A title in pinyin, whole words, at most 60 characters; '' where nothing can be spelt."""
    spelt = " ".join(lazy_pinyin(unicodedata.normalize("NFKC", title))).lower()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", spelt):
        longer = f"{slug}-{word}" if slug else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        slug = longer
    return slug
