"""Where the boxes, lines and words of a procedure's state diagram stand; numbers only.

The way to a good end runs straight down.  What leads aside stands in columns to its right,
half a row lower; what skips or goes back runs in lanes on its left.  Every label has a place
of its own, so nothing overlaps whatever the procedure says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mulu.policy.procedure import Procedure, Way

_BOX_HEIGHT, _PITCH, _SIDE = 44, 156, 64
_PORTS = (12, 22, 32)
_RETURN = 38
_TITLE, _SMALL = 14, 12
_LINE = 18
_GAP = 28
_MARGIN = 12
_NAMES = "met"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a label; ``tone`` is '', 'soft' or 'clock'."""

    text: str
    tone: str = ""

    @property
    def size(self) -> int:
        """The size of its type in pixels."""
        return _TITLE if not self.tone else _SMALL

    @property
    def width(self) -> float:
        """How wide it stands: a Chinese character is as wide as it is high."""
        return width_of(self.text, self.size)


@dataclass(frozen=True, slots=True)
class Box:
    """A state."""

    x: float
    y: float
    width: float
    title: str
    outcome: str

    height: int = _BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a line: the left upper corner, and the lines."""

    x: float
    y: float
    lines: tuple[Line, ...]

    @property
    def width(self) -> float:
        """The width of its widest line."""
        return max(line.width for line in self.lines)

    @property
    def height(self) -> int:
        """The height of all its lines."""
        return _LINE * len(self.lines)


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from state to state, as the points of an angled line; optional ones are drawn lighter."""

    points: tuple[tuple[float, float], ...]
    optional: bool

    @property
    def path(self) -> str:
        """The line as SVG path data, its corners rounded."""
        return "".join(_rounded(self.points))


@dataclass
class Diagram:
    """Everything to draw, moved so that the left upper corner is 0, 0."""

    boxes: list[Box] = field(default_factory=list[Box])
    edges: list[Edge] = field(default_factory=list[Edge])
    labels: list[Label] = field(default_factory=list[Label])
    left: float = 0
    width: float = 0
    height: float = 0


@dataclass(frozen=True, slots=True)
class _Arc:
    """All ways from one state to another, drawn as one line."""

    source: str
    target: str
    ways: tuple[Way, ...]

    @property
    def optional(self) -> bool:
        return all(way.optional for way in self.ways)


def width_of(text: str, size: int) -> float:
    """How wide a text stands, in pixels: wide characters one size, others six tenths."""
    return sum(size if ord(c) > 0x2E7F else 0.62 * size for c in text)


def diagram(procedure: Procedure, who: Callable[[str], str]) -> Diagram:
    """The diagram of a procedure; ``who`` gives the title of a party or role."""
    return _Layout(procedure, who).draw()


