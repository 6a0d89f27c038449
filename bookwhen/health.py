"""What a load balancer asks: does this process live, and can it serve?"""

import logging
import time
from datetime import datetime
from http import HTTPStatus
from typing import Final

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookwhen.installation.copies import quiet_copy
from bookwhen.jobs.schedule import late_since

CLOCK_SECONDS: Final = 5
"""How far the clocks of this machine and of the database may be apart."""

log = logging.getLogger(__name__)


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; asks nothing of anybody, so that no outage elsewhere restarts it."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer whether the database and Redis answer: 200 with both true, else 503 with the one that is not.

    What else it says is no reason to take this process out: since when the jobs are late, whether this machine's clock
    is as the database's (which of them is wrong, nobody knows), and of which site it is a quiet copy.
    """
    answers = {"database": database_answers(), "redis": redis_answers()}
    status = HTTPStatus.OK if all(answers.values()) else HTTPStatus.SERVICE_UNAVAILABLE
    told: dict[str, object] = {"jobs_late_since": jobs_late_since(database=answers["database"])}
    # What would wait for the database once more is not asked without it.
    if answers["database"]:
        told["clock"] = clock_is_right()
        if copy := quiet_copy():
            told["copy_of"] = copy.site
    return JsonResponse(answers | told, status=status)


def jobs_late_since(*, database: bool) -> datetime | None:
    """Since when beat or the workers are silent; None while they are not, or nobody can tell."""
    try:
        return late_since(now=timezone.now()) if database else None
    except Error:
        return None


def database_answers() -> bool:
    """Say whether the database runs a statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def clock_is_right() -> bool:
    """Say whether this machine's clock and the database's are less than a few seconds apart; the log says how far."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            [theirs] = cursor.fetchone()
    except Error:
        return True  # nobody knows
    ahead = time.time() - float(theirs)
    if abs(ahead) < CLOCK_SECONDS:
        return True
    log.error(
        "This machine’s clock is %+.0f seconds from the database’s: baskets and links end that much too early or late."
        " Have both set by NTP.",
        ahead,
    )
    return False


def redis_answers() -> bool:
    """Say whether the broker answers within a second."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
