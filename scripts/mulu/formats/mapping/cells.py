"""One cell: stranger's text into text that a record may hold, and what that changed.

Nothing is guessed.  Blanks become one space and invisible characters go, because the
strict loader refuses them; a character that stands for something and cannot be stored
(private use, unassigned, a lone surrogate, U+FFFD) refuses the row.  HTML, full-width
forms and the date layouts are read only as the map says.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache, partial

from mulu.formats.mapping.notes import RefusedError
from mulu.record import Value

# Printable by str.isprintable() and yet invisible: the fillers, joiners and selectors that
# the strict loader refuses too (a test compares the two over all of Unicode).
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
_FILLER = re.compile(f"[{_FILLERS}]")
_BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u2800\u3164\uffa0"
)
_BLANK = re.compile(f"[{_BLANKS}]+")
_UNDONE = frozenset(("Cs", "Co", "Cn"))

_INLINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|ins|label|o:p|q|s|small|span|strike|strong|sub|sup|tt|u"
)
_BLOCK = (
    "article|aside|blockquote|body|br|caption|center|col|colgroup|dd|div|dl|dt|figure|footer|form|h[1-6]|head|"
    "header|hr|html|iframe|img|input|li|link|main|meta|nav|object|ol|p|pre|section|style|table|tbody|td|tfoot|"
    "th|thead|title|tr|ul|video"
)
# Attributes must look like some, or a<b 且 b>c would lose its middle.
_ATTRIBUTE = r"\s+[a-zA-Z_:][a-zA-Z0-9_:.-]*(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))?"
_INLINE_TAG = re.compile(
    rf"</?(?:{_INLINE})(?:{_ATTRIBUTE})*\s*/?>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})(?:{_ATTRIBUTE})*\s*/?>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ROUNDS = 3  # &amp;lt;p&amp;gt; has been escaped twice; more often is no accident

_WIDE_DIGITS = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)}
_WIDE_LETTERS = {wide: wide - 0xFEE0 for wide in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
NARROW = {"digits": _WIDE_DIGITS, "letters": _WIDE_LETTERS}

_MOBILE = re.compile(r"(?<![0-9])(?:\+?86|0086)?[ -]?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
_ID_NUMBER = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Manner:
    """How the map wants text read."""

    strips_html: bool = False
    narrow: tuple[str, ...] = ()


def text_of(cell: Value, column: str) -> str:
    """A cell as text.  Raises RefusedError for a list, an object, or a number without its digits."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        raise RefusedError("digits-lost", column)
    if isinstance(cell, list | dict):
        raise RefusedError("not-a-text", column)
    return str(cell)


def clean(text: str, column: str, manner: Manner) -> tuple[str, tuple[str, ...]]:
    """The text as a record may hold it, and the codes of what was changed.

    Raises RefusedError for a character that cannot be stored and must not be lost.
    """
    changes: list[str] = []
    for code, change in _changes(manner):
        after = change(text)
        if after != text:
            changes.append(code)
            text = after
    for character in "" if text.isprintable() and "\ufffd" not in text else text:
        if not character.isprintable() or character == "\ufffd":
            raise RefusedError("broken-character", column, f"U+{ord(character):04X}")
    return text, tuple(changes)


@lru_cache(maxsize=16)
def _changes(manner: Manner) -> tuple[tuple[str, Callable[[str], str]], ...]:
    """The changes in their order: HTML may hide blanks, and only what is left is composed."""
    table = {wide: narrow for name in manner.narrow for wide, narrow in NARROW[name].items()}
    found: list[tuple[str, Callable[[str], str]]] = []
    if manner.strips_html:
        found.append(("html", without_html))
    found += [
        ("characters", _without_invisible),
        ("trimmed", _trimmed),
        ("spaces", partial(_BLANK.sub, " ")),
    ]
    if table:
        found.append(("narrowed", lambda text: text.translate(table)))
    return (*found, ("nfc", partial(unicodedata.normalize, "NFC")))


def _trimmed(text: str) -> str:
    return text.strip(_BLANKS)


def _without_invisible(text: str) -> str:
    if text.isprintable() and not _FILLER.search(text):
        return text
    return "".join(filter(_is_seen, text))


def _is_seen(character: str) -> bool:
    """Blanks are dealt with apart; what is undone must be refused, so both stay."""
    if _BLANK.match(character):
        return True
    if character.isprintable():
        return not _FILLER.match(character)
    return unicodedata.category(character) in _UNDONE


