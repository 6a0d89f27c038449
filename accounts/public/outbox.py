"""The demo's outbox: every e-mail the site wrote, to read without a mail server. Outside settings.DEMO it is 404."""

import logging
from functools import wraps
from typing import Final

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from accounts.access import View
from accounts.email_delivery import letter_html
from accounts.email_writing import write_out
from accounts.models import Letter
from bookwhen.email_address import fold_email
from bookwhen.keyset import keyset_page
from bookwhen.text import searchable

log = logging.getLogger(__name__)

INERT: Final = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:", SELF],
    "frame-ancestors": [SELF],
}
"""The policy for an e-mail's HTML: styles inline, as mail programs need; scripts, forms and what is others’ never."""


def _in_demo(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(request, **kwargs)

    return wrapped


@_in_demo
def letters(request: HttpRequest) -> HttpResponse:
    """The letters that were written last; `to` and `q` filter by recipient and by words."""
    recipient, words = (searchable(request.GET.get(name, "")) for name in ("to", "q"))
    found = Letter.objects.select_related("account")
    if recipient:
        found = found.filter(recipient__contains=fold_email(recipient))
    if words:
        found = found.filter(Q(subject__icontains=words) | Q(text__icontains=words))
    page = keyset_page(found, ("-pk",), request.GET)
    context = {"letters": page, "to": recipient, "q": words}
    return render(request, "accounts/public/outbox.html", context)


@_in_demo
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: as a mail program shows it, as text, and its calendar file."""
    return render(request, "accounts/public/outbox_letter.html", {"letter": _written(pk)})


@_in_demo
@xframe_options_sameorigin
@csp(INERT)  # type: ignore[arg-type]  # it takes views with arguments too
def html(_request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for the frame on the letter's page."""
    # Its links lead out of the frame, as they lead out of a mail program.
    return HttpResponse(letter_html(_written(pk)).replace("<head>", '<head><base target="_top">', 1))


@_in_demo
def calendar(_request: HttpRequest, pk: int) -> HttpResponse:
    """The attached .ics file."""
    found = _written(pk)
    if not found.calendar:
        raise Http404
    return HttpResponse(
        found.calendar,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="booking.ics"'},
    )


def _written(pk: int) -> Letter:
    found = get_object_or_404(Letter, pk=pk)
    try:
        write_out(found)
    except Exception:
        # It waits, and the dashboard says why; here it's shown as it was posted.
        log.exception("The email %s can't be written.", found.pk)
    return found
