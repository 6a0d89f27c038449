"""Files as studios bring them, read as tables: whatever program wrote them."""

import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it has none
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.imports.tables.cells import (
    tidy_cell,
)
from accounts.imports.tables.faults import UnreadableFileError
from accounts.imports.tables.reading import Summary, open_table
from accounts.imports.tables.workbooks import MOST_CELLS, MOST_TEXT, refuse_large
from groups.importing.columns import TITLES, guess_columns, guess_day_order

HEAD = ["Name", "E-Mail", "Notes"]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def table(data: bytes) -> tuple[list[str], list[list[str]]]:
    found = open_table(data, TITLES)
    return found.heading, [row for _number, row in found.rows]


def workbook(*rows: list[Any], merge: tuple[int, int, int, int, str] | None = None) -> bytes:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"default_date_format": "dd/mm/yy"})
    sheet = book.add_worksheet("People")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if merge:
        sheet.merge_range(*merge)
    book.close()
    return written.getvalue()


# What a cell can hold: no spaces around, and nothing that a spreadsheet put there.
letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufeff\u200b\ufffd")
odd = st.sampled_from(["a;b", "a,b\tc", 'say "yes"', "two\nlines", "it's", "|"])
cells = st.one_of(st.text(letters, max_size=20), odd).map(tidy_cell)
rows = st.lists(st.tuples(cells, cells), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    rows=rows,
    divider=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(ENCODINGS),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    titles=st.integers(0, 3),
)
def test_a_table_reads_back_the_same_in_any_dialect(
    rows: list[tuple[str, str]], divider: str, encoding: str, ending: str, quoting: Any, titles: int
) -> None:
    written = io.StringIO(newline="")
    # Python quotes a line break in a cell only where lines end with it.
    quoting = csv.QUOTE_ALL if ending == "\r" else quoting
    writer = csv.writer(written, delimiter=divider, lineterminator=ending, quoting=quoting)
    people = [[name, f"n{number}@example.org", note] for number, (name, note) in enumerate(rows)]
    writer.writerows([*[["Members"]] * titles, HEAD, *people])
    heading, found = table(written.getvalue().encode(encoding))

    assert heading == HEAD
    assert [row + [""] * (3 - len(row)) for row in found] == people


def test_windows_of_western_europe_is_read() -> None:
    assert table("Name;E-Mail\nZoë Müller;zoe@example.org\n".encode("cp1252"))[1] == [["Zoë Müller", "zoe@example.org"]]


def test_one_letter_of_another_encoding_spoils_no_other() -> None:
    data = "Name;E-Mail\nZoë Müller;zoe@example.org\n".encode() + b"Andr\xe9;andre@example.org\n"
    assert [row[0] for row in table(data)[1]] == ["Zoë Müller", "André"]


def test_excel_on_a_mac_is_read() -> None:
    data = "Name;E-Mail\rZoë Müller;zoe@example.org\r".encode("mac_roman")
    assert table(data)[1] == [["Zoë Müller", "zoe@example.org"]]


@pytest.mark.parametrize("later", ["Dee,dee@example.org,", 'Dee "D",dee@example.org,', '"Dee","dee@example.org",""'])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_quotation_mark_that_is_never_closed_costs_no_other_row(ending: str, later: str) -> None:
    lines = ["Name,E-Mail,Notes", 'Ada,ada@example.org,"two', 'lines"', '"Bea,bea@example.org,tall']
    lines += ["Cem,cem@example.org,", later, "Eve,eve@example.org,"]
    found = table(ending.join(lines).encode())[1]
    assert [row[1] for row in found] == [f"{each}@example.org" for each in ("ada", "bea", "cem", "dee", "eve")]


def test_a_cell_with_an_odd_quotation_mark_is_one_cell() -> None:
    found = table(b'Name,E-Mail,Notes\nAda,ada@example.org,"two\nlines "of" it"\n"Bea" Ray,bea@example.org,\n')[1]
    assert found == [["Ada", "ada@example.org", 'two\nlines of" it"'], ["Bea Ray", "bea@example.org"]]


def test_a_text_of_nothing_but_quotation_marks_ends_soon() -> None:
    text = "Name,E-Mail\n" + 'a"b,"c\n' * 60_000
    with pytest.raises(UnreadableFileError, match="quotation mark"):
        list(open_table(text.encode(), TITLES).rows)


