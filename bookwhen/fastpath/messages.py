"""Messages to the workers, which Celery writes once for each task."""

import base64
import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import uuid4

from celery import Celery, signals
from celery.utils.saferepr import saferepr
from kombu import Connection
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bookwhen.fastpath.known import Known

_FIRST: Final = "written once"
"""Stands for the id of a task while its message is written."""


@dataclass(frozen=True, slots=True)
class _Written:
    """The queue that a task's messages go to, and one as kombu would put it there, without arguments."""

    queue: str
    message: Mapping[str, Any]
    embedded: Any
    """What follows the arguments in its body."""


class Outbox:
    """Hands tasks with plain arguments to the broker: Celery's own messages, by one command.

    A message is written by Celery itself, for a broker in memory, when the first of its task is sent. Each other is the
    same with an id and arguments of its own. Raises RedisError.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._written = Known[str, _Written](100)

    @property
    def fits(self) -> bool:
        """Whether the broker is a Redis that is reached as any client reaches it; else Celery knows the way."""
        return str(self._app.conf.broker_url).startswith("redis://")

    def send(self, task: str, args: tuple[object, ...]) -> None:
        """Hand the named task to the broker."""
        written = self._written.get(task) or self._written.put(task, self._write(task))
        self._broker.lpush(written.queue, json.dumps(self._message(written, task, args)))

    def _message(self, written: _Written, task: str, args: tuple[object, ...]) -> dict[str, Any]:
        key, message = str(uuid4()), dict(written.message)
        text = saferepr(args, self._app.amqp.argsrepr_maxsize)
        headers = {**message["headers"], "id": key, "root_id": key, "argsrepr": text}
        signals.before_task_publish.send(sender=task, headers=headers)
        body = base64.b64encode(json.dumps([args, {}, written.embedded]).encode()).decode()
        properties = {**message["properties"], "correlation_id": key, "delivery_tag": str(uuid4())}
        return {**message, "body": body, "headers": headers, "properties": properties}

    def _write(self, task: str) -> _Written:
        """Have Celery write a message without arguments."""
        with Connection(f"memory://{uuid4()}") as memory:
            queue = str(self._app.amqp.router.route({}, task)["queue"].name)
            self._app.send_task(task, (), task_id=_FIRST, connection=memory)
            channel: Any = memory.default_channel
            message = copy(channel._get(queue))  # noqa: SLF001 - it is what kombu calls
        _args, _kwargs, embedded = json.loads(base64.b64decode(message["body"]))
        return _Written(queue, message, embedded)

    @cached_property
    def _broker(self) -> Redis:
        options = self._app.conf.broker_transport_options
        patience = {name: options[name] for name in ("socket_connect_timeout", "socket_timeout")}
        # Once more where the server has hung up an idle connection; who waits is let go on.
        return Redis.from_url(self._app.conf.broker_url, **patience, retry=Retry(NoBackoff(), 1))
