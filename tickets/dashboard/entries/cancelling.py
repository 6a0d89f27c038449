"""*Cancel entry*: on which dates, whom it concerns, why it is cancelled, and what everyone booked reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db.models import Count, F, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import as_id
from accounts.operations.running import run_operation
from bookwhen.db import NOTE_LENGTH
from bookwhen.forms import Form
from tickets.dashboard.entries.over import over_page
from tickets.dashboard.fetch import entry_context, fetch_entry, others_of
from tickets.models import REASON_LENGTH, BookingState, Entry, Seat, SeatQuerySet
from tickets.schedule.cancellation_notes import CancellationNote, preview_dates_letter, preview_letter
from tickets.schedule.cancelling import MANY, begin_cancelling, is_widely_booked
from tickets.schedule.cancelling_dates import MOST, begin_cancelling_dates
from tickets.schedule.entries import cancel_entry

REFUSED: Final = 409
AT_ONCE: Final = 5
"""For how many seconds the request that cancels a few people’s dates works them off; workers do what is left."""
ASKS: Final = frozenset({"look", "preview"})
"""Buttons that cancel nothing."""
FOLLOWING, CHOSEN = "following", "chosen"
"""What an address (`?dates=…`) or the button of a choice (`look`) says of the dates that are cancelled; else: none."""


class CancelForm(Form):
    """Why, and what everyone booked reads about it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("Only your team sees this."),
    )
    message = forms.CharField(
        label=gettext_lazy("Message to everyone booked"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("They read it in the email, with their booking, and on the event’s page."),
    )

    @property
    def note(self) -> CancellationNote:
        """What was said, once valid."""
        return CancellationNote(self.cleaned_data["reason"], self.cleaned_data["message"])


@dataclass(frozen=True, slots=True)
class CancelledDate:
    """One of several dates that are to be cancelled, and how many people and spaces it concerns."""

    entry: Entry
    people: int
    seats: int


@operator_view(MANAGE_SCHEDULE)
def entry_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Cancel entry*, on this date or several, after saying whom it concerns.

    `look` shows that for other dates, `preview` the email; what was typed is kept, also where no date is left.
    """
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if context["over"]:
        return over_page(request, context)
    others = others_of(entry, now=now)
    chosen = _chosen_dates(request, entry, others)
    entries, later = chosen[:MOST], len(chosen[MOST:])
    form, asks = CancelForm(request.POST if request.method == "POST" else None), ASKS & request.POST.keys()
    if entries and not asks and form.is_valid():
        return _cancel(request, entry, entries, form.note, now=now)
    if entries and "preview" in asks and form.is_valid():
        context["letter"] = _preview(entries, form.note.message, now=now)
    are_gone = form.is_bound and not asks and not entries
    context |= {"form": form, "others": others, "scope": _scope(request), **_consequences(entries)}
    context |= {"most": MOST, "later": later, "are_gone": are_gone, "choices": _in_order((entry, *others))}
    status = REFUSED if are_gone else 422 if form.errors else 200
    return render(request, "tickets/dashboard/entry_cancel.html", context, status=status)


def _scope(request: OperatorRequest) -> str:
    """What is asked for: what a form has named already is shown as dates that were chosen."""
    if request.method != "POST":
        return request.GET.get("dates", "")
    return request.POST.get("look", CHOSEN if request.POST.getlist("date") else "")


def _chosen_dates(request: OperatorRequest, entry: Entry, others: Sequence[Entry]) -> list[Entry]:
    """Which entries are cancelled, soonest first: those that a form names, else those that are asked for."""
    scope, asked = _scope(request), request.POST if request.method == "POST" else request.GET
    # Ticked by somebody who looks; what is cancelled is what was read, wherever else there is a tick.
    name = "pick" if "look" in request.POST else "date"
    wanted = {as_id(each) for each in asked.getlist(name)}
    if scope == CHOSEN:
        chosen = [each for each in (entry, *others) if each.pk in wanted]
    elif scope == FOLLOWING:
        chosen = [entry, *(each for each in others if each.starts_at >= entry.starts_at)]
    else:
        chosen = [entry]
    return _in_order(chosen)


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Soonest first."""
    return sorted(entries, key=lambda each: (each.starts_at, each.pk))


def _consequences(entries: Sequence[Entry]) -> dict[str, object]:
    """What cancelling entries does: how many people and spaces, uses and money, in all and on each date."""
    seats = Seat.objects.live().filter(account=entries[0].account_id, entry__in=entries) if entries else None
    if seats is None:
        return {"entries": [], "dates": []}
    booked = Q(booking__state=BookingState.BOOKED)
    told = {"people": Count("customer", distinct=True, filter=booked), "seats": Count("pk", filter=booked)}
    also = {"uses": Count("use", filter=booked), "held": Count("pk", filter=~booked)}
    several: Any = seats.order_by().values("entry").annotate(**told) if len(entries) > 1 else ()
    there, nobody = {row["entry"]: row for row in several}, {"people": 0, "seats": 0}
    rows = [(each, there.get(each.pk, nobody)) for each in entries]
    dates = [CancelledDate(each, row["people"], row["seats"]) for each, row in rows]
    return {"entries": entries, "dates": dates, **seats.aggregate(**told, **also), **_money_back(seats)}


def _preview(entries: Sequence[Entry], message: str, *, now: datetime) -> object:
    if len(entries) == 1:
        return preview_letter(entries[0], message, now=now)
    return preview_dates_letter(entries, message, now=now)


def _cancel(
    request: OperatorRequest, entry: Entry, entries: Sequence[Entry], note: CancellationNote, *, now: datetime
) -> HttpResponse:
    """Cancel it; where many have booked, workers cancel their spaces, and its page says how many are left."""
    back = redirect("dashboard:entry", account=request.account.slug, pk=entry.pk)
    who = request.user.email
    if len(entries) > 1:
        messages.success(request, _cancel_dates(entries, note, who=who, now=now))
        return back if entry in entries else redirect(dashboard_url(request, "entry", pk=entries[0].pk))
    [only] = entries
    if is_widely_booked(only):
        begin_cancelling(only, who=who, key=uuid4(), note=note, now=now)
        messages.success(request, _("Entry cancelled. Its spaces are being cancelled, and everyone is emailed."))
    else:
        told = len({seat.customer_id for seat in cancel_entry(only, note=note, now=now)})
        messages.success(request, _cancelled(told))
    return redirect("dashboard:entry", account=request.account.slug, pk=only.pk)


def _cancel_dates(entries: Sequence[Entry], note: CancellationNote, *, who: str, now: datetime) -> str:
    """Cancel several dates, and say so: a few people’s spaces at once, those of many by workers."""
    live = Seat.objects.live().filter(account=entries[0].account_id, entry__in=entries)
    is_few = live[: MANY + 1].count() <= MANY
    operation = begin_cancelling_dates(entries, who=who, key=uuid4(), note=note, now=now)
    if operation is None:
        return _("Already cancelled")
    if is_few:
        run_operation(operation.pk, seconds=AT_ONCE)
    count = len(operation.cursor["entries"])
    said = ngettext("%(count)d entry cancelled.", "%(count)d entries cancelled.", count) % {"count": count}
    if live.exists():
        return f"{said} {_('Their spaces are being cancelled, and everyone is emailed.')}"
    return f"{said} {_('Everyone booked has been emailed.')}"


def _money_back(seats: SeatQuerySet) -> dict[str, int]:
    """How much goes back when seats are cancelled (minor units), and to how many people."""
    paid = seats.booked().filter(amount__gt=0)
    by_payment = paid.filter(payment__isnull=False).order_by().values("payment").annotate(sum=Sum("amount"))
    rows = by_payment.values_list("customer", "sum", F("payment__amount") - F("payment__refunded"))
    back = [(customer, min(total, left)) for customer, total, left in rows if left]
    return {"back": sum(amount for _customer, amount in back), "refunds": len({customer for customer, _ in back})}


def _cancelled(told: int) -> str:
    if not told:
        return _("Entry cancelled")
    words = ngettext(
        "Entry cancelled and %(count)d person emailed.", "Entry cancelled and %(count)d people emailed.", told
    )
    return words % {"count": told}
