"""Guessing passwords: wrong ones are counted, so that a guesser is held up and nobody else.

For an address and the network that it was tried from; for the network; and, much higher, for the address from
everywhere. Where somebody has logged in before, they are not held up by what others try elsewhere. The link in an email
(*Forgotten your password?*) always works.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

from bookwhen import limits
from bookwhen.client_address import UNKNOWN, client_network
from bookwhen.email_address import fold_email

KNOWN_FOR: Final = timedelta(days=30)
"""How long it is remembered that somebody logged in from a network."""


def count_attempt(request: HttpRequest, email: str, *, now: datetime) -> limits.Counted:
    """Count an attempt to log in as a wrong one until it is known to be right; raises TooManyError."""
    network, email = client_network(request), fold_email(email)
    limits.count((limits.LOGINS_PER_NETWORK, network), now=now)
    wanted = [(limits.WRONG_PASSWORDS_PER_NETWORK, network)]
    if network != UNKNOWN:  # else it would be everywhere
        wanted.append((limits.WRONG_PASSWORDS_HERE, f"{email} {network}"))
    if not _is_known(email, network):
        wanted.append((limits.WRONG_PASSWORDS_PER_EMAIL, email))
    return limits.count(*wanted, now=now)


def record_login(request: HttpRequest, email: str) -> None:
    """Note that somebody logged in: their wrong attempts from here are forgotten, and the network is known."""
    network, email = client_network(request), fold_email(email)
    if network == UNKNOWN:
        return
    limits.forget(limits.WRONG_PASSWORDS_HERE, f"{email} {network}")
    cache.set(_key(email, network), "yes", KNOWN_FOR.total_seconds())


def _is_known(email: str, network: str) -> bool:
    return bool(cache.get(_key(email, network)))


def _key(email: str, network: str) -> str:
    return f"login-from:{sha256(f'{email} {network}'.encode(errors='replace')).hexdigest()}"
