"""Reading pasted email addresses: lists, tables, CSV, email headers, vCards."""

import pytest

from bookwhen.email_address import Fault
from groups.pasted.reading import PastedAddresses, read_addresses

ANN = {"ann@river.example": "Ann Ray"}
ANN_AND_BOB = {"ann@river.example": "Ann Ray", "bob@river.example": "Bob Lee"}
CARDS = """
BEGIN:VCARD
VERSION:3.0
N:Ray;Ann;;;
FN:Ann Ray
item1.EMAIL;type=INTERNET:ann@river.example
TEL:+44 7700 900123
PHOTO:abc
 defgh
END:VCARD
BEGIN:VCARD
FN:Bob Lee
EMAIL:bob@river.example
END:VCARD
"""
NAMELESS = {"ann@river.example": "", "bob@river.example": ""}


def read(text: str) -> tuple[dict[str, str], int, list[tuple[str, Fault]]]:
    pasted = read_addresses(text)
    return pasted.names, pasted.repeated, pasted.unreadable


# Lists


@pytest.mark.parametrize(
    "text",
    [
        "ann@river.example\nbob@river.example",
        "ann@river.example, bob@river.example",
        "ann@river.example;bob@river.example;",
        "ann@river.example\uff1bbob@river.example",
        "ann@river.example、bob@river.example",
        "ann@river.example\uff0cbob@river.example",
        "ann@river.example bob@river.example",
        "ann@river.example | bob@river.example",
        "ann@river.example/bob@river.example",
        "ann@river.example / bob@river.example",
        "ann@river.example and bob@river.example",
        "ann@river.example & bob@river.example",
        "ann@river.example\r\n\r\n\tbob@river.example  ",
        "ann@river.example\rbob@river.example",
        "ann@river.example\u2028bob@river.example",
        "ann@river.example\x0bbob@river.example",
        "mailto:ann@river.example,<bob@river.example>",
        "ANN@River.Example bob@river.example",
        "\ufeffann@river.example\u200b,\u202abob@river.example\u202c",
        "ann@river.example.\nbob@river.example,",
        "1. ann@river.example\n2) bob@river.example",
        "• ann@river.example\n- bob@river.example",
        "- [ ] ann@river.example\n- [x] bob@river.example",
        "> ann@river.example\n> bob@river.example",
        "ann@river.example<mailto:ann@river.example>; [bob@river.example](mailto:bob@river.example)",
        "MAILTO:ann@river.example?subject=Class%20list&body=Hi, mailto:bob%40river.example",
        "'ann@river.example' <ann@river.example>; \"bob@river.example\" <bob@river.example>",
        "Please write to me at ann@river.example\nThanks and regards, bob@river.example",
        "“ann@river.example”, \u2018bob@river.example\u2019",
    ],
)
def test_addresses_are_divided_by_anything_people_use(text: str) -> None:
    assert read(text) == (NAMELESS, 0, [])


