"""The pages of *Import a list*, without a browser."""

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Customer, Letter, ListImport, Plan, Staff
from accounts.operations.services import cancel_operation
from groups.models import Group, Member
from tests.browsing import open_browser, page_text
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.listed import judge, run

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

LIST = (
    "Name;E-Mail;Tel.;Gruppe\n"
    "Ada Lovelace;ada@example.org;07911 123456;Gold\n"
    "Bea Ray;bea@example.org;;Silver\n"
    "Mia Ray;bea@example.org;;Silver\n"
    "Cem;;;Gold\n"
)


@pytest.fixture
def staff() -> Staff:
    return StaffFactory.create()


class Importing:
    """The owner, who imports a list."""

    def __init__(self, staff: Staff) -> None:
        self.account: Account = staff.account
        self.browser: Client = open_browser(staff.user)
        self.root = f"/dashboard/{staff.account.slug}/customers/imports/"

    def upload(self, data: str | bytes, name: str = "people.csv") -> "Importing":
        sent = data.encode() if isinstance(data, str) else data
        self.answer = self.browser.post(self.root, {"file": SimpleUploadedFile(name, sent), "key": str(uuid4())})
        return self

    @property
    def found(self) -> ListImport:
        return ListImport.objects.select_related("operation", "account").get()

    def post(self, page: str, **sent: object) -> str:
        answer = self.browser.post(f"{self.root}{self.found.operation_id}/{page}", sent, follow=True)
        return page_text(answer)

    def work(self) -> str:
        run(self.found)
        return self.page()

    def page(self, rest: str = "") -> str:
        return page_text(self.browser.get(f"{self.root}{self.found.operation_id}/{rest}"))


@pytest.fixture
def studio(staff: Staff) -> Importing:
    return Importing(staff)


def test_what_looks_like_a_tag_in_a_list_is_shown_as_it_stands(studio: Importing) -> None:
    studio.upload(
        'Name;E-Mail\n<b>Ada</b>;Ada Lovelace <ada@example.org>\n"<form action=//evil>";bea@example.org\n'
    ).work()
    page = studio.browser.get(f"{studio.root}{studio.found.operation_id}/").content.decode()
    assert "Ada Lovelace &lt;ada@example.org&gt;" in page
    assert "<b>Ada" not in page
    assert "<form action=//evil" not in page


