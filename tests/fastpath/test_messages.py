"""Messages that are written once are those that Celery writes."""

import base64
import json
from typing import Any, Final

import pytest
from redis import Redis

from bookwhen import queue
from bookwhen.celery import app
from bookwhen.fastpath.messages import Outbox
from bookwhen.seeing.ids import REQUEST, only_ids

TASKS: Final = (
    ("accounts.tasks.send_letter", (7,)),
    ("accounts.tasks.send_letters", ()),
    ("bookwhen.payments.tasks.process_stripe_event", (12_345_678_901,)),
    ("tickets.tasks.sweep_baskets", ()),
    ("tests.nobody_knows_it", ("é “x”", None, 1.5)),
)


@pytest.fixture
def broker() -> Redis:
    app.control.purge()
    return Redis.from_url(app.conf.broker_url)


def taken(broker: Redis, queue: str) -> dict[str, Any]:
    """The only message of a queue, without the ids that each has of its own."""
    [text] = broker.lrange(queue, 0, -1)
    broker.delete(queue)
    message: dict[str, Any] = json.loads(text)
    key = message["headers"]["id"]
    assert len({message["properties"].pop("delivery_tag"), key}) == 2
    assert [message["headers"].pop(name) for name in ("id", "root_id")] == [key, key]
    assert message["properties"].pop("correlation_id") == key
    message["body"] = json.loads(base64.b64decode(message["body"]))
    return message


@pytest.mark.parametrize(("task", "args"), TASKS)
def test_a_message_is_the_one_that_celery_writes(broker: Redis, task: str, args: tuple[object, ...]) -> None:
    outbox, kept = Outbox(app), str(app.amqp.router.route({}, task)["queue"].name)
    with only_ids({REQUEST: "another"}):
        outbox.send(task, ("another",))
    broker.delete(kept)

    with only_ids({REQUEST: "abc"}):
        app.send_task(task, args)
        celerys = taken(broker, kept)
        outbox.send(task, args)

    assert taken(broker, kept) == celerys
    assert celerys["headers"]["seen_ids"] == {REQUEST: "abc"}


@pytest.mark.django_db(transaction=True)
def test_that_is_how_work_is_handed_over(broker: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.enqueue("accounts.tasks.send_letter", 6)
    broker.delete("letters")
    # Celery is not asked once more: its message is known.
    monkeypatch.delattr(type(app), "send_task")
    queue.enqueue("accounts.tasks.send_letter", 7)

    assert taken(broker, "letters")["body"][0] == [7]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["memory://localhost/", "rediss://localhost/0", "sentinel://localhost:26379/0"])
def test_any_other_broker_is_celerys_affair(broker: Redis, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked = list[tuple[object, ...]]()
    monkeypatch.setitem(app.conf, "broker_url", address)
    monkeypatch.setattr(type(app), "send_task", lambda _app, *task: asked.append(task))

    queue.enqueue("accounts.tasks.send_letter", 8)

    assert asked == [("accounts.tasks.send_letter", (8,))]


@pytest.mark.django_db(transaction=True)
def test_work_that_cannot_be_handed_over_is_told_of_and_nothing_else_fails(
    broker: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(Outbox, "send", fail)

    queue.enqueue("accounts.tasks.send_letter", 9)

    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == ["django.db.backends.base"]
