"""What the history tells of the waiting list."""

from accounts.customers import about_customer
from accounts.history.recording import is_recorded, record
from accounts.models import Deed
from tickets.booking.recorded import about_entry
from tickets.models import WaitlistRequest


def record_offered(request: WaitlistRequest) -> None:
    """Tell that somebody of the team offered a space to one who waits (with customer and entry), out of turn."""
    _record(Deed.WAITLIST_OFFERED, request)


def record_removed(request: WaitlistRequest) -> None:
    """Tell that somebody of the team took one who waited (with customer and entry) off the list."""
    _record(Deed.WAITLIST_REMOVED, request)


def _record(deed: Deed, request: WaitlistRequest) -> None:
    if is_recorded():
        record(
            deed,
            about_customer(request.customer),
            account=request.entry.account,
            also=[about_entry(request.entry)],
            beside=request.entry.title,
        )
