"""An author's chapter: Markdown into the report's own blocks.

Paragraphs, headings, lists, tables and bold are taken; raw HTML, images and code stay the text
they were written as.  A link is its words with the address behind them: so it can be read on paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from mulu.report.document import Block, Cell, Column, Heading, Line, Listing, Paragraph, Table

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def blocks(source: str) -> Sequence[Block]:
    """The blocks of a Markdown text; its first heading, the chapter's title, is left out."""
    found = list(_blocks(SyntaxTreeNode(_MARKDOWN.parse(source)).children))
    if found and isinstance(found[0], Heading) and found[0].level == 1:
        found = found[1:]
    return [Heading(one.text, max(2, one.level)) if isinstance(one, Heading) else one for one in found]  # fmt: skip


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Heading("".join(cell.text for cell in _line(node)), int(node.tag[1:]))
            case "paragraph":
                yield Paragraph(_line(node))
            case "bullet_list" | "ordered_list":
                lines = tuple(_line(item) for item in node.children)
                yield Listing(lines, node.type == "ordered_list")
            case "table":
                yield _table(node)
            case "blockquote":
                yield from _blocks(node.children)
            case "fence" | "code_block":
                yield Paragraph((Cell(node.content.strip()),))
            case _:
                pass


def _table(node: SyntaxTreeNode) -> Table:
    rows = [[_line(cell) for cell in row.children] for part in node.children for row in part.children]  # fmt: skip
    head, *body = [tuple(_joined(line) for line in row) for row in rows]
    return Table(0, "", tuple(Column(cell.text) for cell in head), tuple(body))


def _joined(line: Line) -> Cell:
    return Cell("".join(cell.text for cell in line))


def _line(node: SyntaxTreeNode) -> Line:
    cells: list[Cell] = []
    for below in node.walk():
        if below.type == "inline":
            cells += _inline(below.token.children or [] if below.token else [])
    return tuple(cells)


def _inline(tokens: Sequence[Token]) -> Iterator[Cell]:
    strong, address = 0, ""
    for token in tokens:
        match token.type:
            case "strong_open":
                strong += 1
            case "strong_close":
                strong -= 1
            case "link_open":
                address = str(token.attrs.get("href", ""))
            case "link_close":
                if address:
                    yield Cell(f"（{address}）", "", None, "", is_strong=bool(strong))
            case "softbreak" | "hardbreak":
                yield Cell("\n", "", None, "", is_strong=bool(strong))
            case _:
                if token.content:
                    yield Cell(token.content, "", None, "", is_strong=bool(strong))
