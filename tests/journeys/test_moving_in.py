"""A studio moves in with its lists: three hundred people as a spreadsheet has them, and what they have booked.

Looked through, imported, compared with the old system's numbers, and all of it undone by one click.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Customer, Letter, Operation
from accounts.operations.running import run_operation
from groups.models import Group, Member
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.journeys.steps import open_dashboard, open_menu
from tests.worlds.new_studio import NewStudio
from tickets.models import Booking, Entry, Seat

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
    # Not reloaded: the page may be looking again just then.
    page.goto(page.url.partition("#")[0])


def test_three_hundred_people_come_in_and_go_by_one_click(page: Page, studio: NewStudio) -> None:
    """Seven clicks: customers, import a list, read, check the columns, the groups, import; and one to undo it all."""
    open_dashboard(page, studio)
    the_file_is_read(page)
    its_columns_and_groups_are_checked(page)
    the_daughter_is_given_her_own_address(page)
    they_are_imported(page)
    bookings_are_imported(page, studio)
    the_numbers_are_compared(page)
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


def classes_of(studio: NewStudio) -> list[Entry]:
    """Eight classes of the next days, with a ticket for each group and what its offer gives."""
    first = (timezone.now() + timedelta(days=2)).astimezone(studio.account.zone)
    first = first.replace(hour=18, minute=30, second=0, microsecond=0)
    found = [
        EntryFactory.create(page=studio.page, title="Yoga Flow", starts_at=first + timedelta(days=number), capacity=12)
        for number in range(8)
    ]
    for group in Group.objects.filter(account=studio.account):
        OfferFactory.create(group=group, page=studio.page, limit=4)
        for entry in found:
            TicketFactory.create(entry=entry, name=group.name, group=group)
    return found


def their_bookings(classes: list[Entry], studio: NewStudio) -> bytes:
    """As a booking system exports them: eighty spaces, one that was cancelled, and one that is over."""
    rows = ["Booking reference,Event,Event starts,Ticket,Attendee,Attendee email,Attendance status"]
    for number in range(80):
        at = classes[number % 8].starts_at.astimezone(studio.account.zone)
        person = f"Zoë{number} Müller,zoe{number}@example.org"
        rows.append(f"REF{number:02},Yoga Flow,{at:%d %b %Y %H:%M},{GROUPS[number % 3]},{person},Complete")
    rows += [rows[1].replace("Complete", "Cancelled").replace("REF00", "GONE1")]
    rows += ["OLD01,Yoga Flow,3 Jan 2024 18:30,Kids,Zoë2 Müller,zoe2@example.org,Complete"]
    return ("\n".join(rows) + "\n").encode()


def bookings_are_imported(page: Page, studio: NewStudio) -> None:
    """Six clicks more: customers, import a list, bookings, read, check the columns, import."""
    data = their_bookings(classes_of(studio), studio)
    open_menu(page, "Customers")
    page.get_by_role("link", name="Import a list").first.click()
    page.get_by_label("Bookings for events that are still to come").check()
    page.get_by_label("File").set_input_files({"name": "bookings.csv", "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name="Read the list").click()
    a_worker_comes(page)
    expect(page.get_by_label("Event starts", exact=True)).to_have_value("starts")
    page.get_by_role("button", name="Check the rows").click()
    a_worker_comes(page)
    expect(page.get_by_role("row", name="Will be booked, using their allowance")).to_contain_text("80")
    page.get_by_role("button", name="Import 80 rows").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done")
    assert Seat.objects.live().exclude(use=None).count() == 80


def the_numbers_are_compared(page: Page) -> None:
    page.get_by_role("link", name="See the whole move").click()
    page.get_by_label("All customers in your old system").fill("298")
    page.get_by_label("Spaces booked ahead in your old system").fill("80")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row", name="All customers")).to_contain_text("0")
    expect(page.get_by_role("row", name="Spaces booked ahead").get_by_text("0", exact=True)).to_be_visible()
    assert Customer.objects.count() == 298


def it_is_undone(page: Page) -> None:
    """What was made in between, for the groups, stays: the groups are used by tickets now."""
    page.get_by_role("link", name="Undo the whole move").click()
    page.get_by_role("button", name="Undo the whole move").click()
    for _import in range(2):
        a_worker_comes(page)
    expect(page.get_by_role("row", name="Undone")).to_have_count(2)
    assert not Booking.objects.exists()
    assert not Customer.objects.exists()
    assert not Member.objects.exists()
