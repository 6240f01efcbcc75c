"""两个单位的资源名称相近、主体相同，可能是重复采集，也可能是同一资源编了两次目。只看这次改动新增的资源（第九条、第十条）。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Level, Rule, Stage
from mulu.register import provider

RULE = Rule(
    code="near-resource",
    title="可能和已有的资源重复",
    says="“{title}”和{agency}的“{other}”名称相近（{score}）",
    fix="是同一资源的，不必另编，可提出共享需求；不是的，把名称写得能区分",
    why=__doc__ or "",
    level=Level.WARNING,
    stage=Stage.CHANGE,
    article=9,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """New resources whose title is near one of another agency, for the same subject."""
    for edit in change.of("resource"):
        if edit.after is None or edit.was:
            continue
        record = edit.after
        found = [
            (score, known)
            for score, known in change.near_titles(record)
            if provider(known) != provider(record)
            and known.text("subject") == record.text("subject")
        ]
        if found:
            score, other = max(found, key=lambda row: (row[0], row[1].key))
            yield RULE.finding(
                record.at("/title"),
                related=((other.at("/title"), "相近的资源"),),
                title=record.title,
                agency=change.head.agency_title(provider(other)),
                other=other.title,
                score=round(score),
            )
