"""The page frame: the only module that knows what the theme makes of a page.

mkdocs renders one placeholder page for each language; its HTML, cut at the placeholders, is
the frame that every page of a record is put into.  Another theme means another cut, here and
in ``site/theme/``, and nowhere else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape

from mulu.pages.language import SOURCE, Language

TITLE, DESCRIPTION, BODY = "MULU-TITLE", "MULU-DESCRIPTION", "<p>MULU-BODY</p>"
_SELF, _OTHER, _ROBOTS = "MULU-SELF", "MULU-OTHER", "<!--MULU-ROBOTS-->"
_ROOT = "\0"
_SWITCHES = re.compile(
    r'<input class="md-toggle"[^>]*>\s*|<label class="md-overlay"[^>]*></label>\s*'
    r'|<div data-md-component="skip">(?:\s*<a [^>]*class="md-skip">[^<]*</a>)?\s*</div>\s*'
    r'|<div data-md-component="announce">\s*</div>\s*'
    r'|<div class="md-dialog"[^>]*>\s*<div class="md-dialog__inner md-typeset"></div>\s*</div>\s*'
    r'|<link rel="(?:prev|next)"[^>]*>\s*|<script>var target=document\.getElementById\(location\.hash[^<]*</script>\s*'
)
_UPWARDS = re.compile(r'(?<=["(])\.\.(/(?:\./)?|(?="))')
_MAIN = re.compile(r'<div class="md-container"[^>]*>\s*(.*?)<main class="md-main"[^>]*>\s*<div class="md-main__inner md-grid">(.*?)</div>\s*</main>(.*?)</div>\s*(?=<div class="md-dialog"|<script|</body>|$)', re.DOTALL)  # fmt: skip
NOINDEX = '<meta name="robots" content="noindex">'


def source_of(language: Language) -> str:
    """Where mkdocs puts the placeholder page of a language."""
    return "frame/index.html" if language.code == SOURCE else f"frame-{language.code}/index.html"


def cleaned(html: str, language: Language, path: str) -> str:
    """A page of the theme without the controls of parts we leave out, in its language.

    A link to ``site:todo/`` leads to that page of records, from wherever the page lies.
    """
    home = root_of(path.removeprefix(language.folder))
    html = html.replace('href="site:', f'href="{home}')
    text = _MAIN.sub(r'\1<main class="m-main m-wide">\2</main>\3', _SWITCHES.sub("", html))
    return text.replace('<html lang="zh" class="no-js">', f'<html lang="{language.tag}" class="no-js">', 1)  # fmt: skip


def policy(boot: bytes) -> str:
    """The content security policy of every page: our own files, and the one script in the head.

    ``boot`` is that script's source file; its hash never comes from a built page.
    """
    digest = base64.b64encode(hashlib.sha256(boot.rstrip(b"\n")).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'sha256-{digest}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
        )
    )


class Frame:
    """Head, title, description and body slots around the content of a page."""

    def __init__(self, html: str, language: Language) -> None:
        """Cut the placeholder page, which ``cleaned`` gave.

        Raises ValueError where a placeholder is missing: the theme has changed.
        """
        self._language = language
        lines = (line.strip() for line in html.split("\n"))
        text = _UPWARDS.sub(_ROOT, "\n".join(line for line in lines if line))
        for slot in (TITLE, DESCRIPTION, BODY):
            if slot not in text:
                raise ValueError(f"the page frame lost its {slot}")
        slots = (TITLE, DESCRIPTION, BODY, _SELF, _OTHER, _ROBOTS)
        self._parts = re.split(f"({'|'.join(map(re.escape, slots))})", text)
        self._at = cache(self._at_depth)

    def _at_depth(self, depth: int) -> list[str]:
        up = "../" * depth or "./"
        return [part.replace(_ROOT, up) for part in self._parts]

    def page(self, path: str, title: str, description: str, body: str, *, is_gone: bool = False) -> bytes:  # fmt: skip
        """A whole page; ``path`` is where it will lie, so that its links are relative to it."""
        here = path.removesuffix("index.html")
        bare = here.removeprefix(self._language.folder)
        other = f"en/{bare}" if self._language.code == SOURCE else bare
        slots = {
            TITLE: escape(title),
            DESCRIPTION: escape(description),
            BODY: body,
            _SELF: escape(here),
            _OTHER: escape(other),
            _ROBOTS: NOINDEX if is_gone else "",
        }
        parts = self._at(path.count("/"))
        return "".join(slots.get(part, part) for part in parts).encode()


def root_of(path: str) -> str:
    """The relative way from a page to the site's root, ending with a slash."""
    return "../" * path.count("/") or "./"
