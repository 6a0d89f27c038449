"""A studio's public page: what is coming up, as a page, as a calendar feed and for search engines."""

from datetime import date, datetime, time
from typing import Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.dateparse import parse_date

from accounts.access import customer_for
from accounts.letters import absolute
from accounts.models import Customer, SchedulePage
from groups.queries import groups_of_customer
from tickets.calendar import calendar_of
from tickets.models import Entry
from tickets.public.doors import doors
from tickets.public.lines import draw
from tickets.public.listing import by_day, lines_of
from tickets.public.metadata import json_ld
from tickets.public.pages import answer, page_or_404
from tickets.queries import entries_on

PER_PAGE: Final = 50
MOST_IN_FEED: Final = 1000
MOST_IN_SITEMAP: Final = 50_000
FEED_AGE: Final = 300
"""How long, in seconds, a copy of the feed may be kept."""


def schedule(request: HttpRequest, page: str) -> HttpResponse:
    """What is coming up, by local day; `from` (a date) leaves out what is before it."""
    now = timezone.now()
    found = page_or_404(page)
    since = _since(request, now.astimezone(found.account.zone).date())
    shown = Paginator(_upcoming(found, since, now=now), PER_PAGE).get_page(request.GET.get("page"))
    entries = list(shown.object_list)
    for entry in entries:
        entry.page = found
    customer = customer_for(request.user, found.account)
    groups = _groups(customer, now=now)
    lines = lines_of(entries, groups, now=now)
    opened = doors((ticket for line in lines for ticket in line.tickets), groups, found, customer)
    path = reverse("public:schedule", kwargs={"page": found.slug})
    address = absolute(reverse("public:calendar", kwargs={"page": found.slug}))
    context = {
        "page": found,
        "days": [draw(day, group, opened) for day, group in by_day(lines, found.account.zone)],
        "entries": shown,
        "ways": opened.all,
        "since": since,
        "canonical": absolute(path) + (f"?page={shown.number}" if shown.number > 1 and not since else ""),
        "json_ld": json_ld(lines),
        "feed": address,
        "webcal": f"webcal{address[address.index(':') :]}",
    }
    return answer(request, "tickets/public/schedule.html", context, account=found.account)


def calendar(_request: HttpRequest, page: str) -> HttpResponse:
    """What is coming up, to subscribe to: the same for everybody."""
    now = timezone.now()
    found = page_or_404(page)
    entries = list(entries_on(found, now=now)[:MOST_IN_FEED])
    for entry in entries:
        entry.account, entry.page = found.account, found
    response = HttpResponse(
        calendar_of(entries, name=found.title, now=now),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{found.slug}.ics"'},
    )
    patch_cache_control(response, public=True, max_age=FEED_AGE)
    return response


def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page, for search engines."""
    slugs = SchedulePage.objects.order_by("pk").values_list("slug", flat=True)[:MOST_IN_SITEMAP]
    addresses = [absolute(reverse("public:schedule", kwargs={"page": slug})) for slug in slugs]
    return render(request, "tickets/public/sitemap.xml", {"addresses": addresses}, content_type="application/xml")


def _since(request: HttpRequest, today: date) -> date | None:
    try:
        since = parse_date(request.GET.get("from", ""))
    except ValueError:
        return None
    return since if since and since > today else None


def _upcoming(page: SchedulePage, since: date | None, *, now: datetime) -> QuerySet[Entry]:
    entries = entries_on(page, now=now)
    if since is None:
        return entries
    return entries.filter(starts_at__gte=datetime.combine(since, time.min, page.account.zone))


def _groups(customer: Customer | None, *, now: datetime) -> set[int]:
    return set(groups_of_customer(customer, now=now).values_list("pk", flat=True)) if customer else set()
