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

Longer than most modules because the views and the patterns share what they may assume of
each other: a pattern is written for normalised text, and its budget holds only there.
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


class _Found(NamedTuple):
    """What a search found in a view; ``value`` is normalised and does not leave this module."""

    what: str
    start: int
    value: str
    certain: bool


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


# -------------------------------------------------------------------- marks of secrecy

_GAP = r"[\s._~\\#>*-]{0,24}"
_LEVEL = re.compile(rf"[绝机秘]{_GAP}密")
_TERM = (
    r"(?:(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})\s{0,2}(?:年|个?月|天|日)"
    r"|长\s{0,2}期|永久|启用前|解密|公布前)"
)
_TAIL = re.compile(
    rf"""级?(?:
      (?P<star>[\s*\#>]{{0,16}}★[\s★]{{0,4}}) (?P<term>{_TERM})?
    | \s{{0,4}}\*\s{{0,4}} (?P<starred_term>{_TERM})
    | [\s.,(-]{{0,4}} (?P<bare_term>{_TERM})["'”’】\])〕]{{0,2}}(?P<after_term>[ \t]{{0,8}}(?:\n|\Z))? (?![一-鿿A-Za-z0-9])
    | (?P<closed>[】\])〕」])(?P<after_closed>["'”’]?[ \t]{{0,8}}(?:\#[^\n]{{0,80}})?(?:\n|\Z))?
    | (?P<end>(?:文件|资料|材料)?["'”’]?[ \t]{{0,8}}[,;。.]?[ \t]{{0,8}}(?:\#[^\n]{{0,200}})?(?:\n|\Z)|\.[A-Za-z0-9]{{1,5}}(?=\s|\Z))
    | (?P<cell>["'”’]?\s{{0,4}}[,;|\t}}\]/]|["'”’]?\ \ )
    )""",
    re.VERBOSE,
)
_WORD_END = re.compile(r"级?(?![^\W_])")
_HEAD = re.compile(
    r"""[\s>#*+-]{0,24}(?:\[[ x]\]\s)?"""
    r"""(?:[{\["']{0,2}[^\s:="'][^:=\n]{0,40}\s{0,2}[:=]\s{0,8})?[{\["'“‘【(〔「★]{0,3}"""
    r"""|[A-Za-z0-9._/-]{0,60}/"""
)
_FIELD = re.compile(
    r"""(?:密\s{0,8}(?:级(?:\s{0,2}别)?|等\s{0,2}级|程\s{0,2}度)|(?<=定)密)["'”’\])】〕\s]{0,8}"""
    r"""(?:[:=|,>]|[定标]?为|是|\s|(?<=[\])】〕]))["'“‘\[(【〔\s:|-]{0,24}"""
)
_OTHER_LEVEL = re.compile(
    r"""级?["'”’\s\])】]{0,4}(?:[、/,|;]|或者?|和|以?及|与|\n[ \t]{0,24}-)["'“‘\s\[(【-]{0,24}"""
    rf"""(?P<other>[绝机秘]{_GAP}密|公开|内部|非密)"""
)
_OWN_KINDS = frozenset(("商业", "工作", "技术", "企业", "警务", "审判", "检察"))
_OPENING = "【[(〔「"
_REACH = 80  # of a mark's line, to either side, goes into its digest


def _marks(text: str) -> Iterator[_Found]:
    listed_at = -1
    for found in _LEVEL.finditer(text):
        other = _OTHER_LEVEL.match(text, found.end())
        listed = other is not None or listed_at == found.start()
        listed_at = other.start("other") if other else -1
        tail = _TAIL.match(text, found.end())
        field = _field(text, found.start())
        if field >= 0 and _WORD_END.match(text, found.end()) and not (tail and tail["star"]):
            yield _Found(
                "secrecy-field", found.start(), _line(text, field, found.end()), not listed
            )
            continue
        if tail is None:
            continue
        certain = _is_mark(text, found.start(), tail, listed=listed)
        if certain is not None:
            value = _line(text, found.start(), found.end())
            yield _Found("classification-mark", found.start(), value, certain)


def _field(text: str, start: int) -> int:
    """Where the name of a secrecy field begins whose value starts here; -1 if none does."""
    name = text.rfind("密", max(0, start - 64), start)
    return name if name >= 0 and _FIELD.fullmatch(text, name, start) else -1


