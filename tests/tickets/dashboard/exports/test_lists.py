"""Lists that go out as files: what is in each, for whom, of which days, and that none costs more for being longer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, ExportPart, Operation, Role
from accounts.operations.running import run_operation
from memberships.models import Invoice, Subscription
from offers.models import Offer
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.tickets.dashboard.exports.making import fetched, prepared, rows_of
from tests.tickets.dashboard.register_desk import CLASS
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.full_studio import FullStudio
from tickets.booking.attendance import mark_attendance
from tickets.booking.cancel import cancel_by_customer
from tickets.dashboard.exports import bookings, writing
from tickets.dashboard.exports.catalogue import LISTS, ON_PAGE
from tickets.models import Entry, Presence, Seat, Ticket

NAMES = [each.name for each in ON_PAGE]


def test_attendance_has_everybody_booked_in_those_days_and_who_came(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    here, away, late = (book_seat_manually(entry, ticket, name) for name in ("Here", "Away", "Late"))
    mark_attendance(entry, here.pk, Presence.PRESENT, seen=None, by=None, now=CLASS)
    mark_attendance(entry, away.pk, Presence.ABSENT, seen=None, by=None, now=CLASS)
    cancel_by_customer(late.booking, [late.pk], now=CLASS - timedelta(minutes=1))
    day = entry.starts_at.date()
    other = EntryFactory.create(page=entry.page, title="Later", starts_at=NOW + timedelta(days=9))
    book_seat_manually(other, TicketFactory.create(entry=other, name="Drop-in"), "Tomorrow")

    found = rows_of(prepared(dashboard, "attendance_csv", since=str(day), until=str(day)))

    said = {row["Attendee"]: (row["Attendance"], row["Cancelled late"]) for row in found}
    assert said == {"Here": ("Present", ""), "Away": ("Absent", ""), "Late": ("", "yes")}
    first = found[0]
    assert first["Starts (Europe/London)"] == f"{day} 12:00"
    assert (first["Entry"], first["Where"], first["Ticket"]) == ("Vinyasa", "Hall", "Drop-in")
    assert [row["Attendee"] for row in rows_of(prepared(dashboard, "attendance_csv"))][-1] == "Tomorrow"


def test_attendance_of_many_entries_is_read_in_the_order_of_the_schedule_and_whole(
    dashboard: Dashboard, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts end within an entry, at its end, and where nobody is booked."""
    names = []
    for day in range(5):
        each = EntryFactory.create(page=entry.page, title=f"Day {day}", starts_at=NOW + timedelta(days=day + 3))
        ticket = TicketFactory.create(entry=each, name="Drop-in")
        for number in range((3, 0, 0, 2, 1)[day]):
            names.append(f"{day}.{number}")
            book_seat_manually(each, ticket, names[-1])
    for most in (1, 2, 3, 100):
        for at_a_time in (1, 2, 100):
            monkeypatch.setattr(writing, "PART", most)
            monkeypatch.setattr(bookings, "AT_A_TIME", at_a_time)
            found = rows_of(prepared(dashboard, "attendance_csv"))
            assert [row["Attendee"] for row in found] == names, (most, at_a_time)


