"""What comes of a valid order: a booking, tickets in the basket, or the order once more with the reason why not."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.customers import get_or_create_customers
from accounts.models import Customer
from bookwhen.db import violated_constraint
from bookwhen.fastpath.compiled import compiled_query
from tickets.availability.facts import Person, identify_person
from tickets.booking.book import (
    BasketClosedError,
    BasketOfOtherCustomerError,
    BookingRefusedError,
    KeyTakenError,
    TicketGoneError,
    TicketHasCostError,
    book,
)
from tickets.checkout.basket import add_tickets, open_basket_of
from tickets.models import Booking, BookingState, Seat
from tickets.public.basket.cookie import set_basket_cookie
from tickets.public.entry.entry_context import load_entry_context
from tickets.public.order.order import Order
from tickets.public.schedule.metadata import entry_path

Outcome = Order | HttpResponse
"""Where to go, or the order to be shown again."""
MORE: Final = "more"
"""What *Add to basket and choose more* sends."""


def confirm(request: HttpRequest, order: Order, *, now: datetime) -> Outcome:
    """Book a valid order, or put it into the visitor's basket; where that cannot be, the order with the reason.

    What has a price goes into the basket, whatever was asked. The same form sent twice does it once.
    """
    if not order.stands and not _seats_of_form(order.seats[0]):
        if order.can_book:
            order.problem = _("Something has changed. Check the details below, then confirm again.")
        return order
    adds = order.costs or "add" in request.POST
    try:
        customer = _customer(order)
        # Recognising may have linked the login to the account's customer.
        who = order.who if order.who.customer else identify_person(order.entry.account, request.user)
        booking = _add(order, customer, who, now=now) if adds else _book(order, customer, who, now=now)
    except IntegrityError as error:
        if violated_constraint(error) != "tickets_seat_uuid_key":
            raise
        return _asked_again(order, _("You’ve already sent this form."))
    except tuple(_FAILED) as error:
        return _FAILED[type(error)](request, order, error)
    return _redirect_after_order(request, order, booking)


def _add(order: Order, customer: Customer, who: Person, *, now: datetime) -> Booking:
    """Into the basket that the visitor carries, or the one that they have open on another device."""
    basket = order.seen.basket or (open_basket_of(customer) if who.customer else None)
    return add_tickets(basket, order.entry, customer, order.wanted, who=who, key=order.key, now=now)


def _book(order: Order, customer: Customer, who: Person, *, now: datetime) -> Booking:
    return book(order.entry, customer, order.wanted, who=who, key=order.key, now=now)


def _customer(order: Order) -> Customer:
    """The account's customer who books."""
    name, email = order.booker.booker
    if order.who.customer is not None and order.who.customer.name:
        return order.who.customer
    return get_or_create_customers(order.entry.account, {email: name})[0]


def _redirect_after_order(request: HttpRequest, order: Order, booking: Booking) -> Outcome:
    """On to what this form made, now or when it was sent before; unless that was something else, or is no more."""
    if booking.state == BookingState.BOOKED and booking.is_new:
        sent = _("Booked. We’ve emailed your confirmation to %(address)s.") % {"address": booking.customer.email}
        messages.success(request, sent)
        return redirect("my_booking", booking=booking.uuid)
    made = [seat for seat in _seats(booking.pk) if seat.uuid in order.seats]
    found = [(seat.entry_id, seat.ticket_id, seat.attendee_name) for seat in made]
    if sorted(found) != sorted((order.entry.pk, each.ticket, each.name) for each in order.wanted):
        return _asked_again(order, _("You’ve already sent this form, for a different booking."))
    if booking.state == BookingState.BOOKED:
        return redirect("my_booking", booking=booking.uuid)
    if any(seat.cancelled_at for seat in made):
        return _asked_again(order, _("You’ve already sent this form, but those tickets are no longer in your basket."))
    messages.success(request, _("Added to basket"))
    onward = "schedule" if request.POST.get("add") == MORE else "basket"
    response = redirect(f"public:{onward}", page=order.entry.page.slug)
    booking.account = order.entry.account
    set_basket_cookie(request, response, booking)
    return response


@compiled_query
def _seats(booking: int) -> QuerySet[Seat]:
    return Seat.objects.filter(booking=booking)


@compiled_query
def _seats_of_form(first: UUID) -> QuerySet[Seat]:
    """What this form made already: then the rule has nothing to say any more."""
    return Seat.objects.filter(uuid=first)


def _asked_again(order: Order, reason: str) -> Order:
    """The order as a new form, for a customer who means to book once more."""
    order.key = uuid4()
    order.problem = _("%(reason)s To book this as well, confirm again.") % {"reason": reason}
    return order


def _refused(request: HttpRequest, order: Order, refusal: Exception) -> Order:
    """The same order after a lost race, on fresh facts, with the verdicts that refused it."""
    again = _rebuild_order(request, order)
    if isinstance(refusal, BookingRefusedError) and len(again.forms) == len(refusal.verdicts):
        again.refused = refusal.verdicts
    return again


def _costs_now(request: HttpRequest, order: Order, _error: Exception) -> Order:
    again = _rebuild_order(request, order)
    again.problem = _("Something has changed. Check the details below, then confirm again.")
    return again


def _rebuild_order(request: HttpRequest, order: Order) -> Order:
    now = timezone.now()
    again = Order(
        load_entry_context(request, order.entry.page.slug, order.entry.uuid, now=now), now=now, data=request.POST
    )
    again.is_valid()
    return again


def _gone(request: HttpRequest, order: Order, _error: Exception) -> HttpResponse:
    messages.error(request, _("A ticket you chose is no longer on sale. Choose again."))
    return redirect(entry_path(order.entry))


def _taken(_request: HttpRequest, order: Order, _error: Exception) -> Order:
    return _asked_again(order, _("You’ve already sent this form, with a different email address."))


def _closed(_request: HttpRequest, order: Order, _error: Exception) -> Order:
    order.problem = _("Your basket is at the checkout. Complete payment, or reopen your basket, then add this.")
    order.to_basket = True
    return order


def _others(_request: HttpRequest, order: Order, _error: Exception) -> Order:
    basket, typed = order.seen.basket, "email" in order.booker.fields
    address = basket.customer.email if basket else ""
    order.problem = (
        _("Your basket is for %(address)s. Use that address here too, or empty your basket first.")
        if typed
        else _("Your basket is for %(address)s. To book with a different address, empty it first.")
    ) % {"address": address}
    order.to_basket = True
    return order


_FAILED: Final[dict[type[Exception], Callable[[HttpRequest, Order, Exception], Outcome]]] = {
    BasketClosedError: _closed,
    TicketHasCostError: _costs_now,
    KeyTakenError: _taken,
    BasketOfOtherCustomerError: _others,
    BookingRefusedError: _refused,
    TicketGoneError: _gone,
}
"""What becomes of an order that cannot be booked."""
