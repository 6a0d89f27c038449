"""What comes of a valid order: a booking, tickets in the basket, or the order once more with the reason why not."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.customers import recognise_customer
from accounts.models import Customer
from bookwhen.client_address import client_network
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.limits import Counted, TooManyError
from bookwhen.outages import not_an_outcome
from tickets.availability.facts import Person, identify_person
from tickets.booking.book import book, book_as_seen
from tickets.booking.refusals import RefusedError
from tickets.booking.request import Guest
from tickets.checkout.basket import add_tickets, needs_confirmed_address, open_basket_of, read_basket
from tickets.models import Booking, BookingState, Seat
from tickets.public.basket.checkout import pay_basket
from tickets.public.basket.checkout_return import redirect_to_basket
from tickets.public.basket.confirmation_link import send_confirmation_link
from tickets.public.basket.cookie import set_basket_cookie
from tickets.public.booked_cookie import remember_booking
from tickets.public.order.decided import DecidedOrder
from tickets.public.order.refusals import (
    show_as_new_form,
    show_booked_before,
    show_changed,
    show_refusal,
    show_too_many,
)
from tickets.public.order.shown import AGAIN
from tickets.public.visitor_limits import count_booking, too_many_text

MORE: Final = "more"
"""What *Add to basket and choose more* sends."""
PAY: Final = "pay"
"""What *Pay £12.00* sends."""
STUDIO: Final = "studio"
"""What *Book now, pay £12.00 at the studio* sends."""


def confirm(request: HttpRequest, order: DecidedOrder, *, now: datetime) -> HttpResponse:
    """Book a valid order, or put it into the visitor's basket; where that cannot be, show it with the reason.

    What has a price goes into the basket, whatever was asked. The same form sent twice does it once; who sends another
    for what they booked lately is asked first.
    """
    if not order.stands and not _seats_of_form(order.asked.seats[0]):
        return show_changed(request, order)
    if order.booked_before and AGAIN not in request.POST:
        return show_booked_before(request, order)
    adds = order.costs or order.needs_link or "add" in request.POST
    try:
        counted = _count(request, order, adds=adds, now=now)
    except TooManyError as error:
        return show_too_many(request, order, error)
    try:
        return _add(request, order, now=now) if adds else _book(request, order, counted, now=now)
    except RefusedError as refusal:
        counted.give_back()
        return show_refusal(request, order, refusal)


def _count(request: HttpRequest, order: DecidedOrder, *, adds: bool, now: datetime) -> Counted:
    """Count a booking or a new basket; what is added to a basket was counted with it. Raises TooManyError."""
    if adds and order.seen.basket:
        return Counted(())
    _name, email = order.asked.booker.booker
    return count_booking(request, order.seen.who, email, now=now)


def _book(request: HttpRequest, order: DecidedOrder, counted: Counted, *, now: datetime) -> HttpResponse:
    """Book it now."""
    customer, who = _customer(request, order)
    asked, booker_name = order.asked, _guest_name(order)
    # With a login, or a basket, there is more to look at and to hold than was read so far.
    is_simple = who.user is None and order.seen.basket is None
    service = partial(book_as_seen, facts=order.seen.facts) if is_simple else partial(book, who=who)
    booked = service(order.seen.entry, customer, asked.wanted, key=asked.key, now=now, booker_name=booker_name)
    if not booked.is_new:
        counted.give_back()
        return _redirect_to_made(request, order, booked.booking)
    sent = _("Booked. We’ve emailed your confirmation to %(address)s.") % {"address": booked.booking.address}
    messages.success(request, sent)
    response = redirect("my_booking", booking=booked.booking.uuid)
    remember_booking(request, response, booked.booking)
    return response


def _add(request: HttpRequest, order: DecidedOrder, *, now: datetime) -> HttpResponse:
    """Into the basket that the visitor carries, or the one that their login has open on another device."""
    customer, who = _customer(request, order)
    entry, basket, asked = order.seen.entry, order.seen.basket, order.asked
    if basket and who.others and basket.customer_id != customer.pk:
        # Each of those whom somebody books for has a basket of their own.
        basket = None
    basket = basket or (open_basket_of(entry.account, who.user, customer) if who.user else None)
    held = add_tickets(
        basket,
        entry,
        customer,
        asked.wanted,
        who=who,
        key=asked.key,
        now=now,
        guest=Guest(_guest_name(order), client_network(request)),
    )
    return (
        _send_link(request, order, held, now=now)
        or _pay(request, order, held, who, now=now)
        or _redirect_to_made(request, order, held)
    )


def _pay(
    request: HttpRequest, order: DecidedOrder, held: Booking, who: Person, *, now: datetime
) -> HttpResponse | None:
    """Straight on to payment, or booked to be paid at the studio; None unless one of these was asked for.

    And unless the basket holds this order alone, at its price.
    """
    asked = request.POST.get("add")
    if asked not in {PAY, STUDIO} or _sent_before_text(order, held):
        return None
    found = read_basket(held)
    is_alone = found.price is None and {seat.uuid for seat in found.seats} == set(order.asked.seats)
    if not is_alone or found.total != order.total:
        return None
    page, at_studio = order.seen.entry.page, asked == STUDIO
    return pay_basket(request, page, who, found.booking, seen=found.basket_version, at_studio=at_studio, now=now)


def _send_link(request: HttpRequest, order: DecidedOrder, held: Booking, *, now: datetime) -> HttpResponse | None:
    """What was to be booked at once is held until the link that is sent to the address; none where that is not so."""
    if not order.needs_link or "add" in request.POST or _sent_before_text(order, held):
        return None
    found = read_basket(held)
    if found.booking.state != BookingState.BASKET or not needs_confirmed_address(found, order.seen.who):
        return None
    try:
        return send_confirmation_link(request, order.seen.entry.page, found, now=now)
    except TooManyError as error:
        messages.warning(request, too_many_text(error))
        return redirect_to_basket(request, order.seen.entry.page, found.booking)


def _customer(request: HttpRequest, order: DecidedOrder) -> tuple[Customer, Person]:
    """The account's customer who books, and who they are proved to be now."""
    who, account = order.seen.who, order.seen.entry.account
    if who.customer is not None and not who.asks_name:
        return who.customer, who
    name, email = order.asked.booker.booker
    with not_an_outcome():
        customer = recognise_customer(account, email, name, confirmed=who.proved)
    # Recognising may have linked the login to the account's customer.
    return customer, who if who.customer else identify_person(account, request.user)


