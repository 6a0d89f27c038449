"""The emails that a studio may word, as its team thinks of them: what each is called, and when it goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import LetterKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONFIRMED: Final = _("Your booking at (your page) is confirmed. We look forward to seeing you.")
REMINDED: Final = _("This is a reminder of what you’ve booked at (your page). We look forward to seeing you.")


@dataclass(frozen=True, slots=True)
class WordedLetter:
    """One kind: its title, when it is sent, its template, what may stand in it, and the opening that it has anyway."""

    kind: LetterKind
    title: "StrOrPromise"
    when: "StrOrPromise"
    template: str
    placeholders: tuple[str, ...]
    opening: "StrOrPromise" = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Kinds that belong together."""

    key: str
    title: "StrOrPromise"
    letters: tuple[WordedLetter, ...]


_BOOKING: Final = ("name", "event", "date", "reference", "studio")
_EVENT: Final = ("name", "event", "date", "studio")
_PAYMENT: Final = ("name", "reference", "studio")
_MEMBERSHIP: Final = ("name", "membership", "studio")
_GROUP: Final = ("name", "group", "studio")


def _tickets(
    kind: LetterKind,
    title: "StrOrPromise",
    when: "StrOrPromise",
    may: tuple[str, ...] = _BOOKING,
    opening: "StrOrPromise" = "",
) -> WordedLetter:
    return WordedLetter(kind, title, when, f"tickets/letters/{kind}", may, opening)


def _waiting(kind: LetterKind, title: "StrOrPromise", when: "StrOrPromise") -> WordedLetter:
    return _tickets(kind, title, when, _EVENT)


def _membership(kind: LetterKind, title: "StrOrPromise", when: "StrOrPromise") -> WordedLetter:
    return WordedLetter(kind, title, when, f"memberships/letters/{kind.removeprefix('membership_')}", _MEMBERSHIP)


def _group(
    kind: LetterKind, title: "StrOrPromise", when: "StrOrPromise", may: tuple[str, ...] = _GROUP
) -> WordedLetter:
    return WordedLetter(kind, title, when, f"groups/letters/{kind}", may)


