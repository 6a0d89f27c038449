"""Headers of every answer, static files included: what a browser lets a page of ours do, and who may load it."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

REFUSED: Final = [
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
]
PERMISSIONS: Final = ", ".join(
    [
        *(f"{name}=()" for name in REFUSED),
        # Passkeys.
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)

Answering = Callable[[HttpRequest], HttpResponseBase]


def header_middleware(get_response: Answering) -> Answering:
    """Middleware that lets no page use a device, and no other site load what is ours into its pages."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer
