"""What a secret looks like in one reading of a text: marks, persons' numbers, keys and passwords.

Every pattern is written for normalised text and bounded, so that time grows with its length.
Standards: GB 11643 (18 digits, ISO 7064 MOD 11-2; 15 before 1999), GB 32100 (credit codes, which
are not persons' numbers), ISO/IEC 7812 (cards, Luhn).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple


class Found(NamedTuple):
    """What a search found in a view; ``value`` is normalised and does not leave this module."""

    what: str
    start: int
    value: str
    certain: bool


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


def marks(text: str) -> Iterator[Found]:
    """Marks of state secrecy, and fields that state a grade."""
    listed_at = -1
    for found in _LEVEL.finditer(text):
        other = _OTHER_LEVEL.match(text, found.end())
        listed = other is not None or listed_at == found.start()
        listed_at = other.start("other") if other else -1
        tail = _TAIL.match(text, found.end())
        field = _field(text, found.start())
        if field >= 0 and _WORD_END.match(text, found.end()) and not (tail and tail["star"]):
            yield Found("secrecy-field", found.start(), _line(text, field, found.end()), not listed)
            continue
        if tail is None:
            continue
        certain = _is_mark(text, found.start(), tail, listed=listed)
        if certain is not None:
            value = _line(text, found.start(), found.end())
            yield Found("classification-mark", found.start(), value, certain)


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


def id_numbers(text: str) -> Iterator[Found]:
    """Citizens' numbers by their check digit; old ones near a word for them."""
    for found in _ID.finditer(text):
        number = _NOT_DIGITS.sub("", found[1].upper())
        if _is_region(number) and _is_day(number[6:14]):
            if _CHECKS[sum(map(_product, number, _WEIGHTS)) % 11] == number[17]:
                code = _is_credit_code(number)
                if not (code and (number[0] == "9" or _near(text, found.start(), _CODE_WORD))):
                    yield Found("id-number", found.start(), number, certain=not code)
            elif _near(text, found.start(), _ID_WORD):
                yield Found("id-number", found.start(), number, certain=False)
    for found in _OLD_ID.finditer(text):
        number = found.group()
        plausible = _is_region(number) and _is_day("19" + number[6:12])
        if plausible and _near(text, found.start(), _ID_WORD):
            yield Found("id-number", found.start(), number, certain=True)


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


def mobile_numbers(text: str) -> Iterator[Found]:
    """Mainland mobile numbers in their usual groups."""
    for found in _MOBILE.finditer(text):
        number = found["number"]
        certain = number.isdigit() or _grouped(text, found)
        if certain is not None:
            digits = number if number.isdigit() else _NOT_DIGITS.sub("", number)
            doubtful = found["joined"] or _in_a_name(text, found)
            yield Found("mobile-number", found.start(), digits, certain and not doubtful)


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


def bank_cards(text: str) -> Iterator[Found]:
    """Card numbers that pass Luhn, near a word for a card or account."""
    for found in _CARD.finditer(text):
        number = _NOT_DIGITS.sub("", found.group())
        if _passes_luhn(number) and _near(text, found.start(), _CARD_WORD):
            yield Found("bank-card", found.start(), number, certain=True)


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


def private_keys(text: str) -> Iterator[Found]:
    """Private keys by their heading or their beginning."""
    for found in _KEY_BEGIN.finditer(text):
        end = text.find("-----", found.end())
        body = _LETTERS.sub("", text[found.end() : end if end >= 0 else len(text)])
        yield Found("private-key", found.start(), body or found.group(), certain=True)
    for found in _BARE_KEY.finditer(text):
        yield Found("private-key", found.start(), found.group(), certain=True)


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


def access_tokens(text: str) -> Iterator[Found]:
    """Tokens by their makers' prefixes."""
    for found in _TOKEN.finditer(text):
        token = found.group()
        if _varied(token[-16:], 12, 4):
            yield Found("access-token", found.start(), token, "EXAMPLE" not in token.upper())


_PASSWORD = re.compile(
    r"(?i:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|secret|private)[_-]?key|口令|密码)"
    r"""["'”’]?\s{0,4}(?:[:=]|是|为)\s{0,4}["'“‘]?(?P<value>[!-~]{6,200})"""
)
_USER_INFO = re.compile(r"://[^/\s:@\"'<>]{1,64}:(?P<value>[^/\s:@\"'<>]{3,64})@")
_PLACEHOLDER = re.compile(r"[$<{%*(\[]|.*?[(\[{$<>]|https?:|[xX*.]+$")


def passwords(text: str) -> Iterator[Found]:
    """What is assigned to a word for a password; never certain."""
    return chain(_given(_PASSWORD, text), _given(_USER_INFO, text))


def _given(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for found in pattern.finditer(text):
        value = found["value"].rstrip("\"',;.)")
        named = _PLACEHOLDER.match(value) or _TOKEN.match(value)
        if not named and _varied(value, 6, 4) and _mixes(value):
            yield Found("password", found.start("value"), value, certain=False)


def _mixes(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _varied(value: str, length: int, distinct: int) -> bool:
    """Whether a value is as long and as varied as a secret is; ``xxxx…`` stands for one."""
    return len(value) >= length and len(set(value)) >= distinct
