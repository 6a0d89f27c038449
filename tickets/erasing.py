"""A person is erased: what they booked and paid stays as nobody's; what lies ahead or is being paid must be over."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.erasing.parts import ErasePart, Erasing, Obstacle
from accounts.models import Customer
from tickets.booking.hold import release_basket
from tickets.models import (
    Booking,
    BookingState,
    CodeCustomer,
    CodeRedemption,
    Dispute,
    Finding,
    ImportedSeat,
    LedgerLine,
    Party,
    Payment,
    Receipt,
    Refund,
    Seat,
    StudioPayment,
    WaitlistRequest,
)
from tickets.waiting.requests import PayingError, leave

NAMED: Final = 5
"""How many of the bookings that lie ahead are named."""


def what_lies_ahead(customer: Customer, now: datetime) -> Iterable[Obstacle]:
    """Bookings ahead, payments on their way, and disputes that are not decided."""
    ahead = Seat.objects.live().booked().filter(account=customer.account_id, customer=customer, entry__ends_at__gt=now)
    booked = ahead.select_related("entry").order_by("entry__starts_at", "pk")
    for seat in booked[:NAMED]:
        words = _("They’re booked for “%(entry)s”. Cancel the booking, or wait until it’s over.")
        yield Obstacle(words % {"entry": seat.entry.title}, "booking", seat.booking_id)
    payments = Payment.objects.open().filter(account=customer.account_id, booking__customer=customer).order_by("pk")
    for payment in payments[:NAMED]:
        yield Obstacle(
            _("A payment of theirs is in progress. Wait until it has arrived or failed."), "payment", payment.pk
        )
    theirs = Q(payment__booking__customer=customer) | Q(invoice__subscription__customer=customer)
    if Dispute.objects.undecided().filter(theirs, account=customer.account_id).exists():
        yield Obstacle(
            _("A payment of theirs is disputed. You need their details until that’s decided."), "dispute_list"
        )


def end_what_waits(customer: Customer, now: datetime) -> None:
    """They leave waiting lists and lose what lies in their baskets, so that others can have it."""
    waits = WaitlistRequest.objects.open().filter(account=customer.account_id, customer=customer).order_by("pk")
    for request in waits.select_related("account", "entry"):
        with suppress(PayingError):
            leave(request, now=now)
    baskets = Booking.objects.filter(account=customer.account_id, customer=customer, state=BookingState.BASKET)
    for basket in baskets.order_by("pk").values_list("pk", flat=True):
        release_basket(basket, now=now)


def names_given(customer: Customer) -> Iterable[str]:
    """What they called themselves where they booked or waited."""
    booked = Booking.objects.filter(account=customer.account_id, customer=customer)
    yield from booked.exclude(booker_name="").values_list("booker_name", flat=True).distinct()
    seats = Seat.objects.filter(account=customer.account_id, customer=customer)
    own = seats.filter(Q(is_for_booker=True) | Q(self_attendee=customer))
    yield from own.values_list("attendee_name", flat=True).distinct()
    waits = WaitlistRequest.objects.filter(account=customer.account_id, customer=customer)
    yield from {names[0] for names in waits.values_list("names", flat=True)}


def erase_bookings(erasing: Erasing) -> None:
    """What they booked, used and wait for becomes nobody's; who came with them is named no more either."""
    account, customer, left = erasing.account, erasing.customer, erasing.left
    _note_payments(erasing)
    bookings = Booking.objects.filter(account=account, customer=customer)
    bookings.update(customer=left, booker_name="", booker_email="")
    seats = Seat.objects.filter(account=account)
    for theirs in (Q(self_attendee=customer), Q(customer=customer), Q(attendee_email__in=erasing.known.addresses)):
        # By it the system that they came from knows them. The key tells nobody, and lets no list book them again.
        ImportedSeat.objects.filter(account=account, seat__in=seats.filter(theirs)).update(reference="")
    named = {"attendee_name": erasing.name, "attendee_email": ""}
    seats.filter(self_attendee=customer).update(self_attendee=left)
    # What they owe, and what they have to their credit, is waived: there is nobody left to settle it with.
    seats.filter(customer=customer).exclude(owed=0).update(owed=0)
    seats.filter(customer=customer).update(customer=left, **named)
    seats.filter(attendee_email__in=erasing.known.addresses).update(**named)
    # What is printed on a receipt is kept as the law wants it: the name, which no page of a customer leads to any more.
    Receipt.objects.filter(account=account, customer=customer).update(customer=left)
    Party.objects.filter(account_id=account.pk, customer=customer).update(customer=left)
    CodeRedemption.objects.filter(account=account, customer=customer).update(customer=left)
    CodeCustomer.objects.filter(account_id=account.pk, customer=customer).update(customer=left)
    waits = WaitlistRequest.objects.filter(account=account, customer=customer)
    for pk, names in list(waits.values_list("pk", "names")):
        waits.filter(pk=pk).update(customer=left, names=[erasing.name] * len(names), email="")
    StudioPayment.objects.filter(account=account, customer=customer).update(customer=left, note="")
    LedgerLine.objects.filter(account=account, customer=customer).update(customer=left)
    Finding.objects.filter(account=account, customer=customer).delete()


def _note_payments(erasing: Erasing) -> None:
    payments = Payment.objects.filter(account=erasing.account, booking__customer=erasing.customer)
    for connection, *stripe_ids in payments.values_list("connection", "session", "intent"):
        erasing.note_at_stripe(connection, stripe_ids)
    refunds = Refund.objects.filter(account=erasing.account, payment__booking__customer=erasing.customer)
    for connection, stripe_id in refunds.values_list("payment__connection", "stripe_id"):
        erasing.note_at_stripe(connection, [stripe_id])
    disputes = Dispute.objects.filter(
        Q(payment__booking__customer=erasing.customer) | Q(invoice__subscription__customer=erasing.customer),
        account=erasing.account,
    )
    for connection, stripe_id in disputes.values_list("connection", "stripe_id"):
        erasing.note_at_stripe(connection, [stripe_id])


BOOKINGS: Final = ErasePart(erase=erase_bookings, obstacles=what_lies_ahead, hold=end_what_waits, names=names_given)
