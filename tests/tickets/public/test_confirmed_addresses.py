"""*Free tickets need a confirmed email address*: a guest's free booking waits for the link that is sent to them."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from time_machine import travel

from accounts.models import Letter
from tests.browsing import open_browser, page_text, shown_messages, submit_form
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, load_entry
from tests.tickets.public.adding import ADD, set_price
from tests.tickets.public.booking import ZOE
from tests.worlds.river import RiverStudio
from tickets.availability.facts import ANONYMOUS
from tickets.booking.book import book
from tickets.booking.hold import release_basket
from tickets.booking.refusals import AddressNotConfirmedError
from tickets.booking.request import WantedTicket
from tickets.models import Booking, BookingState, TicketCost

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

SENT = "We’ve sent a link to zoe@example.org. Use it by 12:15 to confirm your booking. Nothing is booked until then."


@pytest.fixture
def careful(studio: RiverStudio) -> RiverStudio:
    """River Studio asks for confirmed addresses."""
    studio.account.confirms_free_bookings = True
    studio.account.save()
    type(studio.drop_in).objects.filter(pk=studio.drop_in.pk).update(cost=TicketCost.FREE)
    return studio


def ask(client: Client, studio: RiverStudio, **typed: str) -> "Answer":
    return submit_form(client, studio.review_path(drop_in=1), **{**ZOE, **typed})


def link() -> str:
    found = re.search(r"https?://[^/\s]+(/\S+/confirm/\S+)", Letter.objects.latest("pk").text)
    assert found
    return found[1]


def confirm(path: str, client: Client | None = None) -> "Answer":
    return submit_form(client or Client(), path)


def test_the_review_says_what_will_happen(client: Client, careful: RiverStudio) -> None:
    page = page_text(client.get(careful.review_path(drop_in=1)))
    assert "We’ll hold this for 15 minutes and email you a link. Use it to confirm your booking." in page
    assert ("Email me the link" in page, "Confirm booking" in page) == (True, False)


def test_a_guest_gets_a_link_and_nothing_is_booked(client: Client, careful: RiverStudio) -> None:
    answer = ask(client, careful)
    assert (answer["Location"], shown_messages(answer)) == ("/river/basket/", [SENT])
    assert Booking.objects.get().state == BookingState.BASKET
    assert [(each.kind, each.recipient) for each in Letter.objects.all()] == [("confirm", "zoe@example.org")]
    basket = page_text(client.get("/river/basket/"))
    assert "Email me the link We’ll email a link to zoe@example.org. Use it to confirm your booking." in basket


def test_the_letter_repeats_nothing_that_a_stranger_typed(client: Client, careful: RiverStudio) -> None:
    ask(client, careful, **{"booker-name": "Your parcel"})
    letter = Letter.objects.get()
    assert (letter.subject, "parcel" in letter.text) == ("Confirm your booking at River Studio", False)
    assert letter.text.startswith(
        "Someone, probably you, asked to book at River Studio. The spaces are held until 12:15 (Europe/London). "
        "Use the link by then to book them.\n\nMorning yoga\nThursday 17 January 2030, 12:00–13:00 (Europe/London)\n"
        "Boat house\n\n1 ticket\n\nConfirm your booking: "
    )


def test_the_link_books_in_any_browser_once(client: Client, careful: RiverStudio) -> None:
    ask(client, careful)
    path = link()
    shown = Client().get(path)
    assert (shown.status_code, Booking.objects.get().state) == (200, BookingState.BASKET)
    assert "Morning yoga" in page_text(shown)
    booking = Booking.objects.get()
    booked = [confirm(path), Client().get(path), Client().post(path)]
    assert {answer["Location"] for answer in booked} == {f"/my/bookings/{booking.uuid}/"}
    assert Booking.objects.get().state == BookingState.BOOKED
    assert sorted(Letter.objects.values_list("kind", flat=True)) == ["bought", "confirm"]
    assert "refunded" not in Letter.objects.get(kind="bought").text


def test_the_guests_own_browser_cannot_do_without_it(client: Client, careful: RiverStudio) -> None:
    ask(client, careful, **ADD)
    assert Letter.objects.count() == 0
    version = client.get("/river/basket/").context["basket"].basket_version
    paid = client.post("/river/basket/pay/", {"basket_version": version})
    assert (paid["Location"], shown_messages(paid)) == ("/river/basket/", [SENT])
    assert (Booking.objects.get().state, Letter.objects.get().kind) == (BookingState.BASKET, "confirm")


def test_the_service_books_nothing_for_an_address_that_is_not_proved(careful: RiverStudio) -> None:
    customer = careful.member()
    wanted = [WantedTicket(ticket=careful.drop_in.pk, name="Jo")]
    with pytest.raises(AddressNotConfirmedError):
        book(load_entry(careful.entry), customer, wanted, who=ANONYMOUS, key=Booking().uuid, now=NOW)
    assert Booking.objects.count() == 0


def test_somebody_who_is_logged_in_books_at_once(careful: RiverStudio) -> None:
    answer = submit_form(
        open_browser(UserFactory.create(name="Vic")),
        careful.review_path(drop_in=1),
        **{f"t{careful.drop_in.pk}-1-who": "self"},
    )
    assert (Booking.objects.get().state, answer["Location"]) == (
        BookingState.BOOKED,
        f"/my/bookings/{Booking.objects.get().uuid}/",
    )


def test_a_login_without_a_proved_address_gets_the_link_too(careful: RiverStudio) -> None:
    ask(open_browser(UserFactory.create(email="zoe@example.org", proved=False)), careful)
    assert (Booking.objects.get().state, Letter.objects.get().kind) == (BookingState.BASKET, "confirm")


def test_what_costs_is_paid_and_needs_no_link(client: Client, careful: RiverStudio) -> None:
    set_price(careful.drop_in, 1200)
    assert "Email me the link" not in page_text(client.get(careful.review_path(drop_in=1)))
    assert (ask(client, careful)["Location"], Letter.objects.count()) == ("/river/basket/", 0)


def test_without_the_setting_a_guest_books_at_once(client: Client, studio: RiverStudio) -> None:
    ask(client, studio)
    assert Booking.objects.get().state == BookingState.BOOKED


def test_a_link_that_comes_too_late_books_nothing(client: Client, careful: RiverStudio) -> None:
    ask(client, careful)
    path, basket = link(), Booking.objects.get()
    with travel(NOW + timedelta(minutes=16), tick=False):
        release_basket(basket.pk, now=NOW + timedelta(minutes=16))
        late = [Client().get(path), Client().post(path)]
        assert [each.status_code for each in late] == [410, 410]
        assert "This link no longer works" in page_text(late[0])
        assert "Your basket has expired" in page_text(client.get(path))
    assert Booking.objects.get().state == BookingState.RELEASED


@pytest.mark.parametrize("damage", ["x", "", "e30:1abc:def"])
def test_a_damaged_link_is_no_error(client: Client, careful: RiverStudio, damage: str) -> None:
    ask(client, careful)
    path = f"{link().rstrip('/')[:-1]}{damage}/"
    assert Client().get(path).status_code == 410
    assert Client().get(f"/river/basket/confirm/{damage or 'x'}/").status_code == 410


def test_another_studios_page_opens_no_link(client: Client, careful: RiverStudio) -> None:
    ask(client, careful)
    assert Client().get(link().replace("/river/", "/nowhere/")).status_code == 404


def test_five_links_an_hour_are_sent_to_one_address(client: Client, careful: RiverStudio) -> None:
    ask(client, careful)
    version = client.get("/river/basket/").context["basket"].basket_version
    answers = [client.post("/river/basket/pay/", {"basket_version": version}) for _number in range(5)]
    assert [each.status_code for each in answers] == [303] * 4 + [429]
    assert "We’ve sent several links to this address. Check your inbox for the newest" in page_text(answers[4])
    assert Letter.objects.count() == 5


def test_one_form_sent_twice_sends_two_links_to_one_basket(client: Client, careful: RiverStudio) -> None:
    key = "0b4f9b0e-6a37-4b1c-9d2f-0a4a7d9f6d11"
    answers = [ask(client, careful, key=key)["Location"] for _twice in range(2)]
    assert (answers, Booking.objects.count()) == (["/river/basket/"] * 2, 1)
