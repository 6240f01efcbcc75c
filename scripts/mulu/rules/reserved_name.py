"""记录的代号就是它在网站上的地址。网站自己要用几个名字：index 是每个文件夹的首页，search、assets、api、
feeds 放检索、样式和数据，en 放英文页面。用作代号，将来就可能和网站的文件撞在一起，地址也说不清指哪一个。

代号一经使用不再改变，所以在编入时就不收这几个名字；换一个说得出内容的名字，例如 sousuo-rizhi。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="reserved-name",
    title="代号是网站自己的名字",
    says="代号里的 {name} 是网站自己要用的名字",
    fix="换一个代号：名称的拼音，或者能说明内容的词",
    why=__doc__ or "",
)

RESERVED = frozenset({"index", "search", "assets", "api", "feeds", "en"})


def check(register: Register, day: date) -> Iterator[Finding]:
    """Records of which a part of the key is a name that the site keeps for itself."""
    for record in register:
        for name in record.key.split("/"):
            if name in RESERVED:
                yield RULE.finding(record.at(), name=name)
