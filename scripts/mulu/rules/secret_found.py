"""登记簿是公开的：国家秘密、身份证号码、手机号码、密钥和口令不能出现在任何地方，也包括注释、文件名、提交说明，
以及先写入、后来又删去的内容（第二十八条）。这里不显示查到的内容，只说在哪里。确属误判的，由保密主管部门核准，
用 mulu review --digests 在本机取得摘要，写进 catalog/clearances/ 的核准记录，合入之后再提交。号码的摘要可以反推，所以不在这里显示。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage
from mulu.trust.secrecy import WHATS

RULE = Rule(
    code="secret-found",
    title="含有不得公开的内容",
    says="{where}里有{what}",
    fix="删去它，并从历史里清除（重做这次改动，不要只再提交一次删除）；误判的，请保密主管部门核准",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=28,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Certain hits that no clearance in base covers."""
    for one in change.secrets(day):
        if one.hit.certain:
            yield RULE.finding(one.place, where=one.where, what=WHATS[one.hit.what])
