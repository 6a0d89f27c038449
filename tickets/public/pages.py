"""Fetching the entry or the booking that a public page is about, or 404."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from accounts.language import speak
from accounts.models import User
from accounts.public.pages import one_or_404
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from tickets.annotated import VisitedEntry
from tickets.models import Booking, Entry
from tickets.public.own import newest_at_entry, newest_of_login

BOOKING_KNOWN: Final = ("customer", "page__account__connection", "purchase__membership", "membership_price")
"""What a booking’s pages say of it besides its own."""


def entry_or_404(
    slug: str, entry: UUID, user: User | AnonymousUser, *, remembered: Sequence[UUID] = ()
) -> VisitedEntry:
    """An entry of the page of this address, with `account` and its connection, `page`, `places`, `series`.

    Its `own_booking` is the uuid of the user's newest booking there (not a basket) that still has a seat, if any; else
    of one that this browser made without proving an address (`remembered`), for the user or, without one, for nobody.
    """
    # No user has the key 0; a stranger's None would find the bookings of every customer without a login.
    found = one_or_404(_entries(slug, entry, user.pk or 0, list(remembered)))
    found.page.account = found.account
    speak(found.account)
    return found


def booking_or_404(secret: UUID) -> Booking:
    """The booking with this uuid, with customer, page and account: anyone who knows it may see and cancel it."""
    found = one_or_404(_bookings(secret))
    speak(found.page.account)
    return found


@compiled_query
def _entries(slug: str, entry: UUID, user: int, remembered: list[UUID]) -> QuerySet[VisitedEntry]:
    newest = newest_at_entry().values("uuid")
    own = newest_of_login(user)[:1]
    # By itself: PostgreSQL reads no seats for a browser that remembers nothing.
    here = newest.filter(IsOneOf("uuid", remembered, of=UUIDField()), Exact(Coalesce("filled_by", 0), user))[:1]
    found = Entry.objects.for_booking().annotate(own_booking=Coalesce(Subquery(own), Subquery(here)))
    return found.filter(page__slug=slug, uuid=entry)


@compiled_query
def _bookings(secret: UUID) -> QuerySet[Booking]:
    return Booking.objects.select_related(*BOOKING_KNOWN).filter(uuid=secret)
