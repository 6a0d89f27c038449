"""Paying for a basket: our payment first, then Stripe's checkout, then what Stripe says came of it.

No lock is held while Stripe answers. Confirming and letting go are single conditional transitions of the booking and
its payment: who comes second does nothing (DESIGN.md, *Selling*).
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.stripe_connection import customer_at_stripe
from bookwhen.db import violated
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SessionReading
from bookwhen.payments.stripe_params import Line, Sale
from memberships.catalogue import ensure_at_stripe
from memberships.models import Subscription
from memberships.purchases import ELSEWHERE, abandon, at_checkout, clear_way, reserve, settle_session, trial_days
from memberships.sync import PAYMENT, PURCHASE, gateway_of, marks
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.availability.locks import hold_basket, hold_booking
from tickets.booking import notices
from tickets.booking.book import LOST_RACES, BasketClosedError
from tickets.booking.hold import drop, let_go
from tickets.checkout.basket import Basket, held_until, judge, read
from tickets.models import Booking, Paying, Payment, Seat, State, Why
from tickets.money.refunds import refund

SHORTEST: Final = timedelta(minutes=31)
"""How long Stripe's checkouts live at least (half an hour, and a minute for clocks that differ)."""
LINES, LINES_WITH_MEMBERSHIP = 90, 18
"""How many lines Stripe's checkout takes, with a little to spare; a basket of more is told as one line."""
LATER: Final = timedelta(minutes=10)
"""When what Stripe could not say is asked again."""

log = logging.getLogger(__name__)


class ChangedError(Exception):
    """The basket is not what the customer saw: show it again."""


class EmptyError(Exception):
    """There is nothing in the basket (any more)."""


def check_out(basket: Booking, who: Person, seen: str, *, now: datetime) -> str:
    """Buy a basket that is as the customer `seen` it: the address of Stripe's checkout, or nothing where it is booked.

    One in which nothing costs anything never meets Stripe. Whoever is at the checkout already comes back to it. Raises
    ChangedError, EmptyError, BasketClosedError, AlreadyHasError, NotOnSaleError, StripeError.
    """
    if (under_way := _open_payment(basket)) is not None:
        return _go_on(under_way, now=now)
    if basket.membership_price is not None:
        clear_way(basket.membership_price, basket.customer, basket.page, now=now)
    try:
        payment, as_seen = _begin_as_seen(basket, who, seen, now=now)
    except LimitReachedError as error:
        raise ChangedError from error
    except IntegrityError as error:
        if violated(error) not in LOST_RACES:
            raise
        raise ChangedError from error
    if not as_seen:
        raise ChangedError
    return _open(payment, now=now) if payment else ""


def _begin_as_seen(basket: Booking, who: Person, seen: str, *, now: datetime) -> tuple[Payment | None, bool]:
    """Begin to buy a basket, if it is as the customer saw it: its payment, where it costs something, and whether it is.

    What was judged is kept either way: the customer is shown it.
    """
    with transaction.atomic():
        judge(basket, who, now=now)
        found = read(basket)
        if found.booking.state != State.BASKET:
            raise BasketClosedError
        if found.seen != seen:
            return None, False
        if found.is_empty:
            raise EmptyError
        return _begin(found, now=now), True


def reopen(basket: Booking, *, now: datetime) -> bool:
    """Take a basket back from the checkout, to change it; False where it was paid a moment ago, or let go of.

    Stripe's checkout is ended first. Raises StripeError.
    """
    payment = _open_payment(basket)
    if payment is None:
        return read(basket).booking.state == State.BASKET
    session = _ended(payment)
    if session is not None and session.status == "complete":
        settle_checkout(payment, session, now=now)
        return False
    with transaction.atomic():
        held = hold_booking(payment.booking_id)
        if not _leave(payment):
            return held.state == State.BASKET
        _give_up_purchase(held, now=now)
        held.state, held.held_until = State.BASKET, held_until(held.account, now=now)
        held.save(update_fields=["state", "held_until", "purchase"])
    return True


def settle(payment: Payment, *, now: datetime) -> None:
    """Make a payment what Stripe says came of it; safe to repeat. Raises StripeError."""
    if payment.session:
        try:
            session = _gateway(payment).session(payment.session)
        except GoneError:
            lapse(payment, now=now)
        else:
            settle_checkout(payment, session, now=now)


def settle_checkout(payment: Payment, session: SessionReading, *, now: datetime) -> None:
    """Confirm or let go by a checkout session of ours, as Stripe has it.

    `complete` but `unpaid` stays *paying*, until Stripe has given up collecting it.
    """
    if session.status == "expired":
        if session.metadata.get(PURCHASE):
            settle_session(payment.account, session, now=now)
        lapse(payment, now=now)
    elif session.status == "complete" and session.payment_status in {"paid", "no_payment_required"}:
        if session.subscription:
            settle_session(payment.account, session, now=now)
        intent = _gateway(payment).intent_of(session) if payment.amount else ""
        confirm(payment, intent, now=now)
    elif session.status == "complete" and session.intent and _gateway(payment).is_given_up(session.intent):
        lapse(payment, now=now)


