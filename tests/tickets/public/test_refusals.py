"""What the review step refuses, and the same form sent twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from time_machine import travel

from accounts.models import Customer, Letter
from offers.eligibility import Attendee
from offers.models import Offer, UsagePeriod
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.schedule import NOW, OfferFactory
from tests.sentences import CHECK_DETAILS
from tests.tickets.public.booking import ZOE, book_gold, leave_places, list_seats
from tests.worlds.river import RiverStudio
from tickets.booking.book import book_as_seen
from tickets.booking.request import Booked
from tickets.models import Booking, Entry, Seat, Ticket

pytestmark = pytest.mark.django_db


class TestRefusals:
    def test_what_can_still_be_had(self, client: Client, studio: RiverStudio) -> None:
        path = studio.review_path(drop_in=3)
        form = {**form_fields(client.get(path)), **ZOE, f"t{studio.drop_in.pk}-2-name": "Jo"}
        form[f"t{studio.drop_in.pk}-3-name"] = "Flo"
        leave_places(studio, 2)

        response = client.post(path, form)

        assert (response.status_code, Booking.objects.count(), Customer.objects.count()) == (409, 0, 0)
        assert page_text(response).partition("attention ")[2].startswith("Drop-in 3: Sold out. Nothing has been booked")
        assert page_text(response).endswith("Continue with 2 tickets Check again Change tickets")

        # The button sends the same form to the smaller choice, which keeps what was typed.
        smaller = client.post(studio.review_path(drop_in=2), {**form, "check": "1"})

        assert smaller.status_code == 200
        kept = form_fields(smaller)
        assert (kept["booker-name"], kept["booker-email"], kept[f"t{studio.drop_in.pk}-2-name"]) == (
            "Zoë O’Neill",
            "Zoe@Example.org",
            "Jo",
        )
        assert client.post(studio.review_path(drop_in=2), kept).status_code == 302
        assert [name for _ticket, name, _email, _own in list_seats()] == ["Zoë O’Neill", "Jo"]

    def test_checking_again_does_not_complain(self, client: Client, studio: RiverStudio) -> None:
        response = client.post(studio.review_path(drop_in=1), {"check": "1"})

        assert (response.status_code, "attention" in page_text(response)) == (200, False)

    def test_the_last_place_goes_meanwhile(self, client: Client, studio: RiverStudio) -> None:
        path = studio.review_path(drop_in=1)
        form = {**form_fields(client.get(path)), **ZOE}
        leave_places(studio, 0)

        response = client.post(path, form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert "Something needs your attention Sold out. Nothing has been booked" in page_text(response)
        assert form_fields(response)["booker-name"] == "Zoë O’Neill"
        assert form_fields(response)["key"] == form["key"]

    def test_who_loses_the_race_inside_the_service_reads_a_sentence(
        self, client: Client, studio: RiverStudio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The view saw a free place; by the time `book` looks, there is none."""
        path = studio.review_path(drop_in=2)
        form = {**form_fields(client.get(path)), **ZOE, f"t{studio.drop_in.pk}-2-name": "Jo"}

        def slow(*args: Any, **kwargs: Any) -> Booked:
            leave_places(studio, 1)
            return book_as_seen(*args, **kwargs)

        monkeypatch.setattr("tickets.public.order.confirmation.book_as_seen", slow)
        response = client.post(path, form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert "Drop-in 2: Sold out." in page_text(response)
        assert "Continue with 1 ticket" in page_text(response)

    def test_the_limit_is_reached_meanwhile(self, family: RiverStudio) -> None:
        member = family.member()
        client = open_browser(member)
        form = form_fields(client.get(family.review_path(gold=1)))
        Offer.objects.update(limit=1)
        book_gold(family, member, Attendee.GUEST)

        response = client.post(family.review_path(gold=1), form)

        assert (response.status_code, Booking.objects.count()) == (409, 1)
        assert (
            "Limit reached for period. Maximum 1 ticket between 3 January 2030 and 2 February 2030 (inclusive)."
            in page_text(response)
        )

    def test_a_ticket_is_taken_off_sale_meanwhile(
        self, client: Client, studio: RiverStudio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = studio.review_path(drop_in=1)
        form = {**form_fields(client.get(path)), **ZOE}

        def slow(*args: Any, **kwargs: Any) -> Booked:
            Ticket.objects.filter(pk=studio.drop_in.pk).update(shown=False)
            return book_as_seen(*args, **kwargs)

        monkeypatch.setattr("tickets.public.order.confirmation.book_as_seen", slow)
        response = client.post(path, form)

        assert (response.status_code, response["Location"], Booking.objects.count()) == (302, studio.entry_path, 0)
        told = "Boat house A ticket you chose is no longer on sale. Choose again."
        assert page_text(client.get(studio.entry_path)).count(told) == 1

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"cancelled_at": NOW}, "This event has been cancelled."),
            ({"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}, "This event has already started."),
        ],
    )
    def test_what_is_over(self, client: Client, studio: RiverStudio, change: dict[str, Any], said: str) -> None:
        form = form_fields(client.get(studio.review_path(drop_in=1)))
        Entry.objects.update(**change)

        response = client.post(studio.review_path(drop_in=1), {**form, **ZOE})

        assert (response.status_code, said in page_text(response), Booking.objects.count()) == (409, True, 0)

    def test_another_offer_than_the_one_shown_is_not_charged_unasked(self, studio: RiverStudio) -> None:
        """The page showed the unlimited offer; it was switched off, and now a use of the other would be spent."""
        free = OfferFactory.create(group=studio.group, page=studio.page)
        OfferFactory.create(group=studio.group, page=studio.page, limit=3)
        client = open_browser(studio.member())
        form = form_fields(client.get(studio.review_path(gold=1)))
        Offer.objects.filter(pk=free.pk).update(enabled=False)

        response = client.post(studio.review_path(gold=1), form)

        assert (response.status_code, Booking.objects.count()) == (409, 0)
        assert CHECK_DETAILS in page_text(response)
        assert "2 tickets left after this, until 2 February 2030." in page_text(response)
        assert client.post(studio.review_path(gold=1), form_fields(response)).status_code == 302


