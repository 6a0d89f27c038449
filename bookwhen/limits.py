"""How often something may be done: the rates, and counting them in the cache.

Counted in windows that begin by the clock, since one atomic step is enough for that, however many ask at a time. So at
the turn of a window somebody may do twice as much. If the cache is down nothing is refused: bookings go on.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Final

from django.core.cache import cache
from django.utils.translation import ngettext
from redis import RedisError

from bookwhen.client_address import UNKNOWN

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
CROWD: Final = 10
"""How many times as much all those may do together who cannot be told apart (`UNKNOWN`)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a period."""

    amount: int
    period: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """What is counted, under a name of its own, and the rates that all must be kept."""

    name: str
    rates: tuple[Rate, ...]


# A class of thirty books from one school within minutes, and a club from its own Wi-Fi.
BOOKINGS_PER_NETWORK: Final = Limit("bookings-network", (Rate(60, 10 * MINUTE), Rate(300, DAY)))
"""Bookings and new baskets without a proved login, from one network."""
BOOKINGS_PER_EMAIL: Final = Limit("bookings-email", (Rate(10, HOUR), Rate(20, DAY)))
"""The same, for one email address: each writes to somebody who may not have asked for it."""
BOOKINGS_PER_LOGIN: Final = Limit("bookings-login", (Rate(1000, HOUR),))
"""Bookings and new baskets of somebody whose address is proved: the letters are their own."""
CHECKOUTS_PER_NETWORK: Final = Limit("checkouts-network", (Rate(100, 10 * MINUTE),))
"""Checkouts opened without a login: each asks Stripe."""
LINKS_PER_NETWORK: Final = Limit("links-network", (Rate(20, MINUTE), Rate(120, HOUR)))
"""Links to log in or to confirm an address, asked for from one network."""
LINKS_PER_EMAIL: Final = Limit("links-email", (Rate(5, HOUR), Rate(15, DAY)))
"""The same, for one email address."""
STUDIOS_PER_LOGIN: Final = Limit("studios-login", (Rate(3, DAY),))
"""Studios that one login makes; how many in all, the database says (`accounts.services`)."""
LOGINS_PER_NETWORK: Final = Limit("logins-network", (Rate(60, MINUTE),))
"""Attempts to log in, right or wrong, from one network: each costs the server the hashing of a password."""
WRONG_PASSWORDS_PER_NETWORK: Final = Limit("wrong-network", (Rate(100, 10 * MINUTE),))
WRONG_PASSWORDS_HERE: Final = Limit("wrong-here", (Rate(5, 5 * MINUTE), Rate(30, HOUR)))
"""For one email address from one network."""
WRONG_PASSWORDS_PER_EMAIL: Final = Limit("wrong-email", (Rate(100, HOUR),))
"""For one email address from everywhere: much higher, so that nobody can lock another out from one place."""


class TooManyError(Exception):
    """A limit is reached; it can be tried again after `wait`."""

    def __init__(self, limit: Limit, wait: timedelta) -> None:
        super().__init__(limit.name)
        self.limit, self.wait = limit, wait

    @property
    def wait_text(self) -> str:
        """How long to wait, in words: "3 minutes"."""
        return minutes_text(self.wait)


@dataclass(frozen=True, slots=True)
class Counted:
    """What `count` has counted."""

    keys: Sequence[str]

    def give_back(self) -> None:
        """Count it no more: nothing came of it."""
        for key in self.keys:
            _add(key, -1)


def count(*wanted: tuple[Limit, str], now: datetime) -> Counted:
    """Count one more of each limit for its subject (an address, a network …); raises TooManyError, and counts nothing.

    Counting comes first, so that of many who ask at one instant no more than the rate allows get through.
    """
    counted: list[str] = []
    for limit, rate, key, ends in _windows(wanted, now):
        counted.append(key)
        if _add(key, 1, timeout=rate.period) > rate.amount:
            Counted(counted).give_back()
            raise TooManyError(limit, ends - now)
    return Counted(counted)


def forget(limit: Limit, subject: str, *, now: datetime) -> None:
    """Begin to count anew for a subject."""
    try:
        cache.delete_many([key for _limit, _rate, key, _ends in _windows([(limit, subject)], now)])
    except (RedisError, OSError) as error:
        _warn(error)


def minutes_text(wait: timedelta) -> str:
    """A time to wait, in words: minutes, and hours from two on."""
    minutes = max(ceil(wait / MINUTE), 1)
    if minutes >= 2 * (HOUR // MINUTE):
        hours = ceil(wait / HOUR)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _windows(wanted: Sequence[tuple[Limit, str]], now: datetime) -> Iterator[tuple[Limit, Rate, str, datetime]]:
    """Each rate with the key of the window that runs, and when that ends."""
    for limit, subject in wanted:
        # Addresses are not kept in clear, and a key holds no spaces.
        who = sha256(subject.encode(errors="replace")).hexdigest()[:32]
        for rate in limit.rates:
            seconds = int(rate.period.total_seconds())
            number = int(now.timestamp()) // seconds
            ends = now + timedelta(seconds=(number + 1) * seconds - now.timestamp())
            allowed = Rate(rate.amount * CROWD, rate.period) if subject == UNKNOWN else rate
            yield limit, allowed, f"limit:{limit.name}:{seconds}:{number}:{who}", ends


def _add(key: str, change: int, *, timeout: timedelta | None = None) -> int:
    """Change a count, which is begun where it has a `timeout`; the count now, 0 where the cache does not answer."""
    try:
        return _change(key, change, timeout)
    except (RedisError, OSError) as error:
        _warn(error)
        return 0


def _change(key: str, change: int, timeout: timedelta | None) -> int:
    try:
        return int(cache.incr(key, change))
    except ValueError:  # there is none (any more)
        if timeout is None:
            return 0
    begun = cache.add(key, change, timeout.total_seconds())
    return change if begun else int(cache.incr(key, change))


def _warn(error: Exception) -> None:
    log.warning("Nothing is limited while the cache does not answer: %s", error)
