"""The books: nothing found where all is right; what is broken by hand is found, by its own check alone."""

import logging
from collections.abc import Callable, Generator
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts.models import Account, Role, Unpaid
from groups.models import Member, Standing
from groups.models import Source as Ground
from memberships.models import Membership, Price, Source, Status, Subscription
from memberships.standing import Footing, footing
from offers.eligibility import Attendee
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.desk import desk, words
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    proved_customer,
    stand,
)
from tickets.booking import Wanted, book, book_by_hand
from tickets.books import Extent, check_books, extent, findings_of, keep_findings
from tickets.cancelling import cancel_by_hand, cancel_own
from tickets.facts import known_customer
from tickets.models import Entry, EntryPlaces, Finding, Party, Release, Seat, TicketPlaces
from tickets.schedule import cancel_entry
from tickets.tasks import check_books as nightly

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Generator[None]:
    with travel(NOW, tick=False):
        yield


class Studio:
    """One of everything that is counted: a member with a guest at an entry, by an offer, and a running membership."""

    def __init__(self) -> None:
        entry = EntryFactory.create(title="Vinyasa")
        self.account: Account = entry.account
        self.group = GroupFactory.create(account=self.account, name="Gold")
        self.ticket = TicketFactory.create(entry=entry, group=self.group, name="Member place")
        OfferFactory.create(group=self.group, page=entry.page, limit=6, additional_attendees=2)
        self.customer = proved_customer(self.account, name="Ada")
        self.member = stand(self.group, self.customer, anchor=date(2030, 1, 3))
        self.entry = Entry.objects.select_related("account", "page", "places", "series").get(pk=entry.pk)
        self.booking = self.book(Attendee.SELF, Attendee.GUEST)
        self.seat = Seat.objects.get(booking=self.booking, member__isnull=False)
        self.period = UsagePeriod.objects.get(account=self.account)
        self.bought = self.subscribe(Status.ACTIVE)
        self.standing = self.let_in(self.bought)

    def book(self, *attendees: Attendee) -> Any:
        wanted = [Wanted(ticket=self.ticket.pk, name="Ada", attendee=each) for each in attendees]
        return book(self.entry, self.customer, wanted, who=known_customer(self.customer), key=uuid4(), now=NOW)

    def subscribe(self, status: Status, **fields: Any) -> Subscription:
        made = {"account": self.account, "created_at": NOW}
        membership = Membership.objects.create(group=self.group, title="Monthly", **made)
        price = Price.objects.create(membership=membership, title="Monthly", amount=4000, currency="GBP", **made)
        begun = status not in {Status.PENDING, Status.ABANDONED}
        facts = {"status": status, "stripe_id": f"sub_{membership.pk}" if begun else "", "started_at": NOW - DAY}
        return Subscription.objects.create(
            customer=self.customer,
            membership=membership,
            price=price,
            source=Source.CHECKOUT,
            **made,
            **facts,
            **fields,
        )

    def let_in(self, bought: Subscription, **fields: Any) -> Standing:
        return Standing.objects.create(
            account=self.account,
            member=fields.pop("member", self.member),
            source=Ground.MEMBERSHIP,
            ground=bought.uuid,
            since=NOW - DAY,
            anchor=date(2030, 1, 14),
            **fields,
        )


@pytest.fixture
def studio(db: None) -> Studio:
    return Studio()


def found(account: Account | None = None) -> list[tuple[str, int, str, str]]:
    """What is wrong: the check, the row, what is counted and what it should be."""
    return [(each.wrong, each.row, each.counted, each.should_be) for each in check_books(account=account, now=NOW)]


def test_where_all_is_right_nothing_is_found(studio: Studio) -> None:
    assert found() == []
    assert extent() == Extent(entries=1, seats=2, uses=2, subscriptions=1)


def test_what_services_do_keeps_the_books_right(studio: Studio) -> None:
    own = [studio.seat.pk]
    cancel_own(studio.booking, own, now=NOW)
    again = studio.book(Attendee.SELF)
    cancel_by_hand([again.seats.get().pk], now=NOW)
    book_by_hand(studio.entry, studio.customer, [Wanted(ticket=studio.ticket.pk, name="Bea")], key=uuid4(), now=NOW)
    assert (found(), extent().seats, extent().uses) == ([], 2, 1)
    cancel_entry(studio.entry, now=NOW)
    assert (found(), extent().seats, extent().uses) == ([], 0, 0)


