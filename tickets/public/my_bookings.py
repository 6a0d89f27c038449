"""A customer's own bookings, in every account, and what their groups still give them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format

from accounts.access import PersonRequest, person_view
from accounts.backends import names_of_others
from accounts.models import SchedulePage, User
from accounts.public.pages import keep_private
from bookwhen.keyset import keyset_page
from memberships.queries import past_due_of
from offers.periods import local_day
from tickets.models import Booking, BookingState, Channel, PaymentState, Seat, WaitlistRequest
from tickets.models.waiting import TURN
from tickets.public.allowances import group_allowances
from tickets.waiting.withdrawing import is_lost

PER_PAGE: Final = 50
MOST_PAGES: Final = 3
TABS: Final = ("upcoming", "past", "cancelled")

_ON_WAY: Final = Q(payment__state=PaymentState.OPEN, payment__on_way_since__isnull=False)


@dataclass(frozen=True, slots=True)
class Line:
    """An event of a booking: `live` is how many places are not cancelled, `on_way` how many of them not paid yet."""

    secret: UUID
    title: str
    starts: datetime
    ends: datetime
    page: str
    zone: ZoneInfo
    live: int
    on_way: int
    whose: str
    """Whom it is for, where that is somebody whom they book for."""

    def day(self, *, this_year: int) -> str:
        """The local day of its event, short; with its year where that is another."""
        starts = self.starts.astimezone(self.zone)
        return date_format(starts, "D j M" if starts.year == this_year else "D j M Y")


@person_view
def my_bookings(request: PersonRequest) -> HttpResponse:
    """The bookings of one tab, a line for each event, below baskets under way; and the customer's groups."""
    now = timezone.now()
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else TABS[0]
    latest_first, others = tab != "upcoming", names_of_others(request.user)
    order = ("-starts", "-pk") if latest_first else ("starts", "pk")
    shown = keyset_page(_chosen(request.user, others, tab, now=now), order, request.GET, size=PER_PAGE)
    context = {
        "baskets": _baskets(request.user, now=now),
        "waiting": [(each, others.get(each.customer_id, "")) for each in _waiting(request.user, others, now=now)],
        "bookings": shown,
        **_tell_lines(_lines(shown.rows, others), latest_first=latest_first, now=now),
        "tabs": TABS,
        "tab": tab,
        "allowances": group_allowances(request.user, now=now, others=others),
        "failing": past_due_of(request.user),
        "pages": SchedulePage.objects.filter(
            account__customers__user=request.user, account__customers__seen_at__isnull=False
        )[:MOST_PAGES],
    }
    return keep_private(render(request, "tickets/public/my_bookings.html", context))


def _is_theirs(user: User, others: Collection[int]) -> Q:
    """The condition that something is a user's, or of somebody whom they book for (ids)."""
    return Q(customer__user=user) | Q(customer__in=others) if others else Q(customer__user=user)


def _chosen(user: User, others: Collection[int], tab: str, *, now: datetime) -> QuerySet[Seat]:
    """One seat, with `starts`, for each event of each booking in a tab: the first that puts it there."""
    # What was taken out of the basket again was never booked.
    booked = Seat.objects.exclude(cancelled_by=Channel.BASKET_ABANDONED)
    live = booked.live()
    beside = Q(account=OuterRef("account"), booking=OuterRef("booking"), entry=OuterRef("entry"))
    found, alike = (booked, booked) if tab == "cancelled" else (live, live)
    found = found.booked().filter(~Exists(alike.filter(beside, pk__lt=OuterRef("pk"))), _is_theirs(user, others))
    if tab == "cancelled":
        found = found.filter(~Exists(live.filter(beside)))
    else:
        found = found.filter(entry__starts_at__gt=now) if tab == "upcoming" else found.filter(entry__starts_at__lte=now)
    return found.annotate(starts=F("entry__starts_at")).only("pk")


def _lines(chosen: Sequence[Seat], others: Mapping[int, str]) -> list[Line]:
    """What is told of the events that these seats stand for. One statement."""
    beside = Seat.objects.live().filter(
        account=OuterRef("account"), booking=OuterRef("booking"), entry=OuterRef("entry")
    )
    # What Django's types make of a query set of ours leaves annotations out.
    plain: QuerySet[Seat] = QuerySet(Seat)
    seats = plain.filter(pk__in=[each.pk for each in chosen]).annotate(
        live=_count(beside), on_way=_count(beside.filter(_ON_WAY))
    )
    return [
        Line(
            seat.booking.uuid,
            seat.entry.title,
            seat.entry.starts_at,
            seat.entry.ends_at,
            seat.booking.page.title,
            seat.booking.page.account.zone,
            seat.live,
            seat.on_way,
            others.get(seat.customer_id, ""),
        )
        for seat in seats.select_related("entry", "booking__page__account").order_by("entry__starts_at", "pk")
    ]


def _count(seats: QuerySet[Seat]) -> Coalesce:
    return Coalesce(Subquery(seats.order_by().values("entry").annotate(number=Count("pk")).values("number")), 0)


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


def _waiting(user: User, others: Collection[int], *, now: datetime) -> QuerySet[WaitlistRequest]:
    """What a login waits for, and what is offered to them, soonest first; each with its `place` in line.

    And whether it is offered no more, as their membership ended (`lost`).
    """
    line = WaitlistRequest.objects.waiting().filter(account=OuterRef("account"), entry=OuterRef("entry"))
    before = line.before(OuterRef("its_turn"), OuterRef("pk"))
    place = Coalesce(Subquery(before.order_by().values("entry").annotate(place=Count("pk")).values("place")), 0) + 1
    found = WaitlistRequest.objects.open().filter(_is_theirs(user, others)).alias(its_turn=TURN).annotate(place=place)
    found = found.annotate(lost=ExpressionWrapper(is_lost(now), BooleanField()))
    return found.select_related("entry__page__account").order_by("entry__starts_at", "pk")[:PER_PAGE]


def _tell_lines(lines: Sequence[Line], *, latest_first: bool, now: datetime) -> dict[str, object]:
    """The lines by local day, which each of them says; where they are in one zone alone, that is said once."""
    found = sorted(lines, key=lambda line: (local_day(line.starts, line.zone), line.starts), reverse=latest_first)
    zones, pages = {line.zone.key for line in found}, {line.page for line in found}
    return {
        "lines": [(line, line.day(this_year=now.astimezone(line.zone).year)) for line in found],
        "only_zone": next(iter(zones)) if len(zones) == 1 else "",
        "names_page": len(pages) > 1,
    }