def test_a_list_of_nothing_but_addresses_is_one_person_each() -> None:
    found = open_table(b"Ada <ada@example.org>; bea@example.org\ncem@example.org\n", TITLES)
    assert list(found.rows) == [(1, ["Ada <ada@example.org>"]), (2, ["bea@example.org"]), (3, ["cem@example.org"])]


@pytest.mark.parametrize(
    "text",
    [
        '"Name;""E-Mail"";""Group"""\n"Ray, Ann;""ann@example.org"";""Gold"""\n',
        'Name;E-Mail;Group\n"Ray, Ann;ann@example.org;Gold"\n"Bea;""bea@example.org"";Gold"\n',
        '"Name,E-Mail,Group"\n"""Ray, Ann"",ann@example.org,Gold"\n',
    ],
)
def test_rows_that_stand_in_quotation_marks_as_a_whole_are_divided(text: str) -> None:
    """Excel writes what it did not divide so: all of a row would be one column."""
    heading, found = table(text.encode())
    assert heading == ["Name", "E-Mail", "Group"]
    assert found[0] == ["Ray, Ann", "ann@example.org", "Gold"]


def test_a_column_of_names_and_addresses_in_quotation_marks_stays_one() -> None:
    assert table(b'Customers\n"Ray, Ann <ann@example.org>"\n"Ray, Bea <bea@example.org>"\n')[1][-1] == [
        "Ray, Bea <bea@example.org>"
    ]
    assert guess_columns(["Column 1"], [["Customers", "Ann <ann@example.org>", "Bea <bea@example.org>"]]) == ["email"]


def test_what_excel_says_of_its_cells_is_believed() -> None:
    assert table(b"sep=|\nName|Email\nRay, Ann|ann@example.org\n") == (
        ["Name", "Email"],
        [["Ray, Ann", "ann@example.org"]],
    )


def test_a_first_row_that_is_shorter_loses_no_column() -> None:
    """Ghost #29511."""
    found, summary = open_table(b"Email\nann@example.org\nbea@example.org,Bea,Gold\n", TITLES), Summary(["Email"])
    for _number, row in found.rows:
        summary.add(row)
    assert summary.columns == ["Email", "Column 2", "Column 3"]
    assert summary.samples == [["ann@example.org", "bea@example.org"], ["Bea"], ["Gold"]]


def test_a_column_twice_has_two_names_and_a_list_without_a_heading_is_read_too() -> None:
    summary = Summary(["Email", "Phone", "Phone"])
    assert summary.columns == ["Email", "Phone", "Phone (2)"]
    heading, found = table(b"Ann Ray,ann@example.org\nBea,bea@example.org\n")
    assert (heading, len(found)) == ([], 2)
    assert guess_columns(["Column 1", "Column 2"], [["Ann Ray"], ["ann@example.org"]]) == ["", "email"]


def test_two_hundred_columns_are_read() -> None:
    heading = ["Email", *(f"Question {number}" for number in range(200))]
    found = table((",".join(heading) + "\nann@example.org" + ",x" * 200 + "\n").encode())
    assert found == (heading, [["ann@example.org", *["x"] * 200]])


def test_a_workbook_is_read_as_its_cells_mean() -> None:
    data = workbook(
        ["Studio North"],
        [],
        ["Name", "Email", "Phone", "Since", "News"],
        ["Ada", "ada@example.org", 447911123456, date(2024, 4, 3), True],
        ["Bea", "bea@example.org", "07911", datetime.fromisoformat("2024-04-03 18:30"), False],
    )
    assert table(data) == (
        ["Name", "Email", "Phone", "Since", "News"],
        [
            ["Ada", "ada@example.org", "447911123456", "2024-04-03", "yes"],
            ["Bea", "bea@example.org", "07911", "2024-04-03 18:30", "no"],
        ],
    )


def test_what_is_merged_downwards_is_said_of_each_row() -> None:
    data = workbook(
        ["Group", "Email"], ["", "ada@example.org"], ["", "bea@example.org"], ["", "cem@example.org"],
        merge=(1, 0, 2, 0, "Gold"),
    )  # fmt: skip
    assert table(data)[1] == [["Gold", "ada@example.org"], ["Gold", "bea@example.org"], ["", "cem@example.org"]]


def test_the_sheet_with_the_list_is_found() -> None:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    book.add_worksheet("Notes").write_row(0, 0, ["Prices", "2026"])
    people = book.add_worksheet("People")
    people.write_row(0, 0, ["Name", "Email"])
    people.write_row(1, 0, ["Ada", "ada@example.org"])
    book.add_worksheet("Hidden").hide()
    book.close()
    found = open_table(written.getvalue(), TITLES)
    assert (found.sheet, list(found.rows)) == ("People", [(2, ["Ada", "ada@example.org"])])


