"""Comparing refunds and disputes with Stripe’s lists, each night: what no event told of is found.

A list is read, not each payment; only what differs is asked for again. Whose payment something is of is judged by the
list itself, so that what somebody else sells over the same Stripe account costs no call.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from math import inf
from typing import Final

from accounts.models import Account, StripeCustomer
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import Gateway, GoneError, StripeDownError, StripeError
from bookwhen.payments.gateway_disputes import Listed, list_disputes, list_refunds, read_dispute
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_objects import read_refund
from tickets.models import Dispute, InvoiceRefund, Payment, Refund
from tickets.money.disputes import is_unchanged, sync_dispute
from tickets.money.refund_states import REFUND, apply_stripe_refund, as_uuid, refund_state
from tickets.money.refunds_elsewhere import record_stripe_refund

JOB: Final = "tickets.money.comparison"
"""What its refunds and disputes are set aside by."""
REFUNDS_CHANGE: Final = timedelta(days=35)
"""How long after it was made a refund may still fail: Stripe names 30 days."""
DISPUTES_LAST: Final = timedelta(days=400)
"""How far back disputes are listed: those of a year, and as long as one may take."""
OVERLAP: Final = timedelta(hours=6)

log = logging.getLogger(__name__)


def compare_refunds(connection: Connection, now: datetime) -> None:
    """Make the refunds over a connection what Stripe lists; one that fails stops no other. Safe to repeat."""
    account = Account.objects.filter(connection=connection).first()
    if account is None:
        return
    gateway, run = Gateway.of(connection), _begin("refunds", now)
    for listed in list_refunds(gateway, _since(connection, now, REFUNDS_CHANGE)):
        if run.is_over:
            break
        run.attempt(listed.id, partial(_compare_refund, account, connection, gateway, listed, now=now))
    if run.first_error:
        raise run.first_error


def compare_disputes(connection: Connection, now: datetime) -> None:
    """Make the disputes over a connection what Stripe lists, and look at each that isn't over; safe to repeat."""
    account = Account.objects.filter(connection=connection).first()
    if account is None:
        return
    gateway, run, seen = Gateway.of(connection), _begin("disputes", now), set[str]()
    for listed in list_disputes(gateway, _since(connection, now, DISPUTES_LAST)):
        seen.add(listed.id)
        if run.is_over:
            break
        run.attempt(listed.id, partial(_compare_dispute, account, connection, listed, now=now))
    unseen = Dispute.objects.undecided().filter(account=account, connection=connection).exclude(stripe_id__in=seen)
    run.each(unseen.values_list("stripe_id", flat=True), partial(_look_again, connection=connection, now=now))
    if run.first_error:
        raise run.first_error


def _begin(what: str, now: datetime) -> Run:
    return Run(f"{JOB}.{what}", now=now, seconds=inf, expected=(StripeError, NotYetError), down=(StripeDownError,))


def _since(connection: Connection, now: datetime, span: timedelta) -> datetime:
    """From when on to list: as long as it may change, and longer where the last comparison was longer ago."""
    last = connection.reconciled_at or now
    return min(now - span, last - OVERLAP)


def _compare_refund(
    account: Account, connection: Connection, gateway: Gateway, listed: Listed, *, now: datetime
) -> bool:
    """Take a listed refund over where ours is not like it; whether it was."""
    reading = read_refund(listed.raw)
    state = refund_state(reading.status)
    ours = Refund.objects.filter(account=account, payment__connection=connection)
    sent = ours.filter(uuid=as_uuid(reading.metadata.get(REFUND, ""))).first()
    if sent is not None:
        apply_stripe_refund(sent, reading, now=now)
        return sent.state != state
    made = ours.filter(stripe_id=reading.id).first()
    billed = InvoiceRefund.objects.filter(account=account, stripe_id=reading.id).first()
    known = [each for each in (made, billed) if each is not None]
    if known and all(each.state == state for each in known) and sum(each.amount for each in known) >= reading.amount:
        return False
    if not known and not _is_of_ours(account, connection, listed):
        return False
    return record_stripe_refund(connection, gateway, reading, now=now)


def _compare_dispute(account: Account, connection: Connection, listed: Listed, *, now: datetime) -> bool:
    """Look at a listed dispute where ours is not like it; whether that was so."""
    reading = read_dispute(listed.raw)
    known = Dispute.objects.filter(account=account, stripe_id=reading.id).select_related("payment").first()
    if is_unchanged(known, reading) if known else not _is_of_ours(account, connection, listed):
        return False
    return sync_dispute(connection, reading.id, now=now) is not None


def _look_again(stripe_id: str, *, connection: Connection, now: datetime) -> None:
    try:
        sync_dispute(connection, stripe_id, now=now)
    except GoneError as error:
        log.warning("The dispute %s is not known to Stripe: %s", stripe_id, error)


def _is_of_ours(account: Account, connection: Connection, listed: Listed) -> bool:
    """Whether what is listed may be of something of ours: of a payment that we know, or by one of our customers."""
    if not listed.intent:
        return True
    if Payment.objects.filter(account=account, connection=connection, intent=listed.intent).exists():
        return True
    theirs = StripeCustomer.objects.filter(account=account, connection=connection, stripe_id=listed.customer)
    return bool(listed.customer) and theirs.exists()
