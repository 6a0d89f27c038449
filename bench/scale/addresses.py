"""Every address of a studio in the data set: of each route that there is, so that a new page is measured at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.urls import URLResolver, get_resolver

from accounts.models import Account, Customer, EmailBlock, ListImportRow, Mailing, Operation, User
from bookwhen.payments.models import StripeEvent
from groups.models import Group, InvitationLink, Member, MemberChange, PastedList
from memberships.models import Membership, Price, Subscription
from offers.models import Offer
from tickets.models import (
    Booking,
    DiscountCode,
    Entry,
    Leader,
    Location,
    Payout,
    Receipt,
    Refund,
    Seat,
    StudioPayment,
    Tag,
    Ticket,
    VatRate,
    WaitlistRequest,
)

DASHBOARD: Final = "dashboard/<slug:account>/"
PUBLIC: Final = "<slug:page>/"
MEMBERS: Final = ("my/", "my/bookings/", "my/memberships/", "my/details/", "my/details/addresses/")
STUDIOS: Final = (DASHBOARD, PUBLIC, "my/bookings/<uuid:", "my/memberships/<uuid:", "my/waiting/<uuid:")
"""How routes of a studio's pages begin."""
NOT_MEASURED: Final = {
    "<slug:page>/basket/confirm/<str:token>/": "a link from an email, of a basket that is not in the data set",
    "<slug:page>/memberships/bought/<uuid:purchase>/": "asks Stripe how the checkout ended",
    "my/bookings/<uuid:booking>/receipt/": "leads to Stripe",
    "my/memberships/<uuid:subscription>/card/": "leads to Stripe",
    "my/memberships/<uuid:subscription>/pay/": "leads to Stripe",
    "dashboard/<slug:account>/settings/payments/test/": "asks Stripe",
}
"""Routes that are left out, and why."""

