"""What a plain scalar stands for, and the limits a record is held to.

Shared by the two readers of YAML, so that they cannot disagree about a value.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from mulu.record import Value

MAX_DEPTH = 16
MAX_NODES = 5_000
MAX_SCALAR = 8_192


class Unclear(Enum):
    """Why a plain scalar has no one reading."""

    AMBIGUOUS = auto()
    MERGE_KEY = auto()


_DIGITS = frozenset("0123456789")
CANDIDATE = frozenset("0123456789+-.~")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
# What YAML 1.1 and 1.2 readers take for a number though it does not look like ours.
_NUMBER_ELSEWHERE = re.compile(
    r"[-+]?(?:0[0-7_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][-+]?[0-9]+)?"
    r"|\.(?:inf|Inf|INF|nan|NaN|NAN))"
)
_WORDS = {"true": True, "false": False, "null": None, "": None}
AMBIGUOUS_WORDS = frozenset(
    variant
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for variant in (word, word.capitalize(), word.upper())
) - {"true", "false", "null"}
LONGEST_WORD = 5


def resolve(text: str) -> Value | Unclear:
    """What a plain scalar stands for, or why it cannot be said."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in CANDIDATE:
        if _INTEGER.fullmatch(text) and text != "-0":
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        if text == "~" or (_NUMBER_ELSEWHERE.fullmatch(text) and not _DIGITS.isdisjoint(text)):
            return Unclear.AMBIGUOUS
        if _NUMBER_ELSEWHERE.fullmatch(text) and text.lower().strip("+-") in (".inf", ".nan"):
            return Unclear.AMBIGUOUS
    elif text in AMBIGUOUS_WORDS:
        return Unclear.AMBIGUOUS
    elif text == "<<":
        return Unclear.MERGE_KEY
    return text
