"""The whole site as files: every page of the register, in the frame, with its search index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import jinja2

from mulu.findings import Rule
from mulu.pages import cases, forms, lists, procedures, records, search
from mulu.pages.lists import Examples
from mulu.pages.records import Page
from mulu.pages.shell import Frame, root_of
from mulu.pages.view import View


class Renderer:
    """Templates and frame, ready to turn pages into bytes."""

    def __init__(self, frame: Frame, templates: Mapping[str, str]) -> None:
        self._frame = frame
        self._environment = jinja2.Environment(
            loader=jinja2.DictLoader(dict(templates)),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def file(self, view: View, page: Page) -> tuple[str, bytes]:
        """One page as (path, bytes)."""
        path, template, title, description, shown = page
        body = self._environment.get_template(template).render(
            view=view, root=root_of(path), **shown
        )
        return path, self._frame.page(path, title, description[:150], body)


def files(
    view: View, renderer: Renderer, rules: Sequence[Rule], examples: Examples
) -> Iterator[tuple[str, bytes]]:
    """Every file that comes from the register; the hand-written pages are not among them."""
    yield "search.json", search.index(view)
    yield from forms.files(view)
    for page in _all(view, rules, examples):
        yield renderer.file(view, page)


def _all(view: View, rules: Sequence[Rule], examples: Examples) -> Iterable[Page]:
    yield from lists.pages(view, rules, examples)
    yield from records.pages(view)
    yield from cases.pages(view)
    yield from procedures.pages(view, rules)
    yield from forms.pages(view)
