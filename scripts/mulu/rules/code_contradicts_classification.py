"""国家指南（发改高技〔2017〕1272号）规定，信息资源代码的第一位是“类”。代码说是基础信息资源，
分类却写部门信息资源，读者和系统就会各信各的。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="code-contradicts-classification",
    title="代码与分类不一致",
    says="代码 {code} 的类与“{category}”不一致",
    fix="代码第一位：1 基础信息资源，2 主题信息资源，3 部门信息资源",
    why=__doc__ or "",
    article=13,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Resources whose code begins with another class than the first classification label."""
    for record in register.of("resource").values():
        code, labels = record.text("code"), record.texts("classification")
        if code and labels and labels[0] in _CLASSES and _CLASSES[labels[0]] != code[0]:
            yield RULE.finding(
                record.at("/code"),
                related=((record.at("/classification/0"), "分类"),),
                code=code,
                category=labels[0],
            )


_CLASSES = {"基础信息资源": "1", "主题信息资源": "2", "部门信息资源": "3"}
