"""What becomes of checkouts and refunds when a copy of the database becomes a site of its own."""

from bookwhen.installation.adoption import Adoption, Story, Waiting
from tickets.checkout.settling import release_unpaid
from tickets.models import Payment, Refund, RefundState


def count_waiting(**_about: object) -> list[Waiting]:
    """The baskets at the checkout, and the refunds that Stripe has not been asked for."""
    return [
        Waiting("baskets at the checkout", Payment.objects.open().count()),
        Waiting("refunds", Refund.objects.filter(state=RefundState.QUEUED).count()),
    ]


def leave_money(*, adoption: Adoption, **_about: object) -> None:
    """Leave what is paid and refunded to the site that this was copied from: here nothing of it will be heard of."""
    if adoption.story is not Story.SEPARATE:
        return
    for payment in Payment.objects.open().for_settling().order_by("pk"):
        release_unpaid(payment, now=adoption.now)
    ours = Refund.objects.filter(state__in=[RefundState.QUEUED, RefundState.PENDING])
    ours.update(state=RefundState.DONE, done_at=adoption.now, trouble=f"Refunded by {adoption.copy.site}.")
