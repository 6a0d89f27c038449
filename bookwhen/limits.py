"""How often something may be done: the rates, and counting them where the cache is.

A period begins with the first of what is counted in it. One script counts all rates that something is judged by, or
none: however many ask at one instant, no more than the rate allows get through. If the cache does not answer, nothing
is refused: bookings go on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.utils.translation import ngettext
from redis import Redis

from bookwhen.cache import cache_server
from bookwhen.circuit import SECONDS_TO_ANSWER
from bookwhen.client_address import UNKNOWN

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
CROWD: Final = 10
"""How many times as much all those may do together who cannot be told apart (`UNKNOWN`)."""
MILLISECOND: Final = timedelta(milliseconds=1)

_COUNT: Final = """
    local now, seen = tonumber(ARGV[1]), {}
    for i, key in ipairs(KEYS) do
        local period, amount = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
        local found = redis.call('HMGET', key, 'since', 'count')
        local since, count = tonumber(found[1] or now), tonumber(found[2] or 0)
        if now - since >= period then since, count = now, 0 end
        if count >= amount then return {i, since + period - now} end
        seen[i] = {since, count + 1, since + period - now}
    end
    for i, key in ipairs(KEYS) do
        redis.call('HSET', key, 'since', seen[i][1], 'count', seen[i][2])
        redis.call('PEXPIRE', key, seen[i][3])
    end
    return {0, 0}
"""
_GIVE_BACK: Final = """
    for _, key in ipairs(KEYS) do
        if tonumber(redis.call('HGET', key, 'count') or 0) > 0 then redis.call('HINCRBY', key, 'count', -1) end
    end
"""


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
CODES_PER_NETWORK: Final = Limit("codes-network", (Rate(20, 10 * MINUTE), Rate(100, DAY)))
"""Discount codes that were tried and could not be used, from one network: nobody guesses them one after another."""
CODES_PER_LOGIN: Final = Limit("codes-login", (Rate(20, 10 * MINUTE), Rate(100, DAY)))
"""The same, of one login."""
LINKS_PER_NETWORK: Final = Limit("links-network", (Rate(20, MINUTE), Rate(120, HOUR)))
"""Links to log in or to confirm an address, asked for from one network."""
LINKS_PER_EMAIL: Final = Limit("links-email", (Rate(5, HOUR), Rate(15, DAY)))
"""The same, for one email address."""
STUDIOS_PER_LOGIN: Final = Limit("studios-login", (Rate(3, DAY),))
"""Studios that one login makes; how many in all, the database says (`accounts.services`)."""
JOINS_PER_LOGIN: Final = Limit("joins-login", (Rate(20, HOUR),))
"""Groups that one login joins by invitation links, or asks to."""
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
        if self.keys:
            _run(_GIVE_BACK, self.keys)


def count(*wanted: tuple[Limit, str], now: datetime) -> Counted:
    """Count one more of each limit for its subject (an address, a network …); raises TooManyError, and counts nothing.

    What is counted may be given back: so it is counted first, and then done.
    """
    rates = list(_rates(wanted))
    keys = [key for _limit, _rate, key in rates]
    asked = [number for _limit, rate, _key in rates for number in (rate.period // MILLISECOND, rate.amount)]
    refused, wait = _run(_COUNT, keys, int(now.timestamp() * 1000), *asked) or (0, 0)
    if refused:
        raise TooManyError(rates[refused - 1][0], wait * MILLISECOND)
    return Counted(keys)


def forget(limit: Limit, subject: str) -> None:
    """Begin to count anew for a subject."""
    _run("redis.call('DEL', unpack(KEYS))", [key for _limit, _rate, key in _rates([(limit, subject)])])


def minutes_text(wait: timedelta) -> str:
    """A time to wait, in words: minutes, and hours from two on."""
    minutes = max(ceil(wait / MINUTE), 1)
    if minutes >= 2 * (HOUR // MINUTE):
        hours = ceil(wait / HOUR)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _rates(wanted: Sequence[tuple[Limit, str]]) -> Iterator[tuple[Limit, Rate, str]]:
    """Each rate, as it is for this subject, and the key that it is counted under."""
    for limit, subject in wanted:
        # Addresses are not kept in clear.
        who = sha256(subject.encode(errors="replace")).hexdigest()[:32]
        for rate in limit.rates:
            allowed = Rate(rate.amount * CROWD, rate.period) if subject == UNKNOWN else rate
            yield limit, allowed, f"limit:{limit.name}:{rate.period // MILLISECOND}:{who}"


def _run(script: str, keys: Sequence[str], *args: int) -> Any:  # noqa: ANN401 - the script's own
    """What a script returns for these keys; None where the cache does not answer."""
    url = str(settings.CACHES["default"]["LOCATION"])
    return cache_server(url).circuit.ask(lambda: _redis(url).eval(script, len(keys), *keys, *map(str, args)), None)


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=SECONDS_TO_ANSWER, socket_timeout=SECONDS_TO_ANSWER)
