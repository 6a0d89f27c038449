"""An entry's page: what each kind of visitor reads, exactly."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from groups.models import Standing
from groups.services import remove_by_hand
from offers.eligibility import Attendee
from offers.models import Offer
from tests.browsing import form_fields, open_browser, page_text, ticket_texts
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    load_entry,
)
from tests.sentences import ALREADY_AT_EVENT, LOG_IN_TO_BOOK, MEMBERS_ONLY, NOT_INCLUDED, THREE_A_MONTH
from tests.worlds.river import RiverStudio
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Coverage, Entry, EntryPlaces, Ticket

pytestmark = pytest.mark.django_db

DROP_IN = "Drop-in Free How many? Up to 6. Number of “Drop-in”"
STRANGER = (
    f"Gold place Members only {LOG_IN_TO_BOOK} Log in Added to the group by "
    "River Studio? Log in with the email address they have for you. If you don’t have a password yet, choose "
    "Forgotten your password?"
)


def book_gold(studio: RiverStudio, entry: Entry, customer: object, people: list[Attendee] | None = None) -> None:
    fresh = load_entry(entry)
    gold = fresh.series.tickets.get(exclusive=True)
    asked = [WantedTicket(ticket=gold.pk, name="Ada", attendee=each) for each in people or [Attendee.SELF]]
    book(fresh, customer, asked, who=person_of_customer(customer), key=uuid4(), now=NOW)  # type: ignore[arg-type]


def test_a_stranger_is_told_the_ways_in(client: Client, personal: RiverStudio) -> None:
    response = client.get(personal.entry_path)

    assert page_text(response) == (
        "River Studio Morning yoga Morning yoga Thursday 17 January 2030, 12:00 – 13:00 (Europe/London) Boat house "
        f"{DROP_IN} {STRANGER} You can cancel online until it starts. "
        "Continue You’ll review everything before booking."
    )
    back = f"%2Friver%2Fentries%2F{personal.entry.uuid}%2F%3Ft{personal.gold.pk}%3D1"
    assert f'href="/accounts/login/?next={back}"' in response.content.decode()
    assert f'href="/accounts/password/reset/?next={back}"' in response.content.decode()
    assert form_fields(response) == {f"t{personal.drop_in.pk}": "1"}


def test_the_way_in_is_told_once(client: Client, personal: RiverStudio) -> None:
    TicketFactory.create(entry=personal.entry, group=personal.group, name="Second", position=3)

    assert ticket_texts(client.get(personal.entry_path))[1:] == [
        STRANGER,
        f"Second Members only {LOG_IN_TO_BOOK}",
    ]


def test_somebody_who_is_not_in_the_group_is_asked_about_another_address(personal: RiverStudio) -> None:
    client = Client()
    client.force_login(UserFactory.create(email="eve@example.org"))

    assert ticket_texts(client.get(personal.entry_path)) == [
        DROP_IN,
        (
            f"Gold place Members only {MEMBERS_ONLY} You’re logged in as eve@example.org. "
            "Think you should have access? Ask River Studio which email address they added. Log in with a different "
            "address"
        ),
    ]


def test_who_never_proved_their_address_is_asked_to(personal: RiverStudio) -> None:
    member = personal.member()
    EmailAddress.objects.update(verified=False)
    type(member).objects.update(user=None)
    client = Client()
    client.force_login(UserFactory.create(email="unproved@example.org", proved=False))

    assert ticket_texts(client.get(personal.entry_path))[1] == (
        "Gold place Members only Confirm your email address unproved@example.org to book this ticket. "
        "Confirm your email address"
    )


def test_a_member_reads_which_offer_it_is_and_what_is_left_of_it(personal: RiverStudio) -> None:
    member = personal.member()
    earlier = EntryFactory.create(page=personal.page)
    TicketFactory.create(entry=earlier, group=personal.group)
    book_gold(personal, earlier, member)

    response = open_browser(member).get(personal.entry_path)

    assert ticket_texts(response) == [
        (
            f"Gold place Included Gold: {THREE_A_MONTH} "
            "2 of 3 left until 2 February; resets on 3 February. Book “Gold place”"
        ),
        DROP_IN,
    ]
    cut_off = "Cancel by Wednesday 16 January 2030, 12:00 (Europe/London) and you get your ticket back."
    assert f"{cut_off} After that you can still cancel, but you lose the ticket. Continue" in page_text(response)


def test_a_member_with_guests_reads_how_many_may_come(family: RiverStudio) -> None:
    assert ticket_texts(open_browser(family.member()).get(family.entry_path))[0] == (
        "Gold place Included Gold: 3 tickets a month, for you and up to 2 guests. "
        "3 of 3 left until 2 February; resets on 3 February. "
        "How many? Up to 3. Number of “Gold place”"
    )


def test_an_offer_without_limit_counts_nothing(studio: RiverStudio) -> None:
    OfferFactory.create(group=studio.group, page=studio.page)

    assert ticket_texts(open_browser(studio.member()).get(studio.entry_path))[0] == (
        "Gold place Included Gold: Unlimited tickets, for you only. Book “Gold place”"
    )


def test_who_has_used_it_up_reads_bookwhens_sentence_and_the_way_to_the_next_period(personal: RiverStudio) -> None:
    member = personal.member()
    for _ in range(3):
        entry = EntryFactory.create(page=personal.page)
        TicketFactory.create(entry=entry, group=personal.group)
        book_gold(personal, entry, member)

    response = open_browser(member).get(personal.entry_path)

    assert ticket_texts(response)[1] == (
        "Gold place Limit reached Limit reached for period. Maximum 3 tickets between 3 January 2030 and "
        "2 February 2030 (inclusive). See events after your tickets reset"
    )
    assert 'href="/river/?from=2030-02-03"' in response.content.decode()


def test_the_next_period_can_be_booked_now(personal: RiverStudio) -> None:
    Offer.objects.update(limit=1)
    member = personal.member()
    book_gold(personal, personal.entry, member)
    later = EntryFactory.create(page=personal.page, starts_at=datetime(2030, 2, 3, 9, tzinfo=UTC))
    TicketFactory.create(entry=later, group=personal.group, name="Gold place")

    assert ticket_texts(open_browser(member).get(f"/river/entries/{later.uuid}/")) == [
        (
            "Gold place Included Gold: 1 ticket a month, for you only. "
            "1 of 1 left until 2 March; resets on 3 March. Book “Gold place”"
        )
    ]


def test_who_has_booked_it_is_sent_to_their_booking(personal: RiverStudio) -> None:
    member = personal.member()
    book_gold(personal, personal.entry, member)
    uuid = member.bookings.get().uuid

    response = open_browser(member).get(personal.entry_path)

    assert "You’ve booked this. See your booking" in page_text(response)
    assert ticket_texts(response) == [
        DROP_IN,
        f"Gold place Booked {ALREADY_AT_EVENT} See your booking",
    ]
    assert response.content.decode().count(f'href="/my/bookings/{uuid}/"') == 2
    assert form_fields(response) == {f"t{personal.drop_in.pk}": "0"}


def test_nobody_is_shown_the_booking_of_somebody_else(client: Client, personal: RiverStudio) -> None:
    """Neither a stranger nor another member: a booking's uuid is its secret."""
    without_login = CustomerFactory.create(account=personal.account)
    asked = [WantedTicket(ticket=personal.drop_in.pk, name="Zoe")]
    fresh = load_entry(personal.entry)
    booking = book_by_studio(fresh, without_login, asked, key=uuid4(), now=NOW).booking

    for browser in (client, open_browser(personal.member())):
        page = browser.get(personal.entry_path).content.decode()
        assert (str(booking.uuid) in page, "Zoe" in page, "/my/bookings/" in page) == (False, False, False)


