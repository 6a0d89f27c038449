"""Cancelling, keeping, paying and using another card: what is announced, what happens, and each sent twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from psycopg.errors import AdminShutdown

from accounts.models import Customer, StripeCustomer
from accounts.public.phrases import format_day, format_moment
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from memberships.catalogue import PriceTerms, add_price
from memberships.models import Milestone, MilestoneKind, Subscription, SubscriptionStatus
from offers.eligibility import Attendee
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.schedule import EntryFactory, TicketFactory, load_entry
from tests.sentences import CHANGED_YOUR_MIND, NOTHING_TO_PAY, STRIPE_IS_DOWN, STRIPE_REFUSES, WE_WILL_EMAIL
from tests.worlds.gold_shop import GoldShop
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Entry

DOWN = STRIPE_IS_DOWN

GOLD_IS_ACTIVE = "My memberships Gold Gold Active"


def membership_path(subscription: Subscription, do: str = "") -> str:
    return f"/my/memberships/{subscription.uuid}/{do}"


def book_place(shop: GoldShop, customer: Customer, *, days: int) -> Entry:
    """A member's place at a class in so many days."""
    start = timezone.now() + timedelta(days=days)
    made = EntryFactory.create(page=shop.seller.page, title=f"Class in {days}", starts_at=start)
    ticket = TicketFactory.create(entry=made, group=shop.seller.membership.group)
    entry = load_entry(made)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=timezone.now())
    return entry


def list_requests(subscription: Subscription) -> list[tuple[str, str]]:
    """What somebody asked for, and who."""
    found = Milestone.objects.filter(subscription=subscription, kind__startswith="asked").order_by("pk")
    return [(each.kind, each.who) for each in found]


