"""Reading a letter's markup into its parts; and what was typed stays what it is in both."""

import pytest

from accounts.email_text import LetterMarkupError, LetterText, one_line, read_markup, unlinked


def test_each_element_has_its_form_in_both_parts() -> None:
    markup = """
      <title> Booked:
        Yoga </title>
      <p>Hello  Ada,<br>
        write to <a href="mailto:tom@river.example">tom@river.example</a></p>
      <ul> <li>one</li><li>two &amp; three</li> </ul>
      <blockquote>Sorry.<br><br>Tom</blockquote>
      <p> </p>
      <a class="button" href="https://book.example/x/?a=1&amp;b=2">Open it</a>
    """
    assert read_markup(markup) == LetterText(
        subject="Booked: Yoga",
        text=(
            "Hello Ada,\nwrite to tom@river.example\n\n- one\n- two & three\n\n> Sorry.\n>\n> Tom\n\n"
            "Open it: https://book.example/x/?a=1&b=2\n"
        ),
        html=(
            '<p>Hello Ada,<br> write to <a href="mailto:tom@river.example">tom@river.example</a></p>\n'
            "<ul><li>one</li><li>two &amp; three</li></ul>\n"
            "<blockquote>Sorry.<br><br>Tom</blockquote>\n"
            '<p><a class="button" href="https://book.example/x/?a=1&amp;b=2">Open it</a></p>'
        ),
    )


@pytest.mark.parametrize(
    "markup",
    ["loose words", "<div>x</div>", "<p><p>x</p></p>", "<ul>x</ul>", "<p>x</li>", "<p><img src=x></p>", "<li>x</li>"],
)
def test_a_template_holds_nothing_else(markup: str) -> None:
    with pytest.raises(LetterMarkupError):
        read_markup(markup)


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "/path/", "", "https://a.example/ x"])
def test_what_is_no_address_makes_no_button(href: str) -> None:
    assert read_markup(f'<p>x</p><a class="button" href="{href}">Open</a>') == LetterText("", "x\n", "<p>x</p>")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada\r\n\r\nPay: now", "Ada Pay: now"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\th", "a b c d e f g h"),
        ("\u202eevil\u202c \u2066x\u2069 \u200bzero\ufeff \x00\x07\x1b[0m", "evil x zero [0m"),
        ("Zoë O’Neil, 瑜伽 👩\u200d🏫", "Zoë O’Neil, 瑜伽 👩\u200d🏫"),
        ("12,50\xa0€", "12,50\xa0€"),
    ],
)
def test_a_line_is_one_line_of_what_can_be_seen(typed: str, shown: str) -> None:
    assert one_line(typed) == shown
    assert read_markup(f"<p>{typed}</p>").text == f"{shown}\n"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("https://evil.example/pay", "https: //evil. example/pay"),
        ("HTTP://1.2.3.4/x", "HTTP: //1.2.3.4/x"),
        ("www.evil.example", "www. evil. example"),
        ("bit.ly/x", "bit. ly/x"),
        ("evil\u3002com evil\uff0ecom evil\uff61com", "evil\u3002 com evil\uff0e com evil\uff61 com"),
        ("пример.рф", "пример. рф"),
        ("pay@evil.example", "pay@evil. example"),
        ("Dr. Jane, 9.30am, £12.50, e.g. 3.5 km, J.S. Bach…", "Dr. Jane, 9.30am, £12.50, e.g. 3.5 km, J.S. Bach…"),
    ],
)
def test_a_mail_program_finds_no_link_in_what_was_typed(typed: str, shown: str) -> None:
    assert unlinked(typed) == shown
    assert read_markup(f"<p>{typed}</p>").text == f"{shown}\n"
    assert read_markup(f"<blockquote>{typed}</blockquote>").text == f"> {typed}\n"


def test_a_link_hidden_by_what_cannot_be_seen_is_found() -> None:
    assert read_markup("<p>evil\u200b.\u200bexample https\u2060:/\u2060/x</p>").text == "evil. example https: //x\n"
