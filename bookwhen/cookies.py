"""The names of cookies."""

from django.conf import settings


def own_cookie(name: str) -> str:
    """A cookie's name, as settings has it for the others: over https, only this very host can set it."""
    return f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}{name}"
