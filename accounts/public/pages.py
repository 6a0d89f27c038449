"""What public pages share: fetching the schedule page, answering in its time zone, keeping an answer private."""

from collections.abc import Mapping
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.language import speak
from accounts.models import Account, SchedulePage
from bookwhen.fastpath.compiled import compiled_query

M = TypeVar("M", bound=Model)


class SeeOther(HttpResponseRedirect):
    """Go on by GET, on a page that may be another site's."""

    status_code = 303


def page_or_404(slug: str) -> SchedulePage:
    """The public page of this address, with its account and connection; what follows speaks its language."""
    found = one_or_404(read_page(slug))
    speak(found.account)
    return found


def one_or_404(found: list[M]) -> M:
    """The first of the rows that were found; 404 where there is none."""
    if not found:
        raise Http404
    return found[0]


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, account: Account, status: int = 200
) -> HttpResponse:
    """Render a page with its times in the account's time zone."""
    with timezone.override(account.zone):
        return render(request, template, context, status=status)


def keep_private(response: HttpResponse) -> HttpResponse:
    """Keep a page with a secret address out of caches, search engines and other sites' logs."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    # Not "no-referrer": the browser would then send our own forms without saying where they come from.
    response["Referrer-Policy"] = "same-origin"
    return response


@compiled_query
def read_page(slug: str) -> QuerySet[SchedulePage]:
    """The public page of an address, with its account and connection."""
    return SchedulePage.objects.with_connection().filter(slug=slug)
