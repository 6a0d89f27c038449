"""Amounts of money that people type."""

import pytest
from django.core.exceptions import ValidationError

from bookwhen.money import decimals, step
from bookwhen.money_field import MoneyField
from tests import dashboard_sentences as says


def field(currency: str, locale: str) -> MoneyField:
    made = MoneyField(required=False)
    made.set_currency(currency, locale)
    return made


@pytest.mark.parametrize(
    ("currency", "locale", "typed", "minor", "shown"),
    [
        ("GBP", "en-gb", "12.50", 1250, "12.50"),
        ("GBP", "en-gb", " £12.5 ", 1250, "12.50"),
        ("GBP", "en-gb", "1,250", 125000, "1250.00"),
        ("GBP", "en-gb", "0.01", 1, "0.01"),
        ("GBP", "en-gb", "999999.99", 99999999, "999999.99"),
        ("GBP", "en-gb", "£ 1 250.50", 125050, "1250.50"),
        ("EUR", "de-de", "12,50", 1250, "12,50"),
        ("EUR", "de-de", "1.250,00 €", 125000, "1250,00"),
        ("EUR", "fr-fr", "1 234,50", 123450, "1234,50"),
        ("CHF", "de-ch", "1'234.50", 123450, "1234.50"),
        ("JPY", "ja-jp", "1200", 1200, "1200"),
        ("JPY", "ja-jp", "￥1,200", 1200, "1200"),
        ("KWD", "en-gb", "1.23", 1230, "1.230"),
        ("KWD", "en-gb", "KWD 1.230", 1230, "1.230"),
        ("ISK", "en-gb", "1200", 120000, "1200"),
    ],
)
def test_an_amount_as_people_write_it(currency: str, locale: str, typed: str, minor: int, shown: str) -> None:
    assert (field(currency, locale).clean(typed), field(currency, locale).prepare_value(minor)) == (minor, shown)


@pytest.mark.parametrize(
    ("currency", "locale", "typed", "words"),
    [
        ("GBP", "en-gb", "0", "Enter more than 0"),
        ("GBP", "en-gb", "-1", "Enter more than 0"),
        ("GBP", "en-gb", "12.505", says.TWO_DECIMALS),
        ("GBP", "en-gb", "1000000", says.MOST_THAT_STRIPE_TAKES),
        ("GBP", "en-gb", "12,50", says.AMOUNT_LIKE),
        ("GBP", "en-gb", "12 50", says.AMOUNT_LIKE),
        ("GBP", "en-gb", "1 2345", says.AMOUNT_LIKE),
        ("EUR", "fr-fr", "12 50", "Enter an amount like 12,50"),
        ("GBP", "en-gb", "1e9", says.AMOUNT_LIKE),
        ("GBP", "en-gb", "NaN", says.AMOUNT_LIKE),
        ("GBP", "en-gb", "9" * 1000, says.AMOUNT_LIKE),
        ("GBP", "en-gb", "9" * 30, says.MOST_THAT_STRIPE_TAKES),
        ("JPY", "ja-jp", "9" * 30, "Enter ￥99,999,999 or less: that’s the most Stripe can take at once"),
        ("GBP", "en-gb", "0." + "1" * 28, says.TWO_DECIMALS),
        ("GBP", "en-gb", "ten", says.AMOUNT_LIKE),
        ("EUR", "de-de", "12.50", "Enter an amount like 12,50"),
        ("JPY", "ja-jp", "1200.5", says.NO_SMALLER_UNIT),
        ("KWD", "en-gb", "1.234", says.STEPS_OF_TEN),
        ("KWD", "en-gb", "0.004", "Enter 0.010 instead: KWD is charged in steps of 0.010"),
        ("KWD", "en-gb", "1.2345", says.THREE_DECIMALS),
        ("KWD", "en-gb", "100000", "Enter KWD99,999.990 or less: that’s the most Stripe can take at once"),
        ("ISK", "en-gb", "1200.5", "Enter a whole number: ISK has no smaller unit"),
    ],
)
def test_what_could_not_be_charged_is_refused(currency: str, locale: str, typed: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        field(currency, locale).clean(typed)

    assert refused.value.messages == [words]


def test_an_empty_field_is_no_amount_and_what_was_typed_stays() -> None:
    assert (field("GBP", "en-gb").clean(""), field("GBP", "en-gb").prepare_value("12,50")) == (None, "12,50")


@pytest.mark.parametrize(
    ("currency", "digits", "smallest"),
    [("GBP", 2, 1), ("JPY", 0, 1), ("KWD", 3, 10), ("ISK", 2, 100), ("UGX", 2, 100)],
)
def test_how_stripe_counts_a_currency(currency: str, digits: int, smallest: int) -> None:
    assert (decimals(currency), step(currency)) == (digits, smallest)
