"""*My bookings*: what a customer booked anywhere, and what their groups still give them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer, User
from groups.catalogue import archive_group
from groups.models import Group, Standing
from groups.services import add_customers, admit
from offers.eligibility import Attendee
from offers.models import Offer
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tests.sentences import FIRST_BOOKING, THREE_A_MONTH
from tests.worlds.river import RiverStudio
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.hold import release_basket, release_seats
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets, refresh_basket
from tickets.checkout.paying import check_out
from tickets.models import Booking, BookingState, Entry
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db

GOLD = f"Gold River Studio {THREE_A_MONTH} "
TABS = "Upcoming Past Cancelled"


def book_places(customer: Customer, entry: Entry, *, places: int = 1) -> Booking:
    """Book the entry's one ticket for a customer."""
    fresh = load_entry(entry)
    ticket = fresh.series.tickets.get()
    attendees = [Attendee.SELF if ticket.exclusive else Attendee.GUEST] * places
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=each) for each in attendees]
    return book(fresh, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW).booking


def create_gold_entry(studio: RiverStudio, **fields: object) -> Entry:
    entry = EntryFactory.create(page=studio.page, **fields)
    TicketFactory.create(entry=entry, group=studio.group)
    return entry


def test_whoever_is_not_logged_in_is_asked_to_and_comes_back(client: Client, db: None) -> None:
    response = client.get("/my/?show=past")

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/my/%3Fshow%3Dpast")


def test_bookings_of_every_studio_each_in_its_own_time_zone(studio: RiverStudio) -> None:
    user = UserFactory.create()
    here = CustomerFactory.create(account=studio.account, user=user, email=user.email)
    kiwi = AccountFactory.create(name="Kiwi Dance", time_zone="Pacific/Auckland")
    there = CustomerFactory.create(account=kiwi, user=user, email=user.email)
    salsa = EntryFactory.create(
        page=SchedulePageFactory.create(account=kiwi, title="Kiwi Dance"),
        title="Salsa",
        starts_at=datetime(2030, 1, 17, 11, 30, tzinfo=UTC),
    )
    yoga = EntryFactory.create(page=studio.page, title="Yoga")
    for entry in (salsa, yoga):
        TicketFactory.create(entry=entry)
    book_places(there, salsa, places=2)
    book_places(here, yoga)
    book_places(CustomerFactory.create(account=studio.account), yoga)

    assert page_text(open_browser(here).get("/my/")) == (
        f"My bookings {TABS} "
        "Thu 17 Jan 12:00 – 13:00 Yoga River Studio Europe/London 1 ticket "
        "Fri 18 Jan 00:30 – 01:30 Salsa Kiwi Dance Pacific/Auckland 2 tickets "
        "Book at River Studio Book at Kiwi Dance"
    )


def test_what_is_past_and_what_was_cancelled(personal: RiverStudio) -> None:
    member = personal.member()
    client = open_browser(member)
    kept = book_places(member, create_gold_entry(personal, title="Kept", starts_at=NOW + timedelta(days=1)))
    gone = book_places(member, create_gold_entry(personal, title="Gone", starts_at=NOW + timedelta(days=2)))
    path = f"/my/bookings/{gone.uuid}/cancel/"
    client.post(path, form_fields(client.get(path)))
    Entry.objects.filter(seats__booking=kept).update(starts_at=NOW, ends_at=NOW + timedelta(hours=1))

    shown = [
        page_text(client.get(f"/my/?show={tab}")).partition("Your groups")[0] for tab in ("past", "cancelled", "x")
    ]

    tabs = f"My bookings {TABS} "
    two_left = "Gold 2 of 3 left until 2 February; resets on 3 February."
    assert shown == [
        f"{tabs}Tue 15 Jan 12:00 – 13:00 Kept 1 ticket Book at River Studio ",
        f"{tabs}Thu 17 Jan 12:00 – 13:00 Gone Cancelled Book at River Studio ",
        f"My bookings {two_left} {TABS} No bookings yet {FIRST_BOOKING} River Studio ",
    ]


