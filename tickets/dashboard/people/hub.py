"""A customer's page: everything that the studio knows of them, in a fixed number of statements."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.addresses import addresses_known
from accounts.backends import MOST
from accounts.contacts import in_care_of
from accounts.details import phone_text
from accounts.merging.services import heir_of
from accounts.models import Customer, EmailBlock, Letter, ReminderStop
from memberships.dashboard.tables import memberships_had
from memberships.queries import subscriptions_of_customers
from memberships.subscription_rows import subscription_rows
from tickets.dashboard.attendance import attendance_of_customer
from tickets.dashboard.bookings.views import booking_row
from tickets.dashboard.fetch import payment_totals, payments_of
from tickets.dashboard.people.belonging import belongings
from tickets.dashboard.people.details import NoteForm
from tickets.dashboard.people.erasing import erased_page
from tickets.dashboard.people.fetch import fetch_customer
from tickets.dashboard.studio.reading import owed_in, owed_sums, studio_payments
from tickets.models import Seat, WaitlistRequest
from tickets.queries import bookings_of

SHOWN: Final = 10
"""How many of each list a customer's page shows; each leads to all of them."""
LETTERS: Final = 5

Context = dict[str, Any]


@operator_view(MANAGE_CUSTOMERS)
def customer(request: OperatorRequest, pk: int) -> HttpResponse:
    """One customer: who they are, their groups and what is left, what they booked, paid and were sent."""
    is_known = request.account.customers.known().filter(pk=pk).exists()
    if not is_known and heir_of(request.account, pk) is None:
        return erased_page(request, pk)
    found, now = fetch_customer(request, pk), timezone.now()
    context: Context = {"section": "customers", "customer": found, "may_erase": request.role in MANAGE_ACCOUNT}
    for part in PARTS:
        context |= part(found, now)
    return render(request, "tickets/dashboard/customer.html", context)


def _who(customer: Customer, now: datetime) -> Context:
    del now
    addresses = addresses_known(customer)
    reached = {customer.reached_at, *(each.email for each in addresses)}
    blocks = EmailBlock.objects.filter(account=customer.account, email__in=reached)
    return {
        "phone": phone_text(customer.phone),
        "addresses": addresses,
        "contact": customer.contact,
        "books_for": list(in_care_of(customer)[: MOST + 1]),
        "most_booked_for": MOST,
        "blocks": blocks.order_by("reason", "pk"),
        "reminder_stops": ReminderStop.objects.filter(account=customer.account, email__in=reached).order_by("email"),
        "note_form": NoteForm(initial={"note": customer.note}),
    }


def _groups(customer: Customer, now: datetime) -> Context:
    found, has_more = belongings(customer, now=now)
    return {"belongings": found, "has_more_groups": has_more}


def _memberships(customer: Customer, now: datetime) -> Context:
    del now
    had = subscriptions_of_customers([customer.pk])
    return {"memberships": memberships_had(customer.account, subscription_rows(had, customer.account.locale))}


def _ahead(customer: Customer, now: datetime) -> Context:
    theirs = Seat.objects.live().booked().upcoming(now).filter(account=customer.account, customer=customer)
    ahead = list(theirs.with_entry().order_by("entry__starts_at", "pk")[: SHOWN + 1])
    waits = WaitlistRequest.objects.open().filter(account=customer.account, customer=customer)
    return {
        "ahead": ahead[:SHOWN],
        "has_more_ahead": len(ahead) > SHOWN,
        "waits": list(waits.select_related("entry", "ticket").order_by("entry__starts_at", "pk")[:SHOWN]),
    }


def _bookings(customer: Customer, now: datetime) -> Context:
    booked = bookings_of(customer).booked().filter(account=customer.account)
    rows = list(booked.prefetch_related("seats__entry", "payments")[: SHOWN + 1])
    noted = Seat.objects.booked().filter(account=customer.account, customer=customer)
    # Of all that somebody ever booked, only what makes a difference: each is looked up by its booking.
    sums = noted.exclude(owed=0, collected=0).aggregate(
        **owed_sums(customer.account), collected=Sum("collected", default=0)
    )
    return {
        "rows": [booking_row(booking) for booking in rows[:SHOWN]],
        "has_more_bookings": len(rows) > SHOWN,
        "owed": owed_in(sums),
        "collected": sums["collected"],
        "attendance": attendance_of_customer(customer, now=now),
    }


def _payments(customer: Customer, now: datetime) -> Context:
    del now
    paid = payments_of(customer.account).paid().filter(booking__customer=customer, amount__gt=0)
    payments = list(paid.order_by("-paid_at", "-pk")[: SHOWN + 1])
    taken = studio_payments(customer.account).filter(customer=customer).order_by("-taken_at", "-pk")
    return {
        "by_hand": (at_studio := list(taken[: SHOWN + 1]))[:SHOWN],
        "has_more_taken": len(at_studio) > SHOWN,
        "payments": payments[:SHOWN],
        "has_more_payments": len(payments) > SHOWN,
        "sums": payment_totals(paid) if payments else [],
    }


def _letters(customer: Customer, now: datetime) -> Context:
    del now
    # What came for somebody without an address stands among their contact's.
    known = [customer.email, *customer.other_addresses.split()] if customer.email else []
    sent = Letter.objects.filter(account=customer.account, recipient__in=known)
    return {"letters": list(sent.defer("text", "html", "calendar", "facts").order_by("-created_at", "-pk")[:LETTERS])}


PARTS: Final[Sequence[Callable[[Customer, datetime], Context]]] = (
    _who,
    _groups,
    _memberships,
    _ahead,
    _bookings,
    _payments,
    _letters,
)
"""What the page consists of, in its order."""
