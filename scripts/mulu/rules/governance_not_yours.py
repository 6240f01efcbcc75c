"""规则、格式说明、自动流程和担任职责的单位由主管部门维护（第五条）。别的单位认为应当修改的，向主管部门提出。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Place, Rule, Stage

RULE = Rule(
    code="governance-not-yours",
    title="规则不归本单位修改",
    says="{agency}改了规则一类的文件，应当由{keepers}来改",
    fix="从这次改动里去掉它，向{keepers}提出",
    why=__doc__ or "",
    stage=Stage.CHANGE,
    article=5,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Files that govern, changed by an agency that does not keep them."""
    if change.author is None:
        return
    roles = change.roles_of("register")
    if any(change.author in change.base.holders(role, day.isoformat()) for role in roles):
        return
    for path in change.others:
        yield RULE.finding(
            Place(path),
            agency=change.base.agency_title(change.author),
            keepers=change.base.pack.role_titles(roles),
        )
