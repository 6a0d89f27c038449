"""What waits in the task queue."""

from collections.abc import Iterator
from queue import Empty

from kombu import Connection

from bookwhen import queues
from bookwhen.celery import app


def empty_queue() -> None:
    app.control.purge()


def take_tasks(*names: str) -> list[tuple[str, list[object]]]:
    """Take every task out of these queues, or of all: its name and arguments, the oldest of each queue first."""
    with app.connection_for_read() as connection:
        return [task for name in names or queues.ALL for task in _tasks_of(connection, name)]


def _tasks_of(connection: Connection, name: str) -> Iterator[tuple[str, list[object]]]:
    with connection.SimpleQueue(name) as queue:
        while True:
            try:
                message = queue.get_nowait()
            except Empty:
                return
            message.ack()
            yield message.headers["task"], list(message.payload[0])
