"""What becomes of a kept event: looked at, again, at last given up; and once more on demand."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import stripe
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Letter, Role
from bookwhen.payments import inbox
from bookwhen.payments.gateway import StripeDownError
from bookwhen.payments.handlers import Handler, NotYetError, Outcome
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import Connection, EventSource, EventState, StripeEvent
from tests.accounts.queue import empty_queue, take_tasks
from tests.factories.accounts import AccountFactory, StaffFactory
from tests.factories.payments import ConnectionFactory, StripeEventFactory, process_due_events
from tests.factories.schedule import NOW
from tests.payments.conftest import Follower

pytestmark = pytest.mark.django_db
Waiting = tuple[str, int, datetime]
MINUTE = timedelta(minutes=1)


def states() -> list[str]:
    return list(StripeEvent.objects.order_by("pk").values_list("state", flat=True))


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.fixture
def offline(follower: Follower) -> Follower:
    """Somebody who looks without asking Stripe."""
    follower.outcome = Outcome.IGNORED
    return follower


@pytest.fixture
def event(follower: Follower) -> StripeEvent:
    return StripeEventFactory.create(type="customer.updated", subject="cus_1")


def test_what_happens_at_stripe_is_followed(
    follower: Follower,
    connection: Connection,
    theirs: stripe.StripeClient,
    process_stripe_events: Callable[[Connection], None],
) -> None:
    customer = theirs.v1.customers.create({"email": "jenny@example.com", "name": "Jenny"})
    process_stripe_events(connection)
    event = StripeEvent.objects.get()
    assert (event.type, event.subject, event.state, event.source) == (
        "customer.created", customer.id, "done", "catch_up",
    )  # fmt: skip
    assert (event.attempts, event.error, event.api_version) == (1, "", "2020-08-27")
    assert follower.names == {customer.id: "Jenny"}


def test_one_look_serves_a_burst(
    follower: Follower,
    connection: Connection,
    theirs: stripe.StripeClient,
    process_stripe_events: Callable[[Connection], None],
) -> None:
    customer = theirs.v1.customers.create({"email": "jenny@example.com", "name": "A"})
    for name in "BCDEFGH":
        theirs.v1.customers.update(customer.id, {"name": name})
    process_stripe_events(connection)
    assert states() == ["done"] * 8
    assert follower.looks == [customer.id]
    assert follower.names == {customer.id: "H"}


def test_a_look_serves_what_was_there_before_it_and_nothing_that_came_later(follower: Follower) -> None:
    """Also what another worker has, or what waits after a failure: a look after it was received is a look for it."""
    connection = ConnectionFactory.create()

    def make(**more: object) -> StripeEvent:
        return StripeEventFactory.create(connection=connection, type="customer.updated", subject="cus_1", **more)

    in_hand = make(attempts=1, due_at=NOW + MINUTE)
    failed = make(attempts=3, due_at=NOW + 60 * MINUTE, error="Stripe was down.")
    waiting = make()
    other = StripeEventFactory.create(connection=connection, type="customer.updated", subject="cus_2")
    elsewhere = StripeEventFactory.create(type="customer.updated", subject="cus_1")
    came_later: list[StripeEvent] = []
    follower.before = lambda: came_later.append(make())
    follower.outcome = Outcome.IGNORED

    assert inbox.process_event(waiting.pk, now=NOW) is True

    for each in (in_hand, failed, waiting):
        each.refresh_from_db()
        assert (each.state, each.handled_at, each.error) == ("ignored", NOW, "")
    for each in (other, elsewhere, *came_later):
        each.refresh_from_db()
        assert (each.state, each.attempts) == ("received", 0)
    assert follower.looks == ["cus_1"]


def test_not_due_done_or_unknown_is_left_alone(offline: Follower, event: StripeEvent) -> None:
    assert inbox.process_event(event.pk, now=NOW - MINUTE) is False
    assert inbox.process_event(event.pk + 1, now=NOW) is False
    assert inbox.process_event(event.pk, now=NOW) is True
    assert inbox.process_event(event.pk, now=NOW + MINUTE) is False
    assert inbox.process_event(now=NOW + MINUTE) is False
    assert offline.looks == ["cus_1"]


def test_what_was_due_longest_comes_first(offline: Follower) -> None:
    for name, minutes in (("cus_late", 1), ("cus_first", 3), ("cus_second", 2)):
        StripeEventFactory.create(type="customer.updated", subject=name, due_at=NOW - minutes * MINUTE)
    process_due_events(NOW)
    assert offline.looks == ["cus_first", "cus_second", "cus_late"]


def test_a_worker_that_dies_leaves_the_event_to_the_next(follower: Follower, event: StripeEvent) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    follower.before = die
    with pytest.raises(Killed):
        inbox.process_event(event.pk, now=NOW)
    follower.before, follower.outcome = lambda: None, Outcome.IGNORED
    assert inbox.process_event(event.pk, now=NOW + 2 * MINUTE - timedelta(seconds=1)) is False
    assert inbox.process_event(event.pk, now=NOW + 2 * MINUTE) is True
    event.refresh_from_db()
    assert (event.state, event.attempts) == ("ignored", 2)


def test_an_event_that_kills_its_workers_is_given_up(follower: Follower, event: StripeEvent) -> None:
    StripeEvent.objects.update(attempts=inbox.ATTEMPTS)
    inbox.process_event(event.pk, now=NOW)
    event.refresh_from_db()
    assert (event.state, event.error, follower.looks) == ("dead", "Every attempt to process this event crashed.", [])


def test_the_pauses() -> None:
    assert [inbox.retry_delay(tries, 0) / MINUTE for tries in range(1, 10)] == [1, 5, 15, 30, 60, 120, 240, 360, 480]
    assert [inbox.retry_delay(tries, 1) / MINUTE for tries in range(1, 10)] == [
        1.1,
        5.5,
        16.5,
        33,
        66,
        132,
        264,
        396,
        528,
    ]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NotYetError("Its purchase is not known."), "Its purchase is not known."),
        (StripeDownError("An error occurred."), "An error occurred."),
        (KeyError("items"), "KeyError: 'items'"),
        (RuntimeError("with sk_test_abc123XYZ in it"), "RuntimeError: with sk_test_… in it"),
    ],
)
def test_what_fails_is_tried_ten_times_over_a_day_and_then_given_up(
    follower: Follower, event: StripeEvent, error: Exception, text: str
) -> None:
    follower.before = raising(error)
    now = NOW
    for tries in range(1, 10):
        assert inbox.process_event(event.pk, now=now) is True
        event.refresh_from_db()
        assert (event.state, event.attempts, event.error, event.handled_at) == ("received", tries, text, None)
        assert now + inbox.retry_delay(tries, 0) <= event.due_at <= now + inbox.retry_delay(tries, 1)
        now = event.due_at
    inbox.process_event(event.pk, now=now)
    event.refresh_from_db()
    assert (event.state, event.attempts, event.error, event.handled_at) == ("dead", 10, text, now)
    assert timedelta(hours=21) < now - NOW < timedelta(hours=25)
    assert inbox.process_event(event.pk, now=now + timedelta(days=1)) is False
    assert len(follower.looks) == 10


def test_what_failed_together_is_due_again_together(follower: Follower) -> None:
    connection = ConnectionFactory.create()
    for _ in range(3):
        StripeEventFactory.create(connection=connection, type="customer.updated", subject="cus_1")
    follower.before = raising(NotYetError("Not yet."))
    process_due_events(NOW)
    assert follower.looks == ["cus_1"]
    assert StripeEvent.objects.values("due_at").distinct().count() == 1


def test_the_owners_hear_once_a_day_of_events_that_were_given_up(follower: Follower) -> None:
    connection = ConnectionFactory.create()
    account = AccountFactory.create(name="River Studio", slug="river", connection=connection)
    for name, role in (("ada", Role.OWNER), ("bea", Role.OWNER), ("cem", Role.LEADER)):
        StaffFactory.create(account=account, user__email=f"{name}@example.org", role=role)
    follower.before = raising(NotYetError("Not yet."))

    def die(at: datetime) -> None:
        for _ in range(2):
            StripeEventFactory.create(connection=connection, type="customer.updated", attempts=9, due_at=at)
        process_due_events(at)

    die(NOW)
    die(NOW + timedelta(hours=11))
    letters = Letter.objects.order_by("recipient")
    assert [letter.recipient for letter in letters] == ["ada@example.org", "bea@example.org"]
    assert letters[0].subject == "We couldn’t process an update from Stripe for River Studio"
    assert "http://testserver/dashboard/river/" in letters[0].text
    die(NOW + timedelta(hours=13))
    assert Letter.objects.count() == 4


def test_a_dead_event_of_nobodys_connection_writes_to_nobody(follower: Follower, event: StripeEvent) -> None:
    follower.before = raising(NotYetError("Not yet."))
    StripeEvent.objects.update(attempts=9)
    inbox.process_event(event.pk, now=NOW)
    assert (states(), Letter.objects.count()) == (["dead"], 0)


@pytest.mark.parametrize("state", [EventState.DEAD, EventState.DONE, EventState.IGNORED])
def test_replaying_lets_an_event_be_looked_at_once_more(
    offline: Follower,
    event: StripeEvent,
    state: EventState,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    StripeEvent.objects.update(state=state, attempts=10, error="Down.", handled_at=NOW - MINUTE, due_at=NOW - MINUTE)
    empty_queue()
    with django_capture_on_commit_callbacks(execute=True):
        assert [inbox.replay_event(event, now=NOW), inbox.replay_event(event, now=NOW)] == [True, False]
    event.refresh_from_db()
    assert (event.state, event.attempts, event.error, event.due_at, event.handled_at) == ("received", 0, "", NOW, None)
    assert take_tasks() == [(inbox.TASK, [event.pk])]
    inbox.process_event(event.pk, now=NOW)
    assert (states(), offline.looks) == (["ignored"], ["cus_1"])


def test_an_event_that_nobody_looked_after_can_be_replayed_once_somebody_does(offline: Follower) -> None:
    event = StripeEventFactory.create(
        type="customer.updated", subject="", payload={"data": {"object": {"id": "cus_7"}}}
    )
    StripeEventFactory.create(connection=event.connection, type="customer.updated", subject="")
    inbox.process_event(event.pk, now=NOW)
    assert (states(), offline.looks) == (["ignored", "received"], ["cus_7"])


def test_what_a_handler_cannot_read_is_kept_and_tried_again(handled: list[Handler], connection: Connection) -> None:
    def confused(kind: str, about: object) -> str:
        raise TypeError(kind)

    handled[:] = [Handler(frozenset({"customer.updated"}), confused, lambda *_: Outcome.DONE)]
    told = IncomingEvent.read(StripeEventFactory.build(connection=connection, type="customer.updated").payload | {
        "livemode": False, "created": 1,
    })  # fmt: skip
    assert inbox.receive_event(connection.pk, told, EventSource.WEBHOOK, now=NOW) is True
    inbox.process_event(now=NOW)
    event = StripeEvent.objects.get()
    assert (event.state, event.attempts, event.error) == ("received", 1, "TypeError: customer.updated")


def test_after_disconnecting_nothing_is_looked_at(offline: Follower, event: StripeEvent) -> None:
    Connection.objects.update(disconnected_at=NOW)
    inbox.process_event(event.pk, now=NOW)
    event.refresh_from_db()
    assert (event.state, event.error) == ("ignored", "Stripe was disconnected before this event was processed.")
    assert offline.looks == []
