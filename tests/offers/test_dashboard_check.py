"""*Check access*: the rule's own answer, and what an operator can do about it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer
from groups.models import Group
from offers.eligibility import Attendee
from offers.models import Offer, OfferKind
from tests import dashboard_sentences as says
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    load_entry,
)
from tests.sentences import ALREADY_AT_EVENT, MEMBERS_ONLY, NOT_INCLUDED
from tests.worlds.dashboard import open_dashboard
from tests.worlds.members_studio import MembersStudio
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Entry, EntryPlaces, Ticket, TicketCost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


class CheckedStudio(MembersStudio):
    """Ada, whose group's offer gives two tickets a month, Yoga in two days, and the page *Check access* about both."""

    def __init__(self) -> None:
        super().__init__(members=0, entries=0, limit=2)
        self.add_entry(title="Yoga")
        self.add_member(name="Ada")
        self.dashboard = open_dashboard(self.account)

    def check(self, **query: Any) -> Any:
        asked = {"customer": self.customer.pk, "at": f"{self.entry.pk}-{self.ticket.pk}", **query}
        return self.dashboard.get("check_access", asked)

    def says(self) -> str:
        response = self.check()
        assert response.status_code == 200
        return page_text(response)

    def links(self, name: str, **parts: object) -> bool:
        """Whether the answer leads to this page."""
        return f'href="{self.dashboard.url(name, **parts)}"' in self.check().content.decode()

    def book_at(self, entry: Entry) -> None:
        """Book Ada's own ticket at another entry of the series."""
        wanted = [WantedTicket(ticket=self.ticket.pk, name="Ada", attendee=Attendee.SELF)]
        book(load_entry(entry), self.customer, wanted, who=person_of_customer(self.customer), key=uuid4(), now=NOW)


@pytest.fixture
def studio() -> CheckedStudio:
    return CheckedStudio()


def test_who_may_book_and_for_whom(studio: CheckedStudio) -> None:
    page = studio.says()

    assert (
        "For themselves Can book They’ll see “You can book this ticket. 1 ticket left after this, until 2 February "
        "2030.” "
        "What you can do They can book it now. You don’t need to do anything."
    ) in page
    assert "For a guest Can’t book They’ll see “Your membership is for personal use" in page
    assert (
        "In the group since 16 Nov 2029. Added manually. "
        "Included in “Offer 1”: 2 of 2 left until 2 February; resets on 3 February."
    ) in page
    assert studio.links("group", pk=studio.group.pk)


def test_who_has_no_login_is_to_be_told_how_to_get_one(studio: CheckedStudio) -> None:
    Customer.objects.update(seen_at=None)
    assert says.THEY_HAVE_NOT_LOGGED_IN in studio.says()

    studio.book_at(studio.entry)

    assert says.THEY_HAVE_NOT_LOGGED_IN not in studio.says()


def test_who_is_not_in_the_group_is_to_be_added(studio: CheckedStudio) -> None:
    studio.customers[0] = CustomerFactory.create(account=studio.entry.account, email="otto@example.org")

    page = studio.says()

    assert (
        f"For themselves or a guest Can’t book They’ll see “{MEMBERS_ONLY} You’re logged in as otto@example.org."
        in page
    )
    assert "What you can do Add otto@example.org to “Members”. Add to “Members”" in page
    assert "Members Not in the group." in page


def test_who_was_in_the_group_is_told_apart(studio: CheckedStudio) -> None:
    studio.customer.group_members.get().standings.update(until=NOW)

    assert "Members Used to be in the group, but isn’t now." in studio.says()


def test_an_archived_group_opens_nothing(studio: CheckedStudio) -> None:
    Group.objects.update(archived_at=NOW)

    page = studio.says()

    assert "All this ticket’s customer groups are archived." in page
    assert "The group is archived, so nobody can book through it." in page


