"""From the review step straight on to payment: once, with what was seen there, and with nothing else."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.browsing import form_fields, open_browser, page_text, submit_form
from tests.sentences import BOOKED_AND_EMAILED, CHECK_DETAILS, STRIPE_IS_DOWN
from tests.tickets.public.adding import ADD, button_texts, set_price
from tests.tickets.public.basket import basket_path
from tests.tickets.public.booking import ZOE
from tests.worlds.till import Till
from tickets.models import Booking, BookingState, Payment, Seat, Ticket

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

PAY = {"add": "pay"}


def review_path(ticket: Ticket, count: int = 1) -> str:
    entry = ticket.series.entries.select_related("page").get()
    return f"/{entry.page.slug}/entries/{entry.uuid}/book/?t{ticket.pk}={count}"


@pytest.fixture
def ticket(river_till: Till) -> Ticket:
    return river_till.ticket(river_till.entry(title="Morning yoga"), 1200, name="Drop-in")


def where(response: "Answer") -> str:
    return response.headers.get("Location", "")


def test_one_press_leads_to_stripe_and_a_second_to_the_same_checkout(river_till: Till, ticket: Ticket) -> None:
    client, path = Client(), review_path(ticket)
    page = client.get(path)
    assert button_texts(page) == (
        "Total, 1 ticket £12.00 Pay £12.00 Add to basket Change tickets "
        "You pay by card with Stripe. We’ll hold this for 15 minutes."
    )
    form = {**form_fields(page), **ZOE, **PAY}

    answers = [client.post(path, form) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert where(answers[0]) == where(answers[1])
    assert where(answers[0]).startswith(river_till.seller.sandbox.url)
    assert (Payment.objects.get().amount, Seat.objects.count()) == (1200, 1)
    held = Booking.objects.get()
    assert (held.state, client.cookies[f"basket-{river_till.account.pk}"].value) == (
        BookingState.PAYING,
        str(held.uuid),
    )
    assert "Continue to payment" in page_text(client.get(basket_path(river_till)))


def test_beside_what_waits_in_the_basket_it_goes_there_first(river_till: Till, ticket: Ticket) -> None:
    client, path = Client(), review_path(ticket)
    submit_form(client, path, **ZOE, **ADD)
    other = river_till.ticket(river_till.entry(title="Evening yoga"), 900)

    said = button_texts(client.get(review_path(other)))
    answer = submit_form(client, review_path(other), **ZOE, **PAY)

    assert ("Pay £9.00" in said, "nothing to pay" in said) == (False, False)
    assert (where(answer), Payment.objects.count()) == (basket_path(river_till), 0)


def test_what_a_login_holds_elsewhere_is_seen_before_it_is_paid(river_till: Till, ticket: Ticket) -> None:
    customer = river_till.customer_with_login()
    phone, desk = open_browser(customer), open_browser(customer)
    form = {**form_fields(desk.get(review_path(ticket))), **PAY}
    other = river_till.ticket(river_till.entry(title="Evening yoga"), 900)
    submit_form(phone, review_path(other), **ADD)

    answer = desk.post(review_path(ticket), form)

    assert (where(answer), Payment.objects.count()) == (basket_path(river_till), 0)
    assert "Pay £21.00" in page_text(desk.get(basket_path(river_till)))


def test_a_price_that_has_changed_since_is_seen_first(river_till: Till, ticket: Ticket) -> None:
    client, path = Client(), review_path(ticket)
    form = {**form_fields(client.get(path)), **ZOE, **PAY}
    set_price(ticket, 1400)

    answer = client.post(path, form)

    assert (answer.status_code, Booking.objects.count()) == (409, 0)
    assert CHECK_DETAILS in page_text(answer)


def test_a_discount_that_leaves_nothing_is_booked(river_till: Till, ticket: Ticket) -> None:
    offer = river_till.discount(percent=100)
    client, path = open_browser(river_till.member(offer.group)), review_path(ticket)
    assert "Confirm booking Add to basket" in button_texts(client.get(path))

    answer = submit_form(client, path, **PAY)

    assert (Booking.objects.get().state, Payment.objects.count()) == (BookingState.BOOKED, 0)
    assert BOOKED_AND_EMAILED in page_text(client.get(where(answer)))


def test_while_stripe_is_down_the_space_is_held_and_the_basket_says_so(river_till: Till, ticket: Ticket) -> None:
    client, path = Client(), review_path(ticket)
    form = {**form_fields(client.get(path)), **ZOE, **PAY}
    river_till.seller.sandbox.arm("error", times=20)

    answer = client.post(path, form)

    assert answer.status_code == 503
    assert STRIPE_IS_DOWN in page_text(answer)
    assert "Pay £12.00" in page_text(client.get(basket_path(river_till)))


def test_a_studio_that_takes_no_payments_offers_none(river_till: Till, ticket: Ticket) -> None:
    river_till.account.connection = None
    river_till.account.save(update_fields=["connection"])

    assert "Pay " not in button_texts(Client().get(review_path(ticket)))
