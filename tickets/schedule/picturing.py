"""How entries look: a picture for one of them, or for others of its series too."""

from datetime import datetime

from django.db import transaction

from tickets.models import Entry, Picture
from tickets.schedule.entries import lock_changeable
from tickets.schedule.overrides import Scope
from tickets.schedule.recorded import record_pictured


def set_picture(entry: Entry, picture: Picture | None, *, scope: Scope, now: datetime) -> list[Entry]:
    """Show a picture (None: none any more) at an entry, and at others of its series that look as it does now.

    What has another picture for its date alone keeps it. Raises EntryCancelledError and EntryPastError.
    """
    with transaction.atomic():
        entries = lock_changeable(entry, scope, now=now)
        before = entries[0].picture
        changed = [each for each in entries if each.picture_id == (before and before.pk)]
        keys = [each.pk for each in changed]
        Entry.objects.filter(account=entry.account_id, pk__in=keys).update(picture=picture)
        record_pictured(changed, before, picture)
        return changed
