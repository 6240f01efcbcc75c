"""办理过程只能往后添加。已经记下的动作不改、不删、不换次序：它是谁在哪一天做了什么的证据。记错了的，追加一个动作说明。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.change import Change
from mulu.findings import Finding, Rule, Stage
from mulu.register import acts

RULE = Rule(
    code="acts-only-grow",
    title="改动了已经记下的动作",
    says="第 {number} 个动作已经记下，{what}",
    fix="恢复原来的动作，把新的情况写成一个新的动作，放在最后",
    why=__doc__ or "",
    stage=Stage.CHANGE,
)


def review(change: Change, day: date) -> Iterator[Finding]:
    """Recorded acts that differ or are missing, in any commit."""
    for step in change.steps:
        landed = change.base.find(step.kind, step.key)
        if landed is None or step.after is None:
            continue
        new = acts(step.after)
        for position, act in enumerate(acts(landed)):
            if position >= len(new):
                yield RULE.finding(step.place("/acts"), number=position + 1, what="这里把它删去了")
                break
            if new[position] != act:
                place = step.place(f"/acts/{position}")
                yield RULE.finding(place, number=position + 1, what="这里和原来的不一样")
                break
