"""The page frame: the only module that knows what the theme makes of a page.

mkdocs renders one placeholder page; its HTML, cut at the placeholders, is the frame that
every page of a record is put into.  Another theme means another cut, here and in
``site/theme/``, and nowhere else.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape

TITLE, DESCRIPTION, BODY = "MULU-TITLE", "MULU-DESCRIPTION", "<p>MULU-BODY</p>"
SOURCE = "frame/index.html"
_ROOT = "\0"
_SWITCHES = re.compile(
    r'<input class="md-toggle"[^>]*>\s*|<label class="md-overlay"[^>]*></label>\s*'
    r'|<div data-md-component="(?:skip|announce)">\s*</div>\s*'
    r'|<div class="md-dialog"[^>]*>\s*<div class="md-dialog__inner md-typeset"></div>\s*</div>\s*'
)
_UPWARDS = re.compile(r'(?<=["(])\.\.(/(?:\./)?|(?="))')


def without_switches(html: str) -> str:
    """A page of the theme without the controls of parts we leave out (drawer, search, dialog)."""
    return _SWITCHES.sub("", html)


class Frame:
    """Head, title, description and body slots around the content of a page."""

    def __init__(self, html: str) -> None:
        """Cut the placeholder page.

        Raises ValueError where a placeholder is missing: the theme has changed.
        """
        lines = (line.strip() for line in without_switches(html).split("\n"))
        text = _UPWARDS.sub(_ROOT, "\n".join(line for line in lines if line))
        for slot in (TITLE, DESCRIPTION, BODY):
            if slot not in text:
                raise ValueError(f"the page frame lost its {slot}")
        self._parts = re.split(f"({TITLE}|{DESCRIPTION}|{re.escape(BODY)})", text)
        self._at = cache(self._at_depth)

    def _at_depth(self, depth: int) -> list[str]:
        up = "../" * depth or "./"
        return [part.replace(_ROOT, up) for part in self._parts]

    def page(self, path: str, title: str, description: str, body: str) -> bytes:
        """A whole page; ``path`` is where it will lie, so that its links are relative to it."""
        slots = {TITLE: escape(title), DESCRIPTION: escape(description), BODY: body}
        parts = self._at(path.count("/"))
        return "".join(slots.get(part, part) for part in parts).encode()


def root_of(path: str) -> str:
    """The relative way from a page to the site's root, ending with a slash."""
    return "../" * path.count("/") or "./"
