"""Email addresses in the one form they are kept in."""

import re

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from bookwhen.email_address import EMAIL_LENGTH, PLAIN_ADDRESS, Fault, drop_invisible, find_fault, fold_email

ANN = "ann@river.example"


@pytest.mark.parametrize(
    "typed",
    [
        "ann@river.example",
        " Ann@River.EXAMPLE\t\n",
        "ann@river.example\u200b",
        "\ufeffann@river.example",
        "\u202aann@river.example\u202c",
        "\u2068ann@river.example\u2069",
        "a\xadnn@river\u2060.example",
        "ann@river.example\ufe0f",
        "\xa0ann@river.example\u3000",
        "ann\u200d@\U000e0061river.example",
        "a\x00nn@river.\x1fexample\x7f",
        "mailto:ann@river.example",
        "MAILTO:ann@river.example?subject=Class%20list",
        "MailTo:ann%40river.example",
        "<ann@river.example>",
        "<mailto:ann@river.example>",
        "Ann Ray <ann@river.example>",
        '"Ray, Ann" <ann@river.example>;',
        "ann@river.example (Ann)",
        "(ann@river.example)",
        "[ann@river.example]",
        "'ann@river.example'",
        "\u2018ann@river.example\u2019",
        "“ann@river.example”",
        "«ann@river.example»",
        "`ann@river.example`",
        "ann@river.example.",
        "ann@river.example,",
        "ann@river.example;",
        "ann\uff20river\uff0eexample",
        "".join(chr(ord(letter) + 0xFEE0) for letter in "ANN@river.example"),
        "ann@river\u3002example",
    ],
)
def test_what_can_be_in_no_address_is_taken_out(typed: str) -> None:
    assert (fold_email(typed), find_fault(fold_email(typed))) == (ANN, None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("O\u2019Brien@river.example", "o'brien@river.example"),
        ("o\u02bcbrien@river.example", "o'brien@river.example"),
        ("ann\u2011ray@sea\u2010side.example", "ann-ray@sea-side.example"),
        ("ann+yoga@river.example", "ann+yoga@river.example"),
        ("a.n_n-r%ay/x=y@river.co.uk", "a.n_n-r%ay/x=y@river.co.uk"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
        # By IDNA 2003, as Python's own codec does it, this would be somebody else's domain.
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@河.example", "ann@xn--ovw.example"),
        *[(f"ann@river.{ending}", f"ann@river.{ending}") for ending in ("test", "invalid", "local", "onion")],
    ],
)
def test_one_mailbox_has_one_form(typed: str, kept: str) -> None:
    assert (fold_email(typed), find_fault(kept), fold_email(kept)) == (kept, None, kept)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.NO_AT),
        ("ann", Fault.NO_AT),
        ("ann (at) river.example", Fault.NO_AT),
        ("ann@", Fault.MALFORMED),
        ("@river.example", Fault.MALFORMED),
        ("ann@river", Fault.MALFORMED),
        ("ann@localhost", Fault.MALFORMED),
        ("ann@river.e", Fault.MALFORMED),
        ("ann@river.123", Fault.MALFORMED),
        ("ann@-river.example", Fault.MALFORMED),
        ("ann@ri_ver.example", Fault.MALFORMED),
        ("ann..ray@river.example", Fault.MALFORMED),
        ("ann@[127.0.0.1]", Fault.MALFORMED),
        ('"\x01"@river.example', Fault.MALFORMED),
        ("ann@xn--zz.example", Fault.MALFORMED),
        ("ann ray@river.example", Fault.SPACE),
        ("ann@ river.example", Fault.SPACE),
        ("ann@river.example bob@river.example", Fault.SPACE),
        ("ann\xa0ray@river.example", Fault.SPACE),
        ("ann@ray@river.example", Fault.SEVERAL_AT),
        ("ann@river.example,bob@river.example", Fault.SEVERAL_AT),
        ("jürgen@river.example", Fault.NOT_ASCII),
        ("x" * EMAIL_LENGTH + "@river.example", Fault.TOO_LONG),
        ("x" * 5000 + "@river.example", Fault.NO_AT),
    ],
)
def test_what_is_no_address_says_why(typed: str, fault: Fault) -> None:
    assert find_fault(fold_email(typed)) is fault


@pytest.mark.parametrize("alike", ["\u0430nn@river.example", "\u212aann@river.example", "\u0131nn@river.example"])
def test_letters_that_only_look_alike_are_other_letters(alike: str) -> None:
    assert (find_fault(fold_email(alike)), fold_email(alike)) == (Fault.NOT_ASCII, alike)


def test_the_longest_address_is_one() -> None:
    longest = "x" * (EMAIL_LENGTH - len("@river.example")) + "@river.example"

    assert (find_fault(longest), find_fault(f"x{longest}")) == (None, Fault.TOO_LONG)


@given(st.text(st.characters(), max_size=80) | st.text("aA@.<>\"'();:?%40 \u200b\uff20ü-xn", max_size=40))
@example("mailto:mailto:<a@b.cd>")
@example("\xb4")
@example("a@" + "ü" * 300)
def test_folding_again_changes_nothing_and_an_address_is_plain(typed: str) -> None:
    folded = fold_email(typed)

    assert fold_email(folded) == folded
    assert drop_invisible(folded) == folded
    if find_fault(folded) is None:
        assert re.fullmatch(PLAIN_ADDRESS, folded)
        assert folded == folded.lower()


@given(st.from_regex(re.compile(r"[a-z0-9_+.-]{1,66}@[a-z0-9.-]{1,66}\.[a-z0-9]{1,4}"), fullmatch=True))
@example(f"{'a' * 64}@{'b' * 59}.org")
@example(f"{'a' * 65}@b.org")
@example("a@xn--b.org")
@example("a@b-.org")
@example("a..b@c.org")
def test_what_is_let_through_unasked_is_what_the_library_takes(address: str) -> None:
    try:
        found = validate_email(address, allow_smtputf8=False, check_deliverability=False).ascii_email
    except EmailNotValidError:
        found = None
    assert find_fault(address) is not None or found == address
