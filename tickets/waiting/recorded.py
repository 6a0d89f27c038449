"""What the history tells of the waiting list."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.customers import about_customer
from accounts.history.recording import Change, is_recorded, record
from accounts.models import Deed
from tickets.booking.recorded import about_entry
from tickets.models import WaitlistRequest


def record_offered(request: WaitlistRequest) -> None:
    """Tell that somebody of the team offered a space to one who waits (with customer and entry), out of turn."""
    _record(Deed.WAITLIST_OFFERED, request)


def record_removed(request: WaitlistRequest) -> None:
    """Tell that somebody of the team took one who waited (with customer and entry) off the list."""
    _record(Deed.WAITLIST_REMOVED, request)


def record_moved_up(request: WaitlistRequest, before: int, after: int) -> None:
    """Tell that somebody of the team moved one who waits (with customer and entry) up in line, from place to place."""
    _record(Deed.WAITLIST_MOVED_UP, request, [Change(_("Place in line"), str(before), str(after))])


def _record(deed: Deed, request: WaitlistRequest, changes: Sequence[Change] = ()) -> None:
    if is_recorded():
        record(
            deed,
            about_customer(request.customer),
            account=request.entry.account,
            also=[about_entry(request.entry)],
            changes=changes,
            beside=request.entry.title,
        )
