"""What the nightly check found wrong in the books."""

from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from groups.models import Group
from tickets.models.schedule import Entry


class FindingKind(models.TextChoices):
    """What can be wrong; behind each, what `Finding.row` is the id of."""

    ENTRY = "entry", _("The spaces taken at an entry don’t match its bookings")  # entry
    TICKET = "ticket", _("The spaces taken by a ticket don’t match its bookings")  # ticket
    PARTY = "party", _("The number of people booked with a customer’s offers doesn’t match their bookings")  # customer
    WAITING = "waiting", _("The number of people waiting doesn’t match the waiting list")  # entry
    WAIT_OFFER = "wait_offer", _("A space offered to someone waiting isn’t held for them")  # entry
    CANCELLED = "cancelled", _("A cancelled entry still has spaces booked")  # entry
    PERIOD = "period", _("The uses counted don’t match the spaces they were used for")  # usage period
    EXTRA = "extra", _("The extra uses counted don’t match what was given")  # usage period
    SEAT = "seat", _("A booked space has no use charged to its offer")  # seat
    MARKED = "marked", _("Someone is marked as present or absent at a space that was cancelled")  # seat
    ABSENT = "absent", _("The use returned for an absence doesn’t match the attendance")  # seat
    USE = "use", _("A use is charged for a space that isn’t booked")  # use
    DAY = "day", _("A use is charged for the wrong date")  # use
    FILED = "filed", _("A use is counted in the wrong usage period")  # use
    CARRIED = "carried", _("A use of a replaced offer isn’t counted under the new one")  # usage period
    NOT_IN_GROUP = "not_in_group", _("A customer with an active membership isn’t in its group")  # subscription
    STILL_IN_GROUP = (
        "still_in_group",
        _("A membership keeps a customer in a group when it shouldn’t"),
    )  # subscription
    PRESENCE = "presence", _("A customer is listed in a group for longer or shorter than they’re in it")  # member
    RELEASE = "release", _("Spaces weren’t released when a membership ended")  # release
    DISCOUNT = "discount", _("A space is discounted, but no use is charged for the discount")  # seat
    CODE = "code", _("The uses counted for a discount code don’t match its bookings")  # discount code
    CODE_CUSTOMER = "code_customer", _("A customer’s uses of a code don’t match their bookings")  # discount code
    CODE_SEAT = "code_seat", _("A space is cheaper by a discount code that its booking doesn’t use")  # booking
    EXPIRED_BASKET = "expired_basket", _("An expired basket is still holding spaces")  # booking
    RELEASED_BASKET = "released_basket", _("A released basket is still taking up spaces")  # booking
    PAYING = "paying", _("A basket is waiting for payment, but no checkout is open")  # booking
    CHECKOUT = "checkout", _("A checkout is open for a basket that isn’t waiting for payment")  # payment
    PURCHASE = "purchase", _("A membership bought with a booking never started")  # booking
    ADDS_UP = "adds_up", _("A payment doesn’t equal the total of the spaces it paid for")  # payment
    UNBOOKED = "unbooked", _("A payment has no booking and no refund")  # payment
    TOO_LATE = "too_late", _("A space that was gone before payment arrived hasn’t been refunded")  # seat
    UNPAID = "unpaid", _("A booked space with a price hasn’t been paid for")  # seat
    REFUNDED = "refunded", _("The amount refunded on a payment doesn’t match its refunds")  # payment
    DISPUTED = "disputed", _("The amount withdrawn from a payment doesn’t match its disputes")  # payment
    GONE_TWICE = "gone_twice", _("More was refunded and lost to disputes than was paid")  # payment
    TOO_MUCH = "too_much", _("More has been refunded for a space than it cost")  # seat
    LINES = "lines", _("A refund is less than the total for its spaces")  # refund
    RECEIPT_GAP = "receipt_gap", _("The receipts’ numbers have a gap")  # account
    RECEIPT_SUM = "receipt_sum", _("A receipt doesn’t equal what was paid")  # receipt
    RECEIPT_VAT = "receipt_vat", _("The VAT on receipts for a space isn’t that of what was paid for it")  # seat
    RECEIPT_DUE = "receipt_due", _("A payment has waited for its receipt for more than an hour")  # movement
    COLLECTED = (
        "collected",
        _("The amount collected at the studio for a space doesn’t match the payments recorded"),
    )  # seat
    LEDGER = "ledger", _("The ledger doesn’t match what was paid")  # what the name says
    PAYOUT = "payout", _("A payout doesn’t equal the payments it holds")  # payout
    PAYOUT_LINE = "payout_line", _("A payout and the ledger disagree on an amount")  # payout
    WAITS = "waits", _("A refund hasn’t reached Stripe for more than an hour")  # refund
    FAILED = "failed", _("A refund failed and nobody has dealt with it")  # refund
    UNCHECKED = "unchecked", _("This check couldn’t be run")  # account


