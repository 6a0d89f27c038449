"""From the review step into the basket: each way in which it cannot be, and what a basket costs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from accounts.models import Customer
from offers.models import Offer, OfferKind
from tests.browsing import form_fields, open_browser, page_text, submit_form, ticket_texts
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, EntryFactory, OfferFactory, TicketFactory
from tests.sentences import ALREADY_AT_EVENT
from tests.tickets.public.adding import ADD, CHANGED, CLOSED, alert_text, button_texts, set_price
from tests.tickets.public.booking import ZOE
from tests.worlds.river import RiverStudio
from tickets.booking.book import book_as_seen
from tickets.booking.request import Booked
from tickets.models import Booking, BookingState, Entry, EntryPlaces, Seat, Ticket, TicketCost

pytestmark = pytest.mark.django_db


class TestWhatStandsInTheWay:
    def test_the_basket_is_being_paid(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        Booking.objects.update(state=BookingState.PAYING)
        prefix = f"t{studio.drop_in.pk}-1"

        response = submit_form(
            client, studio.review_path(drop_in=1), **ADD, **{f"{prefix}-who": "guest", f"{prefix}-name": "Jo"}
        )

        assert (response.status_code, Seat.objects.count()) == (409, 1)
        assert alert_text(response) == f"{CLOSED} Go to basket"
        assert '<a href="/river/basket/">Go to basket</a>' in response.content.decode()
        assert form_fields(response)[f"{prefix}-name"] == "Jo"

    def test_the_basket_is_for_another_address(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)

        response = submit_form(client, studio.review_path(drop_in=1), **ADD, **{"booker-email": "jo@example.org"})

        assert (response.status_code, Seat.objects.count()) == (409, 1)
        assert alert_text(response) == (
            "Your basket is for zoe@example.org. Use that address here too, or empty your basket first. Go to basket"
        )
        assert form_fields(response)["booker-email"] == "jo@example.org"

    def test_the_basket_was_filled_before_they_logged_in(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        client.force_login(UserFactory.create(email="new@example.org", name="Nia"))

        response = submit_form(client, studio.review_path(drop_in=1), **ADD)

        assert alert_text(response) == (
            "Your basket is for zoe@example.org. To book with a different address, empty it first. Go to basket"
        )

    def test_somebody_elses_basket_is_not_theirs(self, studio: RiverStudio) -> None:
        """A browser is shared: the cookie of another login counts for nothing."""
        first, second = studio.member(name="Ada"), studio.member(name="Bea")
        client = open_browser(first)
        submit_form(client, studio.review_path(drop_in=1), **ADD)
        assert second.user is not None
        client.force_login(second.user)

        assert button_texts(client.get(studio.review_path(drop_in=1))).startswith("Confirm booking")
        submit_form(client, studio.review_path(drop_in=1), **ADD)

        owners = Booking.objects.order_by("pk").values_list("customer", flat=True)
        assert list(owners) == [first.pk, second.pk]

    def test_the_last_place_goes_meanwhile(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}
        EntryPlaces.objects.update(taken=10)

        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, alert_text(response), Booking.objects.count()) == (409, "Sold out.", 0)
        assert form_fields(response)["booker-name"] == "Zoë O’Neill"

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            (0, 1200, "This now costs £12.00. It was free."),
            (1200, 1300, "This now costs £13.00. It was £12.00."),
            (1200, 0, "This is now free. It was £12.00."),
        ],
    )
    def test_the_price_changes_meanwhile(
        self, client: Client, studio: RiverStudio, before: int, after: int, told: str
    ) -> None:
        if before:
            set_price(studio.drop_in, before)
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE}
        Ticket.objects.update(cost=TicketCost.COST if after else TicketCost.FREE, price=after)

        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert alert_text(response) == f"{CHANGED} {told}"
        assert client.post(studio.review_path(drop_in=1), form_fields(response)).status_code == 302
        assert Booking.objects.get().state == (BookingState.BASKET if after else BookingState.BOOKED)

    def test_it_costs_something_only_when_it_is_booked(
        self, client: Client, studio: RiverStudio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE}

        def slow(*args: Any, **kwargs: Any) -> Booked:
            set_price(studio.drop_in, 900)
            return book_as_seen(*args, **kwargs)

        monkeypatch.setattr("tickets.public.order.confirmation.book_as_seen", slow)
        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert alert_text(response) == f"{CHANGED} This now costs £9.00. It was free."
        assert button_texts(response).startswith("Total, 1 ticket £9.00 Add to basket")

    def test_another_discount_is_not_used_unasked(self, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1000)
        terms = {"group": studio.group, "page": studio.page, "kind": OfferKind.DISCOUNT, "percent": 20}
        endless, _limited = OfferFactory.create(**terms), OfferFactory.create(**terms, limit=1)
        client = open_browser(studio.member())
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ADD}
        Offer.objects.filter(pk=endless.pk).update(enabled=False)

        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, alert_text(response), Booking.objects.count()) == (409, CHANGED, 0)
        assert "20% off with Gold, for you only. 0 tickets left after this, until 2 February 2030." in page_text(
            response
        )

    @pytest.mark.parametrize("charged", ["", "x", ":", ":x:", ":-1:", ":99999999999999:", ":²:", ",,,", "\0"])
    def test_whatever_the_form_claims_was_charged(self, client: Client, studio: RiverStudio, charged: str) -> None:
        set_price(studio.drop_in, 1200)

        response = submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD, terms_version=charged)

        assert (response.status_code in {409, 422}, Booking.objects.count()) == (True, 0)


class TestTooMany:
    def test_counts_what_the_basket_has_of_this_event(self, client: Client, studio: RiverStudio) -> None:
        prefix = f"t{studio.drop_in.pk}"
        names = {f"{prefix}-{number}-name": f"G{number}" for number in (2, 3, 4)}
        submit_form(client, studio.review_path(drop_in=4), **ZOE, **ADD, **names)

        page = client.get(studio.entry_path)
        assert "You have 4 tickets for this in your basket. Go to basket" in page_text(page)
        assert ticket_texts(page)[0] == "Drop-in Free How many? Up to 2. Number of “Drop-in”"
        assert form_fields(page)[prefix] == "0"

        response = client.get(studio.review_path(drop_in=3))
        assert response.status_code == 422
        assert "Choose up to 6 tickets: that’s the most you can book at once. Your basket already has 4" in page_text(
            response
        )

        submit_form(client, studio.review_path(drop_in=2), **ADD, **{f"{prefix}-2-name": "G5"})
        assert ticket_texts(client.get(studio.entry_path))[0] == (
            "Drop-in Free You can book up to 6 tickets at a time. Your basket already has 6."
        )

    def test_other_events_do_not_count(self, client: Client, studio: RiverStudio) -> None:
        Entry.objects.update(per_booking=1)
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        other = EntryFactory.create(page=studio.page, per_booking=1)
        ticket = TicketFactory.create(entry=other, name="Other")

        assert ticket_texts(client.get(f"/river/entries/{other.uuid}/")) == ["Other Free Book “Other”"]
        assert "in your basket" not in page_text(client.get(f"/river/entries/{other.uuid}/"))
        assert ticket_texts(client.get(studio.entry_path))[0] == (
            "Drop-in Free You can book up to 1 ticket at a time. Your basket already has 1."
        )
        assert client.get(f"/river/entries/{other.uuid}/book/?t{ticket.pk}=1").status_code == 200


class TestOverdueBaskets:
    def test_are_released_for_who_meets_a_full_entry(self, client: Client, studio: RiverStudio) -> None:
        EntryPlaces.objects.update(taken=9)
        submit_form(Client(), studio.review_path(drop_in=1), **ZOE, **ADD)
        assert "This event is sold out." in page_text(client.get(studio.entry_path))

        with travel(NOW + timedelta(minutes=15), tick=False):
            said = page_text(client.get(studio.entry_path))

        assert ("1 space left" in said, "sold out" in said) == (True, False)
        assert (Booking.objects.get().state, EntryPlaces.objects.get().taken) == (BookingState.RELEASED, 9)

    def test_for_who_chose_more_than_are_left(self, client: Client, studio: RiverStudio) -> None:
        Ticket.objects.filter(pk=studio.drop_in.pk).update(capacity=3)
        submit_form(Client(), studio.review_path(drop_in=2), **ZOE, **ADD, **{f"t{studio.drop_in.pk}-2-name": "Jo"})
        path = studio.review_path(drop_in=3)
        assert alert_text(client.get(path)) == "Drop-in 2: Sold out. Drop-in 3: Sold out."

        with travel(NOW + timedelta(minutes=15), tick=False):
            assert alert_text(client.get(path)) == ""

    def test_not_before_their_time(self, client: Client, studio: RiverStudio) -> None:
        EntryPlaces.objects.update(taken=9)
        submit_form(Client(), studio.review_path(drop_in=1), **ZOE, **ADD)

        with travel(NOW + timedelta(minutes=14, seconds=59), tick=False):
            assert "This event is sold out." in page_text(client.get(studio.entry_path))

    def test_nobody_asks_while_places_are_left(
        self, client: Client, studio: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        EntryPlaces.objects.update(taken=9)

        with django_assert_num_queries(1):
            client.get(studio.entry_path)
        EntryPlaces.objects.update(taken=10)
        with django_assert_num_queries(2):
            client.get(studio.entry_path)


def test_a_ticket_in_the_basket_is_not_called_booked(personal: RiverStudio) -> None:
    client = open_browser(personal.member())
    submit_form(client, personal.review_path(gold=1), **ADD)

    response = client.get(personal.entry_path)

    assert "You’ve booked this." not in page_text(response)
    assert ticket_texts(response)[1] == f"Gold place Booked {ALREADY_AT_EVENT} It’s in your basket"


def test_a_basket_costs_a_guest_three_statements_more(
    client: Client, studio: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 3):
        submit_form(client, studio.review_path(drop_in=1), **(ZOE if count == 1 else {}), **ADD)
        with django_assert_num_queries(4):
            client.get(studio.entry_path)


def test_who_carries_no_basket_pays_nothing_for_it(
    client: Client, studio: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.cookies["basket-0"] = f"{UUID(int=1)}:"

    with django_assert_num_queries(1):
        client.get(studio.review_path(drop_in=1))
    assert Customer.objects.count() == 0
