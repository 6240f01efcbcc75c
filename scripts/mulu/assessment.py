"""Judging agencies for a year by the pack's assessment, or by another one to see what it would do.

Every score comes with its working: each indicator's figure, the points it earns, its weight.
An indicator that cannot be said of an agency weighs nothing there; an agency of which too
little can be said is not judged, which is not the same as a low score (art. 32).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mulu.indicators import Figure, Year, rounded
from mulu.policy.indicator import Assessment, Indicator, Weight


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator in a score: its figure, the points of 100 it earns (None: cannot be said)."""

    weight: Weight
    figure: Figure
    points: int | None


@dataclass(frozen=True, slots=True)
class Off:
    """Points taken off: how many were counted, and for how much."""

    indicator: str
    figure: Figure
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """An agency's score with its working; ``value`` of 100, None where too little can be said."""

    agency: str
    lines: tuple[Line, ...]
    off: tuple[Off, ...]
    judged: Fraction
    """The share of all weight that could be judged."""
    value: Fraction | None
    grade: str = ""
    rank: int | None = None
    tied: bool = False


def assess(year: Year, assessment: Assessment) -> Sequence[Score]:
    """Every agency of the end of the year: the judged by rank, then the others, each group by key.

    Raises ValueError where the assessment names an indicator that the pack has not.
    """
    indicators = year.register.pack.indicators
    for name in (*(w.indicator for w in assessment.weights), *(d.indicator for d in assessment.deductions)):  # fmt: skip
        if name not in indicators:
            raise ValueError(f"规则包没有指标 {name}；可用：{'、'.join(indicators)}")
    scores = [_score(year, assessment, agency) for agency in year.agencies]
    return list(_ranked(scores))


def _score(year: Year, assessment: Assessment, agency: str) -> Score:
    indicators = year.register.pack.indicators
    lines: list[Line] = []
    for weight in assessment.weights:
        figure = _figure(year, weight.indicator, agency)
        lines.append(Line(weight, figure, points_of(weight, figure, indicators[weight.indicator])))
    off: list[Off] = []
    for row in assessment.deductions:
        figure = _figure(year, row.indicator, agency)
        if figure.value:
            off.append(Off(row.indicator, figure, min(row.most, int(figure.value) * row.each)))
    total = sum(weight.weight for weight in assessment.weights)
    said = [line for line in lines if line.points is not None]
    weighed = sum(line.weight.weight for line in said)
    judged = Fraction(weighed, total) if total else Fraction(0)
    if not weighed or judged * 100 < assessment.enough:
        return Score(agency, tuple(lines), tuple(off), judged, None)
    earned = Fraction(sum(line.weight.weight * (line.points or 0) for line in said), weighed)
    value = max(Fraction(0), earned - sum(one.points for one in off))
    grade = next((grade.title for grade in assessment.grades if value >= grade.least), "")
    return Score(agency, tuple(lines), tuple(off), judged, value, grade)


def _figure(year: Year, indicator: str, agency: str) -> Figure:
    found = year.of_agency(indicator, agency)
    if found is None:
        raise ValueError(f"指标 {indicator} 不按单位计算，不能用来考核单位")
    return found


def score_text(score: Score) -> str:
    """A score as people read it: 91.5 分（优秀）, or why there is none."""
    if score.value is None:
        return f"未评（能算的指标权重只占 {rounded(score.judged * 100)}%）"
    return (
        f"{rounded(score.value)} 分（{score.grade}）"
        if score.grade
        else f"{rounded(score.value)} 分"
    )


def points_of(weight: Weight, figure: Figure, indicator: Indicator) -> int | None:
    """The points of the best band that the figure reaches; None where the figure is undefined."""
    if figure.value is None:
        return None
    value = figure.value * 100 if indicator.figure == "share" else figure.value
    less = indicator.direction == "less"
    reached = [
        band.points
        for band in weight.bands
        if (value <= band.limit if less else value >= band.limit)
    ]
    return max(reached, default=0)


def _ranked(scores: Sequence[Score]) -> Iterator[Score]:
    """The judged by score, equals sharing a rank; then those not judged."""
    judged = [one for one in scores if one.value is not None]
    counts: dict[Fraction, int] = {}
    for one in judged:
        if one.value is not None:
            counts[one.value] = counts.get(one.value, 0) + 1
    ranks: dict[Fraction, int] = {}
    place = 1
    for value in sorted(counts, reverse=True):
        ranks[value] = place
        place += counts[value]
    for one in sorted(judged, key=lambda one: (-(one.value or 0), one.agency)):
        if one.value is not None:
            yield Score(one.agency, one.lines, one.off, one.judged, one.value, one.grade, ranks[one.value], counts[one.value] > 1)  # fmt: skip
    yield from (one for one in scores if one.value is None)
