"""*Back* after a confirmed booking: the page says that this was booked, and books again only if they mean it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from accounts.models import Letter
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.sentences import ALREADY_BOOKED
from tests.tickets.public.adding import ADD, alert_text, basket_in_cookie
from tests.tickets.public.basket import basket_path, button_labels, shown_basket_version
from tests.tickets.public.booking import ZOE, book_for_stranger
from tests.worlds.river import RiverStudio
from tests.worlds.till import Till
from tickets.booking.cancel import cancel_by_customer
from tickets.models import Booking, BookingState, Seat

pytestmark = pytest.mark.django_db

TOLD = "You already booked this on 15 January at 12:00: Drop-in."
ASKED = f"{TOLD} Nothing more has been booked. If you want to book it again, choose “Book again”. See your booking"


def new_form(client: Client, path: str, **typed: str) -> dict[str, str]:
    """The form as *Back* brings it, fetched again: it has a key of its own."""
    return {**form_fields(client.get(path)), **typed}


@pytest.fixture
def path(studio: RiverStudio) -> str:
    return studio.review_path(drop_in=1)


@pytest.fixture
def booker(client: Client, path: str) -> Client:
    """A guest's browser that has just booked a Drop-in."""
    assert submit_form(client, path, **ZOE).status_code == 302
    return client


def test_the_page_says_what_was_booked_and_when(booker: Client, path: str) -> None:
    page = booker.get(path)

    assert f"{TOLD} See your booking Your details" in page_text(page)
    assert f'href="/my/bookings/{Booking.objects.get().uuid}/"' in page.content.decode()


def test_confirming_again_asks_first_and_sends_nothing(booker: Client, path: str) -> None:
    answer = booker.post(path, new_form(booker, path, **ZOE))

    assert (answer.status_code, Booking.objects.count(), Letter.objects.count()) == (409, 1, 1)
    assert alert_text(answer) == ASKED
    assert form_fields(answer)["booker-name"] == "Zoë O’Neill"
    assert button_labels(answer)[-3:] == ["Book again", "Add to basket and choose more", "Change tickets"]


