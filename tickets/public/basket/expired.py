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
from accounts.public.pages import keep_private, render_page
from memberships.purchases import AlreadyHasError, NotOnSaleError
from offers.eligibility import Attendee
from offers.messages import explain
from tickets.availability.facts import Person
from tickets.booking.refusals import (
    BasketClosedError,
    BasketOfOtherCustomerError,
    BookingRefusedError,
    CustomerGoneError,
    GuestsHoldTooManyError,
    KeyTakenError,
    TicketGoneError,
)
from tickets.booking.request import Guest, WantedTicket
from tickets.checkout.basket import NotAllowedError, add_membership, add_tickets
from tickets.models import Booking, Channel, Entry, Seat
from tickets.public.order.choice import Choice
from tickets.public.phrases import GUESTS_HOLD_TOO_MANY
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.metadata import entry_path


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredEntry:
    """What was held at one entry: `url` leads to where it can be chosen again."""

    entry: Entry
    url: str
    when: SafeString
    seats: Sequence[Seat]


@dataclass(slots=True)
class RefilledBasket:
    """The basket that holds it again, if any of it could be had, and a sentence for each thing that could not."""

    network: str
    basket: Booking | None = None
    refused: list[str] = field(default_factory=list)


def show_expired(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    """The page of a basket that was let go of. One or two statements, however much was in it."""
    lost = [
        ExpiredEntry(entry=entry, url=_choice_path(entry, seats), when=render_when(entry), seats=seats)
        for entry, seats in _group_by_entry(booking)
    ]
    context = {"page": page, "booking": booking, "expired_entries": lost}
    response = render_page(request, "tickets/public/basket_expired.html", context, account=page.account)
    return keep_private(response)


def refill_basket(booking: Booking, who: Person, *, now: datetime, network: str = "") -> RefilledBasket:
    """Put what a released basket held into a new one, as far as it can still be had; sent twice, the same one.

    `network` is where a guest comes from.
    """
    again = RefilledBasket(network=network)
    _join_again(again, booking, who, now=now)
    for entry, seats in _group_by_entry(booking):
        _add_again(again, booking, entry, seats, who, now=now)
    return again


def _group_by_entry(booking: Booking) -> Iterator[tuple[Entry, list[Seat]]]:
    """What was let go of when the basket's time was up (not what was taken out of it before), by entry."""
    for entry, seats in groupby(_released_seats(booking), lambda seat: seat.entry):
        entry.account = booking.account
        yield entry, list(seats)


def _released_seats(booking: Booking) -> QuerySet[Seat]:
    gone = Seat.objects.filter(booking=booking, cancelled_by=Channel.BASKET_ABANDONED)
    last = gone.aggregate(at=Max("cancelled_at"))["at"]
    found = gone.filter(cancelled_at=last).order_by("entry__starts_at", "entry", "pk")
    return found.select_related("entry__page", "entry__places", "entry__series", "ticket")


def _choice_path(entry: Entry, seats: Sequence[Seat]) -> str:
    return f"{entry_path(entry)}?{Choice(Counter(seat.ticket_id for seat in seats)).query}"


def _join_again(again: RefilledBasket, booking: Booking, who: Person, *, now: datetime) -> None:
    price = booking.membership_price
    if price is None:
        return
    key = uuid5(booking.uuid, "membership")
    told = {"title": price.membership.title}
    try:
        again.basket = add_membership(None, price, booking.customer, booking.page, who=who, now=now, key=key)
    except NotAllowedError:
        again.refused.append(_("%(title)s: log in to buy it.") % told)
    except NotOnSaleError:
        again.refused.append(_("%(title)s: this membership is no longer on sale.") % told)
    except CustomerGoneError:
        again.refused.append(_("%(title)s: your details have just changed. Choose it again.") % told)
    except AlreadyHasError:
        again.refused.append(_("%(title)s: you already have this membership.") % told)
    except BasketClosedError:
        again.basket = Booking.objects.get(account=booking.account_id, key=key)


def _add_again(
    again: RefilledBasket, booking: Booking, entry: Entry, seats: Sequence[Seat], who: Person, *, now: datetime
) -> None:
    """Hold what can be had of an entry: what the rule refuses is left out, and the rest asked for once more."""
    key = uuid5(booking.uuid, str(entry.pk))
    booking.customer.recognised_by = booking.booker_email
    try:
        again.basket = add_tickets(
            again.basket,
            entry,
            booking.customer,
            _wanted(seats),
            who=who,
            key=key,
            now=now,
            guest=Guest(booking.booker_name, again.network),
        )
    except BookingRefusedError as refusal:
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
    except GuestsHoldTooManyError:
        again.refused.append(_("“%(title)s”: %(why)s") % {"title": entry.title, "why": GUESTS_HOLD_TOO_MANY})
    except (BasketClosedError, KeyTakenError, BasketOfOtherCustomerError):
        return  # the basket that holds it again is on its way already


def _wanted(seats: Sequence[Seat]) -> list[WantedTicket]:
    return [
        WantedTicket(
            ticket=seat.ticket_id,
            name=seat.attendee_name,
            email=seat.attendee_email,
            attendee=Attendee.SELF if seat.self_attendee_id else Attendee.GUEST,
            is_for_booker=seat.is_for_booker,
        )
        for seat in seats
    ]
