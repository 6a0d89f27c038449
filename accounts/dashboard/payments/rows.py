"""What payments health lists: Stripe events with what they are about, and differences in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.counts import CappedCount, capped_counts
from bookwhen.payments.models import Connection, EventState, StripeEvent
from memberships.models import Difference, Price, Subscription, SubscriptionStatus
from memberships.reconciliation import MISSING

Words = str | Promise

FIELDS: Final[dict[str, Words]] = {
    "status": _("Status"),
    "period_end": _("Paid until"),
    "ends_at": _("Ends on"),
    "schedule": _("Scheduled change"),
    "ended_at": _("Ended on"),
    "price": _("Price"),
    "invoice": _("Latest invoice"),
    MISSING: _("Missing"),
}
INVOICES: Final[dict[str, Words]] = {
    "draft": _("Draft"),
    "open": _("Due"),
    "paid": _("Paid"),
    "void": _("Void"),
    "uncollectible": _("Written off"),
}
MOMENTS: Final = frozenset({"period_end", "ends_at", "ended_at"})
NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class EventRow:
    """A Stripe event, and the subscription of ours that it is about."""

    event: StripeEvent
    subscription: Subscription | None


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """Something that comparison found, in words; `is_open`: not put right, as the last comparison found it too."""

    difference: Difference
    field: Words
    ours: Words
    stripes: Words
    is_open: bool

    @property
    def is_missing_here(self) -> bool:
        """Whether Stripe has a subscription with our mark that we do not know."""
        return self.difference.field == MISSING and not self.difference.ours

    @property
    def is_missing_there(self) -> bool:
        """Whether we hold for alive what Stripe does not have."""
        return self.difference.field == MISSING and not self.difference.stripes


def counts_of(connection: Connection) -> dict[EventState, CappedCount]:
    """How many of a connection's events are in each state."""
    counts = capped_counts(connection, {state: newest_of(connection, state) for state in EventState})
    return {state: counts[state] for state in EventState}


def newest_of(connection: Connection, state: EventState | None) -> QuerySet[StripeEvent]:
    """A connection's events (in a state, or all), newest first, without their payloads."""
    # No event is without a number at Stripe: that is said for the index `event_of_state`.
    found = connection.events.filter(state=state).exclude(stripe_id="") if state else connection.events.all()
    return found.defer("payload").order_by("-received_at", "-pk")


def event_rows(account: Account, events: Iterable[StripeEvent]) -> list[EventRow]:
    """The rows of an account's events. One statement more."""
    listed = list(events)
    known = Subscription.objects.filter(account=account, stripe_id__in={event.subject for event in listed} - {""})
    about = {found.stripe_id: found for found in known.select_related("customer", "membership")}
    return [EventRow(event, about.get(event.subject)) for event in listed]


def differences_of(account: Account) -> QuerySet[Difference]:
    """All that comparison found for an account, newest first, with the subscriptions' customers and memberships."""
    found = Difference.objects.filter(account=account).order_by("-found_at", "-pk")
    return found.select_related("subscription__customer", "subscription__membership")


def open_differences(account: Account, connection: Connection) -> QuerySet[Difference]:
    """What was not put right, as far as the last comparison over the connection found it too."""
    return Difference.objects.filter(account=account, repaired_at=None, found_at__gte=_since(connection))


def difference_rows(account: Account, connection: Connection, found: Iterable[Difference]) -> list[DifferenceRow]:
    """The rows of an account's differences; times in its zone. One statement more where a price differs."""
    listed = list(found)
    ids = {value for each in listed if each.field == "price" for value in (each.ours, each.stripes)}
    prices = dict(Price.objects.filter(account=account, stripe_id__in=ids).values_list("stripe_id", "title"))
    return [
        DifferenceRow(
            each,
            field=FIELDS.get(each.field, each.field),
            ours=_words(account, each.field, each.ours, prices, missing=_("Not found here")),
            stripes=_words(account, each.field, each.stripes, prices, missing=_("Not found in Stripe")),
            is_open=each.repaired_at is None and each.found_at >= _since(connection),
        )
        for each in listed
    ]


def _since(connection: Connection) -> datetime:
    return connection.reconciled_at or connection.connected_at


def _words(account: Account, field: str, value: str, prices: dict[str, str], *, missing: Words) -> Words:
    if not value:
        return missing if field == MISSING else NOTHING
    if field in MOMENTS:
        return date_format(datetime.fromisoformat(value).astimezone(account.zone), "j M Y, H:i")
    if field == "price":
        return prices.get(value, value)
    if field == "invoice":
        return INVOICES.get(value, value)
    return SubscriptionStatus(value).label if value in SubscriptionStatus.values else value
