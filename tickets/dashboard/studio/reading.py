"""What pages read of money at the studio: who owes what for which classes, and what was taken; of one account."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import RowNumber
from django.shortcuts import get_object_or_404

from accounts.models import Account, Customer
from tickets.models import MoneyMethod, Presence, Seat, StudioPayment, StudioPaymentLine

ORDER: Final = ("-owes", "-pk")
MOST: Final = 60
"""How many classes of a customer a page lists: the oldest."""


@dataclass(slots=True)
class Debtor:
    """A customer who owes (or is owed) money, for which spaces (with entry and ticket), and how much in all."""

    customer: Customer
    owes: int
    seats: list[Seat] = field(default_factory=list)

    @property
    def missed(self) -> int:
        """For how many of these they did not come."""
        marks = (getattr(seat, "attendance", None) for seat in self.seats)
        return sum(mark is not None and mark.presence == Presence.ABSENT for mark in marks)


def owing_customers(account: Account, *, credit: bool) -> QuerySet[Customer]:
    """The customers of an account who owe something in all, with `owes`; or, with `credit`, who are owed something."""
    theirs = _owing(account).filter(customer=OuterRef("pk"))
    in_all = theirs.order_by().values("customer").annotate(all=Sum("owed")).values("all")
    found = Customer.objects.filter(Exists(theirs), account=account).annotate(owes=Subquery(in_all))
    return found.filter(owes__lt=0) if credit else found.filter(owes__gt=0)


def debtors(account: Account, customers: Sequence[Customer]) -> list[Debtor]:
    """Each of a page's customers (with `owes`) with the spaces it is for, up to `MOST` of each. One statement.

    All that was taken from nobody in particular is one customer's: what walk-ins owe may be for thousands of spaces.
    """
    found = {each.pk: Debtor(each, cast("Any", each).owes) for each in customers}
    nth = Window(RowNumber(), partition_by=F("customer"), order_by=F("pk").asc())
    theirs = _owing(account).filter(customer__in=list(found)).annotate(nth=nth)
    some = Seat.objects.filter(account=account, pk__in=theirs.filter(nth__lte=MOST).values("pk"))
    seats = some.select_related("entry", "ticket", "booking", "attendance")
    for seat in seats.order_by("entry__starts_at", "pk"):
        found[seat.customer_id].seats.append(seat)
    return list(found.values())


def to_collect_in_all(account: Account) -> int:
    """What the customers who owe an account something owe it in all, each less their credit, in minor units."""
    by_customer = _owing(account).order_by().values("customer").annotate(owes=Sum("owed"))
    return int(by_customer.filter(owes__gt=0).aggregate(all=Sum("owes", default=0))["all"])


def owed_by(customer: Customer) -> int:
    """What one customer owes in all, less their credit, in minor units. One statement, by the index of what is owed."""
    owed = _owing(customer.account).filter(customer=customer).aggregate(all=Sum("owed", default=0))
    return int(owed["all"])


def spaces_of(customer: Customer, *, only: Collection[int] = (), also: Collection[int] = ()) -> list[Seat]:
    """For which spaces a customer owes, or has credit, by their dates; `only` some of them (ids), paid or not.

    And `also` those that a form named, in case they were paid since.
    """
    account = customer.account
    found = Seat.objects.booked().filter(account=account, customer=customer)
    found = found.filter(pk__in=[*only, *also]) if only else found.filter(~Q(owed=0) | Q(pk__in=also))
    return list(found.select_related("entry", "ticket").order_by("entry__starts_at", "pk")[:MOST])


def returnable_of(customer: Customer, *, also: Collection[int] = ()) -> list[Seat]:
    """For which spaces something can be given back to a customer at the studio, the newest first; and `also` some."""
    found = Seat.objects.booked().filter(account=customer.account, customer=customer)
    paid = found.filter(Q(collected__gt=0) | Q(owed__lt=0) | Q(pk__in=also))
    return list(paid.select_related("entry", "ticket").order_by("-entry__starts_at", "-pk")[:MOST])


def give_back_spaces(customer: Customer, *, also: Collection[int] = ()) -> list[Seat]:
    """The same for the form that gives it back: after credits, what they owe for others, which credit pays first."""
    found = returnable_of(customer, also=also)
    if not any(seat.owed < 0 for seat in found):
        return found
    known = {seat.pk for seat in found}
    return [*found, *(seat for seat in spaces_of(customer) if seat.owed > 0 and seat.pk not in known)]


def fetch_studio_payment(account: Account, pk: int) -> StudioPayment:
    """A payment at the studio of this account with customer, who took it and what corrects it; 404: there is none."""
    found = studio_payments(account).select_related("corrects", "corrected_by")
    made = get_object_or_404(found, pk=pk)
    made.account = account
    return made


def studio_payments(account: Account) -> QuerySet[StudioPayment]:
    """The payments at the studio of an account, with customer and who took them."""
    return studio_payments_in(account.pk)


def studio_payments_in(account: int) -> QuerySet[StudioPayment]:
    """The same of an account (id)."""
    return StudioPayment.objects.filter(account=account).select_related("customer", "taken_by", "corrected_by")


def studio_payments_of(seats: Sequence[Seat]) -> list[StudioPayment]:
    """The payments at the studio that were for some of these spaces of one account, newest first. One statement."""
    if not seats:
        return []
    account = seats[0].account_id
    lines = StudioPaymentLine.objects.filter(account=account, seat__in=[seat.pk for seat in seats])
    found = studio_payments_in(account).filter(pk__in=lines.values("payment"))
    return list(found.order_by("-taken_at", "-pk"))


def methods_for(last: str) -> Mapping[str, str]:
    """The ways to take money with their labels, the one used last first."""
    ways = sorted(MoneyMethod, key=lambda each: each != last)
    return {str(each): str(each.label) for each in ways}


def _owing(account: Account) -> QuerySet[Seat]:
    return Seat.objects.filter(account=account).exclude(owed=0)
