"""Fetching the entry or the booking that a public page is about, or 404."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.language import speak
from accounts.models import User
from accounts.public.pages import one_or_404
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.payments.models import Connection
from tickets.annotated import DescribedEntry, VisitedEntry
from tickets.booking.hold import overdue_at
from tickets.details import with_names
from tickets.models import Booking, Entry, Seat, TicketPlaces
from tickets.public.own import newest_at_entry, newest_of_login, request_of_login
from tickets.queries import tickets_as_json

_OF_CONNECTION: Final = {"id", "disconnected_at"}
NOT_SAID: Final = (
    *("created_at", "local_start", "local_end", "start_offset", "end_offset"),
    *("page__created_at", "page__description"),
    *("account__created_at", "account__opened_by", "account__spreadsheet", "account__requires_two_step"),
    *("account__announces_resets", "account__pause_access", "account__members_pause", "account__longest_pause_days"),
    *("account__returns_absent_uses", "account__accent", "page__reminder_hours"),
    *("venue__account", "venue__name", "venue__folded", "venue__created_at", "venue__archived_at"),
    *("picture__account", "picture__created_at"),
    *(
        f"account__connection__{field.name}"
        for field in Connection._meta.concrete_fields
        if field.name not in _OF_CONNECTION
    ),
)
"""What is not read of an entry; it is fetched where somebody asks all the same."""
BOOKING_KNOWN: Final = ("customer", "page__account__connection", "purchase__membership", "membership_price")
"""What a booking’s pages say of it besides its own."""


def entry_or_404(
    slug: str,
    entry: UUID,
    user: User | AnonymousUser,
    *,
    remembered: Sequence[UUID] = (),
    seat: UUID | None = None,
    now: datetime,
) -> VisitedEntry:
    """An entry of the page of this address, with `account` and its connection, `page`, `places`.

    Its `own_booking` is the uuid of the user's newest booking there (not a basket) that still has a seat, if any; else
    of one that this browser made without proving an address (`remembered`), for the user or, without one, for nobody.
    Of a login it has `own_request`, by which they wait there or have an offer (a uuid), and `own_request_state`.
    Where nobody is logged in it has `sold`: its tickets, as JSON. Where they sent a form, which is told by the first
    `seat` that it makes, it has `made`, whether that is there already, and `overdue`: where it is full, or one of its
    tickets is, whether anything holds places there whose time is up.
    """
    if isinstance(user, User):
        found = one_or_404(_users_entries(slug, entry, user.pk, list(remembered)))
    elif seat:
        found = one_or_404(_entries_of_form(slug, entry, list(remembered), seat, now))
    else:
        found = one_or_404(_guests_entries(slug, entry, list(remembered)))
    found.page.account = found.account
    speak(found.account)
    return found


def booking_or_404(secret: UUID) -> Booking:
    """The booking with this uuid, with customer, page and account: anyone who knows it may see and cancel it."""
    found = one_or_404(_bookings(secret))
    speak(found.page.account)
    return found


@compiled_query
def _users_entries(slug: str, entry: UUID, user: int, remembered: list[UUID]) -> QuerySet[VisitedEntry]:
    own = newest_of_login(user)[:1]
    waits = {"own_request": request_of_login(user, "uuid"), "own_request_state": request_of_login(user, "state")}
    found = _read(slug, entry).annotate(**{name: Subquery(each) for name, each in waits.items()})
    return found.annotate(own_booking=Coalesce(Subquery(own), Subquery(_remembered(remembered, user))))


@compiled_query
def _guests_entries(slug: str, entry: UUID, remembered: list[UUID]) -> QuerySet[VisitedEntry]:
    return _read(slug, entry).annotate(own_booking=Subquery(_remembered(remembered, 0)), sold=tickets_as_json())


@compiled_query
def _entries_of_form(
    slug: str, entry: UUID, remembered: list[UUID], first: UUID, now: datetime
) -> QuerySet[VisitedEntry]:
    """The same for a guest who has sent a form: in a rush most of them read that they were too late, and no more."""
    is_full = Q(places__capacity__lte=F("places__taken") + F("places__reserved"))
    sold_out = Exists(TicketPlaces.objects.filter(entry=OuterRef("pk"), capacity__lte=F("taken") + F("reserved")))
    late = Exists(overdue_at(OuterRef("account"), OuterRef(OuterRef("pk")), now=now))
    overdue = Case(When(is_full | Q(sold_out), then=late), output_field=BooleanField())
    guests = _guests_entries.queryset(slug, entry, remembered)
    return guests.annotate(made=Exists(Seat.objects.filter(uuid=first)), overdue=overdue)


def _remembered(remembered: list[UUID], user: int) -> QuerySet[Booking, UUID]:
    """The newest booking at an entry that this browser remembers, made by this login, or by none (0).

    Looked up apart: PostgreSQL reads no seats for a browser that remembers nothing.
    """
    return newest_at_entry(remembered, user).values_list("uuid", flat=True)[:1]


def _read(slug: str, entry: UUID) -> QuerySet[DescribedEntry]:
    """An entry, without what no page of a booking says: each column takes its time."""
    found = Entry.objects.select_related("account__connection", "page", "places", "venue", "picture")
    return with_names(found.defer(*NOT_SAID).filter(page__slug=slug, uuid=entry))


@compiled_query
def _bookings(secret: UUID) -> QuerySet[Booking]:
    return Booking.objects.select_related(*BOOKING_KNOWN).filter(uuid=secret)
