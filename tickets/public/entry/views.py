"""An entry's page: what it is, and its tickets as this visitor may have them."""

from datetime import datetime
from typing import Final
from unicodedata import normalize
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.html import linebreaks
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from accounts.email_queue import absolute
from bookwhen.fastpath.outlines import Outlines, Said, SaidKey, said
from tickets.details import details_of
from tickets.models import Entry, Picture
from tickets.pictures.addresses import LARGE, SMALL, picture_path
from tickets.public.entry.cards import TicketCard, ticket_cards
from tickets.public.entry.entry_context import EntryContext, load_entry_context
from tickets.public.entry.membership_options import options_to_add
from tickets.public.frame import MOST, outlined, tell_person
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.listing import EntryLine
from tickets.public.schedule.metadata import entry_path, json_ld
from tickets.public.telling import Told, tell_options

PAGES: Final = Outlines("tickets/public/entry.html", MOST)
ABOUT: Final = 160
"""Characters that other sites show of what an entry is."""


def entry(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """The page of an entry; the query may hold a choice to begin with."""
    now = timezone.now()
    return entry_page(request, load_entry_context(request, page, entry, now=now), now=now)


def entry_page(request: HttpRequest, seen: EntryContext, *, now: datetime, problem: str = "") -> HttpResponse:
    """Show an entry with its tickets; a `problem` with the choice goes to the top."""
    entry = seen.entry
    over = entry.cancelled_at is not None or entry.starts_at <= now
    cards = [] if over else ticket_cards(seen, now=now)
    told = {"held_here": 0 if over else seen.basket_quantity, "problem": said(problem)}
    shown = {**_tell_entry(seen, now=now), **_tell_tickets(seen, cards), **told}
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
            "description": said(_paragraphs(entry.description)),
            "led_by": said(led_by.text),
            "tags": [said(tag) for tag in tags],
            "picture": tell_picture(entry.picture),
            "is_online": entry.venue is not None and entry.venue.online,
            "cancelled": entry.cancelled_at is not None,
            "own_booking": entry.own_booking and SaidKey(entry.own_booking),
        },
        "when": Said(render_when(entry, whole=True)),
        "past": entry.starts_at <= now,
        "state": line.state,
        "few_left": line.few_left,
        "canonical": Said(absolute(entry_path(entry))),
        "json_ld": Said(json_ld([line])),
    }


def _tell_tickets(seen: EntryContext, cards: list[TicketCard]) -> Told:
    return {
        "cards": [card.told for card in cards],
        "bookable": any(card.most for card in cards),
        "costs": any(card.most and card.ticket.price for card in cards),
        "options_to_add": tell_options(options_to_add(card.membership_options for card in cards)),
        "key": SaidKey(uuid4, later=True),
        "who": tell_person(seen.who),
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


def _paragraphs(text: str) -> str:
    return mark_safe(linebreaks(text, autoescape=True)) if text else ""  # noqa: S308 - escaped


def _about(entry: Entry) -> str:
    text = entry.description or entry.title
    return normalize("NFC", text) if len(text) <= ABOUT else Truncator(text).chars(ABOUT)
