"""A studio's public page: what is coming up, as a page and as a calendar feed."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bookwhen.installation.copies import quiet_copy
from bookwhen.replica.routing import is_strangers_look, reads_replica
from tickets.public.basket.code import carry_code
from tickets.public.basket.code_cookie import CODE
from tickets.public.schedule.feed import FEEDS, draw_feed
from tickets.public.schedule.page import IN_ADDRESS, LONGEST_ADDRESS, PAGES, draw_page, page_for_one


@reads_replica
def schedule(request: HttpRequest, page: str) -> HttpResponse:
    """What is coming up, by local day; `from` (a date) leaves out what is before it."""
    now = timezone.now()
    if CODE in request.GET:
        return carry_code(request, page)
    if len(request.get_host()) + len(request.get_full_path()) > LONGEST_ADDRESS:
        return draw_page(request, page, now=now).response
    if not _is_for_everybody(request):
        return page_for_one(request, page, now=now)
    key = (request.get_host(), request.get_full_path())
    return PAGES.answer(request, key, lambda: draw_page(request, page, now=now), now=now)


@reads_replica
def calendar(request: HttpRequest, page: str) -> HttpResponse:
    """What is coming up, runs now and was on in the last weeks, to subscribe to: the same for everybody."""
    now = timezone.now()
    return FEEDS.answer(request, page, lambda: draw_feed(page, now=now), now=now)


def _is_for_everybody(request: HttpRequest) -> bool:
    """Whether every stranger who asks for this address sees the same page of the schedule."""
    return IN_ADDRESS.issuperset(request.GET) and is_strangers_look(request) and quiet_copy() is None
