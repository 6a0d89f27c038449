"""The types of rows that a query read with more than their own columns.

Only the type checker knows these: when the program runs, each is the model itself, with these attributes set.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias, TypedDict
from uuid import UUID

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from offers.models import Offer
    from tickets.models import CodeRedemption, Entry, Payment, Refund, StudioPayment, Ticket


class _AtEntry(TypedDict):
    group_ids: list[int]
    """The ticket's groups that are in use."""
    taken: int | None
    """How many are gone at the entry, booked or reserved for those who wait; None where none ever was."""


class _AtEachEntry(_AtEntry):
    entry_id: int


class _WithNextEntry(TypedDict):
    entry_id: int | None
    entry_title: str | None
    next_at: datetime | None


class _Described(TypedDict):
    leader_names: list[str]
    replaced_names: list[str]
    """Of those who were to lead it, where somebody took over."""
    tag_names: list[str]


class _OwnBooking(_Described):
    own_booking: UUID | None
    """The visitor's newest booking there."""


class _Covering(TypedDict):
    page_ids: list[int]
    ticket_ids: list[int]


class _UsedAtEntry(_Covering):
    used: int
    extra: int
    filed_from: date | None
    filed_until: date | None
    here: int
    party: int
    attends: bool
    uncarried: bool


class _Discounting(_Covering):
    member_id: int
    group_name: str


class _Saving(TypedDict):
    tickets: int
    saved: int
    """In minor units of the account's currency."""


class _OfWalkIn(TypedDict):
    walk_in_name: str | None
    """What the walk-in without an address is called who paid it, where one did."""


class _Returned(TypedDict):
    returned: "list[Refund]"


TicketAtEntry: TypeAlias = "WithAnnotations[Ticket, _AtEntry]"
"""A ticket as it is sold at one entry."""
TicketAtEachEntry: TypeAlias = "WithAnnotations[Ticket, _AtEachEntry]"
"""One row for each entry at which a ticket is sold."""
TicketWithEntry: TypeAlias = "WithAnnotations[Ticket, _WithNextEntry]"
"""A ticket and the next entry it is for, or else the last one; `next_at` is None where none is planned."""
DescribedEntry: TypeAlias = "WithAnnotations[Entry, _Described]"
"""An entry with who leads it and its tags."""
VisitedEntry: TypeAlias = "WithAnnotations[Entry, _OwnBooking]"
"""An entry as one visitor opens its page."""
PaymentWithRefunds: TypeAlias = "WithAnnotations[Payment, _Returned]"
"""A payment and its refunds."""
StudioPaymentRow: TypeAlias = "WithAnnotations[StudioPayment, _OfWalkIn]"
"""A payment at the studio, and who of those booked as the studio itself it was."""
RedemptionWithSaving: TypeAlias = "WithAnnotations[CodeRedemption, _Saving]"
"""A use of a discount code, how many tickets were cheaper by it, and what they saved together."""
OfferAtEntry: TypeAlias = "WithAnnotations[Offer, _UsedAtEntry]"
"""An offer as one customer has it at one entry (`tickets.availability.reading`)."""
DiscountOffer: TypeAlias = "WithAnnotations[Offer, _Discounting]"
"""A discount offer as one customer has it (`tickets.money.pricing`)."""
