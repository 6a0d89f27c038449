"""The demo started again with its sandbox: as it was, at another port, reset, interrupted or not there."""

import pickle

import pytest
from pytest_django.fixtures import Settings

from accounts.history.forgetting import opened_history
from accounts.models import Account, Customer
from bookwhen.payments import connections
from bookwhen.payments.models import Connection
from bookwhen.sandbox.demo import subscribers
from bookwhen.sandbox.demo.logins import STRANGER
from bookwhen.sandbox.prepare import load_demo
from bookwhen.sandbox.stripe import Sandbox, keeping
from memberships.models import Membership, Price, Subscription
from tests.demo.facts import count_everything, list_memberships
from tests.factories.schedule import NOW
from tickets.availability.facts import person_of_customer
from tickets.checkout.memberships import buy_membership
from tickets.models import Booking, Dispute, LedgerLine, Payment, Receipt, Refund, Seat

pytestmark = pytest.mark.django_db


def test_a_second_start_changes_nothing_at_stripe(sandbox: Sandbox) -> None:
    before, worlds = count_everything(), pickle.dumps(keeping.state(sandbox.platform)["worlds"])

    assert subscribers.load(now=NOW) == ""

    assert count_everything() == before
    assert pickle.dumps(keeping.state(sandbox.platform)["worlds"]) == worlds


def test_a_start_on_another_port_lets_stripe_call_there(
    connection: Connection, sandbox: Sandbox, settings: Settings
) -> None:
    settings.SITE_URL = "http://127.0.0.1:9999"

    assert subscribers.load(now=NOW) == ""

    connection.refresh_from_db()
    [endpoint] = next(iter(sandbox.platform.worlds.values())).of("webhook_endpoint")
    assert endpoint["url"] == f"http://127.0.0.1:9999/stripe/webhooks/{connection.endpoint}/"
    assert endpoint["id"] == connection.webhook_endpoint


def test_what_the_owner_disconnected_stays_so(account: Account, connection: Connection, sandbox: Sandbox) -> None:
    connections.disconnect(connection, now=NOW)

    assert subscribers.load(now=NOW) == ""
    assert not Connection.objects.get(pk=connection.pk).is_live


def test_a_reset_sandbox_is_told_of_and_sells_again(account: Account, sandbox: Sandbox) -> None:
    sandbox.platform.worlds.clear()
    stranger = Customer.objects.create(account=account, email=STRANGER, name="Theo Lindqvist")

    assert subscribers.load(now=NOW) == subscribers.FORGOTTEN
    assert subscribers.load(now=NOW) == ""

    page = account.pages.with_connection().get(slug="demo")
    price = Price.objects.select_related("membership").get(membership__title="Family")
    who = person_of_customer(stranger)
    assert "/pay/checkout/" in buy_membership(None, price, stranger, page, who=who, now=NOW)[1]


def test_a_reset_database_is_told_of_and_sells(account: Account, connection: Connection, sandbox: Sandbox) -> None:
    with opened_history():
        Receipt.objects.exclude(credits=None).delete()
        Receipt.objects.all().delete()
        LedgerLine.objects.all().delete()
    Refund.objects.all().delete()
    Dispute.objects.all().delete()
    Seat.objects.update(payment=None)
    Payment.objects.all().delete()
    Booking.objects.filter(purchase__isnull=False).delete()
    Subscription.objects.all().delete()
    Membership.objects.all().delete()
    Account.objects.filter(pk=account.pk).update(connection=None)
    connection.delete()

    assert subscribers.load(now=NOW) == subscribers.TAKEN
    assert subscribers.load(now=NOW) == ""

    assert Subscription.objects.count() == 0
    assert len(list_memberships(account, "demo")) == 3


def test_after_an_interrupted_start_it_is_today_again(connection: Connection, sandbox: Sandbox) -> None:
    Connection.objects.filter(pk=connection.pk).update(webhook_endpoint="")
    sandbox.platform.offset -= 10 * 24 * 3600

    assert subscribers.load(now=NOW) == subscribers.INTERRUPTED
    assert subscribers.load(now=NOW) == ""

    assert abs(sandbox.platform.now() - int(NOW.timestamp())) < 600


def test_after_a_past_that_nobody_kept_it_sells_again(
    account: Account, connection: Connection, sandbox: Sandbox
) -> None:
    """The stand-in in which it was lived ended before it was whole; the one that runs now knows nothing of it."""
    Connection.objects.filter(pk=connection.pk).update(webhook_endpoint="")
    sandbox.platform.worlds.clear()
    stranger = Customer.objects.create(account=account, email=STRANGER, name="Theo Lindqvist")

    assert subscribers.load(now=NOW) == subscribers.INTERRUPTED
    assert subscribers.load(now=NOW) == ""

    page = account.pages.with_connection().get(slug="demo")
    price = Price.objects.select_related("membership").get(membership__title="Family")
    who = person_of_customer(stranger)
    assert "/pay/checkout/" in buy_membership(None, price, stranger, page, who=who, now=NOW)[1]


def test_a_stripe_that_is_not_there_stops_no_start(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    assert subscribers.load(now=NOW).startswith("The demo could not reach its Stripe: ")


def test_without_a_sandbox_nothing_is_sold(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.DEMO, settings.STRIPE_API_BASE = True, ""

    load_demo()

    told = "STRIPE_API_BASE isn’t set, so the demo won’t sell any memberships.\n"
    assert capsys.readouterr().out == told