def settle_overdue(booking: int, *, now: datetime) -> None:
    """End the checkout of a booking (id) whose time is up, and let it go if Stripe says that it can not be paid.

    What Stripe cannot say is asked again later. Raises nothing of Stripe's.
    """
    basket = Booking.objects.filter(pk=booking, state=State.PAYING, held_until__lte=now).first()
    if basket is None:
        return
    payment = _open_payment(basket)
    try:
        if payment is None:
            let_go(booking, now=now, when=State.PAYING, overdue=True)
            return
        session = _ended(payment)
        if session is None:
            lapse(payment, now=now)
        else:
            settle_checkout(payment, session, now=now)
    except (NotYetError, StripeError) as error:
        log.warning("What came of payment %s is not known yet: %s", payment.uuid if payment else "", error)
    still = Booking.objects.filter(pk=booking, state=State.PAYING, held_until__lte=now)
    still.update(held_until=now + LATER)


def confirm(payment: Payment, intent: str, *, now: datetime) -> bool:
    """Book what was paid, once; whether this call did. What is not there any more is refunded, with an apology."""
    with transaction.atomic():
        booking = hold_booking(payment.booking_id)
        seats = list(
            Seat.objects.filter(payment=payment)
            .select_for_update(of=("self",), no_key=True)
            .select_related("entry__account", "entry__page", "entry__places", "ticket")
            .order_by("pk")
        )
        unpaid = Payment.objects.filter(pk=payment.pk).exclude(state=Paying.PAID)
        mine = booking.state == State.PAYING and unpaid.filter(state=Paying.OPEN).exists()
        if not unpaid.update(state=Paying.PAID, paid_at=now, intent=intent):
            return False
        if mine:
            booking.state, booking.held_until = State.BOOKED, None
            booking.save(update_fields=["state", "held_until"])
        gone = [seat for seat in seats if not mine or seat.cancelled_at]
        _refund_gone(payment, gone, whole=not mine, twice=booking.state == State.BOOKED and not mine, now=now)
        live = list(
            booking.seats.filter(cancelled_at__isnull=True)
            .select_related("entry__account", "entry__page", "entry__places", "ticket", "use")
            .order_by("pk")
        )
        if mine and live:
            notices.bought(booking, live, payment=payment, now=now)
        if gone or not mine:
            notices.sorry(booking, gone, payment=payment, now=now)
    return True


def lapse(payment: Payment, *, now: datetime) -> bool:
    """Let go of a basket whose checkout can not be paid any more, once; whether this call did."""
    with transaction.atomic():
        held = hold_basket(payment.booking_id)
        if not _leave(payment) or held.state != State.PAYING:
            return False
        _give_up_purchase(held, now=now)
        held.state, held.held_until = State.RELEASED, None
        held.save(update_fields=["state", "held_until", "purchase"])
        live = Seat.objects.filter(booking=held, cancelled_at__isnull=True)
        drop(list(live.values_list("pk", flat=True)), now=now)
    return True


def _open_payment(basket: Booking) -> Payment | None:
    found = Payment.objects.filter(booking=basket, state=Paying.OPEN)
    return found.select_related("account__connection", "connection", "booking").first()


def _gateway(payment: Payment) -> Gateway:
    """The Stripe account that a payment was made in."""
    return Gateway.of(payment.connection)


def _go_on(payment: Payment, *, now: datetime) -> str:
    """Back to a checkout that is open; where it is not, its basket is settled."""
    try:
        session = _gateway(payment).session(payment.session) if payment.session else None
    except GoneError:
        lapse(payment, now=now)
        raise BasketClosedError from None
    if session is not None and session.status == "open":
        return session.url
    if session is not None:
        settle_checkout(payment, session, now=now)
    raise BasketClosedError


def _begin(found: Basket, *, now: datetime) -> Payment | None:
    """Book a free basket at once; let another wait for its payment. Its row is held."""
    booking = found.booking
    if found.is_free:
        booking.state, booking.held_until = State.BOOKED, None
        booking.save(update_fields=["state", "held_until"])
        notices.bought(booking, _told(found), payment=None, now=now)
        return None
    account = booking.account
    gateway_of(account)
    assert account.connection is not None  # noqa: S101 - there is a gateway
    if found.price:
        purchase = reserve(found.price, booking.customer, booking.page, account=account, now=now, session=ELSEWHERE)
        if purchase is None:
            raise BasketClosedError
        booking.purchase = purchase
    payment = Payment.objects.create(
        account=account,
        booking=booking,
        connection=account.connection,
        amount=found.total,
        currency=account.currency,
        opened_at=now,
    )
    Seat.objects.filter(pk__in=[seat.pk for seat in found.seats]).update(payment=payment)
    booking.state, booking.held_until = State.PAYING, held_until(account, now=now)
    booking.save(update_fields=["state", "held_until", "purchase"])
    return payment


def _told(found: Basket) -> list[Seat]:
    return list(
        Seat.objects.filter(pk__in=[seat.pk for seat in found.seats])
        .select_related("entry__account", "entry__page", "entry__places", "ticket", "use")
        .order_by("pk")
    )


