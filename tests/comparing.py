"""Comparing with Stripe as a night does it, in one go."""

from datetime import datetime, timedelta

from django.db.models import Max

from bookwhen.payments.comparing import compare_for_a_while
from bookwhen.payments.handlers import Comparer, Look
from bookwhen.payments.models import Connection
from memberships import reconciliation as memberships
from memberships.models import Subscription
from tickets.checkout import reconciliation as payments


def compare_everything(connection: Connection, now: datetime) -> None:
    """Compare all that is registered, until it is over; raises what a night would tell."""
    while compare_for_a_while(connection, now=now):
        pass


def compare_memberships(connection: Connection, now: datetime) -> None:
    """Compare subscriptions and bills alone; raises the first error of a row once all were looked at."""
    _compare(memberships.COMPARERS, connection, now)


def compare_payments(connection: Connection, now: datetime) -> None:
    """Ask for open payments and pending refunds alone."""
    _compare(payments.COMPARERS, connection, now)


def _compare(comparers: tuple[Comparer, ...], connection: Connection, now: datetime) -> None:
    # Of each comparison its own instant, although a test may let none pass.
    last = Subscription.objects.aggregate(last=Max("compared_at"))["last"]
    begun_at = max(now, last + timedelta(microseconds=1)) if last else now
    look = Look(connection, begun_at, now, lambda: False)
    for comparer in comparers:
        cursor = comparer.compare(look, {})
        while cursor is not None:
            cursor = comparer.compare(look, cursor)
    if look.failures:
        raise look.failures[0]
