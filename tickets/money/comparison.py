"""Comparing refunds and disputes with Stripe’s lists, each night: what no event told of is found.

A list is read, not each payment; only what differs is asked for again. Whose payment something is of is judged by the
list itself, so that what somebody else sells over the same Stripe account costs no call.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from accounts.models import Account, FormerStripeCustomer, StripeCustomer
from bookwhen.payments.gateway import Gateway, GoneError, StripeError
from bookwhen.payments.gateway_disputes import Listed, disputes_page, read_dispute, refunds_page
from bookwhen.payments.handlers import Comparer, Cursor, Look, NotYetError
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


def compare_refunds(look: Look, cursor: Cursor) -> Cursor | None:
    """Make the refunds over a connection what a page of Stripe's list says; safe to repeat."""
    account, connection = Account.objects.filter(connection=look.connection).first(), look.connection
    if account is None:
        return None
    gateway = Gateway.of(connection)
    found, after = refunds_page(gateway, _since(look, REFUNDS_CHANGE), after=cursor.get("after", ""))
    act = partial(_compare_refund, account, connection, gateway, now=look.now)
    last = _each(look, "refunds", found, act)
    return {"after": last} if last else {"after": after} if after else None


def compare_disputes(look: Look, cursor: Cursor) -> Cursor | None:
    """Make the disputes over a connection what a page of Stripe's list says; then look at each other that isn't over.

    Safe to repeat.
    """
    account, connection = Account.objects.filter(connection=look.connection).first(), look.connection
    if account is None:
        return None
    undecided = Dispute.objects.undecided().filter(account=account, connection=connection)
    seen: list[str] = cursor.get("seen", [])
    if cursor.get("listed"):
        unseen = sorted(set(undecided.values_list("stripe_id", flat=True)) - set(seen))
        return _look_again_at(look, unseen, seen)
    since = _since(look, DISPUTES_LAST)
    found, after = disputes_page(Gateway.of(connection), since, after=cursor.get("after", ""))
    ours = set(undecided.filter(stripe_id__in=[each.id for each in found]).values_list("stripe_id", flat=True))
    last = _each(look, "disputes", found, partial(_compare_dispute, account, connection, now=look.now))
    seen = [*seen, *sorted(ours - set(seen))]
    return {"seen": seen, "after": last or after, "listed": not (last or after)}


COMPARERS: Final = (
    Comparer("tickets.refunds", compare_refunds),
    Comparer("tickets.disputes", compare_disputes),
)


def _each(look: Look, what: str, found: Sequence[Listed], act: Callable[[Listed], object]) -> str:
    """Do it for each as far as there is time: the last one where there was too little; nothing where all were done."""
    run = look.run(f"{JOB}.{what}", expected=(StripeError, NotYetError))
    last = ""
    for each in found:
        if run.is_over or (last and look.is_over()):
            break
        run.attempt(each.id, partial(act, each))
        last = each.id
    look.conclude(run)
    return last if found and last != found[-1].id else ""


def _look_again_at(look: Look, unseen: Sequence[str], seen: Sequence[str]) -> Cursor | None:
    """Look at disputes that Stripe did not list, as far as there is time; None: all were looked at."""
    run, looked = look.run(f"{JOB}.disputes", expected=(StripeError, NotYetError)), list[str]()
    for each in unseen:
        if run.is_over or (looked and look.is_over()):
            break
        run.attempt(each, partial(_look_again, each, connection=look.connection, now=look.now))
        looked.append(each)
    look.conclude(run)
    return {"seen": [*seen, *looked], "listed": True} if len(looked) < len(unseen) else None


def _since(look: Look, span: timedelta) -> datetime:
    """From when on to list: as long as it may change, and longer where the last comparison was longer ago."""
    last = look.connection.reconciled_at or look.begun_at
    return min(look.begun_at - span, last - OVERLAP)


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
    asked = {"account": account, "connection": connection, "stripe_id": listed.customer}
    return bool(listed.customer) and any(
        model.objects.filter(**asked).exists() for model in (StripeCustomer, FormerStripeCustomer)
    )
