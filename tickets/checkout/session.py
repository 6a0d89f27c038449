"""Stripe's hosted checkout of a payment: the one place that opens it, looks at it and ends it. No lock is held."""

from collections import Counter
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse

from accounts.stripe_connection import ensure_stripe_customer
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.payment_methods import excluded_methods
from bookwhen.payments.stripe_objects import SessionReading
from bookwhen.payments.stripe_params import Checkout, CheckoutLine
from memberships.catalogue import ensure_at_stripe, mend_at_stripe
from memberships.marks import PURCHASE, stripe_metadata
from memberships.purchases import trial_days
from memberships.sync import gateway_of
from tickets.booking.hold import SHORTEST_CHECKOUT
from tickets.models import Payment, Seat

PAYMENT: Final = "bookwhen_payment"
"""What a checkout bears in its metadata: the payment it is of."""
AFTERWARDS: Final = timedelta(minutes=1)
"""How much longer a checkout lives than its basket is held: we end it ourselves."""
LINES, LINES_WITH_MEMBERSHIP = 90, 18
"""How many lines Stripe's checkout takes, with a little to spare; a basket of more is told as one line."""


def open_session(payment: Payment) -> SessionReading:
    """Open the checkout of an open payment at Stripe; asked for again, it finds the same one. Raises StripeError."""
    account, booking = payment.account, payment.booking
    gateway = gateway_of(account)
    if booking.purchase:
        ensure_at_stripe(booking.purchase.price, gateway)
    customer = _customer(payment, gateway)
    try:
        return gateway.create_checkout(_params(payment, customer), key=idempotency_key("payment", payment.uuid))
    except (GoneError, DeclinedError):
        # Something that we made there was deleted, or archived: that is put right, and nothing else.
        is_mended = booking.purchase is not None and mend_at_stripe(booking.purchase.price, gateway)
        if not gateway.is_there("customers.retrieve", customer):
            customer, is_mended = _customer(payment, gateway, lost=customer), True
        if not is_mended:
            raise
        wanted = _params(payment, customer)
        return gateway.create_checkout(wanted, key=idempotency_key("payment", payment.uuid, customer, wanted.price))


def _customer(payment: Payment, gateway: Gateway, *, lost: str = "") -> str:
    """Stripe's id of who pays; another one where it was `lost` there.

    Of a guest who typed another address of a customer’s, it is one of this payment alone: Stripe’s page shows its
    address, and the customer’s main one is nobody else’s business.
    """
    account, booking = payment.account, payment.booking
    bears = stripe_metadata(account)
    if booking.booker_email and booking.filled_by_id is None:
        return gateway.create_customer(
            email=booking.booker_email,
            name=booking.booker_name,
            metadata=bears,
            key=idempotency_key("customer", payment.uuid, lost),
        )
    return ensure_stripe_customer(account, booking.customer, gateway, metadata=bears, anew=lost)


def read_session(payment: Payment) -> SessionReading | None:
    """The checkout of a payment as Stripe has it; None where we know of none. Raises GoneError, StripeError."""
    return payment_gateway(payment).session(payment.session) if payment.session else None


def end_session(payment: Payment) -> SessionReading | None:
    """End the checkout of a payment if it is open: what it is then; None where there is none. Raises StripeError."""
    gateway = payment_gateway(payment)
    try:
        session = read_session(payment)
        return gateway.expire_session(session.id) if session and session.status == "open" else session
    except GoneError:
        return None
    except DeclinedError:
        return gateway.session(payment.session)  # it was paid a moment ago


def payment_gateway(payment: Payment) -> Gateway:
    """The Stripe account that a payment was made in, whichever the account has now."""
    return Gateway.of(payment.connection)


def statement_name(payment: Payment) -> str:
    """What the bank statement and the checkout call the studio."""
    return payment.account.name


def _params(payment: Payment, customer: str) -> Checkout:
    """What Stripe is asked for: the same for the same payment, however often it is asked."""
    account, booking, purchase = payment.account, payment.booking, payment.booking.purchase
    assert booking.held_until is not None  # noqa: S101 - a constraint says so
    back = f"{settings.SITE_URL}{reverse('public:basket', kwargs={'page': booking.page.slug})}"
    bears = stripe_metadata(account, **{PAYMENT: payment.uuid}, **({PURCHASE: purchase.uuid} if purchase else {}))
    return Checkout(
        customer=customer,
        currency=payment.currency,
        lines=_lines(payment, most=LINES_WITH_MEMBERSHIP if purchase else LINES),
        reference=str(payment.uuid),
        metadata=bears,
        success_url=f"{back}?paid={booking.uuid}",
        cancel_url=f"{back}?left={booking.uuid}",
        expires_at=max(payment.opened_at + SHORTEST_CHECKOUT, booking.held_until + AFTERWARDS),
        price=purchase.price.stripe_id if purchase else "",
        trial_days=trial_days(purchase) if purchase else 0,
        subscription=stripe_metadata(account, **{PURCHASE: purchase.uuid}) if purchase else {},
        excluded=excluded_methods(accepts_bank_debits=account.accepts_bank_debits),
    )


def _lines(payment: Payment, *, most: int) -> list[CheckoutLine]:
    """What the checkout says is paid for: a line for equal tickets, or one for all where they are too many."""
    seats = Seat.objects.filter(payment=payment, amount__gt=0).select_related("entry", "ticket").order_by("pk")
    counted = Counter((seat.entry.title, seat.ticket.name, seat.amount) for seat in seats)
    if len(counted) > most:
        return [CheckoutLine(title=f"{statement_name(payment)} ({len(seats)})", amount=payment.amount)]
    return [
        CheckoutLine(title=f"{entry}: {ticket}", amount=amount, quantity=count)
        for (entry, ticket, amount), count in counted.items()
    ]