def test_a_standing_that_ends_before_the_event(studio: CheckedStudio) -> None:
    studio.customer.group_members.get().standings.update(until=NOW + timedelta(days=1))

    page = studio.says()

    assert "“Your membership ends on 16 January 2030, 12:00, before this event.”" in page
    assert "They leave the group before the event." in page
    assert "In the group since 16 Nov 2029, until 16 Jan 2030, 12:00." in page


def test_a_disabled_offer_is_to_be_enabled(studio: CheckedStudio) -> None:
    Offer.objects.update(enabled=False)

    page = studio.says()

    assert f"“{NOT_INCLUDED}”" in page
    assert "“Offer 1” of “Members” is disabled. Enable it, and check that it includes this ticket. Enable offer" in page
    assert studio.links("offer_edit", pk=studio.group.pk, offer=studio.offer.pk)
    assert "This group has no enabled offer that includes the ticket." in page


def test_an_offer_for_other_tickets_is_to_include_this_one(studio: CheckedStudio) -> None:
    studio.offer.coverage.all().delete()

    assert "Include this ticket in “Offer 1” of “Members”. Include this ticket Edit offer" in studio.says()


def test_a_group_without_an_offer_is_to_get_one(studio: CheckedStudio) -> None:
    Offer.objects.update(deleted_at=NOW)

    assert "“Members” has no offer yet. Add offer" in studio.says()
    assert studio.links("offer_new", pk=studio.group.pk)


def test_a_used_up_limit_shows_the_bookings_that_used_it(studio: CheckedStudio) -> None:
    for days in (3, 4):
        starts = NOW + timedelta(days=days)
        studio.book_at(
            EntryFactory.create(
                page=studio.entry.page, series=studio.entry.series, title=f"Day {days}", starts_at=starts
            )
        )

    page = studio.says()

    assert "Maximum 2 tickets between 3 January 2030 and 2 February 2030 (inclusive).”" in page
    assert "Their uses reset on 3 February 2030, for events from that date." in page
    assert "Included in “Offer 1”: 0 of 2 left until 2 February; resets on 3 February." in page
    assert "Day 3, Fri 18 Jan 2030, 12:00 · Ada Day 4, Sat 19 Jan 2030, 12:00 · Ada" in page
    assert studio.links("offer_replace", pk=studio.group.pk, offer=studio.offer.pk)


def test_an_allowance_for_good_does_not_come_back(studio: CheckedStudio) -> None:
    Offer.objects.update(limit=1, ongoing=False)
    studio.book_at(EntryFactory.create(page=studio.entry.page, series=studio.entry.series))

    page = studio.says()

    assert "“Limit reached. Maximum 1 ticket.”" in page
    assert "These uses don’t reset." in page
    assert "Included in “Offer 1”: 0 of 1 left." in page


def test_who_is_booked_already(studio: CheckedStudio) -> None:
    studio.book_at(studio.entry)

    assert f"For themselves Can’t book They’ll see “{ALREADY_AT_EVENT}”" in studio.says()


def test_a_full_entry(studio: CheckedStudio) -> None:
    EntryPlaces.objects.update(capacity=0)

    page = studio.says()

    assert ("“Sold out.”" in page, "0 of 0 taken" in page) == (True, True)
    assert "Add a space to this date: 1 instead of 0. Add a space Book it for them" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"opens_minutes_before": 60}, "“On sale from 17 January 2030, 11:00.”"),
        ({"closes_minutes_before": 10**5}, "“Booking closed on"),
    ],
)
def test_outside_the_sale_window(studio: CheckedStudio, fields: dict[str, int], sentence: str) -> None:
    Ticket.objects.update(**fields)

    page = studio.says()

    assert (sentence in page, "you can book outside its sale times" in page) == (True, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cancelled_at": NOW}, "“This event has been cancelled.”"),
        ({"starts_at": NOW - timedelta(hours=1)}, "“This event has already started.”"),
    ],
)
def test_an_entry_that_is_over_or_off(studio: CheckedStudio, fields: dict[str, Any], sentence: str) -> None:
    Entry.objects.update(**fields)

    page = studio.says()

    assert (sentence in page, "Choose another entry." in page) == (True, True)


