"""What waits in the task queue."""

from queue import Empty

from bookwhen.celery import app


def empty_queue() -> None:
    app.control.purge()


def take_tasks() -> list[tuple[str, list[object]]]:
    """Take every task out of the queue: its name and arguments, oldest first."""
    found: list[tuple[str, list[object]]] = []
    with app.connection_for_read() as connection, connection.SimpleQueue("celery") as queue:
        while True:
            try:
                message = queue.get_nowait()
            except Empty:
                return found
            message.ack()
            found.append((message.headers["task"], list(message.payload[0])))
