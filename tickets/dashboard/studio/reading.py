"""What pages read of money at the studio: who owes what for which classes, and what was taken; of one account."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least, RowNumber
from django.db.models.lookups import IsNull
from django.shortcuts import get_object_or_404

from accounts.models import Account, Customer
from tickets.models import Booking, MoneyMethod, Presence, Seat, StudioPayment, StudioPaymentLine

if TYPE_CHECKING:
    from tickets.annotated import StudioPaymentRow

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
    def has_walk_ins(self) -> bool:
        """Whether some of these are of walk-ins without an address, who are all booked as the studio itself."""
        return any(payer_of(seat) is not None for seat in self.seats)

    @property
    def missed(self) -> int:
        """For how many of these they did not come."""
        marks = (getattr(seat, "attendance", None) for seat in self.seats)
        return sum(mark is not None and mark.presence == Presence.ABSENT for mark in marks)


def owing_customers(account: Account, *, credit: bool) -> QuerySet[Customer]:
    """The customers of an account who owe something in all, with `owes`; or, with `credit`, who are owed something.

    The studio itself, as whom walk-ins without an address are booked, can be both.
    """
    theirs = _owing(account).filter(customer=OuterRef("pk"))
    in_all = theirs.order_by().values("customer").annotate(all=sum_of_owed(account, credit=credit)).values("all")
    found = Customer.objects.filter(Exists(theirs), account=account).annotate(owes=Subquery(in_all))
    return found.filter(owes__lt=0) if credit else found.filter(owes__gt=0)


def debtors(account: Account, customers: Sequence[Customer]) -> list[Debtor]:
    """Each of a page's customers (with `owes`) with the spaces it is for, up to `MOST` of each. One statement.

    All that was taken from nobody in particular is one customer's: what walk-ins owe may be for thousands of spaces.
    """
    found = {each.pk: Debtor(each, cast("Any", each).owes) for each in customers}
    nth = Window(RowNumber(), partition_by=F("customer"), order_by=F("pk").asc())
    credit = any(each.owes < 0 for each in found.values())
    is_shown = Q(owed__lt=0) if credit else Q(owed__gt=0)
    theirs = _owing(account).filter(is_shown | Q(IsNull(_walk_in_of(account), True)), customer__in=list(found))  # noqa: FBT003
    theirs = theirs.annotate(nth=nth)
    some = Seat.objects.filter(account=account, pk__in=theirs.filter(nth__lte=MOST).values("pk"))
    seats = some.select_related("entry", "ticket", "booking", "attendance")
    for seat in seats.order_by("entry__starts_at", "pk"):
        found[seat.customer_id].seats.append(seat)
    for debtor in found.values():
        debtor.seats = _of_one_sign(debtor.seats, credit=credit)
    return list(found.values())


def to_collect_in_all(account: Account) -> int:
    """What the customers who owe an account something owe it in all, each less their credit, in minor units."""
    in_all = sum_of_owed(account, credit=False)
    by_customer = _owing(account).order_by().values("customer").annotate(owes=in_all)
    return int(by_customer.filter(owes__gt=0).aggregate(all=Sum("owes", default=0))["all"])


def owed_by(customer: Customer) -> int:
    """What one customer owes in all, less their credit, in minor units. One statement, by the index of what is owed.

    Of walk-ins without an address, what they owe; or their credit, where none of them owes anything.
    """
    account = customer.account
    return owed_in(_owing(account).filter(customer=customer).aggregate(**owed_sums(account)))


def owed_sums(account: Account) -> dict[str, Combinable]:
    """What to aggregate of one customer's spaces for `owed_in`."""
    return {"debt": sum_of_owed(account, credit=False), "credit": sum_of_owed(account, credit=True)}


def owed_in(sums: Mapping[str, Any]) -> int:
    """What `owed_sums` come to, in minor units: what is owed, else (below 0) a credit."""
    return int(sums["debt"] or sums["credit"] or 0)


def sum_of_owed(account: Account, *, credit: bool) -> Combinable:
    """What spaces of one customer come to where that is above 0, in minor units; with `credit`, where it is below.

    A customer's credit is taken off what they owe. Walk-ins without an address are one customer, and many people: what
    each owes, or has to their credit, is their own. Somebody who came by has one space.
    """
    walk_in = _walk_in_of(account)
    own = Sum("owed", filter=IsNull(walk_in, True), default=0)  # noqa: FBT003 - Django's own
    if credit:
        return Least(own, 0) + Sum("owed", filter=Q(IsNull(walk_in, False), owed__lt=0), default=0)  # noqa: FBT003
    return Greatest(own, 0) + Sum("owed", filter=Q(IsNull(walk_in, False), owed__gt=0), default=0)  # noqa: FBT003


