"""A customer's own bookings, in every account, and what their groups still give them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.core.paginator import Paginator
from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import PersonRequest, person_view
from accounts.models import SchedulePage, User
from memberships.queries import failing
from offers.periods import local_day
from tickets.models import Booking, Seat
from tickets.public.allowances import belongings
from tickets.public.pages import keep_private

PER_PAGE: Final = 50
MOST_PAGES: Final = 3
TABS: Final = ("upcoming", "past", "cancelled")


@person_view
def my_bookings(request: PersonRequest) -> HttpResponse:
    """The bookings of one tab, and below them the customer's groups."""
    now = timezone.now()
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else TABS[0]
    states = _states(now)
    bookings = _bookings(request.user)
    counts = bookings.aggregate(**{name: Count("pk", filter=state) for name, state in states.items()})
    order = "starts_at" if tab == "upcoming" else "-starts_at"
    seats = Seat.objects.select_related("entry", "ticket").order_by("pk")
    listed = (
        bookings.filter(states[tab])
        .select_related("page__account")
        .prefetch_related(Prefetch("seats", queryset=seats))
        .order_by(order, "pk")
    )
    paginator = Paginator(listed, PER_PAGE)
    paginator.count = counts[tab]
    shown = paginator.get_page(request.GET.get("page"))
    context = {
        "bookings": shown,
        "days": _by_day(shown.object_list, latest_first=tab != "upcoming"),
        "tabs": [(name, counts[name]) for name in TABS],
        "tab": tab,
        "belongings": belongings(request.user, now=now),
        "failing": failing(request.user),
        # Only read where there is nothing to show.
        "pages": SchedulePage.objects.filter(account__customers__user=request.user)[:MOST_PAGES],
    }
    return keep_private(render(request, "tickets/public/my_bookings.html", context))


def _bookings(user: User) -> QuerySet[Booking]:
    return Booking.objects.filter(customer__user=user).annotate(
        live=Count("seats", filter=Q(seats__cancelled_at__isnull=True)), starts_at=Min("seats__entry__starts_at")
    )


def _by_day(bookings: Iterable[Booking], *, latest_first: bool) -> list[tuple[date, list[Booking]]]:
    """Bookings under the local day of their event, each in its own page's zone."""
    days = defaultdict[date, list[Booking]](list)
    for booking in bookings:
        start = booking.seats.all()[0].entry.starts_at
        days[local_day(start, booking.page.account.zone)].append(booking)
    return sorted(days.items(), reverse=latest_first)


def _states(now: datetime) -> dict[str, Q]:
    return {
        "upcoming": Q(live__gt=0, starts_at__gt=now),
        "past": Q(live__gt=0, starts_at__lte=now),
        "cancelled": Q(live=0),
    }
