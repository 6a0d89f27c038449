"""What becomes of checkouts and refunds when a copy of the database becomes a site of its own."""

from bookwhen.installation.adoption import Adoption, Story, Waiting
from tickets.checkout.on_way import waive
from tickets.checkout.settling import release_unpaid
from tickets.models import Payment, Refund, RefundState


def count_waiting(**_about: object) -> list[Waiting]:
    """The baskets at the checkout, and the refunds that Stripe has not been asked for."""
    return [
        Waiting("baskets at the checkout", Payment.objects.at_checkout().count()),
        Waiting("payments on their way", Payment.objects.on_way().count()),
        Waiting("refunds", Refund.objects.filter(state=RefundState.QUEUED).count()),
    ]


def leave_money(*, adoption: Adoption, **_about: object) -> None:
    """Leave what is paid and refunded to the site that this was copied from: here nothing of it will be heard of."""
    if adoption.story is not Story.SEPARATE:
        return
    for payment in Payment.objects.open().for_settling().order_by("pk"):
        # What is on its way comes to the other site, or never comes; the space is kept here as it is there.
        leave = waive if payment.is_on_way else release_unpaid
        leave(payment, now=adoption.now)
    ours = Refund.objects.filter(state__in=[RefundState.QUEUED, RefundState.PENDING])
    ours.update(state=RefundState.DONE, done_at=adoption.now, trouble=f"Refunded by {adoption.copy.site}.")
