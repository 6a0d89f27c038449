"""*Add walk-in*: a short form at the desk, for somebody who came by without a booking."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.customers import find_customer, known_by
from accounts.dashboard.links import dashboard_url
from accounts.email_quota import daily_quota
from bookwhen import limits
from bookwhen.email_field import EmailField
from bookwhen.forms import IdempotentForm, PersonNameField
from bookwhen.limits import DAY, Limit, Rate, TooManyError
from bookwhen.text import compared_name
from tickets.availability.places import Capacities, FullError, capacities_needed
from tickets.booking.attendance import AttendanceClosedError
from tickets.booking.refusals import EntryCancelledError, KeyTakenError
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.booking.walk_ins import WalkIn, book_walk_in
from tickets.dashboard.entries.by_hand_form import discount_text, ticket_label
from tickets.dashboard.entries.marking import closed_text
from tickets.dashboard.entries.over import over_page
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import Entry, Seat
from tickets.money.pricing import LineItem, quote_items
from tickets.queries import customers_who_booked, tickets_of

if TYPE_CHECKING:
    from tickets.annotated import TicketAtEntry

MOST_TICKETS: Final = 100
CONFLICT: Final = 409
INVALID: Final = 422


class WalkInForm(IdempotentForm):
    """What they are called, and which ticket they take."""

    name = PersonNameField(label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = EmailField(
        label=gettext_lazy("Email address"),
        required=False,
        help_text=gettext_lazy(
            "With an address they get a confirmation, and their membership is used if they have one."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    ticket = forms.TypedChoiceField(label=gettext_lazy("Ticket"), coerce=int, widget=forms.RadioSelect)
    places = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """Up to how many places the operator agreed to raise the entry."""
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """The same for the ticket, where it has a number of its own."""
    again = forms.BooleanField(widget=forms.HiddenInput, required=False)
    """Whether the operator was told that they are booked already, and books them once more."""
    told = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """What the operator was told that they pay with their discount, in minor units."""

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.tickets: dict[int, TicketAtEntry] = {each.pk: each for each in tickets_of(entry)[:MOST_TICKETS]}
        ticket = self.field_as("ticket", forms.TypedChoiceField)
        ticket.choices = [(pk, ticket_label(entry.account, each)) for pk, each in self.tickets.items()]
        ticket.initial = next(
            (pk for pk, each in self.tickets.items() if not each.exclusive), next(iter(self.tickets), None)
        )

    def asks_again(self, entry: Entry) -> Seat | None:
        """The space that somebody of that name and address has there already, while the operator doesn’t know of it."""
        name, email = self.cleaned_data["name"], self.cleaned_data["email"]
        if not email or self.cleaned_data["again"]:
            return None
        here = Seat.objects.live().booked().filter(account=entry.account_id, entry=entry)
        theirs = here.filter(known_by(entry.account, email, "customer__"))
        mine, called = theirs.exclude(booking__key=self.cleaned_data["key"]).order_by("pk"), compared_name(name)
        return next((seat for seat in mine if compared_name(seat.attendee_name) == called), None)

    def asks_price(self, entry: Entry, *, now: datetime) -> str:
        """What somebody known pays with their discount, while the operator hasn’t been told; else nothing."""
        email, ticket = self.cleaned_data["email"], self.tickets[self.cleaned_data["ticket"]]
        customer = find_customer(entry.account, email) if email and ticket.price else None
        if customer is None:
            return ""
        quotes = quote_items(
            [LineItem(entry=entry, ticket=ticket, is_for_booker=True)], customer, now=now, together=False
        )
        [quote] = quotes
        if quote.discount is None or quote.amount == self.cleaned_data["told"]:
            return ""
        self.data = {**{name: self.data[name] for name in self.data}, "told": str(quote.amount)}
        return discount_text(entry.account, quotes)

    @property
    def came(self) -> WalkIn:
        """Who came."""
        given = self.cleaned_data
        numbers = {given["ticket"]: given["number"]} if given["number"] is not None else {}
        room = None if given["places"] is None else Capacities(given["places"], numbers)
        return WalkIn(name=given["name"], email=given["email"], ticket=given["ticket"], room=room)


@operator_view(MANAGE_CUSTOMERS)
def walk_in(request: OperatorRequest, pk: int) -> HttpResponse:
    """Book somebody who stands at the desk, and mark them present; a full entry asks first."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now) | {"back_url": dashboard_url(request, "entry", pk=pk)}
    if entry.cancelled_at or entry.ends_at <= now:
        return over_page(request, context)
    form = WalkInForm(request.POST or None, entry=entry)
    if request.method == "POST" and form.is_valid() and (answer := _try(request, entry, form, context, now=now)):
        return answer
    status = INVALID if form.errors else CONFLICT if {"known", "price"} & context.keys() else None
    return render(request, "tickets/dashboard/walk_in.html", context | {"form": form}, status=status)


