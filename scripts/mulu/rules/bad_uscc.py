"""统一社会信用代码（GB 32100-2015）的第 18 位由前 17 位算出，第 9 至 17 位是主体标识码，
它的末位又由前 8 位算出（GB 11714-1997）。算不对，说明抄错了。

代码是 2015 年 10 月才有的，办法没有要求填写，所以可以不填，填了就要对。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="bad-uscc",
    title="统一社会信用代码校验不通过",
    says="统一社会信用代码的校验位不对",
    fix="核对 18 位代码；没有代码可以不写",
    why=__doc__ or "",
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Agencies whose credit code fails one of its two check digits."""
    for record in register.of("agency").values():
        code = record.text("uscc")
        if code and not is_uscc(code):
            yield RULE.finding(record.at("/uscc"))


_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_CHECKS = "0123456789X0"


def is_uscc(code: str) -> bool:
    """Whether both check digits of an 18-character code are right (GB 32100, GB 11714)."""
    body = code[8:17]
    inner = (
        11
        - sum(
            _BODY_ALPHABET.index(character) * weight
            for character, weight in zip(body, _BODY_WEIGHTS, strict=False)
        )
        % 11
    )
    outer = (
        -sum(
            _ALPHABET.index(character) * weight
            for character, weight in zip(code, _CODE_WEIGHTS, strict=False)
        )
        % 31
    )
    return body[8] == _BODY_CHECKS[inner] and code[17] == _ALPHABET[outer]