OWNER, MEMBER, BUSY, NOBODY = "owner", "member", "busiest customer", ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page, called the same in every studio, at an address of one of them; `who` looks at it."""

    label: str
    path: str
    who: str


class Studio:
    """A studio of the data set, and what there is in it to look at."""

    def __init__(self, account: Account) -> None:
        self.account, self.slug = account, account.slug
        self.entry = Entry.objects.get(account=account, title="Measured class")
        seat = self._first(Seat.objects.filter(entry=self.entry, payment__isnull=False))
        self.groups = {each.name: each for each in Group.objects.filter(account=account)}
        few = self.groups["Few"]
        self.customer = Customer.objects.get(account=account, name="Zephyrine Quill")
        customers = Customer.objects.filter(account=account)
        self.busiest = self._first(customers.annotate(had=Count("bookings")).order_by("-had", "pk"))
        entries, now = Entry.objects.filter(account=account), self.entry.starts_at
        self.full = self._first(entries.filter(title="Weekly class 1", starts_at__gt=now))
        self.past = self._first(entries.filter(series=self.full.series, starts_at__lt=now).order_by("-starts_at"))
        booking = self._first(Booking.objects.filter(customer=self.customer))
        waiting = WaitlistRequest.objects.waiting().get(entry=self.full, customer=self.customer)
        subscription = self._first(Subscription.objects.filter(account=account, customer=self.customer))
        self.values: dict[str, Any] = {
            "slug:account": self.slug,
            "slug:page": self.slug,
            "int:group": few.pk,
            "slug:invitation": InvitationLink.objects.get(account=account).token,
            "int:member": Member.objects.get(group=few, customer=self.customer).pk,
            "int:address": self._first(self.customer.addresses.all()).pk,
            "int:other": self.busiest.pk,
            "int:extra": 0,  # only taken back by a form: there is nothing to look at
            "int:offer": self._first(Offer.objects.filter(group=few)).pk,
            "uuid:entry": self.entry.uuid,
            "int:price": self._first(Price.objects.filter(account=account)).pk,
            "int:ticket": self._first(Ticket.objects.filter(series=self.entry.series_id)).pk,
            "int:line": self._doubtful("people"),
            "int:row": self._doubtful("stripe"),
            "str:kind": "entry",
            "slug:kind": "booked",
            "int:object": self.entry.pk,
            "str:show": "gets",
            "uuid:booking": booking.uuid,
            "uuid:seat": self._first(Seat.objects.filter(booking=booking)).uuid,
            "uuid:request_": waiting.uuid,
            "int:waiting": waiting.pk,
            "uuid:subscription": subscription.uuid,
        }
        self.names = self._names()
        """The first leader, location and tag, by the words with which addresses ask for their events."""
        self.by_folder = self._pages(seat, subscription)

    def _doubtful(self, source: str) -> int:
        """A row of an import that is to be looked at."""
        rows = ListImportRow.objects.filter(account=self.account, list_import__source=source, verdict="doubtful")
        return int(self._first(rows).pk)

    def _names(self) -> dict[str, int]:
        return {
            "teacher": self._first(Leader.objects.filter(account=self.account)).pk,
            "place": self._first(Location.objects.filter(account=self.account)).pk,
            "tag": self._first(Tag.objects.filter(account=self.account)).pk,
        }

    def _pages(self, seat: Seat, subscription: Subscription) -> dict[str, Any]:
        """The number in the address of a page, by the folder that the page is in."""
        account = self.account
        waiting, listed = (
            Operation.objects.get(account=account, state="waiting", kind=kind) for kind in ("stripe", "people")
        )
        return {
            "bookings": seat.booking_id,
            "changes": MemberChange.objects.get(account=account).pk,
            "customers": self.customer.pk,
            "discount-codes": self._first(DiscountCode.objects.filter(account=account)).pk,
            "emails": self._first(EmailBlock.objects.filter(account=account)).pk,
            "events": self._first(StripeEvent.objects.filter(connection=account.connection)).pk,
            "groups": self.groups["Few"].pk,
            "import": waiting.pk,
            "imports": listed.pk,
            "leaders": self.names["teacher"],
            "lists": PastedList.objects.get(account=account).operation_id,
            "locations": self.names["place"],
            "memberships": self._first(Membership.objects.filter(group=self.groups["Gold"])).pk,
            "messages": self._first(Mailing.objects.filter(account=account, state="draft")).pk,
            "operations": waiting.pk,
            "pages": self.entry.page_id,
            "payments": seat.payment_id,
            "payouts": self._first(Payout.objects.filter(account=account)).pk,
            "rates": self._first(VatRate.objects.filter(account=account)).pk,
            "receipts": self._first(Receipt.objects.filter(account=account)).pk,
            "refunds": self._first(Refund.objects.filter(account=account)).pk,
            "schedule": self.entry.pk,
            "spaces": seat.pk,
            "subscriptions": subscription.pk,
            "tags": self.names["tag"],
            "taken": self._first(StudioPayment.objects.filter(account=account)).pk,
            "team": account.staff.get().pk,
        }

    def logins(self) -> dict[str, User]:
        """Who looks at its pages."""
        found = {OWNER: self.account.staff.get().user, MEMBER: self.customer.user, BUSY: self.busiest.user}
        return {who: user for who, user in found.items() if user}

    def visits(self) -> Iterator[Visit]:
        """A visit to every route of the studio, and some to what is larger than usual."""
        for route in routes():
            who = OWNER if route.startswith(DASHBOARD) else NOBODY if route.startswith(PUBLIC) else MEMBER
            yield Visit(self.label_of(route), self._address(route), who)
        yield from self._larger()

    @staticmethod
    def label_of(route: str) -> str:
        """What the page at a route is called."""
        if route.startswith(PUBLIC):
            return f"public: {route.removeprefix(PUBLIC) or 'schedule'}"
        return route.removeprefix(DASHBOARD) or "overview"

    def _larger(self) -> Iterator[Visit]:
        dashboard = f"/dashboard/{self.slug}"
        yield Visit("public: schedule, a member", f"/{self.slug}/", MEMBER)
        yield Visit("public: entries/, a member", f"/{self.slug}/entries/{self.entry.uuid}/", MEMBER)
        full, past = f"/{self.slug}/entries/{self.full.uuid}/", f"{dashboard}/schedule/{self.past.pk}/"
        yield Visit("public: entries/, full", full, MEMBER)
        yield Visit("public: entries/wait/, full", f"{full}wait/", MEMBER)
        yield Visit("schedule/<pk>/, past", past, OWNER)
        yield Visit("schedule/<pk>/waiting/, full", f"{dashboard}/schedule/{self.full.pk}/waiting/", OWNER)
        for word, value in {**self.names, "free": 1}.items():
            yield Visit(f"public: schedule, by {word}", f"/{self.slug}/?{word}={value}", NOBODY)
            if word != "tag":
                yield Visit(f"schedule/, by {word}", f"{dashboard}/schedule/?{word}={value}", OWNER)
        yield Visit("public: schedule, by class", f"/{self.slug}/?class=Weekly class 1", NOBODY)
        yield Visit("my/, the busiest customer", "/my/", BUSY)
        yield Visit("customers/<pk>/, the busiest customer", f"{dashboard}/customers/{self.busiest.pk}/", OWNER)
        yield Visit("schedule/<pk>/edit/, a weekly class", f"{dashboard}/schedule/{self.full.pk}/edit/", OWNER)
        for name in ("Everybody", "Gold"):
            group = self.groups[name]
            yield Visit(f"groups/<pk>/, {name}", f"{dashboard}/groups/{group.pk}/", OWNER)
            yield Visit(f"groups/<pk>/customers/, {name}", f"{dashboard}/groups/{group.pk}/customers/", OWNER)
            yield Visit(f"groups/<pk>/edit/, {name}", f"{dashboard}/groups/{group.pk}/edit/", OWNER)
            offer = self._first(Offer.objects.filter(group=group))
            yield Visit(
                f"groups/<pk>/offers/<offer>/, of {name}", f"{dashboard}/groups/{group.pk}/offers/{offer.pk}/", OWNER
            )
            access = f"{dashboard}/check-access/?group={group.pk}&entry={self.entry.pk}&customer={self.customer.pk}"
            yield Visit(f"check-access/, {name}", access, OWNER)

    def _address(self, route: str) -> str:
        for name, value in self.values.items():
            route = route.replace(f"<{name}>", str(value))
        for folder, value in self.by_folder.items():
            route = route.replace(f"{folder}/<int:pk>", f"{folder}/{value}")
        if "<" in route:
            message = f"bench.scale.addresses has no value for {route}"
            raise LookupError(message)
        return f"/{route}"

    @staticmethod
    def _first(rows: "QuerySet[Any]") -> Any:  # noqa: ANN401 - whichever model it is
        found = rows.first() if rows.query.order_by else rows.order_by("pk").first()
        assert found is not None, f"the data set has no {rows.model.__name__}"  # noqa: S101
        return found


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every route of a studio's pages that is measured."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        elif route not in NOT_MEASURED and (route in MEMBERS or route.startswith(STUDIOS)):
            yield route