def _is_mark(text: str, start: int, tail: re.Match[str], *, listed: bool) -> bool | None:
    """True: has the form of a mark; False: may be one; None: a word like any other."""
    before = text[start - 1 : start]
    apart = not before or not before.isalnum()
    if tail["star"] or tail["starred_term"]:
        if text[max(0, start - 2) : start] in _OWN_KINDS:
            return False
        return apart or bool(tail["term"] or tail["starred_term"])
    if not apart:
        return None
    if before == "★":
        return True
    head = _heads(text, start)
    if tail["bare_term"]:
        return head and tail["after_term"] is not None and not listed
    if tail["closed"]:
        return _in_brackets(before, tail, head=head, listed=listed)
    if tail["end"] is not None:
        return not listed if head else None
    return _in_cell(before, head=head, listed=listed)


def _in_brackets(before: str, tail: re.Match[str], *, head: bool, listed: bool) -> bool | None:
    if not before or before not in _OPENING:
        return None
    return not listed and (before == "【" or head or tail["after_closed"] is not None)


def _in_cell(before: str, *, head: bool, listed: bool) -> bool | None:
    """A value among others: in a flow of YAML or JSON, in a row of a table."""
    if listed:
        return None
    if head and before in "\"'":
        return True
    return False if head or before in ",|\t" else None


def _heads(text: str, start: int) -> bool:
    """Whether a value begins here: at the start of a line, an item, after a key or a folder."""
    line = text.rfind("\n", max(0, start - 96), start) + 1
    return (line > 0 or start <= 96) and _HEAD.fullmatch(text, line, start) is not None


def _line(text: str, start: int, end: int) -> str:
    """The line around a mark: its own words mean nothing elsewhere."""
    first = text.rfind("\n", max(0, start - _REACH), start) + 1 or max(0, start - _REACH)
    last = text.find("\n", end, end + _REACH)
    return text[first : end + _REACH if last < 0 else last]


# -------------------------------------------------------------------- persons' numbers

_SPACE = r"(?:[ \t\\._/-]{1,3}|[ \t]{0,4}\n[ \t>#-]{0,24})?"
_PROVINCES = frozenset((11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83))  # fmt: skip
_MUNICIPALITIES = frozenset((11, 12, 31, 50))
_ID = re.compile(
    r"(?<![0-9])(?=("
    + _SPACE.join(["[1-9]", *["[0-9]"] * 5])
    + _SPACE
    + f"(?:1{_SPACE}9|2{_SPACE}0)"
    + _SPACE
    + _SPACE.join(["[0-9]", "[0-9]", "[01]", "[0-9]", "[0-3]", *["[0-9]"] * 4, "[0-9Xx]"])
    + ")(?![0-9]))"
)
_OLD_ID = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{14}(?![0-9A-Za-z])")
_ID_WORD = re.compile("身份证|公民身份|身份号|证件号|证号")
_CODE_WORD = re.compile("信用代码|uscc|机构代码")
_NOT_DIGITS = re.compile("[^0-9X]+")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NEAR = 24
_BEFORE_WORD = r"(?<![0-9A-Za-z])"


def _id_numbers(text: str) -> Iterator[_Found]:
    for found in _ID.finditer(text):
        number = _NOT_DIGITS.sub("", found[1].upper())
        if _is_region(number) and _is_day(number[6:14]):
            if _CHECKS[sum(map(_product, number, _WEIGHTS)) % 11] == number[17]:
                code = _is_credit_code(number)
                if not (code and (number[0] == "9" or _near(text, found.start(), _CODE_WORD))):
                    yield _Found("id-number", found.start(), number, certain=not code)
            elif _near(text, found.start(), _ID_WORD):
                yield _Found("id-number", found.start(), number, certain=False)
    for found in _OLD_ID.finditer(text):
        number = found.group()
        plausible = _is_region(number) and _is_day("19" + number[6:12])
        if plausible and _near(text, found.start(), _ID_WORD):
            yield _Found("id-number", found.start(), number, certain=True)


def _product(digit: str, weight: int) -> int:
    return int(digit) * weight


