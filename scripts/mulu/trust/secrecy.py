"""Secrets in text: what article 28 keeps out of the register, found and never shown.

Hides what a mark of secrecy, a person's number, a key or a token looks like, and the ways
in which one text can be written so that people read it and a plain search does not.  A text
is read three times: as it stands, decoded (YAML, JSON, percent, HTML, base64 one level deep)
and normalised (width, zero-width and combining characters, traditional characters, look-alike
stars and dashes); numbers and marks may be spaced or folded over lines.

Guarantees: a Hit tells the kind, the place and a digest, never the text.  Nothing raises,
whatever the bytes.  Time grows with the length of the text: every pattern is bounded, and a
text that cannot hold a hit is left after one look at its bytes.

A mark blocks only in the form of a mark (★, a term, a field, alone, in leading brackets);
writing about secrecy (涉及国家秘密…, 商业秘密, 密码管理局) is no mark.  Standards: GB 11643 (18
digits, ISO 7064 MOD 11-2; 15 before 1999), GB 32100 (credit codes, which are not persons'
numbers), ISO/IEC 7812 (cards, Luhn).

Longer than most modules because the readings share what the first look may leave out; what is
looked for in them stands in ``mulu.trust.searches``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from itertools import accumulate, chain
from types import MappingProxyType
from typing import NamedTuple

from mulu.trust import searches
from mulu.trust.searches import Found

WHATS: Mapping[str, str] = MappingProxyType(
    {
        "classification-mark": "密级标志",
        "secrecy-field": "密级栏",
        "id-number": "身份证件号码",
        "mobile-number": "手机号码",
        "bank-card": "银行卡号",
        "private-key": "私钥",
        "access-token": "访问令牌",
        "password": "口令",
    }
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that looks secret: what kind, where, and what an exception is bound to.

    ``digest`` is the SHA-256 of the normalised value; of a mark, which says nothing by
    itself, it is that of the line around it.  ``line`` and ``column`` count characters from 1.
    """

    what: str
    line: int
    column: int
    digest: str
    certain: bool


def scan(text: str) -> list[Hit]:
    """What looks secret in one text, in order of place; each (what, digest) once."""
    source = text.encode("utf-8", "surrogatepass")
    hits = _scan(text, source)
    if any("\udc80" <= character <= "\udcff" for character in text):
        # A path that is not UTF-8, as Python hands it over: read its bytes.
        hits += scan_bytes(_bytes_behind(text))
    return _once(hits)


def scan_bytes(source: bytes) -> list[Hit]:
    """``scan`` for a whole object of unknown encoding."""
    return _once(
        chain.from_iterable(_scan(text, text_bytes) for text, text_bytes in _texts(source))
    )


def _once(hits: Sequence[Hit] | Iterator[Hit]) -> list[Hit]:
    """Each (what, digest) at its first place; a certain hit stands before a doubtful one."""
    found: dict[tuple[str, str], Hit] = {}
    for hit in sorted(hits, key=lambda hit: (not hit.certain, hit.line, hit.column)):
        found.setdefault((hit.what, hit.digest), hit)
    return sorted(found.values(), key=lambda hit: (hit.line, hit.column, hit.what, hit.digest))


# -------------------------------------------------------------------- bytes to texts

_MARKED_ENCODINGS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class _Guess(NamedTuple):
    """An encoding without a mark, and what must be in bytes that are worth reading in it."""

    encoding: str
    close: bytes
    level: re.Pattern[bytes]
    number: re.Pattern[bytes]

    def may_tell(self, source: bytes) -> bool:
        """Whether a level or a number of many digits is in the bytes."""
        return (self.close in source and self.level.search(source) is not None) or (
            self.number.search(source) is not None
        )


