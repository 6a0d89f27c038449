"""What the nightly check found wrong in the books."""

from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from groups.models import Group
from tickets.models.schedule import Entry


class FindingKind(models.TextChoices):
    """What can be wrong; behind each, what `Finding.row` is the id of."""

    ENTRY = "entry", _("Places taken at an entry do not match its bookings")  # entry
    TICKET = "ticket", _("Places taken by one ticket do not match its bookings")  # ticket
    PARTY = "party", _("The people a customer brings by their offers do not match their bookings")  # customer
    CANCELLED = "cancelled", _("Places are still booked at a cancelled entry")  # entry
    PERIOD = "period", _("Counted uses do not match the places they were used for")  # usage period
    SEAT = "seat", _("A booked place has no use of the offer that it was booked with")  # seat
    USE = "use", _("A use is charged for a place that is not booked")  # use
    DAY = "day", _("A use is charged for another day than the entry’s")  # use
    FILED = "filed", _("A use is counted in a usage period that its day is not in")  # use
    OUTSIDE = "outside", _("A running membership does not let its customer into the group")  # subscription
    INSIDE = "inside", _("A membership lets a customer into a group that it should not")  # subscription
    RELEASE = "release", _("Places that only an ended membership kept were not released")  # release
    DISCOUNT = "discount", _("A place is cheaper by a discount that no use is charged for")  # seat
    HELD = "held", _("A basket whose time is up still holds its places")  # booking
    LET_GO = "let_go", _("Places are still taken by a basket that was let go of")  # booking
    PAYING = "paying", _("A basket is being paid for, but no checkout is open")  # booking
    CHECKOUT = "checkout", _("A checkout is open for a basket that is not being paid for")  # payment
    PURCHASE = "purchase", _("The membership that was bought with a booking never began")  # booking
    ADDS_UP = "adds_up", _("A payment is not the sum of the places it paid for")  # payment
    UNBOOKED = "unbooked", _("A payment has neither its booking nor its refund")  # payment
    GONE = "gone", _("A place that was gone when it was paid for was not refunded")  # seat
    UNPAID = "unpaid", _("A booked place that costs something was not paid for")  # seat
    REFUNDED = "refunded", _("What was refunded of a payment does not match its refunds")  # payment
    TOO_MUCH = "too_much", _("More was refunded for a place than it cost")  # seat
    LINES = "lines", _("A refund is smaller than what it names for its places")  # refund
    WAITS = "waits", _("A refund has not reached Stripe for more than an hour")  # refund
    FAILED = "failed", _("A refund failed, and nobody has seen to it")  # refund


_COUNTER: Final = _("Nothing was changed by itself. Show this to whoever runs this installation.")
_BY_HAND: Final = _("Compare it with the payment in Stripe, and refund there or here what is owed.")
_BASKET: Final = _("The next sweep lets go of it. If it is here again tomorrow, the background worker is not running.")
_NEXT: Final = {
    FindingKind.DISCOUNT: _("The customer keeps their price. Show this to whoever runs this installation."),
    FindingKind.HELD: _BASKET,
    FindingKind.PURCHASE: _("Look at the customer’s memberships, and at Stripe whether they pay for one."),
    FindingKind.ADDS_UP: _BY_HAND,
    FindingKind.UNBOOKED: _("Refund the customer in full, or book their places by hand."),
    FindingKind.GONE: _("Refund what the place cost; the customer never had it."),
    FindingKind.UNPAID: _("Ask the customer to pay in another way, or cancel the place."),
    FindingKind.REFUNDED: _BY_HAND,
    FindingKind.TOO_MUCH: _("The customer has had more than they paid for this place; nothing needs to be sent."),
    FindingKind.LINES: _BY_HAND,
    FindingKind.WAITS: _("It is tried every hour. Look at Settings → Payments whether Stripe is connected."),
    FindingKind.FAILED: _("Try it again, or give the money back in another way and say so there."),
}
OF_BOOKINGS: Final = frozenset({FindingKind.HELD, FindingKind.LET_GO, FindingKind.PAYING, FindingKind.PURCHASE})
OF_PAYMENTS: Final = frozenset({FindingKind.CHECKOUT, FindingKind.ADDS_UP, FindingKind.UNBOOKED, FindingKind.REFUNDED})
OF_REFUNDS: Final = frozenset({FindingKind.LINES, FindingKind.WAITS, FindingKind.FAILED})
"""What `row` is the id of."""


class Finding(models.Model):
    """One row that is wrong; unsaved until the nightly task keeps it, which replaces what the last night found."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=FindingKind)
    row = models.BigIntegerField()
    name = models.CharField(max_length=200, blank=True)
    """What it is called: the ticket, the attendee, the days of the usage period, or the membership."""
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    counted = models.CharField(max_length=60)
    """What the row says, for people: a number or a date."""
    should_be = models.CharField(max_length=60)
    found_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "id"], name="finding_of_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}: {self.counted}, should be {self.should_be}"

    @property
    def subscription(self) -> int | None:
        """The id of the subscription that it is about."""
        return self.row if self.kind in {FindingKind.OUTSIDE, FindingKind.INSIDE} else None

    @property
    def booking(self) -> int | None:
        """The id of the booking that it is about."""
        return self.row if self.kind in OF_BOOKINGS else None

    @property
    def next_step(self) -> str:
        """What is to be done about it, for people."""
        return str(_NEXT.get(FindingKind(self.kind), _COUNTER))
