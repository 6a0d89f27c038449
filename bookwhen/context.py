"""What every template knows about the site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site_name`, `demo` (both settings), and on an operator's page the `account` and their `role` in it."""
    about = {"site_name": settings.SITE_NAME, "demo": settings.DEMO}
    if hasattr(request, "account"):
        return {**about, "account": request.account, "role": getattr(request, "role", "")}
    return about
