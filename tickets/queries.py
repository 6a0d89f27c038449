"""What is read of the schedule, always through the page or the account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.db.models.lookups import IsNull

from accounts.models import Account, Customer, SchedulePage
from bookwhen.db import HALF_OPEN, InstantRange
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from groups.models import Group, Standing
from offers.models import Offer, OfferKind
from tickets.annotated import TicketAtEachEntry, TicketAtEntry
from tickets.models import (
    Booking,
    BookingQuerySet,
    Channel,
    Coverage,
    Entry,
    EntryCancellation,
    EntryQuerySet,
    Seat,
    Ticket,
    TicketPlaces,
)

FEED_KEEPS: Final = timedelta(weeks=4)
"""How long a calendar feed keeps what is over."""
SHOWN_WITH: Final = ("places", "venue", "picture")
NOT_SHOWN: Final = (
    *(f"venue__{name}" for name in ("account", "name", "folded", "link", "created_at", "archived_at")),
    *("picture__account", "picture__created_at"),
)
"""What no page for everybody reads of where an entry is, above all not where those who have booked it meet online."""
MOST_IN_FEED: Final = 1000
MOST_OVER_IN_FEED: Final = 500
_GONE: Final = F("taken") + F("reserved")
"""What of a ticket nobody else can have: booked, or to be offered to those who wait."""


def entries_of(account: Account) -> EntryQuerySet[Entry]:
    """An account's entries with their places and page, soonest first."""
    return Entry.objects.filter(account=account).select_related("page", "places", "series").order_by("starts_at", "id")


def has_entries(account: Account) -> bool:
    """Whether an account has, or had, any entry.

    In their order, so that an index leads there: an EXISTS without one reads the table from its beginning, through the
    entries of every account that was there before.
    """
    return bool(Entry.objects.filter(account=account).order_by("starts_at", "id").values_list("pk")[:1])


def on_now(account: Account, *, now: datetime) -> list[int]:
    """The entries (ids) of an account that have begun and are not over, however long ago they began."""
    found = Entry.objects.filter(account=account).alias(lasts=InstantRange("starts_at", "ends_at", HALF_OPEN))
    return list(found.filter(lasts__contains=now).values_list("pk", flat=True))  # type: ignore[misc] # of instants


@dataclass(frozen=True, slots=True)
class DayPlaces:
    """A day's entries in numbers: how many take place; and of those that have not begun, how many places are taken."""

    entries: int
    taken: int
    capacity: int
    reserved: int = 0
    """Came free, and are to be offered to those who wait."""

    @property
    def free(self) -> int:
        """Places that anybody may have."""
        return self.capacity - self.taken - self.reserved


def places_on(account: Account, day: date, *, now: datetime) -> DayPlaces:
    """The entries that start on a day of the account's time zone, those that are over too, without the cancelled.

    What has begun has no space that can still be booked, so its places are not counted.
    """
    first, after = (datetime.combine(each, time.min, account.zone) for each in (day, day + timedelta(days=1)))
    found = Entry.objects.live().filter(account=account, starts_at__gte=first, starts_at__lt=after)
    ahead = Q(starts_at__gt=now)
    sums = {name: Sum(f"places__{name}", filter=ahead, default=0) for name in ("taken", "capacity", "reserved")}
    return DayPlaces(**found.aggregate(entries=Count("pk"), **sums))


def next_entries_on(page: int, number: int, *, now: datetime, since: datetime, after: int) -> QuerySet[Entry]:
    """So many of what a page (id) shows from an instant on; of what starts right then, after an entry (id).

    Which they are, an index alone tells, so that no page is read to its end because the planner takes it for short.
    """
    later = Q(starts_at__gt=since) | Q(pk__gt=after)
    found = Entry.objects.upcoming(now).filter(later, page=page, starts_at__gte=since).order_by("starts_at", "id")
    chosen = Entry.objects.filter(pk__in=found.values("pk")[:number])
    return chosen.select_related(*SHOWN_WITH).defer(*NOT_SHOWN).order_by("starts_at", "id")


def entries_on(page: SchedulePage | int, *, now: datetime) -> QuerySet[Entry]:
    """What a page shows: entries that have not started yet, soonest first, with their places, venue and picture."""
    found = Entry.objects.upcoming(now).filter(page=page).select_related(*SHOWN_WITH).defer(*NOT_SHOWN)
    return found.order_by("starts_at", "id")


def entries_in_feed(page: SchedulePage, *, now: datetime) -> list[Entry]:
    """What a page's calendar feed holds, soonest first, with their places.

    What was on in the last weeks, and what runs or is to come: the cancelled too, so that calendars strike them out.
    """
    return [*reversed(read_over_in_feed(page.pk, now)), *read_ahead_in_feed(page.pk, now)]


