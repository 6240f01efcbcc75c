"""信息项以名称识别。取自别处的信息项、负面清单中的信息项、案件所涉及的信息项，
都必须是所指资源真有的信息项，否则“一数一源”（第九条）和部分不予共享都落不到实处。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.record import Record
from mulu.register import Register, acknowledged

RULE = Rule(
    code="unknown-item",
    title="信息项不存在",
    says="“{resource}”没有信息项“{item}”",
    fix="改为该资源已有的信息项名称，或先在该资源中补上这一项",
    why=__doc__ or "",
    article=9,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Each named item that its resource does not have."""
    for record, pointer, key, item in _named(register, day):
        resource = register.find("resource", key)
        if resource is not None and item not in [row.get("name") for row in resource.rows("items")]:
            yield RULE.finding(record.at(pointer), resource=resource.title, item=item)


def _named(register: Register, day: date) -> Iterator[tuple[Record, str, str, str]]:
    """Items by name; of a case that has ended, or whose user knows that they went, no more."""
    for reference in register.references:
        if reference.kind == "item":
            key, _, item = reference.target.partition("#")
            yield reference.record, reference.pointer, key, item
    for kind in ("entry", "request", "application", "objection", "correction"):
        for record in register.of(kind).values():
            key = record.text("resource") or record.text("entry") or record.key
            known = acknowledged(record)
            gone = [item for item in record.texts("items") if item not in known]
            if not gone or ("acts" in record.data and register.is_closed(record, day)):
                continue
            for position, item in enumerate(record.texts("items")):
                if item in gone:
                    yield record, f"/items/{position}", key, item
