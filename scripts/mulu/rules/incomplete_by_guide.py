"""国家指南（发改高技〔2017〕1272号）规定了 13 项核心元数据，办法第十三条要求至少有名称、编码格式、
共享类别、提供单位和更新时限。缺的不妨碍编入，但别人不容易判断能不能用。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Level, Rule
from mulu.register import Register

RULE = Rule(
    code="incomplete-by-guide",
    title="核心元数据不全",
    says="按国家指南还缺：{missing}",
    fix="补上这些栏目",
    why=__doc__ or "",
    level=Level.NOTE,
    article=13,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Live resources that lack core elements of the national guide."""
    for resource in register.live_resources:
        missing = [title for name, title in _CORE.items() if name not in resource.data]
        if missing:
            yield RULE.finding(resource.at(), missing="、".join(missing))


_CORE = {
    "classification": "信息资源分类",
    "code": "信息资源代码",
    "formats": "信息资源格式",
    "items": "信息项信息",
    "openness": "开放属性",
    "update_cycle": "更新周期",
    "published_on": "发布日期",
}