def without_html(text: str) -> str:
    """Text without the tags HTML knows (a<b and x<y stay) and with its entities decoded."""
    for _ in range(_ROUNDS):
        before = text
        if "<" in text:
            text = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", _UNSEEN.sub(" ", text)))
        if "&" in text:
            text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if text == before:
            break
    return text


def personal_data(text: str, *, is_address: bool = False) -> str:
    """The kind of personal data in a text, or ''.  An address may hold long running numbers."""
    text = unicodedata.normalize("NFKC", text)
    if "@" in text and _EMAIL.search(text):
        return "邮箱地址"
    if _ID_NUMBER.search(text):
        return "身份证件号码"
    return "手机号码" if not is_address and _MOBILE.search(text) else ""


# What a map may name as the layout of a date; (?P<t>) is a time of day.
_TIME = r"(?P<t>[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(form + _TIME)
    for name, form in {
        "YYYY-MM-DD": r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})",
        "YYYY-M-D": r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})",
        "YYYY/M/D": r"(?P<y>[0-9]{4})/(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})",
        "YYYY.M.D": r"(?P<y>[0-9]{4})\.(?P<m>[0-9]{1,2})\.(?P<d>[0-9]{1,2})",
        "YYYYMMDD": r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        "YYYY年M月D日": r"(?P<y>[0-9]{4})年(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})日",
    }.items()
}
COUNTED_FORMS = ("epoch-milliseconds", "excel-days")
_SHANGHAI = timezone(timedelta(hours=8))
_MOST = 10**12
_EXCEL_ZERO = date(1899, 12, 30)


def day_of(text: str, forms: Collection[str], *, drops_time: bool) -> str:
    """The civil date a text states in one of the forms, or '' where it states none.

    Epochs are instants: their date is that of Asia/Shanghai.
    """
    for form in forms:
        day = _counted(text, form) if form in COUNTED_FORMS else _written(text, form, drops_time)
        if day:
            return day.isoformat()
    return ""


def _written(text: str, form: str, drops_time: bool) -> date | None:
    found = FORMS[form].fullmatch(text)
    if found is None or (found["t"] and not drops_time):
        return None
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


def _counted(text: str, form: str) -> date | None:
    if form == "epoch-milliseconds" and re.fullmatch(r"[0-9]{11,13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC).astimezone(_SHANGHAI).date()
    if form == "excel-days" and re.fullmatch(r"[0-9]{4,5}", text):
        return _EXCEL_ZERO + timedelta(days=int(text))
    return None


def count_of(text: str, *, has_thousands: bool) -> int | None:
    """A whole number of things, at most a million million, or None."""
    form = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+" if has_thousands else r"[0-9]+"
    if len(text) > 20 or not re.fullmatch(form, text):
        return None
    number = int(text.replace(",", ""))
    return number if number <= _MOST else None


_OPEN, _CLOSE = "(（[［【{｛〔〈《「『", ")）]］】}｝〕〉》」』"
_SAME = str.maketrans("（［｛）］｝", "([{)]}")
_PAIRS = dict(zip(_OPEN.translate(_SAME), _CLOSE.translate(_SAME), strict=True))


def parts(text: str, separators: str, *, outside_brackets: bool = False) -> list[str] | None:
    """The pieces between separators, trimmed; None where brackets count and are unbalanced.

    A full-width bracket may close a half-width one: 停车时长合计（分) is common.
    """
    if not outside_brackets:
        return [part.strip() for part in re.split(f"[{re.escape(separators)}]", text)]
    found: list[str] = []
    expected: list[str] = []
    begin = 0
    for place, sign in enumerate(text):
        same = sign.translate(_SAME)
        if same in _PAIRS:
            expected.append(_PAIRS[same])
        elif sign in _CLOSE:
            if not expected or expected.pop() != same:
                return None
        elif sign in separators and not expected:
            found.append(text[begin:place].strip())
            begin = place + 1
    return None if expected else [*found, text[begin:].strip()]


def unique(names: list[str], key: Callable[[str], str]) -> tuple[list[str], list[str]]:
    """The names without repetitions, in order, and those that were repeated."""
    seen: set[str] = set()
    kept: list[str] = []
    repeated: list[str] = []
    for name in names:
        (repeated if key(name) in seen else kept).append(name)
        seen.add(key(name))
    return kept, repeated


def shown(text: str) -> str:
    """A text without what would act on a terminal or hide."""
    return "".join(filter(str.isprintable, text))


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with a sign that more followed."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
