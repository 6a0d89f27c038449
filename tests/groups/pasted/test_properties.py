"""What holds for every pasted text: nobody is lost, no name holds what it must not, and it takes little time."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwhen.email_address import find_fault, fold_email
from groups.pasted.reading import PastedAddresses, read_addresses

LONGEST = 20_000
MEGABYTE = 1_000_000
SECONDS = 2

addresses = st.builds(
    "{}@{}.{}".format,
    st.from_regex(r"[a-z][a-z0-9]{0,8}([._+'-][a-z0-9]{1,5}){0,2}", fullmatch=True),
    st.sampled_from(["river", "sea-side", "x", "bücher", "mail.studio"]),
    st.sampled_from(["example", "org", "co.uk", "test"]),
)
plain_names = st.sampled_from(
    [
        "Ann Ray",
        "Bob Lee",
        "Zoë O'Neill",
        "Jürgen von Berg",
        "D\u2019Arcy Núñez",
        "Ana María López",
        "田中 太郎",
        "נועה כהן",
    ]
)
names = st.one_of(
    plain_names,
    st.sampled_from(
        ["Ray, Ann", '"Bob"', "(Cleo)", "Ann & Bob", "Dan 🎈", "-", "the two of us", "Mme. Curie, PhD", ""]
    ),
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="@"), max_size=12),
)
separators = st.sampled_from(
    [", ", ",", ";", "; ", "\n", "\r\n", "\t", " | ", " / ", "\uff1b", "、", "\n\n", " \n", "\u2028"]
)
layouts = st.sampled_from(
    [
        "{name} <{email}>",
        '"{name}" <{email}>',
        "'{name}' <{email}>",
        "{email} ({name})",
        "{name} {email}",
        "{email} {name}",
    ]
)
plain_layouts = st.sampled_from(
    [
        ("{name} <{email}>", "\n"),
        ("{name} <{email}>", ", "),
        ('"{name}" <{email}>', ";"),
        ("{name} <{email}>", " "),
        ("{name} {email}", "\n"),
        ("{email} {name}", "\n"),
        ("{name}\t{email}", "\n"),
        ("{email}\t{name}\tDrop-in", "\r\n"),
        ('"{name}","{email}"', "\n"),
        ('"7";"{name}";"{email}";"£40"', "\n"),
        ("{name}, {email}", "\n"),
        ("{name} - {email}", "\n"),
        ("{email} ({name})", "\n"),
        ("- {name}: {email}", "\n"),
        ("“{name}” <{email}>", "; "),
    ]
)
nasty = st.text(st.sampled_from("\"',;<>()[]@@@. \n\t:|/ab-\u200b\uff20"), max_size=LONGEST)


def is_accounted_for(address: str, pasted: PastedAddresses) -> bool:
    return fold_email(address) in pasted.names or address in pasted.left_over


@given(people=st.lists(st.tuples(addresses, names, layouts, separators), max_size=12))
@settings(deadline=None)
def test_each_address_is_added_or_in_the_box_or_counted_as_repeated(people: list[tuple[str, str, str, str]]) -> None:
    text = "".join(layout.format(name=name, email=email) + separator for email, name, layout, separator in people)
    pasted = read_addresses(text)

    assert [email for email, *_rest in people if not is_accounted_for(email, pasted)] == []
    read = [fold_email(email) for email, *_rest in people if fold_email(email) in pasted.names]
    assert len(read) <= len(pasted.names) + pasted.repeated + len(pasted.unreadable)


@given(
    people=st.lists(
        st.tuples(addresses, plain_names), min_size=1, max_size=12, unique_by=lambda each: fold_email(each[0])
    ),
    layout=plain_layouts,
)
@settings(deadline=None)
def test_in_a_plain_layout_each_address_comes_with_its_name(
    people: list[tuple[str, str]], layout: tuple[str, str]
) -> None:
    pattern, separator = layout
    pasted = read_addresses(separator.join(pattern.format(name=name, email=email) for email, name in people))

    assert pasted.names == {fold_email(email): name for email, name in people}
    assert (pasted.repeated, pasted.unreadable, pasted.rest) == (0, [], "")


@given(text=st.one_of(st.text(max_size=2000), nasty))
@settings(deadline=None, max_examples=200)
def test_no_text_breaks_it_or_takes_long(text: str) -> None:
    began = time.process_time()
    pasted = read_addresses(text)

    assert time.process_time() - began < SECONDS
    for address, name in pasted.names.items():
        assert (find_fault(address), fold_email(address)) == (None, address)
        assert len(name) <= 200
        assert not [letter for letter in name if letter == "@" or unicodedata.category(letter) in {"Cc", "Zl", "Zp"}]
        assert name == " ".join(name.split())
    assert read_addresses(pasted.left_over).names == {} or pasted.rest


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "x,",
            "x\n",
            "\n",
            "@",
            "a@",
            "<a@",
            "a@b\n",
            "a@b.cd,",
            "<a@b.cd>",
            "a@b.cd|",
            '"',
            '",',
            '"\n',
            ',"x"",""',
            '"a@b.c,',
        ),
        *(
            "(",
            "“",
            "-@",
            "mailto:",
            "mailto:%",
            "name: ",
            "and ",
            "1. ",
            "--",
            " ",
            "\t",
            "x\tx@\t",
            "\uff20",
            "\u200b",
            "?",
        ),
        # No name, though each looks like one up to its last letter.
        *(
            "a" * 60 + "! <a@x.org>\n",
            "address " * 6 + "<a@x.org>\n",
            "a1-" * 60 + "<a@x.org>\n",
            "a b' " * 9 + "<a@x.org>\n",
        ),
        *("-" * 990 + "@", "a@" + "-" * 990 + " ", "Ray, Ann <ann@x.org>; ", "((a@b.cd)) ", "BEGIN:VCARD\n", "FN:x\n"),
    ],
)
@pytest.mark.parametrize("length", [LONGEST, MEGABYTE // 2])
def test_the_same_over_and_over_takes_little_time(piece: str, length: int) -> None:
    text = (piece * (length // len(piece) + 1))[:length]
    began = time.process_time()

    read_addresses(text)

    assert time.process_time() - began < SECONDS


def test_many_different_addresses_and_names_take_little_time() -> None:
    began = time.process_time()

    for pattern in ("p{}@x.org,", "Ann {0} <p{0}@x.org>\n", "p{}@x ", "p@bü{}.org;", '"{0}","Ann","p{0}@x.org"\n'):
        text = "".join(map(pattern.format, range(1_000_000 // len(pattern))))[:LONGEST]
        read_addresses(text)

    assert time.process_time() - began < SECONDS