def test_a_ticket_taken_off_sale(studio: CheckedStudio) -> None:
    Ticket.objects.update(retired_at=NOW)

    assert "This ticket is no longer on sale, so nobody can book it." in studio.says()


def test_two_more_people_than_the_offer_allows(studio: CheckedStudio) -> None:
    Offer.objects.update(audience="additional", additional_attendees=1, limit=None)
    studio.book_at(studio.entry)
    guest = [WantedTicket(ticket=studio.ticket.pk, name="Grace")]
    entry = load_entry(studio.entry)
    book(entry, studio.customer, guest, who=person_of_customer(studio.customer), key=uuid4(), now=NOW)

    page = studio.says()

    assert "For a guest Can’t book They’ll see “Your membership covers up to 2 people at each event.”" in page
    assert "Included in “Offer 1”, without a limit." in page


# Choosing


def test_a_customer_is_searched_for_and_chosen(studio: CheckedStudio) -> None:
    other = CustomerFactory.create(account=studio.entry.account, name="Zoë 🌸")
    CustomerFactory.create(name="Zoë of another studio")

    page = studio.dashboard.get("check_access", {"q": "zo", "group": studio.group.pk})

    assert ("Zoë 🌸" in page_text(page), "another studio" in page_text(page), "Ada" in page_text(page)) == (
        True,
        False,
        False,
    )
    assert f"?q=zo&amp;group={studio.group.pk}" not in page.content.decode()
    assert f"group={studio.group.pk}&amp;customer={other.pk}" in page.content.decode()
    assert "No customers match “nobody”." in page_text(studio.dashboard.get("check_access", {"q": "nobody"}))


def test_ten_customers_are_listed_on_a_page(studio: CheckedStudio) -> None:
    for number in range(11):
        CustomerFactory.create(account=studio.entry.account, name=f"Twin {number:02}")

    page = page_text(studio.dashboard.get("check_access", {"q": "twin"}))

    assert ("Twin 09" in page, "Twin 10" in page, "Next" in page) == (True, False, True)


def test_tickets_to_choose_are_exclusive_ahead_and_the_groups(studio: CheckedStudio) -> None:
    page = studio.entry.page
    other = EntryFactory.create(page=page, title="Climbing")
    TicketFactory.create(entry=other, group=GroupFactory.create(account=page.account), name="Family place")
    TicketFactory.create(entry=other, name="Drop-in")
    past = EntryFactory.create(page=page, title="Past", starts_at=NOW - timedelta(days=1))
    TicketFactory.create(entry=past, group=studio.group, name="Too late")

    every = page_text(studio.dashboard.get("check_access", {"customer": studio.customer.pk}))
    theirs = page_text(studio.dashboard.get("check_access", {"customer": studio.customer.pk, "group": studio.group.pk}))

    assert "Thu 17 Jan 2030, 12:00 · Yoga · Member place Thu 17 Jan 2030, 12:00 · Climbing · Family place" in every
    assert ("Drop-in" in every, "Too late" in every) == (False, False)
    assert ("Member place" in theirs, "Family place" in theirs) == (True, False)
    found = page_text(studio.dashboard.get("check_access", {"customer": studio.customer.pk, "find": "climb"}))
    assert ("Family place" in found, "Member place" in found) == (True, False)
    nothing = page_text(studio.dashboard.get("check_access", {"customer": studio.customer.pk, "find": "swim"}))
    assert "No upcoming entries that match “swim” have an exclusive ticket or one with a cost." in nothing


