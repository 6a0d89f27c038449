"""Lists of bookings: read, judged, booked as the studio books, and taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.imports.services import confirm_import, decide_row
from accounts.models import Customer, Letter, ListImport, ListImportRow
from groups.models import Standing
from groups.services import add_customers
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, load_entry
from tests.worlds.listed import bring, judge, reasons, run, states, undo
from tickets.booking.cancel import cancel_by_studio
from tickets.consistency import check_books
from tickets.importing.source import BOOKINGS
from tickets.models import Booking, Channel, Entry, EntryPlaces, ImportedSeat, Seat

pytestmark = pytest.mark.django_db
HEAD = "Booking reference,Event,Event starts,Ticket,Attendee,Attendee email,Booked by,Customer email,Status\n"


class Studio:
    """A studio with a class next week, an ordinary ticket and one for members."""

    def __init__(self, **entry: Any) -> None:
        self.account = AccountFactory.create(time_zone="Europe/London")
        self.page = SchedulePageFactory.create(account=self.account)
        day = timezone.now().astimezone(self.account.zone).date() + timedelta(days=7)
        self.starts = datetime(day.year, day.month, day.day, 18, 30)  # noqa: DTZ001 - on the studio's clocks
        self.entry = self.add_entry("Yoga Flow", self.starts, **entry)
        self.ticket = TicketFactory.create(entry=self.entry, name="Drop in")
        self.group = GroupFactory.create(account=self.account)
        self.member_ticket = TicketFactory.create(entry=self.entry, name="Members", group=self.group)
        self.offer = OfferFactory.create(group=self.group, page=self.page, limit=2)

    def add_entry(self, title: str, starts: datetime, **more: Any) -> Entry:
        return EntryFactory.create(
            page=self.page, title=title, starts_at=starts.replace(tzinfo=self.account.zone), **more
        )

    def admit(self, email: str, name: str) -> None:
        add_customers(self.group, {email: name}, now=timezone.now())

    def row(self, reference: str, attendee: str, email: str, ticket: str = "Drop in", **more: Any) -> str:
        title, starts = more.get("title", "Yoga flow"), more.get("starts", self.starts)
        booker, theirs, status = more.get("booker", ""), more.get("booker_email", ""), more.get("status", "Complete")
        cells = [reference, title, f"{starts:%d/%m/%Y %H:%M}", ticket, attendee, email, booker, theirs, status]
        return ",".join(cells) + "\n"

    def judge(self, *rows: str, **mapping: Any) -> ListImport:
        return judge(self.account, HEAD + "".join(rows), source=BOOKINGS, **mapping)

    def bring(self, *rows: str, letter: bool = False, **mapping: Any) -> ListImport:
        return bring(self.account, HEAD + "".join(rows), source=BOOKINGS, letter=letter, **mapping)

    def faults(self) -> list[object]:
        return list(check_books(account=self.account, now=timezone.now()))


def attendees() -> list[tuple[str, str]]:
    seats = Seat.objects.live().order_by("pk")
    return list(seats.values_list("attendee_name", "customer__email"))


def test_bookings_are_made_for_who_booked_and_who_attends() -> None:
    studio = Studio()
    done = studio.bring(
        studio.row("ABCDE", "Ann Ray", "ann@example.org", booker="Ann Ray", booker_email="ann@example.org"),
        studio.row("ABCDE", "Mia Ray", "", booker="Ann Ray", booker_email="ann@example.org"),
        studio.row("FGHIJ", "Cem Oz", "Cem@example.org"),
    )

    assert (done.operation.state, reasons(done)) == ("done", {"new": 3})
    assert attendees() == [
        ("Ann Ray", "ann@example.org"),
        ("Mia Ray", "ann@example.org"),
        ("Cem Oz", "cem@example.org"),
    ]
    assert list(Seat.objects.order_by("pk").values_list("is_for_booker", flat=True)) == [True, False, True]
    assert list(Booking.objects.values_list("channel", flat=True)) == [Channel.STUDIO] * 2
    assert list(ImportedSeat.objects.order_by("seat").values_list("reference", flat=True)) == [
        "ABCDE", "ABCDE", "FGHIJ",
    ]  # fmt: skip
    assert EntryPlaces.objects.get(entry=studio.entry).taken == 3
    assert set(Seat.objects.values_list("owed", flat=True)) == {0}
    assert not Letter.objects.exists()
    assert studio.faults() == []


def test_a_member_is_charged_a_use_as_long_as_there_is_one() -> None:
    studio = Studio()
    studio.admit("ann@example.org", "Ann Ray")
    late: dict[str, Any] = {"title": "Late Flow", "starts": studio.starts + timedelta(hours=2)}
    last: dict[str, Any] = {"title": "Last Flow", "starts": studio.starts + timedelta(hours=4)}
    for each in (late, last):
        TicketFactory.create(entry=studio.add_entry(**each), name="Members", group=studio.group)
    rows = [
        studio.row("A", "Ann Ray", "ann@example.org", "members"),
        studio.row("B", "Ann Ray", "ann@example.org", "Members", **late),
        studio.row("C", "Ann Ray", "ann@example.org", "Members", **last),
        studio.row("D", "Dan", "dan@example.org", "Members"),
    ]  # fmt: skip

    judged = studio.judge(*rows)
    assert reasons(judged) == {"charged": 2, "not_covered": 2}

    confirm_import(judged, now=timezone.now())
    done = run(judged)
    assert states(done) == {"applied": 4}
    assert OfferUse.objects.live().count() == 2
    assert UsagePeriod.objects.get().used == 2
    assert studio.faults() == []


def test_no_use_is_charged_where_the_operator_says_so() -> None:
    studio = Studio()
    studio.admit("ann@example.org", "Ann Ray")

    done = studio.bring(studio.row("A", "Ann Ray", "ann@example.org", "Members"), charges=False)

    assert reasons(done) == {"not_covered": 1}
    assert (Seat.objects.count(), OfferUse.objects.count()) == (1, 0)


def test_the_same_file_twice_books_nothing_twice() -> None:
    studio = Studio()
    rows = [studio.row("A", "Ann Ray", "ann@example.org"), studio.row("", "Bo", "bo@example.org")]
    studio.bring(*rows)
    again = studio.bring(*rows, studio.row("C", "Cy", "cy@example.org"))

    assert reasons(again) == {"same": 2, "new": 1}
    assert len(attendees()) == 3


def test_a_booking_that_was_cancelled_since_stays_so_when_the_file_comes_again() -> None:
    studio = Studio()
    row = studio.row("A", "Ann Ray", "ann@example.org")
    studio.bring(row)
    cancel_by_studio([Seat.objects.get().pk], now=timezone.now())

    assert reasons(studio.bring(row)) == {"same": 1}
    assert attendees() == []


def test_a_row_twice_in_one_file_is_to_be_checked() -> None:
    studio = Studio()
    row = studio.row("A", "Ann Ray", "ann@example.org")
    judged = studio.judge(row, row)
    assert reasons(judged) == {"new": 1, "repeated": 1}

    decide_row(judged.rows.get(why="repeated"), {}, chosen=True, now=timezone.now())
    confirm_import(judged, now=timezone.now())
    run(judged)

    assert len(attendees()) == 2
    assert reasons(studio.judge(row, row)) == {"same": 2}


def test_never_too_many() -> None:
    studio = Studio(capacity=2)
    rows = [studio.row(str(number), f"Guest {number}", f"guest{number}@example.org") for number in range(3)]
    judged = studio.judge(*rows)
    assert reasons(judged) == {"new": 2, "full": 1}

    # Somebody books before the operator confirms.
    taken = EntryPlaces.objects.get(entry=studio.entry)
    EntryPlaces.objects.filter(pk=taken.pk).update(taken=1)
    confirm_import(judged, now=timezone.now())
    done = run(judged)

    assert states(done) == {"applied": 1, "failed": 1, "read": 1}
    assert done.rows.get(state="failed").error.startswith("No space was left: 2 of 2 are taken.")
    assert len(attendees()) == 1
    assert not Customer.objects.filter(email="guest1@example.org").exists()


def test_a_ticket_with_a_number_of_its_own_is_never_sold_too_often() -> None:
    studio = Studio()
    TicketFactory.create(entry=studio.entry, name="Mats", capacity=1)
    judged = studio.judge(
        studio.row("A", "Ann", "ann@example.org", "Mats"), studio.row("B", "Bo", "b@example.org", "Mats")
    )
    assert reasons(judged) == {"new": 1, "full": 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "Cancelled"}, "off"),
        ({"status": "Checkout"}, "off"),
        ({"status": "Not completed"}, "off"),
        ({"starts": datetime(2020, 1, 3, 18, 30)}, "past"),  # noqa: DTZ001
        ({"title": "Pottery", "starts": datetime(2040, 1, 3, 18, 30)}, "no_event"),  # noqa: DTZ001
        ({"title": "Pottery"}, "other_event"),
        ({"ticket": "Concession"}, "no_ticket"),
        ({"email": "ann@@example"}, "bad_address"),
        ({"email": "", "attendee": "Somebody New"}, "no_address"),
        ({"email": "", "attendee": "Ann Known"}, "by_name"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_out_and_says_why(change: dict[str, Any], reason: str) -> None:
    studio = Studio()
    CustomerFactory.create(account=studio.account, email="known@example.org", name="Ann Known")
    row = {"reference": "A", "attendee": "Ann Ray", "email": "ann@example.org"} | change

    done = studio.bring(studio.row(**row))

    assert reasons(done) == {reason: 1}
    assert attendees() == []


def test_the_operator_chooses_the_event_the_ticket_and_the_person() -> None:
    studio = Studio()
    CustomerFactory.create(account=studio.account, email="known@example.org", name="Ann Known")
    judged = studio.judge(
        studio.row("A", "Ann Known", "", title="Flow with Ben"),
        studio.row("B", "Bo", "bo@example.org", "Concession"),
    )
    first, second = judged.rows.order_by("number")
    decide_row(first, {"entry": studio.entry.pk}, chosen=True, now=timezone.now())
    decide_row(second, {"ticket": studio.ticket.pk}, chosen=True, now=timezone.now())
    confirm_import(judged, now=timezone.now())
    done = run(judged)

    assert states(done) == {"applied": 2}
    assert attendees() == [("Ann Known", "known@example.org"), ("Bo", "bo@example.org")]


def test_a_ticket_name_is_chosen_for_all_rows_of_that_name() -> None:
    studio = Studio()
    rows = [studio.row(str(number), f"G{number}", f"g{number}@example.org", "Concession") for number in range(3)]
    done = studio.bring(*rows, tickets={"concession": "Drop in"})
    assert (reasons(done), len(attendees())) == ({"new": 3}, 3)


def test_a_start_without_a_time_finds_the_only_event_of_that_title_on_the_day() -> None:
    studio = Studio()
    text = f"Event;Date;Name;Email\nYoga Flow;{studio.starts:%d.%m.%Y};Ann;ann@example.org\n"
    studio.entry.series.tickets.exclude(pk=studio.ticket.pk).delete()
    done = bring(studio.account, text, source=BOOKINGS)
    assert (reasons(done), attendees()) == ({"new": 1}, [("Ann", "ann@example.org")])


def test_a_start_in_utc_is_read_on_the_studios_clocks() -> None:
    studio = Studio()
    at = load_entry(studio.entry).starts_at
    text = f"Event,Event starts,Ticket,Name,Email\nYoga Flow,{at:%Y-%m-%dT%H:%M:%SZ},Drop in,Ann,ann@example.org\n"
    assert reasons(judge(studio.account, text, source=BOOKINGS)) == {"new": 1}


def test_who_has_a_booking_there_already_is_to_be_checked() -> None:
    studio = Studio()
    studio.bring(studio.row("A", "Ann Ray", "ann@example.org"))
    assert reasons(studio.judge(studio.row("OTHER", "Ann Ray", "ann@example.org"))) == {"booked": 1}


def test_undoing_leaves_nothing_and_gives_uses_back() -> None:
    studio = Studio()
    studio.admit("ann@example.org", "Ann Ray")
    done = studio.bring(
        studio.row("A", "Ann Ray", "ann@example.org", "Members"), studio.row("B", "Bo", "bo@example.org")
    )
    undone = undo(done)

    assert states(undone) == {"undone": 2}
    assert not Seat.objects.exists()
    assert not Booking.objects.exists()
    assert not OfferUse.objects.exists()
    assert list(Customer.objects.values_list("email", flat=True)) == ["ann@example.org"]
    assert Standing.objects.count() == 1
    assert EntryPlaces.objects.get(entry=studio.entry).taken == 0
    assert studio.faults() == []
    assert reasons(studio.judge(studio.row("A", "Ann Ray", "ann@example.org", "Members"))) == {"charged": 1}


def test_undoing_keeps_what_was_changed_since() -> None:
    studio = Studio()
    done = studio.bring(studio.row("A", "Ann", "ann@example.org"), studio.row("B", "Bo", "bo@example.org"))
    Seat.objects.filter(attendee_name="Ann").update(attendee_name="Anna")

    undone = undo(done)

    assert states(undone) == {"kept": 1, "undone": 1}
    assert attendees() == [("Anna", "ann@example.org")]


def test_who_was_told_of_a_booking_is_told_that_it_is_undone() -> None:
    studio = Studio()
    done = studio.bring(studio.row("A", "Ann", "ann@example.org"), letter=True)
    assert (states(done), ListImportRow.objects.get().error) == ({"applied": 1}, "")
    assert list(Letter.objects.values_list("kind", flat=True)) == ["booked"]

    undone = undo(done)

    assert Letter.objects.count() == 2
    assert states(undone) == {"kept": 1}
    assert ListImportRow.objects.get().error == "They’ve used it since, or something else is about them."
    assert Seat.objects.live().count() == 0
    assert Seat.objects.count() == 1


def test_a_list_is_no_way_to_write_to_any_number_of_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio()
    monkeypatch.setattr("tickets.importing.telling.daily_quota", lambda *_account, **_now: 1)
    done = studio.bring(studio.row("A", "Ann", "ann@example.org"), studio.row("B", "Bo", "bo@example.org"), letter=True)
    assert (states(done), len(attendees())) == ({"applied": 2}, 2)
    assert list(Letter.objects.values_list("recipient", flat=True)) == ["ann@example.org"]
    assert list(done.rows.order_by("number").values_list("after__told", flat=True)) == [True, False]
