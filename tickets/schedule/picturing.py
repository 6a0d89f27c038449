"""How entries look: a picture for one of them, or for others of its series too."""

from datetime import datetime

from django.db import transaction

from tickets.availability import locks
from tickets.booking.refusals import EntryCancelledError
from tickets.models import Entry, Picture
from tickets.schedule.entries import EntryPastError, entries_in_scope
from tickets.schedule.overrides import Scope
from tickets.schedule.recorded import record_pictured


def set_picture(entry: Entry, picture: Picture | None, *, scope: Scope, now: datetime) -> list[Entry]:
    """Show a picture (None: none any more) at an entry, and at others of its series that look as it does now.

    What has another picture for its date alone keeps it. Raises EntryCancelledError and EntryPastError.
    """
    with transaction.atomic():
        locks.lock_series(entry.series_id)
        entries = entries_in_scope(entry, scope, now=now)
        if entries[0].cancelled_at:
            raise EntryCancelledError
        if entries[0].starts_at <= now:
            raise EntryPastError
        before = entries[0].picture
        changed = [each for each in entries if each.picture_id == (before and before.pk)]
        keys = [each.pk for each in changed]
        Entry.objects.filter(account=entry.account_id, pk__in=keys).update(picture=picture)
        record_pictured(changed, before, picture)
        return changed
