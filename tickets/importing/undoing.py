"""Taking imported bookings back: what still is as the list made it goes, with its use; what was changed is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.customers import delete_unused
from accounts.history.acting import told_already
from accounts.models import Customer, ListImport, ListImportRow
from bookwhen.db import is_named
from offers.forgetting import forget_uses
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Attendance, Booking, ImportedSeat, Party, Seat


def undo(list_import: ListImport, row: ListImportRow, now: datetime) -> str:
    """Take the booking of a row back, in the caller's transaction; why it was kept, or nothing.

    Whom nobody told of it has never had it: nothing is left. Who was told, or has been here since, keeps a cancelled
    booking, and is told that too.
    """
    account, after = list_import.account, row.after
    seat = Seat.objects.filter(account=account, pk=after["seat"]).select_related("customer", "entry").first()
    if seat is not None:
        if why := _changed(seat, after, now=now):
            return why
        is_known = bool(after["told"] or (seat.customer.seen_at and seat.customer.seen_at >= seat.created_at))
        if seat.cancelled_at is None:
            with told_already():
                cancel_by_studio([seat.pk], now=now, tell=is_known)
        ImportedSeat.objects.filter(account=account, seat=seat).delete()
        if not is_known:
            _forget(account.pk, seat.pk)
    return _forget_customer(account.pk, after)


def _changed(seat: Seat, after: Mapping[str, Any], *, now: datetime) -> str:
    """Why a seat is not as the list made it; nothing where it is."""
    if seat.cancelled_at is not None:
        return ""
    if (seat.entry_id, seat.ticket_id, seat.attendee_name) != (after["at"], after["ticket"], after["name"]):
        return _("Their booking was changed since.")
    if Attendance.objects.filter(account=seat.account_id, seat=seat).exists() or seat.entry.starts_at <= now:
        return _("The event has begun, or they’ve been marked there.")
    return _("It has been paid since.") if seat.payment_id else ""


def _forget(account: int, pk: int) -> None:
    """Delete a cancelled seat, what it had of an allowance, and its booking with the last one, as far as unused."""
    seat = Seat.objects.select_for_update(of=("self",)).filter(account=account, pk=pk).select_related("booking").first()
    if seat is None or is_named(seat):
        return
    uses = [use for use in (seat.use_id, seat.discount_use_id) if use]
    booking, entry, customer = seat.booking, seat.entry_id, seat.customer_id
    seat.delete()
    forget_uses(account, uses)
    if not Seat.objects.filter(account=account, booking=booking).exists():
        held = Booking.objects.select_for_update(of=("self",)).get(account=account, pk=booking.pk)
        if not is_named(held):
            held.delete()
    Party.objects.filter(account_id=account, entry=entry, customer=customer, seats=0).delete()


def _forget_customer(account: int, after: Mapping[str, Any]) -> str:
    """Delete a customer whom the import made; why they stay, or nothing."""
    if not after["made"]:
        return ""
    held = Customer.objects.select_for_update(no_key=True).filter(account=account, pk=after["customer"]).first()
    if held is None or delete_unused(held):
        return ""
    return _("They’ve used it since, or something else is about them.")


def clear(list_import: ListImport, now: datetime) -> None:
    """Nothing was made for the list as a whole."""
    del list_import, now
