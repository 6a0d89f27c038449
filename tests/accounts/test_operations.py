"""Long jobs: worked off in batches by one worker at a time, whatever happens to it meanwhile."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from time_machine import travel

from accounts.models import Account, Operation, OperationState
from accounts.operations import kinds
from accounts.operations.kinds import Kind, Phase, Step, register_kind
from accounts.operations.running import ATTEMPTS, LEASE, due_operations, run_operation
from accounts.operations.services import (
    OperationOpenError,
    cancel_operation,
    continue_operation,
    retry_operation,
    start_operation,
)
from accounts.tasks import sweep_operations
from bookwhen.payments.gateway import StripeDownError
from tests.accounts.queue import empty_queue, take_tasks
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, StaffFactory

pytestmark = pytest.mark.django_db

BATCHES = 5


class Counting:
    """A kind of job that counts to five in two phases, between which it waits; a batch may have something happen."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.happens: dict[tuple[str, int], object] = {}

    def work(self, operation: Operation, _now: datetime) -> Step:
        at = operation.cursor.get("at", 0)
        self.seen.append((operation.phase, at))
        happens = self.happens.pop((operation.phase, at), None)
        if isinstance(happens, Exception):
            raise happens
        if callable(happens):
            happens(operation)
        done = at + 1
        return Step({"at": done} if done < BATCHES else None, done, BATCHES)


@pytest.fixture
def counting() -> Iterator[Counting]:
    made = Counting()
    phases = {"first": Phase("Counting", made.work, waits=True), "second": Phase("Counting again", made.work)}
    register_kind(Kind("counting", "Counting", "operation", phases))
    yield made
    del kinds._KINDS["counting"]  # noqa: SLF001 - nobody else takes a kind away


@pytest.fixture
def account() -> Account:
    return AccountFactory.create()


def begin(account: Account, *, lane: str = "", key: UUID | None = None) -> Operation:
    made = {"phase": "first", "who": "Ada", "key": key or uuid4(), "lane": lane, "now": timezone.now()}
    return start_operation(account, "counting", **made)[0]  # type: ignore[arg-type]


def all_of(phase: str) -> list[tuple[str, int]]:
    return [(phase, at) for at in range(BATCHES)]


def test_a_job_goes_through_its_phases_and_waits_between_them(account: Account, counting: Counting) -> None:
    operation = begin(account)

    assert run_operation(operation.pk) is False
    operation.refresh_from_db()
    assert (operation.state, operation.phase, operation.done, operation.total) == ("waiting", "first", 5, 5)
    assert run_operation(operation.pk) is False

    assert continue_operation(operation, "second", after=[OperationState.WAITING], now=timezone.now())
    run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.phase, operation.ended_at is None) == ("done", "second", False)
    assert counting.seen == all_of("first") + all_of("second")


def test_a_decision_is_taken_once(account: Account, counting: Counting) -> None:
    operation = begin(account)
    run_operation(operation.pk)

    went_on = [continue_operation(operation, "second", after=["waiting"], now=timezone.now()) for _ in range(2)]

    assert went_on == [True, False]


def test_the_same_form_again_begins_nothing(account: Account, counting: Counting) -> None:
    key = uuid4()

    assert begin(account, key=key).pk == begin(account, key=key).pk
    assert Operation.objects.count() == 1


def test_a_task_that_ran_long_enough_leaves_the_rest_to_another(account: Account, counting: Counting) -> None:
    operation = begin(account)

    ran = []
    while run_operation(operation.pk, seconds=0):
        ran.append(Operation.objects.get().done)

    assert ran == [1, 2, 3, 4]
    assert counting.seen == all_of("first")


def test_a_job_whose_worker_died_goes_on_where_it_was(account: Account, counting: Counting) -> None:
    operation = begin(account)
    counting.happens["first", 2] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run_with_death(operation, counting)

    assert run_operation(operation.pk) is False
    assert counting.seen == [("first", 0), ("first", 1), ("first", 2)]
    with travel(timezone.now() + LEASE + timedelta(seconds=1)):
        run_operation(operation.pk)

    assert counting.seen[3:] == [("first", 2), ("first", 3), ("first", 4)]
    assert Operation.objects.get().state == OperationState.WAITING


def run_with_death(operation: Operation, counting: Counting) -> None:
    """A worker that is killed in a batch notes nothing."""
    death = counting.happens.pop(("first", 2))

    def die(_operation: Operation) -> None:
        raise death  # type: ignore[misc]

    counting.happens["first", 2] = die
    run_operation(operation.pk)


