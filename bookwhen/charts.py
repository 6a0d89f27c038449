"""Pictures of numbers, drawn on the server as SVG: bars and lines over some labels, in units that CSS stretches.

Pure: values in, geometry out; `<c-chart>` draws it. A picture never stands alone: the page has its numbers in a table.
Colours are the series’ places in CSS (`data-series`), so that they follow light and dark. Nothing of it is text but
the words that are given, since text in a picture would be too small on a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 200
"""Of a picture, in its own units."""
SLOT: Final = 100
"""The width of what stands over one label."""
BAR: Final = 64
LINES: Final = 4
"""About so many lines are drawn across."""
MOST_LABELS: Final = 8
"""Labels that a phone has room for; of more some are left out there."""


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one colour: a value for each label, and each as people read it."""

    name: str
    values: Sequence[int]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `number` is that of its series, from 1."""

    number: int
    x: int
    y: float
    height: float
    words: str

    width: int = BAR


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, as SVG writes them."""

    number: int
    points: str


@dataclass(frozen=True, slots=True)
class Label:
    """What stands below; a minor one is left out where there is little room."""

    text: str
    is_minor: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, and what it means."""

    y: float
    text: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: `key` is unique on its page, `title` and `says` tell what it shows to who cannot see it."""

    key: str
    title: str
    says: str
    legend: Sequence[str]
    ticks: Sequence[Tick]
    bars: Sequence[Bar]
    lines: Sequence[Line]
    labels: Sequence[Label]

    height: int = HEIGHT

    @property
    def width(self) -> int:
        """In its own units."""
        return SLOT * len(self.labels)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a picture is called and what its labels and lines across say (`tick` words a value)."""

    key: str
    title: str
    says: str
    labels: Sequence[str]
    tick: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a lowest to a highest value, whole steps apart."""

    lowest: int
    highest: int
    step: int

    def y(self, value: int) -> float:
        return round(HEIGHT * (self.highest - value) / (self.highest - self.lowest), 2)

    def ticks(self, tick: Callable[[int], str]) -> list[Tick]:
        values = range(self.highest, self.lowest - 1, -self.step)
        return [Tick(self.y(value), tick(value), is_zero=value == 0) for value in values]


def stacked_bars(frame: Frame, series: Sequence[Series]) -> Chart:
    """A bar over each label, of all series: what is above 0 stands on the line, what is below hangs from it."""
    columns = list(zip(*(each.values for each in series), strict=True))
    up = [sum(value for value in column if value > 0) for column in columns]
    down = [sum(value for value in column if value < 0) for column in columns]
    scale, bars = _scale([*up, *down]), list[Bar]()
    for place, column in enumerate(columns):
        above = below = 0
        for number, value in enumerate(column, start=1):
            if not value:
                continue
            base = above if value > 0 else below
            top, bottom = scale.y(max(base, base + value)), scale.y(min(base, base + value))
            words = f"{frame.labels[place]}, {series[number - 1].name}: {series[number - 1].words[place]}"
            x = place * SLOT + (SLOT - BAR) // 2
            bars.append(Bar(number, x, top, round(bottom - top, 2), words))
            above, below = (above + value, below) if value > 0 else (above, below + value)
    return _chart(frame, series, scale, bars=bars)


def line_chart(frame: Frame, series: Sequence[Series]) -> Chart:
    """A line for each series, from 0 up."""
    scale = _scale([value for each in series for value in each.values])
    lines = [
        Line(
            number, " ".join(f"{place * SLOT + SLOT // 2},{scale.y(value)}" for place, value in enumerate(each.values))
        )
        for number, each in enumerate(series, start=1)
    ]
    return _chart(frame, series, scale, lines=lines)


def _chart(
    frame: Frame, series: Sequence[Series], scale: _Scale, *, bars: Sequence[Bar] = (), lines: Sequence[Line] = ()
) -> Chart:
    # Counted from the last, which is the newest.
    every = -(-len(frame.labels) // MOST_LABELS)
    last = len(frame.labels) - 1
    labels = [Label(text, bool((last - place) % every)) for place, text in enumerate(frame.labels)]
    names = [each.name for each in series]
    return Chart(frame.key, frame.title, frame.says, names, scale.ticks(frame.tick), bars, lines, labels)


def _scale(values: Sequence[int]) -> _Scale:
    """One that has all of some values, and 0, between lines at round numbers."""
    highest, lowest = max([0, *values]), min([0, *values])
    step = _round_step(highest - lowest)
    top, bottom = -(-highest // step) * step, lowest // step * step
    return _Scale(bottom, top if top > bottom else step, step)


def _round_step(reach: int) -> int:
    """1, 2 or 5 and noughts: the least of them that so many lines reach that far with."""
    least = max(reach / LINES, 1)
    power = int("1" + "0" * (len(str(int(least))) - 1))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)
