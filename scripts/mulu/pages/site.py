"""The whole site as sheets: every page of the register, in the frame, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

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
    monitor,
    procedures,
    records,
    report,
    search,
)
from mulu.pages.affected import Subject, affected
from mulu.pages.browse import Letters
from mulu.pages.changes import Landed
from mulu.pages.direction import has_any, isolating
from mulu.pages.items import Holders
from mulu.pages.lists import Examples
from mulu.pages.markup import Environment, small_parts
from mulu.pages.sheet import Sheet, key_of
from mulu.pages.shell import Frame, root_of
from mulu.pages.view import Badge, Builder, Page, Piece, ResourceRow, View
from mulu.record import Record
from mulu.register import is_withdrawn

_CHUNK, _CHUNKS = 200, 32
"""Pages of one part, and parts: enough of them that the last do not keep one core waiting."""


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

    def __init__(
        self, frame: Frame, templates: Mapping[str, str], view: View, compiled: str = ""
    ) -> None:
        """``compiled`` is a folder that keeps templates compiled, '' for none."""
        self._frame, self._view = frame, view
        self._environment = Environment(
            loader=jinja2.DictLoader(
                {path: _spoken(text, view) for path, text in templates.items()}
            ),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=jinja2.FileSystemBytecodeCache(compiled, f"{view.language.code}-%s") if compiled else None,
        )  # fmt: skip
        language = view.language
        self._words = {"_": language.say, "n_": language.count, "w": view.words}
        self._environment.filters |= {"day": language.day, "num": language.number}

    def make(self, builder: Builder, built: Page | None = None) -> bytes:
        """One page; only what it shows, its own record and the constants can get into it."""
        page = built or builder(self._view)
        path = self._view.language.folder + page.path
        root = root_of(page.path)
        values = {
            "root": root,
            "base": root_of(path),
            "here": page.path.removesuffix("index.html"),
            "r": page.record,
            **page.shown,
            **(page.more() if page.more else {}),
            **small_parts(root, self._view.say("、")),
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


Told: TypeAlias = tuple[str, tuple[Any, ...], tuple[Any, ...], bytes]
"""A resource's line in the table, its row in lists, its entry in the search and that one's digest."""


class Parts(NamedTuple):
    """What is to be looked at, in parts, and the paths of files that stand as they are."""

    made: Sequence[Callable[[], Iterator[Sheet]]]
    standing: Sequence[str]


@dataclass(frozen=True)
class Site:
    """The register's pages and files, in parts that can be made apart from each other."""

    renderers: Sequence[tuple[View, Renderer]]
    constants: Constants
    readings: dict[str, str]
    inverted: MutableMapping[bytes, search.Inverted]
    """Blocks of the search index by key: what is not there is worked out, what is gone forgotten."""
    told: dict[str, Told] = field(default_factory=dict[str, Told])
    """What lists say of resources by key, from an earlier build; brought up to date by ``parts``."""

    @cached_property
    def _told(self) -> Sequence[Told]:
        """What lists say of each live resource, in order."""
        view, known = self.renderers[0][0], self.told
        live = view.register.live_resources
        for one in live:
            if one.key not in known:
                entry, row = entries.resource(view, one), view.resource_row(one)
                plain = *row[:2], tuple(row.agency), tuple(row.sharing), *row[4:]
                known[one.key] = (
                    downloads.resource(view, one),
                    plain,
                    tuple(entry),
                    search.digest(entry),
                )
            elif one.key not in view.rows:
                href, title, agency, sharing, *rest = known[one.key][1]
                view.rows[one.key] = ResourceRow(
                    href, title, Piece(*agency), Badge(*sharing), *rest
                )
        for key in known.keys() - {one.key for one in live}:
            del known[key]
        return [known[one.key] for one in live]

    @cached_property
    def blocks(self) -> Sequence[search.Block]:
        """The entries of the search index, in blocks."""
        told = [(search.Entry._make(entry), digest) for _, _, entry, digest in self._told]
        digests = {entry.href: digest for entry, digest in told}
        found = chain(
            (entry for entry, _ in told), entries.others(self.renderers[0][0], self.holders)
        )
        return search.blocks(found, self.folding, lambda entry: digests.get(entry.href) or search.digest(entry))  # fmt: skip

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
        self, before: Mapping[str, Record | None] | None = None, there: Container[str] = ()
    ) -> Parts:
        """Everything that comes from the register; the hand-written pages are not among it.

        ``before`` says which records have changed since the last build, where everything else
        (``key`` too) is as it was, and ``there`` which of its files are still there.  What many
        pages ask for is worked out here, once, before the parts go their ways.
        """
        view = self.renderers[0][0]
        touched = None if before is None else affected(view.register, self.holders, before)
        self._forget(touched)
        if touched is None:
            there = ()
        folders = [other.language.folder for other, _ in self.renderers]
        plans: list[Plan] = []
        standing: list[str] = []
        for plan in self.plans.values():
            address, subject, _ = plan
            paths = [f"{folder}{address}index.html" for folder in folders]
            if (
                subject is None
                or touched is None
                or subject in touched
                or not all(path in there for path in paths)
            ):
                plans.append(plan)
            else:
                standing += paths
        view.prepare()
        _ = self._told
        size = min(_CHUNK, len(plans) // _CHUNKS + 1)
        chunks = [plans[at : at + size] for at in range(0, len(plans), size)]
        beside = (part for _, part in self.parts_beside_pages())
        return Parts([*beside, *(partial(self._sheets, chunk) for chunk in chunks)], standing)

    def _forget(self, touched: frozenset[Subject] | None) -> None:
        if touched is None:
            self.told.clear()
        for kind, key in touched or ():
            if kind == "resource":
                self.told.pop(key, None)

    def parts_beside_pages(self) -> list[tuple[tuple[str, ...], Callable[[], Iterator[Sheet]]]]:
        """The files made from many records, after the folders they lie in."""
        view = self.renderers[0][0]
        return [
            (("report/", "monitor/"), self._report),
            (("search/",), self._search),
            (("forms/data/",), partial(forms.sheets, view)),
            (("downloads/",), lambda: downloads.sheets(view, (line for line, *_ in self._told))),
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

    def _report(self) -> Iterator[Sheet]:
        """The annual reports and how things stand: about everything, so all of it is looked at each time."""
        view = self.renderers[0][0]
        reports = report.Reports(view)
        found = chain(report.pages(reports), monitor.pages(view, reports))
        yield from self._sheets([Plan(address, None, build) for address, build in found])
        for other, _ in self.renderers:
            yield monitor.days(other)

    def _sheets(self, plans: Sequence[Plan]) -> Iterator[Sheet]:
        """Each page in every language, under one key: the words follow from the first language's."""
        view = self.renderers[0][0]
        for address, _, builder in plans:
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
