"""The whole life of a subscription, told in any order, twice, late or not at all: in the end ours is Stripe's."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import PastDuePolicy
from bookwhen.payments import inbox
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import wanted_types
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, EventState, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import FAILS_LATER, PAYS
from groups.models import Standing
from memberships.catalogue import edit_price
from memberships.models import Invoice, Milestone, MilestoneKind, Subscription
from tests.comparing import compare_memberships as reconcile
from tests.worlds.seller import Seller, open_seller
from tickets.checkout.settling import settle_purchase

HISTORIES: Final = 100
"""For each policy; others each time."""
NUMBERS: Final = st.integers(0, 99)
"""Which event: what waits depends on Stripe, so numbers are drawn, and taken as far as there are events."""
STANDS: Final = {PastDuePolicy.KEEP: {"active", "trialing", "past_due"}, PastDuePolicy.STOP: {"active", "trialing"}}
PATIENCE: Final = timedelta(hours=3)


class SubscriptionLife:
    """One subscription's life: what happens at Stripe, and which of its events reach us when."""

    def __init__(self, sandbox: Sandbox, policy: str, *, trial: int) -> None:
        self.seller = open_seller(sandbox, past_due_policy=policy)
        self.policy = policy
        if trial:
            edit_price(self.seller.price, title="Monthly", trial_days=trial, published=True)
        self.purchase, self.url = self.seller.start_checkout()
        self.told: set[str] = set()

    @property
    def id(self) -> str:
        found = self.seller.stripe.subscriptions.list({"status": "all"}).data
        return str(found[0].id) if found else ""

    def pay(self) -> None:
        self.seller.sandbox.shopper.pay(self.url)

    def advance_a_day(self) -> None:
        self.seller.sandbox.advance("day")

    def advance_a_period(self) -> None:
        if self.seller.stripe.subscriptions.list().data:
            self.seller.sandbox.advance("period")

    def cancel_at_period_end(self) -> None:
        self.seller.gateway.cancel_at_period_end(self.id, key=str(len(self.told)) + str(timezone.now()))

    def cancel_in_the_portal(self) -> None:
        self.seller.sandbox.shopper.cancel(self._portal(), self.id)

    def keep(self) -> None:
        self.seller.gateway.keep(self.id)

    def cancel_now(self) -> None:
        self.seller.gateway.cancel_now(self.id, key=str(timezone.now()))

    def use_a_card_that_fails(self) -> None:
        self.seller.sandbox.shopper.update_card(self._portal(), FAILS_LATER)

    def use_a_card_that_pays(self) -> None:
        self.seller.sandbox.shopper.update_card(self._portal(), PAYS)

    def pay_the_invoice(self) -> None:
        for invoice in self.seller.stripe.invoices.list({"status": "open"}).data:
            self.seller.sandbox.shopper.pay(str(invoice.hosted_invoice_url))

    def come_back(self) -> None:
        """The return page: before, after or between the webhooks."""
        settle_purchase(Subscription.objects.with_connection().get(pk=self.purchase.pk), now=timezone.now())

    def _portal(self) -> str:
        customer = self.seller.stripe.customers.list().data[0].id
        return self.seller.gateway.open_portal(customer=customer, configuration="", return_url="http://testserver/")

    def events(self) -> list[dict[str, Any]]:
        """All that Stripe has to tell us, oldest first."""
        world = self.seller.sandbox.platform.worlds[self.seller.key]
        return [event for event in world.of("event") if event["type"] in wanted_types()]

    def hear(self, numbers: list[int], events: list[dict[str, Any]]) -> None:
        """Some of these events reach us, in this order, perhaps not for the first time; a worker looks at each."""
        for number in numbers:
            if events:
                self._hear(events[number % len(events)])

    def _hear(self, event: dict[str, Any]) -> None:
        now = timezone.now()
        self.told.add(event["id"])
        inbox.receive_event(self.seller.connection.pk, IncomingEvent.read(event), EventSource.WEBHOOK, now=now)
        kept = StripeEvent.objects.get(connection=self.seller.connection, stripe_id=event["id"])
        inbox.process_event(kept.pk, now=now)


