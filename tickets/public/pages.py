"""Fetching the entry or the booking that a public page is about, or 404."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.language import speak
from accounts.models import User
from accounts.public.pages import one_or_404
from bookwhen.fastpath.compiled import compiled_query
from tickets.annotated import VisitedEntry
from tickets.models import Booking, BookingState, Entry


def entry_or_404(slug: str, entry: UUID, user: User | AnonymousUser) -> VisitedEntry:
    """An entry of the page of this address, with `account` and its connection, `page`, `places`, `series`.

    Its `own_booking` is the uuid of the user's newest booking there (not a basket) that still has a seat, if any.
    """
    # No user has the key 0; a stranger's None would find the bookings of every customer without a login.
    found = one_or_404(_entries(slug, entry, user.pk or 0))
    found.page.account = found.account
    speak(found.account)
    return found


def booking_or_404(secret: UUID) -> Booking:
    """The booking with this uuid, with customer, page and account: anyone who knows it may see and cancel it."""
    found = one_or_404(_bookings(secret))
    speak(found.page.account)
    return found


@compiled_query
def _entries(slug: str, entry: UUID, user: int) -> QuerySet[VisitedEntry]:
    own = (
        Booking.objects.filter(
            seats__entry=OuterRef("pk"),
            seats__cancelled_at__isnull=True,
            customer__user=user,
            state=BookingState.BOOKED,
        )
        .order_by("-created_at")
        .values("uuid")[:1]
    )
    return Entry.objects.for_booking().annotate(own_booking=Subquery(own)).filter(page__slug=slug, uuid=entry)


@compiled_query
def _bookings(secret: UUID) -> QuerySet[Booking]:
    known = ("customer", "page__account__connection", "purchase__membership", "membership_price")
    return Booking.objects.select_related(*known).filter(uuid=secret)
