"""The studio's office with fifty of everything that its lists show."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from django.utils import timezone

from accounts.customers import get_or_create_customers
from accounts.models import Letter, Operation
from bench.data import SMALL, World, ordinary
from bench.shop import Shop
from groups.catalogue import create_group
from memberships.catalogue import MembershipDetails, create_membership
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Payment, PaymentState
from tickets.schedule.coverage import create_offer

if TYPE_CHECKING:
    from groups.models import Group

MONTH: Final = timedelta(days=30)


class Office:
    """What there is, so that a page of each list is full."""

    def __init__(self, shop: Shop) -> None:
        self.world: World = shop.world
        self.now: datetime = timezone.now()
        account = self.world.account
        for number in range(SMALL):
            create_group(account, name=f"Group {number}", description="")
            create_membership(account, MembershipDetails(title=f"Membership {number}"), group=None, now=self.now)
        self.offers: Group = create_group(account, name="Offers", description="")
        for _ in range(SMALL):
            create_offer(self.offers, now=self.now)
        self.entry, *entries = self.world.entries(SMALL, places=SMALL)
        names = {f"attendee{number}@example.org": f"Attendee {number}" for number in range(SMALL)}
        self.customers = get_or_create_customers(account, names, confirmed=True)
        bookings = [self._book(self.entry, number) for number in range(SMALL)]
        for entry in entries:
            self._book(entry, 0)
        self._pay(shop, bookings)
        self.membership: Membership = shop.prices[1].membership
        self._subscribe(shop.prices[1])
        self._letters()
        self._operations()

    def _book(self, entry: Entry, number: int) -> Booking:
        customer, fresh = self.customers[number], Entry.objects.for_booking().get(pk=entry.pk)
        wanted = [WantedTicket(ticket=ordinary(entry).pk, name=customer.name)]
        return book_by_studio(fresh, customer, wanted, key=uuid4(), now=self.now).booking

    def _pay(self, shop: Shop, bookings: list[Booking]) -> None:
        Payment.objects.bulk_create(
            Payment(
                account=self.world.account, booking=booking, connection=shop.connection, session=f"cs_{booking.pk}",
                intent=f"pi_{booking.pk}", amount=1200, currency="GBP", state=PaymentState.PAID,
                opened_at=self.now, paid_at=self.now,
            )
            for booking in bookings
        )  # fmt: skip

    def _subscribe(self, price: Price) -> None:
        Subscription.objects.bulk_create(
            Subscription(
                account=self.world.account, customer=customer, membership=self.membership, price=price,
                source=SubscriptionSource.CHECKOUT, status=SubscriptionStatus.ACTIVE,
                stripe_id=f"sub_office{customer.pk}", started_at=self.now, period_end=self.now + MONTH,
                created_at=self.now,
            )
            for customer in self.customers
        )  # fmt: skip

    def _letters(self) -> None:
        """Emails that wait because a mailbox is full."""
        Letter.objects.bulk_create(
            Letter(
                account=self.world.account, kind="booking_confirmed", recipient=customer.email, subject="Booked",
                text="Booked.", created_at=self.now, due_at=self.now + MONTH, attempts=1, error="452 4.2.2 Over quota",
                fault="mailbox", fault_since=self.now,
            )
            for customer in self.customers
        )  # fmt: skip

    def _operations(self) -> None:
        """Imports that were cancelled."""
        Operation.objects.bulk_create(
            Operation(
                account=self.world.account, kind="stripe", phase="judge", state="cancelled", who="Ada", done=number,
                due_at=self.now, created_at=self.now, changed_at=self.now, ended_at=self.now,
            )
            for number in range(SMALL)
        )  # fmt: skip
