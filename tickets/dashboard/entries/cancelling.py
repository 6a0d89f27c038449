"""*Cancel entry*: whom it concerns, why it is cancelled, and what everyone booked reads."""

from datetime import datetime
from typing import Final
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
from bookwhen.db import NOTE_LENGTH
from bookwhen.forms import Form
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import REASON_LENGTH, BookingState, Entry
from tickets.queries import seats_of
from tickets.schedule.cancellation_notes import CancellationNote, preview_letter
from tickets.schedule.cancelling import begin_cancelling, is_widely_booked
from tickets.schedule.entries import cancel_entry

REFUSED: Final = 409


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


@operator_view(MANAGE_SCHEDULE)
def entry_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Cancel entry*, after saying whom it concerns; `preview` shows the email first."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if context["over"]:
        status = REFUSED if request.method == "POST" else 200
        return render(request, "tickets/dashboard/entry_over.html", context, status=status)
    form = CancelForm(request.POST if request.method == "POST" else None)
    previews = "preview" in request.POST
    if not previews and form.is_valid():
        return _cancel(request, entry, form.note, now=now)
    context |= _concerned(entry) | _money_back(entry) | {"form": form}
    if previews and form.is_valid():
        context["letter"] = preview_letter(entry, form.note.message, now=now)
    return render(request, "tickets/dashboard/entry_cancel.html", context, status=422 if form.errors else 200)


def _concerned(entry: Entry) -> dict[str, int]:
    """How many people and seats it concerns, how many uses come back, and how much is only held."""
    booked = Q(booking__state=BookingState.BOOKED)
    return (
        seats_of(entry)
        .order_by()
        .aggregate(
            people=Count("customer", distinct=True, filter=booked),
            seats=Count("pk", filter=booked),
            uses=Count("use", filter=booked),
            held=Count("pk", filter=~booked),
        )
    )


def _cancel(request: OperatorRequest, entry: Entry, note: CancellationNote, *, now: datetime) -> HttpResponse:
    """Cancel it; where many have booked it, workers cancel their spaces, and its page says how many are left."""
    if is_widely_booked(entry):
        begin_cancelling(entry, who=request.user.email, key=uuid4(), note=note, now=now)
        messages.success(request, _("Entry cancelled. Its spaces are being cancelled, and everyone is emailed."))
    else:
        told = len({seat.customer_id for seat in cancel_entry(entry, note=note, now=now)})
        messages.success(request, _cancelled(told))
    return redirect("dashboard:entry", account=request.account.slug, pk=entry.pk)


def _money_back(entry: Entry) -> dict[str, int]:
    """How much goes back when an entry is cancelled (minor units), and to how many people."""
    paid = entry.seats.live().booked().filter(amount__gt=0)
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