def test_a_studio_where_they_have_never_been_puts_nothing_onto_their_page(client: Client, studio: RiverStudio) -> None:
    user = UserFactory.create(email="ada@example.org")
    SchedulePageFactory.create(account=GroupFactory.create(name="Claim your refund").account, slug="foreign")
    for group in (studio.group, Group.objects.get(name="Claim your refund")):
        add_customers(group, {user.email: ""}, now=NOW)
    OfferFactory.create(group=studio.group, page=studio.page, limit=3)
    client.force_login(user)
    nothing = f"My bookings {TABS} No bookings yet {FIRST_BOOKING}"
    assert page_text(client.get("/my/")) == f"{nothing} Go to the home page"

    client.get("/river/")

    assert page_text(client.get("/my/")) == (
        f"My bookings Gold 3 of 3 left until 14 February; resets on 15 February. {TABS} No bookings yet "
        f"{FIRST_BOOKING} River Studio Your groups and what you have left {GOLD}"
        "0 of 3 used 15 January – 14 February 2030 · resets on 15 February 2030 Book at River Studio"
    )


def test_somebody_new_is_pointed_onwards(client: Client, db: None) -> None:
    client.force_login(UserFactory.create())

    assert page_text(client.get("/my/")) == (f"My bookings {TABS} No bookings yet {FIRST_BOOKING} Go to the home page")
    assert page_text(client.get("/my/?show=past")).endswith("No past bookings Bookings move here automatically.")


def test_a_use_is_seen_to_be_spent_and_to_come_back(personal: RiverStudio) -> None:
    member = personal.member()
    client = open_browser(member)

    def groups() -> str:
        return page_text(client.get("/my/")).partition("Your groups and what you have left ")[2]

    period = "3 January – 2 February 2030 · resets on 3 February 2030 Book at River Studio"
    assert groups() == f"{GOLD}0 of 3 used {period}"

    booking = book_places(member, create_gold_entry(personal))
    assert groups() == f"{GOLD}1 of 3 used {period}"

    path = f"/my/bookings/{booking.uuid}/cancel/"
    client.post(path, form_fields(client.get(path)))
    assert groups() == f"{GOLD}0 of 3 used {period}"


def test_a_use_of_the_next_period_is_shown_there(personal: RiverStudio) -> None:
    member = personal.member()
    book_places(member, create_gold_entry(personal, starts_at=datetime(2030, 2, 3, 9, tzinfo=UTC)))

    assert page_text(open_browser(member).get("/my/")).partition(GOLD)[2] == (
        "0 of 3 used 3 January – 2 February 2030 · resets on 3 February 2030 "
        "1 of 3 used 3 February – 2 March 2030 Book at River Studio"
    )


def test_other_terms(studio: RiverStudio) -> None:
    member = studio.member()
    group = GroupFactory.create(account=studio.account, name="Silver")
    add_member(group, member, until=NOW + timedelta(days=10))
    OfferFactory.create(group=studio.group, additional_attendees=1)
    OfferFactory.create(group=group, ticket=studio.drop_in, limit=5, ongoing=False)

    assert page_text(open_browser(member).get("/my/")).partition("what you have left ")[2] == (
        "Gold River Studio Unlimited tickets, for you and 1 guest. 0 used · unlimited "
        "Silver River Studio Until 25 January 2030, 12:00 (Europe/London). 5 tickets in total, for you only. "
        "0 of 5 used Book at River Studio"
    )