def _guess(encoding: str, number: bytes) -> _Guess:
    opens = b"|".join(re.escape(character.encode(encoding)) for character in "绝絕絶机機秘祕")
    close = "密".encode(encoding)
    level = re.compile(b"(?:%b).{0,48}?%b" % (opens, re.escape(close)), re.DOTALL)
    return _Guess(encoding, close, level, re.compile(number, re.DOTALL))


_GUESSES = (
    _guess("gb18030", rb"(?:\xa3[\xb0-\xb9].{0,2}?){6}"),
    _guess("utf-16-le", rb"(?:(?:[0-9]\0|[\x10-\x19]\xff)(?:[ .-]\0)?){11}"),
    _guess("utf-16-be", rb"(?:(?:\0[0-9]|\xff[\x10-\x19])(?:\0[ .-])?){11}"),
)


def _texts(source: bytes) -> Iterator[tuple[str, bytes]]:
    """The texts that bytes may stand for, each with its UTF-8."""
    for mark, encoding in _MARKED_ENCODINGS:
        if source.startswith(mark):
            yield _read(source, encoding)
            return
    try:
        yield source.decode(), source
        if b"\0" not in source:
            return
    except UnicodeDecodeError:
        yield _read(source, "utf-8")
    half_empty = source.count(0) * 3 > len(source)
    for guess in _GUESSES:
        if (half_empty and guess.encoding != "gb18030") or guess.may_tell(source):
            yield _read(source, guess.encoding)


def _read(source: bytes, encoding: str) -> tuple[str, bytes]:
    text = source.decode(encoding, "replace")
    return text, text.encode()


def _bytes_behind(text: str) -> bytes:
    """The bytes of a text that was decoded with ``surrogateescape``."""
    return b"".join(
        bytes([ord(character) - 0xDC00])
        if "\udc80" <= character <= "\udcff"
        else character.encode("utf-8", "surrogatepass")
        for character in text
    )


# -------------------------------------------------------------------- a first look

# Anything outside this may be a letter or digit in disguise, or something invisible.
_UNUSUAL = re.compile(r"[^\t\n\r -~一-鿿、。《》〈〉“”‘’（），：；？！…—〔〕【】％]")
_DIGITS_ONLY = bytes(byte if 48 <= byte <= 57 else 32 for byte in range(256))
_RUN = bytes(
    97 if (byte < 128 and chr(byte).isalnum()) or byte in b"+/=_-" else 32 for byte in range(256)
)
_BETWEEN_DIGITS = b" \t\r\n-._/\\#>"
_LONG_NUMBER = re.compile(rb"1[3-9][0-9]{9}|[0-9]{15}")
_WRITTEN_OTHERWISE = re.compile(rb"%(?:[0-9A-Fa-f]{2}|u)|&(?:#|[A-Za-z0-9]+;)|<[!/?A-Za-z]")
_PREFIXES = (
    b"PuTTY-User-Key-File", b"AGE-SECRET-KEY-", b"b3BlbnNzaC1rZXkt", b"BgkqhkiG9w0BAQEF",
    b"AKIA", b"ASIA", b"LTAI", b"AKID", b"AIza", b"eyJ", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_",
    b"github_pat_", b"glpat-", b"gldt-", b"glrt-", b"glcbt-", b"glptt-", b"glft-", b"glsoat-",
    b"glagent-", b"glimt-", b"xox", b"xapp-", b"k_live_", b"sk-", b"npm_", b"pypi-", b"services/T",
    b"access_token=", b"webhook", b"bot/v2/hook/",
)  # fmt: skip
_ASSIGNED = re.compile(
    rb"(?:pass(?:word|wd|phrase)?|pwd|secret|token|key)(?:[\"']|\xe2\x80.)?\s{0,4}"
    rb"(?:[:=]|\xef\xbc\x9a|\xe4\xb8\xba|\xe6\x98\xaf)\s{0,4}(?:[\"']|\xe2\x80.)?[!-~]{6}"
    rb"|://[^/\s]{1,128}@"
)
_PASSWORD_WORDS = (b"pass", b"pwd", b"secret", b"token", b"_key", b"-key", b"apikey", b"@")


