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
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import query_id, search_term
from accounts.models import Account
from bookwhen.dates import is_sensible
from bookwhen.forms import Form
from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.money import money
from bookwhen.search import text_has
from tickets.availability.places import Capacities, FullError, capacities_needed
from tickets.booking.move import CannotMoveError, MoveOrder, move_seats
from tickets.booking.move_options import read_move_options
from tickets.booking.move_terms import (
    MoveObstacle,
    MoveTerms,
    UseChoice,
    find_obstacle,
    moves_terms,
    read_facts_of_moves,
    usual_ticket,
)
from tickets.booking.studio_terms import StudioTermsChangedError, is_charged
from tickets.dashboard.bookings.charges import charges_text, refusal_text
from tickets.dashboard.bookings.move_rows import move_row
from tickets.dashboard.bookings.seats import CONFLICT, fetch_companions, fetch_seat, seat_frame
from tickets.dashboard.fetch import fetch_entry
from tickets.models import Entry, Seat, Ticket
from tickets.queries import entries_of, tickets_of

SHOWN: Final = 25
WITH: Final = "with"
"""What an address says of who else of the booking is moved: their seats (ids), or `EVERYBODY`."""
EVERYBODY: Final = "all"
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
    """What moving seats there would do, each by its ticket, in words."""

    seats: Sequence[Seat]
    terms: Sequence[MoveTerms]
    charge: str
    """What of the customer's offers is charged; empty where nothing is."""
    refusal: str
    """Why the rule says no; empty where it does not."""
    room: Capacities | None
    """The capacities that it takes, where it is full."""

    @property
    def uses(self) -> list[UseChoice]:
        """What can become of their uses, the best for the customer first; one that can't be so is not charged."""
        there = {use for each in self.terms for use in each.choices}
        return [use for use in (UseChoice.EXTRA, UseChoice.CHARGE) if use in there] + [UseChoice.NONE]

    @property
    def version(self) -> str:
        """A text that tells whether somebody still sees what would be done, and with whom."""
        pairs = zip(self.seats, self.terms, strict=True)
        return " ".join(f"{seat.pk}={terms.version}" for seat, terms in pairs)

    @property
    def difference(self) -> int:
        """How much more it costs there than here, or less."""
        return sum(each.difference for each in self.terms)

    @property
    def lines(self) -> list[tuple[Seat, Ticket]]:
        """Who gets which ticket there."""
        return [(seat, terms.ticket) for seat, terms in zip(self.seats, self.terms, strict=True)]

    def orders(self, given: dict[str, Any]) -> list[MoveOrder]:
        """What was chosen, for each seat."""
        chosen, places, number = UseChoice(given["use"]), given["places"], given["number"]
        numbers = {pk: min(each, number) for pk, each in self.room.tickets.items()} if self.room and number else {}
        return [
            MoveOrder(
                ticket=terms.ticket.pk,
                use=_use_of(terms, chosen),
                terms_version=terms.version,
                notes_difference=given.get("notes_difference", False),
                tells=not given["quiet"],
                room=Capacities(places, numbers) if places else None,
            )
            for terms in self.terms
        ]


class MoveForm(Form):
    """What the operator chooses, having read what will happen."""

    version = forms.CharField(widget=forms.HiddenInput)
    use = forms.ChoiceField(label=gettext_lazy("Use of their allowance"), widget=forms.RadioSelect, choices=UseChoice)
    notes_difference = forms.BooleanField(required=False)
    quiet = forms.BooleanField(label=gettext_lazy("Don’t email the customer"), required=False)
    places = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, data: Any, *, choice: MoveChoice, account: Account) -> None:  # noqa: ANN401 - a form's own
        super().__init__(data, initial=_initial(choice))
        use = self.field_as("use", forms.ChoiceField)
        use.choices = [(each, _use_label(each, choice)) for each in choice.uses]
        if len(choice.uses) == 1:
            use.widget = forms.HiddenInput()
        noting = self.fields["notes_difference"]
        noting.label = _difference_label(choice.difference, account)
        if not noting.label:
            del self.fields["notes_difference"]
        self.choice = choice

    def clean_version(self) -> str:
        """Look whether that is still what would be done."""
        version: str = self.cleaned_data["version"]
        if version != self.choice.version:
            raise forms.ValidationError(_("Something changed while this page was open."))
        return version