def _try(
    request: OperatorRequest, entry: Entry, form: WalkInForm, context: dict[str, object], *, now: datetime
) -> HttpResponse | None:
    """Book them, and say so; None where the form has to be sent again."""
    if asked := _ask(form, entry, now=now):
        context.update(asked)
        return None
    try:
        seat = _book_counted(request, entry, form, now=now)
    except TooManyError as error:
        form.add_error(
            "email",
            _("You’ve booked for too many new people today. Leave the address out, or wait %(time)s.")
            % {"time": error.wait_text},
        )
    except FullError:
        return _full(request, entry, form, context)
    except (AttendanceClosedError, EntryCancelledError):
        messages.error(request, closed_text(entry))
        return redirect(str(context["back_url"]))
    except StudioTermsChangedError:
        form.add_error(None, _("Something changed while you were booking. Send this form again."))
    except KeyTakenError:
        form.renew_key()
    else:
        messages.success(request, _("Booked and present"))
        return _go_on(request, seat, str(context["back_url"]))
    return None


def _go_on(request: OperatorRequest, seat: int, register: str) -> HttpResponse:
    """To taking what a space (id) costs, where it costs something; else to its line on the register."""
    if Seat.objects.filter(account=request.account, pk=seat, owed__gt=0).exists():
        return redirect("dashboard:seat_take", account=request.account.slug, pk=seat)
    return redirect(f"{register}#attendee-{seat}")


def _ask(form: WalkInForm, entry: Entry, *, now: datetime) -> dict[str, object]:
    """What the operator has to be told before it is booked; sent again, the form knows that they were."""
    if known := form.asks_again(entry):
        form.data = {**{name: form.data[name] for name in form.data}, "again": "on"}
        return {"known": known}
    price = form.asks_price(entry, now=now)
    return {"price": price} if price else {}


def _book_counted(request: OperatorRequest, entry: Entry, form: WalkInForm, *, now: datetime) -> int:
    """Book; the seat (id). An address that never booked is counted, as on *Book for someone*: it is written to."""
    account, came = request.account, form.came
    known = (
        customers_who_booked(account, account.customers.filter(known_by(account, came.email))) if came.email else {0}
    )
    limit = Limit("by-hand", (Rate(daily_quota(account, now=now), DAY),))
    counted = limits.count(*([] if known else [(limit, str(account.pk))]), now=now)
    try:
        booked, seat = book_walk_in(entry, came, by=request.user, key=form.cleaned_data["key"], now=now)
    except Exception:
        counted.give_back()
        raise
    if not booked.is_new:
        counted.give_back()
    return seat.pk


def _full(request: OperatorRequest, entry: Entry, form: WalkInForm, context: dict[str, object]) -> HttpResponse:
    """Say what is full, and offer to raise it by one."""
    ticket = form.tickets[form.cleaned_data["ticket"]]
    room = capacities_needed(entry, [ticket])
    kept = {
        name: value for name in ("name", "email", "ticket", "key", "again", "told") if (value := request.POST.get(name))
    }
    number = room.tickets.get(ticket.pk)
    entry.places.refresh_from_db()
    context |= {
        "ticket": ticket,
        "people": 1,
        "email": form.cleaned_data["name"],
        "fields": kept | {"places": str(room.entry)} | ({} if number is None else {"number": str(number)}),
        "places": room.entry,
        "entry_is_full": room.entry > entry.places.capacity,
        "number": number,
    }
    return render(request, "tickets/dashboard/entry_full.html", context, status=CONFLICT)
