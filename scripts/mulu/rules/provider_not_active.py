"""资源由哪个单位提供，看它放在哪个单位的文件夹里。单位撤销后，资源要转给接续的单位，
原记录留作存根（第十三条：目录应当及时更新）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register, is_withdrawn

RULE = Rule(
    code="provider-not-active",
    title="提供单位不存在或已撤销",
    says="资源所在文件夹“{agency}”{problem}",
    fix="{mend}",
    why=__doc__ or "",
    article=13,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Live resources whose folder names no agency, or a withdrawn one."""
    for key, resources in register.resources_by_agency.items():
        agency = register.find("agency", key)
        if agency is None and register.is_known("agency", key):
            continue
        if agency is None:
            problem, mend = (
                "不是已登记的单位",
                f"先建立 catalog/agencies/{key}.yml，或移到正确的单位",
            )
        elif is_withdrawn(agency):
            successors = "、".join(agency.texts("withdrawn", "successors")) or "接续的单位"
            problem, mend = "是已撤销的单位", f"把资源转给 {successors}，原处留存根"
        else:
            continue
        for resource in resources:
            yield RULE.finding(resource.at(), agency=key, problem=problem, mend=mend)