def _open(payment: Payment, *, now: datetime) -> str:
    """Open the checkout of a payment at Stripe; where that fails the basket is as it was. Raises StripeError."""
    try:
        session = _checkout(payment, now=now)
    except StripeError:
        _take_back(payment, now=now)
        raise
    if not Payment.objects.filter(pk=payment.pk, state=Paying.OPEN).update(session=session.id):
        # It was taken back in another tab, or let go of, while Stripe answered: nobody may pay there.
        _gateway(payment).expire_session(session.id)
        raise BasketClosedError
    if payment.booking.purchase and not at_checkout(payment.booking.purchase, session):
        # Its membership is about to be bought in another tab.
        _gateway(payment).expire_session(session.id)
        _take_back(payment, now=now)
        raise BasketClosedError
    return session.url


def _take_back(payment: Payment, *, now: datetime) -> None:
    """Nobody was ever sent to the checkout: the basket is open again."""
    with transaction.atomic():
        held = hold_booking(payment.booking_id)
        if _leave(payment) and held.state == State.PAYING:
            _give_up_purchase(held, now=now)
            held.state = State.BASKET
            held.save(update_fields=["state", "purchase"])


def _checkout(payment: Payment, *, now: datetime) -> SessionReading:
    account, booking = payment.account, payment.booking
    gateway = gateway_of(account)
    if booking.purchase:
        ensure_at_stripe(booking.purchase.price, gateway)
    bears = marks(account)
    customer = customer_at_stripe(account, booking.customer, gateway, metadata=bears)
    try:
        return gateway.create_sale(_sale(payment, customer, now=now), key=f"payment-{payment.uuid}")
    except GoneError:
        customer = customer_at_stripe(account, booking.customer, gateway, metadata=bears, anew=customer)
        return gateway.create_sale(_sale(payment, customer, now=now), key=f"payment-{payment.uuid}-{customer}")


def _sale(payment: Payment, customer: str, *, now: datetime) -> Sale:
    account, booking, purchase = payment.account, payment.booking, payment.booking.purchase
    back = f"{settings.SITE_URL}{reverse('public:basket', kwargs={'page': booking.page.slug})}"
    bears = marks(account, **{PAYMENT: payment.uuid}, **({PURCHASE: purchase.uuid} if purchase else {}))
    return Sale(
        customer=customer,
        currency=payment.currency,
        lines=_lines(payment, most=LINES_WITH_MEMBERSHIP if purchase else LINES),
        reference=str(payment.uuid),
        metadata=bears,
        success_url=f"{back}?paid={booking.uuid}",
        cancel_url=f"{back}?left={booking.uuid}",
        expires_at=now + max(SHORTEST, timedelta(minutes=account.hold_minutes + 1)),
        price=purchase.price.stripe_id if purchase else "",
        trial_days=trial_days(purchase) if purchase else 0,
        subscription=marks(account, **{PURCHASE: purchase.uuid}) if purchase else {},
    )


def _lines(payment: Payment, *, most: int) -> list[Line]:
    """What the checkout says is paid for: a line for equal tickets, or one for all where they are too many."""
    seats = Seat.objects.filter(payment=payment, amount__gt=0).select_related("entry", "ticket").order_by("pk")
    counted = Counter((seat.entry.title, seat.ticket.name, seat.amount) for seat in seats)
    if len(counted) > most:
        return [Line(title=f"{account_name(payment)} ({len(seats)})", amount=payment.amount)]
    return [
        Line(title=f"{entry}: {ticket}", amount=amount, quantity=count)
        for (entry, ticket, amount), count in counted.items()
    ]


def account_name(payment: Payment) -> str:
    """What the bank statement and the checkout call the studio."""
    return payment.account.name


def _ended(payment: Payment) -> SessionReading | None:
    """The checkout of a payment, ended if it was open; none where nobody was ever sent to one."""
    if not payment.session:
        return None
    gateway = _gateway(payment)
    try:
        session = gateway.session(payment.session)
        return gateway.expire_session(session.id) if session.status == "open" else session
    except GoneError:
        return None
    except DeclinedError:
        return gateway.session(payment.session)  # it was paid a moment ago


def _leave(payment: Payment) -> bool:
    """A payment that can not be made any more is left, once."""
    return bool(Payment.objects.filter(pk=payment.pk, state=Paying.OPEN).update(state=Paying.LEFT))


def _give_up_purchase(booking: Booking, *, now: datetime) -> None:
    """Let go of the membership that a checkout would have sold; the booking's row is held, and saved by the caller."""
    if booking.purchase_id:
        abandon(Subscription.objects.get(pk=booking.purchase_id), now=now)
        booking.purchase = None


def _refund_gone(payment: Payment, gone: list[Seat], *, whole: bool, twice: bool, now: datetime) -> None:
    # What came too late altogether paid for no seat: they may cost something else by now, or be paid for otherwise.
    parts = {} if whole else {seat.pk: seat.amount for seat in gone if seat.amount}
    amount = payment.amount if whole else sum(parts.values())
    if amount:
        refund(payment.pk, amount, Why.TWICE if twice else Why.GONE, seats=parts, now=now)
