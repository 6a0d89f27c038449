"""What every template knows about the site."""

from django.conf import settings
from django.http import HttpRequest

from bookwhen.demo import is_filling
from bookwhen.installation.copies import quiet_copy


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site_name`, `demo` (both settings), and on an operator's page the `account` and their `role` in it.

    Two are asked only where a page uses them: `quiet_copy`, the site that this one is a quiet copy of, if it is; and
    `demo_fills`, whether this is a demo whose past is still being filled in.
    """
    about: dict[str, object] = {
        "site_name": settings.SITE_NAME,
        "demo": settings.DEMO,
        "demo_fills": is_filling,
        "quiet_copy": quiet_copy,
    }
    if hasattr(request, "account"):
        return {**about, "account": request.account, "role": getattr(request, "role", "")}
    return about
