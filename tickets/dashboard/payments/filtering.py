"""Which payments an operator asks for: whose, and of which days; for the list and for the file alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy

from accounts.dashboard.query import MOST_LISTED
from accounts.models import Account
from bookwhen.fastpath.compiled import IsOneOf
from bookwhen.forms import Form
from tickets.dashboard.fetch import payments_of
from tickets.dashboard.searches import search_bookings
from tickets.models import Booking, PaymentQuerySet
from tickets.models.payments import listed_at
from tickets.money.failed_refunds import failed_refunds

ORDER: Final = ("-at", "-pk")


class FilterForm(Form):
    """Whose payments, and of which days of the account's time zone (both included)."""

    conditional = frozenset({"q", "since", "until"})

    q = forms.CharField(
        label=gettext_lazy("Customer or reference"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)


@dataclass(frozen=True, slots=True)
class FilteredPayments:
    """What a filter finds. `among`: where it finds them one by one, since so many match that they are not counted."""

    found: PaymentQuerySet
    among: PaymentQuerySet | None = None


def filtered_payments(account: Account, given: Mapping[str, Any]) -> FilteredPayments:
    """The account's payments that a filter (what `FilterForm` made of it) asks for.

    What the filter cannot read is passed over. Each has `at`, when it was paid or begun, and `has_failed`: a refund of
    it that nobody has seen to.
    """
    waiting = failed_refunds(account).filter(payment=OuterRef("pk"))
    found = payments_of(account).annotate(at=listed_at(), has_failed=Exists(waiting))
    if since := given.get("since"):
        found = found.filter(at__gte=datetime.combine(since, time.min, account.zone))
    if until := given.get("until"):
        found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, account.zone))
    if not (words := given.get("q", "")):
        return FilteredPayments(found)
    search = search_bookings(account, words)
    theirs = found.filter(booking__in=Booking.objects.filter(search.condition, account=account))
    if search.is_broad:
        return FilteredPayments(theirs, among=found)
    # Their payments are looked up once, for the list and for each of its tabs.
    ids = list(theirs.order_by().values_list("pk", flat=True)[: MOST_LISTED + 1])
    return FilteredPayments(found.filter(IsOneOf("pk", ids)) if len(ids) <= MOST_LISTED else theirs)
