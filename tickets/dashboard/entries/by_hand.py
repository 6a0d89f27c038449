"""Booking for a customer as the studio."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.customers import find_customer, known_by, recognise_customer
from accounts.dashboard.query import as_id, page_of_customers, search_term
from accounts.email_quota import daily_quota
from accounts.models import Account, Customer
from bookwhen import limits
from bookwhen.limits import DAY, Limit, Rate, TooManyError
from bookwhen.money import money
from bookwhen.picker import is_looking
from tickets.availability.places import FullError, capacities_needed
from tickets.booking.book import book_by_studio
from tickets.booking.refusals import EntryCancelledError, KeyTakenError
from tickets.booking.request import Booked
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.dashboard.entries.by_hand_form import SEEN, ByHandForm
from tickets.dashboard.entries.over import over_page
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import Booking, Channel, Entry, Seat
from tickets.queries import customers_who_booked

LATELY: Final = timedelta(days=1)
"""How long after a booking by hand the same one is taken for a slip."""
FOUND: Final = 8
"""How many customers are shown of those who match."""
CONFLICT: Final = 409


@operator_view(MANAGE_CUSTOMERS)
def entry_book(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Book for someone*: by default with their allowance, whatever the sale windows; a full entry asks first."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if entry.cancelled_at or entry.ends_at <= now:
        return over_page(request, context)
    form = ByHandForm(request.POST or None, entry=entry, customer=_chosen_customer(request), now=now)
    if request.method == "POST" and not is_looking(form) and form.is_valid() and not _asks_again(entry, form, now=now):
        form = _known_by_address(request.account, form)
        if not form.asks_terms():
            done = _book_as_asked(request, entry, form, context, now=now)
            if done is not None:
                return done
    context |= {"form": form, "tickets": form.has_tickets, "priced": form.has_prices, **_search(request, form)}
    status = 422 if form.errors else CONFLICT if form.summary else 200
    return render(request, "tickets/dashboard/entry_book.html", context, status=status)


def _chosen_customer(request: OperatorRequest) -> Customer | None:
    """The customer whom the form, or else the address, names; none where there is no such."""
    asked = request.POST if request.method == "POST" else request.GET
    pk = as_id(asked.get("customer", ""))
    return request.account.customers.known().filter(pk=pk).first() if pk else None


def _known_by_address(account: Account, form: ByHandForm) -> ByHandForm:
    """The form, for the customer whom its address names: what it charges, and costs them, is shown first."""
    ticket = form.cleaned_data["ticket"]
    if form.chosen or not (ticket.exclusive or ticket.price):
        return form
    known = find_customer(account, form.booker[0])
    if known is None:
        return form
    theirs = form.for_customer(known)
    is_theirs = theirs.is_valid() and (theirs.terms.charged or any(quote.discount for quote in theirs.quotes))
    return theirs if is_theirs else form


def _search(request: OperatorRequest, form: ByHandForm) -> dict[str, object]:
    """The customers who match what was typed, while none is chosen."""
    words = search_term(request)
    if form.chosen or not words:
        return {"q": words}
    account = request.account
    return {"q": words, "found": page_of_customers(account, account.customers.known(), words, request.GET, size=FOUND)}


def _book_as_asked(
    request: OperatorRequest, entry: Entry, form: ByHandForm, context: dict[str, object], *, now: datetime
) -> HttpResponse | None:
    """Book; None where the form is to be shown again."""
    there = redirect("dashboard:entry", account=request.account.slug, pk=entry.pk)
    try:
        booked = _book_counted(request.account, entry, form, now=now)
    except TooManyError as error:
        form.add_error(None, _too_many_text(error))
    except FullError:
        return _full(request, entry, form, context)
    except EntryCancelledError:
        return there
    except KeyTakenError:
        form.renew_key()
    except StudioTermsChangedError:
        form.add_error(None, _("Their allowance has changed since you opened this page. Check it and book again."))
    else:
        _notify_operator(request, booked, form)
        return there
    return None


def _asks_again(entry: Entry, form: ByHandForm, *, now: datetime) -> bool:
    """Ask an operator who booked the same people lately, on another page of this form, whether they mean it."""
    given, people = form.cleaned_data, sorted(each.name for each in form.wanted)
    lately = Seat.objects.live().booked().filter(entry=entry, ticket=given["ticket"], created_at__gt=now - LATELY)
    theirs = lately.filter(_is_booker(entry.account, form, "customer__"), booking__channel=Channel.STUDIO)
    named = defaultdict[Booking, list[str]](list)
    for seat in theirs.exclude(booking__key=given["key"]).select_related("booking"):
        named[seat.booking].append(seat.attendee_name)
    same = next((booking for booking, names in named.items() if sorted(names) == people), None)
    if same is None or given["again"]:
        return False
    words = _("You’ve already booked this, as booking %(reference)s. To book it once more, choose “Book again”.")
    form.ask_again(words % {"reference": same.reference})
    return True


def _is_booker(account: Account, form: ByHandForm, prefix: str = "") -> Q:
    """The condition on a customer that it is booked for them; `prefix` leads there."""
    return Q((f"{prefix}pk", form.chosen.pk)) if form.chosen else known_by(account, form.booker[0], prefix)


def _book_counted(account: Account, entry: Entry, form: ByHandForm, *, now: datetime) -> Booked:
    """Book, counted towards how many strangers an account may have written to in a day (`accounts.email_quota`).

    A confirmation never waits, so it is the booking that is refused, with TooManyError: else any address could be
    booked for, and written to. Only who has booked here before is not counted: that the studio knows, while to leave
    out who has a login would tell it so.
    """
    # It is written to a contact, where who is booked for has one.
    known = account.customers.filter(_is_booker(account, form) | known_by(account, form.booker[0]))
    limit = Limit("by-hand", (Rate(daily_quota(account, now=now), DAY),))
    counted = limits.count(*([] if customers_who_booked(account, known) else [(limit, str(account.pk))]), now=now)
    try:
        booked = _book(account, entry, form, now=now)
    except (FullError, EntryCancelledError, KeyTakenError, StudioTermsChangedError):
        counted.give_back()
        raise
    if not booked.is_new:
        counted.give_back()
    return booked


def _too_many_text(error: TooManyError) -> str:
    said = _(
        "You’ve booked for %(count)d new people in a day, which is as many as your studio can. Wait %(time)s, or send"
        " them a link to the event so that they can book themselves."
    )
    return said % {"count": error.limit.rates[0].amount, "time": error.wait_text}


def _book(account: Account, entry: Entry, form: ByHandForm, *, now: datetime) -> Booked:
    customer = form.chosen
    if customer is None:
        email, name = form.booker
        customer = recognise_customer(account, email, name, confirmed=True)
    return book_by_studio(entry, customer, form.wanted, key=form.cleaned_data["key"], now=now, order=form.order)


def _full(request: OperatorRequest, entry: Entry, form: ByHandForm, context: dict[str, object]) -> HttpResponse:
    """Say what is full, and offer to raise it by as much as is needed."""
    ticket = form.cleaned_data["ticket"]
    room = capacities_needed(entry, [ticket] * len(form.wanted))
    fields = {
        name: value for name in form.fields if (value := form.data.get(name)) and name not in {"places", "number"}
    }
    fields |= {"places": str(room.entry), SEEN: form.version}
    if ticket.pk in room.tickets:
        fields["number"] = str(room.tickets[ticket.pk])
    entry.places.refresh_from_db()
    context |= {
        "ticket": ticket,
        "people": len(form.wanted),
        "email": form.booker[0],
        "fields": fields,
        "places": room.entry,
        "entry_is_full": room.entry > entry.places.capacity,
        "number": room.tickets.get(ticket.pk),
    }
    return render(request, "tickets/dashboard/entry_full.html", context, status=CONFLICT)


def _notify_operator(request: OperatorRequest, booked: Booked, form: ByHandForm) -> None:
    if not booked.is_new:
        words = _("You’ve already sent this form, as booking %(reference)s. Nothing has been booked twice.")
        messages.info(request, words % {"reference": booked.booking.reference})
        return
    count, account = len(form.wanted), request.account
    told = [ngettext("%(count)d space booked", "%(count)d spaces booked", count) % {"count": count}]
    if form.leaves_allowance:
        told.append(_("no use charged"))
    if owed := sum(booked.booking.seats.values_list("owed", flat=True)) if form.has_prices else 0:
        told.append(_("%(amount)s to pay") % {"amount": money(owed, account.currency, account.locale)})
    messages.success(request, " · ".join(told))


def _status(request: OperatorRequest, status: int) -> int:
    return status if request.method == "POST" else 200