def test_a_second_deliberate_answer_books_once_more_and_once(booker: Client, path: str) -> None:
    asked = form_fields(booker.post(path, new_form(booker, path, **ZOE)))

    answers = [booker.post(path, asked) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert (Booking.objects.count(), Letter.objects.count()) == (2, 2)
    # And after that, *Back* asks again.
    assert booker.post(path, new_form(booker, path, **ZOE)).status_code == 409


@pytest.mark.parametrize("change", [{"booker-name": "Zoe O’Neill"}, {"booker-email": "zo@example.org"}])
def test_whatever_was_corrected_on_the_way_back(booker: Client, path: str, change: dict[str, str]) -> None:
    assert booker.post(path, new_form(booker, path, **{**ZOE, **change})).status_code == 409
    assert Booking.objects.count() == 1


def test_another_number_of_the_same_tickets_asks_too(booker: Client, studio: RiverStudio) -> None:
    two = studio.review_path(drop_in=2)

    answer = booker.post(two, new_form(booker, two, **ZOE, **{f"t{studio.drop_in.pk}-2-name": "Jo"}))

    assert (answer.status_code, Seat.objects.count()) == (409, 1)


def test_the_old_page_with_its_old_key_leads_to_the_booking(client: Client, path: str) -> None:
    """As a browser shows it that keeps pages as they were."""
    kept = new_form(client, path, **ZOE)
    first = client.post(path, kept)

    again = client.post(path, kept)

    assert (again.status_code, again["Location"], Booking.objects.count()) == (302, first["Location"], 1)


def test_a_mistake_in_the_second_answer_does_not_lose_it(booker: Client, path: str) -> None:
    asked = form_fields(booker.post(path, new_form(booker, path, **ZOE)))

    wrong = booker.post(path, {**asked, "booker-name": ""})
    assert wrong.status_code == 422

    assert booker.post(path, {**form_fields(wrong), "booker-name": "Zoë"}).status_code == 302
    assert Booking.objects.count() == 2


def test_a_login_is_asked_in_another_browser_too(studio: RiverStudio, path: str) -> None:
    member = studio.member()
    submit_form(open_browser(member), path)

    elsewhere = open_browser(member)
    answer = elsewhere.post(path, new_form(elsewhere, path))

    assert (answer.status_code, Booking.objects.count()) == (409, 1)
    assert alert_text(answer) == ASKED


def test_a_login_without_a_proved_address_is_asked_in_its_browser(path: str) -> None:
    client = open_browser(UserFactory.create(email="new@example.org", proved=False))
    submit_form(client, path, **ZOE)

    assert client.post(path, new_form(client, path, **ZOE)).status_code == 409


def test_nobody_else_learns_that_an_address_booked(booker: Client, path: str) -> None:
    """In another browser, whoever types it books as if nothing were known."""
    other = Client()
    assert TOLD not in page_text(other.get(path))

    assert other.post(path, new_form(other, path, **ZOE)).status_code == 302
    assert Booking.objects.count() == 2


def test_another_login_in_the_same_browser_is_not_told(booker: Client, studio: RiverStudio, path: str) -> None:
    member = studio.member()
    assert member.user
    booker.force_login(member.user)

    assert TOLD not in page_text(booker.get(path))
    assert booker.post(path, new_form(booker, path)).status_code == 302


def test_what_a_login_booked_is_not_told_once_they_have_logged_out(studio: RiverStudio, path: str) -> None:
    client = open_browser(studio.member())
    submit_form(client, path)
    client.logout()

    assert TOLD not in page_text(client.get(path))


def test_a_cookie_that_somebody_made_up_does_no_harm(client: Client, path: str) -> None:
    client.cookies["booked"] = f"nonsense.{uuid4()}.\x00..{'9' * 5000}"

    assert submit_form(client, path, **ZOE).status_code == 302


def test_other_tickets_and_other_events_are_booked_at_once(booker: Client, studio: RiverStudio) -> None:
    kids = TicketFactory.create(entry=studio.entry, name="Kids")
    other = EntryFactory.create(page=studio.page, title="Evening yoga")
    adults = TicketFactory.create(entry=other)

    for to in (f"{studio.entry_path}book/?t{kids.pk}=1", f"/river/entries/{other.uuid}/book/?t{adults.pk}=1"):
        assert booker.post(to, new_form(booker, to, **ZOE)).status_code == 302
    assert Booking.objects.count() == 3


def test_what_was_cancelled_is_booked_at_once(booker: Client, path: str) -> None:
    booking = Booking.objects.get()
    cancel_by_customer(booking, list(booking.seats.values_list("pk", flat=True)), now=NOW)

    assert booker.post(path, new_form(booker, path, **ZOE)).status_code == 302


@pytest.mark.parametrize(("hours", "status"), [(23, 409), (24, 302)])
def test_after_a_day_it_is_no_slip_any_more(studio: RiverStudio, path: str, hours: int, status: int) -> None:
    member = studio.member()
    submit_form(open_browser(member), path)

    with travel(NOW + timedelta(hours=hours), tick=False):
        client = open_browser(member)
        assert client.post(path, new_form(client, path)).status_code == status


def test_what_is_sold_out_by_their_own_booking_says_so_first(booker: Client, studio: RiverStudio, path: str) -> None:
    places = load_entry(studio.entry).places
    places.capacity = 1
    places.save()

    assert TOLD in page_text(booker.get(path))
    assert TOLD in page_text(booker.post(path, {**ZOE, "key": str(uuid4())}))


def test_a_free_basket_that_was_booked_is_asked_about_before_it_is_filled_again(
    client: Client, studio: RiverStudio, path: str
) -> None:
    submit_form(client, path, **ZOE, **ADD)
    basket = Booking.objects.get(uuid=basket_in_cookie(client, studio))
    shown = shown_basket_version(client.get("/river/basket/"))
    client.post("/river/basket/pay/", {"basket_version": shown})
    basket.refresh_from_db()
    assert basket.state == BookingState.BOOKED

    answer = client.post(path, new_form(client, path, **ZOE, **ADD))

    assert (answer.status_code, Booking.objects.count()) == (409, 1)
    assert client.post(path, {**form_fields(answer), **ADD}).status_code == 302
    assert Seat.objects.count() == 2


@pytest.mark.parametrize("afterwards", ["comes back", "stays away"])
def test_a_basket_that_was_paid_for_is_asked_about_before_it_is_filled_again(
    client: Client, river_till: Till, afterwards: str
) -> None:
    entry = river_till.entry()
    path = f"/{river_till.page.slug}/entries/{entry.uuid}/book/?t{river_till.ticket(entry, name='Drop-in').pk}=1"
    submit_form(client, path, **ZOE, **ADD)
    basket = Booking.objects.get()
    river_till.pay(basket)
    if afterwards == "comes back":
        assert client.get(basket_path(river_till), {"paid": str(basket.uuid)}).status_code == 303

    answer = client.post(path, new_form(client, path, **ZOE, **ADD))

    assert (answer.status_code, Booking.objects.count()) == (409, 1)
    assert alert_text(answer).startswith("You already booked this on ")
    assert "If you want to book it again, choose “Add to basket again”." in alert_text(answer)
    assert "Add to basket again" in button_labels(answer)
    assert client.post(path, {**form_fields(answer), **ADD}).status_code == 302


def test_the_basket_page_of_what_was_bought_leads_to_the_booking(client: Client, river_till: Till) -> None:
    entry = river_till.entry()
    submit_form(
        client, f"/{river_till.page.slug}/entries/{entry.uuid}/book/?t{river_till.ticket(entry).pk}=1", **ZOE, **ADD
    )
    river_till.pay(Booking.objects.get())

    answer = client.post(basket_path(river_till, "pay/"), {"basket_version": "x"}, follow=True)

    assert ALREADY_BOOKED in page_text(answer)


def test_who_has_not_booked_there_costs_no_statement_more(
    studio: RiverStudio, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Who has booked something else may carry a cookie for it."""
    book_for_stranger(studio, "Zoë")
    client = Client()
    client.cookies["booked"] = uuid4().hex

    with django_assert_num_queries(1):
        client.get(path)
