"""The pages of *Import a list* for bookings, and of the whole move, without a browser."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import ListImport, Operation
from accounts.operations.running import run_operation
from tests.browsing import open_browser, page_text
from tests.factories.accounts import SchedulePageFactory, StaffFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tickets.models import Entry, EntryPlaces, Seat

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
COLUMNS = ("reference", "title", "starts", "ticket", "name", "email")


class Importing:
    """The owner, who imports bookings for a class of next week."""

    def __init__(self) -> None:
        staff = StaffFactory.create()
        self.account = staff.account
        self.browser: Client = open_browser(staff.user)
        self.root = f"/dashboard/{self.account.slug}/customers/"
        day = timezone.now().astimezone(self.account.zone).date() + timedelta(days=7)
        self.at = datetime(day.year, day.month, day.day, 18, 30, tzinfo=self.account.zone)
        page = SchedulePageFactory.create(account=self.account)
        self.entry: Entry = EntryFactory.create(page=page, title="Yoga Flow", starts_at=self.at, capacity=2)
        TicketFactory.create(entry=self.entry, name="Drop in")

    def upload(self, *rows: str) -> str:
        head = "Booking reference,Event,Event starts,Ticket,Attendee,Email\n"
        file = SimpleUploadedFile("bookings.csv", (head + "".join(rows)).encode())
        self.browser.post(f"{self.root}imports/", {"of": "bookings", "file": file, "key": str(uuid4())})
        return self.work()

    def row(self, reference: str, name: str, ticket: str = "Drop in", title: str = "Yoga Flow") -> str:
        return f"{reference},{title},{self.at:%d/%m/%Y %H:%M},{ticket},{name},{name.lower()}@example.org\n"

    def check(self) -> str:
        sent = {f"column_{number}": column for number, column in enumerate(COLUMNS)}
        self.post("columns/", **sent, day_order="dmy")
        return self.work()

    @property
    def found(self) -> ListImport:
        return ListImport.objects.latest("pk")

    def address(self, rest: str = "") -> str:
        return f"{self.root}imports/{self.found.operation_id}/{rest}"

    def post(self, rest: str, **sent: object) -> str:
        return page_text(self.browser.post(self.address(rest), sent, follow=True))

    def work(self) -> str:
        for _round in range(3):
            for pk in Operation.objects.values_list("pk", flat=True):
                while run_operation(pk):
                    pass
        return self.page()

    def page(self, rest: str = "") -> str:
        return page_text(self.browser.get(self.address(rest)))

    def moving(self, rest: str = "") -> str:
        return page_text(self.browser.get(f"{self.root}moving-in/{rest}"))


@pytest.fixture
def studio() -> Importing:
    return Importing()


def test_bookings_come_in_step_by_step_and_the_move_is_undone(studio: Importing) -> None:
    page = studio.upload(studio.row("A", "Ann"), studio.row("B", "Bo"), studio.row("C", "Cy"))
    assert "What does each column hold?" in page
    page = studio.check()
    assert "Import 2 rows" in page
    assert "No space left" in page
    assert "Charge a use where a member’s offer covers the ticket" in page
    assert "Yoga Flow" in studio.page("rows/?why=full")

    # The cure: a third space, and the same columns again.
    EntryPlaces.objects.filter(entry=studio.entry).update(capacity=3)
    assert "Import 3 rows" in studio.check()
    studio.post("confirm/", charges="on")
    page = studio.work()
    assert "Rows imported 3" in page
    assert Seat.objects.live().count() == 3

    moving = studio.moving("?bookings=4&income=0&people=3")
    assert "Spaces booked ahead 3" in moving
    assert "-1" in moving
    assert "Import of bookings" in studio.moving("undo/")
    studio.browser.post(f"{studio.root}moving-in/undo/")
    assert "Undone 3" in studio.work()
    assert not Seat.objects.exists()
    assert studio.browser.get(f"{studio.root}moving-in/undo/").status_code == 302


def test_a_ticket_is_matched_for_all_rows_of_its_name(studio: Importing) -> None:
    studio.upload(studio.row("A", "Ann", "Concession"), studio.row("B", "Bo", "Concession"))
    assert "There’s nothing to import." in studio.check()
    assert "Which ticket is which?" in studio.page("groups/")
    studio.post("groups/", name_0="Drop in")
    assert "Import 2 rows" in studio.work()


def test_an_event_is_chosen_in_the_row(studio: Importing) -> None:
    studio.upload(studio.row("A", "Ann", title="Flow with Ben"))
    studio.check()
    row = studio.found.rows.get()
    assert row.why == "other_event"
    assert "Yoga Flow" in studio.page(f"rows/{row.pk}/")
    studio.post(f"rows/{row.pk}/", entry=studio.entry.pk, choice="import")
    assert "Import 1 row" in studio.page()


def test_what_was_left_out_is_a_file_with_its_reasons(studio: Importing) -> None:
    studio.upload(studio.row("A", "Ann", title="Pottery").replace("18:30", "07:00"))
    studio.check()
    answer = studio.browser.get(studio.address("left-out.csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert '"No such event"' in text


def test_strangers_find_no_move(studio: Importing) -> None:
    stranger = open_browser(StaffFactory.create().user)
    for rest in ("moving-in/", "moving-in/undo/"):
        assert stranger.get(f"{studio.root}{rest}").status_code == 404
        assert stranger.post(f"{studio.root}{rest}").status_code == 404