class TestCancelling:
    def test_says_exactly_what_will_happen(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        book_place(shop, ada, days=5)
        late = [book_place(shop, ada, days=days) for days in (40, 50)]
        until = format_moment(sold.period_end, shop.seller.account)

        said = page_text(open_browser(ada).get(membership_path(sold, "cancel/")))

        lost = " ".join(f"{each.title}, {format_moment(each.starts_at, shop.seller.account)} · Ada" for each in late)
        assert said == (
            "My memberships Gold Cancel membership Cancel your membership? Gold, River Studio What will happen: "
            f"You’ll keep it until {until} (Europe/London). Then it ends and you won’t be charged again. "
            "What you’ve already paid won’t be refunded. "
            f"These 2 tickets will be cancelled then, because the events are after that date: {lost} "
            f"{CHANGED_YOUR_MIND} {WE_WILL_EMAIL} "
            "Keep membership Cancel membership"
        )

    def test_a_trial_costs_nothing(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        price = add_price(shop.seller.membership, PriceTerms(title="Try", amount=500, trial_days=7), now=timezone.now())
        sold = shop.sell(ada, price=price)
        until = format_moment(sold.trial_end, shop.seller.account)

        assert page_text(open_browser(ada).get(membership_path(sold, "cancel/"))).partition("What will happen: ")[
            2
        ] == (
            f"Your trial continues until {until} (Europe/London). Then your membership ends and you won’t be charged. "
            "Your bookings aren’t affected. "
            f"{CHANGED_YOUR_MIND} {WE_WILL_EMAIL} "
            "Keep membership Cancel membership"
        )

    def test_a_failed_payment_stays_due(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        Subscription.objects.filter(pk=sold.pk).update(status=SubscriptionStatus.PAST_DUE)

        said = page_text(open_browser(ada).get(membership_path(sold, "cancel/")))

        assert said.count("The payment that failed is still due. We’ll try your card again until then.") == 1

    def test_ends_it_with_what_is_paid_for_and_twice_is_once(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        client = open_browser(ada)
        form = form_fields(client.get(membership_path(sold, "cancel/")))

        first = client.post(membership_path(sold, "cancel/"), form, follow=True)
        second = client.post(membership_path(sold, "cancel/"), form, follow=True)

        sold.refresh_from_db()
        ends = format_day(sold.period_end, shop.seller.account)
        assert sold.ends_at == sold.period_end
        assert first.redirect_chain == second.redirect_chain == [(membership_path(sold), 302)]
        assert f"River Studio Membership cancelled. You’ll keep it until {ends}. Membership Cost" in page_text(first)
        assert "Membership cancelled." not in page_text(second)
        assert f"Gold Ends on {ends} River Studio" in page_text(second)
        assert list_requests(sold) == [(MilestoneKind.ASKED_TO_END, ada.email)]

    def test_what_changed_meanwhile_is_told_first(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        client = open_browser(ada)
        form = form_fields(client.get(membership_path(sold, "cancel/")))
        book_place(shop, ada, days=40)

        response = client.post(membership_path(sold, "cancel/"), form)

        assert response.status_code == 409
        assert (
            "attention Something changed while this page was open. Check what will happen, then confirm again."
            in page_text(response)
        )
        assert "This ticket will be cancelled then, because the event is after that date: Class in 40" in page_text(
            response
        )
        assert list_requests(sold) == []
        assert client.post(membership_path(sold, "cancel/"), form_fields(response)).status_code == 302
        assert list_requests(sold) == [(MilestoneKind.ASKED_TO_END, ada.email)]

    def test_stripe_is_down(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        client = open_browser(ada)
        form = form_fields(client.get(membership_path(sold, "cancel/")))
        shop.seller.sandbox.arm("error", "POST /v1/subscriptions", times=10)

        response = client.post(membership_path(sold, "cancel/"), form, follow=True)

        assert f"River Studio {DOWN} Membership Cost" in page_text(response)
        assert page_text(response).startswith(GOLD_IS_ACTIVE)
        shop.seller.sandbox.platform.faults.clear()
        assert "Membership cancelled." in page_text(client.post(membership_path(sold, "cancel/"), form, follow=True))

    def test_the_database_goes_once_stripe_has_done_it(self, shop: GoldShop, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody is told that nothing was changed."""
        ada = shop.create_ada()
        sold = shop.sell(ada)
        client = open_browser(ada)
        client.raise_request_exception = False
        form = form_fields(client.get(membership_path(sold, "cancel/")))

        def gone(*_what: object, **_about: object) -> None:
            raise OperationalError from AdminShutdown()

        monkeypatch.setattr("memberships.cancellation.sync_subscription", gone)
        response = client.post(membership_path(sold, "cancel/"), form)

        assert response.status_code == 503
        assert "We can’t tell whether that went through." in page_text(response)
        assert "Nothing was booked, paid or changed" not in page_text(response)

    def test_what_has_ended_meanwhile_stays_so(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        client = open_browser(ada)
        form = form_fields(client.get(membership_path(sold, "cancel/")))
        shop.seller.stripe.subscriptions.cancel(sold.stripe_id)

        response = client.post(membership_path(sold, "cancel/"), form, follow=True)

        assert "Gold Ended on " in page_text(response)
        assert client.get(membership_path(sold, "cancel/"))["Location"] == membership_path(sold)


class TestKeeping:
    def test_takes_it_back_and_twice_is_once(self, shop: GoldShop) -> None:
        ada, sold = sell_ending(shop)
        client = open_browser(ada)

        first = client.post(membership_path(sold, "keep/"), follow=True)
        second = client.post(membership_path(sold, "keep/"), follow=True)

        sold.refresh_from_db()
        due = format_day(sold.period_end, shop.seller.account)
        assert sold.ends_at is None
        assert f"River Studio You’ve kept your membership. Your next payment is on {due}. Membership" in page_text(
            first
        )
        assert "goes on" not in page_text(second)
        assert [page_text(each).startswith(GOLD_IS_ACTIVE) for each in (first, second)] == [
            True,
            True,
        ]
        assert list_requests(sold) == [(MilestoneKind.ASKED_TO_KEEP, ada.email)]

    def test_only_by_post(self, shop: GoldShop) -> None:
        ada, sold = sell_ending(shop)

        assert open_browser(ada).get(membership_path(sold, "keep/"))["Location"] == membership_path(sold)
        assert list_requests(sold) == []

    def test_stripe_is_down(self, shop: GoldShop) -> None:
        ada, sold = sell_ending(shop)
        shop.seller.sandbox.arm("error", "POST /v1/subscriptions", times=10)

        response = open_browser(ada).post(membership_path(sold, "keep/"), follow=True)

        assert f"River Studio {DOWN} Membership" in page_text(response)
        assert page_text(response).startswith("My memberships Gold Gold Ends on")


class TestTheCard:
    def test_leads_to_the_portal_and_back_to_what_was_done_there(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        client = open_browser(ada)

        portal = client.post(membership_path(sold, "card/"))

        assert portal.status_code == 303
        shopper = shop.seller.sandbox.shopper
        assert f"http://testserver{membership_path(sold)}?back=1" in shopper.look(portal["Location"]).text
        shopper.cancel(portal["Location"], sold.stripe_id)
        back = client.get(f"{membership_path(sold)}?back=1", follow=True)
        assert f"Gold Ends on {format_day(sold.period_end, shop.seller.account)} River Studio" in page_text(back)

    def test_only_by_post(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)

        assert open_browser(ada).get(membership_path(sold, "card/"))["Location"] == membership_path(sold)

    def test_stripe_is_down(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        shop.seller.sandbox.arm("error", "POST /v1/billing_portal", times=10)

        assert f"River Studio {DOWN} Membership" in page_text(
            open_browser(ada).post(membership_path(sold, "card/"), follow=True)
        )

    @pytest.mark.parametrize("lost", ["customer", "connection"])
    def test_what_this_stripe_account_does_not_know(self, shop: GoldShop, lost: str) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        if lost == "customer":
            StripeCustomer.objects.all().delete()
        else:
            Connection.objects.update(disconnected_at=timezone.now())

        refused = f"{STRIPE_REFUSES} River Studio ({sold.account.contact})."
        assert f"River Studio {refused} Membership" in page_text(
            open_browser(ada).post(membership_path(sold, "card/"), follow=True)
        )


class TestPaying:
    def test_leads_to_the_invoice_and_afterwards_all_is_well(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        price = add_price(shop.seller.membership, PriceTerms(title="Try", amount=500, trial_days=7), now=timezone.now())
        sold = shop.fail_payment(shop.sell(ada, price=price, card=FAILS_LATER))
        client = open_browser(ada)

        response = client.get(membership_path(sold, "pay/"))

        invoice = shop.seller.stripe.invoices.list({"subscription": sold.stripe_id, "limit": 1}).data[0]
        assert (response.status_code, response["Location"]) == (303, invoice.hosted_invoice_url)
        shop.seller.sandbox.shopper.pay(response["Location"])
        after = client.get(membership_path(sold, "pay/"), follow=True)
        assert f"River Studio {NOTHING_TO_PAY} Membership Cost" in page_text(after)
        assert page_text(after).startswith(GOLD_IS_ACTIVE)

    def test_what_we_know_of_it_serves_while_stripe_is_down(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        invoice = sold.invoices.get()
        invoice.status = "open"
        invoice.save()
        shop.seller.sandbox.arm("error", "GET /v1/subscriptions", times=10)

        assert open_browser(ada).get(membership_path(sold, "pay/"))["Location"] == invoice.hosted_url

    def test_nothing_to_pay(self, shop: GoldShop) -> None:
        ada = shop.create_ada()

        said = page_text(open_browser(ada).get(membership_path(shop.sell(ada), "pay/"), follow=True))

        assert f"River Studio {NOTHING_TO_PAY} Membership" in said


def sell_ending(shop: GoldShop) -> tuple[Customer, Subscription]:
    """Somebody whose Gold ends with what is paid for."""
    ada = shop.create_ada()
    sold = shop.sell(ada)
    shop.seller.stripe.subscriptions.update(sold.stripe_id, {"cancel_at_period_end": True})
    shop.seller.sync_subscription(sold)
    return ada, sold


def test_dates_are_the_studios(shop: GoldShop, client: Client) -> None:
    """A subscription ends at an instant; which day that is, the studio's zone says."""
    account = shop.seller.account
    account.time_zone = "Pacific/Auckland"
    account.save()
    ada, sold = sell_ending(shop)
    sold.refresh_from_db()
    assert sold.ends_at is not None

    said = page_text(open_browser(ada).get(membership_path(sold)))

    local = sold.ends_at.astimezone(account.zone)
    assert f"Ends {date_format(local, 'l j F Y, H:i')} (Pacific/Auckland)" in said
    assert f"Ends on {date_format(local, 'j F Y')} River Studio" in said
