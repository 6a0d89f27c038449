"""What a visitor has booked at an entry, found without reading what others have there.

Everybody who opens the page of an entry is looked for, also while hundreds book it at once: then PostgreSQL knows
nothing yet of how full it is. So each statement leaves it one way (docs/decisions/0046): from the visitor to the seat.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from accounts.models import Customer
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from tickets.models import Booking, BookingState, Seat, WaitlistRequest


class _IsAny(Func):
    """Whether a key is one of an array's."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def newest_at_entry(remembered: list[UUID], user: int) -> QuerySet[Booking]:
    """Of these bookings (uuids), made by this login or by none (0), those with a seat at the entry around this query.

    Newest first.
    """
    # One booking's: a subquery that has to be asked for each, so that it is not begun with the entry's seats.
    seat = Seat.objects.live().filter(booking=OuterRef("pk"), customer=OuterRef("customer"))
    there = seat.filter(entry=OuterRef(OuterRef("pk"))).values("booking")[:1]
    is_remembered = IsOneOf("uuid", remembered, of=UUIDField())
    is_there = _only_where(is_remembered, Subquery(there))
    return Booking.objects.filter(_is_booked("state"), is_remembered, _is_of(user), pk=is_there).order_by("-created_at")


def newest_of_login(user: int) -> QuerySet[Any, Any]:
    """The `found` uuid of a login's bookings with a seat at the entry around this query, newest first."""
    customer = _customer_of(user, OuterRef(OuterRef("account")))
    booking = Booking.objects.filter(pk=OuterRef("booking"))
    state, made, uuid = (Subquery(booking.values(name)) for name in ("state", "created_at", "uuid"))
    theirs = Seat.objects.live().filter(customer=customer, entry=OuterRef("pk"))
    booked = theirs.filter(Exact(_only_where(Q(customer=customer), state), Value(BookingState.BOOKED.value)))
    return booked.order_by(made.desc()).annotate(found=uuid).values("found")


def request_of_login(user: int, name: str) -> QuerySet[Any, Any]:
    """A column of the request by which a login waits at the entry around this query, or has an offer there."""
    theirs: QuerySet[Any, Any] = WaitlistRequest.objects.open().filter(entry=OuterRef("pk"))
    return theirs.filter(customer=_customer_of(user, OuterRef(OuterRef("account")))).values(name)[:1]


@compiled_query
def seats_of_visitor(account: int, entry: int, user: int, remembered: list[UUID], since: datetime) -> QuerySet[Seat]:
    """The seats, with booking and ticket, that a login or, without one (0), a browser has booked there lately."""
    is_here = Exact(Coalesce("entry", 0), Value(entry))
    is_live = Exact(Func("cancelled_at", function="num_nulls", output_field=IntegerField()), 1)
    bookings = Booking.objects.filter(IsOneOf("uuid", remembered, of=UUIDField()), _is_of(user))
    of_browser = Seat.objects.filter(_IsAny(F("booking"), ArraySubquery(bookings.values("pk"))))
    of_login = Seat.objects.live().filter(entry=entry, customer=_customer_of(user, Value(account)))
    seats = [ArraySubquery(each.values("pk")) for each in (of_browser, of_login)]
    theirs = _IsAny(F("pk"), Func(*seats, function="array_cat"))
    found = Seat.objects.select_related("booking", "ticket").filter(
        theirs, is_here, is_live, _is_booked("booking__state")
    )
    return found.filter(Q(created_at__gt=since)).order_by("-booking__created_at", "-booking", "pk")


def _customer_of(user: int, account: Combinable) -> Any:  # noqa: ANN401 - an expression
    return Subquery(Customer.objects.filter(user=user, account=account).values("pk")[:1])


def _only_where(condition: Combinable | Q, then: Subquery) -> Case:
    """A subquery that is asked of no other rows.

    PostgreSQL asks first what it takes to be cheapest. Planned while the tables were empty, that was this one: then
    each row had it read the whole of the other table, until the tables were analysed again.
    """
    return Case(When(condition, then=then))


def _is_booked(column: str) -> Case:
    """Whether it is no basket. PostgreSQL takes that for half of them: nothing begins with all that are booked."""
    return Case(When(**{column: BookingState.BOOKED}, then=True), default=False, output_field=BooleanField())


def _is_of(user: int) -> Exact:
    return Exact(Coalesce("filled_by", 0), user)