@pytest.mark.parametrize(
    "text",
    [
        "Ann Ray <ann@river.example> Bob Lee <bob@river.example>",
        "Ann Ray <ann@river.example>, Bob Lee <bob@river.example>",
        "Ann Ray<ann@river.example>;Bob Lee<bob@river.example>",
        "Ray, Ann <ann@river.example>; Lee, Bob <bob@river.example>",
        "Ray, Ann <ann@river.example>, Lee, Bob <bob@river.example>",
        '"Ray, Ann" <ann@river.example>, "Bob Lee" <bob@river.example>',
        "'Ann Ray' <ann@river.example>\n“Bob Lee” <bob@river.example>",
        "Ann Ray <mailto:ann@river.example>\nBob Lee (bob@river.example)",
        "ann@river.example (Ann Ray)\nbob@river.example (Bob Lee)",
        "Ann Ray ann@river.example\nBob Lee bob@river.example",
        "ann@river.example Ann Ray\nbob@river.example Bob Lee",
        "Ann Ray ann@river.example Bob Lee bob@river.example",
        "Ann Ray - ann@river.example\nBob Lee – bob@river.example",
        "Ann Ray: ann@river.example\nBob Lee = bob@river.example",
        "1. Ann Ray <ann@river.example>\n2. Bob Lee <bob@river.example>",
        "* Ann Ray, ann@river.example\n* Bob Lee, bob@river.example",
        "Ann Ray, ann@river.example, Bob Lee, bob@river.example",
        "ann@river.example; Ann Ray; bob@river.example; Bob Lee",
        "Ann Ray 07700 900123 ann@river.example\nBob Lee, 12 May 2026, bob@river.example",
        "Ann Ray\nann@river.example\n\nBob Lee\nbob@river.example\n",
        "Name: Ann Ray\nEmail: ann@river.example\n\nName: Bob Lee\nEmail: bob@river.example",
        "To: Ann Ray <ann@river.example>,\n  Bob Lee <bob@river.example>\nSubject: Classes\nDate: Mon, 4 May 2026",
        "Subject: Hi\nMessage-ID: <a1@m.example>\nFrom: Ann Ray <ann@river.example>\nCc: Bob Lee <bob@river.example>",
        "Ann\u200b Ray <ann@river.example>\nBob\x07 \xa0Lee <bob@river.example>",
    ],
)
def test_names_come_with_their_addresses(text: str) -> None:
    assert read(text) == (ANN_AND_BOB, 0, [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Ray, PhD <ann@river.example>", "Ann Ray, PhD"),
        ("van der Berg, Jan <ann@river.example>", "Jan van der Berg"),
        ("O’Brien, Ann Marie <ann@river.example>", "Ann Marie O’Brien"),
        ('"Ann ""Annie"" Ray" <ann@river.example>', 'Ann "Annie" Ray'),
        ("נועה 🎈 <ann@river.example>", "נועה 🎈"),
        ("田中 太郎 <ann@river.example>", "田中 太郎"),
        ("Person 12 <ann@river.example>", "Person 12"),
        ("Ann & Bob <ann@river.example>", "Ann & Bob"),
        ("Ann [Pilates] <ann@river.example>", "Ann [Pilates]"),
        ("Ann Ray, 12 High Street, Ely, ann@river.example", "Ann Ray"),
        ("a) Ann Ray (Drop-in) ann@river.example", "Ann Ray"),
        ("On Mon, 4 May 2026 at 10:00, Ann Ray <ann@river.example> wrote:", "Ann Ray"),
        ("Ann Ray &lt;ann@river.example&gt;", "Ann Ray"),
        ('<a href="mailto:ann@river.example">Ann Ray</a>', "Ann Ray"),
        ('{"name": "Ann", "email": "ann@river.example"}', ""),
        ("Ã‰milie <ann@river.example>", "Ã‰milie"),
        ("'ann@river.example' <ann@river.example>", ""),
        ('"ann@home.example" <ann@river.example>', ""),
        ("ann@river <ann@river.example>", ""),
        ("07700 900123 ann@river.example", ""),
        ("--- <ann@river.example>", ""),
        ("the list that you asked me for yesterday is here ann@river.example", ""),
        ("x" * 150 + " " + "y" * 100 + " <ann@river.example>", "x" * 150),
        ("z" * 300 + " <ann@river.example>", "z" * 200),
    ],
)
def test_a_name_is_what_a_person_would_take_for_one(text: str, name: str) -> None:
    assert read(text) == ({"ann@river.example": name}, 0, [])


# Tables


@pytest.mark.parametrize(
    "text",
    [
        "Ann Ray\tann@river.example\nBob Lee\tbob@river.example",
        "ann@river.example\tAnn Ray\nbob@river.example\tBob Lee",
        "Name\tEmail\nAnn Ray\tann@river.example\nBob Lee\tbob@river.example",
        "Email address\tFull name\r\nann@river.example\tAnn Ray\r\nbob@river.example\tBob Lee\r\n",
        "First name\tLast name\tE-mail\nAnn\tRay\tann@river.example\nBob\tLee\tbob@river.example",
        "Surname\tFirst name\tEmail\nRay\tAnn\tann@river.example\nLee\tBob\tbob@river.example",
        "Surname,Forename,Town,Email\nRay,Ann,Ely,ann@river.example\nLee,Bob,York,bob@river.example",
        "Name,Surname,E-mail Address\nAnn,Ray,ann@river.example\nBob,Lee,bob@river.example",
        '"Name";"Email";"Since"\n"Ray, Ann";"ann@river.example";"2024"\n"Lee, Bob";"bob@river.example";""',
        '"B12","Ann","Ray","ann@river.example","Drop-in"\n"B13","Bob","Lee","bob@river.example","Ten a month"',
        '"B12";"Ann";"Ray";"ann@river.example";"Drop-in"\n"B13";"Bob";"Lee";"bob@river.example";"Yes"',
        "B12,Ann,Ray,ann@river.example,£40\nB13,Bob,Lee,bob@river.example,£9.10",
        "04/05/2026\tAnn Ray\t07700 900123\tann@river.example\tGold membership\n\tBob Lee\t\tbob@river.example\t",
        '"Ann\nRay","ann@river.example"\n"Bob Lee","bob@river.example"',
        "| Name | Email |\n|------|-------|\n| Ann Ray | ann@river.example |\n| Bob Lee | bob@river.example |",
        "ann@river.example,Ann,Ray,Drop-in\nbob@river.example,Bob,Lee,Monthly",
        CARDS,
    ],
)
def test_rows_of_a_table_keep_their_names_and_other_cells_are_no_errors(text: str) -> None:
    assert read(text) == (ANN_AND_BOB, 0, [])


def test_three_hundred_rows_of_two_columns_keep_their_names() -> None:
    rows = "\n".join(f"Ann Ray the {number}th\tann{number}@river.example" for number in range(300))
    pasted = read_addresses("Full name\tEmail address\n" + rows)

    assert list(pasted.names.values()) == [f"Ann Ray the {number}th" for number in range(300)]
    assert (pasted.repeated, pasted.unreadable) == (0, [])


