"""Creating entries, one or a series, new or like another; going on with a series. The dates are seen beforehand."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view
from bookwhen.picker import is_looking
from tickets.dashboard.entries.forms import EntryForm, ExtendForm, initial_like
from tickets.dashboard.entries.phrases import repeat_text
from tickets.dashboard.entries.repeat_form import RepeatForm
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import Entry
from tickets.queries import entries_of
from tickets.schedule.copying import create_like
from tickets.schedule.details import entry_details
from tickets.schedule.extending import extend_series

UNSENT = frozenset({"csrfmiddlewaretoken", "confirmed", "dates", "change"})
"""What the list of dates does not carry along: it has its own."""


@operator_view(MANAGE_SCHEDULE)
def entry_create(request: OperatorRequest) -> HttpResponse:
    """*Create entry*, once or again and again; its tickets come next."""
    like = _find_like(request)
    form = _entry_form(request, like)
    if request.method == "POST" and not is_looking(form) and "change" not in request.POST and form.is_valid():
        if form.repeat and not (form.is_confirmed and _has_dates(form)):
            return _preview(request, form, form.lasts, back=_("Create entry"))
        made = _create(form, like)
        if made:
            messages.success(request, _created(len(made)))
            return redirect("dashboard:entry_tickets", account=request.account.slug, pk=made[0].pk)
        form.renew_key()
    context = {"section": "schedule", "form": form, "like": like}
    return render(request, "tickets/dashboard/entry_create.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def entry_extend(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add more dates*: entries after the last one of the series, by its rule and like it."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    form = ExtendForm(request.POST or None, account=request.account, series=entry.series, now=now)
    if request.method == "POST" and "change" not in request.POST and form.is_valid():
        if not (form.is_confirmed and _has_dates(form)):
            last = form.plan.like if form.plan else entry
            return _preview(request, form, entry_details(last).duration, back=last.title)
        made = extend_series(entry.series, repeat=form.repeat, left_out=form.days_left_out, after=now)
        messages.success(request, _added(len(made)))
        return redirect("dashboard:entry_dates", account=request.account.slug, pk=pk)
    coming = form.next_date()
    context = entry_context(request, entry, "", now=now) | {
        "form": form,
        "last": coming.like if coming else entry,
        "following": coming.starts[0].date() if coming else None,
        "rule": repeat_text(entry.series),
    }
    return render(request, "tickets/dashboard/entry_extend.html", context, status=422 if form.errors else 200)


def _find_like(request: OperatorRequest) -> Entry | None:
    """The entry of the account that the new one is to be like, if the address or the form names one."""
    named = request.POST.get("like") or request.GET.get("like") or ""
    if not (named.isascii() and named.isdigit() and len(named) < len(str(2**63))):
        return None
    return entries_of(request.account).select_related("account").filter(pk=named).first()


def _entry_form(request: OperatorRequest, like: Entry | None) -> EntryForm:
    now, initial = timezone.now(), None
    if like and request.method != "POST":
        series = like.series if "series" in request.GET else None
        initial = initial_like(like, series=series, now=now)
    return EntryForm(request.POST or None, account=request.account, like=like, now=now, initial=initial)


def _has_dates(form: RepeatForm) -> bool:
    """Whether any date is ticked; the list says so where none is."""
    if any(each.ticked for each in form.planned(timedelta())):
        return True
    form.add_error(None, _("Tick at least one date"))
    return False


def _preview(request: OperatorRequest, form: RepeatForm, lasts: timedelta, *, back: str) -> HttpResponse:
    """The dates, each of which can be left out, before any is made."""
    planned = form.planned(lasts)
    context = {
        "section": "schedule",
        "form": form,
        "back": back,
        "planned": planned,
        "ticked": sum(each.ticked for each in planned),
        "kept": list(_kept(request)),
    }
    return render(request, "tickets/dashboard/entry_preview.html", context, status=422 if form.errors else 200)


def _kept(request: OperatorRequest) -> Iterator[tuple[str, str]]:
    """What was typed, to be sent along with the dates."""
    sent = ((name, value) for name, values in request.POST.lists() for value in values)
    return ((name, value) for name, value in sent if value and name not in UNSENT)


def _create(form: EntryForm, like: Entry | None) -> list[Entry]:
    given = form.cleaned_data
    return create_like(
        like,
        form.only_page or given["page"],
        form.details(capacity=given["capacity"], per_booking=given["per_booking"]),
        repeat=form.repeat,
        left_out=form.days_left_out,
        key=given["key"],
    )


def _created(count: int) -> str:
    return ngettext("Entry created", "%(count)d entries created", count) % {"count": count}


def _added(count: int) -> str:
    return ngettext("%(count)d entry added", "%(count)d entries added", count) % {"count": count}
