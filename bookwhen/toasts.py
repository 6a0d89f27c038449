"""`{% load messages %}`: which messages are toasts."""

from collections.abc import Mapping
from typing import Any, Final

from django.template import Library

LONGEST: Final = 3
"""Words: what says more is a banner."""

register = Library()


@register.filter
def is_toast(message: Any) -> bool:  # noqa: ANN401 - Django's own, or what is told of it
    """Whether a message is a toast: at most three words, and never an error."""
    if isinstance(message, Mapping):
        return bool(message["is_toast"])
    return message.level_tag == "success" and len(str(message.message).split()) <= LONGEST
