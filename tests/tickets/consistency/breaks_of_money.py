"""Every way to break what is sold by hand: each does it, and says what must be found."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.db import connection
from django.db.models import F

from memberships.models import Subscription, SubscriptionSource, SubscriptionStatus
from offers.models import OfferKind, OfferUse, UsagePeriod
from tests.factories.money import DisputeFactory, create_payout
from tests.factories.schedule import NOW
from tests.tickets.consistency.breaks import Wrong
from tests.worlds.counted_shop import CountedShop
from tickets.booking.cancel import cancel_by_studio
from tickets.models import (
    Booking,
    BookingState,
    Payment,
    PaymentState,
    Payout,
    PayoutLine,
    Refund,
    RefundedSeat,
    RefundReason,
    Seat,
)
from tickets.money.refund_states import mark_refund_failed
from tickets.money.refunds import refund_payments

Break = Callable[[CountedShop], Wrong]
LONG_AGO: Final = NOW - timedelta(hours=1, seconds=1)


def discount_without_use(shop: CountedShop) -> Wrong:
    seat, use, period = shop.discount_use()
    OfferUse.objects.filter(pk=use.pk).update(ended_at=NOW)
    UsagePeriod.objects.filter(pk=period.pk).update(used=F("used") - 1)
    return ("discount", seat.pk, "0", "1")


def discount_of_another_seat(shop: CountedShop) -> Wrong:
    seat, use, _period = shop.discount_use()
    OfferUse.objects.filter(pk=use.pk).update(seat=uuid4())
    return ("discount", seat.pk, "0", "1")


def discount_use_without_seat(shop: CountedShop) -> Wrong:
    _seat, use, period = shop.discount_use()
    made = {"account": shop.account, "period": period, "event_on": use.event_on, "created_at": NOW}
    stray = OfferUse.objects.create(seat=uuid4(), kind=OfferKind.DISCOUNT, **made)
    UsagePeriod.objects.filter(pk=period.pk).update(used=F("used") + 1)
    return ("use", stray.pk, "1", "0")


def discount_use_not_returned(shop: CountedShop) -> Wrong:
    seat, use, period = shop.discount_use()
    cancel_by_studio([seat.pk], now=NOW)
    OfferUse.objects.filter(pk=use.pk).update(ended_at=None)
    UsagePeriod.objects.filter(pk=period.pk).update(used=F("used") + 1)
    return ("use", use.pk, "1", "0")


def discount_day(shop: CountedShop) -> Wrong:
    _seat, use, _period = shop.discount_use()
    OfferUse.objects.filter(pk=use.pk).update(event_on=use.event_on + timedelta(days=1))
    return ("day", use.pk, "19 Jan 2030", "18 Jan 2030")


def held(shop: CountedShop) -> Wrong:
    basket, young = shop.basket(2), shop.basket()
    Booking.objects.filter(pk=basket.pk).update(held_until=LONG_AGO)
    Booking.objects.filter(pk=young.pk).update(held_until=NOW - timedelta(hours=1))
    return ("expired_basket", basket.pk, "2", "0")


def held_at_the_checkout(shop: CountedShop) -> Wrong:
    basket = shop.at_checkout()
    Booking.objects.filter(pk=basket.pk).update(held_until=LONG_AGO)
    return ("expired_basket", basket.pk, "1", "0")


def let_go(shop: CountedShop) -> Wrong:
    basket = shop.basket()
    Booking.objects.filter(pk=basket.pk).update(state=BookingState.RELEASED, held_until=None)
    return ("released_basket", basket.pk, "1", "0")


def paying(shop: CountedShop) -> Wrong:
    basket = shop.at_checkout()
    Payment.objects.filter(booking=basket).update(state=PaymentState.ABANDONED)
    return ("paying", basket.pk, "0", "1")


def checkout(shop: CountedShop) -> Wrong:
    basket = shop.at_checkout()
    Booking.objects.filter(pk=basket.pk).update(state=BookingState.BASKET)
    return ("checkout", Payment.objects.get(booking=basket).pk, "1", "0")


def purchase_lost(shop: CountedShop) -> Wrong:
    booking = shop.with_membership()
    Booking.objects.filter(pk=booking.pk).update(purchase=None)
    return ("purchase", booking.pk, "0", "1")


def purchase_not_begun(shop: CountedShop) -> Wrong:
    booking, seller = shop.with_membership(), shop.till.seller
    other = Subscription.objects.create(
        account=shop.account,
        customer=booking.customer,
        membership=seller.membership,
        price=seller.price,
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.ABANDONED,
        created_at=NOW,
    )
    Booking.objects.filter(pk=booking.pk).update(purchase=other)
    return ("purchase", booking.pk, "0", "1")


def adds_up(shop: CountedShop) -> Wrong:
    payment = shop.paid()
    Payment.objects.filter(pk=payment.pk).update(amount=2100)
    return ("adds_up", payment.pk, "£21.00", "£20.00")


def unbooked(shop: CountedShop) -> Wrong:
    payment = shop.kept()
    Booking.objects.filter(pk=payment.booking_id).update(state=BookingState.RELEASED)
    return ("unbooked", payment.pk, "£0.00", "£10.00")


def paid_twice(shop: CountedShop) -> Wrong:
    payment = shop.paid()
    made = {"account": shop.account, "connection": payment.connection, "opened_at": NOW, "paid_at": NOW}
    other = Payment.objects.create(booking=payment.booking, amount=700, currency="GBP", state=PaymentState.PAID, **made)
    return ("unbooked", other.pk, "£0.00", "£7.00")


def gone(shop: CountedShop) -> Wrong:
    line = RefundedSeat.objects.get(refund__payment=shop.gone())
    line.delete()
    return ("too_late", line.seat_id, "£0.00", "£7.00")


def gone_in_part(shop: CountedShop) -> Wrong:
    line = RefundedSeat.objects.get(refund__payment=shop.gone())
    RefundedSeat.objects.filter(pk=line.pk).update(amount=600)
    return ("too_late", line.seat_id, "£6.00", "£7.00")


def unpaid(shop: CountedShop) -> Wrong:
    seat = shop.live(shop.free())
    Seat.objects.filter(pk=seat.pk).update(price=500, amount=500)
    return ("unpaid", seat.pk, "£0.00", "£5.00")


def refunded(shop: CountedShop) -> Wrong:
    payment = shop.halved().payment
    Payment.objects.filter(pk=payment.pk).update(refunded=400)
    return ("refunded", payment.pk, "£4.00", "£5.00")


def too_much(shop: CountedShop) -> Wrong:
    made = shop.halved()
    line = RefundedSeat.objects.get(refund=made)
    RefundedSeat.objects.filter(pk=line.pk).update(amount=1001)
    Refund.objects.filter(pk=made.pk).update(amount=1001)
    Payment.objects.filter(pk=made.payment_id).update(refunded=1001)
    return ("too_much", line.seat_id, "£10.01", "£10.00")


def disputed(shop: CountedShop) -> Wrong:
    payment = shop.kept()
    DisputeFactory.create(payment=payment, withdrawn=300)
    Payment.objects.filter(pk=payment.pk).update(withdrawn=400)
    return ("disputed", payment.pk, "£4.00", "£3.00")


def gone_twice(shop: CountedShop) -> Wrong:
    payment = shop.halved().payment
    DisputeFactory.create(payment=payment, withdrawn=payment.amount)
    Payment.objects.filter(pk=payment.pk).update(withdrawn=payment.amount)
    return ("gone_twice", payment.pk, "£25.00", "£20.00")


def lines(shop: CountedShop) -> Wrong:
    made = shop.halved()
    RefundedSeat.objects.filter(refund=made).update(amount=600)
    return ("lines", made.pk, "£5.00", "£6.00")


def waits(shop: CountedShop) -> Wrong:
    made, young = shop.halved(), shop.halved()
    Refund.objects.filter(pk=made.pk).update(created_at=LONG_AGO)
    Refund.objects.filter(pk=young.pk).update(created_at=NOW - timedelta(hours=1))
    return ("waits", made.pk, "£0.00", "£5.00")


def failed(shop: CountedShop) -> Wrong:
    made, settled = shop.halved(), shop.halved()
    mark_refund_failed(made, "declined", now=NOW)
    mark_refund_failed(settled, "declined", now=NOW)
    Refund.objects.filter(pk=settled.pk).update(done_at=NOW)
    return ("failed", made.pk, "£0.00", "£5.00")


def failed_for_what_was_gone(shop: CountedShop) -> Wrong:
    made = Refund.objects.get(payment=shop.gone())
    mark_refund_failed(made, "declined", now=NOW)
    return ("failed", made.pk, "£0.00", "£7.00")


def failed_for_what_was_never_booked(shop: CountedShop) -> Wrong:
    payment = shop.kept()
    Booking.objects.filter(pk=payment.booking_id).update(state=BookingState.RELEASED)
    seat = payment.seats.get()
    refund_payments({payment.pk: {seat.pk: 1000}}, RefundReason.TOO_LATE, now=NOW)
    made = Refund.objects.get(payment=payment)
    mark_refund_failed(made, "declined", now=NOW)
    return ("failed", made.pk, "£0.00", "£10.00")


def collected(shop: CountedShop) -> Wrong:
    seat = shop.kept().seats.get()
    Seat.objects.filter(pk=seat.pk).update(collected=500)
    return ("collected", seat.pk, "£5.00", "£0.00")


def ledger(shop: CountedShop) -> Wrong:
    """A refund that nobody told it of."""
    payment = shop.halved().payment
    made = Refund.objects.get(payment=payment)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_refund DISABLE TRIGGER ledger_of_changed")
        Refund.objects.filter(pk=made.pk).update(state="pending")
        cursor.execute("ALTER TABLE tickets_refund ENABLE TRIGGER ledger_of_changed")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return ("ledger", made.pk, "£0.00", "-£5.00")


def payout(shop: CountedShop) -> Wrong:
    made = create_payout(shop.account, shop.kept())
    Payout.objects.update(amount=F("amount") + 20)
    return ("payout", made.pk, "£9.80", "£10.00")


def payout_line(shop: CountedShop) -> Wrong:
    """A movement of which the ledger says something else, though the payout adds up."""
    made = create_payout(shop.account, shop.kept())
    PayoutLine.objects.update(amount=F("amount") - 100)
    Payout.objects.update(amount=F("amount") - 100)
    return ("payout_line", made.pk, "£10.00", "£9.00")


BREAKS_OF_MONEY: Final[list[Break]] = [
    discount_without_use,
    discount_of_another_seat,
    discount_use_without_seat,
    discount_use_not_returned,
    discount_day,
    held,
    held_at_the_checkout,
    let_go,
    paying,
    checkout,
    purchase_lost,
    purchase_not_begun,
    adds_up,
    unbooked,
    paid_twice,
    gone,
    gone_in_part,
    unpaid,
    refunded,
    disputed,
    gone_twice,
    too_much,
    lines,
    collected,
    ledger,
    payout,
    payout_line,
    waits,
    failed,
    failed_for_what_was_gone,
    failed_for_what_was_never_booked,
]
