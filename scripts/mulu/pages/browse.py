"""The catalog by the first letter of a title's pinyin: the way in without a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import groupby

from mulu.pages.search import syllables
from mulu.pages.view import Builder, Page, View
from mulu.record import Record
from mulu.register import Register

_PAGE = 250
"""Resources on one page."""
_OTHER = "0"
"""The letter of titles that begin with none."""


class Letters:
    """Live resources by the first letter of their titles; ``known`` keeps readings between builds."""

    def __init__(self, register: Register, known: dict[str, str]) -> None:
        self._register, self._known = register, known

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Record]]:
        """The resources of each letter, in the order of their reading."""
        return dict(_by_letter(self._register.live_resources, self._known))


def pages(letters: Letters) -> Iterator[tuple[str, Builder]]:
    """The letters with their counts, and each letter's resources, after their addresses."""
    yield "browse/", partial(_list_page, letters=letters)
    for letter, rows in letters.rows.items():
        for n in range((len(rows) - 1) // _PAGE + 1):
            address = f"browse/{letter}/{n + 1}/" if n else f"browse/{letter}/"
            yield address, partial(_letter_page, letters=letters, letter=letter, n=n)


def _names(view: View, letters: Letters) -> list[tuple[str, str, int]]:
    return [(letter, _name(view, letter), len(rows)) for letter, rows in letters.rows.items()]


def _list_page(view: View, letters: Letters) -> Page:
    shown = {
        "letters": _names(view, letters),
        "total": len(view.register.live_resources),
        "agencies": len(view.register.resources_by_agency),
    }
    title = view.say("按拼音浏览")
    says = view.say("全部信息资源，按名称的拼音排列。")
    return Page("browse/index.html", "browse.html", title, says, shown)


def _letter_page(view: View, letters: Letters, letter: str, n: int) -> Page:
    all_rows = letters.rows[letter]
    rows = [view.resource_row(one) for one in all_rows[n * _PAGE : (n + 1) * _PAGE]]
    count = (len(all_rows) - 1) // _PAGE + 1
    name = _name(view, letter)
    shown = {"rows": rows, "letter": letter, "name": name, "n": n, "count": count, "letters": _names(view, letters)}  # fmt: skip
    path = f"browse/{letter}/index.html" if not n else f"browse/{letter}/{n + 1}/index.html"
    title = view.say("按拼音浏览：{letter}", letter=name)
    if count > 1:
        title = view.say("{title}（第 {n} 页）", title=title, n=n + 1)
    says = view.say("名称的拼音以 {letter} 开头的信息资源。", letter=name)
    return Page(path, "letter.html", title, says, shown)


def _name(view: View, letter: str) -> str:
    return view.say("其他") if letter == _OTHER else letter.upper()


def _by_letter(
    resources: Sequence[Record], known: dict[str, str]
) -> list[tuple[str, list[Record]]]:
    """Resources by first letter; ``known`` keeps readings, for working one out is slow."""
    keyed: list[tuple[str, str, str, Record]] = []
    for one in resources:
        if one.title not in known:
            known[one.title] = reading(one.title)
        keyed.append((known[one.title], one.title, one.key, one))
    keyed.sort(key=lambda row: row[:3])
    return [
        (letter, [row[3] for row in rows]) for letter, rows in groupby(keyed, lambda row: row[0][0])
    ]


def reading(text: str) -> str:
    """How a title sorts: its pinyin, after its first letter (``0`` where that is none)."""
    read = [next(iter(syllables[character]), character.lower()) for character in text]
    first = read[0][:1] if read else ""
    return (first if "a" <= first <= "z" else _OTHER) + " ".join(read)
