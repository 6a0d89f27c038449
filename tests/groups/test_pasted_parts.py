"""A long pasted text says in parts what it says as a whole, wherever a part could end."""

import pytest

from groups.pasted.parts import parts_of
from groups.pasted.reading import read_addresses

NAMES = [f"{first} {last}" for first in ("Ada", "Bea", "Cy", "Dora") for last in ("Byron", "Moss", "Lund")]
PEOPLE = [(name, f"{name.replace(' ', '.').lower()}@example.org") for name in NAMES]
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nTEL:+44 20 7946 0287\r\nEMAIL:{}\r\nADR:;;1 High Street;\r\nEND:VCARD"
TEXTS = {
    "addresses": "\n".join(address for _name, address in PEOPLE),
    "a name and an address in turns": "\n".join(f"{name}\n{address}" for name, address in PEOPLE),
    "in turns, with lines between": "\n\n".join(f"{name}\n{address}" for name, address in PEOPLE),
    "cards": "\n".join(CARD.format(*each) for each in PEOPLE),
    "a table with notes of several lines": "Name,Notes,Email\n"
    + "\n".join(f'{name},"Yoga,\nand tea\nafterwards",{address}' for name, address in PEOPLE),
    "an old Mac’s table": "Email;Name\r" + "\r".join(f"{address};{name}" for name, address in PEOPLE),
    "a table with a line above": "Our members\n\nSurname,First name,Email\n"
    + "\n".join(f"{','.join(reversed(name.split()))},{address}" for name, address in PEOPLE),
    "recipients of an email": ", ".join(
        f'"{", ".join(reversed(name.split()))}" <{address}>' for name, address in PEOPLE
    ),
    "escaped": "\n".join(f"{name} &lt;{address}&gt;" for name, address in PEOPLE),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_parts_say_what_the_whole_says(text: str) -> None:
    whole = read_addresses(text)
    assert set(whole.names) == {address for _name, address in PEOPLE}
    for size in range(300, 620, 7):
        names, unreadable = dict[str, str](), []
        for part in (parts := list(parts_of(text, size))):
            read = read_addresses(part)
            names |= read.names
            unreadable += read.unreadable
        assert (names, unreadable) == (whole.names, whole.unreadable), size
        assert len(parts) == 1 if len(text) < size else max(map(len, parts)) <= size + len(whole.heading) + 1


def test_what_cannot_be_cut_well_is_cut_all_the_same() -> None:
    for text in ("x" * 1000, "a@" * 500, "a@b.example " * 100, "\n" * 1000):
        assert "".join(parts_of(text, 100)) == text
