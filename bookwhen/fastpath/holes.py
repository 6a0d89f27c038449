"""A page that is drawn once for everybody who is logged in, with holes for what it says of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape

_EMAIL: Final = f"hole{token_hex(16)}"
_TOKEN: Final = f"hole{token_hex(16)}"
"""What stands in the holes: nobody can know it, so no text of a page is mistaken for it."""


@dataclass(frozen=True, slots=True)
class _Anybody:
    """All that a page may say of the user."""

    email: str = _EMAIL
    is_authenticated: bool = True


def draw_with_holes(template: str, context: Mapping[str, object]) -> str:
    """The page of anybody who is logged in. It knows no request: what depends on one is for the context to say."""
    return render_to_string(template, {**context, "user": _Anybody(), "csrf_token": _TOKEN})


def fill_holes(html: str, request: HttpRequest, email: str) -> str:
    """The page of somebody who is logged in."""
    return html.replace(_TOKEN, get_token(request)).replace(_EMAIL, escape(email))
