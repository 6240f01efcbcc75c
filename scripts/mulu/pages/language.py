"""The language of the interface: Chinese is the source, others come from gettext catalogs.

Only the words of the interface change with the language; what a record says stays as it
was written.
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from mulu.pages.direction import isolated

SOURCE = "zh"


@dataclass(frozen=True)
class Language:
    """One language of the site: its words, dates and numbers, and the folder its pages lie in."""

    code: str = SOURCE
    catalog: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)

    @property
    def folder(self) -> str:
        """Where the pages lie: the source language at the root, the others in their own folder."""
        return "" if self.code == SOURCE else f"{self.code}/"

    @property
    def tag(self) -> str:
        """The BCP 47 tag for ``lang``."""
        return "zh-Hans" if self.code == SOURCE else self.code

    def say(self, text: str, **values: object) -> str:
        """A sentence in this language with its ``{name}`` fields filled in.

        Values that are markup stay markup and everything around them is escaped, so that a
        sentence may hold a link and a stranger's text cannot.
        """
        found = self.catalog.gettext(text) if text else ""
        return _fill(found, values)

    def count(self, text: str, n: int, **values: object) -> str:
        """``say`` with a number ``{n}``: the plural form follows it."""
        return _fill(self.catalog.ngettext(text, text, n), {"n": self.number(n), **values})

    def day(self, value: object) -> str:
        """A date as this language writes it; what is no date stays as it is."""
        return _day(str(value), self.code)

    def number(self, value: float) -> str:
        """A number with the marks between thousands of this language."""
        return _number(value, self.code)

    def percent(self, part: int, whole: int) -> str:
        """A share with one decimal; a word where there is nothing to take a share of."""
        return _percent(part, whole, self.code) if whole else self.say("不适用")

    def join(self, texts: list[str]) -> str:
        """A list in a sentence."""
        return ("、" if self.code == SOURCE else ", ").join(str(isolated(text)) for text in texts)


def load(code: str, catalog: bytes) -> Language:
    """The language of a compiled catalog (``.mo``).  Raises OSError where it is none."""
    return Language(code, gettext.GNUTranslations(io.BytesIO(catalog)))


def _fill(text: str, values: dict[str, object]) -> str:
    if not values:
        return text
    apart = {name: isolated(value) for name, value in values.items()}
    if any(isinstance(value, Markup) for value in values.values()):
        return escape(text).format(**apart)
    return text.format(**apart)


@lru_cache(1 << 14)
def _day(value: str, code: str) -> str:
    try:
        return format_date(date.fromisoformat(value), "medium", _locale(code))
    except ValueError:
        return value


@lru_cache(1 << 14)
def _number(value: float, code: str) -> str:
    return format_decimal(value, locale=_locale(code))


@lru_cache(1 << 10)
def _percent(part: int, whole: int, code: str) -> str:
    return format_percent(part / whole, "0.0%", _locale(code))


def _locale(code: str) -> str:
    return "zh_Hans_CN" if code == SOURCE else code
