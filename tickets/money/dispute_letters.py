"""The letters to a studio’s owners about a dispute: once when money is asked back, and once when it’s decided."""

from datetime import datetime

from django.urls import reverse

from accounts.email_queue import Envelope, absolute, queue_letters
from accounts.models import Customer, LetterKind, Role, Staff
from tickets.models import UNDECIDED, Dispute, DisputeState


def notify_owners(dispute: Dispute, before: DisputeState | None, *, now: datetime) -> None:
    """Write to the owners what a dispute has become, once each; the customer is told nothing.

    `before` is what it was; none where we did not know it. Call it in the transaction that takes it over.
    """
    state = DisputeState(dispute.state)
    if state == DisputeState.CLOSED and before is None:
        return  # an inquiry that came to nothing before we heard of it
    kind = LetterKind.DISPUTE_OPENED if state in UNDECIDED else LetterKind.DISPUTE_CLOSED
    account = dispute.account
    context = {
        "dispute": dispute,
        "customer": disputing_customer(dispute),
        "zone": account.zone,
        "link": _page(dispute),
    }
    owners = Staff.objects.filter(account=account, role=Role.OWNER).select_related("user").order_by("pk")
    envelopes = [
        Envelope(owner.user.email, context, dedupe=f"dispute:{dispute.pk}:{state}:{owner.user_id}") for owner in owners
    ]
    queue_letters(envelopes, kind=kind, template=f"tickets/letters/{kind}", account=account, now=now)


def disputing_customer(dispute: Dispute) -> Customer:
    """Who paid what is disputed."""
    if dispute.payment is not None:
        return dispute.payment.booking.customer
    assert dispute.invoice is not None  # noqa: S101 - it is of one or the other
    return dispute.invoice.subscription.customer


def _page(dispute: Dispute) -> str:
    slug = dispute.account.slug
    if dispute.payment_id:
        return absolute(reverse("dashboard:payment", kwargs={"account": slug, "pk": dispute.payment_id}))
    assert dispute.invoice is not None  # noqa: S101 - it is of one or the other
    pk = dispute.invoice.subscription_id
    return absolute(reverse("dashboard:subscription", kwargs={"account": slug, "pk": pk}))
