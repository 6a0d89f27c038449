"""A customer's own bookings, in every account, and what their groups still give them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import PersonRequest, person_view
from accounts.models import SchedulePage, User
from accounts.public.pages import keep_private
from accounts.zones import zone_or_utc
from memberships.queries import past_due_of
from offers.periods import local_day
from tickets.models import Booking, BookingState, Channel, PaymentState, Seat
from tickets.public.allowances import group_allowances

PER_PAGE: Final = 50
MOST_PAGES: Final = 3
TABS: Final = ("upcoming", "past", "cancelled")

_ON_WAY: Final = Q(payment__state=PaymentState.OPEN, payment__on_way_since__isnull=False, cancelled_at__isnull=True)
Line = dict[str, Any]
"""An event of a booking, as `_booked` reads it."""


@person_view
def my_bookings(request: PersonRequest) -> HttpResponse:
    """The bookings of one tab, a line for each event, below baskets under way; and the customer's groups."""
    now = timezone.now()
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else TABS[0]
    states = _states(now)
    booked = _booked(request.user)
    counts = booked.aggregate(**{name: Count("secret", filter=state) for name, state in states.items()})
    latest_first = tab != "upcoming"
    paginator = Paginator(
        booked.filter(states[tab]).order_by("-starts" if latest_first else "starts", "booking"), PER_PAGE
    )
    paginator.count = counts[tab]
    shown = paginator.get_page(request.GET.get("page"))
    context = {
        "baskets": _baskets(request.user, now=now),
        "bookings": shown,
        "days": _by_day(shown.object_list, latest_first=latest_first),
        "tabs": [(name, counts[name]) for name in TABS],
        "tab": tab,
        "allowances": group_allowances(request.user, now=now),
        "failing": past_due_of(request.user),
        # Only read where there is nothing to show.
        "pages": SchedulePage.objects.filter(
            account__customers__user=request.user, account__customers__seen_at__isnull=False
        )[:MOST_PAGES],
    }
    return keep_private(render(request, "tickets/public/my_bookings.html", context))


def _booked(user: User) -> QuerySet[Seat, Any]:
    """A row for each event of each booking; `live` is how many places are not cancelled, `on_way` of them not paid."""
    seats = Seat.objects.booked().filter(customer__user=user)
    return (
        # What was taken out of the basket again was never booked.
        seats.exclude(cancelled_by=Channel.BASKET_ABANDONED)
        .values(
            "booking",
            secret=F("booking__uuid"),
            title=F("entry__title"),
            starts=F("entry__starts_at"),
            ends=F("entry__ends_at"),
            page=F("booking__page__title"),
            zone=F("booking__page__account__time_zone"),
        )
        .annotate(live=Count("pk", filter=Q(cancelled_at__isnull=True)), on_way=Count("pk", filter=_ON_WAY))
    )


def _baskets(user: User, *, now: datetime) -> QuerySet[Booking]:
    """The baskets that a login filled and that hold something, with how many `places`."""
    places = Count("seats", filter=Q(seats__cancelled_at__isnull=True))
    held = Booking.objects.held().filter(filled_by=user).annotate(places=places)
    return (
        held.filter(Q(state=BookingState.PAYING) | Q(held_until__gt=now))
        .filter(Q(places__gt=0) | Q(membership_price__isnull=False))
        .select_related("page__account", "membership_price__membership")
        .order_by("-created_at", "-pk")
    )


def _by_day(lines: Iterable[Line], *, latest_first: bool) -> list[tuple[date, list[Line]]]:
    """Lines under the local day of their event, each in its own page's zone."""
    days = defaultdict[date, list[Line]](list)
    for line in lines:
        line["zone"] = zone_or_utc(line["zone"])
        days[local_day(line["starts"], line["zone"])].append(line)
    return sorted(days.items(), reverse=latest_first)


def _states(now: datetime) -> dict[str, Q]:
    return {
        "upcoming": Q(live__gt=0, starts__gt=now),
        "past": Q(live__gt=0, starts__lte=now),
        "cancelled": Q(live=0),
    }