def _is_region(number: str) -> bool:
    """Province and prefecture as GB/T 2260 numbers them; 9: a foreigner's permanent residence."""
    if number[0] == "9":
        return int(number[1:3]) in _PROVINCES and 4 <= int(number[3:6]) <= 894
    province, prefecture = int(number[:2]), int(number[2:4])
    if province in _MUNICIPALITIES:
        return 1 <= prefecture <= 3
    return province in _PROVINCES and (prefecture <= 70 or prefecture == 90)


def _is_day(digits: str) -> bool:
    month, day = int(digits[4:6]), int(digits[6:])
    return digits[:2] in ("19", "20") and 1 <= month <= 12 and 1 <= day <= _MONTHS[month - 1]


def _is_credit_code(number: str) -> bool:
    """Whether a right number is by its region and both check digits a credit code as well.

    GB 32100 for the whole, GB 11714 for the body.  One person's number in some ten thousand
    is; so such a number is doubtful and innocent only where it is called a code.
    """
    if "X" in number or not _is_region(number[2:8]):
        return False
    body = -sum(map(_product, number[8:16], _BODY_WEIGHTS)) % 11
    total = sum(int(digit) * pow(3, place, 31) for place, digit in enumerate(number[:17]))
    return body == int(number[16]) and -total % 31 == int(number[17])


def _near(text: str, start: int, words: re.Pattern[str]) -> bool:
    return words.search(text, max(0, start - _NEAR), start) is not None


_JOIN = r"(?:[ \t._-]|[ \t]{0,4}\n[ \t>#]{0,24})?"
_MOBILE = re.compile(
    _BEFORE_WORD
    + r"(?<![0-9]\.)(?:(?P<abroad>(?:\+|00)[ ]?86[ -]{0,2}|86[ -])|(?P<joined>86))?(?P<number>"
    + _JOIN.join(["1", "[3-9]", *["[0-9]"] * 9])
    + r")(?![0-9A-Za-z]|\.[0-9])"
)
_GROUPS = frozenset(((11,), (3, 4, 4), (1,) * 11))
_DOUBTFUL_GROUPS = frozenset(((3, 8), (7, 4)))
_DIGIT_NEAR = re.compile(r"[0-9][ \t._-]")
_NAME_BEFORE, _NAME_AFTER = re.compile("[A-Za-z][-_]"), re.compile("[-_][A-Za-z]")
_FOLD = re.compile(r"[ \t]*+\n[ \t>#]*+")


def _mobile_numbers(text: str) -> Iterator[_Found]:
    for found in _MOBILE.finditer(text):
        number = found["number"]
        certain = number.isdigit() or _grouped(text, found)
        if certain is not None:
            digits = number if number.isdigit() else _NOT_DIGITS.sub("", number)
            doubtful = found["joined"] or _in_a_name(text, found)
            yield _Found("mobile-number", found.start(), digits, certain and not doubtful)


def _in_a_name(text: str, found: re.Match[str]) -> bool:
    """Whether digits are one word of a hyphenated name, as slugs are."""
    before, after = (
        text[max(0, found.start() - 2) : found.start()],
        text[found.end() : found.end() + 2],
    )
    return bool(_NAME_BEFORE.fullmatch(before) and _NAME_AFTER.fullmatch(after))


def _grouped(text: str, found: re.Match[str]) -> bool | None:
    """Whether spaced digits stand as those of a mobile number do; None: they are something else."""
    groups = tuple(len(group) for group in _NOT_DIGITS.split(found["number"]))
    if len(groups) == 11 and _DIGIT_NEAR.match(text, max(0, found.start() - 2), found.start()):
        return None
    if groups in _GROUPS:
        return True
    folded = "\n" in found["number"] and _FOLD.sub("", found["number"]).isdigit()
    return False if folded or groups in _DOUBTFUL_GROUPS else None


_CARD = re.compile(_BEFORE_WORD + r"[3-6](?:[ -]?[0-9]|\n[ \t>#]{1,24}[0-9]){15,18}(?![0-9A-Za-z])")
_CARD_WORD = re.compile("银行卡|储蓄卡|信用卡|借记卡|卡号|账号|账户|开户")


def _bank_cards(text: str) -> Iterator[_Found]:
    for found in _CARD.finditer(text):
        number = _NOT_DIGITS.sub("", found.group())
        if _passes_luhn(number) and _near(text, found.start(), _CARD_WORD):
            yield _Found("bank-card", found.start(), number, certain=True)