def test_a_list_comes_in_step_by_step(studio: Importing) -> None:
    gold = GroupFactory.create(account=studio.account, name="Gold")
    page = studio.upload(LIST).work()
    assert "What does each column hold?" in page
    assert "For example: Ada Lovelace · Bea Ray · Mia Ray" in page

    columns = {"column_0": "name", "column_1": "email", "column_2": "phone", "column_3": "group", "day_order": "dmy"}
    page = studio.post("columns/", **columns)
    assert "Which group is which?" in page
    studio.post("groups/", name_0=str(gold.pk), name_1="new")
    page = studio.work()
    assert "1 row to check." in page
    assert "Import 2 rows" in page

    studio.post("confirm/", letter="on")
    page = studio.work()

    assert "Rows imported 2" in page
    assert sorted(Member.objects.values_list("customer__email", "group__name")) == [
        ("ada@example.org", "Gold"),
        ("bea@example.org", "Silver"),
    ]
    assert Customer.objects.get(email="ada@example.org").phone == "+447911123456"
    assert Letter.objects.count() == 2

    assert "-2" in studio.page("?people=4")
    left_out = studio.browser.get(f"{studio.root}{studio.found.operation_id}/left-out.csv")
    text = b"".join(left_out.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines() == [
        '"Name","E-Mail","Tel.","Gruppe","Row","Why it was left out"',
        '"Mia Ray","bea@example.org","","Silver","4","Same email address as an earlier row, with another name"',
        '"Cem","","","Gold","5","No email address"',
    ]

    studio.post("undo/")
    assert "Undone 2" in studio.work()
    assert not Customer.objects.exists()
    assert list(Group.objects.all()) == [gold]


def test_a_free_studio_imports_people_without_groups(studio: Importing) -> None:
    studio.account.plan = Plan.FREE
    studio.account.save()
    page = studio.upload(LIST).work()
    assert "With Standard, the same list can also put them in customer groups" in page
    assert "Add everyone to a customer group" not in page

    columns = {"column_0": "name", "column_1": "email", "column_2": "phone", "day_order": "dmy"}
    studio.post("columns/", **columns, column_3="group")
    assert "group" not in studio.found.mapping.get("columns", [])
    studio.post("columns/", **columns, column_3="")
    studio.work()
    studio.post("confirm/")
    studio.work()

    assert set(Customer.objects.values_list("name", flat=True)) == {"Ada Lovelace", "Bea Ray"}
    assert (Group.objects.count(), Member.objects.count()) == (0, 0)


def test_what_is_left_out_can_be_corrected_and_imported_again(studio: Importing) -> None:
    judge(studio.account, LIST, groups={"gold": "leave", "silver": "leave"})
    left_out = studio.browser.get(f"{studio.root}{studio.found.operation_id}/left-out.csv")
    text = b"".join(left_out.streaming_content).decode()  # type: ignore[attr-defined]
    cancel_operation(studio.found.operation, now=timezone.now())
    again = judge(studio.account, text.replace('"Cem",""', '"Cem","cem@example.org"'))
    assert sorted(again.rows.values_list("person", "why")) == [
        ("bea@example.org", "new"),
        ("cem@example.org", "new"),
    ]
    assert again.found["columns"] == ["Name", "E-Mail", "Tel.", "Gruppe", "Row", "Why it was left out"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7 nothing", "This isn’t a list. Choose a CSV file or an Excel workbook (.xlsx)."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old Excel file (.xls), or one with a password."),
        (b"PK\x03\x04rubbish", "We couldn’t open this workbook."),
        (b"<html><table><tr><td>a@b.org", "This is a web page or an XML file."),
        (b" \n", "This file is empty."),
    ],
)
def test_a_file_of_something_else_says_what_to_do(studio: Importing, data: bytes, says: str) -> None:
    answer = studio.upload(data).answer
    assert answer.status_code == 422
    assert says in page_text(answer)
    assert not ListImport.objects.exists()


def test_without_a_column_of_addresses_nothing_is_checked(studio: Importing) -> None:
    studio.upload(LIST).work()
    assert "Choose which column holds the email address" in studio.post("columns/", column_0="name", day_order="dmy")
    assert "for one column only" in studio.post("columns/", column_0="email", column_1="email", day_order="dmy")
    assert studio.found.operation.phase == "read"


def test_rows_are_decided_one_by_one_and_together(studio: Importing) -> None:
    found = judge(studio.account, LIST, groups={"gold": "leave", "silver": "leave"})
    row = found.rows.get(why="no_address")
    assert "Enter their email address, or leave the row out" in studio.post(f"rows/{row.pk}/", choice="import")
    studio.post(f"rows/{row.pk}/", choice="import", email="cem@example.org")
    studio.post("rows/choose/", why="shared_address", choice="import")
    run(found)
    assert found.rows.wanted().count() == 4
    assert "Mia Ray" in studio.page("rows/?why=shared_address")


def test_a_page_of_rows_costs_as_much_for_three_as_for_one(studio: Importing) -> None:
    judge(studio.account, "Name,Email\n" + "".join(f"N{each},n{each}@example.org\n" for each in range(3)))
    counted = []
    for number in (3, 1):
        studio.found.rows.filter(number__gt=number).delete()
        studio.page("rows/?why=new")
        with CaptureQueriesContext(connection) as asked:
            assert studio.page("rows/?why=new").count("@example.org") == number
        counted.append(len(asked))
    assert counted == [6, 6]
