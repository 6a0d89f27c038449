"""Those booked on an entry, or waiting for it, as whom a message is for; once it is cancelled, those who were."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.dashboard.query import as_id
from accounts.mailings.audiences import Asked, Audience, Found, Sign
from accounts.models import Account, Customer, MailingKind
from accounts.operations.kinds import Place
from tickets.booking.recorded import about_entry
from tickets.models import Booking, BookingState, Channel, Entry, Seat, WaitlistRequest

BOOKED, WAITING, BOTH = "booked", "waiting", "both"
CHOICES: Final = (
    (BOOKED, gettext_lazy("Everyone booked")),
    (WAITING, gettext_lazy("Everyone on the waiting list")),
    (BOTH, gettext_lazy("Everyone booked or on the waiting list")),
)


def booked_themselves(path: str) -> Sign:
    """The condition that a customer, whose key is at this path, booked with the account: by nobody of its team."""
    booked = Booking.objects.booked().filter(customer=OuterRef(path or "pk"), channel=Channel.CUSTOMER)
    return Exists(booked.filter(account=OuterRef("account")))


def _ask(sent: QueryDict) -> Asked:
    who = sent.get("who", "")
    return {"entry": as_id(sent.get("entry", "")), "who": who if who in dict(CHOICES) else BOOKED}


def _find(account: Account, asked: Asked, now: datetime) -> Found | None:
    del now
    entry = Entry.objects.filter(account=account, pk=asked["entry"]).first()
    if entry is None:
        return None
    entry.account = account
    who, waiting = asked["who"], _waiting(entry)
    theirs = {BOOKED: Q(pk__in=_booked(entry)), WAITING: Q(pk__in=waiting)}
    said = {"entry": entry.title, "date": _date(entry)}
    return Found(
        title=_title(who) % said,
        why=_why(account, who) % said,
        customers=Customer.objects.filter(theirs.get(who) or theirs[BOOKED] | theirs[WAITING], account=account),
        words={"class": entry.title, "date": said["date"]},
        choices=CHOICES if who != BOOKED or waiting.exists() else (),
        kinds=(MailingKind.SERVICE,),
        place=Place(gettext_lazy("Open the entry"), "entry", entry.pk),
        concerns=(about_entry(entry),),
    )


def _booked(entry: Entry) -> "QuerySet[Any, Any]":
    seats = Seat.objects.filter(account=entry.account_id, entry=entry, booking__state=BookingState.BOOKED)
    stays = Q(cancelled_at=None)
    if entry.cancelled_at:
        stays |= Q(cancelled_at__gte=entry.cancelled_at)
    return seats.filter(stays).order_by().values("customer")


def _waiting(entry: Entry) -> "QuerySet[Any, Any]":
    asked = WaitlistRequest.objects.filter(account=entry.account_id, entry=entry)
    if entry.cancelled_at:
        return asked.filter(ended_at__gte=entry.cancelled_at).order_by().values("customer")
    return asked.open().order_by().values("customer")


def _date(entry: Entry) -> str:
    with override(entry.account.language):
        return date_format(entry.starts_at.astimezone(entry.account.zone), "l j F, H:i")


def _title(who: str) -> str:
    if who == WAITING:
        return _("everyone on the waiting list of %(entry)s, %(date)s")
    if who == BOTH:
        return _("everyone booked or waiting for %(entry)s, %(date)s")
    return _("everyone booked on %(entry)s, %(date)s")


def _why(account: Account, who: str) -> str:
    with override(account.language):
        if who == WAITING:
            return _("You get this because you’re on the waiting list of %(entry)s, %(date)s.")
        if who == BOTH:
            return _("You get this because you’ve booked %(entry)s, %(date)s, or are on its waiting list.")
        return _("You get this because you’ve booked %(entry)s, %(date)s.")


ENTRY: Final = Audience(name="entry", label=gettext_lazy("A class"), ask=_ask, find=_find)
