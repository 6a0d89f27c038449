"""Reading pasted e-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups.pasted.reading import read_addresses
from tests import dashboard_sentences as says


@pytest.mark.parametrize(
    "text",
    [
        "a@example.org\nb@example.org",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org;",
        "a@example.org b@example.org",
        "a@example.org\r\n\r\n\tb@example.org  ",
        "mailto:a@example.org,<b@example.org>",
        "A@Example.ORG b@example.org",
    ],
)
def test_addresses_are_divided_by_anything_people_use(text: str) -> None:
    pasted = read_addresses(text)

    assert list(pasted.names) == ["a@example.org", "b@example.org"]
    assert (pasted.repeated, pasted.unreadable) == (0, [])


def test_names_come_with_their_addresses() -> None:
    pasted = read_addresses('Ada Lovelace <ada@example.org>\n"Doe, Jane" <jane@example.org>, נועה 🎈 <noa@example.org>')

    assert pasted.names == {
        "ada@example.org": "Ada Lovelace",
        "jane@example.org": "Jane Doe",
        "noa@example.org": "נועה 🎈",
    }


def test_a_repeat_is_counted_and_may_bring_the_name() -> None:
    pasted = read_addresses("ada@example.org, Ada <ADA@example.org>, ada@example.org")

    assert (pasted.names, pasted.repeated) == ({"ada@example.org": "Ada"}, 2)


def test_the_unreadable_is_kept_with_its_reason_and_the_rest_is_taken() -> None:
    pasted = read_addresses(
        "ada@example.org\nno address\nbea@\ncleo@example\nd e@example.org\n@\n" + "x" * 250 + "@a.org"
    )

    assert list(pasted.names) == ["ada@example.org"]
    assert pasted.unreadable == [
        ("no address", "has no @"),
        ("bea@", says.NOT_AN_ADDRESS),
        ("cleo@example", says.NOT_AN_ADDRESS),
        ("d e@example.org", "has a space in it"),
        ("@", says.NOT_AN_ADDRESS),
        ("x" * 250 + "@a.org", "is too long for an email address"),
    ]


@given(text=st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    pasted = read_addresses(text)

    assert all(name == name.lower() and "\x00" not in name for name in pasted.names)


@given(local=st.lists(st.from_regex(r"[a-z][a-z0-9.+_-]{0,20}[a-z0-9]", fullmatch=True), unique=True, max_size=20))
def test_every_good_address_is_taken_once(local: list[str]) -> None:
    addresses = [f"{each.replace('..', '.')}@example.org" for each in local]
    pasted = read_addresses("\n".join([*addresses, *addresses]))

    assert set(pasted.names) | {piece for piece, _reason in pasted.unreadable} == set(addresses)