def test_a_party_that_is_full(family: RiverStudio) -> None:
    Offer.objects.update(limit=None)
    member = family.member()
    book_gold(family, family.entry, member, [Attendee.SELF, Attendee.GUEST, Attendee.GUEST])

    assert ticket_texts(open_browser(member).get(family.entry_path))[1] == (
        "Gold place Booked Your membership covers up to 3 people at each event."
    )


def test_a_party_with_room_for_one_guest(family: RiverStudio) -> None:
    member = family.member()
    book_gold(family, family.entry, member, [Attendee.SELF, Attendee.GUEST])

    assert ticket_texts(open_browser(member).get(family.entry_path))[0].endswith(
        "1 of 3 left until 2 February; resets on 3 February. Book “Gold place”"
    )


def test_a_standing_that_ends_before_the_event(personal: RiverStudio) -> None:
    member = personal.member()
    Standing.objects.update(until=NOW + timedelta(days=1))

    assert ticket_texts(open_browser(member).get(personal.entry_path))[1] == (
        "Gold place Members only Your membership ends on 16 January 2030, 12:00, before this event. "
        "Contact River Studio to find out more."
    )


def test_no_offer_covers_it(studio: RiverStudio) -> None:
    assert ticket_texts(open_browser(studio.member()).get(studio.entry_path))[1] == (
        f"Gold place Members only {NOT_INCLUDED} Contact River Studio to find out more."
    )


def test_an_entry_that_is_full(client: Client, personal: RiverStudio) -> None:
    EntryPlaces.objects.update(taken=10)

    waits = "Join the waiting list"
    nobody = UserFactory.create()
    theirs = f"Only members can book this ticket. You’re logged in as {nobody.email}."
    by_login = {"": "Log in to join the waiting list", "member": waits, "nobody": theirs}
    browsers = {"": client, "member": open_browser(personal.member()), "nobody": open_browser(nobody)}
    for who, browser in browsers.items():
        response = browser.get(personal.entry_path)
        told = (
            "Boat house This event is sold out. Join the waiting list, and we’ll email you when a space comes free. "
            "See what else is on"
        )
        assert page_text(response).count(told) == 1
        gold = f"Gold place Sold out {by_login[who]}"
        assert ticket_texts(response) == [f"Drop-in Sold out Free {waits}", gold]
        assert "Continue" not in page_text(response)


