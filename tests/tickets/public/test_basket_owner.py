"""A basket belongs to the browser or the login that filled it: nobody joins another's, by address or by secret."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Customer
from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.factories.schedule import NOW, load_entry
from tests.tickets.public.adding import ADD
from tests.tickets.public.basket import basket_cookie_of, open_browser_with_basket
from tests.tickets.public.booking import ZOE
from tests.worlds.river import RiverStudio
from tickets.availability.facts import ANONYMOUS
from tickets.booking.refusals import BasketClosedError
from tickets.booking.request import WantedTicket
from tickets.checkout import basket as baskets
from tickets.models import HELD_STATES, Booking, BookingState, Seat

pytestmark = pytest.mark.django_db

BASKET = "/river/basket/"
EMPTY = "Your basket is empty"


def typed(customer: Customer) -> dict[str, str]:
    """What a stranger types who knows a member's address."""
    return {**ZOE, "booker-email": customer.email}


def confirm(client: Client) -> Booking:
    """Somebody confirms what is in their basket, which costs nothing."""
    form = form_fields(client.get(BASKET))
    answer = client.post(f"{BASKET}pay/", form)
    return Booking.objects.get(uuid=answer["Location"].rstrip("/").rpartition("/")[2])


def pages_of(booking: Booking | str) -> list[str]:
    secret = getattr(booking, "uuid", booking)
    return [f"/my/bookings/{secret}/{part}" for part in ("", "receipt/", "calendar.ics", "cancel/")]


def test_a_stranger_who_typed_a_members_address_gets_nothing_of_what_she_books(personal: RiverStudio) -> None:
    """The attack: without a login, something is put into a basket under her address; she logs in and books."""
    ada, stranger = personal.member(), Client()
    submit_form(stranger, personal.review_path(drop_in=1), **typed(ada), **ADD)
    known = stranger.cookies[f"basket-{personal.account.pk}"].value
    hers = open_browser(ada)

    assert EMPTY in page_text(hers.get(BASKET))
    assert "You have a basket" not in hers.get("/my/").content.decode()
    submit_form(hers, personal.review_path(gold=1), **ADD)
    booking = confirm(hers)

    assert Seat.objects.get(booking=booking, cancelled_at=None).use_id is not None
    assert str(booking.uuid) != known
    told = [page_text(stranger.get(BASKET))]
    for path in pages_of(known):
        told += [ask(path, follow=True).content.decode() for ask in (stranger.get, stranger.post)]
    assert [each for each in told if "Lovelace" in each or "Gold" in each or str(booking.uuid) in each] == []
    assert booking.seats.filter(cancelled_at=None).count() == 1
    theirs = Booking.objects.get(uuid=known)
    assert (theirs.state, theirs.seats.count(), theirs.filled_by) == (BookingState.BASKET, 1, None)


def test_a_guests_own_basket_goes_through_logging_in_under_another_uuid(personal: RiverStudio) -> None:
    ada, browser = personal.member(), Client()
    submit_form(browser, personal.review_path(drop_in=1), **typed(ada), **ADD)
    known, key = Booking.objects.values_list("uuid", "key").get()
    stranger = Client()
    stranger.cookies[f"basket-{personal.account.pk}"] = str(known)
    assert ada.user is not None
    browser.force_login(ada.user)

    # Whichever page comes first.
    assert browser.get(personal.entry_path).status_code == 200

    basket = Booking.objects.get()
    assert (basket.filled_by, basket.uuid == known, basket.key == key) == (ada.user, False, False)
    assert basket_cookie_of(browser, basket) == str(basket.uuid)
    submit_form(browser, personal.review_path(gold=1), **ADD)
    assert basket.seats.count() == 2
    for path in pages_of(str(known)):
        assert stranger.get(path).status_code == 404
    assert EMPTY in page_text(stranger.get(BASKET))
    assert "(1)" not in stranger.get("/river/").content.decode()
    stranger.post(f"{BASKET}empty/")
    answer = stranger.post(f"{BASKET}pay/", {"basket": str(known), "basket_version": ""})
    assert (answer["Location"], confirm(browser)) == (BASKET, basket)
    assert basket.seats.filter(cancelled_at=None).count() == 2


