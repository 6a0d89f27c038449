"""What an email looks like, with people and events that might be: nothing of it is saved, and nothing is read."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.dashboard.wording.catalogue import WordedLetter
from accounts.email_queue import absolute
from accounts.email_text import LetterText
from accounts.email_writing import render_letter
from accounts.models import Account, Customer, LetterWording, SchedulePage
from accounts.wording import Parts
from bookwhen.money import money
from groups.models import Group
from memberships.models import Membership, Subscription
from offers.models import Offer
from tickets.booking.notices import CancelledSeat
from tickets.models import Booking, Entry, Location, Payment, Refund, Seat, Ticket, WaitlistRequest

NOBODYS: Final = UUID("7f3a9c2e-0000-4000-8000-000000000001")
HOUR: Final = 18
PRICE: Final = 1200
HELD: Final = timedelta(hours=2)
Context = dict[str, Any]


def example_letter(account: Account, letter: WordedLetter, parts: Parts, *, now: datetime) -> LetterText:
    """A letter of this kind as a customer of the account would get it with these parts, in a week from `now`."""
    wording = LetterWording(kind=letter.kind, subject=parts.subject, opening=parts.opening, closing=parts.closing)
    with override(account.language):
        context = _context(account, letter, now=now)
    return render_letter(letter.template, context, language=account.language, wording=wording)


def _context(account: Account, letter: WordedLetter, *, now: datetime) -> Context:
    known = _booked(account, now=now)
    known |= _memberships(account, known, now=now)
    special = SPECIAL.get(letter.kind) or SPECIAL.get(letter.kind.partition("_")[0])
    return known | (special(known) if special else {})


def _booked(account: Account, *, now: datetime) -> Context:
    """A class next week, who comes, and what they paid."""
    link = absolute("/")
    # Whatever page it has, links of an example lead to the site alone.
    page = SchedulePage(account=account, title=account.name, slug="example")
    starts = (now.astimezone(account.zone) + timedelta(days=7)).replace(hour=HOUR, minute=30, second=0, microsecond=0)
    entry = Entry(
        account=account,
        page=page,
        uuid=NOBODYS,
        title=_("Yoga for beginners"),
        location=_("Studio 1"),
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )
    customer = Customer(account=account, email="ada@example.org", name="Ada Lovelace", name_confirmed=True)
    booking = Booking(account=account, page=page, customer=customer, uuid=NOBODYS, booker_name=customer.name)
    ticket = Ticket(account=account, name=_("Drop-in"), price=PRICE)
    seat = Seat(booking=booking, entry=entry, ticket=ticket, attendee_name=customer.name, price=PRICE, amount=PRICE)
    payment = Payment(account=account, booking=booking, amount=PRICE, currency=account.currency, paid_at=now)
    return {
        "account": account,
        "zone": account.zone,
        "page": page,
        "entry": entry,
        "customer": customer,
        "booking": booking,
        "seats": [seat],
        "seat": seat,
        "places": [(entry, [seat])],
        "entries": [entry],
        "payment": payment,
        "refund": Refund(payment=payment, amount=PRICE),
        "paid": PRICE,
        "amount": PRICE,
        "back": PRICE,
        "kept": False,
        "before": starts - timedelta(days=1),
        "cutoff": None,
        "until": now + HELD,
        "email": customer.email,
        **dict.fromkeys(("link", "receipt", "schedule", "again", "book"), link),
    }


def _memberships(account: Account, known: Context, *, now: datetime) -> Context:
    """A membership of theirs, and the group that it lets them into."""
    month = now + timedelta(days=30)
    group = Group(account=account, name=_("Members"))
    membership = Membership(account=account, group=group, title=_("Monthly membership"))
    subscription = Subscription(
        account=account,
        membership=membership,
        customer=known["customer"],
        status="active",
        period_end=month,
        ends_at=month,
    )
    return {
        "group": group,
        "membership": membership,
        "subscription": subscription,
        "offer": Offer(group=group, limit=8),
        "cost": _("%(price)s a month") % {"price": money(4000, account.currency, account.locale)},
        "day": month.date(),
        "next_payment": month,
        "invoice": SimpleNamespace(hosted_url=absolute("/"), next_attempt_at=now + timedelta(days=3)),
        "pause": SimpleNamespace(ends_at=month, next_payment=month, rests=True, rests_from=None, returns_at=month),
        "change": SimpleNamespace(
            before=_("Monthly membership"),
            after=_("Yearly membership"),
            at=month,
            cost="",
            charged="",
            credited="",
            pay_url=absolute("/"),
        ),
        "total": money(4000, account.currency, account.locale),
        "due": money(4000, account.currency, account.locale),
    }


def _waiting(known: Context) -> Context:
    """Somebody who waits for the class."""
    seat, customer = known["seat"], known["customer"]
    waiting = WaitlistRequest(
        account=known["account"],
        entry=known["entry"],
        ticket=seat.ticket,
        customer=customer,
        names=[customer.name],
        offered_until=known["until"],
    )
    reason = _("This ticket is only for members")
    return {"waiting": waiting, "name": customer.name, "tickets": seat.ticket.name, "reason": reason, "because": ""}


def _cancelled(known: Context) -> Context:
    line = CancelledSeat(seat=known["seat"], refunded=PRICE, returned=True)
    return {"seats": [line], "by_studio": False, "refunded": PRICE, "kept": 0}


def _cancelled_dates(known: Context) -> Context:
    line = CancelledSeat(seat=known["seat"], refunded=PRICE, returned=True)
    entry = known["entry"]
    return {"first": entry, "others": 1, "places": [(entry, [line]), (_next_week(entry), [line])], "refunded": PRICE}


def _next_week(entry: Entry) -> Entry:
    week = timedelta(days=7)
    return Entry(
        account=entry.account,
        page=entry.page,
        title=entry.title,
        location=entry.location,
        starts_at=entry.starts_at + week,
        ends_at=entry.ends_at + week,
    )


def _membership_paid(known: Context) -> Context:
    return {"paid": known["total"]}


SPECIAL: Final[Mapping[str, Callable[[Context], Context]]] = {
    "waitlist": _waiting,
    "membership": _membership_paid,
    "cancelled": _cancelled,
    "cancelled_dates": _cancelled_dates,
    "confirm": lambda known: {"places": [(known["entry"], 1)]},
    "released": lambda known: {"places": [(known["entry"], [(known["seat"], 0)])], "count": 1},
    "seat_moved": lambda known: {"before": known["entry"], "entry": _next_week(known["entry"])},
    "leader_changed": lambda known: {"entries": [(known["entry"], _("Maya Patel"))]},
    "location_changed": lambda known: {
        "location": Location(name=known["entry"].location, address=_("12 River Street, Oxford"))
    },
    "bought": lambda _known: {"membership": None, "saved": 0},
    "payment_on_way": lambda _known: {"membership": None},
    "payment_arrived": lambda _known: {"membership": None},
    "payment_failed": lambda _known: {"membership": None, "kept": []},
}
"""What a kind says beside what all of them know; by its name, or how that begins."""
