"""Marking who came, from the register and from the code on a customer’s booking."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import as_id
from tickets.booking.attendance import (
    AttendanceClosedError,
    Marked,
    Outcome,
    UseOutcome,
    attendance_opens,
    mark_attendance,
    mark_rest_present,
)
from tickets.dashboard.entries.attendee_table import RegisterLines, attendance_of
from tickets.dashboard.fetch import fetch_entry
from tickets.dashboard.leading import may_mark_at
from tickets.models import Entry, Presence, Seat

PARTS: Final = 3
"""Of what a button says: the seat, what is said of it, and the mark that its page showed."""


@operator_view(SEE_ATTENDEES)
def attendance_mark(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Present*, *Absent* or *Undo* on one line. What has come of it stands on that line; what has not, above all."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    back = dashboard_url(request, "entry", pk=pk)
    kept = f"{back}?{query}" if (query := request.POST.get("back", "")) else back
    seat, presence, seen = _read(request.POST.get("mark", ""))
    if request.method != "POST" or not seat:
        return redirect(kept)
    if not may_mark_at(request, entry):
        return _not_theirs(request, back)
    try:
        marked = mark_attendance(entry, seat, presence, seen=seen, by=request.user, now=now)
    except Seat.DoesNotExist as error:
        raise Http404 from error
    except AttendanceClosedError:
        messages.error(request, closed_text(entry))
        return redirect(kept)
    is_done = _tell(request, marked, RegisterLines(entry, may_book=False, now=now))
    return redirect(f"{kept}#attendee-{seat}" if is_done else kept)


@operator_view(SEE_ATTENDEES)
def attendance_rest(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Mark the rest present*: everybody of whom nothing is said."""
    entry = fetch_entry(request.account, pk)
    if request.method == "POST" and not may_mark_at(request, entry):
        return _not_theirs(request, dashboard_url(request, "entry", pk=pk))
    if request.method == "POST":
        try:
            count = mark_rest_present(entry, by=request.user, now=timezone.now())
        except AttendanceClosedError:
            messages.error(request, closed_text(entry))
        else:
            words = ngettext("%(count)d person marked present", "%(count)d people marked present", count)
            messages.success(request, words % {"count": count} if count else _("Everyone is marked already."))
    return redirect("dashboard:entry", account=request.account.slug, pk=pk)


@operator_view(SEE_ATTENDEES)
def register_scan(request: OperatorRequest, seat: UUID) -> HttpResponse:
    """The code on a booking: leads to its people on the register, and says what was said of them before."""
    found = get_object_or_404(
        Seat.objects.select_related("entry__account", "attendance__marked_by"), account=request.account, uuid=seat
    )
    now, mark = timezone.now(), attendance_of(found)
    lines = RegisterLines(found.entry, may_book=False, now=now)
    if found.cancelled_at:
        words = _("%(name)s’s space was cancelled: %(time)s.")
        messages.error(request, words % {"name": found.attendee_name, "time": lines.moment(found.cancelled_at)})
    elif not lines.may_mark:
        messages.warning(request, closed_text(found.entry))
    elif not may_mark_at(request, found.entry):
        messages.warning(request, request.account.leader_texts.marks)
    elif mark and mark.presence:
        messages.warning(request, already_text(found, lines))
    query = urlencode({"booking": found.booking_id})
    return redirect(f"{dashboard_url(request, 'entry', pk=found.entry_id)}?{query}")


def closed_text(entry: Entry) -> str:
    """Why nobody can be marked at an entry (with its account)."""
    if entry.cancelled_at:
        return _("This entry was cancelled, so there’s no attendance to mark.")
    opens, now = attendance_opens(entry), timezone.now()
    if now < opens:
        words = _("Nothing was marked. You can mark attendance from %(time)s.")
        return words % {"time": date_format(opens.astimezone(entry.account.zone), "l j F, H:i")}
    return _("Nothing was marked. This entry was too long ago.")


def already_text(seat: Seat, lines: RegisterLines) -> str:
    """What was said of somebody before."""
    mark = attendance_of(seat)
    said = lines.said(mark) if mark and mark.presence else _("Not marked")
    return _("%(name)s was marked before: %(said)s.") % {"name": seat.attendee_name, "said": said}


def _not_theirs(request: OperatorRequest, back: str) -> HttpResponse:
    """Change nothing: somebody else leads it, or does by now."""
    texts = request.account.leader_texts
    messages.error(request, _("Nothing was marked. %(why)s") % {"why": texts.marks})
    return redirect(back)


def _read(mark: str) -> tuple[int, Presence, int]:
    """What a button says; nobody (0), where it says nothing that can be read."""
    parts = mark.split(":")
    if len(parts) != PARTS or parts[1] not in Presence.values:
        return 0, Presence.UNSAID, 0
    return as_id(parts[0]), Presence(parts[1]), as_id(parts[2])


def _tell(request: OperatorRequest, marked: Marked, lines: RegisterLines) -> bool:
    """Say what came of it; whether what was asked for is so."""
    seat, name = marked.seat, {"name": marked.seat.attendee_name}
    match marked.outcome:
        case Outcome.MARKED:
            words = _used(marked.use)
            if words:
                messages.info(request, words % name)
            return not words
        case Outcome.ALREADY:
            if marked.attendance and marked.attendance.presence:
                said = lines.said(marked.attendance)
                messages.info(request, _("%(name)s was marked before: %(said)s.") % {**name, "said": said})
            return True
        case Outcome.OVERTAKEN:
            said = lines.said(marked.attendance) if marked.attendance and marked.attendance.presence else _("undone")
            words = _("Nothing was changed. A colleague has marked %(name)s since you opened this page: %(said)s.")
            messages.error(request, words % {**name, "said": said})
        case Outcome.CANCELLED:
            when = lines.moment(seat.cancelled_at) if seat.cancelled_at else ""
            words = _("%(name)s wasn’t marked. Their space was cancelled: %(time)s.")
            messages.error(request, words % {**name, "time": when})
        case Outcome.HELD:
            messages.error(request, _("%(name)s wasn’t marked. Their space is only held in a basket.") % name)
    return False


def _used(use: UseOutcome) -> str:
    match use:
        case UseOutcome.RETURNED:
            return _("%(name)s is marked absent, and the use was returned.")
        case UseOutcome.CHARGED:
            return _("%(name)s’s mark was changed, and the use is charged again.")
        case UseOutcome.SPENT:
            return _("%(name)s’s mark was changed. The use stays returned, because it has been used since.")
        case UseOutcome.UNTOUCHED:
            return ""