ACTS: Final[tuple[Callable[[SubscriptionLife], None], ...]] = (
    SubscriptionLife.advance_a_day,
    SubscriptionLife.advance_a_period,
    SubscriptionLife.advance_a_period,
    SubscriptionLife.cancel_at_period_end,
    SubscriptionLife.cancel_in_the_portal,
    SubscriptionLife.keep,
    SubscriptionLife.cancel_now,
    SubscriptionLife.use_a_card_that_fails,
    SubscriptionLife.use_a_card_that_pays,
    SubscriptionLife.pay_the_invoice,
    SubscriptionLife.come_back,
)


def is_as_at_stripe(life: SubscriptionLife, *, now: datetime) -> None:
    """Ours is Stripe's: the subscription, the standing, the invoice; and nothing was told twice."""
    if not life.id:
        assert not Subscription.objects.exclude(stripe_id="").filter(account=life.seller.account).exists()
        return
    reading = life.seller.gateway.subscription(life.id)
    ours = Subscription.objects.select_related("price").get(account=life.seller.account)
    assert ours.pk == life.purchase.pk
    assert (ours.stripe_id, ours.status) == (reading.id, reading.status)
    assert (ours.period_start, ours.period_end) == (reading.period_start, reading.period_end)
    assert ours.ends_at == (None if reading.ended_at else reading.ends_at)
    assert (ours.ended_at, ours.price.stripe_id) == (reading.ended_at, reading.price.id)
    standing = Standing.objects.at(now).filter(ground=ours.uuid)
    assert standing.count() == (reading.status in STANDS[PastDuePolicy(life.policy)])
    assert [each.until for each in standing] == [ours.ends_at] * standing.count()
    if reading.invoice is not None:
        invoice = Invoice.objects.get(account=life.seller.account, stripe_id=reading.invoice.id)
        assert (invoice.status, invoice.amount_paid) == (reading.invoice.status, reading.invoice.amount_paid)
    told = Counter(Milestone.objects.filter(subscription=ours).values_list("kind", flat=True))
    assert told[MilestoneKind.ENDED] == (reading.status == "canceled")
    assert told[MilestoneKind.STARTED] <= 1


@pytest.mark.parametrize("policy", list(PastDuePolicy))
@pytest.mark.django_db
def test_whatever_reaches_us_the_state_is_stripes_in_the_end(stripe_here: Sandbox, policy: str) -> None:
    lived = 0

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        # A history speaks to Stripe dozens of times: to shorten one that fails takes longer than to read it.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        trial=st.sampled_from([0, 0, 7]),
        rule=st.sampled_from(["cancel", "unpaid", "past_due"]),
        acts=st.lists(st.tuples(st.sampled_from(ACTS), st.lists(NUMBERS, max_size=3)), max_size=7),
        late=st.lists(NUMBERS, max_size=8),
    )
    def live(
        trial: int, rule: Any, acts: list[tuple[Callable[[SubscriptionLife], None], list[int]]], late: list[int]
    ) -> None:
        nonlocal lived
        stripe_here.reset()
        stripe_here.set_rule(rule)
        life = SubscriptionLife(stripe_here, policy, trial=trial)
        life.pay()
        for act, heard in acts:
            with suppress(StripeError):  # what has ended cannot be cancelled, kept or paid any more
                act(life)
            life.hear(heard, [event for event in life.events() if event["id"] not in life.told])
        life.hear(late, life.events())
        at_last = timezone.now() + PATIENCE

        reconcile(life.seller.connection, at_last)

        is_as_at_stripe(life, now=at_last)
        assert not StripeEvent.objects.filter(connection=life.seller.connection, state=EventState.DEAD).exists()
        lived += 1

    live()
    assert lived >= HISTORIES


@pytest.mark.django_db
def test_without_any_webhook_the_nightly_comparison_tells_what_differed(seller: Seller) -> None:
    bought = seller.sell()
    seller.sandbox.advance("period")
    seller.gateway.cancel_at_period_end(bought.stripe_id, key="end")

    reconcile(seller.connection, timezone.now())
    reconcile(seller.connection, timezone.now())

    found = bought.differences.order_by("pk").values_list("field", flat=True)
    assert list(found) == ["period_end", "ends_at", "invoice"]
    assert all(difference.repaired_at for difference in bought.differences.all())
