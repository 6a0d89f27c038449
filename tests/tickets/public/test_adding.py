"""From the review step into the basket: what is put there, once, for whom; and each way in which it cannot be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from accounts.models import Customer, Letter
from offers.models import Kind, Offer
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, EntryFactory, OfferFactory, TicketFactory
from tests.tickets.public.booking import ZOE, seats, send
from tests.tickets.public.conftest import Studio
from tests.tickets.public.reading import fields, logged_in, tickets, words
from tickets.booking import book
from tickets.facts import STRANGER
from tickets.models import Booking, Cost, Entry, EntryPlaces, Seat, State, Ticket
from tickets.selling.basket import remove
from tickets.selling.holding import let_go

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

ADD = {"add": "1"}
CHANGED = "What is charged has changed. Check it below and confirm again."
CLOSED = "Your basket is being paid, so nothing can be added. Finish paying, or take it back, and then add this."


def price(ticket: Ticket, amount: int) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(cost=Cost.COST, price=amount)


def carried(client: Client, studio: Studio) -> str:
    """The basket (uuid) that a browser carries."""
    return client.cookies[f"basket-{studio.account.pk}"].value.partition(":")[0]


def attention(response: "Answer") -> str:
    """What the box above an order says."""
    return words(response).partition("Something needs your attention ")[2].partition(" Check your booking ")[0]


def buttons(response: "Answer") -> str:
    """The ways on from a review step, and what is said beside them."""
    said = words(response)
    return said[max(said.rfind("(optional) "), said.rfind("only) ")) :].partition(") ")[2]


class TestTheButtons:
    def test_what_costs_goes_into_the_basket(self, client: Client, studio: Studio) -> None:
        price(studio.drop_in, 1200)

        assert buttons(client.get(studio.review_path(drop_in=2))) == (
            "Total, 2 tickets £24.00 Add to basket Change tickets "
            "We hold it for you for 15 minutes. You pay in the next step."
        )

    def test_what_is_free_is_booked_unless_there_is_a_basket(self, client: Client, studio: Studio) -> None:
        path = studio.review_path(drop_in=1)
        assert buttons(client.get(path)) == (
            "Confirm booking Add to basket and choose more Change tickets 1 ticket, nothing to pay."
        )

        send(client, path, **ZOE, **ADD)

        assert buttons(client.get(path)) == (
            "Add to basket Book only this now Change tickets 1 ticket, nothing to pay."
        )

    def test_an_empty_basket_is_none(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        remove(Booking.objects.get(), [Seat.objects.get().pk], STRANGER, now=NOW)

        assert buttons(client.get(studio.review_path(drop_in=1))).startswith("Confirm booking")


class TestAdding:
    def test_holds_the_tickets_and_goes_to_the_basket(self, client: Client, studio: Studio) -> None:
        price(studio.drop_in, 1200)

        response = send(client, studio.review_path(drop_in=2), **ZOE, **ADD, **{f"t{studio.drop_in.pk}-2-name": "Jo"})

        basket = Booking.objects.get()
        assert (response.status_code, response["Location"]) == (302, "/river/basket/")
        assert (basket.state, basket.held_until) == (State.BASKET, NOW + timedelta(minutes=15))
        assert carried(client, studio) == str(basket.uuid)
        assert seats() == [("Drop-in", "Zoë O’Neill", "zoe@example.org", False), ("Drop-in", "Jo", "", False)]
        assert list(Seat.objects.order_by("pk").values_list("own", "amount")) == [(True, 1200), (False, 1200)]
        assert (EntryPlaces.objects.get().taken, Letter.objects.count()) == (2, 0)

    def test_what_costs_never_is_booked_at_once_whatever_was_asked(self, client: Client, studio: Studio) -> None:
        price(studio.drop_in, 1200)

        response = send(client, studio.review_path(drop_in=1), **ZOE)

        assert (response["Location"], Booking.objects.get().state) == ("/river/basket/", State.BASKET)

    def test_and_choosing_more_goes_to_the_schedule(self, client: Client, studio: Studio) -> None:
        response = send(client, studio.review_path(drop_in=1), **ZOE, add="more")

        assert (response["Location"], Booking.objects.get().state) == ("/river/", State.BASKET)
        assert "Added to basket" in client.get("/river/").content.decode()

    def test_a_second_entry_joins_the_first(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        other = EntryFactory.create(page=studio.page, title="Reformer")
        ticket = TicketFactory.create(entry=other, cost=Cost.COST, price=2000)

        send(client, f"/river/entries/{other.uuid}/book/?t{ticket.pk}=1")

        basket = Booking.objects.get()
        assert list(basket.seats.order_by("pk").values_list("entry__title", "attendee_name", "amount")) == [
            ("Morning yoga", "Zoë O’Neill", 0),
            ("Reformer", "Zoë O’Neill", 2000),
        ]

    def test_only_this_is_booked_beside_the_basket(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)

        response = send(client, studio.review_path(drop_in=1))

        states = Booking.objects.order_by("pk").values_list("state", flat=True)
        assert list(states) == [State.BASKET, State.BOOKED]
        assert response["Location"] == f"/my/bookings/{Booking.objects.latest('pk').uuid}/"

    def test_a_member_is_charged_by_their_discount(self, studio: Studio) -> None:
        price(studio.drop_in, 1200)
        offer = OfferFactory.create(group=studio.group, page=studio.page, kind=Kind.DISCOUNT, percent=25, limit=2)

        send(logged_in(studio.member()), studio.review_path(drop_in=1), **ADD)

        seat = Seat.objects.get()
        assert (seat.price, seat.amount, seat.discount, seat.own) == (1200, 900, offer, True)

    def test_another_device_joins_the_basket_that_is_open(self, studio: Studio) -> None:
        member = studio.member()
        for _device in range(2):
            send(logged_in(member), studio.review_path(drop_in=1), **ADD)

        assert (Booking.objects.count(), Seat.objects.count()) == (1, 2)


class TestTheGuest:
    def test_need_not_say_again_who_they_are(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)

        found = fields(client.get(studio.review_path(drop_in=1)))

        assert (found["booker-name"], found["booker-email"]) == ("Zoë O’Neill", "zoe@example.org")

    def test_does_not_learn_what_the_studio_calls_that_address(self, client: Client, studio: Studio) -> None:
        """They typed a member's address under a name of their own; who comes is somebody else."""
        member = studio.member(name="Ada Lovelace")
        typed = {**ZOE, "booker-email": member.email}
        prefix = f"t{studio.drop_in.pk}-1"
        send(client, studio.review_path(drop_in=1), **typed, **ADD, **{f"{prefix}-who": "guest", f"{prefix}-name": "J"})

        page = client.get(studio.review_path(drop_in=1))

        assert (fields(page)["booker-name"], fields(page)["booker-email"]) == ("", member.email)
        assert "Lovelace" not in page.content.decode()

    def test_whom_nobody_else_sees(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        stranger = Client()
        stranger.cookies[f"basket-{studio.account.pk}"] = "not-a-basket:"

        for browser in (Client(), stranger):
            assert "zoe@example.org" not in browser.get(studio.review_path(drop_in=1)).content.decode()


class TestSentTwice:
    def test_adds_once(self, client: Client, studio: Studio) -> None:
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}

        answers = [client.post(studio.review_path(drop_in=1), form)["Location"] for _ in range(2)]

        assert (answers, Seat.objects.count()) == (["/river/basket/"] * 2, 1)

    def test_also_from_a_browser_that_keeps_no_cookies(self, studio: Studio) -> None:
        form = {**fields(Client().get(studio.review_path(drop_in=1))), **ZOE, **ADD}

        answers = [Client().post(studio.review_path(drop_in=1), form)["Location"] for _ in range(2)]

        assert (answers, Booking.objects.count(), Seat.objects.count()) == (["/river/basket/"] * 2, 1, 1)

    def test_into_a_basket_that_was_there(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ADD}

        answers = [client.post(studio.review_path(drop_in=1), form)["Location"] for _ in range(2)]

        assert (answers, Seat.objects.count()) == (["/river/basket/"] * 2, 2)

    def test_even_when_the_last_place_was_theirs_and_the_price_has_changed(
        self, client: Client, studio: Studio
    ) -> None:
        EntryPlaces.objects.update(taken=9)
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}
        client.post(studio.review_path(drop_in=1), form)
        price(studio.drop_in, 700)

        assert client.post(studio.review_path(drop_in=1), form)["Location"] == "/river/basket/"
        assert Seat.objects.count() == 1

    def test_after_booking_it_leads_to_the_booking(self, client: Client, studio: Studio) -> None:
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE}
        booked = client.post(studio.review_path(drop_in=1), form)

        assert client.post(studio.review_path(drop_in=1), {**form, **ADD})["Location"] == booked["Location"]
        assert Booking.objects.count() == 1

    @pytest.mark.parametrize("first", [ADD, {}])
    def test_by_the_other_button_asks_before_it_is_had_twice(
        self, client: Client, studio: Studio, first: dict[str, str]
    ) -> None:
        """Into a basket that was there, then booked at once with *Back*; or the other way round."""
        path = studio.review_path(drop_in=1)
        send(client, path, **ZOE, **ADD)
        form = fields(client.get(path))
        client.post(path, {**form, **first})

        response = client.post(path, form if first else {**form, **ADD})

        assert (response.status_code, Seat.objects.count()) == (409, 2)
        assert attention(response) == "This form was sent before. To book this as well, confirm again."
        assert fields(response)["key"] != form["key"]
        assert client.post(path, fields(response)).status_code == 302
        assert Seat.objects.count() == 3

    @pytest.mark.parametrize("gone", ["removed", "released"])
    def test_after_it_left_the_basket_asks_again(self, client: Client, studio: Studio, gone: str) -> None:
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}
        client.post(studio.review_path(drop_in=1), form)
        basket = Booking.objects.get()
        if gone == "removed":
            remove(basket, [Seat.objects.get().pk], STRANGER, now=NOW)
        else:
            let_go(basket.pk, now=NOW)

        response = client.post(studio.review_path(drop_in=1), form)

        assert attention(response) == (
            "This form was sent before, and what it chose is no longer in the basket. "
            "To book this as well, confirm again."
        )
        client.post(studio.review_path(drop_in=1), {**fields(response), **ADD})
        assert Seat.objects.filter(cancelled_at=None).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("carries", [False, True])
