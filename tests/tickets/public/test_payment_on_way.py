"""A payment on its way, as its customer and its studio see it: booking page, lists, register, settings."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Role
from bookwhen.sandbox.stripe.shopper import ACCOUNT_PAYS, ACCOUNT_PAYS_INCOMPLETE, ACCOUNT_REFUSES
from memberships.models import Subscription
from tests.browsing import open_browser, page_text
from tests.tickets.checkout.test_on_way import book_by_debit, booking, debit
from tests.worlds.dashboard import open_dashboard
from tests.worlds.till import Till
from tickets.models import Booking, Entry, Payment

pytestmark = pytest.mark.django_db

ON_ITS_WAY = "Your payment of £12.00 is on its way."


@pytest.fixture
def till(till: Till) -> Till:
    till.account.accepts_bank_debits = True
    till.account.save()
    return till


def fail_after_start(till: Till) -> Payment:
    book_by_debit(till, ACCOUNT_REFUSES)
    Entry.objects.update(starts_at=timezone.now() - timedelta(hours=1))
    till.seller.sandbox.end_debits(paid=False)
    return till.settle(booking())


def test_p3_the_return_from_stripe_leads_to_the_booking_and_empties_the_basket(till: Till) -> None:
    customer = till.customer_with_login()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry), customer=customer)
    browser = open_browser(customer)
    back = till.seller.sandbox.shopper.debit(till.check_out(basket), ACCOUNT_PAYS).location
    assert back is not None

    page = page_text(browser.get(back, follow=True))

    assert ON_ITS_WAY in page
    assert f"Booked. We’ve emailed the details to {customer.email}." in page
    assert "You have not paid" not in page
    assert browser.get(f"/{till.page.slug}/basket/").status_code == 200
    assert "Your basket is empty" in page_text(browser.get(f"/{till.page.slug}/basket/"))
    assert "Payment on its way" in page_text(browser.get(reverse("my_bookings")))


def test_p3_the_cancellation_page_promises_the_refund_for_later(till: Till) -> None:
    book_by_debit(till)
    browser = open_browser(till.customer_with_login())

    page = page_text(browser.get(f"/my/bookings/{booking().uuid}/cancel/"))

    assert "Your payment hasn’t arrived yet. Once it has, £12.00 will be refunded" in page


def test_p3_a_failed_one_says_so_and_leads_back(till: Till) -> None:
    book_by_debit(till, ACCOUNT_REFUSES)
    till.seller.sandbox.end_debits(paid=False)
    till.settle(booking())

    page = open_browser(till.customer_with_login()).get(f"/my/bookings/{booking().uuid}/")

    assert "Your payment didn’t go through. You haven’t been charged, and your spaces were released." in page_text(page)
    assert f"/entries/{Entry.objects.get().uuid}/" in page.content.decode()


def test_p3_register_list_and_overview_tell_of_it(till: Till) -> None:
    payment = book_by_debit(till)
    dashboard = open_dashboard(till.account)

    assert "Payment on its way" in page_text(dashboard.get("entry", pk=Entry.objects.get().pk))
    rows = dashboard.get("attendees_csv", pk=Entry.objects.get().pk)
    assert '"On its way"' in b"".join(rows).decode() if rows.streaming else '"On its way"' in rows.content.decode()
    listed = page_text(dashboard.get("payment_list", {"state": "on_way"}))
    assert ("Payment on its way" in listed, "Net" in listed) == (True, False)
    assert "The payment of £12.00 is on its way." in page_text(dashboard.get("payment", pk=payment.pk))
    assert "The payment of £12.00 is on its way." in page_text(dashboard.get("booking", pk=payment.booking_id))
    assert "On its way" in page_text(dashboard.get("bookings"))


def test_p3_what_is_owed_is_told_until_it_is_settled(till: Till) -> None:
    payment = fail_after_start(till)
    dashboard = open_dashboard(till.account, Role.BOOKINGS_ADMIN)

    assert "1 payment failed after its event." in page_text(dashboard.get("overview"))
    assert "£12.00 owed" in page_text(dashboard.get("entry", pk=Entry.objects.get().pk))
    assert "The payment failed, and £12.00 is owed." in page_text(dashboard.get("payment", pk=payment.pk))
    assert "£12.00 is still to be paid." in page_text(
        open_browser(till.customer_with_login()).get(f"/my/bookings/{booking().uuid}/")
    )
    dashboard.post("payment_settled", pk=payment.pk)
    assert "1 payment failed after its event." not in page_text(dashboard.get("overview"))
    assert "settled another way" in page_text(dashboard.get("payment", pk=payment.pk))


def test_the_owner_accepts_bank_debits(till: Till) -> None:
    dashboard = open_dashboard(till.account)
    for given, kept in (({}, False), ({"accepts_bank_debits": "on"}, True)):
        dashboard.post("payments_debits", given)
        assert Account.objects.get(pk=till.account.pk).accepts_bank_debits is kept
    assert "Accept bank debits" in page_text(dashboard.get("payments"))
    assert open_dashboard(till.account, Role.BOOKINGS_ADMIN).post("payments_debits").status_code == 404


@pytest.mark.parametrize("account", [ACCOUNT_PAYS, ACCOUNT_PAYS_INCOMPLETE])
def test_p3_a_membership_on_its_way_is_not_offered_again(till: Till, account: str) -> None:
    customer = till.customer_with_login()
    browser = open_browser(customer)
    _purchase, url = till.seller.start_checkout(customer)
    back = till.seller.sandbox.shopper.debit(url, account).location
    assert back is not None

    page = page_text(browser.get(back, follow=True))

    runs = account == ACCOUNT_PAYS
    assert ("Your first payment is on its way." in page, "Your payment is on its way" in page) == (runs, not runs)
    shop = page_text(browser.get(f"/{till.page.slug}/memberships/{till.seller.membership.pk}/"))
    told = "You already have this membership." if runs else "Your payment for this membership is on its way."
    assert (told in shop, "Continue to payment" in shop) == (True, False)
    mine = page_text(browser.get(reverse("my_memberships")))
    assert ("Your payment for Gold is on its way." in mine) is not runs
    assert "Payment on its way" in mine or not runs
    pay = browser.get(f"/my/memberships/{Subscription.objects.get().uuid}/pay/", follow=True)
    assert "Your payment is on its way, so you don’t need to pay again." in page_text(pay)


def test_p3_a_card_that_must_be_authenticated_is_gone_on_with(till: Till) -> None:
    """An incomplete subscription of the card sort: its bill is shown, and it is not sold a second time."""
    customer = till.customer_with_login()
    sold = till.seller.sell(customer)
    stripe = till.seller.sandbox.platform.worlds[till.seller.key].objects["subscription"][sold.stripe_id]
    stripe["status"] = "incomplete"
    invoice = till.seller.sandbox.platform.worlds[till.seller.key].objects["invoice"][stripe["latest_invoice"]]
    invoice |= {"status": "open", "amount_paid": 0, "amount_remaining": 4000}
    till.seller.sync_subscription(sold)
    browser = open_browser(customer)

    page = page_text(browser.get(f"/{till.page.slug}/memberships/{till.seller.membership.pk}/"))
    pay = browser.get(f"/my/memberships/{sold.uuid}/pay/")

    assert "Your payment for this membership isn’t complete yet." in page
    assert (pay.status_code, pay["Location"]) == (303, invoice["hosted_invoice_url"])


def test_what_is_cancelled_meanwhile_says_what_comes_back(till: Till) -> None:
    entry = till.entry()
    payment = debit(till, till.fill(entry, till.ticket(entry)))
    dashboard = open_dashboard(till.account)

    dashboard.post("booking_cancel", {"seat": payment.seats.get().pk, "back": "all"}, pk=payment.booking_id)

    assert payment.seats.get().refund_due == 1200
    page = page_text(open_browser(till.customer_with_login()).get(f"/my/bookings/{Booking.objects.get().uuid}/"))
    assert "Once it has arrived, we’ll refund what you were told." in page
