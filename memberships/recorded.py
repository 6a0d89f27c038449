"""What the history tells of customers' memberships: what a team member asked for, whatever Stripe makes of it."""

from collections.abc import Iterable
from typing import Final

from accounts.customers import about_customer
from accounts.history.recording import About, Change, is_recorded, record
from accounts.models import Deed, Thing
from memberships.models import MilestoneKind, Subscription

ASKED: Final = {
    MilestoneKind.ASKED_TO_END: Deed.SUBSCRIPTION_ENDING,
    MilestoneKind.ASKED_TO_STOP: Deed.SUBSCRIPTION_STOPPED,
    MilestoneKind.ASKED_TO_KEEP: Deed.SUBSCRIPTION_KEPT,
    MilestoneKind.ASKED_TO_PAUSE: Deed.SUBSCRIPTION_PAUSED,
    MilestoneKind.ASKED_TO_RESUME: Deed.SUBSCRIPTION_RESUMED,
    MilestoneKind.ASKED_TO_CHANGE: Deed.SUBSCRIPTION_CHANGING,
    MilestoneKind.ASKED_NOT_TO_CHANGE: Deed.SUBSCRIPTION_UNCHANGED,
    MilestoneKind.LET_IN: Deed.SUBSCRIPTION_LET_IN,
    MilestoneKind.LET_OUT: Deed.SUBSCRIPTION_LET_OUT,
}


def record_asked(subscription: Subscription, kind: MilestoneKind, changes: Iterable[Change] = ()) -> None:
    """Tell what somebody of the studio asked for; a customer who asks for the same is in no history."""
    if is_recorded():
        also = [about_customer(subscription.customer), About(Thing.MEMBERSHIP, subscription.membership_id)]
        record(
            ASKED[kind],
            About(Thing.SUBSCRIPTION, subscription.pk, subscription.membership.title),
            account=subscription.account_id,
            also=also,
            changes=changes,
            beside=str(subscription.customer),
        )
