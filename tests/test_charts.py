"""Pictures of numbers: what stands where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwhen.charts import HEIGHT, Bar, Frame, Series, line_chart, stacked_bars

FRAME = Frame("key", "Income", "Says what it shows", ["Jan", "Feb"], str)


def series(*values: int, name: str = "Tickets") -> Series:
    return Series(name, values, [str(value) for value in values])


def test_bars_stand_on_zero_and_hang_from_it() -> None:
    chart = stacked_bars(FRAME, [series(30, 0), series(10, 20, name="Members"), series(-20, 0, name="Refunds")])

    assert [(tick.text, tick.y, tick.is_zero) for tick in chart.ticks] == [
        ("40", 0, False), ("20", 66.67, False), ("0", 133.33, True), ("-20", 200, False),
    ]  # fmt: skip
    assert chart.bars == [
        Bar(1, 18, 33.33, 100, "Jan, Tickets: 30"),
        Bar(2, 18, 0, 33.33, "Jan, Members: 10"),
        Bar(3, 18, 133.33, 66.67, "Jan, Refunds: -20"),
        Bar(2, 118, 66.67, 66.66, "Feb, Members: 20"),
    ]
    assert (chart.width, chart.height, list(chart.legend)) == (200, 200, ["Tickets", "Members", "Refunds"])


def test_a_line_goes_through_the_middle_over_each_label() -> None:
    chart = line_chart(FRAME, [series(0, 8)])

    assert [line.points for line in chart.lines] == ["50,200.0 150,0.0"]


def test_nothing_is_drawn_of_nothing() -> None:
    chart = stacked_bars(FRAME, [series(0, 0)])

    assert chart.bars == []
    assert [tick.text for tick in chart.ticks] == ["1", "0"]


@pytest.mark.parametrize(("count", "shown"), [(8, 8), (12, 6), (24, 8)])
def test_a_phone_shows_some_labels_and_always_the_newest(count: int, shown: int) -> None:
    labels = [str(number) for number in range(count)]
    chart = line_chart(Frame("key", "", "", labels, str), [series(*range(count))])

    assert len([label for label in chart.labels if not label.is_minor]) == shown
    assert not chart.labels[-1].is_minor


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)), min_size=1, max_size=24))
def test_every_bar_is_inside_and_few_lines_are_drawn(columns: list[tuple[int, int]]) -> None:
    frame = Frame("key", "", "", [""] * len(columns), str)
    chart = stacked_bars(frame, [series(*values) for values in zip(*columns, strict=True)])

    assert all(bar.height >= 0 and bar.y >= 0 and bar.y + bar.height <= HEIGHT + 0.01 for bar in chart.bars)
    assert 2 <= len(chart.ticks) <= 7
    assert sum(tick.is_zero for tick in chart.ticks) == 1