def test_the_form_that_filled_it_leads_a_stranger_nowhere_any_more(personal: RiverStudio) -> None:
    """They keep the form, with its key, that put the first ticket in."""
    ada, browser = personal.member(), Client()
    path = personal.review_path(drop_in=1)
    form = {**form_fields(browser.get(path)), **typed(ada), **ADD}
    browser.post(path, form)
    stranger = Client()
    stranger.cookies[f"basket-{personal.account.pk}"] = browser.cookies[f"basket-{personal.account.pk}"].value
    assert ada.user is not None
    browser.force_login(ada.user)
    booking = confirm(browser)

    answers = [each.post(path, form) for each in (stranger, Client())]

    told = [f"{answer.content.decode()}{answer.headers}{answer.cookies}" for answer in answers]
    assert [str(booking.uuid) in each for each in told] == [False, False]
    assert booking.seats.filter(cancelled_at=None).count() == 1


def test_two_tabs_that_log_in_at_once_carry_the_same_basket(personal: RiverStudio) -> None:
    ada, guest = personal.member(), Client()
    submit_form(guest, personal.review_path(drop_in=1), **typed(ada), **ADD)
    known = Booking.objects.get()
    # Each goes out with the cookie as it was before.
    first, second = (
        open_browser_with_basket(known, open_browser(ada)),
        open_browser_with_basket(known, open_browser(ada)),
    )

    told = [page_text(tab.get(BASKET)) for tab in (first, second)]

    basket = Booking.objects.get()
    assert basket.uuid != known.uuid
    assert [EMPTY in each for each in told] == [False, False]
    assert [basket_cookie_of(tab, basket) for tab in (first, second)] == [str(basket.uuid)] * 2


def test_it_is_made_a_logins_once(personal: RiverStudio) -> None:
    ada = personal.member()
    submit_form(Client(), personal.review_path(drop_in=1), **typed(ada), **ADD)
    first, second = Booking.objects.get(), Booking.objects.get()
    assert ada.user is not None

    assert [baskets.claim_basket(each, ada.user.pk) for each in (first, second)] == [True, False]
    assert Booking.objects.get().uuid == first.uuid != second.uuid


@pytest.mark.parametrize("act", ["add", "remove", "look"])
def test_who_looked_at_it_before_it_was_a_logins_does_nothing_to_it_afterwards(personal: RiverStudio, act: str) -> None:
    """A request of the stranger's that has found the basket by its old uuid, and comes second."""
    ada, stranger = personal.member(), Client()
    submit_form(stranger, personal.review_path(drop_in=1), **typed(ada), **ADD)
    stale, basket = Booking.objects.get(), Booking.objects.get()
    assert ada.user is not None
    assert baskets.claim_basket(basket, ada.user.pk)
    entry = load_entry(personal.entry)
    wanted = [WantedTicket(ticket=personal.drop_in.pk, name="Eve")]

    if act == "look":
        assert baskets.refresh_basket(stale, ANONYMOUS, now=NOW).is_empty
    elif act == "add":
        with pytest.raises(BasketClosedError):
            baskets.add_tickets(stale, entry, ada, wanted, who=ANONYMOUS, key=uuid4(), now=NOW)
    else:
        with pytest.raises(BasketClosedError):
            baskets.remove_tickets(stale, [Seat.objects.get().pk], ANONYMOUS, now=NOW)

    assert Seat.objects.filter(booking=basket, cancelled_at=None).count() == 1


@pytest.mark.parametrize("path", ["/my/bookings/{}/", "/river/basket/?left={}"])
@pytest.mark.parametrize("login", [True, False])
def test_an_address_that_somebody_sends_does_not_make_a_basket_the_visitors(
    personal: RiverStudio, path: str, *, login: bool
) -> None:
    """Else a stranger fills a basket, sends its address, and waits until the other has booked with it."""
    ada = personal.member()
    submit_form(Client(), personal.review_path(drop_in=1), **typed(ada), **ADD)
    sent = Booking.objects.get()
    browser = open_browser(ada) if login else Client()

    assert browser.get(path.format(sent.uuid))["Location"] == BASKET

    assert basket_cookie_of(browser, sent) == ""
    submit_form(browser, personal.review_path(drop_in=1), **({} if login else typed(ada)), **ADD)
    assert Booking.objects.filter(state__in=HELD_STATES).count() == 2
    assert sent.seats.count() == 1


def test_a_booked_guest_booking_stays_as_it_is(personal: RiverStudio) -> None:
    """Once it is booked it is hers: the letter went to her address."""
    ada, guest = personal.member(), Client()
    submit_form(guest, personal.review_path(drop_in=1), **typed(ada), **ADD)
    booking = confirm(guest)

    assert "Morning yoga" in page_text(open_browser(ada).get("/my/"))
    assert Booking.objects.get().uuid == booking.uuid
