"""Booking for a customer as the studio."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.customers import recognise_customer
from accounts.email_quota import daily_quota
from accounts.models import Account
from bookwhen import limits
from bookwhen.email_field import EmailField
from bookwhen.forms import NAME_LENGTH, IdempotentForm, PersonNameField
from bookwhen.limits import DAY, Limit, Rate, TooManyError
from bookwhen.money import money
from bookwhen.picker import OneField, Source, is_looking
from tickets.availability.places import Capacities, FullError, capacities_needed
from tickets.booking.book import book_by_studio
from tickets.booking.refusals import EntryCancelledError, KeyTakenError
from tickets.booking.request import Booked, StudioOrder, WantedTicket
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import Booking, Channel, Entry, Seat, Ticket
from tickets.queries import customers_who_booked, tickets_of

if TYPE_CHECKING:
    from tickets.annotated import TicketAtEntry

LATELY: Final = timedelta(days=1)
"""How long after a booking by hand the same one is taken for a slip."""
MOST_PEOPLE: Final = 50
CONFLICT: Final = 409


class ByHandForm(IdempotentForm):
    """For whom, which ticket, and who attends."""

    email = EmailField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy("The customer’s email address. They don’t need an account."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = PersonNameField(label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    ticket = OneField(label=gettext_lazy("Ticket"))
    attendees = forms.CharField(
        label=gettext_lazy("Attendees"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Put each name on a new line. Each one needs a space. Leave empty if only the customer is coming."
        ),
    )
    places = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """Up to how many places the operator agreed to raise the entry."""
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """The same for the ticket, where it has a number of its own."""
    again = forms.BooleanField(widget=forms.HiddenInput, required=False)
    """Whether the operator was asked if they mean to book the same once more."""

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        ticket, dearest = self.field_as("ticket", OneField), list(tickets_of(entry).order_by("-price", "pk")[:2])
        ticket.set_source(_ticket_source(entry))
        ticket.initial = dearest[0].pk if len(dearest) == 1 else None
        self.has_tickets, self.has_prices = bool(dearest), any(each.price for each in dearest)
        self.asks_again = False

    def clean_attendees(self) -> list[str]:
        """Read the lines."""
        names = [" ".join(line.split()) for line in self.cleaned_data["attendees"].splitlines() if line.strip()]
        if len(names) > MOST_PEOPLE:
            raise forms.ValidationError(_("Enter at most %(most)d names") % {"most": MOST_PEOPLE})
        if any(len(name) > NAME_LENGTH for name in names):
            raise forms.ValidationError(_("Use at most %(most)d characters for each name") % {"most": NAME_LENGTH})
        for name in names:
            self.field_as("name", PersonNameField).refuse_no_name(name)
        return names

    def ask_again(self, words: str) -> None:
        """Show the form again with these words: sent from there, it books the same once more."""
        self.data = {**{name: self.data[name] for name in self.data}, "again": "on"}
        self.asks_again = True
        self.add_error(None, words)

    @property
    def wanted(self) -> list[WantedTicket]:
        """What is to be booked."""
        given = self.cleaned_data
        return [WantedTicket(ticket=given["ticket"].pk, name=name) for name in given["attendees"] or [given["name"]]]

    @property
    def room(self) -> Capacities | None:
        """What the operator agreed to, if that is what they sent."""
        places, number = self.cleaned_data["places"], self.cleaned_data["number"]
        if places is None:
            return None
        return Capacities(places, {self.cleaned_data["ticket"].pk: number} if number is not None else {})


def _ticket_source(entry: Entry) -> Source:
    return Source(
        tickets_of(entry),
        Ticket.objects.none(),
        search=lambda words: Q(name__icontains=words),
        label=partial(ticket_label, entry.account),
        order=("position", "pk"),
    )


def ticket_label(account: Account, ticket: "TicketAtEntry") -> str:
    """A ticket's name, what it costs, whom it is for and how many are left of it."""
    about = [ticket.name]
    if ticket.price:
        about.append(money(ticket.price, account.currency, account.locale))
    if ticket.exclusive:
        about.append(_("exclusive"))
    if ticket.capacity is not None:
        left = max(ticket.capacity - (ticket.taken or 0), 0)
        about.append(ngettext("%(count)d left", "%(count)d left", left) % {"count": left})
    return " · ".join(about)


