"""The kinds of lists that *Import a list* takes in."""

from typing import Final

from accounts.models import ListImport
from groups.importing.source import PEOPLE
from groups.importing.verdicts import VERDICTS, PersonReason
from tickets.dashboard.lists import bookings
from tickets.dashboard.lists.context import group_targets, person_lines
from tickets.dashboard.lists.forms import PEOPLE_COLUMNS, ConfirmListForm, ListRowForm
from tickets.dashboard.lists.phrases import WHAT_TO_DO
from tickets.dashboard.lists.shown import ListKind
from tickets.importing.source import BOOKINGS
from tickets.importing.verdicts import VERDICTS as BOOKING_VERDICTS
from tickets.importing.verdicts import BookingReason

_PEOPLE: Final = ListKind(
    source=PEOPLE,
    reasons=PersonReason,
    verdicts=VERDICTS,
    what_to_do=WHAT_TO_DO,
    columns=PEOPLE_COLUMNS,
    lines=person_lines,
    targets=group_targets,
    confirm_form=ConfirmListForm,
    row_form=ListRowForm,
)
_BOOKINGS: Final = ListKind(
    source=BOOKINGS,
    reasons=BookingReason,
    verdicts=BOOKING_VERDICTS,
    what_to_do=bookings.WHAT_TO_DO,
    columns=bookings.COLUMNS,
    lines=bookings.booking_lines,
    targets=bookings.booking_targets,
    confirm_form=bookings.ConfirmBookingsForm,
    row_form=bookings.BookingRowForm,
)
KINDS: Final = {each.name: each for each in (_PEOPLE, _BOOKINGS)}
"""By the name of their source."""


def kind_of(list_import: ListImport) -> ListKind:
    """The kind of a list; raises KeyError for one that comes from elsewhere."""
    return KINDS[list_import.source]