def test_while_one_worker_has_a_job_no_other_takes_it(account: Account, counting: Counting) -> None:
    operation = begin(account)
    taken = []
    counting.happens["first", 1] = lambda _operation: taken.append(run_operation(operation.pk))

    run_operation(operation.pk)

    assert taken == [False]
    assert counting.seen == all_of("first")


def test_a_job_cancelled_in_a_batch_ends_with_it(account: Account, counting: Counting) -> None:
    operation = begin(account)
    counting.happens["first", 1] = lambda _operation: cancel_operation(operation, now=timezone.now())

    run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.done) == ("cancelled", 1)
    assert counting.seen == [("first", 0), ("first", 1)]


def test_an_overtaken_worker_writes_nothing_more(account: Account, counting: Counting) -> None:
    operation = begin(account)

    def overtake(_operation: Operation) -> None:
        with travel(timezone.now() + LEASE + timedelta(seconds=1)):
            run_operation(operation.pk)

    counting.happens["first", 1] = overtake

    run_operation(operation.pk)

    assert counting.seen == [("first", 0), ("first", 1), *all_of("first")[1:]]
    assert Operation.objects.get().state == OperationState.WAITING


def test_a_batch_that_fails_is_tried_again_and_says_why(account: Account, counting: Counting) -> None:
    operation = begin(account)
    counting.happens["first", 1] = StripeDownError("Stripe is away.")

    assert run_operation(operation.pk) is False
    operation.refresh_from_db()
    assert (operation.state, operation.error, operation.attempts) == ("queued", "Stripe is away.", 1)
    assert due_operations(now=timezone.now()) == []

    with travel(operation.due_at):
        run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.error, operation.attempts) == ("waiting", "", 0)


def test_a_batch_that_always_fails_stops_the_job_until_somebody_tries_again(
    account: Account, counting: Counting
) -> None:
    operation = begin(account)
    for _attempt in range(ATTEMPTS):
        counting.happens["first", 0] = RuntimeError("secret details")
        operation.refresh_from_db()
        with travel(max(operation.due_at, timezone.now())):
            run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.error) == (
        "failed",
        "Something went wrong on our side. We’ve made a note of it.",
    )
    assert retry_operation(operation, now=timezone.now())
    run_operation(operation.pk)

    assert Operation.objects.get().state == OperationState.WAITING


def test_one_is_open_in_a_lane(account: Account, counting: Counting) -> None:
    first = begin(account, lane="counting")
    with pytest.raises(OperationOpenError):
        begin(account, lane="counting")
    begin(AccountFactory.create(), lane="counting")

    cancel_operation(first, now=timezone.now())
    begin(account, lane="counting")

    with pytest.raises(OperationOpenError):
        continue_operation(first, "second", after=[OperationState.CANCELLED], now=timezone.now())


def test_a_kind_that_nobody_knows_any_more_fails_and_stops_no_other(account: Account, counting: Counting) -> None:
    unknown = begin(account)
    Operation.objects.filter(pk=unknown.pk).update(kind="gone")

    run_operation(unknown.pk)

    unknown.refresh_from_db()
    assert (unknown.state, unknown.attempts) == ("queued", 1)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_calls_workers_for_what_is_due(account: Account, counting: Counting) -> None:
    operation = begin(account)
    waiting = begin(account)
    run_operation(waiting.pk)
    empty_queue()

    sweep_operations()

    assert take_tasks() == [("accounts.tasks.run_operation", [operation.pk])]


def test_the_page_shows_how_far_it_is_and_loads_itself_again(account: Account, counting: Counting) -> None:
    owner = open_browser(StaffFactory.create(account=account).user)
    operation = begin(account)
    run_operation(operation.pk, seconds=0)

    page = owner.get(f"/dashboard/{account.slug}/operations/{operation.pk}/")

    assert "Counting: 1 of 5" in page_text(page)
    assert page.headers["Refresh"] == "5"
    still = owner.get(f"/dashboard/{account.slug}/operations/{operation.pk}/?still=1")
    assert "Refresh" not in still.headers
    assert "Update this page automatically" in page_text(still)


def test_it_is_cancelled_on_its_page_and_stays_in_the_list(account: Account, counting: Counting) -> None:
    owner = open_browser(StaffFactory.create(account=account).user)
    operation = begin(account)

    owner.post(f"/dashboard/{account.slug}/operations/{operation.pk}/cancel/")

    assert "Counting" in page_text(owner.get(f"/dashboard/{account.slug}/operations/"))
    assert "Cancelled" in page_text(owner.get(f"/dashboard/{account.slug}/operations/"))
    assert run_operation(operation.pk) is False
    assert counting.seen == []
