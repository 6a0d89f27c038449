"""What an entry's pages say of its reminder."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.booking.reminders import reminder_at
from tickets.models import Entry, EntryReminder


def reminder_text(entry: Entry, *, now: datetime) -> str:
    """When those booked at an entry to come (with account and page) are reminded, or that they were; else nothing."""
    at = reminder_at(entry)
    if at is None or entry.starts_at <= now:
        return ""
    if now < at:
        return _("Reminder goes out on %(day)s") % {"day": _day(entry, at)}
    done = EntryReminder.objects.filter(account=entry.account_id, entry=entry, starts_at=entry.starts_at).first()
    if done is None:
        return _("Reminder goes out in the next few minutes")
    said = ngettext(
        "Reminder went out on %(day)s: %(count)d email", "Reminder went out on %(day)s: %(count)d emails", done.letters
    )
    return said % {"day": _day(entry, done.sent_at), "count": done.letters}


def _day(entry: Entry, at: datetime) -> str:
    return date_format(at.astimezone(entry.account.zone), "l j F Y, H:i")