_LEVEL_ANYHOW = re.compile("[绝絕絶机機秘祕].{0,240}?[密宻]", re.DOTALL)


def _suspicious(text: str, source: bytes) -> bool:
    """Whether a text may hold a hit at all; true too often costs time, false never errs."""
    return (
        _may_be_marked(text)
        or b"\\" in source
        or _may_number(source)
        or _may_assign(text, source)
        or _may_open(source)
        or _may_be_written_otherwise(source)
        or _may_be_packed(source)
        or _UNUSUAL.search(text) is not None
    )


def _may_be_written_otherwise(source: bytes) -> bool:
    return any(sign in source for sign in (b"%", b"&", b"<")) and (
        _WRITTEN_OTHERWISE.search(source) is not None
    )


def _may_be_marked(text: str) -> bool:
    """Whether a level is in a text, in any of its characters."""
    return ("密" in text or "宻" in text) and _LEVEL_ANYHOW.search(text) is not None


def _may_number(source: bytes) -> bool:
    """Whether enough digits follow each other, whatever stands between them."""
    digits = source.translate(_DIGITS_ONLY, _BETWEEN_DIGITS)
    return max(map(len, digits.split()), default=0) >= 11 and bool(_LONG_NUMBER.search(digits))


def _runs(source: bytes, length: int) -> Iterator[bytes]:
    """The runs of letters, digits and their like that are at least so long."""
    alike = source.translate(_RUN)
    start = alike.find(b"a" * length)
    while start >= 0:
        end = alike.find(b" ", start)
        yield source[start : end if end >= 0 else len(source)]
        start = alike.find(b"a" * length, end) if end >= 0 else -1


def _may_be_packed(source: bytes) -> bool:
    """Whether there is a run that may be base64: not all in one case, as names and digests are."""
    return any(run.lower() != run != run.upper() for run in _runs(source, 24))


def _may_open(source: bytes) -> bool:
    """Whether a key or a token may begin somewhere."""
    runs = b" ".join(_runs(source, 15))
    return b"-----BEGIN" in source or any(map(runs.__contains__, _PREFIXES))


def _may_assign(text: str, source: bytes) -> bool:
    """Whether a password may be given."""
    if "密码" in text or "密碼" in text or "口令" in text:
        return True
    lower = source.lower()
    return any(map(lower.__contains__, _PASSWORD_WORDS)) and _ASSIGNED.search(lower) is not None


# -------------------------------------------------------------------- three views

_Trace = Callable[[int], int]


class _View(NamedTuple):
    """A reading of a text, and for each of its places the place in the source."""

    text: str
    trace: _Trace


def _scan(text: str, source: bytes) -> list[Hit]:
    if not _suspicious(text, source):
        return []
    lines = [0]
    lines.extend(found.end() for found in re.finditer("\n", text))
    places: set[tuple[str, int]] = set()
    values: set[tuple[str, str, bool]] = set()
    hits: list[Hit] = []
    for view in _views(text):
        for found in _search(view.text):
            value = (found.what, found.value, found.certain)
            if value in values:
                continue
            values.add(value)
            place = view.trace(found.start)
            if (found.what, place) not in places:
                places.add((found.what, place))
                line = bisect_right(lines, place)
                column = place - lines[line - 1] + 1
                hits.append(Hit(found.what, line, column, _digest(found.value), found.certain))
    return hits


def _digest(value: str) -> str:
    value = "".join(value.split())
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _views(text: str) -> Iterator[_View]:
    """The readings that differ, the most normalised first: its digests are what is kept."""
    raw = _View(text, _same_place)
    once = _decoded(raw)
    decoded = raw if once is raw else _decoded(once)
    plain = _normalised(decoded)
    yield plain
    if decoded.text != plain.text:
        yield decoded
    if raw.text not in (decoded.text, plain.text):
        yield raw
    for start, inner in _unpacked(plain.text):
        yield _normalised(_View(inner, _always(plain.trace(start))))


