"""The rule that chooses discounts: the least to pay in all, within what is left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.pricing import Option, Pool, assign_discounts, discount_amount

Lines = Sequence[Sequence[Option]]
Left = Mapping[Pool, int]

PERIODS = {0: "period A", 1: "period A", 2: "period B", 3: None}
"""The pool behind each event's: two events in one period, one in another, one by an offer without a limit."""


def pools(event: int) -> tuple[Pool, ...]:
    period = PERIODS[event]
    return (f"event {event}", period) if period else (f"event {event}",)


options = st.builds(
    lambda offer, saved, event, rank: Option(offer=offer, saving=saved, pools=pools(event), rank=rank),
    st.integers(1, 3),
    st.integers(0, 5),
    st.sampled_from(sorted(PERIODS)),
    st.integers(0, 2),
)
baskets = st.lists(st.lists(options, max_size=3), max_size=5)
rooms = st.fixed_dictionaries(
    {}, optional={**{f"event {event}": st.integers(-1, 3) for event in PERIODS}, "period A": st.integers(-1, 3)}
)


def drawn(chosen: Sequence[Option | None]) -> Counter[Pool]:
    return Counter(pool for option in chosen if option for pool in option.pools)


def fits(chosen: Sequence[Option | None], left: Left) -> bool:
    return all(count <= max(left.get(pool, count), 0) for pool, count in drawn(chosen).items())


def total(chosen: Sequence[Option | None]) -> int:
    return sum(option.saving for option in chosen if option)


def cheapest(lines: Lines, left: Left) -> tuple[int, int]:
    """By trying everything: the most that can be saved, and the least rank in all by which it can."""
    every = product(*([None, *(option for option in line if option.saving)] for line in lines))
    fitting = [chosen for chosen in every if fits(chosen, left)]
    most = max(total(chosen) for chosen in fitting)
    places = {rank: place for place, rank in enumerate(sorted({each.rank for line in lines for each in line}))}
    ranked = [sum(places[option.rank] for option in chosen if option) for chosen in fitting if total(chosen) == most]
    return most, min(ranked)


@given(baskets, rooms)
def test_as_much_is_saved_as_could_be(lines: Lines, left: Left) -> None:
    chosen = assign_discounts(lines, left)

    places = {rank: place for place, rank in enumerate(sorted({each.rank for line in lines for each in line}))}
    assert (total(chosen), sum(places[option.rank] for option in chosen if option)) == cheapest(lines, left)


@given(baskets, rooms)
def test_nothing_is_drawn_that_is_not_there(lines: Lines, left: Left) -> None:
    chosen = assign_discounts(lines, left)

    assert fits(chosen, left)
    assert len(chosen) == len(lines)
    assert all(option is None or option in line for option, line in zip(chosen, lines, strict=True))
    assert all(option is None or option.saving > 0 for option in chosen)


@given(baskets, rooms, options, st.integers(0, 4))
def test_one_more_discount_never_makes_it_dearer(lines: Lines, left: Left, more: Option, at: int) -> None:
    wider = [[*line, more] if number == at else line for number, line in enumerate(lines)]

    assert total(assign_discounts(wider, left)) >= total(assign_discounts(lines, left))


def test_a_use_goes_where_it_saves_most() -> None:
    one_left: Left = {"uses": 1}
    small, large = (Option(offer=1, saving=amount, pools=("uses",)) for amount in (100, 300))

    assert assign_discounts([[small], [large], [small]], one_left) == [None, large, None]


def test_a_ticket_gives_its_use_up_for_one_that_has_no_other() -> None:
    limited = Option(offer=1, saving=300, pools=("uses",), rank=1)
    other = Option(offer=2, saving=250)

    assert assign_discounts([[limited, other], [limited]], {"uses": 1}) == [other, limited]


def test_one_ticket_has_what_saves_most_of_what_is_left() -> None:
    gone = Option(offer=1, saving=3, pools=("gone",))
    unlimited, limited = Option(offer=2, saving=1), Option(offer=3, saving=2, rank=1)

    assert assign_discounts([[gone, unlimited, limited]], {"gone": 0}) == [limited]


