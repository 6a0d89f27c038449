"""The queues of tasks: Stripe's events and emails have their own, so that neither keeps the other waiting.

A worker that is told nothing takes from all of them. What no worker takes from a queue of its own, the sweeps carry out
in the default queue: a worker of the previous release, or one that was told of no other, strands nothing.
"""

from typing import Final

import redis
from django.conf import settings

DEFAULT: Final = "celery"
EVENTS: Final = "events"
LETTERS: Final = "letters"
ALL: Final[tuple[str, ...]] = (DEFAULT, EVENTS, LETTERS)
ENOUGH: Final = 4
"""While so many tasks wait in a queue, no task or sweep calls for another that takes whatever is due.

Where tasks wait, all workers are busy: one more would help nobody, and the next task would wait behind it.
"""
SECONDS_TO_ANSWER: Final = 0.5


def has_enough(queue: str) -> bool:
    """Whether enough tasks wait in a queue; no where the broker does not say."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=SECONDS_TO_ANSWER, socket_timeout=SECONDS_TO_ANSWER
        ) as client:
            return int(str(client.llen(queue))) >= ENOUGH
    except redis.RedisError:
        return False
