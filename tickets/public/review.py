"""The review step: who comes, which offer is charged for whom and what remains, then *Confirm booking*."""

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts.customers import recognise
from accounts.models import Customer
from bookwhen.statements import written_once
from tickets.booking import KeyTakenError, RefusedError, TicketGoneError, book
from tickets.facts import gather, person
from tickets.models import Booking, Entry, Seat
from tickets.public.cards import MOST_AT_ONCE
from tickets.public.choice import Choice, read_choice
from tickets.public.entry import entry_page
from tickets.public.lines import draw_when
from tickets.public.metadata import entry_path
from tickets.public.order import Order
from tickets.public.pages import answer, entry_or_404

OK = 200
CONFLICT = 409
UNPROCESSABLE = 422


@never_cache
def review(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """Show the order whose choice is in the query; by POST, book it."""
    now = timezone.now()
    found = entry_or_404(page, entry, request.user)
    who = person(found.account, request.user)
    facts = gather(found, who, now=now)
    choice = read_choice(request.GET, facts.visible)
    if problem := _problem(found, choice):
        return entry_page(request, found, who, facts, choice, now=now, problem=problem)
    if request.method != "POST":
        return _show(request, Order(found, who, facts, choice, now=now))
    if "check" in request.POST:
        return _show(request, Order(found, who, facts, choice, now=now, typed=request.POST))
    order = Order(found, who, facts, choice, now=now, data=request.POST)
    if not order.is_valid():
        return _show(request, order, status=UNPROCESSABLE)
    return _confirm(request, order, now=now)


def _problem(entry: Entry, choice: Choice) -> str:
    """What is wrong with the choice itself."""
    most = min(entry.per_booking, MOST_AT_ONCE)
    if not choice.total:
        return _("Choose at least one ticket")
    if choice.total > most:
        return ngettext(
            "Choose at most %(count)d ticket: that is the most for one booking",
            "Choose at most %(count)d tickets: that is the most for one booking",
            most,
        ) % {"count": most}
    return ""


def _confirm(request: HttpRequest, order: Order, *, now: datetime) -> HttpResponse:
    """Book a valid order and go to the booking; where that cannot be, show the order again with the reason."""
    entry = order.entry
    if not order.stands and not _was_sent(entry, order.key):
        if order.can_book:
            order.problem = _("What is charged has changed meanwhile. Check it below and confirm again.")
        return _show(request, order, status=CONFLICT)
    try:
        customer = _customer(order)
        # Recognising may have linked the login to the account's customer.
        who = order.who if order.who.customer else person(entry.account, request.user)
        booking = book(entry, customer, order.wanted, who=who, key=order.key, now=now)
    except RefusedError as refusal:
        return _show(request, _again(request, order, refusal), status=CONFLICT)
    except KeyTakenError:
        return _ask_again(request, order, _("This form was sent before, for another address."))
    except TicketGoneError:
        messages.error(request, _("A ticket that you chose is no longer on sale. Choose again."))
        return redirect(entry_path(entry))
    if not _is_of(booking, order):
        return _ask_again(request, order, _("This form was sent before, and has booked something else."))
    if booking.created_at == now:  # not for the same form sent twice
        sent = _("Booked. We have e-mailed the confirmation to %(address)s.") % {"address": customer.email}
        messages.success(request, sent)
    return redirect("my_booking", booking=booking.uuid)


def _is_of(booking: Booking, order: Order) -> bool:
    """Whether a booking is what this order asked for, and not what its form asked for before somebody went back."""
    seats = [(seat.entry_id, seat.ticket_id, seat.attendee_name) for seat in _seats(booking.pk)]
    return sorted(seats) == sorted((order.entry.pk, each.ticket, each.name) for each in order.wanted)


@written_once
def _bookings(account: int, key: UUID) -> QuerySet[Booking]:
    return Booking.objects.filter(account=account, key=key)


@written_once
def _seats(booking: int) -> QuerySet[Seat]:
    return Seat.objects.filter(booking=booking)


def _ask_again(request: HttpRequest, order: Order, reason: str) -> HttpResponse:
    """Show the order as a new form, for a customer who means to book once more."""
    order.key = uuid4()
    order.problem = _("%(reason)s To book this as well, confirm again.") % {"reason": reason}
    return _show(request, order, status=CONFLICT)


def _was_sent(entry: Entry, key: UUID) -> bool:
    """Whether this form made its booking already: then the rule has nothing to say any more, `book` finds it."""
    return bool(_bookings(entry.account_id, key))


def _customer(order: Order) -> Customer:
    """The account's customer who books."""
    name, email = order.booker.booker
    if order.who.customer is not None and order.who.customer.name:
        return order.who.customer
    return recognise(order.entry.account, {email: name})[0]


def _again(request: HttpRequest, order: Order, refusal: RefusedError) -> Order:
    """The same order after a lost race, on fresh facts, with the verdicts that refused it."""
    now = timezone.now()
    entry = entry_or_404(order.entry.page.slug, order.entry.uuid, request.user)
    facts = gather(entry, order.who, now=now)
    again = Order(entry, order.who, facts, order.choice, now=now, data=request.POST)
    again.is_valid()
    if len(again.forms) == len(refusal.verdicts):
        again.refused = refusal.verdicts
    return again


def _show(request: HttpRequest, order: Order, *, status: int = OK) -> HttpResponse:
    path = entry_path(order.entry)
    here = reverse("public:review", kwargs={"page": order.entry.page.slug, "entry": order.entry.uuid})
    context = {
        "page": order.entry.page,
        "entry": order.entry,
        "when": draw_when(order.entry),
        "order": order,
        "who": order.who,
        "places": order.places,
        "possible": order.possible,
        "entry_url": f"{path}?{order.choice.query}",
        "review_url": here,
    }
    return answer(request, "tickets/public/review.html", context, account=order.entry.account, status=status)
