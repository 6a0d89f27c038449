"""Files for a spreadsheet: German and French ones open them too, and none runs what somebody typed."""

import csv
import io
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, Spreadsheet
from tests.browsing import form_fields, page_text
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.dashboard.csv_export import FORMATS, CsvFormat, csv_format, csv_lines
from tickets.models import Entry, Seat, Ticket

COMMA, SEMICOLON, SWISS = (
    FORMATS[each] for each in (Spreadsheet.COMMA, Spreadsheet.SEMICOLON, Spreadsheet.SEMICOLON_POINT)
)
BOTH = pytest.mark.parametrize("form", [COMMA, SEMICOLON, SWISS], ids=["comma", "semicolon", "swiss"])
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
RUNS = re.escape(SIGNS)


def written(form: CsvFormat, *cells: str | Decimal) -> str:
    return "".join(csv_lines(form, ["Head"], [cells])).partition("\r\n")[2]


def read(form: CsvFormat, text: str, *, separator: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator or form.separator))


def unmarked(cell: str) -> str:
    """A cell without the marks that keep it from running."""
    return re.sub(rf"(^|[,;\t\n\r|])'(?=[\s\"'\u200b\u2060\ufeff]*[{RUNS}]|[\t\r])", r"\1", cell)


@pytest.mark.parametrize(
    ("locale", "chosen", "found"),
    [
        ("en-gb", Spreadsheet.USUAL, COMMA),
        ("en-us", Spreadsheet.USUAL, COMMA),
        ("de-de", Spreadsheet.USUAL, SEMICOLON),
        ("fr-fr", Spreadsheet.USUAL, SEMICOLON),
        ("nonsense", Spreadsheet.USUAL, COMMA),
        ("en-gb", Spreadsheet.SEMICOLON, SEMICOLON),
        ("en-gb", Spreadsheet.SEMICOLON_POINT, SWISS),
        ("de-de", Spreadsheet.COMMA, COMMA),
    ],
)
def test_the_format_is_the_studios_choice_or_else_its_languages(
    locale: str, chosen: Spreadsheet, found: CsvFormat
) -> None:
    assert csv_format(Account(locale=locale, spreadsheet=chosen)) == found


def test_a_file_begins_with_the_mark_of_utf8() -> None:
    assert list(csv_lines(SEMICOLON, ["Name", "Amount"], [])) == ['\ufeff"Name";"Amount"\r\n']


@pytest.mark.parametrize(
    ("form", "line"),
    [
        (COMMA, '"Zoë, O’Neill","9.10","-12.50","2030-01-15 12:00"\r\n'),
        (SEMICOLON, '"Zoë, O’Neill";"9,10";"-12,50";"2030-01-15 12:00"\r\n'),
        (SWISS, '"Zoë, O’Neill";"9.10";"-12.50";"2030-01-15 12:00"\r\n'),
    ],
)
def test_amounts_have_the_spreadsheets_decimal_sign_and_days_are_iso(form: CsvFormat, line: str) -> None:
    assert written(form, "Zoë, O’Neill", Decimal("9.10"), Decimal("-12.50"), "2030-01-15 12:00") == line


BEFORE = ("", " ", "\t", "\r", "\n", '"', "'", " \"'", "\u00a0", "\u200b")
DIVIDERS = (";", ",", "\t", "\n", "\r\n", '";', '",', "; ", ";\t")


@BOTH
@pytest.mark.parametrize("sign", SIGNS)
def test_no_cell_begins_as_a_formula_does(form: CsvFormat, sign: str) -> None:
    cells = [f"{before}{sign}SUM(A1)" for before in BEFORE]

    assert [cell for cell in read(form, written(form, *cells))[0] if not cell.startswith("'")] == []


@BOTH
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_nor_where_the_spreadsheet_divides_by_another_sign(form: CsvFormat, separator: str) -> None:
    texts = [f"x{divider}{sign}1+1" for divider in DIVIDERS for sign in SIGNS]

    cells = [
        cell for text in texts for row in read(form, written(form, "Ann", text), separator=separator) for cell in row
    ]

    assert [cell for cell in cells if re.match(rf"[\s\"]*[{RUNS}]", cell)] == []


@BOTH
@pytest.mark.parametrize(
    "text", ["+44 20 7946 0018", "+1 (212) 5550100", "Yoga – 20% off", "Ann Ray", "5", "ann@x.example"]
)
def test_what_runs_nowhere_is_left_as_it_is(form: CsvFormat, text: str) -> None:
    assert read(form, written(form, text)) == [[text]]


@BOTH
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_whoever_reads_it_back_gets_the_same_but_for_the_marks(form: CsvFormat, cells: list[str]) -> None:
    [row] = read(form, written(form, *cells))

    assert [unmarked(cell) for cell in row] == [unmarked(cell) for cell in cells]


@BOTH
@given(st.decimals(-(10**8), 10**8, places=2))
def test_amounts_read_back_are_the_same(form: CsvFormat, amount: Decimal) -> None:
    [[cell]] = read(form, written(form, amount))

    assert Decimal(cell.replace(form.decimal, ".")) == amount


@BOTH
@given(st.text(st.sampled_from(" x\"',;|\t\r\n1" + SIGNS), max_size=12), st.sampled_from([",", ";", "\t"]))
def test_no_text_runs_anywhere(form: CsvFormat, text: str, separator: str) -> None:
    """Not in a spreadsheet that divides by another sign either, where quotes hold nothing together."""
    found = read(form, written(form, "Ann", text), separator=separator)

    cells = [cell for row in found for cell in row]
    assert [cell for cell in cells if re.match(rf"[\s\"]*[{RUNS}]", cell)] == []


def test_a_studio_chooses_and_its_files_follow(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, studio: Account
) -> None:
    seat = book_seat_manually(entry, ticket, "Ada")
    Seat.objects.filter(pk=seat.pk).update(attendee_name="x;=1+1")
    assert "Spreadsheet files" in page_text(dashboard.get("settings"))
    fields = form_fields(dashboard.get("settings"))
    given = {**fields, "time_zone": studio.time_zone, "locale": "en-gb", "spreadsheet": "semicolon"}

    assert dashboard.post("settings", given).status_code == 302

    studio.refresh_from_db()
    assert studio.spreadsheet == Spreadsheet.SEMICOLON
    file = dashboard.get("attendees_csv", pk=entry.pk).getvalue().decode()
    assert file.startswith('\ufeff"Name";"Email address";')
    assert file.splitlines()[1].startswith('"x;=1+1";"";"Drop-in";')
    payments = dashboard.get("payments_csv").getvalue().decode()
    assert payments.startswith('\ufeff"Date (Europe/London)";"Reference";')


def test_a_settings_page_from_before_there_was_a_choice_keeps_it(dashboard: Dashboard, studio: Account) -> None:
    studio.spreadsheet = Spreadsheet.SEMICOLON
    studio.save()
    fields = form_fields(dashboard.get("settings"))

    assert dashboard.post("settings", {**fields, "time_zone": "Europe/London", "locale": "en-gb"}).status_code == 302
    studio.refresh_from_db()
    assert studio.spreadsheet == Spreadsheet.SEMICOLON


def test_no_other_format_is_saved(dashboard: Dashboard, studio: Account) -> None:
    fields = form_fields(dashboard.get("settings"))
    given = {**fields, "time_zone": "Europe/London", "locale": "en-gb", "spreadsheet": "tabs"}

    assert dashboard.post("settings", given).status_code == 422