def test_what_is_not_theirs_any_more_is_not_shown(personal: RiverStudio) -> None:
    """Deleted and disabled offers, archived groups, groups they left, and everybody else's."""
    member = personal.member()
    archived, left = (GroupFactory.create(account=personal.account, name=name) for name in ("Archived", "Left"))
    for group in (archived, left):
        add_member(group, member)
        OfferFactory.create(group=group, page=personal.page)
    archive_group(archived, now=NOW)
    Standing.objects.filter(member__group=left).update(until=NOW)
    OfferFactory.create(group=personal.group, enabled=False, limit=77)
    OfferFactory.create(group=personal.group, deleted_at=NOW, limit=78)
    book_places(personal.member(name="Eve"), create_gold_entry(personal))

    assert page_text(open_browser(member).get("/my/")).partition("what you have left ")[2] == (
        f"{GOLD}0 of 3 used 3 January – 2 February 2030 · resets on 3 February 2030 Book at River Studio"
    )


def test_a_group_without_an_offer(studio: RiverStudio) -> None:
    assert page_text(open_browser(studio.member()).get("/my/")).partition("what you have left ")[2] == (
        "Gold River Studio River Studio has no offers for this group at the moment."
    )


def test_the_two_grounds_of_one_member_are_one_group(personal: RiverStudio) -> None:
    member = personal.member()
    standing = Standing.objects.get()
    Standing.objects.create(
        account=standing.account,
        member=standing.member,
        source="membership",
        ground=uuid4(),
        since=NOW - timedelta(days=1),
        anchor=date(2030, 1, 14),
    )

    assert page_text(open_browser(member).get("/my/")).partition("what you have left ")[2] == (
        f"{GOLD}0 of 3 used 14 January – 13 February 2030 · resets on 14 February 2030 Book at River Studio"
    )


def subscribe_in_new_york(studio: RiverStudio, *, until: datetime | None = None) -> Customer:
    """Billed since 30 November, 21:00 in New York: the next payments are on the evenings of 31 December and January."""
    type(studio.account).objects.update(time_zone="America/New_York")
    studio.account.refresh_from_db()
    member, billed = create_customer_with_login(studio.account, name="Ada"), datetime(2029, 12, 1, 2, tzinfo=UTC)
    terms: dict[str, Any] = {"since": billed, "anchor_at": billed, "uses_reset_on": None, "until": until, "now": NOW}
    admit(studio.group, member, ground=uuid4(), **terms)
    return member


def test_uses_reset_on_the_local_day_of_the_next_payment(personal: RiverStudio) -> None:
    member = subscribe_in_new_york(personal)

    assert page_text(open_browser(member).get("/my/")).partition("what you have left ")[2] == (
        f"{GOLD}0 of 3 used 31 December 2029 – 30 January 2030 · resets on 31 January 2030 Book at River Studio"
    )


def test_nothing_resets_when_the_membership_ends(personal: RiverStudio) -> None:
    member = subscribe_in_new_york(personal, until=datetime(2030, 2, 1, 2, tzinfo=UTC))

    assert "0 of 3 used 31 December 2029 – 31 January 2030 Book at" in page_text(open_browser(member).get("/my/"))
    card = page_text(open_browser(member).get(personal.entry_path))
    assert "3 of 3 left until 31 January 2030." in card
    assert "Resets" not in card


def test_it_stays_out_of_search_engines(studio: RiverStudio) -> None:
    response = open_browser(studio.member()).get("/my/")

    assert (response["X-Robots-Tag"], "no-store" in response["Cache-Control"]) == ("noindex", True)


def fill_basket(customer: Customer, *entries: Entry) -> Booking:
    """Put one ticket at each entry into a basket."""
    basket = None
    for entry in entries:
        fresh = load_entry(entry)
        wanted = [WantedTicket(ticket=fresh.series.tickets.get().pk, name="Ada")]
        basket = add_tickets(basket, fresh, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)
    assert basket is not None
    return basket


def test_a_basket_under_way_is_on_top_and_is_no_booking(studio: RiverStudio) -> None:
    member = studio.member()
    fill_basket(member, create_entry(studio), create_entry(studio))

    page = open_browser(member).get("/my/")

    assert page_text(page).startswith(
        "My bookings You have a basket at River Studio. 2 tickets, held until 12:15 (Europe/London). Go to basket "
        f"{TABS} No bookings yet "
    )
    assert 'href="/river/basket/"' in page.content.decode()


