"""The smallest parts of a page as markup: a link, several of them, a badge, a list of facts.

A page has fifty of them.  As functions they cost a tenth of what they would as macros of a
template, and a large site is built a quarter faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Protocol

import jinja2
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from markupsafe import Markup, escape

from mulu.pages.direction import isolated


class _Piece(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def href(self) -> str: ...


class _Badge(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def tone(self) -> str: ...
    @property
    def clock(self) -> str: ...


escaped = lru_cache(1 << 14, typed=True)(escape)
"""``escape``, remembering: most of what a page prints stands in the next page too.

Markup and a text that reads the same are told apart by their types.
"""


def small_parts(root: str, comma: str) -> Mapping[str, Callable[..., Markup]]:
    """What the templates of one page call; ``root`` leads to the language's pages.

    ``comma`` stands between several links.  Texts from the right are kept apart here, since
    nothing that is markup is looked at again.
    """

    def link(piece: _Piece) -> str:
        text = escaped(isolated(piece.text))
        return f'<a href="{root}{escaped(piece.href)}">{text}</a>' if piece.href else text

    def several(pieces: Iterable[_Piece]) -> str:
        return comma.join([link(piece) for piece in pieces])

    def a(piece: _Piece) -> Markup:
        return Markup(link(piece))  # noqa: S704  escaped above

    def links(pieces: Iterable[_Piece]) -> Markup:
        return Markup(several(pieces))  # noqa: S704  escaped above

    def badge(one: _Badge | None) -> Markup:
        if not one:
            return _NOTHING
        clock = f' data-clock="{one.clock}"' if one.clock else ""
        return Markup(f'<span class="m-badge m-badge--{one.tone}"{clock}>{escaped(isolated(one.text))}</span>')  # noqa: S704  # fmt: skip

    def facts_rows(rows: Iterable[tuple[str, Iterable[_Piece]]]) -> Markup:
        """The rows of a list of facts, without the list around them."""
        return Markup("".join([f"<div><dt>{escaped(isolated(title))}</dt><dd>{several(pieces)}</dd></div>" for title, pieces in rows]))  # noqa: S704  # fmt: skip

    return {"a": a, "links": links, "badge": badge, "facts_rows": facts_rows}


_NOTHING = Markup("")


class _Printing(CodeGenerator):
    """Writes templates that print by ``Environment.printed``."""

    def _output_child_pre(
        self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.printed(")
        if finalize.src is not None:
            self.write(finalize.src)


class Environment(jinja2.Environment):
    """Templates whose values are always escaped."""

    code_generator_class = _Printing
    printed = staticmethod(escaped)
