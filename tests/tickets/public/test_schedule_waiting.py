"""A full line of the schedule leads to the waiting list whom it is open to, and tells others what is in the way."""

import pytest

from accounts.models import Account, Customer
from tests.browsing import open_browser
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import NOW
from tests.tickets.public.test_kept_for_one import compare
from tests.tickets.public.test_kept_pages import clear
from tests.tickets.public.test_schedule_for_members import add_class, book_for, rows
from tests.worlds.river import RiverStudio
from tickets.models import EntryPlaces, Ticket

pytestmark = pytest.mark.django_db

JOIN, MEMBERS = "Full Join waiting list", "Full Waiting list for members"


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


@pytest.fixture
def full(personal: RiverStudio) -> RiverStudio:
    """A class that is full, with Gold's ticket alone."""
    EntryPlaces.objects.filter(entry=personal.entry).update(taken=10)
    personal.drop_in.retired_at = NOW
    personal.drop_in.save()
    return personal


def customer(studio: RiverStudio) -> Customer:
    """Somebody whom the studio knows, and who is in none of its groups."""
    return CustomerFactory.create(account=studio.account, user=UserFactory.create())


def test_a_members_ticket_leads_members_there_and_tells_everybody_else_whose_it_is(full: RiverStudio) -> None:
    for browser in (open_browser(), open_browser(UserFactory.create()), open_browser(customer(full))):
        assert rows(browser) == [MEMBERS]
    assert rows(open_browser(full.member())) == [JOIN]


def test_everybody_may_wait_for_an_ordinary_ticket(full: RiverStudio) -> None:
    Ticket.objects.update(retired_at=None)

    for browser in (open_browser(), open_browser(UserFactory.create()), open_browser(customer(full))):
        assert rows(browser) == [JOIN]


def test_where_a_booking_has_to_be_confirmed_only_a_login_can_wait(full: RiverStudio) -> None:
    Ticket.objects.update(retired_at=None)
    stranger = open_browser()
    assert rows(stranger) == [JOIN]
    Account.objects.update(confirms_free_bookings=True)

    assert rows(stranger) == ["Full Waiting list for those logged in"]
    assert rows(open_browser(full.member())) == [JOIN]


def test_who_has_used_up_their_tickets_reads_that(full: RiverStudio) -> None:
    member = full.member()
    for days in (3, 4, 5):
        entry, ticket = add_class(full, days)
        book_for(member, entry, ticket)

    assert rows(open_browser(member))[0] == "Full 0 of 3 tickets left"


def test_nobody_waits_for_what_is_not_on_sale_yet_or_any_more(full: RiverStudio) -> None:
    browser, member = open_browser(), open_browser(full.member())
    Ticket.objects.filter(pk=full.gold.pk).update(opens_minutes_before=60)
    assert (rows(browser), rows(member)) == (["Full"], ["Full"])

    Ticket.objects.filter(pk=full.gold.pk).update(opens_minutes_before=None, closes_minutes_before=60 * 24 * 300)
    assert (rows(browser), rows(member)) == (["Booking closed"], ["Booking closed"])


def test_a_page_that_is_kept_says_so_too(full: RiverStudio) -> None:
    member = open_browser(full.member())
    before = compare(member)
    Account.objects.update(waiting_list="off")

    assert compare(member) != before
    assert rows(member) == ["Full"]