@pytest.mark.parametrize(
    "text",
    [
        "Ann Ray\tann@river.example\tann@work.example",
        "Ann Ray\tann@river.example; ann@work.example",
        '"Ann Ray","ann@river.example, ann@work.example"',
        "Name,Email,Second\nAnn Ray,ann@river.example,ann@work.example",
    ],
)
def test_two_addresses_in_a_row_are_two_customers(text: str) -> None:
    assert read(text) == (ANN | {"ann@work.example": ""}, 0, [])


def test_a_row_without_an_address_is_one_complaint() -> None:
    text = 'Name\tEmail\tSince\nAnn Ray\tann@river.example\t2024\nBob Lee\t\t2025\n"Cleo","","Drop-in"'

    assert read(text) == (ANN, 0, [("Bob Lee\t\t2025", Fault.NO_AT), ('"Cleo","","Drop-in"', Fault.NO_AT)])


def test_what_stays_in_the_box_keeps_the_heading_it_is_read_by() -> None:
    pasted = read_addresses("Surname\tName\tEmail\nRay\tAnn\tann@river.example\nLee\tBob\tbob@river")

    assert pasted.left_over == "Surname\tName\tEmail\nLee\tBob\tbob@river"
    assert read_addresses(pasted.left_over.replace("bob@river", "bob@river.example")).names == {
        "bob@river.example": "Bob Lee"
    }


# What repeats, and what cannot be read


def test_a_repeat_is_counted_and_may_bring_the_name() -> None:
    assert read("ada@example.org, Ada <ADA@example.org>, ada@example.org\u200b") == ({"ada@example.org": "Ada"}, 2, [])
    assert read("<ada@example.org> / <ada@example.org>") == ({"ada@example.org": ""}, 1, [])
    assert read("Ann <a@bücher.example>\na@xn--bcher-kva.example")[:2] == ({"a@xn--bcher-kva.example": "Ann"}, 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no address", Fault.NO_AT),
        ("ann (at) river.example", Fault.NO_AT),
        ("bea@", Fault.MALFORMED),
        ("@", Fault.MALFORMED),
        ("cleo@example", Fault.MALFORMED),
        ("Ann Ray <ann@river>", Fault.MALFORMED),
        ("Ann Ray\tann@river\tDrop-in", Fault.MALFORMED),
        ("ann..ray@river.example", Fault.MALFORMED),
        ("d e@example.org", Fault.SPACE),
        ("ann @river.example", Fault.SPACE),
        ("ann@ river.example", Fault.SPACE),
        ("ann @ river.example", Fault.SPACE),
        ("ann@river .example", Fault.SPACE),
        ("ann@river@example.org", Fault.SEVERAL_AT),
        ("jürgen@river.example", Fault.NOT_ASCII),
        ("\u0430nn@river.example", Fault.NOT_ASCII),
        ("x" * 250 + "@a.org", Fault.TOO_LONG),
    ],
)
def test_the_unreadable_stays_as_it_was_with_the_reason_that_fits(text: str, fault: Fault) -> None:
    assert read(f"ada@example.org\n{text}\n") == ({"ada@example.org": ""}, 0, [(text, fault)])


def test_a_broken_address_among_good_ones_stays_alone() -> None:
    text = "Ann Ray <ann@river.example>, Bob <bob@>, cleo@x, Dan <dan@river.example>"

    assert read(text) == (
        ANN | {"dan@river.example": "Dan"},
        0,
        [("Bob <bob@>", Fault.MALFORMED), ("cleo@x", Fault.MALFORMED)],
    )


def test_who_is_named_without_an_address_lends_nobody_the_name() -> None:
    ann = "Ann Ray </O=EXCHANGELABS/OU=EXCHANGE/CN=RECIPIENTS/CN=ANN>"
    assert read(f"{ann}; bob@river.example") == ({"bob@river.example": ""}, 0, [(ann, Fault.NO_AT)])


def test_what_names_nobody_and_says_nothing_is_passed_over() -> None:
    assert read("---\n\n , ;\n***\nann@river.example\n|---|---|") == ({"ann@river.example": ""}, 0, [])


# How much is read


def test_after_so_many_addresses_the_rest_of_the_text_stays() -> None:
    pasted = read_addresses("Name\tEmail\n" + "\n".join(f"Ann {n}\ta{n}@x.org" for n in range(5)), most=3)

    assert pasted.names == {"a0@x.org": "Ann 0", "a1@x.org": "Ann 1", "a2@x.org": "Ann 2"}
    assert pasted.rest == "Ann 3\ta3@x.org\nAnn 4\ta4@x.org"
    assert pasted.left_over == f"Name\tEmail\n{pasted.rest}"


def test_a_long_list_is_added_in_parts_and_nobody_is_lost() -> None:
    text, found, rounds = ", ".join(f"Ann {n} <a{n}@x.org>" for n in range(12_000)), PastedAddresses(), 0
    while text:
        pasted = read_addresses(text)
        assert len(pasted.names) <= 5500
        found.names |= pasted.names
        text, rounds = pasted.left_over, rounds + 1

    assert (rounds, found.names) == (3, {f"a{n}@x.org": f"Ann {n}" for n in range(12_000)})
