"""Pauses, set and taken off here and at Stripe, told in any order and twice: in the end ours is Stripe's."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Letter, PauseAccess
from bookwhen.payments import inbox
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import wanted_types
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Standing
from memberships.models import Difference, MilestoneKind, Subscription
from memberships.pausing import CannotPauseError, pause_subscription, resume_subscription
from tests.comparing import compare_memberships as reconcile
from tests.worlds.seller import Seller, open_seller

HISTORIES: Final = 12
"""For each policy."""
PATIENCE: Final = timedelta(hours=3)
DAY: Final = timedelta(days=1)
LEFT_OUT: Final = {"void", "uncollectible", "draft"}


class PausedLife:
    """One subscription's pauses: what happens here and at Stripe, and which of its events reach us when."""

    def __init__(self, sandbox: Sandbox, policy: str) -> None:
        self.seller: Seller = open_seller(sandbox, pause_access=policy)
        self.policy = policy
        self.pk = self.seller.sell().pk

    @property
    def ours(self) -> Subscription:
        return Subscription.objects.with_connection().select_related("price").get(pk=self.pk)

    def pause_here(self) -> None:
        pause_subscription(self.ours, until=None, who="Jo", now=timezone.now())

    def pause_here_for_a_while(self) -> None:
        end = self.ours.period_end
        assert end is not None
        pause_subscription(self.ours, until=end.replace(microsecond=0) + 5 * DAY, who="Jo", now=timezone.now())

    def resume_here(self) -> None:
        resume_subscription(self.ours, who="Jo", now=timezone.now())

    def pause_there(self, behavior: str) -> None:
        self.seller.stripe.subscriptions.update(self.ours.stripe_id, {"pause_collection": {"behavior": behavior}})

    def void_there(self) -> None:
        self.pause_there("void")

    def draft_there(self) -> None:
        self.pause_there("keep_as_draft")

    def write_off_there(self) -> None:
        self.pause_there("mark_uncollectible")

    def resume_there(self) -> None:
        self.seller.stripe.subscriptions.update(self.ours.stripe_id, {"pause_collection": ""})

    def advance_a_period(self) -> None:
        self.seller.sandbox.advance("period")

    def advance_a_week(self) -> None:
        self.seller.sandbox.advance("week")

    def hear(self, numbers: list[int]) -> None:
        """Some of Stripe's events reach us, in this order, perhaps not for the first time; a worker looks at each."""
        world = self.seller.sandbox.platform.worlds[self.seller.key]
        events = [event for event in world.of("event") if event["type"] in wanted_types()]
        for number in numbers:
            self._hear(events[number % len(events)])

    def _hear(self, event: dict[str, Any]) -> None:
        now = timezone.now()
        inbox.receive_event(self.seller.connection.pk, IncomingEvent.read(event), EventSource.WEBHOOK, now=now)
        kept = StripeEvent.objects.get(connection=self.seller.connection, stripe_id=event["id"])
        inbox.process_event(kept.pk, now=now)


ACTS: Final[tuple[Callable[[PausedLife], None], ...]] = (
    PausedLife.pause_here,
    PausedLife.pause_here_for_a_while,
    PausedLife.resume_here,
    PausedLife.void_there,
    PausedLife.draft_there,
    PausedLife.write_off_there,
    PausedLife.resume_there,
    PausedLife.advance_a_period,
    PausedLife.advance_a_period,
    PausedLife.advance_a_week,
)


def is_as_at_stripe(life: PausedLife, *, now: datetime) -> None:
    """The pause is Stripe's, access what the current bill and the policy give, and letters are as many as pauses."""
    reading, ours = life.seller.gateway.subscription(life.ours.stripe_id), life.ours
    assert (ours.pause_behavior, ours.resumes_at) == (reading.pause_behavior, reading.resumes_at)
    assert reading.invoice is not None
    assert ours.status == "active"
    bill = reading.invoice
    left_out = bill.status in LEFT_OUT and not (bill.status == "draft" and bill.auto_advance)
    rests = left_out or (bool(reading.pause_behavior) and life.policy == PauseAccess.START)
    standings = list(Standing.objects.not_ended(now).filter(ground=ours.uuid))
    assert len(standings) == (not rests)
    assert [each.until for each in standings] == [reading.period_end if reading.pause_behavior else None] * len(
        standings
    )
    assert {each.anchor_at for each in Standing.objects.filter(ground=ours.uuid)} == {ours.billing_anchor}
    told = Counter(ours.milestones.values_list("kind", flat=True))
    assert told[MilestoneKind.PAUSED] - told[MilestoneKind.RESUMED] >= bool(reading.pause_behavior)
    letters = Counter(Letter.objects.filter(recipient=ours.customer.email).values_list("kind", flat=True))
    assert letters["membership_paused"] == told[MilestoneKind.PAUSED]
    assert letters["membership_resumed"] == told[MilestoneKind.RESUMED]
    paid = [each for each in life.seller.gateway.invoices(subscription=ours.stripe_id) if each.status == "paid"]
    assert letters["membership_renewed"] <= len(paid) - 1
    assert letters["membership_paid_again"] == 0


@pytest.mark.parametrize("policy", list(PauseAccess))
@pytest.mark.django_db
def test_whatever_pauses_it_the_state_is_stripes_in_the_end(stripe_here: Sandbox, policy: str) -> None:
    @settings(
        max_examples=HISTORIES,
        deadline=None,
        # A history speaks to Stripe dozens of times: to shorten one that fails takes longer than to read it.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        acts=st.lists(
            st.tuples(st.sampled_from(ACTS), st.lists(st.integers(0, 99), min_size=1, max_size=3)), max_size=8
        )
    )
    def live(acts: list[tuple[Callable[[PausedLife], None], list[int]]]) -> None:
        stripe_here.reset()
        life = PausedLife(stripe_here, policy)
        for act, heard in acts:
            with suppress(StripeError, CannotPauseError):
                act(life)
            life.hear(heard)
        at_last = timezone.now() + PATIENCE
        reconcile(life.seller.connection, at_last)
        is_as_at_stripe(life, now=at_last)

        reconcile(life.seller.connection, at_last)

        assert (
            Difference.objects.filter(account=life.seller.account, found_at=at_last, field="pause_behavior").count()
            <= 1
        )

    live()
