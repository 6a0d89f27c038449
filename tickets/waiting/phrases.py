"""Why somebody who waits was passed over, in words that customers and the studio read alike."""

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from offers.eligibility import Reason
from tickets.booking.refusals import RefusalReason
from tickets.models import WaitlistRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOO_FEW: Final = "too_few"
"""They wait for more places than came free."""
TOO_LATE: Final = "too_late"
"""Booking closes so soon that nobody is offered anything any more."""
_WORDS: "Final[dict[str, StrOrPromise]]" = {
    TOO_FEW: _("Fewer spaces came free than asked for"),
    TOO_LATE: _("Booking closes too soon to offer the space"),
    Reason.NOT_ON_SALE_YET: _("The ticket isn’t on sale yet"),
    Reason.NOT_LOGGED_IN: _("The ticket is for members only"),
    Reason.ADDRESS_NOT_CONFIRMED: _("The ticket is for members only"),
    Reason.NOT_IN_GROUP: _("The ticket is for members only"),
    Reason.PAUSED: _("The membership is paused"),
    Reason.STARTS_AGAIN: _("The membership starts again with its next payment"),
    Reason.STANDING_ENDS_BEFORE: _("The membership ends before this event"),
    Reason.NO_OFFER: _("The membership doesn’t include this ticket"),
    Reason.ALREADY_BOOKED: _("Already booked for this event"),
    Reason.PERSONAL_USE_ONLY: _("The membership is for personal use only"),
    Reason.TOO_MANY_FOR_EVENT: _("More people than the membership allows at one event"),
    Reason.LIMIT_REACHED: _("No tickets left in the allowance for this period"),
    Reason.TOO_MANY_IN_BOOKING: _("More tickets than one booking may have"),
    RefusalReason.TICKET_GONE: _("The ticket is no longer on sale"),
}


def tickets_text(request: WaitlistRequest) -> str:
    """The tickets by which somebody would come, in the order in which they are offered."""
    return gettext(" or ").join(ticket.name for ticket in request.tickets)


def skip_text(reason: str) -> str:
    """Why somebody was passed over; empty where they were not."""
    return str(_WORDS.get(reason, _("The space couldn’t be offered"))) if reason else ""
