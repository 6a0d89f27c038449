"""A studio's public page: what is coming up, as a page and as a calendar feed."""

from datetime import datetime, time
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.dateparse import parse_date

from accounts.access import customer_for
from accounts.email_queue import absolute
from accounts.models import SchedulePage
from accounts.public.pages import page_or_404, render_page
from bookwhen.dates import is_sensible
from bookwhen.replica.routing import reads_replica
from groups.queries import read_groups_of
from tickets.calendar import calendar_of
from tickets.public.entry.membership_options import load_membership_options
from tickets.public.schedule.programme import load_programme
from tickets.queries import entries_in_feed

FEED_AGE: Final = 300
"""How long, in seconds, a copy of the feed may be kept."""


@reads_replica
def schedule(request: HttpRequest, page: str) -> HttpResponse:
    """What is coming up, by local day; `from` (a date) leaves out what is before it."""
    now = timezone.now()
    found = page_or_404(page)
    since = _since(request, found, now=now)
    customer = customer_for(request.user, found.account)
    groups = {group.pk for group in read_groups_of(customer, now=now)} if customer else set[int]()
    listed, shown = load_programme(found, groups, since, request.GET.get("page"), now=now)
    opened = load_membership_options(
        (ticket for line in listed.lines for ticket in line.tickets), groups, found, customer
    )
    days, events = listed.render(opened)
    path = reverse("public:schedule", kwargs={"page": found.slug})
    address = absolute(reverse("public:calendar", kwargs={"page": found.slug}))
    context = {
        "page": found,
        "days": days,
        "entries": shown,
        "membership_options": opened.all,
        "since": since,
        "canonical": absolute(path) + (f"?page={shown.number}" if shown.number > 1 and not since else ""),
        "json_ld": events,
        "feed": address,
        "webcal": f"webcal{address[address.index(':') :]}",
    }
    return render_page(request, "tickets/public/schedule.html", context, account=found.account)


@reads_replica
def calendar(_request: HttpRequest, page: str) -> HttpResponse:
    """What is coming up, runs now and was on in the last weeks, to subscribe to: the same for everybody."""
    now = timezone.now()
    found = page_or_404(page)
    entries = entries_in_feed(found, now=now)
    for entry in entries:
        entry.account, entry.page = found.account, found
    response = HttpResponse(
        calendar_of(entries, name=found.title, now=now),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{found.slug}.ics"'},
    )
    patch_cache_control(response, public=True, max_age=FEED_AGE)
    return response


def _since(request: HttpRequest, page: SchedulePage, *, now: datetime) -> datetime | None:
    """The first midnight of the page's zone that is wanted, where that is still to come."""
    try:
        day = parse_date(request.GET.get("from", ""))
    except ValueError:
        return None
    zone = page.account.zone
    if day is None or not is_sensible(day) or day <= now.astimezone(zone).date():
        return None
    return datetime.combine(day, time.min, zone)
