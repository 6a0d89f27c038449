"""A form submitted twice does once: what its hidden `key` made is remembered for a while."""

from collections.abc import Callable
from typing import Final

from django.core.cache import cache

from accounts.access import OperatorRequest

REMEMBERED: Final = 10 * 60
"""How long, in seconds."""
LONGEST: Final = 36
"""The length of a uuid, which is what our forms send."""


def once(request: OperatorRequest, make: Callable[[], int]) -> int | None:
    """Run `make` (returns an id) the first time this form is sent; for a repeat return what it made.

    None while the first one is still under way. What `make` raises is raised, and the form may be sent again.
    """
    if not (name := _name(request)):
        return make()
    if not cache.add(name, 0, REMEMBERED):
        return cache.get(name) or None
    try:
        made = make()
    except BaseException:
        cache.delete(name)
        raise
    cache.set(name, made, REMEMBERED)
    return made


def is_repeat(request: OperatorRequest) -> bool:
    """Whether this form was sent before, and did what it does."""
    name = _name(request)
    return bool(name and cache.get(name))


def _name(request: OperatorRequest) -> str:
    key = request.POST.get("key", "")[:LONGEST]
    return f"once:{request.account.pk}:{request.user.pk}:{request.path}:{key}" if key else ""
