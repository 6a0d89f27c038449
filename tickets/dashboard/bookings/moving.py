"""*Move to another class*: the entry is chosen first, then what will happen is read and confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import query_id, search_term
from bookwhen.dates import is_sensible
from bookwhen.forms import Form
from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.money import money
from bookwhen.search import text_has
from tickets.availability.places import Capacities, FullError, capacities_needed
from tickets.booking.move import CannotMoveError, MoveOrder, move_seat
from tickets.booking.move_terms import (
    MoveObstacle,
    MoveTerms,
    UseChoice,
    find_obstacle,
    move_terms,
    read_facts_of_move,
)
from tickets.booking.studio_terms import StudioTermsChangedError, is_charged
from tickets.dashboard.bookings.charges import charges_text, refusal_text
from tickets.dashboard.bookings.seats import CONFLICT, fetch_seat, seat_frame
from tickets.dashboard.fetch import fetch_entry
from tickets.models import Entry, Seat, Ticket
from tickets.queries import entries_of, tickets_of

SHOWN: Final = 25
OBSTACLES: Final = {
    MoveObstacle.SEAT_CANCELLED: gettext_lazy("This space is already cancelled."),
    MoveObstacle.NOT_BOOKED: gettext_lazy("This space is in a basket and isn’t booked yet."),
    MoveObstacle.SAME_ENTRY: gettext_lazy("They’re already booked at this entry. Choose another one."),
    MoveObstacle.ENTRY_CANCELLED: gettext_lazy("This entry was cancelled, and its spaces with it."),
    MoveObstacle.ATTENDANCE_SAID: gettext_lazy("Attendance is already marked for them. Undo it first to move them."),
    MoveObstacle.TARGET_CANCELLED: gettext_lazy("That entry was cancelled. Choose another one."),
    MoveObstacle.TARGET_OVER: gettext_lazy("That entry is over. Choose another one."),
}


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """A ticket at the entry that a seat is to be moved to, and what moving it there would do, in words."""

    terms: MoveTerms
    charge: str
    """What of the customer's offers is charged; empty where nothing is."""
    refusal: str
    """Why the rule says no; empty where it does not."""
    room: Capacities | None
    """The capacities that it takes, where it is full."""


class MoveForm(Form):
    """What the operator chooses, having read what will happen."""

    ticket = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.CharField(widget=forms.HiddenInput)
    use = forms.ChoiceField(label=gettext_lazy("Use of their allowance"), widget=forms.RadioSelect, choices=UseChoice)
    notes_difference = forms.BooleanField(required=False)
    quiet = forms.BooleanField(label=gettext_lazy("Don’t email the customer"), required=False)
    places = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, data: Any, *, choice: MoveChoice, seat: Seat) -> None:  # noqa: ANN401 - a form's own
        super().__init__(data, initial=_initial(choice))
        terms = choice.terms
        use = self.field_as("use", forms.ChoiceField)
        use.choices = [(each, _use_label(each, choice)) for each in terms.choices]
        if len(terms.choices) == 1:
            use.widget = forms.HiddenInput()
        noting = self.fields["notes_difference"]
        noting.label = _difference_label(terms, seat)
        if not noting.label:
            del self.fields["notes_difference"]
        self.terms = terms

    def order(self) -> MoveOrder:
        """What was chosen, once valid."""
        given = self.cleaned_data
        ticket, places, number = given["ticket"], given["places"], given["number"]
        return MoveOrder(
            ticket=ticket,
            use=UseChoice(given["use"]),
            terms_version=given["version"],
            notes_difference=given.get("notes_difference", False),
            tells=not given["quiet"],
            room=Capacities(places, {ticket: number} if number else {}) if places else None,
        )


