"""A basket whose time was up: what it was, where to choose it again, and holding it once more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from offers.models import UsagePeriod
from tests.browsing import open_browser, page_text
from tests.factories.schedule import NOW, OfferFactory
from tests.sentences import BASKET_EXPIRED
from tests.tickets.public.basket import basket_cookie_of, basket_path, button_labels, open_browser_with_basket
from tests.worlds.till import Till, person_of
from tickets.availability.facts import ANONYMOUS
from tickets.booking.hold import release_basket
from tickets.checkout.basket import add_membership, remove_tickets
from tickets.models import Booking, BookingState
from tickets.public.basket.expired import refill_basket
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def newest(basket: Booking) -> Booking:
    return Booking.objects.filter(customer=basket.customer).latest("pk")


def test_the_page_says_kindly_what_it_was_and_where_to_choose_it_again(till: Till) -> None:
    entry = till.entry(title="Morning yoga", capacity=2)
    ticket = till.ticket(entry, name="Drop-in")
    basket = till.fill(entry, ticket, ticket)
    client = open_browser_with_basket(basket)
    with travel(NOW + timedelta(minutes=16), tick=False):
        page = client.get(basket_path(till))
    told = page_text(page)
    assert f"{BASKET_EXPIRED} We hold baskets for 15 minutes" in told
    assert "Attendee 0, Drop-in Attendee 1, Drop-in" in told
    assert button_labels(page) == ["Restore basket", "See what’s on"]
    assert f'href="/{till.page.slug}/entries/{entry.uuid}/?t{ticket.pk}=2"' in page.content.decode()
    basket.refresh_from_db()
    entry.places.refresh_from_db()
    assert (basket.state, entry.places.taken) == (BookingState.RELEASED, 0)


def test_they_are_held_again_once(till: Till) -> None:
    entry, other = till.entry(capacity=2), till.entry()
    basket = till.fill(entry, ticket := till.ticket(entry, 500), ticket)
    till.fill(other, till.ticket(other, 700), basket=basket)
    release_basket(basket.pk, now=timezone.now())
    client = open_browser_with_basket(basket)
    assert client.post(basket_path(till, "again/"))["Location"] == basket_path(till)
    again = newest(basket)
    assert (again.pk != basket.pk, again.state, basket_cookie_of(client, basket)) == (
        True,
        BookingState.BASKET,
        str(again.uuid),
    )
    assert "Total today £17.00" in page_text(client.get(basket_path(till)))
    # The second of two clicks, with the cookie of before.
    assert open_browser_with_basket(basket).post(basket_path(till, "again/"))["Location"] == basket_path(till)
    assert client.post(basket_path(till, "again/"))["Location"] == basket_path(till)
    assert Booking.objects.count() == 2
    assert again.seats.filter(cancelled_at=None).count() == 3


def test_what_cannot_be_had_any_more_is_said(till: Till) -> None:
    entry = till.entry(title="Morning yoga", capacity=2)
    gone, stays = till.entry(title="Stretch"), till.entry(title="Flow")
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket)
    for each in (gone, stays):
        till.fill(each, till.ticket(each, 700), basket=basket)
    release_basket(basket.pk, now=timezone.now())
    till.fill(entry, ticket)
    cancel_entry(gone, now=timezone.now())
    client = open_browser_with_basket(basket)
    client.post(basket_path(till, "again/"))
    told = page_text(client.get(basket_path(till)))
    assert "“Morning yoga” for Attendee 1: Sold out." in told
    assert "“Stretch” for Attendee 0: This event has been cancelled." in told
    assert "Total today £19.00" in told


def test_where_nothing_can_be_had_the_page_stays(till: Till) -> None:
    entry = till.entry(title="Morning yoga")
    basket = till.fill(entry, till.ticket(entry))
    release_basket(basket.pk, now=timezone.now())
    cancel_entry(entry, now=timezone.now())
    client = open_browser_with_basket(basket)
    client.post(basket_path(till, "again/"))
    told = page_text(client.get(basket_path(till)))
    assert "“Morning yoga” for Attendee 0: This event has been cancelled." in told
    assert BASKET_EXPIRED in told


def test_what_was_taken_out_before_does_not_come_back(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, ticket := till.ticket(entry, 500), ticket)
    first = basket.seats.order_by("pk")[0]
    remove_tickets(basket, [first.pk], person_of(basket.customer), now=timezone.now() - timedelta(minutes=5))
    release_basket(basket.pk, now=timezone.now())
    client = open_browser_with_basket(basket)
    client.post(basket_path(till, "again/"))
    assert "Total today £5.00" in page_text(client.get(basket_path(till)))


def test_a_membership_and_what_it_opens_are_held_again(till: Till) -> None:
    group = till.seller.membership.group
    OfferFactory.create(group=group, page=till.page, limit=2)
    customer = till.customer_with_login()
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    entry = till.entry()
    till.fill(entry, till.ticket(entry, 500, group=group), basket=basket)
    release_basket(basket.pk, now=timezone.now())
    client = open_browser_with_basket(basket, open_browser(customer))
    client.post(basket_path(till, "again/"))
    assert "Total today £45.00" in page_text(client.get(basket_path(till)))
    assert UsagePeriod.objects.get().used == 1


def test_whoever_logged_out_is_asked_to_log_in_for_the_membership(till: Till) -> None:
    customer = till.customer_with_login()
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    release_basket(basket.pk, now=timezone.now())
    # Their browser shows nobody else what a login filled.
    assert "Your basket is empty" in page_text(open_browser_with_basket(basket).get(basket_path(till)))
    assert refill_basket(basket, ANONYMOUS, now=timezone.now()).refused == ["Gold: log in to buy it."]


def test_the_page_asks_no_more_where_more_was_in_it(till: Till) -> None:
    counts = []
    for size in (1, 3):
        basket = None
        for _entry in range(size):
            entry = till.entry()
            basket = till.fill(entry, till.ticket(entry), basket=basket)
        assert basket is not None
        release_basket(basket.pk, now=timezone.now())
        client = open_browser_with_basket(basket)
        with CaptureQueriesContext(connection) as asked:
            client.get(basket_path(till))
        counts.append(len(asked))
    assert counts[0] == counts[1]
