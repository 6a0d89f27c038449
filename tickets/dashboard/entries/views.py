"""Editing and cancelling entries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, F, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, OperatorRequest, operator_view
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries.forms import EditForm
from tickets.dashboard.fetch import entry_context, fetch_entry, others_of
from tickets.models import BookingState, Entry
from tickets.queries import seats_of
from tickets.schedule.cancelling import begin_cancelling, is_widely_booked
from tickets.schedule.entries import (
    BelowBookedError,
    EditResult,
    EntryPastError,
    MovedIntoPastError,
    cancel_entry,
    edit_entries,
)
from tickets.schedule.overrides import Difference, differences

REFUSED = 409


@operator_view(MANAGE_SCHEDULE)
def entry_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Edit entry*: what it is, when and where; everyone with a space is told of a move."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "edit", now=now)
    if context["over"]:
        return render(request, "tickets/dashboard/entry_over.html", context, status=_over(request))
    others = others_of(entry, now=now)
    unlike = differences(entry, others)
    form = EditForm(request.POST or None, entry=entry, repeats=bool(others), differs=bool(unlike), now=now)
    if request.method == "POST" and form.is_valid():
        try:
            edited = _save(request, entry, form, now=now)
        except MovedIntoPastError:
            form.refuse_past()
            return _edit_page(request, context, form, unlike)
        except (
            BelowBookedError,
            EntryCancelledError,
            EntryPastError,
        ):  # something happened since we looked: look again
            return redirect("dashboard:entry_edit", account=request.account.slug, pk=pk)
        messages.success(request, _edited(edited))
        return _to_saved(request, edited)
    return _edit_page(request, context, form, unlike)


def _edit_page(
    request: OperatorRequest, context: dict[str, object], form: EditForm, unlike: Sequence[Difference]
) -> HttpResponse:
    context |= {"form": form, "unlike": unlike}
    return render(request, "tickets/dashboard/entry_edit.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def entry_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Cancel entry*, after saying whom it concerns."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if context["over"]:
        return render(request, "tickets/dashboard/entry_over.html", context, status=_over(request))
    if request.method == "POST":
        return _cancel(request, entry, now=now)
    booked = Q(booking__state=BookingState.BOOKED)
    context |= (
        seats_of(entry)
        .order_by()
        .aggregate(
            people=Count("customer", distinct=True, filter=booked),
            seats=Count("pk", filter=booked),
            uses=Count("use", filter=booked),
            held=Count("pk", filter=~booked),
        )
    )
    context |= _money_back(entry)
    return render(request, "tickets/dashboard/entry_cancel.html", context)


def _cancel(request: OperatorRequest, entry: Entry, *, now: datetime) -> HttpResponse:
    """Cancel it; where many have booked it, workers cancel their spaces, and its page says how many are left."""
    if is_widely_booked(entry):
        begin_cancelling(entry, who=request.user.email, key=uuid4(), now=now)
        messages.success(request, _("Entry cancelled. Its spaces are being cancelled, and everyone is emailed."))
    else:
        told = len({seat.customer_id for seat in cancel_entry(entry, now=now)})
        messages.success(request, _cancelled(told))
    return redirect("dashboard:entry", account=request.account.slug, pk=entry.pk)


def _money_back(entry: Entry) -> dict[str, int]:
    """How much goes back when an entry is cancelled (minor units), and to how many people."""
    paid = entry.seats.live().booked().filter(amount__gt=0)
    by_payment = paid.filter(payment__isnull=False).order_by().values("payment").annotate(sum=Sum("amount"))
    rows = by_payment.values_list("customer", "sum", F("payment__amount") - F("payment__refunded"))
    back = [(customer, min(total, left)) for customer, total, left in rows if left]
    return {"back": sum(amount for _customer, amount in back), "refunds": len({customer for customer, _ in back})}


def _save(request: OperatorRequest, entry: Entry, form: EditForm, *, now: datetime) -> EditResult:
    details = form.details(capacity=entry.places.capacity, per_booking=entry.per_booking)
    return edit_entries(
        entry, details, scope=form.chosen_scope, overwrite=form.overwrites, who=request.user.email, now=now
    )


def _to_saved(request: OperatorRequest, edited: EditResult) -> HttpResponse:
    """Go to the entry, or to where it is shown how far the emails are, for those who may see that."""
    job = edited.told.operation
    if job and request.role in MANAGE_CUSTOMERS:
        return redirect("dashboard:operation", account=request.account.slug, pk=job.pk)
    return redirect("dashboard:entry", account=request.account.slug, pk=edited.entries[0].pk)


def _over(request: OperatorRequest) -> int:
    return REFUSED if request.method == "POST" else 200


def _edited(edited: EditResult) -> str:
    saved = ngettext("Entry saved", "%(count)d entries saved", len(edited.entries)) % {"count": len(edited.entries)}
    if edited.kept:
        words = ngettext("%(count)d kept what differs.", "%(count)d kept what differs.", edited.kept)
        saved = f"{saved}. {words % {'count': edited.kept}}"
    people = edited.told.people
    if not people:
        return saved
    moved = ngettext("Entry moved", "%(count)d entries moved", len(edited.entries)) % {"count": len(edited.entries)}
    told = ngettext("%(count)d person emailed", "%(count)d people emailed", people)
    if edited.told.operation:
        told = ngettext("%(count)d person is being emailed", "%(count)d people are being emailed", people)
    return _("%(moved)s and %(told)s.") % {"moved": moved, "told": told % {"count": people}}


def _cancelled(told: int) -> str:
    if not told:
        return _("Entry cancelled")
    words = ngettext(
        "Entry cancelled and %(count)d person emailed.", "Entry cancelled and %(count)d people emailed.", told
    )
    return words % {"count": told}