@operator_view(MANAGE_CUSTOMERS)
def seat_move(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Move to another class*: choose the entry; then read what will happen, and do it."""
    now, seat = timezone.now(), fetch_seat(request.account, pk)
    frame, to = seat_frame(request, seat), query_id(request, "to")
    target = fetch_entry(request.account, to) if to else None
    obstacle = find_obstacle(seat, target, now=now)
    if obstacle or target is None:
        frame |= {"obstacle": OBSTACLES[obstacle] if obstacle else ""}
        return _choose_entry(request, seat, frame, now=now, status=CONFLICT if request.method == "POST" else 200)
    return _confirm(request, seat, target, frame, now=now)


def _choose_entry(
    request: OperatorRequest, seat: Seat, frame: dict[str, object], *, now: datetime, status: int
) -> HttpResponse:
    """List where it could be moved to: what is coming on the same page, or what is looked for."""
    pages = list(request.account.pages.order_by("title", "pk"))
    day = parse_day(request.GET.get("day", ""))
    on = search_term(request, "on")
    page = next((each for each in pages if each.slug == on), None if on == "all" else seat.entry.page)
    words = search_term(request)
    found = entries_of(request.account).upcoming(now).exclude(pk=seat.entry_id)
    if page:
        found = found.filter(page=page)
    if words:
        found = found.filter(text_has("title", words))
    if day:
        begins = datetime.combine(day, time.min, request.account.zone)
        found = found.filter(starts_at__gte=begins)
    listed: KeysetPage[Entry] = keyset_page(found, ("starts_at", "pk"), request.GET, size=SHOWN)
    context = {
        **frame,
        "entries": listed,
        "rows": [(each, each.places.free) for each in listed],
        "pages": pages,
        "on": page.slug if page else "all",
        "q": words,
        "day": day,
        "is_filtered": bool(words or day or on),
    }
    return render(request, "tickets/dashboard/seat_move.html", context, status=status)


def parse_day(text: str) -> Any:  # noqa: ANN401 - a date, or none
    """A day that an address names; None where it names none that people can mean."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and is_sensible(day) else None


def _confirm(
    request: OperatorRequest, seat: Seat, target: Entry, frame: dict[str, object], *, now: datetime
) -> HttpResponse:
    """Say what will happen; by POST, do it: where it is not as it was read, say it again."""
    tickets = list(tickets_of(target))
    ticket = _chosen_ticket(request, seat, tickets)
    if ticket is None:
        return render(
            request, "tickets/dashboard/seat_move_ticket.html", {**frame, "target": target, "tickets": tickets}
        )
    choice = _read_choice(seat, target, ticket, now=now)
    form = MoveForm(request.POST or None, choice=choice, seat=seat)
    changed = False
    if request.method == "POST":
        done = _move(request, seat, target, form, str(frame["back_url"]), now=now)
        if done is not None:
            return done
        changed = True
        target = fetch_entry(request.account, target.pk)
        choice = _read_choice(fetch_seat(request.account, seat.pk), target, ticket, now=now)
        form = MoveForm(None, choice=choice, seat=seat)
    context = {**frame, "target": target, "tickets": tickets, "choice": choice, "form": form, "changed": changed}
    context |= _in_words(choice, target)
    return render(request, "tickets/dashboard/seat_move_confirm.html", context, status=CONFLICT if changed else 200)


def _move(
    request: OperatorRequest, seat: Seat, target: Entry, form: MoveForm, back: str, *, now: datetime
) -> HttpResponse | None:
    """Move it; None where it has to be looked at again."""
    if not form.is_valid():
        return None
    try:
        moved = move_seat(seat, target, form.order(), now=now)
    except (FullError, StudioTermsChangedError):
        return None
    except CannotMoveError as error:
        messages.error(request, str(OBSTACLES[error.obstacle]))
        return redirect(back)
    told = _("%(name)s moved to %(entry)s and emailed.") if form.order().tells else _("%(name)s moved to %(entry)s.")
    messages.success(request, told % {"name": moved.seat.attendee_name, "entry": target.title})
    return redirect(back)


def _chosen_ticket(request: OperatorRequest, seat: Seat, tickets: Sequence[Ticket]) -> Ticket | None:
    """The ticket that was chosen, else the one called the same, else the only one there is."""
    by_id = {each.pk: each for each in tickets}
    if wanted := query_id(request, "ticket"):
        if wanted not in by_id:
            raise Http404
        return by_id[wanted]
    same = [each for each in tickets if each.name.casefold() == seat.ticket.name.casefold()]
    return same[0] if same else tickets[0] if len(tickets) == 1 else None


def _read_choice(seat: Seat, target: Entry, ticket: Ticket, *, now: datetime) -> MoveChoice:
    terms = move_terms(seat, target, ticket, read_facts_of_move(seat, target, now=now), now=now)
    says_no = not terms.verdict.allowed
    room = capacities_needed(target, [ticket])
    is_full = room.entry > target.places.capacity or bool(room.tickets)
    return MoveChoice(
        terms,
        charge=charges_text([terms.verdict], terms.offers, seat.customer),
        refusal=refusal_text(terms.verdict, seat.customer, target.account.zone) if says_no else "",
        room=room if is_full else None,
    )


def _initial(choice: MoveChoice) -> dict[str, object]:
    room, terms = choice.room, choice.terms
    return {
        "ticket": terms.ticket.pk,
        "version": terms.version,
        "use": terms.choices[0],
        "notes_difference": not terms.is_complimentary,
        "places": room.entry if room else None,
        "number": room.tickets.get(terms.ticket.pk) if room else None,
    }


def _use_label(use: UseChoice, choice: MoveChoice) -> str:
    match use:
        case UseChoice.CHARGE:
            return choice.charge
        case UseChoice.EXTRA:
            return _("Give one more ticket than the allowance has: it counts as used")
        case _:
            return _("Don’t use their allowance")


def _difference_label(terms: MoveTerms, seat: Seat) -> str:
    account, difference = seat.entry.account, terms.difference
    if not difference:
        return ""
    words = {"amount": money(abs(difference), account.currency, account.locale)}
    if difference > 0:
        return _("Note %(amount)s more to pay at the studio") % words
    return _("Note %(amount)s less to pay, or as their credit") % words


def _in_words(choice: MoveChoice, target: Entry) -> dict[str, object]:
    account, room, terms = target.account, choice.room, choice.terms
    return {
        "charged": is_charged(terms.verdict),
        "is_full": room is not None,
        "entry_is_full": room is not None and room.entry > target.places.capacity,
        "price": money(terms.ticket.price, account.currency, account.locale) if terms.ticket.price else "",
    }
