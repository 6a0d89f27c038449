"""Rows to hold while entries and tickets change, in the order that bookings take them.

See docs/design.md, *Never too many*. A series comes first and is held by operators alone; then members, a
basket, seats, payments, a discount code's counters, usage periods, parties, ticket places, and entry places last.
"""

from collections.abc import Collection
from typing import Final

from django.db.models import F

from bookwhen.fastpath.prepared import prepared_cursor
from groups.locks import lock_members
from groups.models import Member
from tickets.models import Booking, Entry, EntryPlaces, Seat, Series, TicketPlaces


class ConcurrentBookingError(Exception):
    """Somebody booked while we waited for an entry's row: what must be held before it is not. Begin again."""


def lock_series(series: int) -> None:
    """Let one change to a series (id), its entries and its tickets be made at a time; bookings go on."""
    Series.objects.select_for_update(no_key=True).get(pk=series)


_MEMBERS_FOR_SERIES: Final = """
    WITH member AS MATERIALIZED (
        SELECT id, group_id FROM groups_member
        WHERE customer_id = %(customer)s::bigint AND (
            %(series)s::bigint IS NULL OR group_id IN (
                SELECT named.group_id FROM tickets_ticket_groups AS named
                JOIN tickets_ticket AS ticket ON ticket.id = named.ticket_id
                WHERE ticket.series_id = %(series)s::bigint AND ticket.exclusive
            )
        )
        ORDER BY id FOR NO KEY UPDATE
    ), standing AS MATERIALIZED (
        SELECT id FROM groups_standing WHERE member_id IN (SELECT id FROM member) ORDER BY id FOR SHARE
    ), offer AS MATERIALIZED (
        SELECT id FROM offers_offer WHERE group_id IN (SELECT group_id FROM member) ORDER BY id FOR SHARE
    )
    SELECT (SELECT count(*) FROM member), (SELECT count(*) FROM standing), (SELECT count(*) FROM offer)
"""


def lock_members_for_series(customer: int, *, series: int | None) -> None:
    """Hold a customer (id) in the groups that the exclusive tickets of a series are for; without one, in all groups.

    Held are their memberships, so that nobody else books or refiles for them, their standings, so that none ends under
    a booking, and those groups' offers, so that none is changed or deleted under it. In one statement.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_MEMBERS_FOR_SERIES, {"customer": customer, "series": series})


def lock_booking(booking: int) -> Booking:
    """Hold a booking (id), as it is now: its basket is not filled, paid or let go of by anybody else."""
    held = Booking.objects.select_for_update(of=("self",), no_key=True).for_checkout().filter(pk=booking)
    # Where its customer became another one while we waited, it is found at the second look.
    return held.first() or held.get()


def lock_basket(booking: int) -> Booking:
    """Hold a booking (id) and, before it, its customer's memberships: its uses are charged and given back."""
    lock_members(Member.objects.filter(customer__bookings=booking).values_list("pk", flat=True))
    return lock_booking(booking)


def lock_customers_of_seats(seats: Collection[int]) -> None:
    """Hold the memberships of the customers of these seats (ids): nobody prices or charges for them meanwhile."""
    customers = Seat.objects.filter(pk__in=seats).values("customer")
    lock_members(Member.objects.filter(customer__in=customers).values_list("pk", flat=True))


def lock_entry_places(entries: Collection[int]) -> None:
    """Hold the places of entries (ids): nobody books or cancels there."""
    list(EntryPlaces.objects.filter(pk__in=entries).order_by("pk").select_for_update().values_list("pk"))


def lock_charged_members(entries: Collection[int]) -> set[int]:
    """Hold the members who are at these entries (ids), then the entries' places; the charged ones (ids) are returned.

    All that their customers are members of: a basket that is being priced may charge any of it.
    Raises ConcurrentBookingError.
    """
    members = _lock_members_at(entries)
    lock_entry_places(entries)
    if not _members_at(entries) <= members:
        raise ConcurrentBookingError
    return _charged_at(entries)


def lock_seats_of_entry(entry: Entry) -> list[int]:
    """Hold everything that ends with an entry: members who are there, live seats (ids, returned), all places.

    Seats and ticket places come before the entry's, as customers who cancel and book take them.
    Raises ConcurrentBookingError.
    """
    members = _lock_members_at([entry.pk])
    live = entry.seats.live()
    seats = list(live.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    places = TicketPlaces.objects.filter(entry=entry).order_by("ticket")
    list(places.select_for_update(no_key=True).values_list("pk"))
    lock_entry_places([entry.pk])
    if not (_members_at([entry.pk]) <= members and set(live.values_list("pk", flat=True)) <= set(seats)):
        raise ConcurrentBookingError
    return seats


def lock_seats_at(entries: Collection[int]) -> None:
    """Hold the live seats at entries (ids), their bookings before them, and all places: nobody books or pays there.

    Raises ConcurrentBookingError.
    """
    live = Seat.objects.live().filter(entry__in=entries).order_by("pk")
    bookings = Booking.objects.filter(pk__in=live.order_by().values("booking")).order_by("pk")
    list(bookings.select_for_update(no_key=True).values_list("pk"))
    seats = set(live.select_for_update(no_key=True).values_list("pk", flat=True))
    places = TicketPlaces.objects.filter(entry__in=entries).order_by("ticket", "entry")
    list(places.select_for_update(no_key=True).values_list("pk"))
    lock_entry_places(entries)
    if not set(live.values_list("pk", flat=True)) <= seats:
        raise ConcurrentBookingError


def bump_entry_revision(entries: Collection[int]) -> None:
    """Make a booking that was judged before now fail at these entries (ids), whose places are held."""
    EntryPlaces.objects.filter(pk__in=entries).update(revision=F("revision") + 1)


def _lock_members_at(entries: Collection[int]) -> set[int]:
    members = _members_at(entries)
    lock_members(members)
    return members


def _members_at(entries: Collection[int]) -> set[int]:
    """All that customers with seats at entries (ids) are members of."""
    live = Seat.objects.live().filter(entry__in=entries)
    return set(Member.objects.filter(customer__in=live.values("customer")).values_list("pk", flat=True))


def _charged_at(entries: Collection[int]) -> set[int]:
    """The members charged at entries (ids), for places or for discounts."""
    live = Seat.objects.live().filter(entry__in=entries)
    charged = live.values_list("use__period__member", "discount_use__period__member")
    return {member for pair in charged for member in pair if member}