def test_few_places_left(client: Client, personal: RiverStudio) -> None:
    EntryPlaces.objects.update(taken=9)

    response = client.get(personal.entry_path)

    assert "Boat house 1 space left Drop-in" in page_text(response)
    waits = "More people than spaces? Wait for enough to come free"
    assert ticket_texts(response)[0] == f"Drop-in Free {waits} Book “Drop-in”"


def test_before_and_after_sale(client: Client, studio: RiverStudio) -> None:
    Ticket.objects.filter(pk=studio.drop_in.pk).update(opens_minutes_before=60)
    Ticket.objects.filter(pk=studio.gold.pk).update(closes_minutes_before=3 * 24 * 60)

    assert ticket_texts(client.get(studio.entry_path)) == [
        "Drop-in Not on sale Free On sale from 17 January 2030, 11:00.",
        "Gold place Not on sale Booking closed on 14 January 2030, 12:00.",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"cancelled_at": NOW},
            (
                "This event has been cancelled. Everyone booked has been emailed. Payments have been refunded and "
                "tickets returned. See what else is on"
            ),
        ),
        (
            {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)},
            "This event has started. You can no longer book it. See what’s coming up",
        ),
    ],
)
def test_what_is_over_still_has_its_page_and_says_what_to_do(
    client: Client, personal: RiverStudio, change: dict[str, datetime], said: str
) -> None:
    Entry.objects.update(**change)

    response = client.get(personal.entry_path)

    assert (response.status_code, page_text(response).count(f"Boat house {said}"), ticket_texts(response)) == (
        200,
        1,
        [],
    )
    assert "Continue" not in page_text(response)
    assert '"offers"' not in response.content.decode()


def test_an_entry_without_tickets(client: Client, studio: RiverStudio) -> None:
    Ticket.objects.update(retired_at=NOW)

    assert page_text(client.get(studio.entry_path)).endswith(
        "You can’t book this online River Studio has no tickets on sale for this event at the moment. "
        "See what else is on"
    )


def test_a_hidden_ticket_looks_as_if_it_were_not_there(client: Client, personal: RiverStudio) -> None:
    plain = page_text(client.get(personal.entry_path))
    hidden = TicketFactory.create(entry=personal.entry, group=personal.group, name="Secret", shown=False)

    browsers = (client, open_browser(CustomerFactory.create(account=personal.account, user=UserFactory.create())))
    assert page_text(client.get(personal.entry_path)) == plain
    for browser in browsers:
        asked = browser.get(f"{personal.entry_path}book/?t{hidden.pk}=1")
        unknown = browser.get(f"{personal.entry_path}book/?t{hidden.pk + 1000}=1")
        assert (asked.status_code, page_text(asked)) == (unknown.status_code, page_text(unknown))
        assert "Secret" not in asked.content.decode()
    assert ticket_texts(open_browser(personal.member()).get(personal.entry_path))[0].startswith(
        "Secret Included Gold: 3"
    )


def test_who_left_the_group_does_not_see_its_hidden_ticket_any_more(personal: RiverStudio) -> None:
    member = personal.member()
    TicketFactory.create(entry=personal.entry, group=personal.group, name="Secret", shown=False)
    remove_by_hand(member.group_members.get(), now=NOW)

    assert "Secret" not in open_browser(member).get(personal.entry_path).content.decode()


def test_an_entry_is_found_under_its_own_page_alone(client: Client, studio: RiverStudio) -> None:
    elsewhere = EntryFactory.create()
    TicketFactory.create(entry=elsewhere)

    paths = [f"/river/entries/{elsewhere.uuid}/", f"/river/entries/{elsewhere.uuid}/book/", "/river/entries/1/"]
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
    assert client.get(f"/{elsewhere.page.slug}/entries/{elsewhere.uuid}/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_members_cost_three_statements_whatever_there_is(
    family: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    member = family.member()
    book_gold(family, family.entry, member)
    for _ in range(count - 1):
        group = GroupFactory.create(account=family.account)
        ticket = TicketFactory.create(entry=family.entry, group=group)
        offer = OfferFactory.create(group=group, limit=2)
        Coverage.objects.create(account=family.account, offer=offer, ticket=ticket)
        add_member(group, member, anchor=date(2030, 1, 1))
    client = open_browser(member)

    with django_assert_num_queries(3):
        response = client.get(family.entry_path)

    assert len(ticket_texts(response)) == 1 + count


def test_strangers_cost_one_statement(
    client: Client, personal: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        client.get(personal.entry_path)
