"""What the page of a booking tells, as plain data for its outline."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

from bookwhen.fastpath.outlines import Said, SaidKey, said
from bookwhen.money import money
from offers.models import OfferUse
from tickets.annotated import PaymentWithRefunds
from tickets.booking.rename import may_rename
from tickets.models import Booking, Entry, PaymentState, Seat
from tickets.money.on_way import amount_owed
from tickets.public.booking.booking_view import BookedEntry
from tickets.public.booking.cancellation_text import policy_text
from tickets.public.telling import Told, paragraphs


def tell_booking(booking: Booking, visits: Sequence[BookedEntry], payments: Sequence[PaymentWithRefunds]) -> Told:
    """What was booked, and what became of it (`booking.html`)."""
    told = [_tell_entry(visit) for visit in visits]
    live = sum(each["live"] for each in told)
    return {
        "booking": {"uuid": SaidKey(booking.uuid), "reference": said(booking.reference)},
        "booked_entries": told,
        "only": told[0] if len(told) == 1 else None,
        "live": live,
        "cancelled": bool(told) and not live,
        "ahead": any(each["live"] and not each["past"] for each in told),
        "may_cancel": any(each["may_cancel"] for each in told),
        "money": said(_money(booking, visits, payments)),
        "on_way": said(_on_way(booking, visits, payments)),
    }


def known_of(booking: Booking) -> dict[str, Any]:
    """What all templates of a booking know."""
    account = booking.page.account
    return {"page": booking.page, "booking": booking, "currency": account.currency, "locale": account.locale}


def _tell_entry(visit: BookedEntry) -> Told:
    entry = visit.entry
    return {
        "pk": SaidKey(entry.pk),
        "uuid": SaidKey(entry.uuid),
        "title": said(entry.title),
        "when": Said(visit.when),
        "begins": said(formatted(entry.starts_at.astimezone(entry.account.zone), "j F, H:i")),
        "cancelled": entry.cancelled_at is not None,
        "join_link": said(visit.join_link),
        "live": len(visit.live),
        "past": visit.past,
        "may_cancel": visit.may_cancel,
        "priced": visit.priced,
        "message": said(paragraphs(_message(entry))),
        "terms": said(policy_text(visit)),
        "seats": [_tell_seat(seat, visit) for seat in visit.seats],
    }


def _tell_seat(seat: Seat, visit: BookedEntry) -> Told:
    use, cheaper, discount = seat.use, seat.discount_use, seat.discount
    account = visit.entry.account
    price = {"seat": seat, "currency": account.currency, "locale": account.locale}
    return {
        "uuid": SaidKey(seat.uuid),
        "name": said(seat.attendee_name),
        "ticket": said(seat.ticket.name),
        "cancelled": seat.cancelled_at is not None,
        "cancelled_by": str(seat.cancelled_by or ""),
        "cancelled_by_label": said(str(seat.get_cancelled_by_display() or "")),
        "use": _tell_use(use, use.period.offer.group.name) if use else None,
        "discount_use": _tell_use(cheaper, discount.group.name) if discount and cheaper else None,
        "moved": said(_moved_from(seat, visit)),
        "owed": said(money(seat.owed, account.currency, account.locale) if seat.owed > 0 else ""),
        "credit": said(money(-seat.owed, account.currency, account.locale) if seat.owed < 0 else ""),
        "may_rename": may_rename(seat, now=visit.now),
        "price": said(render_to_string("tickets/public/booking_price.html", price)) if visit.priced else "",
    }


def _tell_use(use: OfferUse, group: str) -> Told | None:
    """What a ticket has used of an allowance; None where that has no limit."""
    if use.period.ceiling is None:
        return None
    return {"group": said(group), "limit": use.period.ceiling, "ended": use.ended_at is not None}


def _message(entry: Entry) -> str:
    """What the studio says to everyone booked at an entry (with its cancellation, if there is one)."""
    return entry.cancellation.message if hasattr(entry, "cancellation") else ""


def _moved_from(seat: Seat, visit: BookedEntry) -> str:
    """Where a seat was booked before the studio moved it; empty where it never was."""
    before = seat.moved_from
    if before is None:
        return ""
    day = formatted(before.starts_at.astimezone(visit.entry.account.zone), "j F, H:i")
    return _("%(title)s, %(day)s") % {"title": before.title, "day": day}


def _money(booking: Booking, visits: Sequence[BookedEntry], payments: Sequence[PaymentWithRefunds]) -> str:
    """What was paid; nothing where nothing was, and no membership was bought with it."""
    paid = [each for each in payments if each.state == PaymentState.PAID and each.amount]
    collected = sum(seat.collected for visit in visits for seat in visit.seats)
    if not (booking.purchase or paid or collected):
        return ""
    return _drawn("booking_money", booking, {"payments": paid, "collected": collected})


def _on_way(booking: Booking, visits: Sequence[BookedEntry], payments: Sequence[PaymentWithRefunds]) -> str:
    """What became of payments that were not paid at once."""
    news = [(each, amount_owed(each)) for each in payments if each.is_on_way or each.never_came]
    if not news:
        return ""
    only = visits[0] if len(visits) == 1 else None
    live = sum(len(visit.live) for visit in visits)
    return _drawn("booking_on_way", booking, {"payment_news": news, "only": only, "live": live})


def _drawn(template: str, booking: Booking, context: Mapping[str, object]) -> str:
    with timezone.override(booking.page.account.zone):
        return render_to_string(f"tickets/public/{template}.html", {**known_of(booking), **context})
