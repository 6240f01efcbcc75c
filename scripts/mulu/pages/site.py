"""The whole site as sheets: every page of the register, in the frame, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

import jinja2
from markupsafe import escape

from mulu.findings import Rule
from mulu.pages import (
    browse,
    cases,
    changes,
    downloads,
    entries,
    forms,
    items,
    lists,
    procedures,
    records,
    search,
)
from mulu.pages.affected import Subject, affected
from mulu.pages.browse import Letters
from mulu.pages.changes import Landed
from mulu.pages.direction import has_any, isolating
from mulu.pages.items import Holders
from mulu.pages.lists import Examples
from mulu.pages.sheet import Sheet, key_of
from mulu.pages.shell import Frame, root_of
from mulu.pages.view import Builder, Page, View
from mulu.record import Record
from mulu.register import is_withdrawn

_CHUNK = 200
"""Pages of one part: small enough that the last parts do not keep one core waiting."""


@dataclass(frozen=True)
class Constants:
    """What every page depends on beside the register; ``key`` stands for all of it."""

    key: bytes
    rules: Sequence[Rule]
    examples: Examples
    landed: Sequence[Landed]
    traditional: str


class Renderer:
    """Templates and the frame of one language, ready to turn pages into bytes."""

    def __init__(self, frame: Frame, templates: Mapping[str, str], view: View) -> None:
        self._frame, self._view = frame, view
        self._environment = jinja2.Environment(
            loader=jinja2.DictLoader(
                {path: _spoken(text, view) for path, text in templates.items()}
            ),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        language = view.language
        self._words = {"_": language.say, "n_": language.count, "w": view.words}
        self._environment.filters |= {"day": language.day, "num": language.number}

    def make(self, builder: Builder, built: Page | None = None) -> bytes:
        """One page; only what it shows, its own record and the constants can get into it."""
        page = built or builder(self._view)
        path = self._view.language.folder + page.path
        values = {
            "root": root_of(page.path),
            "base": root_of(path),
            "here": page.path.removesuffix("index.html"),
            "r": page.record,
            **page.shown,
            **(page.more() if page.more else {}),
        }
        body = self._render(self._environment, page.template, values)
        if has_any(body):
            body = self._render(self._isolating, page.template, values)
        title = f"{page.title} - {self._site_title()}" if page.title else self._site_title()
        return self._frame.page(path, title, page.description[:150], body, is_gone=page.is_gone)

    def _render(
        self, environment: jinja2.Environment, template: str, values: Mapping[str, object]
    ) -> str:
        return environment.get_template(template, globals=self._words).render(values)

    @cached_property
    def _isolating(self) -> jinja2.Environment:
        return isolating(self._environment)

    def _site_title(self) -> str:
        settings = self._view.register.settings
        return settings.title if settings else self._view.say("政务信息资源目录")


class Plan(NamedTuple):
    """A page to be looked at: its address, what it is about, and how it is built."""

    address: str
    subject: Subject | None
    """None for a page about everything."""
    build: Builder


@dataclass(frozen=True)
class Site:
    """The register's pages and files, in parts that can be made apart from each other."""

    renderers: Sequence[tuple[View, Renderer]]
    constants: Constants
    readings: dict[str, str]
    inverted: MutableMapping[bytes, search.Inverted]
    """Blocks of the search index by key: what is not there is worked out, what is gone forgotten."""

    @cached_property
    def blocks(self) -> Sequence[search.Block]:
        """The entries of the search index, in blocks."""
        view = self.renderers[0][0]
        return search.blocks(entries.entries(view, self.holders), self.folding)

    @cached_property
    def folding(self) -> search.Folding:
        """How texts are compared in the search."""
        return search.Folding(self.constants.traditional)

    def _search(self) -> Iterator[Sheet]:
        found: list[search.Inverted] = []
        for block in self.blocks:
            known = self.inverted.get(block.key)
            if known is None:
                known = self.inverted[block.key] = search.inverted(block, self.folding)
            found.append(known)
        for key in self.inverted.keys() - {block.key for block in self.blocks}:
            del self.inverted[key]
        titles = entries.titles(self.renderers[0][0])
        return search.sheets(self.blocks, found, *titles, self.folding)

    @cached_property
    def holders(self) -> Holders:
        """Which resources hold which items."""
        return Holders(self.renderers[0][0].register)

    @cached_property
    def key(self) -> bytes:
        """What every page's key begins with."""
        return key_of(self.constants.key, _names(self.renderers[0][0]))

    def parts(
        self, before: Mapping[str, Record | None] | None = None
    ) -> list[Callable[[], Iterator[Sheet]]]:
        """Everything that comes from the register; the hand-written pages are not among it.

        ``before`` says which records have changed since the last build, where everything else
        (``key`` too) is as it was.  What many pages ask for is worked out here, once, before
        the parts go their ways.
        """
        view = self.renderers[0][0]
        touched = None if before is None else affected(view.register, self.holders, before)
        plans = list(self.plans.values())
        view.prepare()
        chunks = [plans[at : at + _CHUNK] for at in range(0, len(plans), _CHUNK)]
        return [
            *(part for _, part in self.parts_beside_pages()),
            *(partial(self._sheets, chunk, touched) for chunk in chunks),
        ]

    def parts_beside_pages(self) -> list[tuple[str, Callable[[], Iterator[Sheet]]]]:
        """The files made from many records that are no pages, after the folder they lie in."""
        view = self.renderers[0][0]
        return [
            ("search/", self._search),
            ("forms/data/", partial(forms.sheets, view)),
            ("downloads/", partial(downloads.sheets, view)),
        ]

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """Every page by its address, in the order in which they are made."""
        return {plan.address: plan for plan in self._plans()}

    def page(self, path: str) -> bytes | None:
        """One page by its path in the site; None where there is none."""
        for view, renderer in reversed(self.renderers):
            folder = view.language.folder
            address = path.removeprefix(folder).removesuffix("index.html")
            if path.startswith(folder) and address in self.plans:
                return renderer.make(self.plans[address].build)
        return None

    def _plans(self) -> Iterator[Plan]:
        view, constants = self.renderers[0][0], self.constants
        register = view.register
        everywhere: Iterator[tuple[str, Builder]] = chain(
            lists.pages(constants.rules, constants.examples),
            (("changes/", partial(changes.page, landed=constants.landed)), ("downloads/", downloads.page)),
            procedures.pages(view, constants.rules),
            forms.pages(register),
            browse.pages(Letters(register, self.readings)),
            (("items/", partial(items.list_page, holders=self.holders)), ("todo/", cases.board), ("objections/", cases.objections)),
        )  # fmt: skip
        for address, builder in everywhere:
            yield Plan(address, None, builder)
        for name in self.holders.shared:
            builder = partial(items.item_page, holders=self.holders, name=name)
            yield Plan(items.href(name), ("item", name), builder)
        for case in register.cases:
            builder = partial(cases.case_page, case=case)
            yield Plan(view.href(case.kind, case.key), (case.kind, case.key), builder)
        for subject, builder in records.pages(register, self.holders):
            yield Plan(view.href(*subject), subject, builder)

    def _sheets(self, plans: Sequence[Plan], touched: frozenset[Subject] | None) -> Iterator[Sheet]:
        """Each page in every language, under one key: the words follow from the first language's."""
        view = self.renderers[0][0]
        for address, subject, builder in plans:
            page, key = None, None
            if touched is None or subject is None or subject in touched:
                page = builder(view)
                record = view.digest(page.record) if page.record else b""
                key = key_of(self.key, page.path, page.template, page.title, page.description, page.shown, record)  # fmt: skip
            for other, renderer in self.renderers:
                make = partial(renderer.make, builder, page if other is view else None)
                yield Sheet(f"{other.language.folder}{address}index.html", key, make)


_SAID = re.compile(r'\{\{ _\("([^"{}\\]+)"\) \}\}')


def _spoken(template: str, view: View) -> str:
    """A template with its plain words already in the language: a page asks for a hundred of them."""
    return _SAID.sub(lambda found: str(escape(view.say(found[1]))), template)


def _names(view: View) -> list[tuple[object, ...]]:
    """What any page may call an agency, a law or a library: few, and part of every page's key."""
    register = view.register
    return [
        (kind, key, one.title, one.text("short"), one.text("kind"), is_withdrawn(one), one.texts("withdrawn", "successors"))
        for kind in ("agency", "law", "library")
        for key, one in register.of(kind).items()
    ]  # fmt: skip
