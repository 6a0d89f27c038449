"""`{% load typed %}`: what somebody wrote at length, where the form that it was for cannot take it any more.

A class is cancelled, or deleted, while a colleague writes to everyone booked: the page that says so shows what was
written, so that it can be copied. Only to who is logged in, from a form of our own (its token was looked at), and never
what is typed in a line: that is typed again as quickly, and may be a secret.
"""

from typing import Any, Final

from django.http import HttpRequest
from django.template import Library

AT_LENGTH: Final = frozenset(
    {
        *("attendees", "business_address", "closing", "description", "emails", "left_out", "message", "note"),
        *("opening", "reason", "text"),
    }
)
"""Fields that people write sentences into, by their names."""

register = Library()


def texts_of(request: HttpRequest) -> list[str]:
    """What a request brought that was written at length, in the order of its form."""
    if request.method != "POST" or request.resolver_match is None or not request.user.is_authenticated:
        return []
    return [
        value for name, value in request.POST.items() if name in AT_LENGTH and isinstance(value, str) and value.strip()
    ]


@register.simple_tag(takes_context=True)
def texts_typed(context: dict[str, Any]) -> list[str]:
    """The same, for a template; nothing where a page is made without a request."""
    request = context.get("request")
    return texts_of(request) if request else []
