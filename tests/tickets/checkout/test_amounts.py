"""Totals that Stripe would refuse: its checkout is never asked, and the customer reads what to do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookwhen.payments.amounts import AmountError
from bookwhen.sandbox.stripe import Sandbox
from memberships.catalogue import PriceTerms, add_price, edit_price
from memberships.models import Price
from tests.accounts.conftest import form_errors
from tests.browsing import open_browser, page_text
from tests.factories.schedule import GroupFactory
from tests.tickets.public.basket import basket_path, shown_basket_version
from tests.worlds.dashboard import open_dashboard
from tests.worlds.till import Till, open_till, person_of
from tickets.checkout.basket import add_membership
from tickets.models import Booking, BookingState, Payment, Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("currency", "price", "fits"), [("GBP", 29, False), ("GBP", 30, True), ("JPY", 49, False), ("JPY", 50, True)]
)
def test_what_is_less_than_a_card_can_pay(stripe_here: Sandbox, currency: str, price: int, fits: bool) -> None:  # noqa: FBT001
    till = open_till(stripe_here, currency=currency)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, price))
    if fits:
        assert till.check_out(basket)
        return
    with pytest.raises(AmountError):
        till.check_out(basket)
    assert (Booking.objects.get().state, Payment.objects.count()) == (BookingState.BASKET, 0)
    till.fill(entry, till.ticket(entry, price), basket=basket)
    assert till.check_out(basket)


def test_the_basket_says_what_to_do_about_it(till: Till) -> None:
    customer = till.customer_with_login()
    entry = till.entry()
    till.fill(entry, till.ticket(entry, 20), customer=customer)
    client = open_browser(customer)

    answer = client.post(
        basket_path(till, "pay/"), {"basket_version": shown_basket_version(client.get(basket_path(till)))}
    )

    assert answer.status_code == 409
    told = f"Add another ticket, or contact {till.account.name} ({till.account.contact})."
    assert f"Cards can’t pay less than £0.30. You haven’t been charged. {told}" in page_text(answer)


def test_a_trial_with_a_ticket_counts_the_ticket_alone(till: Till) -> None:
    edit_price(till.seller.price, title="Monthly", trial_days=7, published=True)
    customer, entry = till.customer_with_login(), till.entry()
    who, now = person_of(customer), timezone.now()
    basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=now)
    till.fill(entry, till.ticket(entry, 20), basket=basket, customer=customer)
    with pytest.raises(AmountError):
        till.check_out(basket)


def test_more_than_eight_digits(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry, 60_000_000)
    with pytest.raises(AmountError) as refused:
        till.check_out(till.fill(entry, ticket, ticket))
    assert not refused.value.is_too_small


def test_prices_that_no_card_can_pay_are_not_taken(till: Till) -> None:
    dashboard, entry = open_dashboard(till.account), till.entry(starts_at=timezone.now() + timedelta(days=9))
    least = "Enter £0.30 or more: that’s the least that can be paid by card"
    ticket = {"name": "Drop-in", "cost": "cost", "price": "0.29", "key": "5f1c9c80-0000-4000-8000-000000000001"}
    answer = dashboard.post("ticket_create", ticket, pk=entry.pk)
    assert (form_errors(answer)["price"], Ticket.objects.count()) == ([least], 0)
    dashboard.post("ticket_create", ticket | {"price": "0.30"}, pk=entry.pk)
    assert Ticket.objects.get().price == 30
    terms = {"title": "Tiny", "cost": "0.29", "interval_count": "1", "interval": "month"}
    answer = dashboard.post("price_new", terms, pk=till.seller.membership.pk)
    assert (form_errors(answer)["cost"], Price.objects.filter(title="Tiny").exists()) == ([least], False)


def test_a_membership_below_it_is_not_sent_to_stripe(till: Till) -> None:
    GroupFactory.create(account=till.account)
    price = add_price(till.seller.membership, PriceTerms(title="Tiny", amount=10), now=timezone.now())
    with pytest.raises(AmountError):
        till.seller.buy(till.customer_with_login(), price)
