"""A studio moves in with its list: three hundred people as a spreadsheet has them, looked through, imported, undone."""

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Customer, Letter, Operation
from accounts.operations.running import run_operation
from groups.models import Group, Member
from tests.journeys.steps import open_dashboard, open_menu
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey
GROUPS = ("Unlimited", "Ten classes", "Kids")


def the_list() -> bytes:
    """As a studio’s own spreadsheet has it: titles above, semicolons, Windows’ letters, and rows that are odd."""
    rows = [
        f"Zoë{number};Müller;zoe{number}@example.org;07911 {number:06};{GROUPS[number % 3]};{number % 12 + 1}/13/2024"
        for number in range(296)
    ]
    rows += [
        "Ann;Ray;ray@example.org;;Unlimited;",
        "Mia;Ray;ray@example.org;;Kids;",
        "Cem;Oz;;07911123456;Kids;",
        "Dee;Lee;dee@@example;;Kids;",
        "Total;300;;;;",
    ]
    head = "River Studio, members;;;;;\n;;;;;\nFirst name;Last name;E-Mail;Tel.;Group;Member since\n"
    return (head + "\n".join(rows) + "\n").encode("cp1252")


def a_worker_comes(page: Page) -> None:
    for pk in list(Operation.objects.values_list("pk", flat=True)):
        while run_operation(pk):
            pass
    page.reload()


def test_three_hundred_people_come_in_and_go_by_one_click(page: Page, studio: NewStudio) -> None:
    """Seven clicks: customers, import a list, read, check the columns, the groups, import; and one to undo it."""
    open_dashboard(page, studio)
    the_file_is_read(page)
    its_columns_and_groups_are_checked(page)
    the_daughter_is_given_her_own_address(page)
    they_are_imported(page)
    it_is_undone(page)


def the_file_is_read(page: Page) -> None:
    open_menu(page, "Customers")
    page.get_by_role("link", name="Import a list").first.click()
    page.get_by_label("File").set_input_files({"name": "members.csv", "mimeType": "text/csv", "buffer": the_list()})
    page.get_by_role("button", name="Read the list").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What does each column hold?")
    expect(page.get_by_text("301 rows were read.")).to_be_visible()


def its_columns_and_groups_are_checked(page: Page) -> None:
    expect(page.get_by_label("E-Mail")).to_have_value("email")
    expect(page.get_by_label("Month first: 3/4/2026 is March 4")).to_be_checked()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which group is which?")
    page.get_by_role("button", name="Check the rows").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before importing")
    expect(page.get_by_text("1 row to check.")).to_be_visible()


def the_daughter_is_given_her_own_address(page: Page) -> None:
    page.get_by_role("link", name="Same email address as an earlier row, with another name").click()
    page.get_by_role("link", name="Mia Ray").click()
    page.get_by_label("Email address").fill("mia@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Import 298 rows")).to_be_visible()


def they_are_imported(page: Page) -> None:
    page.get_by_role("button", name="Import 298 rows").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done")
    page.get_by_label("Kids in your old system").fill("100")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row", name="Kids")).to_contain_text("-1")
    assert Counter(Member.objects.values_list("group__name", flat=True)) == {
        "Unlimited": 100, "Ten classes": 99, "Kids": 99,
    }  # fmt: skip
    assert not Letter.objects.exists()


def it_is_undone(page: Page) -> None:
    page.get_by_role("link", name="Undo import").click()
    page.get_by_role("button", name="Undo import").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undone")
    assert not Customer.objects.exists()
    assert not Group.objects.exists()
