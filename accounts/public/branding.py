"""What shows a studio's brand: its logo, and the style of its colour, from addresses of our own."""

import logging
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from accounts.branding import file_name
from accounts.colours import is_own, stylesheet

log: Final = logging.getLogger(__name__)
UNAVAILABLE: Final = 503
FOR_GOOD: Final = "public, max-age=31536000, immutable"
FOR_A_DAY: Final = "public, max-age=86400"
"""How long browsers keep a colour's style: a release may shade it better."""


@require_safe
def logo(request: HttpRequest, logo: UUID) -> HttpResponse:
    """A logo; nothing at this address ever changes."""
    etag = f'"{logo.hex}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        try:
            with default_storage.open(file_name(logo)) as file:
                response = HttpResponse(file.read(), content_type="image/png")
        except FileNotFoundError:
            raise Http404 from None
        except Exception:  # each storage has errors of its own; the page around it is fine
            log.exception("A logo could not be read: check MEDIA_ROOT, or S3_BUCKET and its key")
            return HttpResponse(status=UNAVAILABLE, headers={"Cache-Control": "no-store"})
    response.headers["ETag"], response.headers["Cache-Control"] = etag, FOR_GOOD
    return response


@require_safe
def colours(_request: HttpRequest, colour: str) -> HttpResponse:
    """The shades of a studio's own colour, as a style sheet: the policy of our pages lets none have styles inside."""
    own = f"#{colour}"
    if not is_own(own):
        raise Http404
    return HttpResponse(stylesheet(own), content_type="text/css; charset=utf-8", headers={"Cache-Control": FOR_A_DAY})
