"""What a load balancer asks: does this process live, and can it serve?"""

from http import HTTPStatus

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookwhen.installation.copies import quiet_copy


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; asks nothing of anybody, so that no outage elsewhere restarts it."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer whether the database and Redis answer: 200 with both true, else 503 with the one that is not.

    A quiet copy of another site serves, too, and says of which: `copy_of`.
    """
    answers = {"database": database_answers(), "redis": redis_answers()}
    status = HTTPStatus.OK if all(answers.values()) else HTTPStatus.SERVICE_UNAVAILABLE
    copy = quiet_copy()
    return JsonResponse({**answers, "copy_of": copy.site} if copy else answers, status=status)


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
