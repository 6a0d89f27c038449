"""What a studio typed, read: where addresses end, what stands for placeholders, and what of it is refused."""

import pytest

from accounts.mailings.texts import FIRST_NAME, Part, fill, paragraphs
from accounts.placeholders import has_odd_brackets, unknown_placeholders


def links(text: str) -> list[str]:
    return [
        piece.text
        for lines in paragraphs(text, {FIRST_NAME: "Ada"})
        for pieces in lines
        for piece in pieces
        if piece.part == Part.LINK
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://river.example/summer.", "https://river.example/summer"),
        ("(see https://river.example/summer).", "https://river.example/summer"),
        ("https://en.example/wiki/Mat_(yoga)", "https://en.example/wiki/Mat_(yoga)"),
        ("(https://en.example/wiki/Mat_(yoga)), then", "https://en.example/wiki/Mat_(yoga)"),
        ("“https://river.example/?a=1&b=2”!", "https://river.example/?a=1&b=2"),
        # Copied from a chat, with what nobody sees.
        ("https://river\u200b.example/\ufeffsummer", "https://river.example/summer"),
    ],
)
def test_an_address_is_what_its_writer_means(text: str, expected: str) -> None:
    assert links(text) == [expected]


@pytest.mark.parametrize("text", ["Hi {first_name", "Hi first_name}", "Hi {{first_name}}", "{", ":-}"])
def test_a_placeholder_that_is_not_whole_is_seen(text: str) -> None:
    assert has_odd_brackets(text)


@pytest.mark.parametrize("text", ["{}", "{first}", "{first_name, and so on}", f"{{{'a' * 50}}}"])
def test_a_placeholder_that_nothing_is_known_for_is_seen(text: str) -> None:
    assert unknown_placeholders(text, [FIRST_NAME]) == [text]


def test_what_a_placeholder_stands_for_is_no_placeholder() -> None:
    words = {FIRST_NAME: "{class}", "class": "Yoga"}
    assert fill("{First name} in { class }", words) == "{class} in Yoga"
