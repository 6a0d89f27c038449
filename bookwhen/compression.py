"""Answers that are sent compressed: a page of a schedule is an eighth as long on the way."""

from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO
from secrets import randbelow, token_hex
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

TEXTS: Final = ("text/", "application/json", "application/ld+json", "image/svg+xml")
"""The types that become shorter."""
LEAST: Final = 500
"""Bytes that fit into one packet with the headers anyway."""
QUICKLY: Final = 1
"""How hard what is sent once is compressed: the hardest gains a tenth more, and takes three times as long."""
ONCE: Final = 6
"""How hard what is kept and sent often is compressed."""
PADDING: Final = 100
"""Up to so many bytes are added at random: from the length nobody learns what a page with their own words in it holds
besides (BREACH, https://breachattack.com). The tokens of forms are another each time too."""

Answering = Callable[[HttpRequest], HttpResponseBase]


def compression_middleware(get_response: Answering) -> Answering:
    """Middleware that compresses texts for browsers that take them so; what is streamed stays as it is."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponse) and is_compressible(response):
            patch_vary_headers(response, ["Accept-Encoding"])
            if accepts_gzip(request):
                _compress(response)
        return response

    return answer


def is_compressible(response: HttpResponse) -> bool:
    """Whether compressing an answer makes it shorter: a text that is not compressed yet."""
    is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
    return is_text and "Content-Encoding" not in response.headers and len(response.content) >= LEAST


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether a browser takes what is compressed by gzip."""
    found = {}
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        found[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return found.get("gzip", found.get("*", False))


def compressed(body: bytes, *, level: int, padding: str = "") -> bytes:
    """Compress by gzip; `padding` is hidden in the name that it would be unpacked to."""
    packed = BytesIO()
    with GzipFile(padding, "wb", compresslevel=level, fileobj=packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()


def _compress(response: HttpResponse) -> None:
    padding = token_hex(PADDING // 2)[: randbelow(PADDING + 1)]
    response.content = compressed(response.content, level=QUICKLY, padding=padding)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):
        # The same text, and not the same bytes.
        response.headers["ETag"] = f"W/{etag}"
