"""Where a mail provider tells what became of letters."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from anymail.signals import AnymailTrackingEvent
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.email_events import record_event
from bookwhen.installation.copies import is_quiet

log = logging.getLogger(__name__)


@csrf_exempt
def email_webhook(request: HttpRequest) -> HttpResponseBase:
    """Answer the provider that `EMAIL_PROVIDER` names; 404 where none is named.

    400 for what does not bear `ANYMAIL_WEBHOOK_SECRET` and for what nobody can read. When the database fails the answer
    is 500, in a quiet copy of a site 503, and the provider asks again.
    """
    if not settings.EMAIL_PROVIDER:
        raise Http404
    if is_quiet():
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        return _provider_view(settings.EMAIL_PROVIDER)(request)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - Anymail takes a payload for what its provider documents, and stumbles
        log.warning("A mail provider’s call could not be read: %s", type(error).__name__)
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)


def record_tracking_event(*, event: AnymailTrackingEvent, **_more: object) -> None:
    """Receive what Anymail read from a provider's call."""
    record_event(event, now=timezone.now())


def _provider_view(provider: str) -> Callable[[HttpRequest], HttpResponseBase]:
    # All providers' views are imported there: only where one is needed.
    from anymail.urls import urlpatterns

    [found] = [each for each in urlpatterns if each.name == f"{provider}_tracking_webhook"]
    view: Callable[[HttpRequest], HttpResponseBase] = found.callback
    return view