def _same_place(place: int) -> int:
    return place


def _always(place: int) -> _Trace:
    return lambda _: place


_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|U[0-9a-fA-F]{8}"
    r"|x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*+|[0-3][0-7]{2}(?:\\[0-3][0-7]{2})*+"
    r"|\r?\n[ \t]*+|[nrtNLP_ ](?:\\[nrtNLP_ ])*+|[/\"'])"
    r"|%(?:u[0-9a-fA-F]{4}|[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*+)"
    r"|&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)"
    r"|<[!/?A-Za-z][^<>]{0,200}>"
)


def _decoded(view: _View) -> _View:
    """Escapes of YAML, JSON, addresses and HTML read; HTML tags left out."""
    if not any(sign in view.text for sign in "\\%&<"):
        return view
    parts: list[str] = []
    starts = [0]
    places = [0]
    length = done = 0
    for found in _ESCAPE.finditer(view.text):
        literal = view.text[done : found.start()]
        meaning = _meaning(found.group())
        parts += (literal, meaning)
        length += len(literal)
        starts += (length, length + len(meaning))
        places += (found.start(), found.end())
        length += len(meaning)
        done = found.end()
    if not parts:
        return view
    parts.append(view.text[done:])

    def trace(place: int) -> int:
        index = bisect_right(starts, place) - 1
        inside = places[index] + place - starts[index]
        if index + 1 < len(places):
            inside = min(inside, max(places[index], places[index + 1] - 1))
        return view.trace(inside)

    return _View("".join(parts), trace)


def _meaning(escape: str) -> str:
    """What one escape stands for; itself where it stands for nothing."""
    if escape[0] == "<":
        return ""
    if escape[0] == "&":
        return _entity(escape)
    if escape[:2] in ("\\u", "\\U", "%u"):
        digits = (
            escape.replace("\\u", "")[:8] if escape.count("\\u") == 2 else escape[2:].strip("{}")
        )
        if len(digits) == 8 and escape[1] == "u":
            return bytes.fromhex(digits).decode("utf-16-be", "replace")
        return _character(int(digits, 16), escape)
    if escape[:2] == "\\x" or escape[0] == "%":
        return _from_bytes(bytes.fromhex(escape.replace("\\x", "").replace("%", "")), escape)
    if escape[1].isdigit():
        return _from_bytes(bytes(int(octal, 8) for octal in escape.split("\\")[1:]), escape)
    if escape[1] in "/\"'":
        return escape[1]
    if escape[1] in "\r\n":
        return ""
    return "\n" if "n" in escape else " "


def _character(code_point: int, otherwise: str) -> str:
    return chr(code_point) if code_point < 0x110000 else otherwise


def _entity(entity: str) -> str:
    name = entity[1:].rstrip(";")
    if name[0] != "#":
        return html5.get(f"{name};", entity)
    return _character(int(name[2:], 16) if name[1] in "xX" else int(name[1:]), entity)


def _from_bytes(source: bytes, escape: str) -> str:
    """Bytes as UTF-8, else GB 18030 in an address; a YAML escape is the character itself."""
    for encoding in ("utf-8", "gb18030") if escape[0] == "%" else ("utf-8", "latin-1"):
        try:
            return source.decode(encoding)
        except UnicodeDecodeError:
            continue
    return escape