def test_of_two_ways_that_save_the_same_the_one_of_the_least_rank_is_taken() -> None:
    """Also where it takes a discount from one ticket, and gives two of them another. A set has these ranks as 8, 1."""
    most = Option(offer=1, saving=5, pools=("one",), rank=8)
    less = Option(offer=2, saving=2, pools=("other",), rank=1)
    rest = Option(offer=3, saving=3, pools=("one",), rank=1)

    assert assign_discounts([[most, less], [rest]], {"one": 1, "other": 1}) == [less, rest]


def test_what_a_ticket_gave_up_once_it_does_not_give_up_again() -> None:
    here = [Option(offer=1, saving=saved, pools=("here",)) for saved in (3, 4, 4)]
    there, elsewhere = Option(offer=2, saving=4, pools=("there",)), Option(offer=3, saving=3)

    chosen = assign_discounts([[here[0]], [here[1], there, elsewhere], [here[2]]], {"here": 1, "there": 1})

    assert chosen == [None, there, here[2]]


def test_what_has_no_rank_is_taken_as_what_has_no_limit() -> None:
    plain, unlimited, limited = (
        Option(offer=1, saving=1),
        Option(offer=2, saving=1, rank=0),
        Option(offer=3, saving=1, rank=1),
    )

    assert assign_discounts([[limited, plain], [unlimited, plain], [plain, unlimited]], {}) == [plain, unlimited, plain]


def test_of_two_that_save_the_same_the_one_without_a_limit_is_taken() -> None:
    unlimited = Option(offer=1, saving=100, pools=("here",))
    limited = Option(offer=2, saving=100, pools=("there", "uses"), rank=738_000)

    for line in ([limited, unlimited], [unlimited, limited]):
        assert assign_discounts([line], {"here": 1, "there": 1, "uses": 1}) == [unlimited]


def test_two_hundred_tickets_and_few_uses_are_shared_out() -> None:
    lines = [[Option(offer=1, saving=number + 1, pools=(f"event {number}", "uses"))] for number in range(200)]

    chosen = assign_discounts(lines, {"uses": 7})

    assert [number for number, option in enumerate(chosen) if option] == list(range(193, 200))


@pytest.mark.parametrize(
    ("price", "percent", "amount_off", "step", "saved"),
    [
        (1200, 10, None, 1, 120),
        (1999, 10, None, 1, 200),  # 17.991 is left: rounded down, for the customer
        (1200, 100, None, 1, 1200),
        (1200, None, 500, 1, 500),
        (400, None, 500, 1, 400),
        (1230, 10, None, 10, 130),  # 1.107 dinars are left; Stripe charges 1.100
        (1230, None, 5, 10, 10),
        (999, 33, None, 1, 330),  # yen: 669.33 are left
        (0, 10, None, 1, 0),
        (1200, None, None, 1, 0),
    ],
)
def test_what_a_discount_takes_off(
    price: int, percent: int | None, amount_off: int | None, step: int, saved: int
) -> None:
    assert discount_amount(price, percent=percent, amount_off=amount_off, step=step) == saved


@given(st.integers(1, 10_000_000), st.integers(1, 100), st.sampled_from([1, 10, 100]))
def test_a_percentage_is_never_less_than_promised(price: int, percent: int, step: int) -> None:
    price *= step
    saved = discount_amount(price, percent=percent, amount_off=None, step=step)

    assert price * percent <= 100 * saved < price * percent + 100 * step
    assert (price - saved) % step == 0
    assert 0 <= saved <= price


@given(st.integers(1, 10_000_000), st.integers(1, 10_000_000), st.sampled_from([1, 10, 100]))
def test_an_amount_is_never_more_than_the_price(price: int, amount_off: int, step: int) -> None:
    price *= step
    saved = discount_amount(price, percent=None, amount_off=amount_off, step=step)

    assert min(price, amount_off) <= saved < amount_off + step
    assert (price - saved) % step == 0
    assert saved <= price