def test_a_use_that_a_late_cancellation_lost_is_right(studio: Studio) -> None:
    late = studio.entry.starts_at - timedelta(minutes=5)
    cancel_own(studio.booking, [studio.seat.pk], now=late)
    assert Seat.objects.get(pk=studio.seat.pk).use == OfferUse.objects.get(seat=studio.seat.uuid, ended_at=None)
    assert (found(), extent().seats, extent().uses) == ([], 1, 2)


def entry_taken(at: Studio) -> tuple[str, int, str, str]:
    EntryPlaces.objects.filter(entry=at.entry).update(taken=3)
    return ("entry", at.entry.pk, "3", "2")


def entry_lost(at: Studio) -> tuple[str, int, str, str]:
    EntryPlaces.objects.filter(entry=at.entry).delete()
    return ("entry", at.entry.pk, "0", "2")


def ticket_taken(at: Studio) -> tuple[str, int, str, str]:
    TicketPlaces.objects.filter(entry=at.entry).update(taken=1)
    return ("ticket", at.ticket.pk, "1", "2")


def ticket_lost(at: Studio) -> tuple[str, int, str, str]:
    TicketPlaces.objects.filter(entry=at.entry).delete()
    return ("ticket", at.ticket.pk, "0", "2")


def ticket_unused(at: Studio) -> tuple[str, int, str, str]:
    other = TicketFactory.create(entry=at.entry)
    TicketPlaces.objects.create(account_id=at.account.pk, entry=at.entry, ticket=other, taken=1)
    return ("ticket", other.pk, "1", "0")


def party(at: Studio) -> tuple[str, int, str, str]:
    Party.objects.filter(entry=at.entry).update(seats=3)
    return ("party", at.customer.pk, "3", "2")


def party_lost(at: Studio) -> tuple[str, int, str, str]:
    Party.objects.filter(entry=at.entry).delete()
    return ("party", at.customer.pk, "0", "2")


def cancelled(at: Studio) -> tuple[str, int, str, str]:
    Entry.objects.filter(pk=at.entry.pk).update(cancelled_at=NOW)
    return ("cancelled", at.entry.pk, "2", "0")


def period(at: Studio) -> tuple[str, int, str, str]:
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=1)
    return ("period", at.period.pk, "1", "2")


def seat_of_another(at: Studio) -> tuple[str, int, str, str]:
    OfferUse.objects.filter(seat=at.seat.uuid).update(seat=uuid4())
    return ("seat", at.seat.pk, "0", "1")


def seat_without_use(at: Studio) -> tuple[str, int, str, str]:
    OfferUse.objects.filter(seat=at.seat.uuid).update(ended_at=NOW)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=1)
    return ("seat", at.seat.pk, "0", "1")


def use_without_seat(at: Studio) -> tuple[str, int, str, str]:
    facts = {"account": at.account, "period": at.period, "event_on": date(2030, 1, 17), "created_at": NOW}
    use = OfferUse.objects.create(seat=uuid4(), **facts)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=3)
    return ("use", use.pk, "1", "0")


def use_not_returned(at: Studio) -> tuple[str, int, str, str]:
    use = OfferUse.objects.get(seat=at.seat.uuid)
    cancel_by_hand([at.seat.pk], now=NOW)
    OfferUse.objects.filter(pk=use.pk).update(ended_at=None)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=2)
    return ("use", use.pk, "1", "0")


def day(at: Studio) -> tuple[str, int, str, str]:
    use = OfferUse.objects.get(seat=at.seat.uuid)
    OfferUse.objects.filter(pk=use.pk).update(event_on=date(2030, 1, 18))
    return ("day", use.pk, "18 Jan 2030", "17 Jan 2030")


def filed(at: Studio) -> tuple[str, int, str, str]:
    use = OfferUse.objects.get(seat=at.seat.uuid)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=1)
    before = UsagePeriod.objects.create(
        account=at.account,
        offer=at.period.offer,
        member=at.member,
        starts_on=date(2029, 12, 3),
        ends_on=date(2030, 1, 3),
        used=1,
    )
    OfferUse.objects.filter(pk=use.pk).update(period=before)
    return ("filed", use.pk, "17 Jan 2030", "3 Dec 2029 – 2 Jan 2030")


def outside(at: Studio) -> tuple[str, int, str, str]:
    Standing.objects.filter(pk=at.standing.pk).update(until=NOW)
    return ("outside", at.bought.pk, "0", "1")


