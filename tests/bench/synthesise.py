"""Writes a register of any size: plausible records, the same for the same number."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

_MATTERS = ["婚姻登记", "户籍人口", "不动产登记", "社会保险", "商事主体", "行政许可", "行政处罚", "学籍", "医师执业", "道路运输", "排污许可", "建设工程", "公积金缴存", "低保对象", "残疾人证", "气象观测", "食品抽检", "招标投标"]  # fmt: skip
_SUFFIXES = ["信息", "结果", "名录", "台账", "明细", "汇总", "变更记录", "年度数据"]
_ITEMS = ["名称", "证件号码", "登记日期", "登记机关", "状态", "地址", "经办部门", "有效期", "金额", "类别", "编号", "面积", "用途", "联系部门", "更新时间", "备注"]  # fmt: skip
_TYPES = ["string", "number", "date", "integer"]
_CYCLES = ["realtime", "daily", "weekly", "monthly", "quarterly", "annual"]

_ROLES = ["authority", "legal", "staffing", "supervision", "secrecy", "operator", "finance"]


def write(root: Path, resources: int, *, per_agency: int = 200, items: int = 15) -> None:
    """Write ``resources`` resources, ``per_agency`` to an agency, about ``items`` items each."""
    random_ = random.Random(20151022)
    agencies = max(1, resources // per_agency)
    _put(root / "catalog/register.yml", _register())
    for a in range(agencies):
        _put(root / f"catalog/agencies/danwei-{a:04}.yml", f"title: 第{a}示例单位\nkind: organ\nlevel: city\nhead: 局长\noffice:\n  title: 科技信息处\n")  # fmt: skip
    for n in range(resources):
        agency = n % agencies
        path = root / f"catalog/resources/danwei-{agency:04}/ziyuan-{n:06}.yml"
        _put(path, _resource(random_, n, agency, items))


def write_cases(root: Path, cases: int, resources: int, *, per_agency: int = 200) -> None:
    """Write ``cases`` cases about the resources ``write`` made: three requests to one correction."""
    random_ = random.Random(20151022)
    agencies = max(2, resources // per_agency)
    for n in range(cases):
        about = n % resources
        provider = about % agencies
        applicant = f"danwei-{(provider + 1) % agencies:04}"
        resource = f"danwei-{provider:04}/ziyuan-{about:06}"
        kind, acts = ("corrections", _CORRECTION) if n % 4 == 3 else ("requests", _REQUEST)
        taken = acts[: random_.randint(1, len(acts))]
        start = date(2026, 1, 5) + timedelta(random_.randint(0, 250))
        rows = "".join(
            f"  - act: {act}\n    date: {start + timedelta(3 * at)}\n    by: {_WHO.get(who, who).format(applicant=applicant, provider=f'danwei-{provider:04}')}\n"
            + extra.format(day=start + timedelta(3 * at), provider=f"danwei-{provider:04}")
            for at, (act, who, extra) in enumerate(taken)
        )
        head = (
            "error: outdated\ndescription: 更新不及时。\n"
            if kind == "corrections"
            else "duty: 履行职责。\npurpose: 核验信息。\nundertaking: true\n"
        )
        path = root / f"catalog/{kind}/2026/{applicant}--ziyuan-{n:06}.yml"
        _put(
            path,
            f"pack: shenzhen-2015@1\napplicant: {applicant}\nresource: {resource}\n{head}acts:\n{rows}",
        )


_WHO = {"applicant": "{applicant}", "provider": "{provider}", "authority": "danwei-0000"}
_REQUEST = [
    ("submit", "applicant", ""),
    ("list", "authority", "    as: authority\n"),
    ("notify", "authority", "    as: authority\n    received_on: {day}\n    to: {provider}\n"),
    ("provide", "provider", "    channel: interface\n"),
    ("open", "authority", "    as: operator\n    channel: interface\n"),
    ("close", "applicant", ""),
]
_CORRECTION = [
    ("report", "applicant", ""),
    ("verify", "provider", ""),
    ("uphold", "provider", "    result: 情况属实。\n"),
    ("correct", "provider", "    result: 已更新。\n"),
    ("confirm", "applicant", ""),
]


def _register() -> str:
    roles = "".join(
        f"  - role: {r}\n    agency: danwei-0000\n    from: 2015-10-22\n" for r in _ROLES
    )
    return f"title: 示例市政务信息资源目录\ncity: 示例市\ndemonstration: true\npack: shenzhen-2015\nroles:\n{roles}"


def _resource(random_: random.Random, n: int, agency: int, items: int) -> str:
    matter, suffix = random_.choice(_MATTERS), random_.choice(_SUFFIXES)
    count = max(5, min(25, round(random_.gauss(items, 4))))
    rows = "".join(
        f"  - name: {random_.choice(_ITEMS)}{i}\n    key: f{i}\n    type: {random_.choice(_TYPES)}\n    length: {random_.randint(1, 200)}\n"
        for i in range(count)
    )
    return (
        f"title: {matter}{suffix}{n}\ncode: 308{agency % 1000:03}/{n + 1}\n"
        f"classification:\n  - 部门信息资源\n  - 计划单列市及以下\n  - 第{agency}示例单位\n"
        f"abstract: 第{agency}示例单位在办理{matter}中形成的{suffix}，供各单位核验和统计分析使用。\n"
        f"keywords:\n  - {matter}\nsubject: person\nformats:\n  - category: database\n    types:\n      - MySQL\n"
        f"items:\n{rows}sharing:\n  declared: shared\n  method:\n    - interface\nopenness:\n  class: closed\n"
        f"update_cycle: {random_.choice(_CYCLES)}\npublished_on: 2025-03-03\nrefreshed_on: 2026-11-{random_.randint(1, 20):02}\n"
        f"record_count: {random_.randint(100, 10_000_000)}\nsecrecy_review:\n  date: 2025-02-20\n  office: 保密办公室\n"
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
