"""An entry's page: what it is, and its tickets as this visitor may have them."""

from datetime import datetime
from typing import Final
from unicodedata import normalize
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.text import Truncator

from accounts.email_queue import absolute
from accounts.models import Account
from bookwhen.fastpath.outlines import Outlines, Said, SaidKey, said
from bookwhen.money import decimals
from tickets.annotated import VisitedEntry
from tickets.details import details_of
from tickets.models import Entry, Picture, WaitState
from tickets.pictures.addresses import LARGE, SMALL, picture_path
from tickets.public.basket.code import carry_code
from tickets.public.basket.code_cookie import CODE
from tickets.public.booking.cancellation_text import terms_text
from tickets.public.entry.cards import TicketCard, ticket_cards
from tickets.public.entry.entry_context import EntryContext, load_entry_context
from tickets.public.entry.membership_options import options_to_add
from tickets.public.frame import MOST, outlined, tell_family, tell_person
from tickets.public.prices import format_price
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.listing import EntryLine
from tickets.public.schedule.metadata import entry_path, json_ld
from tickets.public.telling import Told, paragraphs, tell_options
from tickets.public.waiting.offered import LOST, note_lost_offer, own_request
from tickets.queries import cancellation_message

PAGES: Final = Outlines("tickets/public/entry.html", MOST)
ABOUT: Final = 160
"""Characters that other sites show of what an entry is."""


def entry(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """The page of an entry; the query may hold a choice to begin with."""
    now = timezone.now()
    if CODE in request.GET and request.method != "POST":
        return carry_code(request, page)
    return entry_page(request, load_entry_context(request, page, entry, now=now), now=now)


def entry_page(request: HttpRequest, seen: EntryContext, *, now: datetime, problem: str = "") -> HttpResponse:
    """Show an entry with its tickets; a `problem` with the choice goes to the top."""
    entry = seen.entry
    over = entry.cancelled_at is not None or entry.starts_at <= now
    note_lost_offer(entry, now=now)
    cards = [] if over else ticket_cards(seen, now=now)
    told = {"held_here": 0 if over else seen.basket_quantity, "problem": said(problem)}
    shown = {**_tell_entry(seen, now=now), **_tell_tickets(seen, cards, now=now), **told}
    return outlined(request, PAGES, shown, page=entry.page, status=422 if problem else 200)


def _tell_entry(seen: EntryContext, *, now: datetime) -> Told:
    entry = seen.entry
    details = details_of(entry)
    led_by, tags = details.led_by[entry.pk], details.tags[entry.pk]
    line = EntryLine(entry=entry, tickets=seen.facts.visible, now=now, led_by=led_by, tags=tags)
    return {
        "entry": {
            "uuid": SaidKey(entry.uuid),
            "title": said(entry.title),
            "day": said(formatted(entry.starts_at.astimezone(entry.account.zone), "j F Y")),
            "about": said(_about(entry)),
            "description": said(paragraphs(entry.description)),
            "led_by": said(led_by.text),
            "tags": [said(tag) for tag in tags],
            "picture": tell_picture(entry.picture),
            "is_online": entry.venue is not None and entry.venue.online,
            "cancelled": entry.cancelled_at is not None,
            "message": said(paragraphs(cancellation_message(entry))),
            "own_booking": entry.own_booking and SaidKey(entry.own_booking),
            **_tell_waiting(entry),
        },
        "when": Said(render_when(entry, whole=True)),
        "past": entry.starts_at <= now,
        "state": line.state,
        "few_left": line.few_left,
        "canonical": Said(absolute(entry_path(entry))),
        "json_ld": Said(json_ld([line])),
    }


def _tell_waiting(entry: VisitedEntry) -> Told:
    """Whether the visitor's login waits there, or has an offer."""
    own, state = own_request(entry)
    told = {"has_offer": state == WaitState.OFFERED, "has_lost_offer": state == LOST}
    return {"own_request": SaidKey(own) if own else None, **told}


def _tell_tickets(seen: EntryContext, cards: list[TicketCard], *, now: datetime) -> Told:
    account, can_have = seen.entry.account, [card for card in cards if card.most]
    paid = any(card.ticket.price for card in can_have)
    return {
        "cards": [card.told for card in cards],
        "bookable": bool(can_have),
        "can_wait": any(card.way_to_wait for card in cards),
        "costs": paid,
        "total": said(_total_text(cards, account)),
        "currency": account.currency,
        "minor_units": 10 ** decimals(account.currency),
        "terms": said(_terms_text(seen, can_have, now=now)) if can_have else "",
        "options_to_add": tell_options(options_to_add(card.membership_options for card in cards if card.says_why)),
        "key": SaidKey(uuid4, later=True),
        "who": tell_person(seen.who),
        "family": tell_family(seen.who, seen.choice),
        "whose": SaidKey(seen.choice.whose) if seen.choice.whose else None,
    }


def tell_picture(picture: Picture | None) -> Told | None:
    """A picture, in both sizes."""
    if picture is None:
        return None
    large, small = (said(picture_path(picture.uuid, size)) for size in (LARGE, SMALL))
    return {
        "large": large,
        "small": small,
        "alt": said(picture.alt),
        "width": said(str(picture.width)),
        "height": said(str(picture.height)),
    }


def _terms_text(seen: EntryContext, can_have: list[TicketCard], *, now: datetime) -> str:
    """How what is chosen can be cancelled, or while nothing is, what can be booked; the order’s page says it of all."""
    cards = [card for card in can_have if card.chosen] or can_have
    charged = int(any(card.limits_uses for card in cards))
    return terms_text(seen.entry, charged=charged, paid=max(card.ticket.price for card in cards), now=now)


def _total_text(cards: list[TicketCard], account: Account) -> str:
    """What is chosen costs altogether; empty where that is nothing, or a discount may not be for all of it."""
    chosen = [card for card in cards if card.chosen]
    if any(card.discounted and card.chosen > 1 for card in chosen):
        return ""
    total = sum(card.amount * card.chosen for card in chosen)
    return format_price(total, account) if total else ""


def _about(entry: Entry) -> str:
    text = entry.description or entry.title
    return normalize("NFC", text) if len(text) <= ABOUT else Truncator(text).chars(ABOUT)
