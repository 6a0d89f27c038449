"""The register of an entry: who is on it, in which order, and how many of them are here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, TextChoices, TextField, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.text import compared_name, plain_letter
from tickets.models import HELD_STATES, BookingState, Channel, Entry, Presence, Seat
from tickets.queries import free_again_until

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PER_PAGE: Final = 100
MOST_PRINTED: Final = 1000
"""How many lines are printed at most."""
_KNOWN: Final = (
    *("ticket", "customer", "booking", "payment", "use__period__offer__group"),
    "attendance__marked_by",
)


_LATIN: Final = [chr(code) for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]]
_ACCENTED: Final = "".join(each for each in _LATIN if plain_letter(each) != each)
_PLAIN: Final = "".join(plain_letter(each) for each in _ACCENTED)
"""By what PostgreSQL sorts names: its order may be that of bytes, in which Émile comes after Zoe."""


class _Listed(TypedDict):
    is_held: int
    listed_as: str


ListedSeat: TypeAlias = "WithAnnotations[Seat, _Listed]"


class Sorting(TextChoices):
    """In which order a register is read."""

    NAME = "name", _("Name")
    BOOKED = "booked", _("Time of booking")


_ORDERS: Final = {
    Sorting.NAME: ("is_held", "listed_as", "pk"),
    Sorting.BOOKED: ("is_held", "created_at", "pk"),
}
"""What is only held in a basket comes last."""


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """How many people are booked, of whom how many are here or absent; and how many spaces are only held."""

    booked: int
    present: int
    absent: int
    held: int

    @property
    def unsaid(self) -> int:
        """Of how many nothing is said."""
        return self.booked - self.present - self.absent


@dataclass(frozen=True, slots=True)
class RegisterView:
    """Which part of a register an address asks for."""

    words: str = ""
    sorting: Sorting = Sorting.NAME
    booking: int = 0
    """The booking (id) whose people alone are shown; 0: everybody."""

    @property
    def order(self) -> tuple[str, ...]:
        """The columns it is read by."""
        return _ORDERS[self.sorting]


def listed_seats(entry: Entry) -> QuerySet[Seat]:
    """Everybody on the register of an entry (with its account), each with all that a line tells.

    Who has a space, and who gave it up after the cut-off. Of a cancelled entry everybody who had one when it was
    cancelled, to be telephoned.
    """
    everything = Seat.objects.filter(account=entry.account_id, entry=entry).select_related(*_KNOWN)
    booked = Q(booking__state=BookingState.BOOKED)
    if entry.cancelled_at:
        return everything.filter(Q(cancelled_at=None) | Q(booked, cancelled_at__gte=entry.cancelled_at))
    return everything.filter(Q(cancelled_at=None) | Q(booked, is_late(entry)))


def is_late(entry: Entry) -> Q:
    """The condition that a seat of an entry (with its account) was cancelled by its customer after the cut-off."""
    return Q(cancelled_by=Channel.CUSTOMER, cancelled_at__gt=free_again_until(entry, entry.account))


def cancelled_late(entry: Entry, seat: Seat) -> bool:
    """Whether a seat was."""
    at = seat.cancelled_at
    return at is not None and seat.cancelled_by == Channel.CUSTOMER and at > free_again_until(entry, entry.account)


def register_page(entry: Entry, view: RegisterView, address: Mapping[str, str]) -> KeysetPage[ListedSeat]:
    """The page of a register that an address asks for; one statement, and one more to look for a name."""
    found = _listed(entry, view)
    return keyset_page(found, view.order, address, size=PER_PAGE)


def printed_seats(entry: Entry, view: RegisterView) -> list[ListedSeat]:
    """All of it, in the same order, up to as many as are printed; what is only held in a basket is left out."""
    found = _listed(entry, view).exclude(booking__state__in=HELD_STATES)
    return list(found.order_by(*view.order)[:MOST_PRINTED])


def register_counts(entry: Entry) -> RegisterCounts:
    """How many are booked and here, in one statement."""
    booked, held = Q(booking__state=BookingState.BOOKED), Q(booking__state__in=HELD_STATES)
    counted = Seat.objects.live().filter(account=entry.account_id, entry=entry)
    return RegisterCounts(
        **counted.aggregate(
            booked=Count("pk", filter=booked),
            present=Count("pk", filter=booked & Q(attendance__presence=Presence.PRESENT)),
            absent=Count("pk", filter=booked & Q(attendance__presence=Presence.ABSENT)),
            held=Count("pk", filter=held),
        )
    )


def _listed(entry: Entry, view: RegisterView) -> "QuerySet[ListedSeat]":
    found = listed_seats(entry)
    if view.booking:
        # Scanned: whatever became of them.
        of_booking = Seat.objects.filter(account=entry.account_id, entry=entry, booking=view.booking)
        found = of_booking.exclude(cancelled_by=Channel.BASKET_ABANDONED).select_related(*_KNOWN)
    elif view.words:
        found = found.filter(pk__in=_found_by_name(found, view.words))
    in_basket = When(booking__state__in=HELD_STATES, then=Value(1))
    plain = Func(F("attendee_name"), Value(_ACCENTED), Value(_PLAIN), function="translate", output_field=TextField())
    listed: Any = found.annotate(
        is_held=Case(in_basket, default=Value(0), output_field=IntegerField()), listed_as=Lower(plain)
    )
    return listed  # type: ignore[no-any-return] # with its annotations


def _found_by_name(found: QuerySet[Seat], words: str) -> list[int]:
    """Who (ids) is called so, or was booked by somebody who is; accents, case and apostrophes do not matter.

    Names are compared here: a register has no more of them than a room has places, and PostgreSQL, without more
    extensions, tells é from e.
    """
    wanted = compared_name(words.replace(",", " ")).split()
    told = ("attendee_name", "customer__name", "customer__email", "customer__contact_email")
    names = found.select_related(None).order_by().values_list("pk", *told)
    return [pk for pk, *known in names if all(word in compared_name(" ".join(known)) for word in wanted)]
