"""共享类别、职责、法律位阶、整改情形等用词由规则包规定（schemas/policies/）。
不同的规则有不同的分类，所以这些词不写在格式说明里，而与登记簿所用的规则包核对。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="not-in-pack",
    title="规则中没有的词",
    says="适用规则没有“{word}”这个{vocabulary}",
    fix="可用：{choices}",
    why=__doc__ or "",
    article=12,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Each value that is not a word of the pack's vocabulary."""
    for word in register.words:
        terms = register.pack.vocabularies.get(word.vocabulary, {})
        if register.pack.term(word.vocabulary, word.word) is None:
            yield RULE.finding(
                word.record.at(word.pointer),
                word=word.word,
                vocabulary=_TITLES.get(word.vocabulary, word.vocabulary),
                choices="、".join(f"{term.word}（{term.title}）" for term in terms.values()),
            )


_TITLES = {
    "sharing-class": "共享类型",
    "library-kind": "资源库类别",
    "rank": "法律位阶",
    "role": "职责",
    "opinion": "审核意见",
    "ground": "整改情形",
}
