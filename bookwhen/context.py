"""What every template knows about the site."""

from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

from bookwhen.demo import is_filling
from bookwhen.installation.copies import quiet_copy


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site_name`, `demo` (both settings), and on an operator's page the `account` and their `role` in it.

    Three are asked only where a page uses them: `quiet_copy`, the site that this one is a quiet copy of, if it is;
    `demo_fills`, whether this is a demo whose past is still being filled in; and `here`, the address of the page as it
    stands in the query of another.
    """
    about: dict[str, object] = {
        "site_name": settings.SITE_NAME,
        "demo": settings.DEMO,
        "demo_fills": is_filling,
        "quiet_copy": quiet_copy,
        "here": lambda: here(request),
    }
    if hasattr(request, "account"):
        return {**about, "account": request.account, "role": getattr(request, "role", "")}
    return about


def here(request: HttpRequest) -> str:
    """Where somebody is, to come back to: path and query, quoted."""
    return quote(request.get_full_path(), safe="")