@compiled_query
def read_over_in_feed(page: int, now: datetime) -> QuerySet[Entry]:
    """What was on in the last weeks, the latest first."""
    over = _ending_after(page, _moment(now) - FEED_KEEPS).live().filter(starts_at__lt=now, ends_at__lte=now)
    return _in_feed(over.order_by("-starts_at", "-id")[:MOST_OVER_IN_FEED]).order_by("-starts_at", "-id")


@compiled_query
def read_ahead_in_feed(page: int, now: datetime) -> QuerySet[Entry]:
    """What runs, and what is to come, soonest first."""
    ahead = _ending_after(page, _moment(now))
    return _in_feed(ahead.order_by("starts_at", "id")[:MOST_IN_FEED]).order_by("starts_at", "id")


def _in_feed(chosen: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries that an index alone has chosen, as `next_entries_on` says, with their places and venue."""
    found = Entry.objects.filter(pk__in=chosen.values("pk")).select_related("places", "venue")
    return found.defer("created_at", "description", *(each for each in NOT_SHOWN if each.startswith("venue")))


def _ending_after(page: int, instant: Combinable) -> EntryQuerySet[Entry]:
    """A page's entries that end after an instant.

    None of them began longer before it than the page's longest entry takes, so the past isn't walked through.
    """
    on_page = Entry.objects.filter(page=page)
    longest = on_page.annotate(lasts=F("ends_at") - F("starts_at")).order_by("-lasts").values("lasts")[:1]
    return on_page.filter(starts_at__gte=_instant(instant - Subquery(longest)), ends_at__gt=_instant(instant))


def _moment(now: datetime) -> Value:
    return Value(now, output_field=DateTimeField())


def _instant(reckoned: Combinable) -> "ExpressionWrapper[Combinable]":
    return ExpressionWrapper(reckoned, output_field=DateTimeField())


def tickets_of(entry: Entry) -> QuerySet[TicketAtEntry]:
    """The tickets on sale at an entry, in the operator's order.

    Each with `group_ids`, its groups in use, and `taken`, its seats there and what is reserved for those who wait.
    """
    return _read_tickets_of.queryset(entry.pk, entry.series_id)


def read_tickets_of(entry: Entry) -> list[TicketAtEntry]:
    """The same, read."""
    return _read_tickets_of(entry.pk, entry.series_id)


@compiled_query
def _read_tickets_of(entry: int, series: int) -> QuerySet[TicketAtEntry]:
    taken = TicketPlaces.objects.filter(ticket=OuterRef("pk"), entry=entry).values(gone=_GONE)
    in_use = Q(groups__isnull=False, groups__archived_at__isnull=True)
    return (
        Ticket.objects.on_sale()
        .filter(series=series)
        .annotate(
            group_ids=ArrayAgg("groups", filter=in_use, default=[]),
            taken=Subquery(taken, output_field=IntegerField()),
        )
        .order_by("position", "id")  # the model's own order is lost by grouping
    )


def tickets_as_json() -> ArraySubquery:
    """The same for each entry of a queryset, as JSON (`tickets.availability.reading.ticket_of`)."""
    taken = TicketPlaces.objects.filter(ticket=OuterRef("pk"), entry=OuterRef(OuterRef("pk"))).values(gone=_GONE)
    in_use = Ticket.groups.through.objects.filter(group__archived_at__isnull=True, ticket=OuterRef("pk"))
    known = {field.attname: F(field.attname) for field in Ticket._meta.concrete_fields}
    more = {"group_ids": ArraySubquery(in_use.values("group")), "taken": Subquery(taken)}
    told = Ticket.objects.on_sale().filter(series=OuterRef("series")).order_by("position", "id")
    return ArraySubquery(told.values(json=JSONObject(**known, **more)))


def tickets_at(entries: Iterable[Entry]) -> QuerySet[TicketAtEachEntry]:
    """What is on sale at several entries: a row for each ticket at each, with `entry_id` and as `tickets_of` says."""
    return read_tickets_at.queryset([entry.pk for entry in entries])


@compiled_query
def read_tickets_at(entries: list[int]) -> QuerySet[TicketAtEachEntry]:
    """The same for a list of entries (ids), read."""
    at = OuterRef("series__entries")
    taken = TicketPlaces.objects.filter(ticket=OuterRef("pk"), entry=at).values(gone=_GONE)
    # Each looked up by its key: a join makes the planner read the groups of every account, for each ticket.
    archived = Subquery(Group.objects.filter(pk=OuterRef("group")).order_by().values("archived_at"))
    groups = Ticket.groups.through.objects.filter(IsNull(archived, True), ticket=OuterRef("pk"))  # noqa: FBT003
    return (
        Ticket.objects.on_sale()
        .filter(IsOneOf("series__entries", entries))
        .annotate(
            entry_id=F("series__entries"),
            group_ids=ArraySubquery(groups.values("group")),
            taken=Subquery(taken, output_field=IntegerField()),
        )
        .defer("created_at")
        .order_by("position", "id")
    )


def exclusive_tickets_of(group: Group) -> QuerySet[Ticket]:
    """The exclusive tickets that name a group: what its offers can open, and what the picker lists."""
    return (
        Ticket.objects.on_sale()
        .filter(account=group.account_id, groups=group, exclusive=True)
        .select_related("series__page")
        .order_by("series__page__title", "name", "id")
    )


def covers(offer: Offer) -> Q:
    """The condition on a ticket of the offer's group that the offer covers it (docs/design.md, *Offers*)."""
    return Q(pk__in=Coverage.objects.filter(offer=offer, ticket__isnull=False).values("ticket")) | Q(
        series__page__in=Coverage.objects.filter(offer=offer, page__isnull=False).values("page")
    )


def opens_a_ticket(group: Group) -> bool:
    """Whether an enabled offer of a group covers any exclusive ticket that names it."""
    covered = Coverage.objects.in_force().filter(
        account=group.account_id, offer__group=group, offer__kind=OfferKind.EXCLUSIVE
    )
    named = exclusive_tickets_of(group).order_by()
    pages = list(covered.filter(page__isnull=False).values_list("page", flat=True).distinct())
    if pages and named.filter(series__page__in=pages).exists():
        return True
    opened = covered.filter(ticket__account=group.account_id, ticket__groups=group, ticket__exclusive=True)
    return opened.filter(ticket__retired_at__isnull=True).exists()


def seats_of(entry: Entry) -> QuerySet[Seat]:
    """The attendee list of an entry: its live seats by attendee, with ticket, booker and booking."""
    return entry.seats.live().select_related("ticket", "customer", "booking").order_by("attendee_name", "id")


def bookings_of(customer: Customer) -> BookingQuerySet:
    """A customer's bookings, newest first."""
    return Booking.objects.filter(customer=customer).select_related("page").order_by("-created_at", "-id")


def customers_who_booked(account: Account, customers: Iterable[Customer]) -> set[int]:
    """Which of these customers (ids) have booked with the account themselves: a booking by its team does not count."""
    booked = Booking.objects.booked().filter(account=account, customer__in=customers, channel=Channel.CUSTOMER)
    return set(booked.values_list("customer_id", flat=True))


def exclusive_seats_ahead_of(customers: QuerySet[Any], group: Group, *, now: datetime) -> QuerySet[Seat]:
    """The same of many customers (their ids), in no order."""
    ahead = Seat.objects.live().upcoming(now).filter(account=group.account_id, customer__in=customers)
    return ahead.filter(use__period__offer__group=group)


def exclusive_seats_ahead(customer: Customer, group: Group, *, now: datetime) -> QuerySet[Seat]:
    """A customer's live seats, charged to this group's offers, at events still to come, soonest first."""
    return (
        customer.seats.live()
        .upcoming(now)
        .filter(use__period__offer__group=group)
        .with_entry()
        .order_by("entry__starts_at", "id")
    )


def seats_lost(customer: Customer, group: Group, *, ground: UUID, after: datetime, now: datetime) -> QuerySet[Seat]:
    """The seats ahead that a customer loses when a subscription's ground in a group ends at an instant, soonest first.

    They were charged to the group's offers, their events start later, and no other ground holds by then
    (docs/design.md, *Standing*). What the pages announce and what is released.
    """
    theirs = Standing.objects.at(OuterRef("entry__starts_at")).filter(member__customer=customer, member__group=group)
    kept = theirs.exclude(ground=ground)
    return exclusive_seats_ahead(customer, group, now=now).filter(~Exists(kept), entry__starts_at__gt=after)


def free_again_until(entry: Entry, account: Account) -> datetime:
    """The last instant at which a customer who cancels has the use back."""
    return entry.starts_at - timedelta(minutes=account.cancellation_cutoff_minutes)


def cancellation_message(entry: Entry) -> str:
    """What the studio says to everyone booked at an entry that it has cancelled; no statement for any other."""
    if entry.cancelled_at is None:
        return ""
    found = EntryCancellation.objects.filter(account=entry.account_id, entry=entry)
    return found.values_list("message", flat=True).first() or ""
