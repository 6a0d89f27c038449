"""The basket from several tabs at one instant: paid, booked, returned to and held again once."""

import pytest
from django.utils import timezone

from tests.browsing import open_browser, page_text
from tests.races.crowd import run_at_once
from tests.tickets.public.basket import basket_cookie_of, basket_path, open_browser_with_basket, shown_basket_version
from tests.worlds.till import Till, payment_of
from tickets.availability.facts import ANONYMOUS
from tickets.booking.hold import release_basket
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.settling import settle_payment
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Payment, Refund, Seat
from tickets.money.payments import open_payment_of
from tickets.public.basket import checkout_return

pytestmark = pytest.mark.django_db(transaction=True)

TABS, ROUNDS = 5, 5


def fill_basket(till: Till, price: int = 1200) -> Booking:
    entry = till.entry()
    return till.fill(entry, till.ticket(entry, price))


def post_from_every_tab(basket: Booking, path: str, **typed: str) -> list[tuple[int, str]]:
    """What every tab is answered that sends a form at the same instant."""

    def send(_tab: int) -> tuple[int, str]:
        answer = open_browser_with_basket(basket).post(path, typed)
        return answer.status_code, answer["Location"]

    return run_at_once(TABS, send)


def test_paying_opens_one_checkout(till: Till) -> None:
    basket = fill_basket(till)
    shown = shown_basket_version(open_browser_with_basket(basket).get(basket_path(till)))
    answers = post_from_every_tab(basket, basket_path(till, "pay/"), basket_version=shown)
    assert {status for status, _path in answers} == {303}
    # Who’s coming while it is being opened is asked to wait; whoever goes on is on the same page of Stripe's.
    assert len({where for _status, where in answers} - {basket_path(till)}) == 1
    assert (basket.payments.count(), payment_of(basket).amount) == (1, 1200)


def test_logging_in_in_every_tab_makes_a_guests_basket_the_logins_once(till: Till) -> None:
    entry, customer = till.entry(), till.customer_with_login()
    guests = till.fill(entry, till.ticket(entry), customer=customer, who=ANONYMOUS)

    def look(_tab: int) -> str:
        tab = open_browser_with_basket(guests, open_browser(customer))
        assert "Your basket is empty" not in page_text(tab.get(basket_path(till)))
        return basket_cookie_of(tab, guests)

    carried = run_at_once(TABS, look)

    basket = Booking.objects.get()
    assert (set(carried), basket.filled_by, basket.uuid == guests.uuid) == ({str(basket.uuid)}, customer.user, False)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_stranger_who_adds_while_it_becomes_a_logins_never_learns_its_uuid(till: Till, _round: int) -> None:
    entry, customer = till.entry(), till.customer_with_login()
    ticket = till.ticket(entry)
    guests = till.fill(entry, ticket, customer=customer, who=ANONYMOUS)

    def come(number: int) -> str:
        if number == 0:
            tab = open_browser_with_basket(guests, open_browser(customer))
            tab.get(basket_path(till))
            return ""
        try:
            known = till.fill(entry, ticket, customer=customer, basket=guests, who=ANONYMOUS)
        except BasketClosedError:
            return str(guests.uuid)
        return str(known.uuid)

    _login, *strangers = run_at_once(TABS, come)

    assert set(strangers) == {str(guests.uuid)}
    assert Booking.objects.get().uuid != guests.uuid


def test_what_is_free_is_booked_once(till: Till) -> None:
    basket = fill_basket(till, 0)
    shown = shown_basket_version(open_browser_with_basket(basket).get(basket_path(till)))
    assert set(post_from_every_tab(basket, basket_path(till, "pay/"), basket_version=shown)) == {
        (303, f"/my/bookings/{basket.uuid}/")
    }
    assert (Booking.objects.get().state, Seat.objects.count()) == (BookingState.BOOKED, 1)


def test_coming_back_in_every_tab_books_once(till: Till) -> None:
    basket = fill_basket(till)
    till.seller.sandbox.shopper.pay(till.check_out(basket))

    def come_back(_tab: int) -> str:
        return open_browser_with_basket(basket).get(basket_path(till), {"paid": str(basket.uuid)})["Location"]

    assert set(run_at_once(TABS, come_back)) == {f"/my/bookings/{basket.uuid}/"}
    assert (Booking.objects.get().state, Refund.objects.count()) == (BookingState.BOOKED, 0)
    assert check_books(now=timezone.now()) == []


def test_coming_back_as_another_tab_has_settled_it_waits_for_nothing(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket = fill_basket(till)
    till.seller.sandbox.shopper.pay(till.check_out(basket))

    def look_later(booking: Booking) -> Payment | None:
        if payment := open_payment_of(booking):
            settle_payment(payment, now=timezone.now())
        return open_payment_of(booking)

    monkeypatch.setattr(checkout_return, "open_payment_of", look_later)
    answer = open_browser_with_basket(basket).get(basket_path(till), {"paid": str(basket.uuid)})

    assert (answer.status_code, answer.headers.get("Location")) == (303, f"/my/bookings/{basket.uuid}/")


def test_it_is_held_again_once(till: Till) -> None:
    basket = fill_basket(till)
    release_basket(basket.pk, now=timezone.now())
    assert set(post_from_every_tab(basket, basket_path(till, "again/"))) == {(303, basket_path(till))}
    assert Booking.objects.count() == 2
    assert Seat.objects.filter(cancelled_at=None).count() == 1
    assert check_books(now=timezone.now()) == []
