"""What every template knows about the site."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

SITE_NAME: Final = "Bookwhen"


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site_name`, `demo` (settings.DEMO), and on an operator's page the `account` and their `role` in it."""
    about = {"site_name": SITE_NAME, "demo": settings.DEMO}
    if hasattr(request, "account"):
        return {**about, "account": request.account, "role": getattr(request, "role", "")}
    return about
