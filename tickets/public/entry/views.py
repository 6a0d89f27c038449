"""An entry's page: what it is, and its tickets as this visitor may have them."""

from datetime import datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.email_queue import absolute
from accounts.public.pages import render_page
from tickets.public.entry.cards import ticket_cards
from tickets.public.entry.entry_context import EntryContext, load_entry_context
from tickets.public.entry.membership_options import options_to_add
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.listing import EntryLine
from tickets.public.schedule.metadata import entry_path, json_ld


def entry(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """The page of an entry; the query may hold a choice to begin with."""
    now = timezone.now()
    return entry_page(request, load_entry_context(request, page, entry, now=now), now=now)


def entry_page(request: HttpRequest, seen: EntryContext, *, now: datetime, problem: str = "") -> HttpResponse:
    """Show an entry with its tickets; a `problem` with the choice goes to the top."""
    entry = seen.entry
    line = EntryLine(entry=entry, tickets=seen.facts.visible, now=now)
    over = entry.cancelled_at is not None or entry.starts_at <= now
    path = entry_path(entry)
    shown = [] if over else ticket_cards(seen, now=now)
    context = {
        "page": entry.page,
        "entry": entry,
        "line": line,
        "when": render_when(entry),
        "past": entry.starts_at <= now,
        "cards": shown,
        "bookable": any(card.most for card in shown),
        "costs": any(card.most and card.ticket.price for card in shown),
        "held_here": 0 if over else seen.basket_quantity,
        "options_to_add": options_to_add(card.membership_options for card in shown),
        "key": uuid4(),
        "who": seen.who,
        "problem": problem,
        "review_url": reverse("public:review", kwargs={"page": entry.page.slug, "entry": entry.uuid}),
        "entry_url": path,
        "canonical": absolute(path),
        "json_ld": json_ld([line]),
    }
    return render_page(
        request, "tickets/public/entry.html", context, account=entry.account, status=422 if problem else 200
    )