def inside_without_paying(at: Studio) -> tuple[str, int, str, str]:
    Subscription.objects.filter(pk=at.bought.pk).update(status=Status.CANCELED)
    return ("inside", at.bought.pk, "1", "0")


def inside_after_the_end(at: Studio) -> tuple[str, int, str, str]:
    Subscription.objects.filter(pk=at.bought.pk).update(ends_at=NOW)
    return ("inside", at.bought.pk, "1", "0")


def inside_another_group(at: Studio) -> tuple[str, int, str, str]:
    group = GroupFactory.create(account=at.account)
    member = Member.objects.create(account=at.account, group=group, customer=at.customer, created_at=NOW)
    at.let_in(at.bought, member=member)
    return ("inside", at.bought.pk, "1", "0")


def release(at: Studio) -> tuple[str, int, str, str]:
    made = {"account": at.account, "member": at.member, "ended_at": NOW}
    old = Release.objects.create(ground=uuid4(), created_at=NOW - timedelta(hours=1, seconds=1), **made)
    Release.objects.create(ground=uuid4(), created_at=NOW - timedelta(hours=1), **made)
    Release.objects.create(ground=uuid4(), created_at=NOW - DAY, done_at=NOW, **made)
    return ("release", old.pk, "1", "0")


BREAKS: list[Callable[[Studio], tuple[str, int, str, str]]] = [
    entry_taken,
    entry_lost,
    ticket_taken,
    ticket_lost,
    ticket_unused,
    party,
    party_lost,
    cancelled,
    period,
    seat_of_another,
    seat_without_use,
    use_without_seat,
    use_not_returned,
    day,
    filed,
    outside,
    inside_without_paying,
    inside_after_the_end,
    inside_another_group,
    release,
]


@pytest.mark.parametrize("break_it", BREAKS)
def test_what_is_broken_is_found_alone_and_in_its_account(
    studio: Studio, break_it: Callable[[Studio], tuple[str, int, str, str]]
) -> None:
    other = Studio()
    expected = break_it(studio)
    assert found() == [expected]
    assert found(studio.account) == [expected]
    assert found(other.account) == []
    assert [each.account_id for each in check_books(now=NOW)] == [studio.account.pk]


@pytest.mark.parametrize("policy", list(Unpaid))
@pytest.mark.parametrize("ends_at", [None, NOW, NOW + DAY])
@pytest.mark.parametrize("status", list(Status))
def test_standing_is_expected_exactly_where_the_rule_says(
    studio: Studio, status: Status, ends_at: Any, policy: Unpaid
) -> None:
    Account.objects.filter(pk=studio.account.pk).update(unpaid_members=policy)
    out = studio.subscribe(status, ends_at=ends_at)
    stands = footing(status, policy=policy, ends_at=ends_at, now=NOW) is Footing.STANDS
    assert found() == ([("outside", out.pk, "0", "1")] if stands else [])
    studio.let_in(out, until=ends_at if ends_at != NOW else None)
    assert found() == ([] if stands else [("inside", out.pk, "1", "0")])


def test_an_end_that_another_process_read_a_little_later_is_no_finding(studio: Studio) -> None:
    Subscription.objects.filter(pk=studio.bought.pk).update(status=Status.CANCELED)
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW + timedelta(seconds=60))
    assert found() == []
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW + timedelta(seconds=61))
    assert found() == [("inside", studio.bought.pk, "1", "0")]


@pytest.mark.parametrize("rows", [1, 30])
def test_it_takes_one_statement_a_check_however_much_there_is(studio: Studio, rows: int) -> None:
    for _number in range(rows):
        entry = EntryFactory.create(page=studio.entry.page)
        wanted = [Wanted(ticket=TicketFactory.create(entry=entry).pk, name="Bea")]
        book_by_hand(entry, studio.customer, wanted, key=uuid4(), now=NOW)
    EntryPlaces.objects.filter(entry__title__startswith="Class").update(taken=F("taken") + 1)
    with CaptureQueriesContext(connection) as seen:
        assert len(check_books(now=NOW)) == rows
    assert len(seen) == 12


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("check_books", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_that_the_books_are_right(studio: Studio) -> None:
    Studio()
    assert run() == "The books are right: 2 entries, 4 seats, 4 uses, 2 memberships.\n"
    one = "The books are right: 1 entries, 2 seats, 2 uses, 1 memberships.\n"
    assert run("--account", studio.account.slug) == one


def test_the_command_names_what_is_wrong(studio: Studio) -> None:
    other = Studio()
    ticket_taken(studio)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_books", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == (
        f"{studio.account.slug}: Places taken by one ticket do not match its bookings: counted 1, should be 2 "
        f"(Vinyasa, 2030-01-17 12:00 / Member place; ticket {studio.ticket.pk})\n"
    )
    assert run("--account", other.account.slug).startswith("The books are right")


