"""Numbers that are read without the library are read as the library reads them."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.usual_phones import usual_phone

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def as_the_library(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    is_one = phonenumbers.is_possible_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_one else ""


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("07911 123456", "GB", "+447911123456"),
        ("+44 7911 123456", "GB", "+447911123456"),
        ("7911123456", "GB", "+447911123456"),
        ("030 1234567", "DE", "+49301234567"),
        ("202-555-0123", "US", "+12025550123"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+1 202 555 0123", "GB", ""),
        ("+44 0 7911 123456", "GB", ""),
        ("12345", "GB", ""),
        ("07911 123456", None, ""),
        ("Lisa", "GB", ""),
    ],
)
def test_numbers_of_the_country_are_read(text: str, region: str | None, number: str) -> None:
    assert usual_phone(text, region) == number


def test_every_country_reads_its_example_as_the_library_does() -> None:
    read = 0
    for region in REGIONS:
        example = phonenumbers.example_number(region)
        for style in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.NATIONAL):
            assert example
            text = phonenumbers.format_number(example, style)
            if found := usual_phone(text, region):
                assert found == as_the_library(text, region)
                read += 1
    assert read > len(REGIONS) / 2


@settings(max_examples=1500)
@given(
    st.sampled_from([*REGIONS, *["GB", "DE", "FR", "US", "IT", "AU"] * 40]),
    st.sampled_from(["", "+", "0", "00", "1", "8", "+0"]),
    st.booleans(),
    st.text("0123456789 -", min_size=3, max_size=16),
)
def test_whatever_is_read_is_read_as_the_library_does(region: str, before: str, with_code: bool, digits: str) -> None:  # noqa: FBT001
    code = str(phonenumbers.country_code_for_region(region)) if with_code else ""
    text = f"{before}{code}{digits}".strip()
    assert usual_phone(text, region) in {"", as_the_library(text, region)}