def test_the_same_form_at_the_same_time_adds_once(client: Client, studio: Studio, *, carries: bool) -> None:
    path = studio.review_path(drop_in=1)
    if carries:
        send(client, path, **ZOE, **ADD)
    form = {**fields(client.get(path)), **ZOE, **ADD}
    together = Barrier(4)

    def press() -> str:
        browser = Client()
        browser.cookies = client.cookies
        together.wait(20)
        try:
            return str(browser.post(path, form)["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(press) for _ in range(4)]]

    assert answers == ["/river/basket/"] * 4
    taken = 2 if carries else 1
    assert (Booking.objects.count(), Seat.objects.count(), EntryPlaces.objects.get().taken) == (1, taken, taken)


class TestWhatStandsInTheWay:
    def test_the_basket_is_being_paid(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        Booking.objects.update(state=State.PAYING)
        prefix = f"t{studio.drop_in.pk}-1"

        response = send(
            client, studio.review_path(drop_in=1), **ADD, **{f"{prefix}-who": "guest", f"{prefix}-name": "Jo"}
        )

        assert (response.status_code, Seat.objects.count()) == (409, 1)
        assert attention(response) == f"{CLOSED} Go to the basket"
        assert '<a href="/river/basket/">Go to the basket</a>' in response.content.decode()
        assert fields(response)[f"{prefix}-name"] == "Jo"

    def test_the_basket_is_for_another_address(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)

        response = send(client, studio.review_path(drop_in=1), **ADD, **{"booker-email": "jo@example.org"})

        assert (response.status_code, Seat.objects.count()) == (409, 1)
        assert attention(response) == (
            "Your basket is for zoe@example.org. Use that address here too, or empty the basket first. Go to the basket"
        )
        assert fields(response)["booker-email"] == "jo@example.org"

    def test_the_basket_was_filled_before_they_logged_in(self, client: Client, studio: Studio) -> None:
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        client.force_login(UserFactory.create(email="new@example.org", name="Nia"))

        response = send(client, studio.review_path(drop_in=1), **ADD)

        assert attention(response) == (
            "Your basket is for zoe@example.org. To book under another address, empty it first. Go to the basket"
        )

    def test_somebody_elses_basket_is_not_theirs(self, studio: Studio) -> None:
        """A browser is shared: the cookie of another login counts for nothing."""
        first, second = studio.member(name="Ada"), studio.member(name="Bea")
        client = logged_in(first)
        send(client, studio.review_path(drop_in=1), **ADD)
        assert second.user is not None
        client.force_login(second.user)

        assert buttons(client.get(studio.review_path(drop_in=1))).startswith("Confirm booking")
        send(client, studio.review_path(drop_in=1), **ADD)

        owners = Booking.objects.order_by("pk").values_list("customer", flat=True)
        assert list(owners) == [first.pk, second.pk]

    def test_the_last_place_goes_meanwhile(self, client: Client, studio: Studio) -> None:
        price(studio.drop_in, 1200)
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}
        EntryPlaces.objects.update(taken=10)

        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, attention(response), Booking.objects.count()) == (409, "Sold out.", 0)
        assert fields(response)["booker-name"] == "Zoë O’Neill"

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            (0, 1200, "It costs £12.00 now. Before it was free."),
            (1200, 1300, "It costs £13.00 now. Before it was £12.00."),
            (1200, 0, "It is free now. Before it was £12.00."),
        ],
    )
    def test_the_price_changes_meanwhile(
        self, client: Client, studio: Studio, before: int, after: int, told: str
    ) -> None:
        if before:
            price(studio.drop_in, before)
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE}
        Ticket.objects.update(cost=Cost.COST if after else Cost.FREE, price=after)

        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert attention(response) == f"{CHANGED} {told}"
        assert client.post(studio.review_path(drop_in=1), fields(response)).status_code == 302
        assert Booking.objects.get().state == (State.BASKET if after else State.BOOKED)

    def test_it_costs_something_only_when_it_is_booked(
        self, client: Client, studio: Studio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ZOE}

        def slow(*args: Any, **kwargs: Any) -> Booking:
            price(studio.drop_in, 900)
            return book(*args, **kwargs)

        monkeypatch.setattr("tickets.public.confirming.book", slow)
        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert attention(response) == f"{CHANGED} It costs £9.00 now. Before it was free."
        assert buttons(response).startswith("Total, 1 ticket £9.00 Add to basket")

    def test_another_discount_is_not_used_unasked(self, studio: Studio) -> None:
        price(studio.drop_in, 1000)
        terms = {"group": studio.group, "page": studio.page, "kind": Kind.DISCOUNT, "percent": 20}
        endless, _limited = OfferFactory.create(**terms), OfferFactory.create(**terms, limit=1)
        client = logged_in(studio.member())
        form = {**fields(client.get(studio.review_path(drop_in=1))), **ADD}
        Offer.objects.filter(pk=endless.pk).update(enabled=False)

        response = client.post(studio.review_path(drop_in=1), form)

        assert (response.status_code, attention(response), Booking.objects.count()) == (409, CHANGED, 0)
        assert "20% off with Gold, for you alone. 0 uses left after this, until 2 February 2030." in words(response)

    @pytest.mark.parametrize("charged", ["", "x", ":", ":x:", ":-1:", ":99999999999999:", ":²:", ",,,", "\0"])
    def test_whatever_the_form_claims_was_charged(self, client: Client, studio: Studio, charged: str) -> None:
        price(studio.drop_in, 1200)

        response = send(client, studio.review_path(drop_in=1), **ZOE, **ADD, charged=charged)

        assert (response.status_code in {409, 422}, Booking.objects.count()) == (True, 0)


