"""VAT in what was charged: each line rounded once, parts of a refund as exact as the whole."""

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.money.vat import NO_VAT, Charge, Charged, Rate, TaxedLine, spread, tax, vat_of, vat_of_change

STANDARD, REDUCED = Rate("Standard", 2000), Rate("Reduced", 500)
POINTS = st.integers(0, 5000)
AMOUNTS = st.integers(-99_999_999, 99_999_999)
RATES = st.sampled_from([STANDARD, REDUCED, Rate("Zero", 0), NO_VAT])


@pytest.mark.parametrize(
    ("gross", "points", "vat"),
    [
        (1200, 2000, 200),
        (1000, 2000, 167),
        (1, 2000, 0),
        (3, 2000, 1),  # half a penny goes up
        (-3, 2000, -1),
        (1050, 500, 50),
        (1190, 1900, 190),
        (1200, 0, 0),
        (0, 2000, 0),
    ],
)
def test_the_vat_in_a_gross_amount(gross: int, points: int, vat: int) -> None:
    assert vat_of(gross, points) == vat


@given(AMOUNTS, POINTS)
def test_it_is_the_exact_share_rounded_half_away_from_zero(gross: int, points: int) -> None:
    exact = Fraction(gross * points, 10_000 + points)

    found = vat_of(gross, points)

    assert abs(found - exact) <= Fraction(1, 2)
    assert abs(found) >= abs(exact) or abs(found - exact) < Fraction(1, 2)
    assert vat_of(-gross, points) == -found


@given(st.integers(1, 99_999_999), POINTS, st.lists(st.integers(1, 1_000_000)))
def test_a_refund_in_parts_gives_back_exactly_the_vat_that_was_charged(
    gross: int, points: int, parts: list[int]
) -> None:
    left, given_back = gross, 0
    for part in [*parts, gross]:
        back = min(part, left)
        given_back += vat_of_change(left, -back, points)
        left -= back

    assert given_back == -vat_of(gross, points)


@given(st.data(), st.dictionaries(st.integers(0, 9), st.integers(0, 99_999_999)))
def test_spreading_leaves_nothing_and_gives_nobody_more_than_they_have(
    data: st.DataObject, among: dict[int, int]
) -> None:
    amount = data.draw(st.integers(0, sum(among.values())))

    parts = spread(amount, among)

    assert sum(parts.values()) == amount
    assert all(0 < part <= among[key] for key, part in parts.items())
    assert all(abs(Fraction(among[key] * amount, sum(among.values())) - part) < 1 for key, part in parts.items())


def test_a_receipt_has_a_line_for_each_seat_at_its_rate() -> None:
    rates = {1: STANDARD, 2: REDUCED, None: STANDARD}

    lines = tax(2250, [Charge(1, 1200), Charge(2, 1050)], [], rates)

    assert lines == [TaxedLine(1, STANDARD, 1200, 200), TaxedLine(2, REDUCED, 1050, 50)]


def test_what_is_refunded_has_the_rate_at_which_it_was_charged() -> None:
    charged = [Charged(1, STANDARD, 1200)]

    assert tax(-1200, [Charge(1, -1200)], charged, {1: REDUCED}) == [TaxedLine(1, STANDARD, -1200, -200)]


def test_a_seat_that_was_charged_at_two_rates_gives_the_larger_back_first() -> None:
    charged = [Charged(1, STANDARD, 300), Charged(1, REDUCED, 1050)]

    assert tax(-1200, [Charge(1, -1200)], charged, {1: STANDARD}) == [
        TaxedLine(1, REDUCED, -1050, -50),
        TaxedLine(1, STANDARD, -150, -25),
    ]


def test_a_refund_that_names_no_seat_is_spread_over_all_of_them() -> None:
    charged = [Charged(1, STANDARD, 1200), Charged(2, REDUCED, 600)]

    assert tax(-900, [], charged, {}) == [TaxedLine(1, STANDARD, -600, -100), TaxedLine(2, REDUCED, -300, -15)]


def test_what_names_nothing_is_a_line_of_its_own() -> None:
    assert tax(500, [], [], {None: STANDARD}) == [TaxedLine(None, STANDARD, 500, 83)]
    assert tax(500, [Charge(1, 300)], [], {}) == [TaxedLine(1, NO_VAT, 300, None), TaxedLine(None, NO_VAT, 200, None)]


def test_what_was_charged_before_there_were_receipts_is_refunded_at_todays_rate() -> None:
    assert tax(-1200, [Charge(1, -1200)], [], {1: STANDARD}) == [TaxedLine(1, STANDARD, -1200, -200)]


def test_a_seat_keeps_its_first_rate_unless_the_studio_charged_no_vat_then() -> None:
    assert tax(700, [Charge(1, 700)], [Charged(1, STANDARD, 500)], {1: REDUCED}) == [
        TaxedLine(1, STANDARD, 700, 117)  # 200 of 1200, of which 83 were told before
    ]
    assert tax(1200, [Charge(1, 1200)], [Charged(1, STANDARD, 0)], {1: REDUCED})[0].rate == STANDARD
    assert tax(700, [Charge(1, 700)], [Charged(1, NO_VAT, 500)], {1: STANDARD})[0].rate == STANDARD


MOVEMENTS = st.lists(
    st.tuples(AMOUNTS.filter(bool), st.lists(st.tuples(st.integers(1, 4), AMOUNTS), max_size=3), RATES), max_size=8
)


@given(MOVEMENTS)
def test_lines_add_up_to_the_receipt_and_the_vat_of_a_seat_is_that_of_its_total(
    movements: list[tuple[int, list[tuple[int, int]], Rate]],
) -> None:
    totals, vat = defaultdict[tuple[int | None, Rate], int](int), defaultdict[tuple[int | None, Rate], int](int)
    for amount, charges, rate in movements:
        charged = [Charged(seat, each, total) for (seat, each), total in totals.items()]
        lines = tax(amount, [Charge(*each) for each in charges], charged, {None: rate})
        assert sum(line.amount for line in lines) == amount
        assert len({(line.seat, line.rate) for line in lines}) == len(lines)
        for line in lines:
            totals[line.seat, line.rate] += line.amount
            vat[line.seat, line.rate] += line.vat or 0
            assert (line.vat is None) == (line.rate.basis_points is None)

    assert vat == {key: vat_of(total, key[1].basis_points or 0) for key, total in totals.items()}