def _guest_name(order: DecidedOrder) -> str:
    """What somebody calls themselves who has not proved whose address they typed: it is the booking's name alone."""
    return "" if order.seen.who.proved else order.asked.booker.booker[0]


def _redirect_to_made(request: HttpRequest, order: DecidedOrder, booking: Booking) -> HttpResponse:
    """On to what this form made, now or when it was sent before; unless that was something else, or is no more."""
    if problem := _sent_before_text(order, booking):
        return show_as_new_form(request, order, problem)
    if booking.state == BookingState.BOOKED:
        return redirect("my_booking", booking=booking.uuid)
    entry = order.seen.entry
    messages.success(request, _("Added to basket"))
    onward = "schedule" if request.POST.get("add") == MORE else "basket"
    response = redirect(f"public:{onward}", page=entry.page.slug)
    booking.account = entry.account
    set_basket_cookie(response, booking)
    return response


def _sent_before_text(order: DecidedOrder, booking: Booking) -> str:
    """What is wrong where the form had made something before: nothing, where that is what it asks for now."""
    asked, entry = order.asked, order.seen.entry
    made = [seat for seat in _seats(booking.pk) if seat.uuid in asked.seats]
    found = [(seat.entry_id, seat.ticket_id, seat.attendee_name) for seat in made]
    if sorted(found) != sorted((entry.pk, each.ticket, each.name) for each in asked.wanted):
        return _("You’ve already sent this form, for a different booking.")
    if booking.state != BookingState.BOOKED and any(seat.cancelled_at for seat in made):
        return _("You’ve already sent this form, but those tickets are no longer in your basket.")
    return ""


@compiled_query
def _seats(booking: int) -> QuerySet[Seat]:
    return Seat.objects.filter(booking=booking)


@compiled_query
def _seats_of_form(first: UUID) -> QuerySet[Seat]:
    """What this form made already: then the rule has nothing to say any more."""
    return Seat.objects.filter(uuid=first)