class TestSentTwice:
    def test_books_once(self, personal: RiverStudio) -> None:
        client = open_browser(personal.member())
        form = form_fields(client.get(personal.review_path(gold=1)))

        first = client.post(personal.review_path(gold=1), form)
        with travel(NOW + timedelta(seconds=1), tick=False):
            second = client.post(personal.review_path(gold=1), form)

        assert (first.status_code, second.status_code, first["Location"]) == (302, 302, second["Location"])
        assert (Booking.objects.count(), UsagePeriod.objects.get().used, Letter.objects.count()) == (1, 1, 1)
        assert page_text(client.get(first["Location"])).count("We’ve emailed your confirmation") == 1

    @pytest.mark.race
    @pytest.mark.django_db(transaction=True)
    def test_at_the_same_time_books_once(self, personal: RiverStudio) -> None:
        client = open_browser(personal.member())
        form = form_fields(client.get(personal.review_path(gold=1)))
        together = Barrier(4)

        def press() -> tuple[int, str]:
            browser = Client()
            browser.cookies = client.cookies
            together.wait(20)
            try:
                response = browser.post(personal.review_path(gold=1), form)
                return response.status_code, response["Location"]
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            answers = [future.result() for future in [pool.submit(press) for _ in range(4)]]

        assert answers == [(302, f"/my/bookings/{Booking.objects.get().uuid}/")] * 4
        assert (UsagePeriod.objects.get().used, Letter.objects.count()) == (1, 1)

    def test_also_when_the_last_place_was_theirs(self, client: Client, studio: RiverStudio) -> None:
        leave_places(studio, 1)
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE}

        assert [client.post(studio.review_path(drop_in=1), form).status_code for _ in range(2)] == [302, 302]
        assert Booking.objects.count() == 1

    def test_for_another_address_asks_again(self, client: Client, studio: RiverStudio) -> None:
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE}
        client.post(studio.review_path(drop_in=1), form)

        response = client.post(studio.review_path(drop_in=1), {**form, "booker-email": "other@example.org"})

        assert (response.status_code, Booking.objects.count()) == (409, 1)
        assert (
            "You’ve already sent this form, with a different email address. To book this as well, confirm again."
            in page_text(response)
        )
        assert form_fields(response)["key"] != form["key"]
        assert client.post(studio.review_path(drop_in=1), form_fields(response)).status_code == 302
        assert Booking.objects.count() == 2

    def test_after_going_back_and_changing_it_asks_again(self, client: Client, studio: RiverStudio) -> None:
        form = {**form_fields(client.get(studio.review_path(drop_in=1))), **ZOE}
        client.post(studio.review_path(drop_in=1), form)
        changed = {**form, f"t{studio.drop_in.pk}-1-who": "guest", f"t{studio.drop_in.pk}-1-name": "Jo"}

        response = client.post(studio.review_path(drop_in=1), changed)

        assert (response.status_code, Seat.objects.get().attendee_name) == (409, "Zoë O’Neill")
        assert (
            "You’ve already sent this form, for a different booking. To book this as well, confirm again."
            in page_text(response)
        )
        assert client.post(studio.review_path(drop_in=1), form_fields(response)).status_code == 302
        assert [name for _ticket, name, _email, _own in list_seats()] == ["Zoë O’Neill", "Jo"]

    def test_a_form_of_its_own_books_again_once_they_say_that_they_mean_it(
        self, client: Client, studio: RiverStudio
    ) -> None:
        submit_form(client, studio.review_path(drop_in=1), **ZOE)
        asked = submit_form(client, studio.review_path(drop_in=1), **ZOE)
        assert (asked.status_code, Booking.objects.count()) == (409, 1)

        client.post(studio.review_path(drop_in=1), form_fields(asked))

        assert Booking.objects.count() == 2
