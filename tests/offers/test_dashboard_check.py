"""*Check access*: the rule's own answer, and what an operator can do about it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer
from groups.models import Group
from offers.dashboard.advice import _ADVICE
from offers.eligibility import Attendee, Reason
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
    add_member,
    create_customer_with_login,
)
from tests.sentences import ALREADY_AT_EVENT, MEMBERS_ONLY, NOT_INCLUDED
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.availability.facts import person_of_customer
from tickets.booking.book import WantedTicket, book
from tickets.models import Entry, EntryPlaces, Ticket, TicketCost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@dataclass
class Scene:
    """A member of a group, whose offer gives two tickets a month, and an exclusive ticket at an entry in two days."""

    at: Dashboard
    entry: Entry
    ticket: Ticket
    group: Group
    offer: Offer
    customer: Customer

    def check(self, **query: Any) -> Any:
        asked = {"customer": self.customer.pk, "at": f"{self.entry.pk}-{self.ticket.pk}", **query}
        return self.at.get("check_access", asked)

    def says(self) -> str:
        response = self.check()
        assert response.status_code == 200
        return page_text(response)

    def links(self, name: str, **parts: object) -> bool:
        """Whether the answer leads to this page."""
        return f'href="{self.at.url(name, **parts)}"' in self.check().content.decode()

    def book(self, entry: Entry) -> None:
        wanted = [WantedTicket(ticket=self.ticket.pk, name="Ada", attendee=Attendee.SELF)]
        found = Entry.objects.select_related("account", "page", "places", "series").get(pk=entry.pk)
        book(found, self.customer, wanted, who=person_of_customer(self.customer), key=uuid4(), now=NOW)


@pytest.fixture
def scene() -> Scene:
    entry = EntryFactory.create(title="Yoga")
    group = GroupFactory.create(account=entry.account, name="Members")
    customer = create_customer_with_login(entry.account, name="Ada")
    add_member(group, customer, anchor=date(2030, 1, 3))
    return Scene(
        at=open_dashboard(entry.account),
        entry=entry,
        ticket=TicketFactory.create(entry=entry, group=group, name="Member place"),
        group=group,
        offer=OfferFactory.create(group=group, page=entry.page, limit=2),
        customer=customer,
    )


def test_every_reason_of_the_rule_has_advice() -> None:
    assert set(_ADVICE) == set(Reason)


def test_who_may_book_and_for_whom(scene: Scene) -> None:
    page = scene.says()

    assert (
        "For themselves Can book They’ll see “You can book this ticket. 1 ticket left after this, until 2 February "
        "2030.” "
        "What you can do They can book it now. You don’t need to do anything."
    ) in page
    assert "For a guest Can’t book They’ll see “Your membership is for personal use" in page
    assert (
        "In the group since 16 Nov 2029. Added manually. Periods counted from 3 Jan 2030. "
        "Included in offer 1: 0 of 2 used between 3 Jan 2030 and 2 Feb 2030, 2 left."
    ) in page
    assert scene.links("group", pk=scene.group.pk)


def test_who_has_no_login_is_to_be_told_how_to_get_one(scene: Scene) -> None:
    assert says.THEY_HAVE_NOT_LOGGED_IN in scene.says()

    scene.book(scene.entry)

    assert says.THEY_HAVE_NOT_LOGGED_IN not in scene.says()


def test_who_is_not_in_the_group_is_to_be_added(scene: Scene) -> None:
    scene.customer = CustomerFactory.create(account=scene.entry.account, email="otto@example.org")

    page = scene.says()

    assert (
        f"For themselves or a guest Can’t book They’ll see “{MEMBERS_ONLY} You’re logged in as otto@example.org."
        in page
    )
    assert "What you can do Add otto@example.org to “Members”. Add customers" in page
    assert scene.links("customers_add", pk=scene.group.pk)
    assert "Members Not in the group." in page


def test_who_was_in_the_group_is_told_apart(scene: Scene) -> None:
    scene.customer.group_members.get().standings.update(until=NOW)

    assert "Members Used to be in the group, but isn’t now." in scene.says()


def test_an_archived_group_opens_nothing(scene: Scene) -> None:
    Group.objects.update(archived_at=NOW)

    page = scene.says()

    assert "All this ticket’s customer groups are archived." in page
    assert "The group is archived, so nobody can book through it." in page


def test_a_standing_that_ends_before_the_event(scene: Scene) -> None:
    scene.customer.group_members.get().standings.update(until=NOW + timedelta(days=1))

    page = scene.says()

    assert "“Your membership ends on 16 January 2030, 12:00, before this event.”" in page
    assert "They leave the group before the event." in page
    assert "In the group since 16 Nov 2029, until 16 Jan 2030, 12:00." in page


def test_a_disabled_offer_is_to_be_enabled(scene: Scene) -> None:
    Offer.objects.update(enabled=False)

    page = scene.says()

    assert f"“{NOT_INCLUDED}”" in page
    assert "Offer 1 of “Members” is disabled. Enable it, and check that it includes this ticket. Edit offer" in page
    assert scene.links("offer_edit", pk=scene.group.pk, offer=scene.offer.pk)
    assert "This group has no enabled offer that includes the ticket." in page


def test_an_offer_for_other_tickets_is_to_include_this_one(scene: Scene) -> None:
    scene.offer.coverage.all().delete()

    assert "Include this ticket in offer 1 of “Members”. Edit offer" in scene.says()


def test_a_group_without_an_offer_is_to_get_one(scene: Scene) -> None:
    Offer.objects.update(deleted_at=NOW)

    assert "“Members” has no offer yet. Add offer" in scene.says()
    assert scene.links("offer_new", pk=scene.group.pk)


def test_a_used_up_limit_shows_the_bookings_that_used_it(scene: Scene) -> None:
    for days in (3, 4):
        starts = NOW + timedelta(days=days)
        scene.book(
            EntryFactory.create(page=scene.entry.page, series=scene.entry.series, title=f"Day {days}", starts_at=starts)
        )

    page = scene.says()

    assert "Maximum 2 tickets between 3 January 2030 and 2 February 2030 (inclusive).”" in page
    assert "Their uses reset on 3 February 2030, for events from that date." in page
    assert "Included in offer 1: 2 of 2 used between 3 Jan 2030 and 2 Feb 2030, 0 left." in page
    assert "Day 3, Fri 18 Jan 2030, 12:00 · Ada Day 4, Sat 19 Jan 2030, 12:00 · Ada" in page
    assert scene.links("offer_replace", pk=scene.group.pk, offer=scene.offer.pk)


def test_an_allowance_for_good_does_not_come_back(scene: Scene) -> None:
    Offer.objects.update(limit=1, ongoing=False)
    scene.book(EntryFactory.create(page=scene.entry.page, series=scene.entry.series))

    page = scene.says()

    assert "“Limit reached. Maximum 1 ticket.”" in page
    assert "These uses don’t reset." in page
    assert "Included in offer 1: 1 of 1 used, 0 left. Uses don’t reset." in page


def test_who_is_booked_already(scene: Scene) -> None:
    scene.book(scene.entry)

    assert f"For themselves Can’t book They’ll see “{ALREADY_AT_EVENT}”" in scene.says()


def test_a_full_entry(scene: Scene) -> None:
    EntryPlaces.objects.update(capacity=0)

    page = scene.says()

    assert ("“Sold out.”" in page, "Increase the number of spaces." in page, "0 of 0 taken" in page) == (
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"opens_minutes_before": 60}, "“On sale from 17 January 2030, 11:00.”"),
        ({"closes_minutes_before": 10**5}, "“Booking closed on"),
    ],
)
def test_outside_the_sale_window(scene: Scene, fields: dict[str, int], sentence: str) -> None:
    Ticket.objects.update(**fields)

    page = scene.says()

    assert (sentence in page, "You can book outside its sale times" in page) == (True, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cancelled_at": NOW}, "“This event has been cancelled.”"),
        ({"starts_at": NOW - timedelta(hours=1)}, "“This event has already started.”"),
    ],
)
def test_an_entry_that_is_over_or_off(scene: Scene, fields: dict[str, Any], sentence: str) -> None:
    Entry.objects.update(**fields)

    page = scene.says()

    assert (sentence in page, "Choose another entry." in page) == (True, True)


def test_a_ticket_taken_off_sale(scene: Scene) -> None:
    Ticket.objects.update(retired_at=NOW)

    assert "This ticket is no longer on sale, so nobody can book it." in scene.says()


def test_two_more_people_than_the_offer_allows(scene: Scene) -> None:
    Offer.objects.update(audience="additional", additional_attendees=1, limit=None)
    scene.book(scene.entry)
    guest = [WantedTicket(ticket=scene.ticket.pk, name="Grace")]
    entry = Entry.objects.select_related("account", "page", "places", "series").get(pk=scene.entry.pk)
    book(entry, scene.customer, guest, who=person_of_customer(scene.customer), key=uuid4(), now=NOW)

    page = scene.says()

    assert "For a guest Can’t book They’ll see “Your membership covers up to 2 people at each event.”" in page
    assert "Included in offer 1, with unlimited uses: 2 used." in page


# Choosing


def test_a_customer_is_searched_for_and_chosen(scene: Scene) -> None:
    other = CustomerFactory.create(account=scene.entry.account, name="Zoë 🌸")
    CustomerFactory.create(name="Zoë of another studio")

    page = scene.at.get("check_access", {"q": "zo", "group": scene.group.pk})

    assert ("Zoë 🌸" in page_text(page), "another studio" in page_text(page), "Ada" in page_text(page)) == (
        True,
        False,
        False,
    )
    assert f"?q=zo&amp;group={scene.group.pk}" not in page.content.decode()
    assert f"group={scene.group.pk}&amp;customer={other.pk}" in page.content.decode()
    assert "No customers match “nobody”." in page_text(scene.at.get("check_access", {"q": "nobody"}))


def test_at_most_ten_customers_are_listed(scene: Scene) -> None:
    for number in range(11):
        CustomerFactory.create(account=scene.entry.account, name=f"Twin {number:02}")

    page = page_text(scene.at.get("check_access", {"q": "twin"}))

    assert ("Twin 09" in page, "Twin 10" in page, "Showing the first 10." in page) == (True, False, True)


def test_tickets_to_choose_are_exclusive_ahead_and_the_groups(scene: Scene) -> None:
    page = scene.entry.page
    other = EntryFactory.create(page=page, title="Climbing")
    TicketFactory.create(entry=other, group=GroupFactory.create(account=page.account), name="Family place")
    TicketFactory.create(entry=other, name="Drop-in")
    past = EntryFactory.create(page=page, title="Past", starts_at=NOW - timedelta(days=1))
    TicketFactory.create(entry=past, group=scene.group, name="Too late")

    every = page_text(scene.at.get("check_access", {"customer": scene.customer.pk}))
    theirs = page_text(scene.at.get("check_access", {"customer": scene.customer.pk, "group": scene.group.pk}))

    assert "Thu 17 Jan 2030, 12:00 · Yoga · Member place Thu 17 Jan 2030, 12:00 · Climbing · Family place" in every
    assert ("Drop-in" in every, "Too late" in every) == (False, False)
    assert ("Member place" in theirs, "Family place" in theirs) == (True, False)
    found = page_text(scene.at.get("check_access", {"customer": scene.customer.pk, "find": "climb"}))
    assert ("Family place" in found, "Member place" in found) == (True, False)
    nothing = page_text(scene.at.get("check_access", {"customer": scene.customer.pk, "find": "swim"}))
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
def test_a_mangled_address_shows_what_there_is(scene: Scene, query: dict[str, str]) -> None:
    assert scene.check(**query).status_code == 200


def test_nothing_of_another_studio_is_answered(scene: Scene) -> None:
    charlie = open_dashboard(AccountFactory.create())
    theirs = {"customer": scene.customer.pk, "group": scene.group.pk, "at": f"{scene.entry.pk}-{scene.ticket.pk}"}

    page = page_text(charlie.get("check_access", theirs))
    own = page_text(
        charlie.get("check_access", theirs | {"customer": CustomerFactory.create(account=charlie.account).pk})
    )

    assert [secret in page + own for secret in ("Ada", "Members", "Yoga", "Member place")] == [False] * 4


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_takes_as_many_queries_after_three_bookings_as_after_one(
    scene: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Offer.objects.update(limit=5)
    for days in range(3, 3 + count):
        starts = NOW + timedelta(days=days)
        scene.book(EntryFactory.create(page=scene.entry.page, series=scene.entry.series, starts_at=starts))
    scene.check()

    with django_assert_num_queries(17):
        scene.check()


# What they pay


def charge(scene: Scene, price: int = 1200) -> None:
    scene.ticket.cost, scene.ticket.price = TicketCost.COST, price
    scene.ticket.save()


def test_what_costs_nothing_says_nothing_of_paying(scene: Scene) -> None:
    assert "They’ll pay" not in scene.says()


def test_what_they_pay_and_by_which_discount(scene: Scene) -> None:
    charge(scene)
    discount = OfferFactory.create(group=scene.group, kind=OfferKind.DISCOUNT, percent=10, page=scene.entry.page)
    without = "but nobody can pay until your account is connected to Stripe"

    page = scene.says()

    assert f"They’ll pay £10.80, {without} ( £12.00 less 10% off, with offer 2 of “Members” ) What you can do" in page
    assert f"They’ll pay £12.00, {without} What you can do" in page
    assert scene.links("offer_edit", pk=scene.group.pk, offer=discount.pk)


def test_the_price_of_an_ordinary_ticket_can_be_asked_for(scene: Scene) -> None:
    scene.ticket = TicketFactory.create(entry=scene.entry, name="Drop-in", cost=TicketCost.COST, price=1200)
    terms = {"amount_off": 500, "additional_attendees": 1}
    OfferFactory.create(group=scene.group, kind=OfferKind.DISCOUNT, ticket=scene.ticket, **terms)

    page = scene.says()

    assert "Thu 17 Jan 2030, 12:00 · Yoga · Drop-in" in page
    assert "For themselves or a guest Can book" in page
    assert "( £12.00 less £5.00 off, with offer 2 of “Members” )" in page


def test_a_discount_is_no_offer_to_edit_for_who_cannot_book(scene: Scene) -> None:
    scene.offer.coverage.all().delete()
    scene.offer.deleted_at = NOW
    scene.offer.save()
    OfferFactory.create(group=scene.group, kind=OfferKind.DISCOUNT, percent=10, page=scene.entry.page)

    assert "“Members” has no offer of exclusive tickets yet. Add offer" in scene.says()