def test_one_that_is_at_the_checkout_says_so(studio: RiverStudio) -> None:
    member = studio.member()
    fill_basket(member, create_entry(studio))
    Booking.objects.update(state=BookingState.PAYING, held_until=NOW - timedelta(minutes=1))

    assert "You have a basket at River Studio. 1 ticket: not paid yet. Go to basket" in page_text(
        open_browser(member).get("/my/")
    )


def test_baskets_that_are_over_or_hold_nothing_are_not_shown(studio: RiverStudio) -> None:
    member = studio.member()
    over, late, empty = (fill_basket(member, create_entry(studio)) for _ in range(3))
    release_basket(over.pk, now=NOW)
    Booking.objects.filter(pk=late.pk).update(held_until=NOW)
    release_seats(list(empty.seats.values_list("pk", flat=True)), now=NOW)
    fill_basket(studio.member(name="Eve"), create_entry(studio))

    assert page_text(open_browser(member).get("/my/")).startswith(f"My bookings {TABS} No bookings yet ")


def test_each_event_of_a_booking_has_its_line(studio: RiverStudio) -> None:
    member = studio.member()
    entries = [create_entry(studio, title=f"Class {days}", days=days) for days in (1, 2, 3)]
    basket = fill_basket(member, *entries)
    check_out(
        basket,
        person_of_customer(member),
        refresh_basket(basket, person_of_customer(member), now=NOW).basket_version,
        now=NOW,
    )
    cancel_entry(entries[1], now=NOW)
    Entry.objects.filter(pk=entries[0].pk).update(starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    client = open_browser(member)

    shown = [
        page_text(client.get(f"/my/?show={tab}")).partition(" Your groups")[0]
        for tab in ("upcoming", "past", "cancelled")
    ]

    tabs, back = f"My bookings {TABS} ", "Book at River Studio"
    assert shown == [
        f"{tabs}Fri 18 Jan 12:00 – 13:00 Class 3 1 ticket {back}",
        f"{tabs}Tue 15 Jan 12:00 – 13:00 Class 1 1 ticket {back}",
        f"{tabs}Thu 17 Jan 12:00 – 13:00 Class 2 Cancelled {back}",
    ]


def test_a_basket_is_not_said_to_be_booked_on_the_page_of_its_event(studio: RiverStudio) -> None:
    member = studio.member()
    entry = create_entry(studio)
    fill_basket(member, entry)

    assert "You’ve booked this." not in page_text(open_browser(member).get(f"/river/entries/{entry.uuid}/"))


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_eleven_statements(
    studio: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    member = studio.member()
    for number in range(count):
        book_places(member, create_entry(studio))
        fill_basket(member, create_entry(studio))
        group = studio.group if number == 0 else GroupFactory.create(account=studio.account)
        if number:
            add_member(group, member)
        OfferFactory.create(group=group, page=studio.page, limit=3)
    client = open_browser(member)

    with django_assert_num_queries(11):
        response = client.get("/my/")

    assert (response.content.decode().count('class="entry"'), Offer.objects.count()) == (count, count)


def create_entry(studio: RiverStudio, *, days: int = 2, **fields: object) -> Entry:
    entry = EntryFactory.create(page=studio.page, starts_at=NOW + timedelta(days=days), **fields)
    TicketFactory.create(entry=entry)
    return entry


def test_the_menu_of_whoever_is_logged_in(studio: RiverStudio) -> None:
    member = studio.member()
    user = User.objects.get()

    bar = open_browser(member).get("/river/").content.decode().partition("<main")[0]

    assert f"<b>{user.email}</b>" in bar
    assert [link in bar for link in ('href="/my/"', 'href="/my/details/"', 'action="/accounts/logout/"')] == [True] * 3
    assert ">Log in<" in Client().get("/river/").content.decode().partition("<main")[0]
