"""What every page of an entry fetches and shows around its own contents."""

from datetime import datetime

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, OperatorRequest
from accounts.models import Account
from tickets.models import Entry
from tickets.queries import entries_of


def fetch_entry(account: Account, pk: int) -> Entry:
    """An entry of this account, with all that its pages and services need; 404 where there is none."""
    return get_object_or_404(entries_of(account).select_related("account", "page", "places", "series__page"), pk=pk)


def entry_context(request: OperatorRequest, entry: Entry, tab: str, *, now: datetime) -> dict[str, object]:
    """What the frame of an entry's pages shows: `tab` is attendees, edit, tickets, or nothing."""
    return {
        "section": "schedule",
        "entry": entry,
        "tab": tab,
        "over": entry.cancelled_at is not None or entry.starts_at <= now,
        "started": entry.starts_at <= now,
        "ended": entry.ends_at <= now,
        "may_manage": request.role in MANAGE_SCHEDULE,
        "may_book": request.role in MANAGE_CUSTOMERS,
    }


def later_ones(entry: Entry) -> QuerySet[Entry]:
    """The entries of the same series after this one that were not cancelled: what *this and all later ones* means."""
    return Entry.objects.filter(series=entry.series_id, starts_at__gt=entry.starts_at, cancelled_at__isnull=True)
