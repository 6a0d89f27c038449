"""A page's calendar feed, which is the same for everybody, and kept while nothing has changed."""

from datetime import datetime
from typing import Final

from django.http import HttpResponse
from django.utils.cache import patch_cache_control

from accounts.public.pages import page_or_404, read_page
from bookwhen.fastpath.fingerprint import Fingerprint, Given, Read, Reading
from bookwhen.fastpath.kept_answers import Drawn, KeptAnswers
from tickets.calendar import calendar_of, without_stamps
from tickets.queries import entries_in_feed, read_ahead_in_feed, read_over_in_feed

FEED_AGE: Final = 300
"""How long, in seconds, a copy of the feed may be kept."""

READ: Final = Fingerprint(
    page=Reading(read_page, (Given("slug"),)),
    over=Reading(read_over_in_feed, (Read("page", "id"), Given("now"))),
    ahead=Reading(read_ahead_in_feed, (Read("page", "id"), Given("now"))),
)
FEEDS: Final = KeptAnswers(READ, most=32_000_000)


def draw_feed(slug: str, *, now: datetime) -> Drawn:
    """The feed of a page."""
    page = page_or_404(slug)
    entries = entries_in_feed(page, now=now)
    for entry in entries:
        entry.account, entry.page = page.account, page
    response = HttpResponse(
        calendar_of(entries, name=page.title, now=now),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{page.slug}.ics"'},
    )
    patch_cache_control(response, public=True, max_age=FEED_AGE)
    return Drawn(
        response=response, given={"slug": slug}, until=None, account=page.account.slug, same_for=without_stamps
    )