_STARS = "★☆⋆✦✧✩✪✫✬✭✮✯✰✴✶✷✸✹⭐🌟🟊"
_SAME = {
    **dict.fromkeys(_STARS, "★"),
    **dict.fromkeys("⁎∗✱✲⚹", "*"),
    **dict.fromkeys("−⁃➖﹣ー", "-"),
    **dict.fromkeys("ХхΧχ✕✖", "X"),
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", ""),
    **dict.fromkeys("\u2028\u2029\x85\x0b\x0c", "\n"),
    **dict.fromkeys("∶ː꞉", ":"),
    **dict.fromkeys("·•‧∙⋅・･●", "."),
    "\t": "\t", "\n": "\n", "\u2800": " ",
    **dict(
        zip(
            "絕絶機祕宻級長證號銀賬帳帐碼國業標啟啓為爲個戶電話護術齡開",
            "绝绝机秘密级长证号银账账账码国业标启启为为个户电话护术龄开",
            strict=True,
        )
    ),
}  # fmt: skip
_INVISIBLE = frozenset(("Cc", "Cf", "Cn", "Co", "Me", "Mn"))


def _normalised(view: _View) -> _View:
    """Each character in its plainest form: width, marks, look-alikes, traditional characters."""
    plainest = {character: _plain(character) for character in set(view.text)}
    if all(character == plain for character, plain in plainest.items()):
        return view
    parts = [plainest[character] for character in view.text]
    starts: list[int] = []

    def trace(place: int) -> int:
        if not starts:
            starts.extend(accumulate(map(len, parts), initial=0))
        return view.trace(bisect_right(starts, place) - 1)

    return _View("".join(parts), trace)


@lru_cache(maxsize=2048)
def _plain(character: str) -> str:
    known = _SAME.get(character)
    if known is not None:
        return known
    if " " <= character <= "~" or "一" <= character <= "鿿":
        return character
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return ""
    if category[0] == "Z":
        return " "
    if category == "Pd":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return "".join(
        _SAME.get(part, part)
        for part in unicodedata.normalize("NFKD", character)
        if unicodedata.category(part) not in _INVISIBLE
    )


_PACKED = re.compile(
    r"[A-Za-z0-9+/_-]{24,}+(?:[ \t>#]{0,24}\r?\n[ \t>#]{0,24}[A-Za-z0-9+/_-]{4,}+)*+"
)
_MIXED = re.compile(r"(?=[^a-z]*+[a-z])[^A-Z]*+[A-Z]")
_STANDARD = str.maketrans("-_", "+/", " \t\r\n>#")


def _packed(text: str) -> Iterator[re.Match[str]]:
    """Runs that may be base64; names in one case and hexadecimal digests are not."""
    if not _may_be_packed(text.encode("utf-8", "replace")):
        return iter(())
    return (found for found in _PACKED.finditer(text) if _MIXED.match(found.group()))


def _unpacked(text: str) -> Iterator[tuple[int, str]]:
    """What base64 in a text says.  A run may begin with letters before it, so all four phases."""
    for found in _packed(text):
        letters = found.group().translate(_STANDARD)
        for phase in range(4):
            whole = letters[phase : phase + (len(letters) - phase) // 4 * 4]
            rest = letters[phase + len(whole) :]
            if len(rest) > 1:
                whole += rest + "=" * (4 - len(rest))
            try:
                inner = base64.b64decode(whole)
            except binascii.Error:  # pragma: no cover - the alphabet and length are right
                continue
            for inner_text, source in _texts(inner):
                if _tells(inner_text, source):
                    yield found.start(), inner_text


def _tells(text: str, source: bytes) -> bool:
    """``_suspicious`` without what noise has anyway."""
    return (
        _may_be_marked(text)
        or _may_number(source)
        or _may_open(source)
        or re.search("(?:[０-９].?){6}", text) is not None
    )


def _search(text: str) -> Iterator[Found]:
    """All that one view shows."""
    source = text.encode("utf-8", "surrogatepass")
    if _may_be_marked(text):
        yield from searches.marks(text)
    if _may_number(source):
        yield from chain(
            searches.id_numbers(text), searches.mobile_numbers(text), searches.bank_cards(text)
        )
    if _may_open(source):
        yield from chain(searches.private_keys(text), searches.access_tokens(text))
    if _may_assign(text, source):
        yield from searches.passwords(text)
