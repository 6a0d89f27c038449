"""Taking over what the operator wants: where subscriptions are at Stripe, page by page, each for itself.

Before the first, what will be taken over is noted as about to be (`LeftOut.is_due`), so that events which come
meanwhile wait for it; what will not be is left out for good. Only then do Stripe's prices become ours.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.customers import customers_by_address, recognise_customers
from accounts.email_queue import queue_letter
from accounts.history.recording import About, concern, line_of
from accounts.imports.phases import row_error
from accounts.imports.sources import Cursor
from accounts.models import (
    Account,
    AuditEntry,
    Customer,
    LetterKind,
    ListImport,
    ListImportRow,
    RowState,
    StripeCustomer,
    Thing,
    Verdict,
)
from bookwhen.db import violated_constraint
from bookwhen.payments.gateway import Gateway, GoneError, KeyRefusedError, StripeError
from bookwhen.payments.listing import customers_to_be_billed_more, subscriptions_page
from bookwhen.payments.stripe_objects import SubscriptionReading
from bookwhen.payments.stripe_values import UnreadableError
from memberships.applying import Beside, apply_stripe_state
from memberships.importing.making import make_what_is_wanted
from memberships.importing.verdicts import ImportReason
from memberships.items import choose_item
from memberships.models import LIVE, LeftOut, Subscription, SubscriptionStatus
from memberships.next_payment import billing_of
from memberships.scheduled_changes import with_scheduled_change
from memberships.sync import gateway_of

BATCH: Final = 1000
SINGLY: Final = 20
"""How many that were not listed any more are asked for one by one, at a time."""
AFTER: Final = "after"
WAITING: Final = "waiting"
"""The cursor's word for customers (Stripe's ids) for whose next bill more waits than their subscription says; none
where that is not known."""
LEFT: Final = "left"
"""The cursor's word for the last step: what was wanted and not listed any more."""


def apply(list_import: ListImport, cursor: Cursor, now: datetime) -> Cursor | None:
    """Take over the next page of what is wanted. Raises StripeError; what is wrong with one stops no other."""
    if not cursor:
        _note_what_is_due(list_import, now=now)
        make_what_is_wanted(list_import, now=now)
        return {AFTER: "", WAITING: _waiting(gateway_of(list_import.account))}
    gateway, known = gateway_of(list_import.account), {WAITING: cursor.get(WAITING)}
    if LEFT in cursor:
        return _take_over_singly(list_import, gateway, known, now=now)
    listed, after = subscriptions_page(gateway, after=cursor[AFTER])
    readings = {each.id: each.read for each in listed}
    rows = list_import.rows.wanted().filter(state=RowState.READ, key__in=readings).order_by("number")
    _take_over(list_import, gateway, [(row, readings[row.key]) for row in rows], waiting=known[WAITING], now=now)
    return {**known, **({AFTER: after} if after else {LEFT: True})}


def _note_what_is_due(list_import: ListImport, *, now: datetime) -> None:
    """Leave out every subscription of the import: some until they are taken over, the others for good."""
    # What waits for its first payment comes in as any other once that has come, if it leads to a membership.
    begins = Q(why=ImportReason.NOT_LIVE, raw__status=SubscriptionStatus.INCOMPLETE) & ~Q(target="")
    rows = list_import.rows.exclude(verdict=Verdict.UNCHANGED).exclude(begins).order_by("number")
    last = 0
    while some := list(rows.filter(number__gt=last).values_list("number", "key")[:BATCH]):
        first, last = some[0][0], some[-1][0]
        wanted = set(list_import.rows.wanted().filter(number__range=(first, last)).values_list("key", flat=True))
        LeftOut.objects.bulk_create(
            (
                LeftOut(
                    account=list_import.account,
                    stripe_id=key,
                    list_import=list_import,
                    is_due=key in wanted,
                    created_at=now,
                )
                for _number, key in some
            ),
            update_conflicts=True,
            unique_fields=["account", "stripe_id"],
            update_fields=["list_import", "is_due"],
        )


def _waiting(gateway: Gateway) -> list[str] | None:
    try:
        return sorted(set(customers_to_be_billed_more(gateway)))
    except KeyRefusedError:
        return None  # without it the night asks what each of them costs next


def _take_over_singly(list_import: ListImport, gateway: Gateway, known: Cursor, *, now: datetime) -> Cursor | None:
    """What Stripe did not list any more (it ended meanwhile): each is asked for, and so has an answer."""
    rows = list(list_import.rows.wanted().filter(state=RowState.READ).order_by("number")[:SINGLY])
    readings = []
    for row in rows:
        try:
            reading = gateway.subscription(row.key)
        except GoneError as error:
            _mark_failed(row, error)
        else:
            readings.append((row, _known(reading)))
    _take_over(list_import, gateway, readings, waiting=known[WAITING], now=now)
    return {**known, LEFT: True} if rows else None


