"""A person is erased: memberships that are over stay as nobody's, with what was billed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.erasing.parts import ErasePart, Erasing, Obstacle
from accounts.models import Customer
from memberships.models import Invoice, Milestone, Subscription, SubscriptionStatus
from memberships.models.subscriptions import TAKEN


def living(customer: Customer, now: datetime) -> Iterable[Obstacle]:
    """Memberships that go on, or are just being bought: Stripe would go on billing somebody whom nobody knows."""
    del now
    theirs = Subscription.objects.filter(account=customer.account_id, customer=customer).select_related("membership")
    for each in theirs.filter(status__in=TAKEN).order_by("pk"):
        words = _("They have the membership “%(title)s”. Cancel it first, and wait until it has ended.")
        yield Obstacle(words % {"title": each.membership.title}, "subscription", each.pk)
    for each in theirs.filter(status=SubscriptionStatus.PENDING).order_by("pk"):
        words = _("They’re at the checkout for the membership “%(title)s”. That is over within half an hour.")
        yield Obstacle(words % {"title": each.membership.title})


def erase_subscriptions(erasing: Erasing) -> None:
    """The subscriptions and their bills; who asked for something, where it was the customer."""
    theirs = Subscription.objects.filter(account=erasing.account, customer=erasing.customer)
    keys = list(theirs.values_list("pk", flat=True))
    connection = erasing.account.connection_id
    for stripe_ids in theirs.values_list("stripe_id", "session"):
        erasing.note_at_stripe(connection, stripe_ids)
    bills = Invoice.objects.filter(account=erasing.account, subscription__in=keys)
    erasing.note_at_stripe(connection, bills.values_list("stripe_id", flat=True))
    asked = Milestone.objects.filter(account=erasing.account, subscription__in=keys)
    asked.filter(Q(who__in=erasing.known.exact)).update(who=erasing.name)
    theirs.update(customer=erasing.left)


SUBSCRIPTIONS: Final = ErasePart(erase=erase_subscriptions, obstacles=living)
