"""同一单位的两项资源叫同一个名字，申请的人分不清要的是哪一项。
比较时不计大小写、全角半角和空格。已撤销的存根不计。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.record import Record
from mulu.register import Register, comparable, is_withdrawn, provider

RULE = Rule(
    code="duplicate-title",
    title="名称重复",
    says="“{title}”与 {other} 的名称相同",
    fix="改为能区分的名称；若是同一资源，只保留一条",
    why=__doc__ or "",
    article=13,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Resources of one agency, and agencies, that share a name after NFKC."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in register.live_resources:
        groups[provider(record), comparable(record.title)].append(record)
    for record in register.of("agency").values():
        if not is_withdrawn(record):
            groups["", comparable(record.title)].append(record)
    for records in groups.values():
        for record in records[1:]:
            yield RULE.finding(
                record.at("/title"),
                related=((records[0].at("/title"), "已有的名称"),),
                title=record.title,
                other=records[0].key,
            )
