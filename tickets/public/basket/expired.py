"""A basket whose time was up: what was in it, where to choose it again, and holding all of it once more."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import uuid5

from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import SchedulePage
from offers.eligibility import Attendee
from offers.messages import explain
from tickets.availability.facts import Person
from tickets.booking.book import (
    BasketClosedError,
    KeyTakenError,
    OtherCustomerError,
    RefusedError,
    TicketGoneError,
    Wanted,
)
from tickets.checkout.basket import AlreadyMemberError, NotAllowedError, NotSoldError, add, add_membership
from tickets.models import Booking, Channel, Entry, Seat
from tickets.public.order.choice import Choice
from tickets.public.pages import answer, keep_private
from tickets.public.schedule.lines import draw_when
from tickets.public.schedule.metadata import entry_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What was held at one entry: `url` leads to where it can be chosen again."""

    entry: Entry
    url: str
    when: SafeString
    seats: Sequence[Seat]


@dataclass(slots=True)
class Again:
    """The basket that holds it again, if any of it could be had, and a sentence for each thing that could not."""

    basket: Booking | None = None
    refused: list[str] = field(default_factory=list)


def released(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    """The page of a basket that was let go of. One or two statements, however much was in it."""
    lost = [
        Lost(entry=entry, url=_choice_path(entry, seats), when=draw_when(entry), seats=seats)
        for entry, seats in _by_entry(booking)
    ]
    context = {"page": page, "booking": booking, "lost": lost}
    response = answer(request, "tickets/public/basket_released.html", context, account=page.account)
    return keep_private(response)


def hold_again(booking: Booking, who: Person, *, now: datetime) -> Again:
    """Put what a released basket held into a new one, as far as it can still be had; sent twice, the same one."""
    again = Again()
    _join_again(again, booking, who, now=now)
    for entry, seats in _by_entry(booking):
        _add_again(again, booking, entry, seats, who, now=now)
    return again


def _by_entry(booking: Booking) -> Iterator[tuple[Entry, list[Seat]]]:
    """What was let go of when the basket's time was up (not what was taken out of it before), by entry."""
    for entry, seats in groupby(_let_go(booking), lambda seat: seat.entry):
        entry.account = booking.account
        yield entry, list(seats)


def _let_go(booking: Booking) -> QuerySet[Seat]:
    gone = Seat.objects.filter(booking=booking, cancelled_by=Channel.UNBOUGHT)
    last = gone.aggregate(at=Max("cancelled_at"))["at"]
    found = gone.filter(cancelled_at=last).order_by("entry__starts_at", "entry", "pk")
    return found.select_related("entry__page", "entry__places", "entry__series", "ticket")


def _choice_path(entry: Entry, seats: Sequence[Seat]) -> str:
    return f"{entry_path(entry)}?{Choice(Counter(seat.ticket_id for seat in seats)).query}"


def _join_again(again: Again, booking: Booking, who: Person, *, now: datetime) -> None:
    price = booking.membership_price
    if price is None:
        return
    key = uuid5(booking.uuid, "membership")
    told = {"title": price.membership.title}
    try:
        again.basket = add_membership(None, price, booking.customer, booking.page, who=who, now=now, key=key)
    except NotAllowedError:
        again.refused.append(_("%(title)s: log in to buy it.") % told)
    except NotSoldError:
        again.refused.append(_("%(title)s: it is no longer sold here.") % told)
    except AlreadyMemberError:
        again.refused.append(_("%(title)s: it is yours already.") % told)
    except BasketClosedError:
        again.basket = Booking.objects.get(account=booking.account_id, key=key)


def _add_again(
    again: Again, booking: Booking, entry: Entry, seats: Sequence[Seat], who: Person, *, now: datetime
) -> None:
    """Hold what can be had of an entry: what the rule refuses is left out, and the rest asked for once more."""
    key = uuid5(booking.uuid, str(entry.pk))
    try:
        again.basket = add(again.basket, entry, booking.customer, _wanted(seats), who=who, key=key, now=now)
    except RefusedError as refusal:
        pairs = list(zip(seats, refusal.verdicts, strict=True))
        refused = {explain(verdict, zone=booking.account.zone) for _seat, verdict in pairs if not verdict.allowed}
        names = ", ".join(seat.attendee_name for seat, verdict in pairs if not verdict.allowed)
        told = {"title": entry.title, "names": names, "why": " ".join(sorted(refused))}
        again.refused.append(_("“%(title)s” for %(names)s: %(why)s") % told)
        rest = [seat for seat, verdict in pairs if verdict.allowed]
        if rest:
            _add_again(again, booking, entry, rest, who, now=now)
    except TicketGoneError:
        again.refused.append(_("“%(title)s”: this ticket is no longer on sale.") % {"title": entry.title})
    except (BasketClosedError, KeyTakenError, OtherCustomerError):
        return  # the basket that holds it again is on its way already


def _wanted(seats: Sequence[Seat]) -> list[Wanted]:
    return [
        Wanted(
            ticket=seat.ticket_id,
            name=seat.attendee_name,
            email=seat.attendee_email,
            attendee=Attendee.SELF if seat.member_id else Attendee.GUEST,
            own=seat.own,
        )
        for seat in seats
    ]
