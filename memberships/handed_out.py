"""What the memberships app keeps of a person, as it is handed out to them."""

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.handing_out import Clock, Said, Section, each_row
from accounts.models import Customer
from bookwhen.money import amount_of
from memberships.models import Invoice, Milestone, Subscription


def _subscriptions(customer: Customer) -> QuerySet[Subscription]:
    theirs = Subscription.objects.filter(account=customer.account_id, customer=customer)
    return theirs.select_related("membership", "price")


def _said_of_subscription(subscription: Subscription, clock: Clock) -> Said:
    price = subscription.price
    return {
        _("Membership"): subscription.membership.title,
        _("Price"): str(amount_of(price.amount, price.currency)),
        _("Currency"): price.currency,
        _("Status"): subscription.get_status_display(),
        _("Asked for"): clock(subscription.created_at),
        _("Started"): clock(subscription.started_at),
        _("Trial ends"): clock(subscription.trial_end),
        _("Paid until"): clock(subscription.period_end),
        _("Paused"): clock(subscription.paused_at),
        _("Ends"): clock(subscription.ends_at),
        _("Ended"): clock(subscription.ended_at),
        _("Stripe subscription"): subscription.stripe_id,
    }


def _invoices(customer: Customer) -> QuerySet[Invoice]:
    theirs = Invoice.objects.filter(account=customer.account_id, subscription__customer=customer)
    return theirs.select_related("subscription__membership")


def _said_of_invoice(invoice: Invoice, clock: Clock) -> Said:
    return {
        _("Invoice"): invoice.number or invoice.stripe_id,
        _("Membership"): invoice.subscription.membership.title,
        _("Date"): clock(invoice.created_at),
        _("Due"): str(amount_of(invoice.amount_due, invoice.currency)),
        _("Paid"): str(amount_of(invoice.amount_paid, invoice.currency)),
        _("Currency"): invoice.currency,
        _("Status"): invoice.status,
    }


def _milestones(customer: Customer) -> QuerySet[Milestone]:
    theirs = Milestone.objects.filter(account=customer.account_id, subscription__customer=customer)
    return theirs.select_related("subscription__membership")


def _said_of_milestone(milestone: Milestone, clock: Clock) -> Said:
    """Without who asked for it, which may be somebody else."""
    return {
        _("Membership"): milestone.subscription.membership.title,
        _("When"): clock(milestone.at),
        _("What happened"): milestone.get_kind_display(),
        _("About"): milestone.about,
    }


SECTIONS: Final = (
    Section(
        gettext_lazy("Memberships"),
        each_row(_subscriptions, _said_of_subscription),
        covers=("memberships.Subscription.customer",),
    ),
    Section(gettext_lazy("Invoices of memberships"), each_row(_invoices, _said_of_invoice)),
    Section(gettext_lazy("History of memberships"), each_row(_milestones, _said_of_milestone)),
)