BOOKINGS: Final = (
    _tickets(LetterKind.BOOKED, _("Booking confirmation"), _("After a free booking"), opening=CONFIRMED),
    _tickets(LetterKind.BOUGHT, _("Booking confirmation and receipt"), _("After a paid booking"), opening=CONFIRMED),
    _tickets(LetterKind.REMINDER, _("Reminder"), _("Before an event, if your page sends reminders"), opening=REMINDED),
    _tickets(
        LetterKind.CONFIRM,
        _("Link to confirm a booking"),
        _("If free tickets need a confirmed email address"),
        ("event", "date", "studio"),
    ),
    _tickets(LetterKind.CANCELLED, _("Booking cancelled"), _("When spaces or an event are cancelled")),
    _tickets(LetterKind.CANCELLED_DATES, _("Several dates cancelled"), _("When you cancel several dates at once")),
    _tickets(
        LetterKind.RELEASED,
        _("Spaces cancelled with a membership"),
        _("When the membership that opened them has ended or changed"),
        ("name", "event", "date", "group", "studio"),
    ),
)
CHANGES: Final = (
    _tickets(LetterKind.MOVED, _("Time or place changed"), _("When you change an event that people have booked")),
    _tickets(LetterKind.SEAT_MOVED, _("Moved to another event"), _("When you move somebody’s space")),
    _tickets(LetterKind.LEADER_CHANGED, _("Somebody else leads"), _("When you change who leads, and choose to tell")),
    _tickets(
        LetterKind.LOCATION_CHANGED, _("Location details changed"), _("When you change a location, and choose to tell")
    ),
    _tickets(
        LetterKind.CLOCKS_CHANGED, _("Calendars to be corrected"), _("When the rules for changing the clocks change")
    ),
)
WAITING: Final = (
    _waiting(LetterKind.WAITLIST_JOINED, _("On the waiting list"), _("When somebody joins")),
    _waiting(LetterKind.WAITLIST_OFFERED, _("A space is offered"), _("When a space is held for them")),
    _waiting(LetterKind.WAITLIST_FREE, _("Space has come free"), _("When everyone who waits is told")),
    _waiting(LetterKind.WAITLIST_BOOKED, _("Booked from the waiting list"), _("When they asked to be booked at once")),
    _waiting(LetterKind.WAITLIST_LAPSED, _("Offer has run out"), _("When they didn’t take the space in time")),
    _waiting(LetterKind.WAITLIST_SKIPPED, _("Passed over"), _("When they couldn’t have what came free")),
    _waiting(LetterKind.WAITLIST_MOVED, _("Event changed while waiting"), _("When you change what they wait for")),
    _waiting(LetterKind.WAITLIST_ENDED, _("No longer waiting"), _("When the list has closed for them")),
)
PAYMENTS: Final = (
    _tickets(LetterKind.REFUNDED, _("Refund"), _("When you refund a payment"), _PAYMENT),
    _tickets(LetterKind.SORRY, _("Paid too late or twice"), _("When a payment is refunded automatically"), _PAYMENT),
    _tickets(LetterKind.PAYMENT_ON_WAY, _("Bank debit on its way"), _("After booking with a bank debit"), _PAYMENT),
    _tickets(LetterKind.PAYMENT_ARRIVED, _("Bank debit arrived"), _("When the money has arrived"), _PAYMENT),
    _tickets(LetterKind.PAYMENT_FAILED, _("Bank debit failed"), _("When the bank refuses it"), _PAYMENT),
)
MEMBERSHIPS: Final = (
    _membership(LetterKind.MEMBERSHIP_STARTED, _("Membership started"), _("When somebody buys a membership")),
    _membership(LetterKind.MEMBERSHIP_FIRST_PAID, _("First payment"), _("After a free trial")),
    _membership(LetterKind.MEMBERSHIP_RENEWED, _("Membership renewed"), _("At each renewal")),
    _membership(LetterKind.MEMBERSHIP_PAYMENT_FAILED, _("Payment failed"), _("When a card is declined")),
    _membership(LetterKind.MEMBERSHIP_PAID_AGAIN, _("Paid after all"), _("When a failed payment succeeds")),
    _membership(LetterKind.MEMBERSHIP_ACTIVE_AGAIN, _("Active again"), _("When nothing is to be paid any more")),
    _membership(LetterKind.MEMBERSHIP_BILL_OVERDUE, _("Bill overdue"), _("When a bill isn’t paid in time")),
    _membership(LetterKind.MEMBERSHIP_BILL_PAID, _("Bill paid"), _("When a bill is paid")),
    _membership(LetterKind.MEMBERSHIP_PAID_OUTSIDE, _("Bill marked as paid"), _("When you mark it in Stripe")),
    _membership(LetterKind.MEMBERSHIP_PAID_FROM_CREDIT, _("Paid from credit"), _("When credit covers a bill")),
    _membership(LetterKind.MEMBERSHIP_BILL_WAIVED, _("Bill waived"), _("When you void a bill in Stripe")),
    _membership(
        LetterKind.MEMBERSHIP_BILL_WRITTEN_OFF, _("Bill written off"), _("When you write off a bill in Stripe")
    ),
    _membership(LetterKind.MEMBERSHIP_WILL_END, _("Membership will end"), _("When it’s cancelled")),
    _membership(LetterKind.MEMBERSHIP_KEPT, _("Membership kept"), _("When a cancellation is undone")),
    _membership(LetterKind.MEMBERSHIP_ENDED, _("Membership ended"), _("When it’s over")),
    _membership(LetterKind.MEMBERSHIP_PAUSED, _("Membership paused"), _("When a pause is set")),
    _membership(LetterKind.MEMBERSHIP_RESUMED, _("Membership resumed"), _("When a pause is over")),
    _membership(
        LetterKind.MEMBERSHIP_CHANGED, _("Membership changed"), _("When it changes to another, or its price does")
    ),
    _membership(LetterKind.MEMBERSHIP_WILL_CHANGE, _("Membership will change"), _("When a change is set for later")),
    _membership(LetterKind.MEMBERSHIP_CHANGE_UNDONE, _("Change undone"), _("When a change set for later is undone")),
    _membership(LetterKind.MEMBERSHIP_CHANGE_UNPAID, _("Change not paid yet"), _("When the difference can’t be taken")),
)
GROUPS: Final = (
    _group(LetterKind.ADDED, _("How to get in"), _("When you add customers to a group and email them"), ("studio",)),
    _group(LetterKind.JOIN_ACCEPTED, _("Request approved"), _("When you let somebody into a group")),
    _group(LetterKind.JOIN_DECLINED, _("Request declined"), _("When you don’t")),
    _group(LetterKind.STANDING_ENDS, _("Time in a group ends"), _("Before somebody’s last day in a group")),
    WordedLetter(
        LetterKind.USES_BACK,
        _("Uses have reset"),
        _("If you email members when their uses reset"),
        "offers/letters/uses_back",
        _GROUP,
    ),
)
FAMILIES: Final = (
    Family("bookings", _("Bookings"), BOOKINGS),
    Family("changes", _("Changes to what’s booked"), CHANGES),
    Family("waiting", _("Waiting list"), WAITING),
    Family("payments", _("Payments"), PAYMENTS),
    Family("memberships", _("Memberships"), MEMBERSHIPS),
    Family("groups", _("Groups"), GROUPS),
)
LETTERS: Final[Mapping[str, WordedLetter]] = {str(each.kind): each for family in FAMILIES for each in family.letters}
NOT_WORDED: Final = frozenset(
    {
        LetterKind.TEAM_INVITATION,
        LetterKind.PAYMENTS_TROUBLE,
        LetterKind.DISPUTE_OPENED,
        LetterKind.DISPUTE_CLOSED,
        LetterKind.LOGIN_LINK,
        LetterKind.LOGIN_CLOSED,
        LetterKind.LOGIN_CHANGED,
        LetterKind.ADDRESS_LINK,
        LetterKind.MESSAGE,
        LetterKind.MESSAGE_UNASKED,
        LetterKind.MESSAGE_NEWS,
    }
)
"""Those to its own team, those about logging in, which are the house's and no studio's, and what it writes itself."""
