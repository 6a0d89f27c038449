"""What every template knows about the site."""

from django.conf import settings
from django.http import HttpRequest

from bookwhen.installation.copies import quiet_copy


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site_name`, `demo` (both settings), and on an operator's page the `account` and their `role` in it.

    `quiet_copy` is asked only where a page uses it: the site that this one is a quiet copy of, if it is.
    """
    about: dict[str, object] = {"site_name": settings.SITE_NAME, "demo": settings.DEMO, "quiet_copy": quiet_copy}
    if hasattr(request, "account"):
        return {**about, "account": request.account, "role": getattr(request, "role", "")}
    return about
