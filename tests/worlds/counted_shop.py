"""One of everything that is sold, and of every way in which money goes back."""

from datetime import timedelta

from bookwhen.sandbox.stripe import Sandbox
from offers.models import OfferUse, UsagePeriod
from tests.factories.schedule import NOW, GroupFactory, OfferFactory
from tests.worlds.till import open_till, person_of
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.checkout.basket import add_membership
from tickets.checkout.paying import reopen_basket
from tickets.checkout.settling import settle_overdue
from tickets.models import Booking, Payment, Refund, RefundReason, Seat
from tickets.money.refunds import create_refund, submit_due_refunds
from tickets.schedule.entries import cancel_entry

LATER = timedelta(minutes=16)


class CountedShop:
    """A till with an entry of paid tickets at £10.00, a member who has ten percent off for three, and a stranger."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.till = till = open_till(sandbox, customers_cancel=True, refund_percent=50)
        self.account = till.account
        self.entry = till.entry(starts_at=NOW + timedelta(days=3), capacity=50)
        self.ticket = till.ticket(self.entry, 1000)
        self.group = GroupFactory.create(account=self.account)
        self.offer = till.discount(self.group, limit=6, additional_attendees=3)
        self.member = till.member(self.group)

    @staticmethod
    def live(booking: Booking) -> Seat:
        found = booking.seats.live().order_by("pk").first()
        assert found is not None
        return found

    def basket(self, tickets: int = 1) -> Booking:
        """A stranger's, with so many tickets."""
        return self.till.fill(self.entry, *[self.ticket] * tickets, now=NOW)

    def at_checkout(self) -> Booking:
        basket = self.basket()
        self.till.check_out(basket)
        return basket

    def paid(self, tickets: int = 2) -> Payment:
        """What a stranger paid: £10.00 for each ticket."""
        return self.till.pay(self.basket(tickets))

    def cheaper(self) -> Payment:
        """What the member paid for two: £18.00."""
        return self.till.pay(self.till.fill(self.entry, self.ticket, self.ticket, customer=self.member, now=NOW))

    def free(self) -> Booking:
        basket = self.till.fill(self.entry, self.till.ticket(self.entry, 0), now=NOW)
        self.till.check_out(basket)
        return basket

    def gone(self) -> Payment:
        """Paid for two entries, of which one was cancelled while the customer was at the checkout."""
        basket, other = self.basket(), self.till.entry(starts_at=NOW + timedelta(days=4))
        self.till.fill(other, self.till.ticket(other, 700), basket=basket, now=NOW)
        url = self.till.check_out(basket)
        cancel_entry(other, now=NOW - timedelta(minutes=2))
        self.till.seller.sandbox.shopper.pay(url)
        return self.till.settle(basket)

    def halved(self) -> Refund:
        """The customer cancelled one of two: half of what it cost is on its way back."""
        payment = self.paid()
        cancel_by_customer(payment.booking, [self.live(payment.booking).pk], now=NOW)
        return Refund.objects.get(payment=payment)

    def kept(self) -> Payment:
        """The studio cancelled what was paid for, and gave nothing back."""
        payment = self.paid(1)
        cancel_by_studio([self.live(payment.booking).pk], now=NOW, giving={})
        return payment

    def reopened(self) -> Booking:
        reopened = reopen_basket(self.at_checkout(), now=NOW)
        assert reopened is not None
        return reopened

    def let_go(self) -> Booking:
        basket = self.at_checkout()
        settle_overdue(basket.pk, now=NOW + LATER)
        return basket

    def with_membership(self) -> Booking:
        """A ticket that only the membership opens was bought together with it."""
        seller, customer = self.till.seller, self.till.customer_with_login()
        if not seller.membership.group.offers.exists():
            OfferFactory.create(group=seller.membership.group, page=self.till.page, limit=2)
        ticket = self.till.ticket(self.entry, 500, group=seller.membership.group)
        basket = add_membership(None, seller.price, customer, self.till.page, who=person_of(customer), now=NOW)
        self.till.pay(self.till.fill(self.entry, ticket, basket=basket, customer=customer, now=NOW))
        return Booking.objects.get(pk=basket.pk)

    def everything(self) -> None:
        """All of it, all right."""
        self.basket()
        self.at_checkout()
        self.free()
        self.gone()
        self.halved()
        self.kept()
        self.till.pay(self.reopened())
        self.reopened()
        self.let_go()
        self.with_membership()
        cheaper = self.cheaper()
        cancel_by_studio([self.live(cheaper.booking).pk], now=NOW)
        create_refund(self.paid(1).pk, 1000, RefundReason.OPERATOR, now=NOW)
        submit_due_refunds(now=NOW)

    def discount_use(self) -> tuple[Seat, OfferUse, UsagePeriod]:
        """Of what the member paid less for."""
        seat = self.live(self.cheaper().booking)
        use = seat.discount_use
        assert use is not None
        return seat, use, use.period
