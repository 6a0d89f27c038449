"""What a load balancer asks: does this process live, and can it serve?"""

from datetime import datetime
from http import HTTPStatus

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookwhen.jobs.schedule import late_since


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; asks nothing of anybody, so that no outage elsewhere restarts it."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer whether the database and Redis answer: 200 with both true, else 503 with the one that is not.

    And since when the jobs are late: that is no reason to take this process out, for it serves all the same.
    """
    answers = {"database": database_answers(), "redis": redis_answers()}
    status = HTTPStatus.OK if all(answers.values()) else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({**answers, "jobs_late_since": jobs_late_since(database=answers["database"])}, status=status)


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


def redis_answers() -> bool:
    """Say whether the broker answers within a second."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
