"""Text written from the right, kept apart from what stands beside it.

Digits and punctuation next to such a text are shown on its other side (Unicode
bidirectional algorithm, rules W2 and N1), so "שלום 2026" says something else than was
written.  Where a page holds any, each value gets isolates (U+2068, U+2069) around it; these
hold in attributes and titles too, where an element could not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import jinja2
from markupsafe import Markup

_FROM_THE_RIGHT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def has_any(text: str) -> bool:
    """Whether a letter of the text is written from the right."""
    return not text.isascii() and _FROM_THE_RIGHT.search(text) is not None


def isolated(value: object) -> object:
    """A value as it is; a text with letters written from the right between isolates."""
    if isinstance(value, str) and not isinstance(value, Markup) and has_any(value):
        return f"\u2068{value}\u2069"
    return value


def isolating(environment: jinja2.Environment) -> jinja2.Environment:
    """The environment again, with each value that it prints kept apart from its surroundings."""
    # compiled otherwise than the environment's, so never from the same cache
    found = environment.overlay(finalize=isolated, cache_size=-1, bytecode_cache=None)
    found.filters = environment.filters.copy()
    found.filters["join"] = _joined
    return found


def _joined(values: Iterable[str], between: str = "") -> Markup:
    return Markup.escape(between).join(
        str(isolated(value)) if not isinstance(value, Markup) else value for value in values
    )
