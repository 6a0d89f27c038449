"""The page of a schedule, for anyone who looks; strangers all see the same, which is kept while nothing has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Final

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from accounts.access import customer_for
from accounts.email_queue import absolute
from accounts.language import speak
from accounts.models import Account, Customer, SchedulePage, User
from accounts.public.pages import page_or_404, read_page, render_page
from bookwhen.context import site
from bookwhen.fastpath.fingerprint import Fingerprint, Given, Read, Reading
from bookwhen.fastpath.holes import draw_with_holes, fill_holes
from bookwhen.fastpath.kept_answers import Drawn, KeptAnswers
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.fastpath.kept_values import KeptValues, Made
from bookwhen.fastpath.known import Known
from bookwhen.installation.copies import quiet_copy
from bookwhen.keyset import KeysetPage
from memberships.opening import NOBODY, read_opening_prices
from offers.periods import local_day
from tickets.availability.ahead import Ahead, read_ahead_at, read_ahead_on
from tickets.details import read_leaders_at, read_tags_at
from tickets.models import Entry
from tickets.public.basket.cookie import count_basket_items
from tickets.public.entry.membership_options import MembershipOption, load_membership_options
from tickets.public.schedule.asking import Asked, WeekStrip, is_rare, read_asked, week_strip
from tickets.public.schedule.filtering import EventChoices, event_choices, find_named
from tickets.public.schedule.own import OwnNotes, own_notes
from tickets.public.schedule.programme import PER_PAGE, Beginning, Listed, begins_at, load_programme, upcoming
from tickets.queries import read_tickets_at

IN_ADDRESS: Final = frozenset({"from", "after"})
"""What an address may ask for, if its page is to be kept."""
LONGEST_ADDRESS: Final = 300
"""Characters of a host, a path and a query: what is kept is weighed without them (`kept_answers.OVERHEAD`)."""
TEMPLATE: Final = "tickets/public/schedule.html"

READ: Final = Fingerprint(
    page=Reading(read_page, (Given("slug"),)),
    entries=Reading(upcoming, (Read("page", "id"), Given("now"), Given("since"), Given("key"))),
    tickets=Reading(read_tickets_at, (Read("entries", "id"),)),
    leaders=Reading(read_leaders_at, (Read("entries", "id"),)),
    tags=Reading(read_tags_at, (Read("entries", "id"),)),
    prices=Reading(
        read_opening_prices,
        (
            *(Read("page", "account_id"), Read("page", "id"), Read("tickets", "group_ids")),
            *(Given("standing"), Given("customer")),
        ),
    ),
)
"""Everything that a page reads, but for the groups in which its visitor stands."""
PAGES: Final = KeptAnswers(READ, most=32_000_000)
OVERHEAD: Final = 12_000
"""Bytes that what a page shows takes beside its HTML, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows to everybody who stands in the same groups."""

    page: SchedulePage
    days: SafeString
    events: SafeString
    entries: KeysetPage[Entry]
    membership_options: Sequence[MembershipOption]
    asked: Asked
    week: WeekStrip
    choices: EventChoices | None
    canonical: str
    html: KeptHtml[str] = field(default_factory=lambda: KeptHtml(1))


def _weigh(shown: Shown) -> int:
    """Its HTML is there twice: in the page, and for those of whom the page says more."""
    return OVERHEAD + 2 * (len(shown.days) + len(shown.events))


SHOWN: Final = KeptValues[Shown](READ, most=32_000_000, weigh=_weigh)
_ACCOUNTS: Final = Known[str, Account](1000)
"""Whose the page of an address was when it was last shown."""


def draw_page(request: HttpRequest, slug: str, *, now: datetime) -> Drawn:
    """The page that an address asks for."""
    page = page_or_404(slug)
    asked = read_asked(request.GET, page.account.zone, now=now)
    asked = replace(asked, events=find_named(page, asked.events, asked.since, now=now))
    made = _read_shown(page, asked, _visitor(request, slug, page.account, asked))
    response = _render(request, made.value)
    return Drawn(response=response, given=made.given, until=made.until, account=page.account.slug)


def page_for_one(request: HttpRequest, slug: str, *, now: datetime) -> HttpResponse:
    """The same for somebody of whom something is known: their own frame around what many see."""
    if is_rare(request.GET):
        return draw_page(request, slug, now=now).response
    account = _ACCOUNTS.get(slug) or page_or_404(slug).account
    asked = read_asked(request.GET, account.zone, now=now)
    visitor = _visitor(request, slug, account, asked)
    key = slug, visitor.ahead and visitor.ahead.told, request.GET.get("from"), request.GET.get("after")
    made = partial(_read_for_one, slug, account, asked, visitor)
    shown = SHOWN.get(key, made, now=now, **visitor.given)
    if not _is_asked_alike(account, _ACCOUNTS.put(slug, shown.page.account)):
        return page_for_one(request, slug, now=now)
    speak(shown.page.account)
    if isinstance(request.user, User) and _is_plain(request, shown.page.account):
        return _render_kept(request, shown, request.user)
    return _render(request, shown)


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Who looks: the account's customer, if they are one, and what is theirs at the events that are asked for."""

    customer: Customer | None = None
    groups: frozenset[int] = frozenset()
    ahead: Ahead | None = None

    @property
    def given(self) -> dict[str, object]:
        """What a fingerprint is read with for them."""
        return {"customer": self.customer.pk if self.customer else NOBODY, "standing": sorted(self.groups)}