class _Layout:
    def __init__(self, procedure: Procedure, who: Callable[[str], str]) -> None:
        self.procedure = procedure
        self.who = who
        self.out = Diagram()
        self.spine = _spine(procedure)
        self.row = {state: n for n, state in enumerate(self.spine)}
        self.arcs = list(_arcs(procedure))
        self.sides = [state for state in procedure.states if state not in self.row]
        self.last = {side: self._last_row(side) for side in self.sides}
        self.sides.sort(key=self.last.__getitem__)
        self.at: dict[str, tuple[float, float]] = {}
        self.box = max(132.0, *(width_of(s.title, 15) + 32 for s in procedure.states.values()))
        self.half = self.box / 2
        self.tops = self._tops()

    def _last_row(self, side: str) -> int:
        rows = [self.row[a.source] for a in self.arcs if a.target == side and a.source in self.row]
        return max(rows, default=0)

    def draw(self) -> Diagram:
        """Place everything, then move it to the corner."""
        self._opening()
        for state in self.spine:
            self._put(state, -self.half, self._y(state))
        right = self._straight()
        self._sides(right)
        self._left_lanes()
        return self._moved()

    def _y(self, state: str) -> float:
        return self.tops[self.row[state]]

    def _tops(self) -> list[float]:
        """Where each row of the spine begins: as far below the last as its words need."""
        tops = [96.0]
        for row, (above, below) in enumerate(zip(self.spine, self.spine[1:], strict=False)):
            arc = next(a for a in self.arcs if (a.source, a.target) == (above, below))
            words = _LINE * len(self._lines(arc.ways)) + 24
            beside = [
                self._drop(side) + _SIDE + 40 for side in self.sides if self.last[side] == row
            ]
            tops.append(tops[-1] + _BOX_HEIGHT + max([_PITCH - _BOX_HEIGHT, words, *beside]))
        return tops

    def _into(self, side: str) -> tuple[Line, ...]:
        """The words at a state aside: of everything that leads there."""
        arcs = [a for a in self.arcs if a.target == side and a.source != side]
        return self._lines([way for arc in arcs for way in arc.ways])

    def _drop(self, side: str) -> float:
        """How much lower than half a row a state aside stands, to leave room for its words."""
        return max(0, _LINE * (len(self._into(side)) - 2))

    def _put(self, state: str, x: float, y: float) -> None:
        known = self.procedure.states[state]
        self.at[state] = x, y
        self.out.boxes.append(Box(x, y, self.box, known.title, known.outcome))

    def _lines(self, ways: Sequence[Way]) -> tuple[Line, ...]:
        lines: list[Line] = []
        for way in dict.fromkeys(ways):
            lines.append(Line(way.title))
            names = [self.who(by) for by in way.by]
            shown = "、".join(names) if len(names) < 3 else f"{names[0]}等 {len(names)} 个部门"
            lines.append(Line(shown, "soft"))
            lines += self._terms(way)
        return tuple(dict.fromkeys(lines))

    def _terms(self, way: Way) -> list[Line]:
        """The terms that run to a way; named where there are several."""
        found = [
            clock
            for clock in self.procedure.clocks.values()
            if clock.term is not None
            and way.act in clock.stops
            and way.sources & self.procedure.running_in(clock)
        ]
        return [
            Line(
                f"{clock.term} {'个工作日' if clock.unit == 'working-day' else '天'}内"
                + (f"：{clock.title}" if len(found) > 1 else ""),
                "clock",
            )
            for clock in found
        ]

    def _opening(self) -> None:
        """From above into the first state."""
        self.out.edges.append(Edge(((0, 8), (0, 96)), optional=False))
        lines = self._lines(self.procedure.opening)
        self.out.labels.append(Label(12, 14, lines))

    def _straight(self) -> float:
        """The lines of the spine, each with its words on its right; returns how far those reach."""
        reach = [label.x + label.width for label in self.out.labels]
        for above, below in zip(self.spine, self.spine[1:], strict=False):
            arc = next(a for a in self.arcs if (a.source, a.target) == (above, below))
            self.arcs.remove(arc)
            top, bottom = self._y(above) + _BOX_HEIGHT, self._y(below)
            self.out.edges.append(Edge(((0, top), (0, bottom)), arc.optional))
            lines = self._lines(arc.ways)
            label = Label(12, (top + bottom - _LINE * len(lines)) / 2, lines)
            self.out.labels.append(label)
            reach.append(label.x + label.width)
        return max([self.half, *reach])

    def _sides(self, right: float) -> None:
        """States beside the spine, each in a column of its own, the soonest left first."""
        returns = [a for a in self.arcs if a.source in self.sides and a.target in self.row]
        x = right + _GAP + max([0.0, *(self._width(a) + 2 * _GAP for a in returns)])
        for number, side in enumerate(self.sides):
            port = _PORTS[max(0, len(_PORTS) - 1 - number)]
            incoming = [a for a in self.arcs if a.target == side and a.source in self.row]
            lines = self._into(side)
            y = self.tops[self.last[side]] + _SIDE + self._drop(side)
            centre = x + self.half
            for arc in incoming:
                self.arcs.remove(arc)
                start = self._y(arc.source) + port
                points = ((self.half, start), (centre, start), (centre, y))
                self.out.edges.append(Edge(points, arc.optional))
            if lines:
                self.out.labels.append(Label(centre + 10, y - 4 - _LINE * len(lines), lines))
            self._put(side, x, y)
            below = self._back_to_spine(side, x, y)
            words = max([0.0, *(line.width for line in (*lines, *below))])
            x += max(self.box + self._stay(side, x, y), self.half + 10 + words) + _GAP
        for arc in [a for a in self.arcs if a.source in self.sides and a.target in self.sides]:
            self.arcs.remove(arc)
            self.out.edges.append(Edge(self._across(arc), arc.optional))

    def _stay(self, side: str, x: float, y: float) -> float:
        """What leaves a state aside as it is, as a loop on its right; returns its width."""
        arc = next((a for a in self.arcs if a.source == a.target == side), None)
        if arc is None:
            return 0
        self.arcs.remove(arc)
        edge, lane = x + self.box, x + self.box + 20
        points = ((edge, y + 8), (lane, y + 8), (lane, y + 36), (edge, y + 36))
        self.out.edges.append(Edge(points, arc.optional))
        self.out.labels.append(Label(lane + 10, y + 4, self._lines(arc.ways)))
        return 30 + self._width(arc)

    def _across(self, arc: _Arc) -> tuple[tuple[float, float], ...]:
        """From one state aside to another: along, then down or up into it."""
        x, y = self.at[arc.source]
        to_x, to_y = self.at[arc.target]
        middle = y + _BOX_HEIGHT / 2
        start = x + self.box if to_x > x else x
        if to_y == y:
            return ((start, middle), (to_x if to_x > x else to_x + self.box, middle))
        end = to_y if to_y > y else to_y + _BOX_HEIGHT
        centre = to_x + self.half
        return ((start, middle), (centre, middle), (centre, end))

    def _back_to_spine(self, side: str, x: float, y: float) -> tuple[Line, ...]:
        """Lines from a state aside to the spine: down and left, or back up to where it came from."""
        shown: list[Line] = []
        used_down = used_up = 0
        for arc in [a for a in self.arcs if a.source == side and a.target in self.row]:
            self.arcs.remove(arc)
            lines = self._lines(arc.ways)
            entry = self._y(arc.target) + _RETURN
            points: tuple[tuple[float, float], ...]
            if entry > y + _BOX_HEIGHT:
                centre = x + self.half
                points = ((centre, y + _BOX_HEIGHT), (centre, entry), (self.half, entry))
                self.out.labels.append(Label(centre + 10, y + _BOX_HEIGHT + 4 + used_down, lines))
                used_down += _LINE * len(lines)
                shown += lines
            else:
                middle = y + _BOX_HEIGHT / 2
                lane = x - self._width(arc) - 2 * _GAP + 8
                points = ((x, middle), (lane, middle), (lane, entry), (self.half, entry))
                self.out.labels.append(Label(lane + 10, middle + 4 + used_up, lines))
                used_up += _LINE * len(lines)
            self.out.edges.append(Edge(points, arc.optional))
        return tuple(shown)

    def _width(self, arc: _Arc) -> float:
        return max(line.width for line in self._lines(arc.ways))

    def _left_lanes(self) -> None:
        """What skips a state, goes back, or stays: each in a lane, its words beyond the lane."""
        lane = -self.half - 30
        arcs = sorted(self.arcs, key=lambda a: abs(self._row(a.source) - self._row(a.target)))
        for arc in arcs:
            lines = self._lines(arc.ways)
            start, end = self._ends(arc)
            points = ((-self.half, start), (lane, start), (lane, end), (-self.half, end))
            self.out.edges.append(Edge(points, arc.optional))
            wide = max(line.width for line in lines)
            y = (start + end - _LINE * len(lines)) / 2
            self.out.labels.append(Label(lane - 10 - wide, y, lines))
            lane -= wide + 34

    def _row(self, state: str) -> float:
        return self.at[state][1]

    def _ends(self, arc: _Arc) -> tuple[float, float]:
        """Where a lane leaves and enters; a loop on one state leaves above and enters below."""
        start, end = self._row(arc.source), self._row(arc.target)
        if arc.source == arc.target:
            return start + 8, end + 36
        return (start + 30, end + 14) if start < end else (start + 14, end + 30)

    def _moved(self) -> Diagram:
        out = self.out
        lefts = [*(b.x for b in out.boxes), *(one.x for one in out.labels)]
        lefts += [x for edge in out.edges for x, _ in edge.points]
        rights = [*(b.x + b.width for b in out.boxes), *(one.x + one.width for one in out.labels)]
        bottoms = [
            *(b.y + b.height for b in out.boxes),
            *(one.y + one.height for one in out.labels),
        ]
        out.left = min(lefts) - _MARGIN
        out.width = max(rights) + _MARGIN - out.left
        out.height = max(bottoms) + _MARGIN
        return out


