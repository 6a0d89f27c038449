"""An entry's page: what it is, and its tickets as this visitor may have them."""

from datetime import datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.email_queue import absolute
from tickets.public.entry.cards import cards
from tickets.public.entry.entry_context import AtEntry, look_at
from tickets.public.entry.membership_options import to_add
from tickets.public.pages import answer
from tickets.public.schedule.lines import draw_when
from tickets.public.schedule.listing import Line
from tickets.public.schedule.metadata import entry_path, json_ld


def entry(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """The page of an entry; the query may hold a choice to begin with."""
    now = timezone.now()
    return entry_page(request, look_at(request, page, entry, now=now), now=now)


def entry_page(request: HttpRequest, seen: AtEntry, *, now: datetime, problem: str = "") -> HttpResponse:
    """Show an entry with its tickets; a `problem` with the choice goes to the top."""
    entry = seen.entry
    line = Line(entry=entry, tickets=seen.facts.visible, now=now)
    over = entry.cancelled_at is not None or entry.starts_at <= now
    path = entry_path(entry)
    shown = [] if over else cards(seen, now=now)
    context = {
        "page": entry.page,
        "entry": entry,
        "line": line,
        "when": draw_when(entry),
        "past": entry.starts_at <= now,
        "cards": shown,
        "bookable": any(card.most for card in shown),
        "costs": any(card.most and card.ticket.price for card in shown),
        "held_here": 0 if over else seen.here,
        "to_add": to_add(card.ways for card in shown),
        "key": uuid4(),
        "who": seen.who,
        "problem": problem,
        "review_url": reverse("public:review", kwargs={"page": entry.page.slug, "entry": entry.uuid}),
        "entry_url": path,
        "canonical": absolute(path),
        "json_ld": json_ld([line]),
    }
    return answer(request, "tickets/public/entry.html", context, account=entry.account, status=422 if problem else 200)
