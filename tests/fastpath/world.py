"""Two studios with something of everything that the fast path reads, and everything that may be asked of them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from accounts.models import Account, Customer, SchedulePage, User
from bookwhen.payments.models import Connection, StripeEvent
from groups.models import Group, Standing
from memberships.models import Invoice, Membership, Price, Subscription
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.payments import ConnectionFactory, StripeEventFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member, describe
from tests.worlds.counted_studio import CountedStudio
from tickets.availability.facts import ANONYMOUS
from tickets.booking.book import book
from tickets.booking.request import BasketHold, WantedTicket
from tickets.models import Booking, Channel, Entry, Seat, Series, TicketPlaces

DAY: Final = timedelta(days=1)


class World(CountedStudio):
    """A studio with a member, a guest, a running membership, invoices, Stripe's events, and tickets of every kind."""

    def __init__(self) -> None:
        super().__init__()
        self.page = self.entry.page
        self.account.connection = connection = ConnectionFactory.create()
        self.account.save()
        StripeEventFactory.create(connection=connection)
        invoice = {
            "stripe_id": f"in_{self.account.pk}",
            "status": "open",
            "currency": "GBP",
            "attempt_count": 2,
            "number": "A-1",
        }
        Invoice.objects.create(
            account=self.account, subscription=self.bought, amount_due=4000, amount_paid=0, created_at=NOW, **invoice
        )
        archived = GroupFactory.create(account=self.account, archived_at=NOW)
        other = GroupFactory.create(account=self.account)
        self.ticket.groups.add(archived, other)
        add_member(other, self.customer, until=NOW + DAY)
        OfferFactory.create(group=other, ticket=self.ticket, limit=1)
        OfferFactory.create(group=other, page=self.page, enabled=False)
        self._sell_to_strangers()
        UserFactory.create(proved=False)
        self._unlinked()
        self._publish()
        describe(self.entry)

    def _publish(self) -> None:
        """What Ada has is on sale on this page; others there are on none, on another page, or without a price."""
        Membership.objects.filter(pk=self.bought.membership_id).update(published=True)
        self.bought.membership.pages.add(self.page)
        Price.objects.filter(pk=self.bought.price_id).update(amount=4500)
        for title, published, price in (("Yearly", True, 4000), ("Draft", False, 3000), ("Free of prices", True, 0)):
            made = {"account": self.account, "created_at": NOW}
            membership = Membership.objects.create(group=self.group, title=title, published=published, **made)
            if price:
                Price.objects.create(membership=membership, title="Price", amount=price, currency="GBP", **made)

    def _sell_to_strangers(self) -> None:
        ticket = TicketFactory.create(entry=self.entry, capacity=5, price=1200, cost="cost", position=1)
        TicketFactory.create(entry=self.entry, retired_at=NOW)
        TicketPlaces.objects.create(account_id=self.account.pk, entry=self.entry, ticket=ticket, capacity=5, taken=3)
        later = EntryFactory.create(page=self.page, starts_at=NOW + 3 * DAY, title="Later")
        TicketFactory.create(entry=later, group=self.group)
        EntryFactory.create(page=self.page, starts_at=NOW + 4 * DAY, cancelled_at=NOW)
        free = TicketFactory.create(entry=self.entry, position=2)
        guest = CustomerFactory.create(account=self.account)
        wanted = [WantedTicket(ticket=free.pk, name="Guest")] * 2
        gone = book(self.entry, guest, wanted, who=ANONYMOUS, key=uuid4(), now=NOW).booking.seats.first()
        assert gone is not None
        Seat.objects.filter(pk=gone.pk).update(cancelled_at=NOW, cancelled_by=Channel.BASKET_ABANDONED)

        held = BasketHold(until=NOW + DAY)
        other = CustomerFactory.create(account=self.account)
        book(self.entry, other, wanted[:1], who=ANONYMOUS, key=uuid4(), now=NOW, hold=held)

    def _unlinked(self) -> None:
        """Somebody with a proved address whose customer was never linked."""
        user = UserFactory.create()
        CustomerFactory.create(account=self.account, email=user.email)


def _all(model: Any, name: str = "pk") -> Callable[[], list[Any]]:
    return lambda: [*model.objects.order_by("pk").values_list(name, flat=True)]


def _entry_lists() -> list[list[int]]:
    keys = _all(Entry)()
    return [[], keys, keys[:1], [*keys[1:], -1]]


def _booking_lists() -> list[list[UUID]]:
    return [[], _all(Booking, "uuid")()]


def _instants() -> list[datetime]:
    return [NOW, NOW + DAY, NOW + 2 * DAY, NOW + 30 * DAY]


ASKED: Final[dict[tuple[str, object], Callable[[], Iterable[Any]]]] = {
    ("account", int): _all(Account),
    ("booking", int): _all(Booking),
    ("connection", int): _all(Connection),
    ("customer", int): _all(Customer),
    ("remembered", list[UUID]): _booking_lists,
    ("email", str): _all(User, "email"),
    ("entries", list[int]): _entry_lists,
    ("entry", int): _all(Entry),
    ("entry", UUID): _all(Entry, "uuid"),
    ("first", UUID): _all(Seat, "uuid"),
    ("standing", list[int]): lambda: [[], _all(Group)()[:1]],
    ("groups", list[int]): lambda: [[], _all(Group)(), _all(Group)()[:1]],
    ("key", int): _all(Entry),
    ("now", datetime): _instants,
    ("page", int): _all(SchedulePage),
    ("pks", list[int]): lambda: [[], _all(StripeEvent)(), _all(StripeEvent)()[:1]],
    ("secret", UUID): _all(Booking, "uuid"),
    ("series", int): _all(Series),
    ("since", datetime): lambda: [NOW - DAY, *_instants()],
    ("slug", str): _all(SchedulePage, "slug"),
    ("customers", list[int]): lambda: [[], _all(Customer)(), _all(Customer)()[:1]],
    ("grounds", list[UUID]): lambda: [[], _all(Standing, "ground")(), _all(Standing, "ground")()[-1:]],
    ("stripe_ids", list[str]): lambda: [
        [],
        _all(Invoice, "stripe_id")(),
        _all(Subscription, "stripe_id")(),
        ["in_none"],
    ],
    ("subscriptions", list[int]): lambda: [[], _all(Subscription)(), _all(Subscription)()[:1]],
    ("user", int): lambda: [*_all(User)(), 0],
}
"""By an argument's name and type, what is asked in the test: whatever there is. A new name needs a line here."""
