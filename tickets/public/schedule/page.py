"""The page of a schedule, for anyone who looks; strangers all see the same, which is kept while nothing has changed."""

from datetime import datetime, time
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from accounts.access import customer_for
from accounts.email_queue import absolute
from accounts.models import SchedulePage, User
from accounts.public.pages import page_or_404, read_page, render_page
from bookwhen.dates import is_sensible
from bookwhen.fastpath.fingerprint import Fingerprint, Given, Read, Reading
from bookwhen.fastpath.kept_answers import Drawn, KeptAnswers
from groups.queries import read_groups_of
from memberships.opening import NOBODY, read_opening_prices
from tickets.public.entry.membership_options import load_membership_options
from tickets.public.schedule.programme import Listed, load_programme, upcoming
from tickets.queries import read_tickets_at

IN_ADDRESS: Final = frozenset({"from", "after"})
"""What an address may ask for, if its page is to be kept."""
LONGEST_ADDRESS: Final = 300
"""Characters of a host, a path and a query: what is kept is weighed without them (`kept_answers.OVERHEAD`)."""

READ: Final = Fingerprint(
    page=Reading(read_page, (Given("slug"),)),
    entries=Reading(upcoming, (Read("page", "id"), Given("now"), Given("since"), Given("key"))),
    tickets=Reading(read_tickets_at, (Read("entries", "id"),)),
    prices=Reading(
        read_opening_prices, (Read("page", "account_id"), Read("page", "id"), Read("tickets", "group_ids"), NOBODY)
    ),
)
"""Everything that a stranger's page reads."""
PAGES: Final = KeptAnswers(READ, most=32_000_000)


def draw_page(request: HttpRequest, slug: str, *, now: datetime) -> Drawn:
    """The page that an address asks for."""
    page = page_or_404(slug)
    since = _since(request, page, now=now)
    customer = customer_for(request.user, page.account)
    groups = {group.pk for group in read_groups_of(customer, now=now)} if customer else set[int]()
    listed = load_programme(page, groups, since, request.GET, now=now)
    tickets = (ticket for line in listed.programme.lines for ticket in line.tickets)
    opened = load_membership_options(tickets, groups, page, customer)
    days, events = listed.programme.render(opened)
    feed = absolute(reverse("public:calendar", kwargs={"page": page.slug}))
    context = {
        "page": page,
        "days": days,
        "entries": listed.pages,
        "membership_options": opened.all,
        "since": since,
        "canonical": _canonical(request, page, listed, since),
        "json_ld": events,
        "feed": feed,
        "webcal": f"webcal{feed[feed.index(':') :]}",
    }
    response = render_page(request, "tickets/public/schedule.html", context, account=page.account)
    if not isinstance(request.user, User):
        patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return Drawn(
        response=response,
        given=_given(slug, listed),
        until=min((each for each in (listed.programme.until, since) if each), default=None),
        account=page.account.slug,
    )


def _given(slug: str, listed: Listed) -> dict[str, object] | None:
    """What the fingerprint of a page is read with; None: it is not to be kept."""
    begins = listed.begins
    if not listed.is_wanted:
        return None
    return {"slug": slug, "since": begins.instant if begins else None, "key": begins.key if begins else 0}


def _canonical(request: HttpRequest, page: SchedulePage, listed: Listed, since: datetime | None) -> str:
    """The one address of what is shown, for search engines."""
    path = absolute(reverse("public:schedule", kwargs={"page": page.slug}))
    name = "before" if "before" in request.GET else "after"
    return f"{path}?{urlencode({name: request.GET[name]})}" if listed.pages.previous and not since else path


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
