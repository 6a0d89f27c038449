"""A studio's database, copied to another site: everything in it waits for something outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account, Letter
from bookwhen.installation import copies
from bookwhen.installation.models import Installation
from bookwhen.payments import connections, inbox
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from memberships.models import Subscription
from tests.factories.accounts import StaffFactory
from tests.faults.mail_server import MailServer, serving
from tests.worlds.till import Till
from tickets.models import Booking, Payment, Refund, RefundReason
from tickets.money.refunds import create_refund

PRODUCTION = "https://river.example"
STAGING = "https://staging.example"
FOREVER = 1_000_000


@dataclass
class Studio:
    """What the database held when it was copied."""

    till: Till
    subscription: Subscription
    paid: Payment
    refund: Refund
    paying: Booking
    """At the checkout for too long."""
    event: StripeEvent
    sandbox: Sandbox
    mail: MailServer

    @property
    def account(self) -> Account:
        return Account.objects.select_related("connection").get(pk=self.till.account.pk)

    def letters(self) -> list[tuple[str, str]]:
        """Each email, and whether it waits, was sent or was given up."""
        rows = Letter.objects.order_by("pk")
        return [(each.kind, "sent" if each.sent_at else "given up" if each.failed_at else "waits") for each in rows]

    def calls(self) -> int:
        """How many calls have reached Stripe since `count_calls`."""
        left = [fault["times"] for fault in self.sandbox.platform.faults.armed() if fault["kind"] == "slow"]
        return FOREVER - int(left[0])

    def count_calls(self) -> None:
        self.sandbox.arm("slow", times=FOREVER)


@pytest.fixture
def at_production(settings: Settings) -> Iterator[None]:
    """The database belongs to production, and this is production."""
    settings.COPIES_ARE_QUIET, settings.SITE_URL = True, PRODUCTION
    Installation.objects.update(site_url=PRODUCTION)
    copies.forget()
    yield
    copies.forget()


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    with serving() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def studio(till: Till, at_production: None, mail_server: MailServer, stripe_here: Sandbox) -> Studio:
    """The studio at production, with one of everything that goes out."""
    account, now = till.account, timezone.now()
    StaffFactory.create(account=account)
    connections.check(till.seller.connection, now=now)
    subscription = till.seller.sell(till.customer_with_login())
    entry = till.entry()
    ticket = till.ticket(entry)
    paid = till.pay(till.fill(entry, ticket))
    refund = create_refund(paid.pk, 500, RefundReason.STUDIO, now=now).refund
    paying = till.fill(entry, ticket)
    till.check_out(paying)
    Booking.objects.filter(pk=paying.pk).update(held_until=now - timedelta(minutes=5))
    [raw] = till.seller.gateway.events_since(0, types=["customer.subscription.created"])
    inbox.receive_event(paid.connection_id, IncomingEvent.read(raw), EventSource.CATCH_UP, now=now)
    studio = Studio(till, subscription, paid, refund, paying, StripeEvent.objects.get(), stripe_here, mail_server)
    studio.count_calls()
    return studio


@pytest.fixture
def copied(studio: Studio, settings: Settings) -> Studio:
    """The same database as a process of another site finds it."""
    settings.SITE_URL = STAGING
    copies.forget()
    return studio
