"""What can change of a studio that its pages show."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from accounts.models import Account, SchedulePage
from bookwhen.payments.models import Connection
from groups.models import Group
from memberships.models import Membership, Price
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.public.test_membership_options import put_on_sale
from tests.worlds.river import RiverStudio
from tickets.models import Entry, EntryPlaces, Location, Picture, Ticket, TicketPlaces
from tickets.schedule.entries import cancel_entry
from tickets.schedule.labels import set_leaders, set_tags

if TYPE_CHECKING:
    from collections.abc import Callable


class Changes:
    """What can change of River Studio, by the functions that Hypothesis calls."""

    def __init__(self, shop: RiverStudio) -> None:
        self.shop = shop

    def entry(self, **fields: Any) -> object:
        return Entry.objects.filter(pk=self.shop.entry.pk).update(**fields)

    def apply(self, kind: str, number: int) -> object:
        shop, later = self.shop, NOW + timedelta(hours=number * 7)
        account, sold = Account.objects.filter(pk=shop.account.pk), Membership.objects.filter(group=shop.group)
        changes: dict[str, Callable[[], object]] = {
            "moved": lambda: self.entry(starts_at=later, ends_at=later + timedelta(hours=1)),
            "called": lambda: self.entry(title=f"Yoga & <b>{number}</b>", description="é" * number),
            "cancelled": lambda: cancel_entry(Entry.objects.for_booking().get(pk=shop.entry.pk), now=NOW),
            "more": lambda: TicketFactory.create(
                entry=EntryFactory.create(page=shop.page, starts_at=later), group=shop.group if number % 2 else None
            ),
            "booked": lambda: EntryPlaces.objects.filter(entry=shop.entry).update(taken=min(number, 3)),
            "of a ticket": lambda: TicketPlaces.objects.update(taken=min(number, 3)),
            "price": lambda: Ticket.objects.filter(pk=shop.drop_in.pk).update(price=100 + number),
            "hidden": lambda: Ticket.objects.filter(pk=shop.gold.pk).update(shown=bool(number % 2)),
            "retired": lambda: Ticket.objects.filter(pk=shop.drop_in.pk).update(retired_at=NOW if number % 2 else None),
            "sale": lambda: Ticket.objects.filter(pk=shop.drop_in.pk).update(
                opens_minutes_before=600 * number + 700, closes_minutes_before=600 * number
            ),
            "membership": lambda: sold.update(title=f"Pass {number}", published=bool(number % 3)),
            "membership price": lambda: Price.objects.update(
                amount=number * 100, archived_at=NOW if number % 4 == 1 else None
            ),
            "another membership": lambda: put_on_sale(shop.group, f"Way {number}", amounts=(number, number + 1)),
            "another page": lambda: sold.first().pages.set([SchedulePageFactory.create(account=shop.account)]),  # type: ignore[union-attr]
            "archived": lambda: Group.objects.filter(pk=shop.group.pk).update(archived_at=NOW if number % 2 else None),
            "Stripe": lambda: Connection.objects.update(disconnected_at=NOW if number % 2 else None),
            "plan": lambda: account.update(plan=("free", "standard", "plus")[number % 3]),
            "named": lambda: account.update(name=f"Studio {number}"),
            "zone": lambda: account.update(time_zone=("Asia/Tokyo", "Europe/London", "Nowhere")[number % 3]),
            "language": lambda: account.update(locale=("en-us", "en-gb", "de-de")[number % 3]),
            "leads": lambda: set_leaders([shop.entry], [f"Leader {number}"], for_once=bool(number % 2)),
            "tag": lambda: set_tags([shop.entry], [f"Tag {each}" for each in range(number % 3)]),
            "place": lambda: Location.objects.update(address=f"{number} High Street", map_link="https://example.org/"),
            "online": lambda: Location.objects.update(online=True, address="", map_link=""),
            "link": lambda: Location.objects.filter(online=True).update(link=f"https://example.org/{number}"),
            "picture": lambda: self.entry(picture=None if number % 2 else Picture.objects.first()),
            "colour": lambda: SchedulePage.objects.filter(pk=shop.page.pk).update(accent="pink", description="Hi."),
        }
        return changes[kind]()

    KINDS: Final = (
        *("moved", "called", "cancelled", "more", "booked", "of a ticket", "price", "hidden", "retired", "sale"),
        *("membership", "membership price", "another membership", "another page", "archived", "Stripe", "plan"),
        *("named", "zone", "language", "colour", "leads", "tag", "place", "online", "link", "picture"),
    )