def packed(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in {"xl/workbook.xml": b"<workbook/>"}.items():
            book.writestr(name, data)
        for name, data in files.items():
            book.writestr(name.replace("__xml", ".xml").replace("__", "/"), data)
    return written.getvalue()


@pytest.mark.parametrize(
    "sheet",
    [
        b'<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>',
        b"<c r='A1'><v>1</v></c><x:c r='XFD1048576'><v>1</v></x:c>",
        b'<row r="1048576">' + b"<c><v>1</v></c>" * 5 + b"</row>",
        b'<c a=">" r="A1"/>',
        b'<c r="&#65;1"><v>1</v></c>',
        b"<c " + b"a" * 200_000 + b">",
        b"<c r=\0>",
    ],
)
def test_cells_that_lie_far_apart_are_refused_before_they_take_memory(sheet: bytes) -> None:
    assert MOST_CELLS < 5 * 1048576
    with pytest.raises(UnreadableFileError):
        refuse_large(packed(xl__worksheets__sheet1=sheet))
    wide = workbook(["Email"])
    refuse_large(wide)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(UnreadableFileError, match="too large"):
        refuse_large(packed(xl__worksheets__sheet1=b" " * 301_000_000))


def test_one_text_that_many_cells_say_is_refused_before_it_is_written_out_for_each() -> None:
    """A workbook of a megabyte came to tens of gigabytes."""
    told = "x" * 32_000
    rows = [[told, f"a{number}@example.org"] for number in range(MOST_TEXT // len(told) + 1)]
    with pytest.raises(UnreadableFileError, match="too large"):
        refuse_large(workbook(["Name", "Email"], *rows))
    refuse_large(workbook(["Name", "Email"], *rows[:100]))


@pytest.mark.parametrize("cell", [b"<x:c t='s' r='A1'><x:v>0</x:v></x:c>", b'<c r="A1" t = "s"><v>&#48;</v></c>'])
def test_however_cells_name_the_text(cell: bytes) -> None:
    texts = b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    sheet = b"<row>" + cell * (MOST_TEXT // 32_000 + 1) + b"</row>"
    with pytest.raises(UnreadableFileError, match="too large"):
        refuse_large(packed(xl__sharedStrings__xml=texts, xl__worksheets__sheet1=sheet))


def test_a_text_that_never_ends_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="too large"):
        refuse_large(packed(xl__sharedStrings__xml=b"<si>" + b"x" * 3_000_000))


def test_formats_without_text_in_far_cells_are_no_bomb() -> None:
    refuse_large(packed(xl__worksheets__sheet1=b'<c r="A1"><v>1</v></c><c r="XFD1048576" s="1"/>'))


def test_the_order_of_days_is_guessed_from_all_of_them() -> None:
    assert guess_day_order([{"either": 9, "mdy": 1}], american=False) == "mdy"
    assert guess_day_order([{"either": 9}], american=False) == "dmy"
    assert guess_day_order([{"either": 9}], american=True) == "mdy"


@pytest.mark.parametrize(
    ("heading", "means"),
    [
        (
            "First Name,Last Name,Client ID,Email,Mobile Phone",
            ["first", "last", "", "email", "phone"],
        ),
        (
            "First name,Last name,Email,Mobile,Membership,Start date,Next billing,Marketing",
            ["first", "last", "email", "phone", "group", "since", "", "news"],
        ),
        ("Client,Pass,Status", ["client", "group", "status"]),
        ("Name,E-Mail,Tel.,Group,Paid until,Notes", ["name", "email", "phone", "group", "until", "note"]),
        ("Vorname,Nachname,E-Mail-Adresse,Handy,Gruppe", ["first", "last", "email", "phone", "group"]),
        ("Nom,Prénom,Courriel,Téléphone,Groupe", ["last", "first", "email", "phone", "group"]),
        ("Name,Surname,Email", ["first", "last", "email"]),
        (
            "Last Name,First Name,Home Phone,Mobile Phone,Email,Membership Expiry Date",
            ["last", "first", "phone", "phone", "email", "until"],
        ),
        ("Full name (required),Email [work],Mobile (preferred)", ["name", "email", "phone"]),
        ("Name,Email,Total bookings,Total attendance", ["name", "email", "", ""]),
    ],
)
def test_columns_are_guessed_from_what_other_systems_call_them(heading: str, means: list[str]) -> None:
    assert guess_columns(heading.split(","), []) == means
