"""Headers of every answer, static files included: what a browser lets a page of ours do, and who may load it."""

from collections.abc import Callable
from typing import Final

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
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


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which puts each header together anew; where nothing of it is the request's own, it is the same."""

    _made: tuple[object, str] = (None, "")
    """The setting, and the policy that it gives."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say what the page may load."""
        has_nonce = getattr(request, "_csp_nonce", None) is not None
        if has_nonce or settings.DEBUG or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy())
        # As there: a nonce that is asked for from here on would be in no header.
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response

    def _policy(self) -> str:
        told = settings.CONTENT_SECURITY_POLICY
        if self._made[0] is not told:
            self._made = (told, build_policy())
        return self._made[1]