def test_bookings_have_what_was_paid_and_what_is_left_of_them(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    paid = create_paid_booking(entry, ticket, "Ada", "Bea")
    noted = book_seat_manually(entry, ticket, "Cid")
    Seat.objects.filter(pk=noted.pk).update(owed=700)

    found = {row["Reference"]: row for row in rows_of(prepared(dashboard, "bookings_csv"))}

    assert set(found) == {paid.reference, noted.booking.reference}
    row = found[paid.reference]
    assert (row["Tickets"], row["Spaces"], row["Currency"]) == ("2 x Vinyasa: Drop-in", "2", "GBP")
    assert row["Paid online"] == f"{sum(each.amount for each in paid.payments.all()) / 100:.2f}"
    assert found[noted.booking.reference]["Still to pay"] == "7.00"


@pytest.mark.parametrize("name", ["bookings_csv", "attendance_csv", "payments_csv", "invoices_csv"])
def test_days_the_wrong_way_round_are_refused(dashboard: Dashboard, name: str) -> None:
    answer = dashboard.post("exports", {"list": name, "since": "2030-02-01", "until": "2030-01-01"})

    assert answer.status_code == 422
    assert "Choose a day that isn’t before the first one" in page_text(answer)
    assert not Operation.objects.exists()


def test_members_have_their_uses_of_each_offer(dashboard: Dashboard, entry: Entry, studio: Account) -> None:
    book_member_seat(entry)
    offer = Offer.objects.get()
    silver = GroupFactory.create(account=studio, name="Silver")
    add_member(silver, CustomerFactory.create(account=studio, name="Sam"))

    found = rows_of(prepared(dashboard, "all_members_csv"))

    assert [(row["Customer group"], row["Name"]) for row in found] == [("Gold", "Mia"), ("Silver", "Sam")]
    mia = found[0]
    assert (mia["Used"], mia["Extra uses"], mia["Left"]) == ("1", "0", str((offer.limit or 0) - 1))
    assert mia["Added manually"] == "yes"
    assert found[1]["Offer"] == ""
    one = rows_of(prepared(dashboard, "all_members_csv", group=silver.pk))
    assert [row["Name"] for row in one] == ["Sam"]


def test_members_of_many_groups_are_read_whole_whichever_way_parts_end(
    dashboard: Dashboard, studio: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        group = GroupFactory.create(account=studio, name=f"G{number}")
        OfferFactory.create(group=group)
        for each in range((2, 0, 3, 1)[number]):
            add_member(group, CustomerFactory.create(account=studio, name=f"{number}.{each}"))
    whole = rows_of(prepared(dashboard, "all_members_csv"))
    assert sorted(row["Name"] for row in whole) == ["0.0", "0.1", "2.0", "2.1", "2.2", "3.0"]
    for most in (1, 2, 3):
        monkeypatch.setattr(writing, "PART", most)
        assert rows_of(prepared(dashboard, "all_members_csv")) == whole, most


def test_memberships_and_their_invoices(world: FullStudio, owner: Dashboard) -> None:
    subscription = Subscription.objects.get()
    Invoice.objects.create(
        account=world.account, subscription=subscription, stripe_id="in_1", number="R-1", status="paid",
        amount_due=4000, amount_paid=4000, currency="GBP", created_at=NOW,
    )  # fmt: skip

    [membership] = rows_of(prepared(owner, "memberships_csv"))
    [invoice] = rows_of(prepared(owner, "invoices_csv"))

    assert (membership["Membership"], membership["Amount"], membership["Currency"]) == ("Gold", "40.00", "GBP")
    assert (membership["Status"], membership["Stripe subscription"]) == ("Active", "sub_1")
    assert (invoice["Invoice"], invoice["Paid"], invoice["Refunded"]) == ("R-1", "40.00", "0.00")


@pytest.mark.parametrize("name", NAMES)
def test_a_part_takes_as_many_statements_for_many_rows_as_for_few(
    name: str, world: FullStudio, owner: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that 100,000 rows take the memory and the statements of their parts, one after another."""
    few = statements(owner, name)
    fill(world, 5)
    assert statements(owner, name) == few


@pytest.mark.parametrize("role", list(Role))
def test_whom_the_page_is_for(world: FullStudio, role: Role) -> None:
    status = 200 if role in {Role.OWNER, Role.BOOKINGS_ADMIN} else 404

    assert open_dashboard(world.account, role).get("exports").status_code == status
    assert (
        open_dashboard(AccountFactory.create(), role)
        .client.get(open_dashboard(world.account).url("exports"))
        .status_code
        == 404
    )


def test_a_list_that_there_is_not_is_not_found(owner: Dashboard) -> None:
    assert owner.post("exports", {"list": "secrets"}).status_code == 404


def test_the_last_files_are_shown_to_be_fetched_again(owner: Dashboard, world: FullStudio) -> None:
    prepared(owner, "customers_csv")

    page = owner.get("exports")

    assert f"customers-{world.account.slug}.csv" in page_text(page)
    assert owner.url("operation_file", pk=Operation.objects.latest("pk").pk) in page.content.decode()
    stranger = open_dashboard(AccountFactory.create())
    assert f"customers-{world.account.slug}.csv" not in page_text(stranger.get("exports"))


def test_every_list_has_a_name_and_a_file_of_its_own() -> None:
    assert len({each.name for each in LISTS}) == len(LISTS)
    assert len({each.file for each in ON_PAGE}) == len(ON_PAGE)


@pytest.fixture
def world() -> FullStudio:
    return FullStudio()


@pytest.fixture
def owner(world: FullStudio) -> Dashboard:
    return open_dashboard(world.account)


def begun(dashboard: Dashboard, name: str, **given: Any) -> None:
    assert dashboard.post("exports", {"list": name, **given}).status_code == 302


def statements(dashboard: Dashboard, name: str) -> int:
    begun(dashboard, name)
    with CaptureQueriesContext(connection) as seen:
        run_operation(Operation.objects.latest("pk").pk)
    fetched(dashboard)
    assert ExportPart.objects.exists()
    return len(seen)


def fill(world: FullStudio, number: int) -> None:
    page = Entry.objects.get(pk=world.by_folder["schedule"]).page
    entry = EntryFactory.create(page=page, capacity=50)
    ticket = TicketFactory.create(entry=entry, name="Drop-in")
    group = world.account.groups.get()
    for each in range(number):
        customer = CustomerFactory.create(account=world.account, name=f"More {each}", email=f"more{each}@example.org")
        add_member(group, customer)
        book_seat_manually(entry, ticket, customer=customer)
        create_paid_booking(entry, ticket, f"More {each}", customer=customer)
        subscription = Subscription.objects.first()
        assert subscription is not None
        Invoice.objects.create(
            account=world.account, subscription=subscription, stripe_id=f"in_{each}", status="paid",
            amount_due=1, amount_paid=1, currency="GBP", created_at=NOW,
        )  # fmt: skip
