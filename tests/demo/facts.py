"""What there is at the demo studio, counted."""

from datetime import timedelta

from django.db.models import Max

from accounts.models import Account, Customer, Letter, SchedulePage, User
from bookwhen.payments.models import StripeEvent
from groups.models import Member, Standing
from memberships.models import Difference, Invoice, Membership, Milestone, Price, Subscription
from memberships.queries import memberships_on_sale
from offers.models import OfferUse, UsagePeriod
from tests.factories.schedule import NOW
from tickets.models import Booking, Seat, Series


def weeks_ahead(account: Account) -> dict[int, int]:
    """Whole weeks from NOW to the last entry, by weekly series."""
    endless = Series.objects.filter(account=account).exclude(rule="").exclude(rule__contains="COUNT")
    series = endless.annotate(last=Max("entries__starts_at"))
    return {each.pk: (each.last - NOW) // timedelta(weeks=1) for each in series}


def count_everything() -> dict[str, int]:
    """How many of everything but entries, by model."""
    managers = (
        Booking.objects,
        Seat.objects,
        Customer.objects,
        Letter.objects,
        Member.objects,
        OfferUse.objects,
        UsagePeriod.objects,
        Series.objects,
        User.objects,
        SchedulePage.objects,
        Standing.objects,
        Membership.objects,
        Price.objects,
        Subscription.objects,
        Invoice.objects,
        Milestone.objects,
        Difference.objects,
        StripeEvent.objects,
    )
    return {manager.model.__name__: manager.count() for manager in managers}


def list_memberships(account: Account, page: str) -> list[tuple[str, list[tuple[str, int, str, int]]]]:
    """The memberships on sale at a page, each with its prices: title, cost, interval, trial days."""
    shown = memberships_on_sale(account.pages.with_connection().get(slug=page))
    return [
        (
            membership.title,
            [(each.title, each.amount, each.interval, each.trial_days) for each in membership.prices.all()],
        )
        for membership in shown
    ]
