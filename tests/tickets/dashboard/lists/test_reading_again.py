"""A file that can be read in more than one way: another sheet, or other letters, without choosing it again."""

import io
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it has none

from accounts.imports.services import NotNowError, confirm_import, read_again
from accounts.models import ListFile
from bookwhen.text import searchable
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import NOW
from tests.tickets.dashboard.lists.test_pages import Importing
from tests.worlds.listed import run

pytestmark = pytest.mark.django_db

CZECH = "Jméno;E-Mail;Skupina\nJiří Dvořák;jiri@example.org;Stálí\nRůžena Němcová;;Stálí\n".encode("cp1250")


@pytest.fixture
def studio() -> Importing:
    return Importing(StaffFactory.create())


def workbook(**sheets: list[list[Any]]) -> bytes:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return written.getvalue()


BOOK = workbook(
    Notes=[],
    Now=[["Name", "Email"], ["Ada", "ada@example.org"], ["Bea", "bea@example.org"]],
    Former=[["E-mail", "Full name", "Locker"], ["cem@example.org", "Cem", "12"]],
)


def first_cells(studio: Importing) -> list[str]:
    return [row.raw["cells"][0] for row in studio.found.rows.order_by("number")]


def test_another_sheet_is_chosen_and_its_columns_are_guessed_again(studio: Importing) -> None:
    studio.upload(BOOK, "people.xlsx")
    page = studio.work()
    assert "2 rows were read from the sheet “Now”." in page
    assert "Which sheet?" in page
    assert "Notes" not in studio.found.found["sheets"]
    studio.post("columns/", sheet="Former", again="1", column_0="name", column_1="email", day_order="dmy")
    page = studio.work()
    assert "1 row was read from the sheet “Former”." in page
    assert first_cells(studio) == ["cem@example.org"]
    assert studio.found.found["guessed"] == ["email", "name", ""]
    sent = {"column_0": "email", "column_1": "name", "column_2": "", "sheet": "Former", "day_order": "dmy"}
    studio.post("columns/", **sent)
    assert "Import 1 row" in studio.work()


def test_a_sheet_of_headings_alone_is_not_proposed_and_is_no_dead_end(studio: Importing) -> None:
    form = [["First name", "Last name", "Email", "Phone", "Notes"]]
    studio.upload(workbook(Form=form, People=[["Email"], ["ada@example.org"]]), "people.xlsx")
    assert "from the sheet “People”" in studio.work()
    studio.post("columns/", sheet="Form", again="1")
    page = studio.work()
    assert "There’s nobody in this list." in page
    assert "Which sheet?" in page
    assert "There’s nobody in this list." in studio.post("columns/", sheet="Form", again="1")
    studio.post("columns/", sheet="People", again="1")
    assert "from the sheet “People”" in studio.work()


def test_other_letters_are_chosen_and_nothing_decided_is_lost(studio: Importing) -> None:
    """What was chosen for the columns and for single rows holds: the rows are the same ones."""
    studio.upload(CZECH)
    page = studio.work()
    assert "Jiøí · Dvoøák" in page
    assert "Jiří · Dvořák" in page
    columns = {"column_0": "name", "column_1": "email", "column_2": "note", "day_order": "mdy"}
    studio.post("columns/", **columns, letters="cp1252")
    studio.work()
    row = studio.found.rows.get(why="no_address")
    studio.post(f"rows/{row.pk}/", choice="import", email="ruzena@example.org")
    # The garbled name is seen late, on the page of rows: back to the columns, and the other letters.
    studio.post("columns/", **columns, letters="cp1250")
    page = studio.work()
    assert first_cells(studio) == ["Jiří Dvořák", "Růžena Němcová"]
    assert studio.found.mapping["columns"] == ["name", "email", "note"]
    assert "Which" not in studio.post("columns/", **columns, letters="cp1250")
    assert "Import 2 rows" in studio.work()
    confirm_import(studio.found, now=NOW)
    run(studio.found)
    names = set(studio.account.customers.values_list("name", flat=True))
    assert names == {searchable("Jiří Dvořák"), searchable("Růžena Němcová")}


def test_a_fault_elsewhere_does_not_keep_the_file_from_being_read_again(studio: Importing) -> None:
    studio.upload(CZECH).work()
    studio.post("columns/", column_0="email", column_1="email", letters="cp1250")
    studio.work()
    assert first_cells(studio) == ["Jiří Dvořák", "Růžena Němcová"]


def test_the_button_without_a_change_keeps_what_was_chosen(studio: Importing) -> None:
    studio.upload(CZECH).work()
    page = studio.post("columns/", again="1", column_0="name", column_1="email", letters="cp1252", day_order="dmy")
    assert "What does each column hold?" in page
    assert studio.found.operation.phase == "read"


def test_nothing_sent_at_all_asks_for_what_is_missing(studio: Importing) -> None:
    studio.upload(CZECH).work()
    assert "What does each column hold?" in studio.post("columns/")


def test_a_sheet_or_letters_that_are_not_offered_are_refused(studio: Importing) -> None:
    studio.upload(CZECH).work()
    for sent in ({"letters": "utf-7"}, {"sheet": "Secret"}):
        studio.post("columns/", column_1="email", day_order="dmy", **sent)
        assert studio.found.found["encoding"] == "cp1252"


def test_the_file_is_forgotten_where_nothing_is_to_be_chosen_and_once_rows_are_taken_in(studio: Importing) -> None:
    studio.upload(CZECH).work()
    assert ListFile.objects.get().size
    studio.post("columns/", column_0="name", column_1="email", letters="cp1252", day_order="dmy")
    studio.work()
    found = studio.found
    confirm_import(found, now=NOW)
    assert (ListFile.objects.get().size, bytes(ListFile.objects.get().data)) == (0, b"")
    with pytest.raises(NotNowError):
        read_again(found, {}, now=NOW)


def test_one_sheet_and_plain_letters_ask_nothing(studio: Importing) -> None:
    studio.upload(workbook(People=[["Name", "Email"], ["Zoë", "zoe@example.org"]]), "people.xlsx")
    page = studio.work()
    assert "How the file is read" not in page
    assert not ListFile.objects.get().size


def test_a_file_that_was_erased_meanwhile_is_not_read_again(studio: Importing) -> None:
    """Somebody of it was erased: the rows of the others stay, and the page offers no other way."""
    studio.upload(CZECH).work()
    ListFile.objects.all().delete()
    with pytest.raises(NotNowError):
        read_again(studio.found, {}, now=NOW)
    assert "How the file is read" not in studio.page("")
    assert len(first_cells(studio)) == 2