def test_the_command_names_everything_concerned_once(studio: Studio) -> None:
    _check, row, *_words = day(studio)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_books", stdout=out)
    assert out.getvalue() == (
        f"{studio.account.slug}: A use is charged for another day than the entry’s: counted 18 Jan 2030, "
        f"should be 17 Jan 2030 (Vinyasa, 2030-01-17 12:00 / Ada / Gold; day {row})\n"
    )


def test_the_command_knows_no_account_that_is_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="There is no account “river”"):
        run("--account", "river")


def test_the_nightly_task_keeps_what_is_wrong_until_it_is_right(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    period(studio)
    nightly()
    nightly()
    kept = Finding.objects.get()
    assert (kept.wrong, kept.row, kept.name) == ("period", studio.period.pk, "3 Jan 2030 – 2 Feb 2030")
    assert (kept.customer, kept.group, kept.entry) == (studio.customer, studio.group, None)
    told = f"The books are wrong, 1 times. The first: account {studio.account.pk}: period {studio.period.pk}: "
    logged = [(each.levelno, each.getMessage()) for each in caplog.records if each.name == "tickets.books"]
    assert logged == [(logging.ERROR, f"{told}1, should be 2")] * 2

    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=2)
    assert (keep_findings(now=NOW), Finding.objects.count()) == ([], 0)


def test_the_overview_warns_and_leads_to_what_is_wrong(studio: Studio) -> None:
    at = desk(studio.account)
    assert "in the books" not in words(at.get("overview"))
    entry_taken(studio)
    nightly()
    warning = (
        "1 count in the books is wrong. The nightly check found places, uses or memberships that do not match. "
        "Nothing was changed by itself."
    )
    overview = at.get("overview")
    assert warning in words(overview)
    assert f'href="{at.url("books")}"' in overview.content.decode()
    page = at.get("books")
    assert "Places taken at an entry do not match its bookings" in words(page)
    assert f'href="{at.url("entry", pk=studio.entry.pk)}"' in page.content.decode()


def test_the_page_leads_to_everything_concerned(studio: Studio) -> None:
    at = desk(studio.account, Role.BOOKINGS_ADMIN)
    outside(studio)
    day(studio)
    nightly()
    page = at.get("books").content.decode()
    for name, pk in [
        ("entry", studio.entry.pk),
        ("customer", studio.customer.pk),
        ("group", studio.group.pk),
        ("subscription", studio.bought.pk),
    ]:
        assert f'href="{at.url(name, pk=pk)}"' in page


def test_another_studios_findings_are_not_shown(studio: Studio) -> None:
    other = Studio()
    entry_taken(other)
    nightly()
    at = desk(studio.account)
    assert list(findings_of(studio.account)) == []
    assert "in the books" not in words(at.get("overview"))
    assert "The last check found nothing wrong." in words(at.get("books"))


@pytest.mark.parametrize("role", [Role.SCHEDULE_MANAGER, Role.LEADER])
def test_who_does_not_manage_customers_neither_is_warned_nor_sees_the_page(studio: Studio, role: Role) -> None:
    entry_taken(studio)
    nightly()
    at = desk(studio.account, role)
    assert "in the books" not in words(at.get("overview"))
    assert at.get("books").status_code == 404


@pytest.mark.parametrize("rows", [1, 25])
def test_the_page_takes_the_same_queries_however_much_is_wrong(studio: Studio, rows: int) -> None:
    at = desk(studio.account)
    made = {"account": studio.account, "wrong": "party", "entry": studio.entry, "group": studio.group, "found_at": NOW}
    for number in range(rows):
        customer = CustomerFactory.create(account=studio.account)
        Finding.objects.create(customer=customer, row=number, counted="1", should_be="2", **made)
    at.get("books")
    with CaptureQueriesContext(connection) as seen:
        page = at.get("books")
    assert page.content.decode().count('<th scope="row">') == rows
    assert len(seen) == 5
