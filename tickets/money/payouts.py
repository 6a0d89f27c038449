"""Payouts, followed: whatever of Stripe’s news is lost, doubled or late, ours is as Stripe’s is when it was asked."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction

from accounts.models import Account
from bookwhen.db import violated_constraint
from bookwhen.payments.gateway import Gateway, PermissionMissingError, StripeDownError, StripeError
from bookwhen.payments.gateway_payouts import (
    MovementReading,
    PayoutReading,
    movements_of,
    payouts_page,
    read_payout,
    retrieve_payout,
)
from bookwhen.payments.handlers import Comparer, Cursor, Look
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_values import Raw, UnreadableError, read_id
from tickets.models import Payout, PayoutLine, PayoutLineKind, PayoutState
from tickets.money.payout_lines import Finder, lines_of

JOB: Final = "tickets.money.payouts"
ATTEMPTS: Final = 8
LISTED: Final = timedelta(days=400)
"""How far back payouts are listed where none is known yet: a year, and what is on its way."""
CHANGES: Final = timedelta(days=35)
"""How long after it was made one may still fail, and what it holds may still become known here."""
STATES: Final = {str(each): each for each in PayoutState}
STRIPES: Final[Mapping[str, str]] = {PayoutLineKind.PAYMENT: "charge", PayoutLineKind.REFUND: "refund"}
"""What Stripe calls such a movement; one of a dispute is an adjustment."""
CONTESTED: Final = ("payout_once", "tickets_payoutline_ledger_line_id_key")
"""What another worker may have written first."""

log = logging.getLogger(__name__)


class StaleError(Exception):
    """Ours was changed after Stripe's was fetched."""


def sync_payout(connection: Connection, stripe_id: str) -> Payout | None:
    """Make our payout what Stripe's (by its id) is now, its lines too once Stripe tells them. Safe to repeat.

    None where the connection is no account's. Nothing is held while Stripe is asked. Raises StripeError.
    """
    account, gateway = Account.objects.filter(connection=connection).first(), Gateway.of(connection)
    if account is None:
        return None
    for _attempt in range(ATTEMPTS):
        known = Payout.objects.filter(account=account, stripe_id=stripe_id).first()
        reading = retrieve_payout(gateway, stripe_id)
        lines = None
        if reading.is_listed and not (known and known.is_listed):
            lines = _read_lines(account, connection, gateway, movements_of(gateway, stripe_id))
        try:
            with transaction.atomic():
                return _apply(account, connection, reading, lines, seen=known.revision if known else 0)
        except StaleError:
            continue
        except IntegrityError as error:
            if violated_constraint(error) not in CONTESTED:
                raise
    message = f"{stripe_id} keeps changing in Stripe. We’ll try again."
    raise StripeDownError(message)


def _read_lines(
    account: Account, connection: Connection, gateway: Gateway, movements: Sequence[MovementReading]
) -> list[PayoutLine]:
    finder = Finder(account, connection, gateway)
    finder.look_ahead(movements)
    return [line for each in movements for line in lines_of(account, each, finder.find(each))]


def _apply(
    account: Account,
    connection: Connection,
    reading: PayoutReading,
    lines: Sequence[PayoutLine] | None,
    *,
    seen: int,
) -> Payout:
    """Write what was read; `seen` is the revision before it was fetched, 0 where we did not know it."""
    found = Payout.objects.select_for_update(no_key=True).filter(account=account, stripe_id=reading.id).first()
    if (found.revision if found else 0) != seen:
        raise StaleError
    row = found or Payout(account=account, connection=connection, stripe_id=reading.id)
    row.amount, row.currency, row.failure = reading.amount, reading.currency, reading.failure
    row.state, row.is_by_hand = STATES.get(reading.status, PayoutState.PENDING), reading.is_by_hand
    row.arrives_on, row.created_at = reading.arrives_on, reading.created_at
    row.is_listed = row.is_listed or lines is not None
    row.revision += 1
    row.save()
    for each in lines or ():
        each.payout = row
    PayoutLine.objects.bulk_create(lines or ())
    return row


