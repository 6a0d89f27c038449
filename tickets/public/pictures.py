"""Showing pictures: from wherever they are stored, and from our own address, so that no page has to allow another."""

import logging
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from tickets.pictures.addresses import SIZES
from tickets.pictures.keeping import file_name

log: Final = logging.getLogger(__name__)
UNAVAILABLE: Final = 503
FOR_GOOD: Final = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, picture: UUID, size: int) -> HttpResponse:
    """A picture in one of its sizes; nothing at this address ever changes."""
    etag = f'"{picture.hex}-{size}"'
    if size not in SIZES:
        raise Http404
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        try:
            with default_storage.open(file_name(picture, size)) as file:
                response = HttpResponse(file.read(), content_type="image/webp")
        except FileNotFoundError:
            raise Http404 from None
        except Exception:  # each storage has errors of its own; the page around it is fine
            log.exception("A picture could not be read: check MEDIA_ROOT, or S3_BUCKET and its key")
            return HttpResponse(status=UNAVAILABLE, headers={"Cache-Control": "no-store"})
    response.headers["ETag"], response.headers["Cache-Control"] = etag, FOR_GOOD
    return response
