"""An entry's page: what it is, and its tickets as this visitor may have them."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.letters import absolute
from tickets.facts import Facts, Person, gather, person
from tickets.models import Entry
from tickets.public.cards import cards
from tickets.public.choice import Choice, read_choice
from tickets.public.lines import draw_when
from tickets.public.listing import Line
from tickets.public.metadata import entry_path, json_ld
from tickets.public.pages import answer, entry_or_404


def entry(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """The page of an entry; the query may hold a choice to begin with."""
    now = timezone.now()
    found = entry_or_404(page, entry, request.user)
    who = person(found.account, request.user)
    facts = gather(found, who, now=now)
    return entry_page(request, found, who, facts, read_choice(request.GET, facts.visible), now=now)


def entry_page(
    request: HttpRequest,
    entry: Entry,
    who: Person,
    facts: Facts,
    choice: Choice,
    *,
    now: datetime,
    problem: str = "",
) -> HttpResponse:
    """Show an entry with its tickets; a `problem` with the choice goes to the top."""
    line = Line(entry=entry, tickets=facts.visible, now=now)
    over = entry.cancelled_at is not None or entry.starts_at <= now
    path = entry_path(entry)
    booked = bool(entry.own_booking)  # type: ignore[attr-defined]
    shown = [] if over else cards(entry, who, facts, choice, booked=booked, now=now)
    context = {
        "page": entry.page,
        "entry": entry,
        "line": line,
        "when": draw_when(entry),
        "past": entry.starts_at <= now,
        "cards": shown,
        "bookable": any(card.most for card in shown),
        "who": who,
        "problem": problem,
        "review_url": reverse("public:review", kwargs={"page": entry.page.slug, "entry": entry.uuid}),
        "entry_url": path,
        "canonical": absolute(path),
        "json_ld": json_ld([line]),
    }
    return answer(request, "tickets/public/entry.html", context, account=entry.account, status=422 if problem else 200)