def test_without_exclusive_tickets_the_page_says_how_to_make_one() -> None:
    at = open_dashboard(AccountFactory.create())
    customer = CustomerFactory.create(account=at.account)

    page = page_text(at.get("check_access", {"customer": customer.pk}))

    assert "None of your upcoming entries has an exclusive ticket or one with a cost." in page


@pytest.mark.parametrize(
    "query",
    [
        {"customer": "x"},
        {"customer": "9" * 30},
        {"at": "1-2-3"},
        {"at": "x-y"},
        {"at": f"{'9' * 30}-1"},
        {"at": f"1-{'9' * 30}"},
        {"q": "\x00"},
        {"find": "\x00"},
        {"group": "٣"},
    ],
)
def test_a_mangled_address_shows_what_there_is(studio: CheckedStudio, query: dict[str, str]) -> None:
    assert studio.check(**query).status_code == 200


def test_nothing_of_another_studio_is_answered(studio: CheckedStudio) -> None:
    charlie = open_dashboard(AccountFactory.create())
    theirs = {"customer": studio.customer.pk, "group": studio.group.pk, "at": f"{studio.entry.pk}-{studio.ticket.pk}"}

    page = page_text(charlie.get("check_access", theirs))
    own = page_text(
        charlie.get("check_access", theirs | {"customer": CustomerFactory.create(account=charlie.account).pk})
    )

    assert [secret in page + own for secret in ("Ada", "Members", "Yoga", "Member place")] == [False] * 4


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_takes_as_many_queries_after_three_bookings_as_after_one(
    studio: CheckedStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Offer.objects.update(limit=5)
    for days in range(3, 3 + count):
        starts = NOW + timedelta(days=days)
        studio.book_at(EntryFactory.create(page=studio.entry.page, series=studio.entry.series, starts_at=starts))
    studio.check()

    with django_assert_num_queries(15):
        studio.check()


# What they pay


def charge(studio: CheckedStudio, price: int = 1200) -> None:
    studio.ticket.cost, studio.ticket.price = TicketCost.COST, price
    studio.ticket.save()


def test_what_costs_nothing_says_nothing_of_paying(studio: CheckedStudio) -> None:
    assert "They’ll pay" not in studio.says()


def test_what_they_pay_and_by_which_discount(studio: CheckedStudio) -> None:
    charge(studio)
    discount = OfferFactory.create(group=studio.group, kind=OfferKind.DISCOUNT, percent=10, page=studio.entry.page)
    without = "but nobody can pay until your account is connected to Stripe"

    page = studio.says()

    assert f"They’ll pay £10.80, {without} ( £12.00 less 10% off, with “Offer 2” of “Members” ) What you can do" in page
    assert f"They’ll pay £12.00, {without} What you can do" in page
    assert studio.links("offer_edit", pk=studio.group.pk, offer=discount.pk)


def test_the_price_of_an_ordinary_ticket_can_be_asked_for(studio: CheckedStudio) -> None:
    studio.tickets[0] = TicketFactory.create(entry=studio.entry, name="Drop-in", cost=TicketCost.COST, price=1200)
    terms = {"amount_off": 500, "additional_attendees": 1}
    OfferFactory.create(group=studio.group, kind=OfferKind.DISCOUNT, ticket=studio.ticket, **terms)

    page = studio.says()

    assert "Thu 17 Jan 2030, 12:00 · Yoga · Drop-in" in page
    assert "For themselves or a guest Can book" in page
    assert "( £12.00 less £5.00 off, with “Offer 2” of “Members” )" in page


def test_a_discount_is_no_offer_to_edit_for_who_cannot_book(studio: CheckedStudio) -> None:
    studio.offer.coverage.all().delete()
    studio.offer.deleted_at = NOW
    studio.offer.save()
    OfferFactory.create(group=studio.group, kind=OfferKind.DISCOUNT, percent=10, page=studio.entry.page)

    assert "“Members” has no offer of exclusive tickets yet. Add offer" in studio.says()
