"""The canonical form, with comments wherever a person may have put them."""

from __future__ import annotations

import pytest

from mulu.findings import Finding
from mulu.loading.canonical import format_source
from mulu.loading.strict_yaml import load
from registers import schemas

CASES = [
    ("keys in the schema's order", "agency", "level: city\nkind: organ\ntitle: 甲\n", "title: 甲\nkind: organ\nlevel: city\n"),
    ("quotes only where needed", "agency", "title: '甲'\nnote: \"a: b\"\nkind: \"organ\"\nlevel: city\n", 'title: 甲\nkind: organ\nlevel: city\nnote: "a: b"\n'),
    ("flow becomes block", "agency", "title: 甲\nkind: organ\nlevel: city\noffice: {title: 乙}\npredecessors: [a, b]\n", "title: 甲\nkind: organ\nlevel: city\npredecessors:\n  - a\n  - b\noffice:\n  title: 乙\n"),
    ("folded becomes one line", "agency", "title: 甲\nkind: organ\nlevel: city\nnote: >-\n  一\n  二\n", "title: 甲\nkind: organ\nlevel: city\nnote: 一 二\n"),
    ("comment above moves with its key", "agency", "# 顶\ntitle: 甲\nlevel: city\n# 性质\nkind: organ\n", "# 顶\ntitle: 甲\n# 性质\nkind: organ\nlevel: city\n"),
    ("comment behind stays behind", "agency", "title: 甲   # 名\nkind: organ\nlevel: city\noffice: # 处\n  title: 乙 # 室\n", "title: 甲  # 名\nkind: organ\nlevel: city\noffice:  # 处\n  title: 乙  # 室\n"),
    ("comments in lists", "agency", "title: 甲\nkind: organ\nlevel: city\npredecessors:\n  # 一\n  - a # 二\n  # 三\n  - b\n", "title: 甲\nkind: organ\nlevel: city\npredecessors:\n  # 一\n  - a  # 二\n  # 三\n  - b\n"),
    ("comments at the end", "agency", "title: 甲\nkind: organ\nlevel: city\n# 完\n", "title: 甲\nkind: organ\nlevel: city\n# 完\n"),
    ("a number sign inside a value is no comment", "agency", "title: 甲#乙\nkind: organ\nlevel: city\nnote: \"a # b\"\n", 'title: 甲#乙\nkind: organ\nlevel: city\nnote: "a # b"\n'),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])  # fmt: skip
def test_form(kind: str, source: str, expected: str) -> None:
    data = load("x.yml", source.encode())
    assert not isinstance(data, Finding)
    schema = schemas().kinds[kind].schema
    formatted = format_source(source.encode(), data, schema)
    assert formatted.decode() == expected
    assert load("x.yml", formatted) == data
    assert format_source(formatted, data, schema) == formatted
