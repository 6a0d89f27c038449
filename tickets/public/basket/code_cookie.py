"""The discount code that a browser carries along: by a link of the studio's, or since it was typed into a basket."""

import re
from typing import Final
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import Account
from bookwhen.cookies import own_cookie
from bookwhen.text import searchable
from tickets.models import CODE_LENGTH, fold_code
from tickets.models.codes import SHORTEST_CODE

CODE: Final = "code"
"""What the field is called, and what a link carries the code by."""
KEPT: Final = 7 * 24 * 3600
"""Seconds: a link is opened on one day, and what it is for is booked on another."""


def clean_code(typed: str) -> str:
    """A code that somebody typed, or that a link has, as it is shown again: on one line, and no longer than one is."""
    return searchable(typed[: 4 * CODE_LENGTH])[:CODE_LENGTH]


def code_of_link(given: str) -> str:
    """The code that a link brings along, or nothing where it can be none: a page says no words of a stranger's."""
    code = re.sub(r"[^\w-]", "", clean_code(given))
    return code if len(fold_code(code)) >= SHORTEST_CODE else ""


def get_code_cookie(request: HttpRequest, account: Account) -> str:
    """The code that the visitor carries at an account; empty: none."""
    return clean_code(unquote(request.COOKIES.get(_name(account), "")[: 12 * CODE_LENGTH]))


def carried_code(request: HttpRequest, account: Account) -> str:
    """The code that a form about an order was sent with, or else the one that the visitor carries; empty: none."""
    return clean_code(request.POST.get(CODE, "")) or get_code_cookie(request, account)


def set_code_cookie(response: HttpResponseBase, account: Account, code: str) -> None:
    """Let the visitor carry a code along from now on."""
    response.set_cookie(
        _name(account),
        quote(code, safe=""),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def clear_code_cookie(request: HttpRequest, response: HttpResponseBase, account: Account) -> None:
    """Let the visitor carry a code no more."""
    if _name(account) in request.COOKIES:
        response.delete_cookie(_name(account), samesite="Lax")


def _name(account: Account) -> str:
    return own_cookie(f"code-{account.pk}")