@operator_view(MANAGE_CUSTOMERS)
def entry_book(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Book for someone*: not counted towards allowances, whatever the sale windows; a full entry asks first."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if entry.cancelled_at or entry.ends_at <= now:
        return render(request, "tickets/dashboard/entry_over.html", context, status=_status(request, CONFLICT))
    form = ByHandForm(request.POST or None, entry=entry)
    if request.method == "POST" and not is_looking(form) and form.is_valid() and not _asks_again(entry, form, now=now):
        try:
            booked = _book_counted(request.account, entry, form, now=now)
        except TooManyError as error:
            form.add_error(None, _too_many_text(error))
        except FullError:
            return _full(request, entry, form, context)
        except EntryCancelledError:
            return redirect("dashboard:entry", account=request.account.slug, pk=pk)
        except KeyTakenError:
            form.renew_key()
        else:
            _notify_operator(request, booked, form.wanted)
            return redirect("dashboard:entry", account=request.account.slug, pk=pk)
    context |= {"form": form, "tickets": form.has_tickets, "priced": form.has_prices}
    return render(request, "tickets/dashboard/entry_book.html", context, status=422 if form.errors else 200)


def _asks_again(entry: Entry, form: ByHandForm, *, now: datetime) -> bool:
    """Ask an operator who booked the same people lately, on another page of this form, whether they mean it."""
    given, people = form.cleaned_data, sorted(each.name for each in form.wanted)
    lately = Seat.objects.live().booked().filter(entry=entry, ticket=given["ticket"], created_at__gt=now - LATELY)
    theirs = lately.filter(customer__email=given["email"], booking__channel=Channel.STUDIO)
    named = defaultdict[Booking, list[str]](list)
    for seat in theirs.exclude(booking__key=given["key"]).select_related("booking"):
        named[seat.booking].append(seat.attendee_name)
    same = next((booking for booking, names in named.items() if sorted(names) == people), None)
    if same is None or given["again"]:
        return False
    words = _("You’ve already booked this, as booking %(reference)s. To book it once more, choose “Book again”.")
    form.ask_again(words % {"reference": same.reference})
    return True


def _book_counted(account: Account, entry: Entry, form: ByHandForm, *, now: datetime) -> Booked:
    """Book, counted towards how many strangers an account may have written to in a day (`accounts.email_quota`).

    A confirmation never waits, so it is the booking that is refused, with TooManyError: else any address could be
    booked for, and written to. Only who has booked here before is not counted: that the studio knows, while to leave
    out who has a login would tell it so.
    """
    known = account.customers.filter(email=form.cleaned_data["email"])
    limit = Limit("by-hand", (Rate(daily_quota(account, now=now), DAY),))
    counted = limits.count(*([] if customers_who_booked(account, known) else [(limit, str(account.pk))]), now=now)
    try:
        booked = _book(account, entry, form, now=now)
    except (FullError, EntryCancelledError, KeyTakenError):
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
    given = form.cleaned_data
    customer = recognise_customer(account, given["email"], given["name"], confirmed=True)
    return book_by_studio(entry, customer, form.wanted, key=given["key"], now=now, order=StudioOrder(room=form.room))


def _full(request: OperatorRequest, entry: Entry, form: ByHandForm, context: dict[str, object]) -> HttpResponse:
    """Say what is full, and offer to raise it by as much as is needed."""
    ticket = form.cleaned_data["ticket"]
    room = capacities_needed(entry, [ticket] * len(form.wanted))
    fields = {
        name: value for name in form.fields if (value := request.POST.get(name)) and name not in {"places", "number"}
    }
    fields["places"] = str(room.entry)
    if ticket.pk in room.tickets:
        fields["number"] = str(room.tickets[ticket.pk])
    entry.places.refresh_from_db()
    context |= {
        "ticket": ticket,
        "people": len(form.wanted),
        "email": form.cleaned_data["email"],
        "fields": fields,
        "places": room.entry,
        "entry_is_full": room.entry > entry.places.capacity,
        "number": room.tickets.get(ticket.pk),
    }
    return render(request, "tickets/dashboard/entry_full.html", context, status=CONFLICT)


def _notify_operator(request: OperatorRequest, booked: Booked, wanted: Sequence[WantedTicket]) -> None:
    if not booked.is_new:
        words = _("You’ve already sent this form, as booking %(reference)s. Nothing has been booked twice.")
        messages.info(request, words % {"reference": booked.booking.reference})
        return
    words = ngettext("%(count)d space booked", "%(count)d spaces booked", len(wanted))
    messages.success(request, words % {"count": len(wanted)})


def _status(request: OperatorRequest, status: int) -> int:
    return status if request.method == "POST" else 200
