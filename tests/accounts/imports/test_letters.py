"""Letters that a file does not say how it writes: read as they are likeliest, and shown in the other ways."""

import pytest

from accounts.imports.tables.letters import ways_to_read
from accounts.imports.tables.reading import Asked, open_table
from groups.importing.columns import TITLES

ACCENTS = "Zoë Müller|André Lefèvre|Seán O’Brien|Jörg Weiß|IRÈNE CÔTÉ|Søren Ødegård|Conceição – Pão"


def listed(names: str, encoding: str, ending: str = "\r\n") -> bytes:
    rows = [f"{name};user{number}@example.org;Gold" for number, name in enumerate(names.split("|"))]
    return ending.join(["Name;E-Mail;Group", *rows, ""]).encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1252", ACCENTS),
        ("cp1250", "Łukasz Żółkiewski|Małgorzata Wiśniewska|Paweł Dąbrowski"),
        ("iso8859_2", "Łukasz Żółkiewski|Łucja Śliwa|Paweł Dąbrowski"),
        ("cp1251", "Иван Петров|Ольга Смирнова|Анна Кузнецова"),
        ("koi8_r", "Иван Петров|Ольга Смирнова"),
        ("cp1253", "Γιώργος Παπαδόπουλος|Ελένη Νικολάου"),
        ("cp1255", "דוד לוי|שרה כהן"),
        ("cp1256", "محمد علي|فاطمة حسن"),
        ("mac_roman", "Zoë Müller|André Lefèvre|François Côté"),
        ("cp850", "Zoë Müller|André Lefèvre|Jörg Weiß"),
    ],
)
def test_what_only_one_way_makes_names_of_is_read_so(encoding: str, names: str) -> None:
    found = open_table(listed(names, encoding), TITLES)
    assert [row[0] for _number, row in found.rows] == names.split("|")


@pytest.mark.parametrize(
    ("time_zone", "encoding", "names"),
    [
        ("Europe/Prague", "cp1250", "Jiří Dvořák|Růžena Němcová|Anežka Černá"),
        ("Europe/Budapest", "cp1250", "Kőszegi Gergő|Szűcs Ágnes"),
        ("Europe/Istanbul", "cp1254", "Ayşe Y\u0131lmaz|Çağla Şahin"),
        ("Europe/Vilnius", "cp1257", "Kęstutis Žukauskas|Jānis Bērziņš"),
        ("Europe/London", "cp1252", ACCENTS),
    ],
)
def test_what_several_make_names_of_is_read_as_windows_writes_where_the_studio_is(
    time_zone: str, encoding: str, names: str
) -> None:
    data = listed(names, encoding)
    found = open_table(data, TITLES, Asked(time_zone=time_zone))
    assert [row[0] for _number, row in found.rows] == names.split("|")
    # Elsewhere it is the operator who knows, and it is among what they are shown.
    shown = {way.encoding: way.words for way in open_table(data, TITLES).ways}
    assert set(shown[encoding]) & set(" ".join(names.split("|")).split())
    asked = open_table(data, TITLES, Asked(encoding=encoding))
    assert [row[0] for _number, row in asked.rows] == names.split("|")


def test_a_way_that_reads_the_same_is_shown_once_and_none_for_unicode_or_ascii() -> None:
    assert [way.encoding for way in ways_to_read(b"Name\nJ\xf6rg M\xfcller\n")] == ["cp1252"]
    assert open_table(listed("Zoë|Łukasz", "utf-8"), TITLES).ways == []
    assert open_table(b"Name,Email\nAda,ada@example.org\n", TITLES).ways == []


def test_what_nobody_may_ask_for_is_not_taken() -> None:
    found = open_table(listed(ACCENTS, "cp1252"), TITLES, Asked(encoding="zlib_codec"))
    assert found.encoding == "cp1252"


def test_a_file_of_noise_is_read_somehow_and_soon() -> None:
    noise = (bytes(range(128, 256)) + b"\n") * 2000
    assert ways_to_read(noise)[0].words
    assert list(open_table(b"Name;E-Mail\n" + noise, TITLES).rows)


def test_a_text_that_is_one_long_word_is_looked_through_once() -> None:
    """A pattern for whole words looked from each of its letters to its end: fifteen megabytes took days."""
    [way] = ways_to_read(b"a" * 3_000_000 + b"\xe9")
    assert way.words == ["a" * 40]
