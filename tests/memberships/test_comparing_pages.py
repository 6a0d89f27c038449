"""Comparing many subscriptions: page by page, what is missing at Stripe is found, and a page takes few statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from bookwhen.payments.comparing import LEASE, compare_for_a_while
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.models import Comparison
from bookwhen.sandbox.stripe import Sandbox
from memberships import reconciliation
from memberships.models import Difference, Subscription
from tests.worlds.elsewhere import Elsewhere, open_elsewhere

pytestmark = pytest.mark.django_db

PAGE = 4
MEMBERS = 9


class Killed(BaseException):
    """What ends a worker in the middle: nothing catches it."""


@pytest.fixture
def studio(stripe_here: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Three pages of subscriptions."""
    monkeypatch.setattr("bookwhen.payments.transport.PAGE", PAGE)
    studio = open_elsewhere(stripe_here)
    price = studio.price()
    for number in range(MEMBERS):
        studio.member(f"member{number}@example.org", price)
    studio.take_over(Gold="new")
    compare(studio)
    assert not Difference.objects.exists()
    return studio


def compare(studio: Elsewhere) -> None:
    studio.account.refresh_from_db()
    assert studio.account.connection is not None
    while compare_for_a_while(studio.account.connection, now=timezone.now()):
        pass


@contextmanager
def killed_at(page: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that is killed when it has read so many pages, before it compares the last of them."""
    read, pages = reconciliation._read_page, iter(range(1, page + 1))  # noqa: SLF001 - where it dies

    def dies(*given: object) -> object:
        if next(pages) == page:
            raise Killed
        return read(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(reconciliation, "_read_page", dies)
        yield


def found() -> list[tuple[str, str, str]]:
    return list(Difference.objects.order_by("pk").values_list("stripe_id", "field", "stripes"))


def test_each_of_three_pages_is_compared_and_what_stripe_lost_is_told(studio: Elsewhere) -> None:
    first, middle, last = (Subscription.objects.order_by("stripe_id")[number] for number in (0, 4, 8))
    studio.at_stripe("DELETE /v1/subscriptions/{subscription_exposed_id}", {}, first.stripe_id)
    studio.at_stripe("DELETE /v1/subscriptions/{subscription_exposed_id}", {}, last.stripe_id)
    Subscription.objects.filter(pk=middle.pk).update(stripe_id="sub_gone")
    compare(studio)
    assert {(stripe_id, stripes) for stripe_id, field, stripes in found() if field in {"status", "missing"}} == {
        (first.stripe_id, "canceled"),
        (last.stripe_id, "canceled"),
        ("sub_gone", ""),
        # The one that ours is not any more is at a price of ours: it is taken in.
        (middle.stripe_id, "active"),
    }


def test_a_worker_killed_on_the_second_page_is_gone_on_for_from_there(
    studio: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    Subscription.objects.filter(pk=Subscription.objects.latest("pk").pk).update(stripe_id="sub_gone")
    Subscription.objects.update(compared_at=None)
    with killed_at(2, monkeypatch), pytest.raises(Killed):
        compare(studio)
    assert Subscription.objects.exclude(compared_at=None).count() in {PAGE - 1, PAGE, PAGE + 1}
    before = Comparison.objects.get().cursors
    assert before["memberships.subscriptions"]["after"]

    reads: list[str] = []
    page = Gateway.subscriptions_page

    def listed(gateway: Gateway, *, after: str = "") -> Any:
        reads.append(after)
        return page(gateway, after=after)

    monkeypatch.setattr(Gateway, "subscriptions_page", listed)
    with travel(timezone.now() + LEASE + timedelta(seconds=1)):
        compare(studio)
    assert len(reads) == 2
    assert reads[0] == before["memberships.subscriptions"]["after"]
    assert ("sub_gone", "missing", "") in found()
    assert Comparison.objects.get().is_open is False


def test_a_page_takes_as_many_statements_with_one_subscription_as_with_a_hundred(
    studio: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    for size in (1, PAGE):
        monkeypatch.setattr("bookwhen.payments.transport.PAGE", size)
        with CaptureQueriesContext(database) as statements, killed_at(2, monkeypatch), pytest.raises(Killed):
            compare(studio)
        taken.append(len(statements))
        Comparison.objects.update(is_open=False, free_at=timezone.now())
    assert taken[0] == taken[1]