def link_waiting(line: PayoutLine, finder: Finder) -> bool:
    """Look again for what a line is of that waits for that; whether it was found. Raises StripeError."""
    movement = MovementReading(
        id=line.stripe_id,
        kind=STRIPES.get(line.kind, "adjustment"),
        amount=line.amount,
        fee=line.fee,
        currency=line.currency,
        source=line.source,
        intent=line.intent,
        customer="",
        happened_at=line.happened_at,
    )
    found = finder.find(movement, is_ours=True)
    if not found.lines:
        return False
    with transaction.atomic():
        Payout.objects.select_for_update(no_key=True).get(pk=line.payout_id)
        if not PayoutLine.objects.filter(pk=line.pk, is_waiting=True).delete()[0]:
            return False
        for each in lines_of(line.account, movement, found):
            each.payout_id = line.payout_id
            each.save()
    return True


def compare_payouts(look: Look, cursor: Cursor) -> Cursor | None:
    """Make the payouts of a connection what a page of Stripe's list says, then link what waits; safe to repeat."""
    account, connection = Account.objects.filter(connection=look.connection).first(), look.connection
    if account is None:
        return None
    if cursor.get("listed"):
        _link_all(look, account)
        return None
    gateway = Gateway.of(connection)
    try:
        found, after = payouts_page(gateway, _since(look, account), after=cursor.get("after", ""))
    except PermissionMissingError as error:
        # A key from before payouts were read: the payments settings say what it lacks.
        log.warning("Payouts of connection %s can’t be read: %s", connection.pk, error)
        return None
    run = look.run(JOB, expected=(StripeError,))
    last = ""
    for raw in found:
        if run.is_over or (last and look.is_over()):
            break
        last = read_id(raw.get("id"))
        run.attempt(last, partial(_compare, account, connection, raw))
    look.conclude(run)
    if found and last != read_id(found[-1].get("id")):
        return {"after": last}
    return {"after": after} if after else {"listed": True}


def _compare(account: Account, connection: Connection, raw: Raw) -> bool:
    """Take a listed payout over where ours is not like it; whether it was so."""
    try:
        reading = read_payout(raw)
    except UnreadableError as error:
        log.warning("A payout of connection %s can’t be read: %s", connection.pk, error)
        return False
    known = Payout.objects.filter(account=account, stripe_id=reading.id).first()
    if known and _told(known) == _read(reading):
        return False
    try:
        return sync_payout(connection, reading.id) is not None
    except PermissionMissingError as error:
        log.warning("The payout %s can’t be read: %s", reading.id, error)
        return False


def _told(ours: Payout) -> tuple[object, ...]:
    return (ours.state, ours.amount, ours.currency, ours.arrives_on, ours.failure, ours.is_listed)


def _read(reading: PayoutReading) -> tuple[object, ...]:
    state = STATES.get(reading.status, PayoutState.PENDING)
    return (state, reading.amount, reading.currency, reading.arrives_on, reading.failure, reading.is_listed)


def _link_all(look: Look, account: Account) -> None:
    """Look again for what young lines wait for; each night as many as there is time for."""
    finder = Finder(account, look.connection, Gateway.of(look.connection))
    waiting = PayoutLine.objects.filter(
        account=account, payout__connection=look.connection, is_waiting=True, happened_at__gte=look.begun_at - CHANGES
    )
    run = look.run(f"{JOB}.lines", expected=(StripeError,))
    for each in waiting.select_related("account").order_by("happened_at", "pk"):
        if run.is_over or look.is_over():
            break
        run.attempt(str(each.pk), partial(link_waiting, each, finder))
    look.conclude(run)


def _since(look: Look, account: Account) -> datetime:
    """From when on to list: as long as one may change, longer where the last comparison is, and all at first."""
    if not Payout.objects.filter(account=account, connection=look.connection).exists():
        return look.begun_at - LISTED
    return min(look.begun_at, look.connection.reconciled_at or look.begun_at) - CHANGES


COMPARERS: Final = (Comparer("tickets.payouts", compare_payouts),)
