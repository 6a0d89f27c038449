"""From the review step into the basket: what is put there, once, for whom; and each way in which it cannot be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Letter
from offers.models import OfferKind
from tests.browsing import form_fields, open_browser, submit_form
from tests.factories.schedule import NOW, EntryFactory, OfferFactory, TicketFactory
from tests.sentences import HELD_UNTIL_PAID
from tests.tickets.public.adding import ADD, alert_text, basket_in_cookie, button_texts, set_price
from tests.tickets.public.booking import ZOE, list_seats
from tests.worlds.river import RiverStudio
from tickets.availability.facts import ANONYMOUS
from tickets.booking.hold import release_basket
from tickets.checkout.basket import remove_tickets
from tickets.models import Booking, BookingState, EntryPlaces, Seat, TicketCost

pytestmark = pytest.mark.django_db


class TestTheButtons:
    def test_what_costs_goes_into_the_basket(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)

        assert button_texts(client.get(studio.review_path(drop_in=2))) == (
            f"Total, 2 tickets £24.00 Add to basket Change tickets {HELD_UNTIL_PAID}"
        )

    def test_what_is_free_is_booked_unless_there_is_a_basket(self, client: Client, studio: RiverStudio) -> None:
        path = studio.review_path(drop_in=1)
        assert button_texts(client.get(path)) == (
            "Confirm booking Add to basket and choose more Change tickets 1 ticket, nothing to pay."
        )

        submit_form(client, path, **ZOE, **ADD)

        assert button_texts(client.get(path)) == (
            "Add to basket Book just this Change tickets 1 ticket, beside what’s in your basket. "
            "You’ll review everything before paying."
        )

    def test_an_empty_basket_is_none(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        remove_tickets(Booking.objects.get(), [Seat.objects.get().pk], ANONYMOUS, now=NOW)

        assert button_texts(client.get(studio.review_path(drop_in=1))).startswith("Confirm booking")


class TestAdding:
    def test_holds_the_tickets_and_goes_to_the_basket(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)

        response = submit_form(
            client, studio.review_path(drop_in=2), **ZOE, **ADD, **{f"t{studio.drop_in.pk}-2-name": "Jo"}
        )

        basket = Booking.objects.get()
        assert (response.status_code, response["Location"]) == (302, "/river/basket/")
        assert (basket.state, basket.held_until) == (BookingState.BASKET, NOW + timedelta(minutes=15))
        assert basket_in_cookie(client, studio) == str(basket.uuid)
        assert list_seats() == [("Drop-in", "Zoë O’Neill", "zoe@example.org", False), ("Drop-in", "Jo", "", False)]
        assert list(Seat.objects.order_by("pk").values_list("is_for_booker", "amount")) == [(True, 1200), (False, 1200)]
        assert (EntryPlaces.objects.get().taken, Letter.objects.count()) == (2, 0)

    def test_what_costs_never_is_booked_at_once_whatever_was_asked(self, client: Client, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)

        response = submit_form(client, studio.review_path(drop_in=1), **ZOE)

        assert (response["Location"], Booking.objects.get().state) == ("/river/basket/", BookingState.BASKET)

    def test_and_choosing_more_goes_to_the_schedule(self, client: Client, studio: RiverStudio) -> None:
        response = submit_form(client, studio.review_path(drop_in=1), **ZOE, add="more")

        assert (response["Location"], Booking.objects.get().state) == ("/river/", BookingState.BASKET)
        assert "Added to basket" in client.get("/river/").content.decode()

    def test_a_second_entry_joins_the_first(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        other = EntryFactory.create(page=studio.page, title="Reformer")
        ticket = TicketFactory.create(entry=other, cost=TicketCost.COST, price=2000)

        submit_form(client, f"/river/entries/{other.uuid}/book/?t{ticket.pk}=1")

        basket = Booking.objects.get()
        assert list(basket.seats.order_by("pk").values_list("entry__title", "attendee_name", "amount")) == [
            ("Morning yoga", "Zoë O’Neill", 0),
            ("Reformer", "Zoë O’Neill", 2000),
        ]

    def test_only_this_is_booked_beside_the_basket(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)

        response = submit_form(client, studio.review_path(drop_in=1))

        states = Booking.objects.order_by("pk").values_list("state", flat=True)
        assert list(states) == [BookingState.BASKET, BookingState.BOOKED]
        assert response["Location"] == f"/my/bookings/{Booking.objects.latest('pk').uuid}/"

    def test_a_member_is_charged_by_their_discount(self, studio: RiverStudio) -> None:
        set_price(studio.drop_in, 1200)
        offer = OfferFactory.create(group=studio.group, page=studio.page, kind=OfferKind.DISCOUNT, percent=25, limit=2)

        submit_form(open_browser(studio.member()), studio.review_path(drop_in=1), **ADD)

        seat = Seat.objects.get()
        assert (seat.price, seat.amount, seat.discount, seat.is_for_booker) == (1200, 900, offer, True)

    def test_another_device_joins_the_basket_that_is_open(self, studio: RiverStudio) -> None:
        member = studio.member()
        for _device in range(2):
            submit_form(open_browser(member), studio.review_path(drop_in=1), **ADD)

        assert (Booking.objects.count(), Seat.objects.count()) == (1, 2)


class TestTheGuest:
    def test_need_not_say_again_who_they_are(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)

        found = form_fields(client.get(studio.review_path(drop_in=1)))

        assert (found["booker-name"], found["booker-email"]) == ("Zoë O’Neill", "zoe@example.org")

    def test_does_not_learn_what_the_studio_calls_that_address(self, client: Client, studio: RiverStudio) -> None:
        """They typed a member's address under a name of their own; who comes is somebody else."""
        member = studio.member(name="Ada Lovelace")
        typed = {**ZOE, "booker-email": member.email}
        prefix = f"t{studio.drop_in.pk}-1"
        submit_form(
            client, studio.review_path(drop_in=1), **typed, **ADD, **{f"{prefix}-who": "guest", f"{prefix}-name": "J"}
        )

        page = client.get(studio.review_path(drop_in=1))

        assert (form_fields(page)["booker-name"], form_fields(page)["booker-email"]) == ("", member.email)
        assert "Lovelace" not in page.content.decode()

    def test_whom_nobody_else_sees(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        stranger = Client()
        stranger.cookies[f"basket-{studio.account.pk}"] = "not-a-basket:"

        for browser in (Client(), stranger):
            assert "zoe@example.org" not in browser.get(studio.review_path(drop_in=1)).content.decode()


class TestSentTwice:
    def test_adds_once(self, client: Client, studio: RiverStudio) -> None:
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}

        answers = [client.post(studio.review_path(drop_in=1), form)["Location"] for _ in range(2)]

        assert (answers, Seat.objects.count()) == (["/river/basket/"] * 2, 1)

    def test_also_from_a_browser_that_keeps_no_cookies(self, studio: RiverStudio) -> None:
        form = {**form_fields(Client().get(studio.review_path(drop_in=1))), **ZOE, **ADD}

        answers = [Client().post(studio.review_path(drop_in=1), form)["Location"] for _ in range(2)]

        assert (answers, Booking.objects.count(), Seat.objects.count()) == (["/river/basket/"] * 2, 1, 1)

    def test_into_a_basket_that_was_there(self, client: Client, studio: RiverStudio) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE, **ADD)
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ADD}

        answers = [client.post(studio.review_path(drop_in=1), form)["Location"] for _ in range(2)]

        assert (answers, Seat.objects.count()) == (["/river/basket/"] * 2, 2)

    def test_even_when_the_last_place_was_theirs_and_the_price_has_changed(
        self, client: Client, studio: RiverStudio
    ) -> None:
        EntryPlaces.objects.update(taken=9)
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}
        client.post(studio.review_path(drop_in=1), form)
        set_price(studio.drop_in, 700)

        assert client.post(studio.review_path(drop_in=1), form)["Location"] == "/river/basket/"
        assert Seat.objects.count() == 1

    def test_after_booking_it_leads_to_the_booking(self, client: Client, studio: RiverStudio) -> None:
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE}
        booked = client.post(studio.review_path(drop_in=1), form)

        assert client.post(studio.review_path(drop_in=1), {**form, **ADD})["Location"] == booked["Location"]
        assert Booking.objects.count() == 1

    @pytest.mark.parametrize("first", [ADD, {}])
    def test_by_the_other_button_asks_before_it_is_had_twice(
        self, client: Client, studio: RiverStudio, first: dict[str, str]
    ) -> None:
        """Into a basket that was there, then booked at once with *Back*; or the other way round."""
        path = studio.review_path(drop_in=1)
        submit_form(client, path, **ZOE, **ADD)
        form = form_fields(client.get(path))
        client.post(path, {**form, **first})

        response = client.post(path, form if first else {**form, **ADD})

        assert (response.status_code, Seat.objects.count()) == (409, 2)
        assert alert_text(response) == "You’ve already sent this form. To book this as well, confirm again."
        assert form_fields(response)["key"] != form["key"]
        assert client.post(path, form_fields(response)).status_code == 302
        assert Seat.objects.count() == 3

    @pytest.mark.parametrize("gone", ["removed", "released"])
    def test_after_it_left_the_basket_asks_again(self, client: Client, studio: RiverStudio, gone: str) -> None:
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE, **ADD}
        client.post(studio.review_path(drop_in=1), form)
        basket = Booking.objects.get()
        if gone == "removed":
            remove_tickets(basket, [Seat.objects.get().pk], ANONYMOUS, now=NOW)
        else:
            release_basket(basket.pk, now=NOW)

        response = client.post(studio.review_path(drop_in=1), form)

        assert alert_text(response) == (
            "You’ve already sent this form, but those tickets are no longer in your basket. "
            "To book this as well, confirm again."
        )
        client.post(studio.review_path(drop_in=1), {**form_fields(response), **ADD})
        assert Seat.objects.filter(cancelled_at=None).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("carries", [False, True])
def test_the_same_form_at_the_same_time_adds_once(client: Client, studio: RiverStudio, *, carries: bool) -> None:
    path = studio.review_path(drop_in=1)
    if carries:
        submit_form(client, path, **ZOE, **ADD)
    form = {**form_fields(client.get(path)), **ZOE, **ADD}
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