def _passes_luhn(number: str) -> bool:
    doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in number[-2::-2])
    return (doubled + sum(map(int, number[-1::-2]))) % 10 == 0


# -------------------------------------------------------------------- keys and passwords

_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
_LETTERS = re.compile(r"[^A-Za-z0-9+/=]+")
_BARE_KEY = re.compile(
    r"b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/]{20,}+|AGE-SECRET-KEY-1[A-Z0-9]{58}"
    r"|MI[A-Za-z0-9+/]{4,8}ADANBgkqhkiG9w0BAQEFAAS[A-Za-z0-9+/]{20,}+"
    r"|PuTTY-User-Key-File-[23]: [!-~]{3,40}"
)


def _private_keys(text: str) -> Iterator[_Found]:
    for found in _KEY_BEGIN.finditer(text):
        end = text.find("-----", found.end())
        body = _LETTERS.sub("", text[found.end() : end if end >= 0 else len(text)])
        yield _Found("private-key", found.start(), body or found.group(), certain=True)
    for found in _BARE_KEY.finditer(text):
        yield _Found("private-key", found.start(), found.group(), certain=True)


_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_-])(?:gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_[A-Za-z0-9_]{22,255}+"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[A-Za-z0-9_-]{20,255}+"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])|LTAI[A-Za-z0-9]{12,26}(?![A-Za-z0-9])"
    r"|AKID[A-Za-z0-9]{28,36}(?![A-Za-z0-9])|AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9])"
    r"|eyJ[A-Za-z0-9_-]{8,4096}+\.eyJ[A-Za-z0-9_-]{8,4096}+\.[A-Za-z0-9_-]{16,}+"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}+|xapp-[0-9]-[A-Za-z0-9-]{10,255}+"
    r"|[sr]k_live_[A-Za-z0-9]{16,255}+|sk-[A-Za-z0-9_-]{32,255}+|npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"
    r"|pypi-[A-Za-z0-9_-]{50,}+|hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,}+"
    r"|(?:access_token|webhook/send\?key)=[0-9A-Za-z-]{32,255}+|bot/v2/hook/[0-9a-f-]{32,36}+)"
)


def _access_tokens(text: str) -> Iterator[_Found]:
    for found in _TOKEN.finditer(text):
        token = found.group()
        if _varied(token[-16:], 12, 4):
            yield _Found("access-token", found.start(), token, "EXAMPLE" not in token.upper())


_PASSWORD = re.compile(
    r"(?i:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|secret|private)[_-]?key|口令|密码)"
    r"""["'”’]?\s{0,4}(?:[:=]|是|为)\s{0,4}["'“‘]?(?P<value>[!-~]{6,200})"""
)
_USER_INFO = re.compile(r"://[^/\s:@\"'<>]{1,64}:(?P<value>[^/\s:@\"'<>]{3,64})@")
_PLACEHOLDER = re.compile(r"[$<{%*(\[]|.*?[(\[{$<>]|https?:|[xX*.]+$")


def _passwords(text: str) -> Iterator[_Found]:
    return chain(_given(_PASSWORD, text), _given(_USER_INFO, text))


def _given(pattern: re.Pattern[str], text: str) -> Iterator[_Found]:
    for found in pattern.finditer(text):
        value = found["value"].rstrip("\"',;.)")
        named = _PLACEHOLDER.match(value) or _TOKEN.match(value)
        if not named and _varied(value, 6, 4) and _mixes(value):
            yield _Found("password", found.start("value"), value, certain=False)


def _mixes(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _varied(value: str, length: int, distinct: int) -> bool:
    """Whether a value is as long and as varied as a secret is; ``xxxx…`` stands for one."""
    return len(value) >= length and len(set(value)) >= distinct


def _search(text: str) -> Iterator[_Found]:
    """All that one view shows."""
    source = text.encode("utf-8", "surrogatepass")
    if _may_be_marked(text):
        yield from _marks(text)
    if _may_number(source):
        yield from chain(_id_numbers(text), _mobile_numbers(text), _bank_cards(text))
    if _may_open(source):
        yield from chain(_private_keys(text), _access_tokens(text))
    if _may_assign(text, source):
        yield from _passwords(text)