@operator_view(MANAGE_CUSTOMERS)
def seat_move(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Move to another class*: choose the entry; then read what will happen, and do it."""
    now, seat = timezone.now(), fetch_seat(request.account, pk)
    frame, to = seat_frame(request, seat), query_id(request, "to")
    target = fetch_entry(request.account, to) if to else None
    companions = fetch_companions(seat)
    seats = [seat, *_chosen_companions(request, companions)]
    frame |= {"seats": seats, "names": _names(seats)}
    obstacle = next(filter(None, (find_obstacle(each, target, now=now) for each in seats)), None)
    if obstacle or target is None:
        frame |= {"obstacle": OBSTACLES[obstacle] if obstacle else "", "companions": companions}
        return _choose_entry(request, seats, frame, now=now, status=CONFLICT if request.method == "POST" else 200)
    return _confirm(request, seats, target, frame, now=now)


def _chosen_companions(request: OperatorRequest, companions: Sequence[Seat]) -> list[Seat]:
    """Who else of the booking is moved: everybody, or those who are ticked. Who is there no more, isn’t."""
    wanted = set(request.GET.getlist(WITH))
    return [seat for seat in companions if wanted & {EVERYBODY, str(seat.pk)}]


def _names(seats: Sequence[Seat]) -> str:
    """Who is moved, in a few words."""
    others = len(seats) - 1
    words = ngettext("%(name)s and %(count)d other", "%(name)s and %(count)d others", others)
    return words % {"name": seats[0].attendee_name, "count": others} if others else seats[0].attendee_name


def _choose_entry(
    request: OperatorRequest, seats: Sequence[Seat], frame: dict[str, object], *, now: datetime, status: int
) -> HttpResponse:
    """List where they could be moved to: what is coming on the same page, or what is looked for, and what it does."""
    seat = seats[0]
    pages = list(request.account.pages.order_by("title", "pk"))
    day = parse_day(request.GET.get("day", ""))
    on = search_term(request, "on")
    page = next((each for each in pages if each.slug == on), None if on == "all" else seat.entry.page)
    words = search_term(request)
    found = entries_of(request.account).upcoming(now).exclude(pk=seat.entry_id).select_related("page", "account")
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
        "rows": [move_row(each, seats) for each in read_move_options(seats, listed, now=now)] if listed.rows else [],
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
    request: OperatorRequest, seats: Sequence[Seat], target: Entry, frame: dict[str, object], *, now: datetime
) -> HttpResponse:
    """Say what will happen; by POST, do it: where it is not as it was read, say it again."""
    tickets = list(tickets_of(target))
    chosen = _chosen_tickets(request, seats, tickets)
    if not chosen:
        return render(
            request, "tickets/dashboard/seat_move_ticket.html", {**frame, "target": target, "tickets": tickets}
        )
    choice = _read_choice(seats, target, chosen, now=now)
    form = MoveForm(request.POST or None, choice=choice, account=request.account)
    changed = False
    if request.method == "POST":
        done = _move(request, target, form, str(frame["back_url"]), now=now)
        if done is not None:
            return done
        changed = True
        target = fetch_entry(request.account, target.pk)
        choice = _read_choice([fetch_seat(request.account, each.pk) for each in seats], target, chosen, now=now)
        form = MoveForm(None, choice=choice, account=request.account)
    context = {**frame, "target": target, "tickets": tickets, "choice": choice, "form": form, "changed": changed}
    context |= _in_words(choice, target)
    return render(request, "tickets/dashboard/seat_move_confirm.html", context, status=CONFLICT if changed else 200)


def _move(request: OperatorRequest, target: Entry, form: MoveForm, back: str, *, now: datetime) -> HttpResponse | None:
    """Move them; None where it has to be looked at again."""
    if not form.is_valid():
        return None
    seats, orders = form.choice.seats, form.choice.orders(form.cleaned_data)
    try:
        move_seats(seats, target, orders, now=now)
    except (FullError, StudioTermsChangedError):
        return None
    except CannotMoveError as error:
        messages.error(request, str(OBSTACLES[error.obstacle]))
        return redirect(back)
    told = _("%(name)s moved to %(entry)s and emailed.") if orders[0].tells else _("%(name)s moved to %(entry)s.")
    messages.success(request, told % {"name": _names(seats), "entry": target.title})
    return redirect(back)


def _chosen_tickets(request: OperatorRequest, seats: Sequence[Seat], tickets: Sequence[Ticket]) -> list[Ticket]:
    """The ticket that was chosen for all of them, else each one’s usual; empty where one has to be chosen."""
    by_id = {each.pk: each for each in tickets}
    if wanted := query_id(request, "ticket"):
        if wanted not in by_id:
            raise Http404
        return [by_id[wanted]] * len(seats)
    usual = [each for seat in seats if (each := usual_ticket(seat, tickets)) is not None]
    return usual if len(usual) == len(seats) else []


def _read_choice(seats: Sequence[Seat], target: Entry, tickets: Sequence[Ticket], *, now: datetime) -> MoveChoice:
    terms = moves_terms(seats, target, tickets, read_facts_of_moves(seats, target, now=now), now=now)
    verdicts, customer = [each.verdict for each in terms], seats[0].customer
    refused = next((verdict for verdict in verdicts if not verdict.allowed), None)
    room = capacities_needed(target, tickets)
    is_full = room.entry > target.places.capacity or bool(room.tickets)
    return MoveChoice(
        seats,
        terms,
        charge=charges_text(verdicts, terms[0].offers, customer),
        refusal=refusal_text(refused, customer, target.account.zone) if refused else "",
        room=room if is_full else None,
    )


def _use_of(terms: MoveTerms, chosen: UseChoice) -> UseChoice:
    """What becomes of one seat's use, where that was chosen for all of them."""
    if chosen is UseChoice.EXTRA:
        return terms.choices[0]
    return chosen if chosen in terms.choices else UseChoice.NONE


def _initial(choice: MoveChoice) -> dict[str, object]:
    room = choice.room
    return {
        "version": choice.version,
        "use": choice.uses[0],
        "notes_difference": not all(each.is_complimentary for each in choice.terms),
        "places": room.entry if room else None,
        "number": max(room.tickets.values(), default=None) if room else None,
    }


def _use_label(use: UseChoice, choice: MoveChoice) -> str:
    match use:
        case UseChoice.CHARGE if UseChoice.EXTRA in choice.uses:
            return _("Use what’s left of their allowance, and nothing for the rest")
        case UseChoice.CHARGE:
            return choice.charge
        case UseChoice.EXTRA if sum(UseChoice.EXTRA in each.choices for each in choice.terms) > 1:
            return _("Give as many more tickets as the allowance lacks: they count as used")
        case UseChoice.EXTRA:
            return _("Give one more ticket than the allowance has: it counts as used")
        case _:
            return _("Don’t use their allowance")


def _difference_label(difference: int, account: Account) -> str:
    if not difference:
        return ""
    words = {"amount": money(abs(difference), account.currency, account.locale)}
    if difference > 0:
        return _("Note %(amount)s more to pay at the studio") % words
    return _("Note %(amount)s less to pay, or as their credit") % words


def _in_words(choice: MoveChoice, target: Entry) -> dict[str, object]:
    account, room = target.account, choice.room
    price, paid = (
        sum(ticket.price for _seat, ticket in choice.lines),
        sum(seat.amount for seat in choice.seats if seat.payment_id),
    )
    used = {
        str(seat.use.period.offer.group): None
        for seat in choice.seats
        if seat.use and seat.use.period.ceiling is not None
    }
    return {
        "charged": all(is_charged(each.verdict) for each in choice.terms),
        "exclusive": any(ticket.exclusive for _seat, ticket in choice.lines),
        "is_full": room is not None,
        "entry_is_full": room is not None and room.entry > target.places.capacity,
        "price": money(price, account.currency, account.locale) if price else "",
        "paid": money(paid, account.currency, account.locale) if paid else "",
        "returned": list(used),
    }
