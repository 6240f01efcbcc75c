"""有的规则对资源的说明要求更多，例如有条件共享的要写明条件和用途。要求哪些栏目由规则包列出（requires），
换一部规则检查时，缺的栏目在这里逐项列出。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule, articles_name
from mulu.register import Register

RULE = Rule(
    code="required-by-pack",
    title="规则要求写明的栏目",
    says="{pack}要求写明“{title}”（{articles}）",
    fix="补上 {field} 一栏",
    why=__doc__ or "",
    level=Level.WARNING,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Resources that lack what the pack wants every resource of their class to state."""
    pack = register.pack
    for resource in register.live_resources if pack.requires else ():
        declared = pack.word_for("sharing-class", resource.text("sharing", "declared"))
        for wanted in pack.requires:
            if wanted.classes and declared not in wanted.classes:
                continue
            if resource.get(*wanted.route) is None:
                yield RULE.finding(
                    resource.at("/" + "/".join(wanted.route)),
                    pack=pack.short,
                    title=wanted.title,
                    field=".".join(wanted.route),
                    articles=articles_name(wanted.source.articles),
                )
