"""Which subscriptions at Stripe are left out, although they are at a price of ours."""

from accounts.models import Account
from accounts.models.operations import WORKED_OFF
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.models import ENDED, LeftOut


def is_left_out(account: Account, reading: SubscriptionReading) -> bool:
    """Whether a subscription that began at Stripe, and that we do not know, is none of ours.

    That is one that an import left out, and one that had ended before we heard of it. Raises NotYetError while an
    import is about to take it over: what is told of it by then is looked at again afterwards.
    """
    if reading.status in ENDED:
        return True
    found = LeftOut.objects.filter(account=account, stripe_id=reading.id).select_related("list_import__operation")
    if (known := found.first()) is None:
        return False
    importing = known.list_import
    if known.is_due and importing is not None and importing.operation.state in WORKED_OFF:
        message = f"{reading.id} is being imported. We’ll look at it again after that."
        raise NotYetError(message)
    return True


def forget_left_out(*, account: Account, **_about: object) -> None:
    """Another Stripe account takes the place of the old one: its subscriptions are others."""
    LeftOut.objects.filter(account=account).delete()
