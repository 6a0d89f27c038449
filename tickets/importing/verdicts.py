"""Why a booking on a list would be made, or not: what to do about it says `tickets.dashboard.lists.phrases`."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Verdict


class BookingReason(TextChoices):
    """Why a booking on a list is new, to be checked, left out, or can't be imported."""

    CHARGED = "charged", _("Will be booked, using their allowance")
    NEW = "new", _("Will be booked")
    NOT_COVERED = "not_covered", _("Will be booked, without using an allowance")
    SAME = "same", _("Imported before")
    OFF = "off", _("Cancelled or not completed in your old system")
    PAST = "past", _("Already over")
    OTHER_EVENT = "other_event", _("No event with this title at this time, but one that’s close")
    SEVERAL_EVENTS = "several_events", _("Several events with this title at this time")
    BY_NAME = "by_name", _("No email address, but a customer with this name")
    REPEATED = "repeated", _("The same as an earlier row")
    BOOKED = "booked", _("This person already has a booking for the event")
    FULL = "full", _("No space left")
    NO_EVENT = "no_event", _("No such event")
    CALLED_OFF = "called_off", _("The event is cancelled here")
    NO_TICKET = "no_ticket", _("No such ticket at the event")
    ODD_START = "odd_start", _("A start we can’t read")
    NO_ADDRESS = "no_address", _("No email address")
    BAD_ADDRESS = "bad_address", _("Not a complete email address")
    TOTAL = "total", _("A total, not a booking")


VERDICTS: Final = {
    BookingReason.CHARGED: Verdict.NEW,
    BookingReason.NEW: Verdict.NEW,
    BookingReason.NOT_COVERED: Verdict.NEW,
    BookingReason.SAME: Verdict.UNCHANGED,
    BookingReason.OFF: Verdict.UNCHANGED,
    BookingReason.PAST: Verdict.UNCHANGED,
    BookingReason.OTHER_EVENT: Verdict.DOUBTFUL,
    BookingReason.SEVERAL_EVENTS: Verdict.DOUBTFUL,
    BookingReason.BY_NAME: Verdict.DOUBTFUL,
    BookingReason.REPEATED: Verdict.DOUBTFUL,
    BookingReason.BOOKED: Verdict.DOUBTFUL,
    BookingReason.FULL: Verdict.REFUSED,
    BookingReason.NO_EVENT: Verdict.REFUSED,
    BookingReason.CALLED_OFF: Verdict.REFUSED,
    BookingReason.NO_TICKET: Verdict.REFUSED,
    BookingReason.ODD_START: Verdict.REFUSED,
    BookingReason.NO_ADDRESS: Verdict.REFUSED,
    BookingReason.BAD_ADDRESS: Verdict.REFUSED,
    BookingReason.TOTAL: Verdict.REFUSED,
}
"""What each reason comes to."""
