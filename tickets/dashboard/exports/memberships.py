"""Memberships that customers have or had as a file: what they pay, how they stand, and what Stripe calls them."""

from collections.abc import Sequence
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import StripeCustomer
from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from memberships.models import Subscription
from memberships.models.subscriptions import listed_from
from memberships.phrases import billing_period_text
from memberships.subscription_rows import subscription_row
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import Asked, Batch, ExportList, Place, from_time

ORDER: Final = ("listed", "pk")


def _found(asked: Asked) -> QuerySet[Subscription]:
    return Subscription.objects.begun().filter(account=asked.account)


def _head(asked: Asked) -> list[str]:
    return [
        _("Customer"),
        _("Email address"),
        _("Membership"),
        _("Customer group"),
        _("Price"),
        _("Amount"),
        _("Currency"),
        _("Billing period"),
        _("Status"),
        asked.zoned(_("Started")),
        _("Trial ends"),
        _("Paid until"),
        _("Next bill"),
        _("Next amount"),
        _("Paused since"),
        _("Resumes"),
        _("Ends or ended"),
        _("Stripe subscription"),
        _("Stripe customer"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    at_stripe = StripeCustomer.objects.filter(
        account=asked.account, customer=OuterRef("customer"), connection=asked.account.connection_id
    )
    found = _found(asked).annotate(listed=listed_from(), at_stripe=Subquery(at_stripe.values("stripe_id")[:1]))
    found = found.select_related("customer", "membership__group", "price")
    some = list(rows_after(found, ORDER, from_time(place))[:most])
    after = [some[-1].listed.isoformat(), some[-1].pk] if len(some) == most else None
    return Batch([_row(asked, each, each.at_stripe or "") for each in some], after, len(some))


MEMBERSHIPS: Final = ExportList(
    name="memberships_csv",
    label=gettext_lazy("Make a file of memberships"),
    working=gettext_lazy("Writing memberships"),
    title=gettext_lazy("Memberships"),
    says=gettext_lazy("Each membership that customers have or had: price, status, next bill and its Stripe ids."),
    file="memberships",
    head=_head,
    read=_read,
    found=_found,
)


def _row(asked: Asked, subscription: Subscription, at_stripe: str) -> Sequence[Cell]:
    row, price = subscription_row(subscription, asked.account.locale), subscription.price
    currency = subscription.currency or price.currency
    amount, following = subscription.period_amount, subscription.next_amount
    return [
        subscription.customer.name,
        subscription.customer.reached_at,
        subscription.membership.title,
        subscription.membership.group.name,
        price.title,
        amount_of(price.amount * subscription.quantity if amount is None else amount, currency),
        currency,
        billing_period_text(price.interval, price.interval_count),
        str(row.state.label),
        asked.moment(subscription.started_at),
        asked.moment(subscription.trial_end),
        asked.moment(subscription.paid_until or subscription.period_end),
        asked.moment(row.renews),
        "" if following is None or row.renews is None else amount_of(following, currency),
        asked.moment(subscription.paused_at),
        asked.moment(subscription.resumes_at),
        asked.moment(row.ends),
        subscription.stripe_id,
        at_stripe,
    ]
