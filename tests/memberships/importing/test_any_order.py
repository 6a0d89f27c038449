"""Imports, undoing, events and comparing in any order: ours is what Stripe says, or nothing; Stripe is only read."""

from typing import TYPE_CHECKING, Final

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.imports.services import can_be_undone
from accounts.models import Letter, ListImport
from bookwhen.payments.handlers import Outcome
from bookwhen.sandbox.stripe import Sandbox, api
from bookwhen.sandbox.stripe.errors import Json
from groups.models import Standing
from memberships.models import LIVE, Difference, LeftOut, Membership, Subscription
from memberships.webhooks import handle_subject
from tests.comparing import compare_memberships as reconcile
from tests.worlds.elsewhere import open_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORIES: Final = 12
ACTS: Final = ("import", "undo", "event", "cancel", "end", "renew", "compare", "join")


class Move:
    """A studio that moves here: what it does, and what happens at Stripe meanwhile."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.studio = open_elsewhere(sandbox)
        self.price = self.studio.price()
        self.ids = [self.studio.member(f"m{number}@example.org", self.price) for number in range(2)]
        self.done: ListImport | None = None
        self.calls = self.mutations()

    def mutations(self) -> int:
        """How many calls with an idempotency key, as every call of ours that changes something has, came to Stripe."""
        return len(api.world_of(self.studio.sandbox.platform, self.studio.key).answered)

    def act(self, what: str, number: int) -> None:
        stripe_id = self.ids[number % len(self.ids)]
        acts: dict[str, Callable[[], object]] = {
            "import": self.take_over,
            "undo": self.undo,
            "event": lambda: self.hear(stripe_id),
            "cancel": lambda: self.change(stripe_id, "POST", {"cancel_at_period_end": True}),
            "end": lambda: self.change(stripe_id, "DELETE", {}),
            "renew": lambda: self.studio.sandbox.advance("period"),
            "compare": self.compare,
            "join": lambda: self.ids.append(self.studio.member(f"m{len(self.ids)}@example.org", self.price)),
        }
        acts[what]()

    def take_over(self) -> None:
        membership = Membership.objects.filter(account=self.studio.account).first()
        self.done = self.studio.take_over(Gold=f"membership:{membership.pk}" if membership else "new")

    def undo(self) -> None:
        if self.done and can_be_undone(self.done):
            self.done = self.studio.undo(self.done)

    def change(self, stripe_id: str, method: str, given: Json) -> None:
        if self.studio.gateway().subscription(stripe_id).status in LIVE:
            self.studio.at_stripe(f"{method} /v1/subscriptions/{{subscription_exposed_id}}", given, stripe_id)

    def hear(self, stripe_id: str) -> Outcome:
        self.studio.account.refresh_from_db()
        assert self.studio.account.connection is not None
        return handle_subject(self.studio.account.connection, stripe_id, timezone.now())

    def compare(self) -> None:
        self.studio.account.refresh_from_db()
        assert self.studio.account.connection is not None
        reconcile(self.studio.account.connection, timezone.now())

    def is_right(self) -> None:
        """Each of ours is as at Stripe; who is in the group has one; and the next comparison finds nothing."""
        # Who joined just after the clock was moved on is billed at the very moment that it is moved to next.
        self.studio.sandbox.advance("day")
        self.compare()
        Difference.objects.all().delete()
        self.compare()
        assert list(Difference.objects.values_list("field", "ours", "stripes")) == []
        ours = Subscription.objects.filter(account=self.studio.account)
        for each in ours:
            reading = self.studio.gateway().subscription(each.stripe_id)
            assert (each.status, each.period_end, each.ended_at) == (
                reading.status,
                reading.period_end,
                reading.ended_at,
            )
        standing = Standing.objects.at(timezone.now()).filter(account=self.studio.account)
        assert set(standing.values_list("ground", flat=True)) <= set(ours.values_list("uuid", flat=True))
        left_out = LeftOut.objects.filter(account=self.studio.account)
        assert not set(left_out.values_list("stripe_id", flat=True)) & set(ours.values_list("stripe_id", flat=True))


@settings(
    max_examples=HISTORIES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate),
)
@given(history=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), min_size=2, max_size=7))
@pytest.mark.django_db
def test_whatever_happens_ours_is_stripes_or_nothing_and_stripe_is_only_read(
    stripe_here: Sandbox, history: list[tuple[str, int]]
) -> None:
    move = Move(stripe_here)

    for what, number in history:
        move.act(what, number)
    move.is_right()

    assert move.mutations() == move.calls == 0
    imported = any(what == "import" for what, _number in history)
    assert imported or not Subscription.objects.filter(account=move.studio.account).exists()
    thanked = Letter.objects.filter(account=move.studio.account, kind="membership_started")
    joined = [f"m{number}@example.org" for number in range(2, len(move.ids))]
    assert set(thanked.values_list("recipient", flat=True)) <= set(joined)