class TestTooMany:
    def test_counts_what_the_basket_has_of_this_event(self, client: Client, studio: Studio) -> None:
        prefix = f"t{studio.drop_in.pk}"
        names = {f"{prefix}-{number}-name": f"G{number}" for number in (2, 3, 4)}
        send(client, studio.review_path(drop_in=4), **ZOE, **ADD, **names)

        page = client.get(studio.entry_path)
        assert "4 tickets for this are in your basket. Go to the basket" in words(page)
        assert tickets(page)[0] == "Drop-in Free How many? At most 2. Number of “Drop-in”"
        assert fields(page)[prefix] == "0"

        response = client.get(studio.review_path(drop_in=3))
        assert response.status_code == 422
        assert "Choose at most 6 tickets: that is the most for one booking. Your basket has 4 already" in words(
            response
        )

        send(client, studio.review_path(drop_in=2), **ADD, **{f"{prefix}-2-name": "G5"})
        assert tickets(client.get(studio.entry_path))[0] == (
            "Drop-in Free You can book at most 6 tickets at a time. Your basket has 6 already."
        )

    def test_other_events_do_not_count(self, client: Client, studio: Studio) -> None:
        Entry.objects.update(per_booking=1)
        send(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        other = EntryFactory.create(page=studio.page, per_booking=1)
        ticket = TicketFactory.create(entry=other, name="Other")

        assert tickets(client.get(f"/river/entries/{other.uuid}/")) == ["Other Free Book “Other”"]
        assert "in your basket" not in words(client.get(f"/river/entries/{other.uuid}/"))
        assert tickets(client.get(studio.entry_path))[0] == (
            "Drop-in Free You can book at most 1 ticket at a time. Your basket has 1 already."
        )
        assert client.get(f"/river/entries/{other.uuid}/book/?t{ticket.pk}=1").status_code == 200


class TestOverdueBaskets:
    def test_are_released_for_who_meets_a_full_entry(self, client: Client, studio: Studio) -> None:
        EntryPlaces.objects.update(taken=9)
        send(Client(), studio.review_path(drop_in=1), **ZOE, **ADD)
        assert "This event is sold out." in words(client.get(studio.entry_path))

        with travel(NOW + timedelta(minutes=15), tick=False):
            said = words(client.get(studio.entry_path))

        assert ("1 place left" in said, "sold out" in said) == (True, False)
        assert (Booking.objects.get().state, EntryPlaces.objects.get().taken) == (State.RELEASED, 9)

    def test_for_who_chose_more_than_are_left(self, client: Client, studio: Studio) -> None:
        Ticket.objects.filter(pk=studio.drop_in.pk).update(capacity=3)
        send(Client(), studio.review_path(drop_in=2), **ZOE, **ADD, **{f"t{studio.drop_in.pk}-2-name": "Jo"})
        path = studio.review_path(drop_in=3)
        assert attention(client.get(path)) == "Drop-in 2: Sold out. Drop-in 3: Sold out."

        with travel(NOW + timedelta(minutes=15), tick=False):
            assert attention(client.get(path)) == ""

    def test_not_before_their_time(self, client: Client, studio: Studio) -> None:
        EntryPlaces.objects.update(taken=9)
        send(Client(), studio.review_path(drop_in=1), **ZOE, **ADD)

        with travel(NOW + timedelta(minutes=14, seconds=59), tick=False):
            assert "This event is sold out." in words(client.get(studio.entry_path))

    def test_nobody_asks_while_places_are_left(
        self, client: Client, studio: Studio, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        EntryPlaces.objects.update(taken=9)

        with django_assert_num_queries(2):
            client.get(studio.entry_path)
        EntryPlaces.objects.update(taken=10)
        with django_assert_num_queries(3):
            client.get(studio.entry_path)


def test_a_ticket_in_the_basket_is_not_called_booked(personal: Studio) -> None:
    client = logged_in(personal.member())
    send(client, personal.review_path(gold=1), **ADD)

    response = client.get(personal.entry_path)

    assert "You have booked this." not in words(response)
    assert tickets(response)[1] == "Gold place Booked You already have a place at this event. It is in your basket"


def test_a_basket_costs_a_guest_three_statements_more(
    client: Client, studio: Studio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 3):
        send(client, studio.review_path(drop_in=1), **(ZOE if count == 1 else {}), **ADD)
        with django_assert_num_queries(5):
            client.get(studio.entry_path)


def test_who_carries_no_basket_pays_nothing_for_it(
    client: Client, studio: Studio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.cookies["basket-0"] = f"{UUID(int=1)}:"

    with django_assert_num_queries(2):
        client.get(studio.review_path(drop_in=1))
    assert Customer.objects.count() == 0
