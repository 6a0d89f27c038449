"""The page on which somebody joins the waiting list of an event: what will happen, and one button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.customers import recognise_customer
from accounts.models import Account, Customer, WaitingList
from accounts.public.pages import keep_private, render_page
from bookwhen.limits import TooManyError
from bookwhen.outages import not_an_outcome
from offers.messages import explain
from tickets.annotated import TicketAtEntry
from tickets.availability.facts import Person, identify_person
from tickets.public.entry.entry_context import EntryContext, load_entry_context
from tickets.public.order.forms import BookerForm
from tickets.public.prices import format_price
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.metadata import entry_path
from tickets.public.visitor_limits import count_booking, too_many_text
from tickets.public.waiting.forms import MOST_OTHERS, WaitForm
from tickets.public.waiting.offered import most_people, others_allowed, own_request, places_left, way_to_wait
from tickets.waiting.requests import (
    AlreadyWaitingError,
    CannotJoinError,
    CustomerErasedError,
    ListFullError,
    NotFullError,
    join,
)

INVALID = 422
CONFLICT = 409
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class _Asked:
    """A ticket that somebody wants to wait for, and the forms in which they say the rest."""

    seen: EntryContext
    ticket: TicketAtEntry
    booker: BookerForm
    wait: WaitForm

    def is_valid(self) -> bool:
        """Whether all that is needed was typed."""
        return all([self.booker.is_valid(), self.wait.is_valid()])


@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """Say what joining means; by POST, join. Where there is nothing to wait for, on to the event, which says why."""
    now = timezone.now()
    seen = load_entry_context(request, page, entry, now=now)
    if own := own_request(seen.entry)[0]:
        return redirect("my_waiting", request_=own)
    waitable = _waitable(seen, now=now)
    if not waitable:
        return redirect(entry_path(seen.entry))
    asked = _read(request, seen, waitable, now=now)
    if request.method != "POST":
        return _show(request, asked)
    return _join(request, asked, now=now) if asked.is_valid() else _show(request, asked, status=INVALID)


def _waitable(seen: EntryContext, *, now: datetime) -> list[TicketAtEntry]:
    """The tickets that a visitor can wait for, first the one they chose; none where that is not one of them."""
    found = [each for each in seen.facts.visible if way_to_wait(seen, each, now=now) in {"join", "more"}]
    found.sort(key=lambda each: each.pk not in seen.choice.counts)
    return [] if seen.choice.counts and found and found[0].pk not in seen.choice.counts else found


def _read(request: HttpRequest, seen: EntryContext, waitable: Sequence[TicketAtEntry], *, now: datetime) -> _Asked:
    """The forms for the first of the tickets that can be waited for; the others can be as well."""
    data = request.POST if request.method == "POST" else None
    ticket, situation, account = waitable[0], seen.facts.situation, seen.entry.account
    is_free = any(not each.price for each in waitable)
    wait = WaitForm(
        data,
        others=others_allowed(situation, ticket, min(MOST_OTHERS, most_people(seen.entry, ticket) - 1), now=now),
        may_book=is_free and account.waiting_list == WaitingList.IN_ORDER,
        tickets=[(each.pk, _ticket_text(each, account)) for each in waitable[1:]],
        prefix="wait",
    )
    initial = {"name": seen.booker["name"], "email": seen.booker["email"]}
    booker = BookerForm(data, who=seen.who, prefix="booker", initial=initial)
    return _Asked(seen, ticket, booker, wait)


def _ticket_text(ticket: TicketAtEntry, account: Account) -> str:
    """A ticket that they could wait for as well, with what it costs."""
    return f"{ticket.name} ({format_price(ticket.price, account)})" if ticket.price else ticket.name


def _join(request: HttpRequest, asked: _Asked, *, now: datetime) -> HttpResponse:
    entry, wait = asked.seen.entry, asked.wait
    name, email = asked.booker.booker
    try:
        count_booking(request, asked.seen.who, email, now=now)
        customer, who = _customer(request, asked)
        names, at_once = [name, *wait.names], wait.cleaned_data.get("books_at_once", False)
        also = wait.tickets
        joined = join(entry, asked.ticket.pk, customer, names, who=who, also=also, books_at_once=at_once, now=now)
    except TooManyError as error:
        return _show(request, asked, problem=too_many_text(error), status=TOO_MANY)
    except AlreadyWaitingError:
        # Whose address it is may not be told: who has it knows, by the email that they were sent then.
        return _joined_text(request, asked, email)
    except NotFullError:
        messages.success(request, _("Good news: there’s space. You can book now."))
        return redirect(f"{entry_path(entry)}?{asked.seen.choice.query}")
    except CannotJoinError as error:
        return _show(request, asked, problem=_problem_text(asked, error), status=CONFLICT)
    if not joined.is_guest:
        return redirect("my_waiting", request_=joined.uuid)
    return _joined_text(request, asked, email)


def _customer(request: HttpRequest, asked: _Asked) -> tuple[Customer, Person]:
    """The account's customer who waits, and who they are proved to be now."""
    who, account = asked.seen.who, asked.seen.entry.account
    if who.customer is not None and not who.asks_name:
        return who.customer, who
    name, email = asked.booker.booker
    with not_an_outcome():
        customer = recognise_customer(account, email, name, confirmed=who.proved)
    return customer, who if who.customer else identify_person(account, request.user)


def _joined_text(request: HttpRequest, asked: _Asked, email: str) -> HttpResponse:
    told = _("You’re on the waiting list. We’ve emailed %(address)s a link to see your place in line, or to leave.")
    messages.success(request, told % {"address": email})
    return redirect(entry_path(asked.seen.entry))


def _problem_text(asked: _Asked, error: CannotJoinError) -> str:
    if error.verdict is not None:
        return explain(error.verdict, zone=asked.seen.entry.account.zone, address=asked.seen.who.address)
    if isinstance(error, CustomerErasedError):
        return _("Your details have just changed. Check the form, then join again.")
    if isinstance(error, ListFullError):
        return _("So many people are waiting already that there’s no chance of a space. See what else is on.")
    return _("You can’t wait for this ticket any more. See what else is on.")


def _show(request: HttpRequest, asked: _Asked, *, problem: str = "", status: int = 200) -> HttpResponse:
    entry = asked.seen.entry
    context = {
        "page": entry.page,
        "entry": entry,
        "when": render_when(entry),
        "ticket": asked.ticket,
        "price": format_price(asked.ticket.price, entry.account) if asked.ticket.price else "",
        "left": places_left(asked.seen.facts.situation, asked.ticket.pk),
        "booker": asked.booker,
        "wait": asked.wait,
        "query": asked.seen.choice.query,
        "in_order": entry.account.waiting_list == WaitingList.IN_ORDER,
        "waiting": entry.places.waiting,
        "who": asked.seen.who,
        "problem": problem,
    }
    template = "tickets/public/wait.html"
    return keep_private(render_page(request, template, context, account=entry.account, status=status))