def _read_for_one(slug: str, account: Account, asked: Asked, visitor: _Visitor) -> Made[Shown]:
    """What somebody sees; kept if the account is as it was when they were found and their days were told."""
    page = page_or_404(slug)
    made = _read_shown(page, asked, visitor)
    return made if _is_asked_alike(account, page.account) else replace(made, given=None)


def _is_asked_alike(was: Account, found: Account) -> bool:
    """Whether an address asks the same of both: no, once it has gone to another studio, or a day is another there."""
    return (was.pk, was.time_zone) == (found.pk, found.time_zone)


def _visitor(request: HttpRequest, slug: str, account: Account, asked: Asked) -> _Visitor:
    customer = customer_for(request.user, account)
    if customer is None:
        return _Visitor()
    begins, _ = begins_at(asked)
    begins = begins or Beginning(asked.now)
    ahead = read_ahead_on(customer, slug, begins.instant, begins.key, most=PER_PAGE, now=asked.now)
    return _Visitor(customer, ahead.groups_now(asked.now), ahead)


def _read_shown(page: SchedulePage, asked: Asked, visitor: _Visitor) -> Made[Shown]:
    listed = load_programme(page, visitor.groups, asked)
    lines = listed.programme.lines
    opened = load_membership_options(
        (ticket for line in lines for ticket in line.tickets), visitor.groups, page, visitor.customer
    )
    days, events = listed.programme.render(opened, _own(listed, visitor, asked))
    shows_choices = asked.events.is_open or asked.events.is_filtered
    shown = Shown(
        page=page,
        days=days,
        events=events,
        entries=replace(listed.pages, rows=()),
        membership_options=opened.all,
        asked=asked,
        week=week_strip(asked, _chosen_day(listed, asked)),
        choices=event_choices(page, asked.events, asked.since, now=asked.now) if shows_choices else None,
        canonical=_canonical(page, listed, asked),
    )
    given = _given(page.slug, listed)
    until = min(each for each in (listed.programme.until, asked.since, asked.midnight) if each)
    return Made(value=shown, given=given and {**given, **visitor.given}, until=until)


def _own(listed: Listed, visitor: _Visitor, asked: Asked) -> OwnNotes:
    """What the lines say to this visitor alone."""
    lines, ahead = listed.programme.lines, visitor.ahead
    if visitor.customer and not listed.is_wanted:  # other events than those that were asked about
        ahead = read_ahead_at(visitor.customer, [line.entry.pk for line in lines], now=asked.now)
    return own_notes(lines, ahead, now=asked.now)


def _chosen_day(listed: Listed, asked: Asked) -> date:
    """The day that the strip of days marks: the one asked for, else that of the first event of a later page."""
    lines = listed.programme.lines
    is_later = bool(listed.pages.previous) and bool(lines)
    first = local_day(lines[0].entry.starts_at, asked.zone) if is_later else asked.today
    return max(first, asked.since.date()) if asked.since else first


def _render(request: HttpRequest, shown: Shown) -> HttpResponse:
    context = _context(shown, request.GET)
    response = render_page(request, TEMPLATE, context, account=shown.page.account)
    if not isinstance(request.user, User):
        patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response


def _render_kept(request: HttpRequest, shown: Shown, user: User) -> HttpResponse:
    """The same for somebody who is logged in, of whom the page says nothing but who they are."""
    with timezone.override(shown.page.account.zone):
        html = shown.html.get((), lambda: draw_with_holes(TEMPLATE, {**site(request), **_context(shown, request.GET)}))
    response = HttpResponse(fill_holes(html, request, user.email))
    patch_vary_headers(response, ["Cookie"])
    return response


def _is_plain(request: HttpRequest, account: Account) -> bool:
    """Whether the page says nothing else of the visitor, and of nothing else that the address asks for."""
    asks = IN_ADDRESS.issuperset(request.GET)
    return asks and quiet_copy() is None and not get_messages(request) and not count_basket_items(request, account)


def _context(shown: Shown, address: Mapping[str, str]) -> dict[str, object]:
    feed = absolute(reverse("public:calendar", kwargs={"page": shown.page.slug}))
    return {
        "page": shown.page,
        "days": shown.days,
        "entries": replace(shown.entries, address=address),
        "membership_options": shown.membership_options,
        "since": shown.asked.since,
        "today": shown.asked.today,
        "filter": shown.asked.events,
        "choices": shown.choices,
        "week": shown.week,
        "canonical": shown.canonical,
        "json_ld": shown.events,
        "feed": feed,
        "webcal": f"webcal{feed[feed.index(':') :]}",
    }


def _given(slug: str, listed: Listed) -> dict[str, object] | None:
    """What the fingerprint of a page is read with; None: it is not to be kept."""
    begins = listed.begins
    if not listed.is_wanted:
        return None
    return {"slug": slug, "since": begins.instant if begins else None, "key": begins.key if begins else 0}


def _canonical(page: SchedulePage, listed: Listed, asked: Asked) -> str:
    """The one address of what is shown, for search engines."""
    path = absolute(reverse("public:schedule", kwargs={"page": page.slug}))
    name = "before" if "before" in asked.address else "after"
    is_whole = not asked.since and not asked.events.is_filtered
    return f"{path}?{urlencode({name: asked.address[name]})}" if listed.pages.previous and is_whole else path