_COUNTER: Final = _("Nothing has been changed automatically. Show this to the person who runs this installation.")
_BY_HAND: Final = _("Compare it with the payment in Stripe. Refund anything owed, here or in Stripe.")
_BASKET: Final = _(
    "It should be released automatically within a minute. If it’s here again tomorrow, the background "
    "worker isn’t running."
)
_PAYOUT: Final = _("Compare the payout in Reports → Payouts with Stripe’s. The money is where Stripe says it is.")
_NEXT: Final = {
    FindingKind.DISCOUNT: _("The customer keeps their price. Show this to the person who runs this installation."),
    FindingKind.EXPIRED_BASKET: _BASKET,
    FindingKind.PURCHASE: _("Check the customer’s memberships, and check in Stripe whether they’re paying for one."),
    FindingKind.ADDS_UP: _BY_HAND,
    FindingKind.UNBOOKED: _("Refund the customer in full, or book their spaces for them."),
    FindingKind.TOO_LATE: _("Refund what the space cost. The customer never had it."),
    FindingKind.UNPAID: _("Ask the customer to pay another way, or cancel the space."),
    FindingKind.REFUNDED: _BY_HAND,
    FindingKind.DISPUTED: _BY_HAND,
    FindingKind.GONE_TWICE: _(
        "The bank gave the customer money that had already been refunded. In Stripe, answer the dispute with proof of "
        "the refund."
    ),
    FindingKind.TOO_MUCH: _(
        "The customer has been refunded more than they paid for this space. You don’t need to refund anything else."
    ),
    FindingKind.LINES: _BY_HAND,
    FindingKind.PAYOUT: _PAYOUT,
    FindingKind.PAYOUT_LINE: _PAYOUT,
    FindingKind.WAITS: _("We try again every hour. Check in Settings → Payments that Stripe is connected."),
    FindingKind.UNCHECKED: _("We try again every night. Show this to the person who runs this installation."),
    FindingKind.FAILED: _("Try again, or refund the customer another way and mark it as settled."),
}
OF_BOOKINGS: Final = frozenset(
    {
        FindingKind.CODE_SEAT,
        FindingKind.EXPIRED_BASKET,
        FindingKind.RELEASED_BASKET,
        FindingKind.PAYING,
        FindingKind.PURCHASE,
    }
)
OF_PAYMENTS: Final = frozenset(
    {
        FindingKind.CHECKOUT,
        FindingKind.ADDS_UP,
        FindingKind.UNBOOKED,
        FindingKind.REFUNDED,
        FindingKind.DISPUTED,
        FindingKind.GONE_TWICE,
    }
)
OF_REFUNDS: Final = frozenset({FindingKind.LINES, FindingKind.WAITS, FindingKind.FAILED})
"""What `row` is the id of."""


class Finding(models.Model):
    """One row that is wrong; unsaved until the nightly task keeps it, which replaces what the last night found."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
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
        return self.row if self.kind in {FindingKind.NOT_IN_GROUP, FindingKind.STILL_IN_GROUP} else None

    @property
    def booking(self) -> int | None:
        """The id of the booking that it is about."""
        return self.row if self.kind in OF_BOOKINGS else None

    @property
    def next_step(self) -> str:
        """What is to be done about it, for people."""
        return str(_NEXT.get(FindingKind(self.kind), _COUNTER))