def _known(reading: SubscriptionReading) -> Callable[[], SubscriptionReading]:
    return lambda: reading


@dataclass(frozen=True, slots=True)
class _Person:
    """A customer whom a row is of, and whether the import made them."""

    customer: Customer
    is_new: bool


def _take_over(
    list_import: ListImport,
    gateway: Gateway,
    rows: Sequence[tuple[ListImportRow, Callable[[], SubscriptionReading]]],
    *,
    waiting: Collection[str] | None,
    now: datetime,
) -> None:
    if not rows:
        return
    line = line_of(list_import.account_id, list_import.operation_id)
    people = _people(list_import.account, [row for row, _reads in rows if row.person])
    for row, read in rows:
        try:
            if row.person not in people:
                raise NoAddressError  # noqa: TRY301 - it is told as whatever is wrong with one
            reading = choose_item(list_import.account, read())
            reading = with_scheduled_change(list_import.account, gateway, reading)
            is_plain = reading.is_plain and waiting is not None and reading.customer not in waiting
            _take_over_one(list_import, row, reading, people[row.person], line, is_plain=is_plain, now=now)
        except UnreadableError as error:
            _mark_failed(row, error)
        except StripeError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are taken over
            _mark_failed(row, error)


def _people(account: Account, rows: Iterable[ListImportRow]) -> dict[str, _Person]:
    """The customers that rows are of, by address; made where unknown, by the name that Stripe has."""
    names = {row.person: row.raw["name"] for row in rows}
    known = customers_by_address(account, names)
    found = recognise_customers(account, names, confirmed=False)
    return {email: _Person(customer, email not in known) for email, customer in found.items()}


def _take_over_one(
    list_import: ListImport,
    row: ListImportRow,
    reading: SubscriptionReading,
    person: _Person,
    line: AuditEntry | None,
    *,
    is_plain: bool,
    now: datetime,
) -> None:
    """Take one over; what it costs next is asked at night, where it is not plain."""
    account = list_import.account
    beside = Beside(billing=billing_of(reading, reading.cost.amount if is_plain else None))
    if reading.status not in LIVE:
        _set(row, verdict=Verdict.REFUSED, why=ImportReason.NOT_LIVE)
        return
    try:
        with transaction.atomic():
            if Subscription.objects.filter(account=account, stripe_id=reading.id).exists():
                _set(row, verdict=Verdict.UNCHANGED, why=ImportReason.OURS)
                return
            LeftOut.objects.filter(account=account, stripe_id=reading.id).delete()
            named = _name_at_stripe(account, person.customer, reading.customer)
            made = apply_stripe_state(
                account, reading, seen=None, buyer=person.customer, beside=beside, now=now, imported=True
            )
            if made is None:
                raise NotOursError
            concern(line, [About(Thing.SUBSCRIPTION, made.pk), About(Thing.CUSTOMER, person.customer.pk)])
            told = bool(list_import.mapping.get("letter")) and _tell(account, made, row, now=now)
            after = {"subscription": str(made.uuid), "customer": person.customer.pk, "made": person.is_new}
            after |= {"at_stripe": named}
            _set(row, state=RowState.APPLIED, error="", after=after | {"told": told})
    except IntegrityError as error:
        if violated_constraint(error) != "subscription_once":
            raise
        _set(row, verdict=Verdict.UNCHANGED, why=ImportReason.OURS)


class NoAddressError(Exception):
    """Nobody said whose it is."""

    is_for_people = True

    def __str__(self) -> str:
        return _("There’s no email address for it.")


class NotOursError(Exception):
    """Its price was changed at Stripe meanwhile, to one that is none of ours."""

    is_for_people = True

    def __str__(self) -> str:
        return _("Its price has changed in Stripe. Import again to include it.")


def _name_at_stripe(account: Account, customer: Customer, stripe_id: str) -> int | None:
    """Keep what Stripe calls a customer: the row (id) that this made; None where it was known."""
    assert account.connection is not None  # noqa: S101 - there is a gateway
    kept, is_new = StripeCustomer.objects.get_or_create(
        customer=customer, connection=account.connection, defaults={"account": account, "stripe_id": stripe_id}
    )
    return kept.pk if is_new else None


def _tell(account: Account, subscription: Subscription, row: ListImportRow, *, now: datetime) -> bool:
    """Write how to get in, where the operator wants that; whether it was written."""
    return (
        queue_letter(
            kind=LetterKind.ADDED,
            recipient=subscription.customer.reached_at,
            template="groups/letters/added",
            context={"page": account.pages.first()},
            account=account,
            dedupe=f"imported:{row.pk}",
            now=now,
        )
        is not None
    )


def _mark_failed(row: ListImportRow, error: Exception) -> None:
    _set(row, state=RowState.FAILED, error=row_error(error))


def _set(row: ListImportRow, **facts: Any) -> None:  # noqa: ANN401 - whatever columns hold
    ListImportRow.objects.filter(pk=row.pk).update(**facts)
