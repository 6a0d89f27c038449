"""Which subscriptions at Stripe are left out, although they are at a price of ours."""

from accounts.models import Account
from accounts.models.operations import WORKED_OFF
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.items import KnownHere
from memberships.models import ENDED, LeftOut, Subscription


def is_left_out(account: Account, reading: SubscriptionReading, known: KnownHere | None = None) -> bool:
    """Whether a subscription that began at Stripe, and that we do not know, is none of ours.

    That is one that an import left out, or has not got to yet, and one that had ended before we heard of it.
    """
    if reading.status in ENDED:
        return True
    if known is not None:
        return reading.id in known.left_out
    return LeftOut.objects.filter(account=account, stripe_id=reading.id).exists()


def wait_while_importing(account: Account, stripe_id: str) -> None:
    """Let what is told of a subscription that was left out a moment ago wait where an import is taking it over.

    Raises NotYetError: it is looked at again once that is done.
    """
    due = LeftOut.objects.filter(
        account=account, stripe_id=stripe_id, is_due=True, list_import__operation__state__in=WORKED_OFF
    )
    if due.exists() or Subscription.objects.filter(account=account, stripe_id=stripe_id).exists():
        message = f"{stripe_id} is being imported. We’ll look at it again after that."
        raise NotYetError(message)


def forget_left_out(*, account: Account, **_about: object) -> None:
    """Another Stripe account takes the place of the old one: its subscriptions are others."""
    LeftOut.objects.filter(account=account).delete()
