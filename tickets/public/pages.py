"""Fetching what a public page is about, and answering in its time zone."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.models import Account, SchedulePage, User
from bookwhen.fastpath.compiled import compiled_query
from tickets.models import Booking, BookingState, Entry

M = TypeVar("M", bound=Model)


class SeeOther(HttpResponseRedirect):
    """Go on by GET, on a page that may be another site's."""

    status_code = 303


def page_or_404(slug: str) -> SchedulePage:
    """The public page of this address, with its account and connection."""
    return _one(_pages(slug))


def entry_or_404(slug: str, entry: UUID, user: User | AnonymousUser) -> Entry:
    """An entry of the page of this address, with `account` and its connection, `page`, `places`, `series`.

    Its `own_booking` is the uuid of the user's newest booking there (not a basket) that still has a seat, if any.
    """
    # No user has the key 0; a stranger's None would find the bookings of every customer without a login.
    found = _one(_entries(slug, entry, user.pk or 0))
    found.page.account = found.account
    return found


def booking_or_404(secret: UUID) -> Booking:
    """The booking with this uuid, with customer, page and account: whoever knows it may see and cancel it."""
    return _one(_bookings(secret))


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, account: Account, status: int = 200
) -> HttpResponse:
    """Render a page with its times in the account's time zone."""
    with timezone.override(account.zone):
        return render(request, template, context, status=status)


def keep_private(response: HttpResponse) -> HttpResponse:
    """Keep a page with a secret address out of caches, search engines and other sites' logs."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    # Not "no-referrer": the browser would then send our own forms without saying where they come from.
    response["Referrer-Policy"] = "same-origin"
    return response


@compiled_query
def _pages(slug: str) -> QuerySet[SchedulePage]:
    return SchedulePage.objects.select_related("account__connection").filter(slug=slug)


@compiled_query
def _entries(slug: str, entry: UUID, user: int) -> QuerySet[Entry]:
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
    entries = Entry.objects.select_related("account__connection", "page", "places", "series")
    return entries.annotate(own_booking=Subquery(own)).filter(page__slug=slug, uuid=entry)


@compiled_query
def _bookings(secret: UUID) -> QuerySet[Booking]:
    known = ("customer", "page__account__connection", "purchase__membership", "membership_price")
    return Booking.objects.select_related(*known).filter(uuid=secret)


def _one(found: list[M]) -> M:
    if not found:
        raise Http404
    return found[0]