def payer_of(seat: Seat) -> int | None:
    """Who pays for a space (with its booking), beside its customer: the walk-in, by their booking (id); else None."""
    return seat.booking_id if seat.booking.is_walk_in else None


def spaces_of(customer: Customer, *, only: Collection[int] = (), also: Collection[int] = ()) -> list[Seat]:
    """For which spaces a customer owes, or has credit, by their dates; `only` some of them (ids), paid or not.

    And `also` those that a form named, in case they were paid since.
    """
    account = customer.account
    found = Seat.objects.booked().filter(account=account, customer=customer)
    found = found.filter(pk__in=[*only, *also]) if only else found.filter(~Q(owed=0) | Q(pk__in=also))
    return list(found.select_related("entry", "ticket", "booking").order_by("entry__starts_at", "pk")[:MOST])


def returnable_of(customer: Customer, *, only: Collection[int] = (), also: Collection[int] = ()) -> list[Seat]:
    """For which spaces something can be given back to a customer at the studio, the newest first.

    `only` some of them (ids); and `also` those that a form named.
    """
    found = Seat.objects.booked().filter(account=customer.account, customer=customer)
    paid = found.filter(pk__in=[*only, *also]) if only else found
    paid = paid.filter(Q(collected__gt=0) | Q(owed__lt=0) | Q(pk__in=also))
    return list(paid.select_related("entry", "ticket", "booking").order_by("-entry__starts_at", "-pk")[:MOST])


def give_back_spaces(customer: Customer, *, only: Collection[int] = (), also: Collection[int] = ()) -> list[Seat]:
    """The same for the form that gives it back: after credits, what they owe for others, which credit pays first."""
    found = returnable_of(customer, only=only, also=also)
    in_credit = {payer_of(seat) for seat in found if seat.owed < 0}
    if not in_credit:
        return found
    known = {seat.pk for seat in found}
    owing = (seat for seat in spaces_of(customer) if seat.owed > 0 and seat.pk not in known)
    return [*found, *(seat for seat in owing if payer_of(seat) in in_credit)]


def fetch_studio_payment(account: Account, pk: int) -> StudioPayment:
    """A payment at the studio of this account with customer, who took it and what corrects it; 404: there is none."""
    found = studio_payments(account).select_related("corrects", "corrected_by")
    made = get_object_or_404(found, pk=pk)
    made.account = account
    return made


def studio_payments(account: Account) -> "QuerySet[StudioPaymentRow, StudioPaymentRow]":
    """The payments at the studio of an account, with customer, who took them, and the walk-in who paid, if one did."""
    return studio_payments_in(account.pk)


def studio_payments_in(account: int) -> "QuerySet[StudioPaymentRow, StudioPaymentRow]":
    """The same of an account (id)."""
    lines = StudioPaymentLine.objects.filter(account=OuterRef("account"), payment=OuterRef("pk"))
    theirs = Booking.objects.walk_ins().filter(account=OuterRef("account"), pk=OuterRef("seat__booking"))
    # Each walk-in pays alone: every line of a payment is of the same one.
    name = lines.order_by("pk").values(name=Subquery(theirs.values("booker_name")))[:1]
    found = StudioPayment.objects.filter(account=account).annotate(walk_in_name=Subquery(name))
    return found.select_related("customer", "taken_by", "corrected_by")


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


def _walk_in_of(account: Account) -> Case:
    """The booking (id) of a walk-in without an address, where their customer has debts and credits; else null.

    Where all is owed, or all is credit, it makes no difference. Only what is in the index of what is owed is read of
    other spaces.
    """
    both = _owing(account).order_by().values("customer").annotate(least=Min("owed"), most=Max("owed"))
    both = both.filter(least__lt=0, most__gt=0)
    booking = Subquery(Seat.objects.filter(account=account, pk=OuterRef(OuterRef("pk"))).values("booking"))
    walk_in = Booking.objects.walk_ins().filter(account=account, pk=booking).values("pk")
    return Case(When(customer__in=both.values("customer"), then=Subquery(walk_in)), default=None)


def _of_one_sign(seats: list[Seat], *, credit: bool) -> list[Seat]:
    """Beside those of walk-ins, a customer’s own spaces only where these come to a debt, or to a credit, too."""
    walk_ins = [seat for seat in seats if payer_of(seat) is not None]
    own = sum(seat.owed for seat in seats if payer_of(seat) is None)
    return walk_ins if walk_ins and (own < 0) != credit else seats
