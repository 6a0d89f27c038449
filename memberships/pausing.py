"""Pausing subscriptions and resuming them: asked for here, done by Stripe, then followed. Each may be sent twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.history.recording import Change
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError
from bookwhen.payments.pause_collection import pause_collection, resume_collection
from memberships.models import Milestone, MilestoneKind, Subscription, SubscriptionStatus
from memberships.pauses import is_paused, is_waiting
from memberships.recorded import record_asked
from memberships.standing import sync_standing
from memberships.sync import gateway_of, lock_subscription, sync_subscription

BATCH: Final = 100


class PauseObstacle(StrEnum):
    """Why a subscription cannot be paused as it is."""

    ENDED = "ended"
    OWED = "owed"
    """A bill is not paid: it would stay owed, and Stripe would go on collecting it."""
    TRIAL = "trial"
    """Nothing is paid yet, so there is nothing to pause."""
    ENDS = "ends"
    """Its end is set already."""
    CHANGES = "changes"
    """A change of it is set already."""
    NOT_ALLOWED = "not_allowed"
    """The studio does not let members pause themselves."""
    TOO_FAR = "too_far"
    """The next payment is due later than a member's pause may end."""


class CannotPauseError(Exception):
    """It cannot be paused as it is now; nothing was asked of Stripe."""

    def __init__(self, obstacle: PauseObstacle) -> None:
        super().__init__(obstacle)
        self.obstacle: Final = obstacle


def pause_obstacle(subscription: Subscription) -> PauseObstacle | None:
    """Why a subscription cannot be paused; none: it can."""
    obstacles = {
        PauseObstacle.ENDED: not subscription.is_live,
        PauseObstacle.TRIAL: subscription.status == SubscriptionStatus.TRIALING,
        PauseObstacle.OWED: subscription.status != SubscriptionStatus.ACTIVE,
        PauseObstacle.ENDS: subscription.ends_at is not None,
        PauseObstacle.CHANGES: bool(subscription.schedule),
    }
    return next((obstacle for obstacle, holds in obstacles.items() if holds), None)


def members_obstacle(subscription: Subscription, *, now: datetime) -> PauseObstacle | None:
    """Why a subscription's customer cannot pause it themselves; none: they can."""
    if not subscription.account.members_pause:
        return PauseObstacle.NOT_ALLOWED
    if obstacle := pause_obstacle(subscription):
        return obstacle
    a_day_later = earliest_end(subscription) + timedelta(days=1)
    return PauseObstacle.TOO_FAR if a_day_later > latest_end(subscription, now=now) else None


def earliest_end(subscription: Subscription) -> datetime:
    """A pause must end later than this: when the next payment is due. Before it, nothing would be left out."""
    assert subscription.period_end is not None  # noqa: S101 - what can be paused was taken over from Stripe
    return subscription.period_end


def latest_end(subscription: Subscription, *, now: datetime) -> datetime:
    """A pause that a member takes must end by then: the account says for how many days they may pause.

    Stripe's clock may be ahead of ours (in its test clocks), so it is counted from the current period at the earliest.
    """
    begins = max(now, subscription.period_start or now)
    return begins + timedelta(days=subscription.account.longest_pause_days)


def pause_subscription(subscription: Subscription, *, until: datetime | None, who: str, now: datetime) -> None:
    """Pause a subscription from now until an aware instant; none: until somebody resumes it.

    One that is paused gets the new end. `who` asked, as people know them. Raises CannotPauseError, StripeError.
    """
    found = _as_it_is(subscription)
    if obstacle := pause_obstacle(found):
        raise CannotPauseError(obstacle)
    if is_paused(found) and found.resumes_at == until:
        return
    _record_request(found, MilestoneKind.ASKED_TO_PAUSE, who=who, until=until, now=now)
    when = "open" if until is None else str(int(until.timestamp()))
    # The revision: what is asked once more after something changed is another wish.
    key = f"pause-{found.uuid}-{found.revision}-{when}"

    def ask(gateway: Gateway) -> None:
        pause_collection(gateway, found.stripe_id, until=until, key=key)

    _ask_stripe(found, ask, now=now)


def resume_subscription(subscription: Subscription, *, who: str, now: datetime) -> None:
    """Let a paused subscription go on, wherever it was paused; nothing is charged before its next billing date.

    Raises StripeError.
    """
    found = _as_it_is(subscription)
    if not is_paused(found):
        return
    _record_request(found, MilestoneKind.ASKED_TO_RESUME, who=who, until=None, now=now)

    def ask(gateway: Gateway) -> None:
        resume_collection(gateway, found.stripe_id, key=f"resume-{found.uuid}-{found.revision}")

    _ask_stripe(found, ask, now=now)


def set_access_during_pause(subscription: Subscription, *, allowed: bool, who: str, now: datetime) -> None:
    """Let a customer in although a pause rests their access, or take that back; Stripe is not asked.

    It lasts until the first payment after the pause, which lets them in anyway. Nothing happens where no pause is.
    """
    with transaction.atomic():
        found = lock_subscription(subscription)
        if not (is_paused(found) or is_waiting(found)) or (found.let_in_at is not None) == allowed:
            return
        found.let_in_at = now if allowed else None
        found.save(update_fields=["let_in_at"])
        kind = MilestoneKind.LET_IN if allowed else MilestoneKind.LET_OUT
        _record_request(found, kind, who=who, until=None, now=now)
        sync_standing(found, now=now)


def follow_ended_pauses(*, now: datetime, run: Run) -> None:
    """Look at Stripe after every subscription whose pause has ended by its date, each for itself.

    Stripe's documents promise no event for it. A quiet copy of the site asks nothing.
    """
    if is_quiet():
        return
    over = Subscription.objects.live().exclude(pause_behavior="").filter(resumes_at__lte=now)
    connected = over.filter(account__connection__disconnected_at=None, account__connection__isnull=False)
    run.each(run.keys(connected, batch=BATCH), partial(_follow_ended_pause, now=now))


def _follow_ended_pause(pk: int, *, now: datetime) -> None:
    found = Subscription.objects.with_connection().get(pk=pk)
    sync_subscription(found.account, found.stripe_id, now=now)


def _as_it_is(subscription: Subscription) -> Subscription:
    return Subscription.objects.with_connection().get(account=subscription.account_id, pk=subscription.pk)


def _ask_stripe(subscription: Subscription, ask: Callable[[Gateway], None], *, now: datetime) -> None:
    try:
        ask(gateway_of(subscription.account))
    except (DeclinedError, GoneError):
        # It changed at Stripe meanwhile; only where following it shows nothing of the kind is that an error.
        sync_subscription(subscription.account, subscription.stripe_id, now=now)
        if _what_was_asked_about(_as_it_is(subscription)) == _what_was_asked_about(subscription):
            raise
        return
    sync_subscription(subscription.account, subscription.stripe_id, now=now)


def _what_was_asked_about(subscription: Subscription) -> tuple[object, ...]:
    return (subscription.status, subscription.ends_at, subscription.pause_behavior, subscription.resumes_at)


def _record_request(
    subscription: Subscription, kind: MilestoneKind, *, who: str, until: datetime | None, now: datetime
) -> None:
    with transaction.atomic():
        account = subscription.account_id
        Milestone.objects.create(account_id=account, subscription=subscription, kind=kind, who=who, at=now, until=until)
        zone = subscription.account.zone
        ends = date_format(until.astimezone(zone), "j F Y") if until else ""
        record_asked(subscription, kind, [Change(_("Until"), "", ends)])
