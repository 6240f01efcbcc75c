"""The annual report on paper: one HTML document that stands alone, and the PDF made of it.

The page follows GB/T 9704-2012.  The fonts it names first are those of offices; where they are
missing, those of Debian's fonts-noto-cjk stand in.
"""

from __future__ import annotations

import logging
from fractions import Fraction
from functools import partial
from typing import Any
from urllib.parse import urljoin

import jinja2
from markupsafe import Markup

from mulu.report.compose import chinese_day
from mulu.report.document import Document, numeral


def html(
    document: Document, template: str, style: str, *, site: str = "", version: str = ""
) -> bytes:
    """The whole report as one page; ``site`` is where the register's own site stands, '' for nowhere.

    ``template`` and ``style`` come with the program; every value of the report is escaped.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["kind"] = _kind
    values: dict[str, object] = {
        "doc": document,
        "style": Markup(style),  # noqa: S704  the program's own
        "version": version,
        "numeral": numeral,
        "day": chinese_day,
        "share": _share,
        "to": partial(_address, site),
    }
    return environment.from_string(template).render(values).encode()


def pdf(source: bytes) -> bytes:
    """The page as PDF: tagged for readers of the blind (PDF/UA), with bookmarks and fonts in it.

    Raises OSError where the libraries that set the text are not on the machine.
    """
    import weasyprint  # pyright: ignore[reportMissingTypeStubs]

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    page: Any = weasyprint.HTML(string=source.decode())
    return bytes(page.write_pdf(pdf_variant="pdf/ua-1"))


def _kind(block: object) -> str:
    return type(block).__name__


def _share(number: Fraction | None, most: Fraction) -> str:
    """A bar's length in percent."""
    return f"{float(100 * number / most):.2f}" if number and most else "0"


def _address(site: str, href: str) -> str:
    """A full address; '' for what leads nowhere outside the site."""
    if href.startswith(("https://", "http://")):
        return href
    return urljoin(site, href) if site and href else ""