def _spine(procedure: Procedure) -> list[str]:
    """The longest way to a good end that nobody may leave out, from the first state."""
    best: list[str] = []

    def walk(path: list[str]) -> None:
        nonlocal best
        state = procedure.states[path[-1]]
        if state.outcome == _NAMES and len(path) > len(best):
            best = list(path)
        for way in procedure.by_state[path[-1]]:
            if not way.optional and way.to not in path:
                walk([*path, way.to])

    start = procedure.opening[0].to
    walk([start])
    return best or [start]


def _arcs(procedure: Procedure) -> Iterator[_Arc]:
    found: dict[tuple[str, str], list[Way]] = {}
    for way in procedure.ways:
        for source in procedure.states:
            if source in way.sources:
                found.setdefault((source, way.to), []).append(way)
    for (source, target), ways in found.items():
        yield _Arc(source, target, tuple(ways))


def _rounded(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Straight lines whose corners are quarter curves of eight pixels."""
    x, y = points[0]
    yield f"M{x:g} {y:g}"
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        before = _towards(bx, by, ax, ay)
        after = _towards(bx, by, cx, cy)
        yield f"L{before[0]:g} {before[1]:g}Q{bx:g} {by:g} {after[0]:g} {after[1]:g}"
    x, y = points[-1]
    yield f"L{x:g} {y:g}"


def _towards(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    """Eight pixels, or half the way if that is less, from a point towards another."""
    distance = abs(to_x - x) + abs(to_y - y)
    part = min(8.0, distance / 2) / distance if distance else 0
    return x + (to_x - x) * part, y + (to_y - y) * part
