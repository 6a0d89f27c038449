"""Where somebody goes back to after logging in or confirming something: a path on this site, or nowhere."""

import unicodedata
from typing import Final

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST: Final = 2000
"""Browsers and proxies carry addresses of this length; none of ours comes near it."""


def local_path(wanted: str) -> str:
    """The path as it was given, if it leads to a page of this site; otherwise an empty string.

    Every address that a visitor brings along and that we would lead them to goes through here. It begins with one
    slash, so it is never another site's address, and never the name of a view either, which `redirect` would look up.
    """
    if not wanted.startswith("/") or len(wanted) > LONGEST:
        return ""
    # Browsers read a backslash as a slash, and leave control characters out.
    if "\\" in wanted or any(unicodedata.category(character).startswith("C") for character in wanted):
        return ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def next_path(request: HttpRequest) -> str:
    """Where the visitor wanted to go before this page (`next` in its address); empty when nowhere, or elsewhere."""
    return local_path(request.GET.get("next", ""))
