"""What the public pages say about a verdict: the state of a ticket, and a member's allowance in plain words."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from offers.eligibility import Reason, Verdict
from offers.messages import how_often, left_text
from offers.models import Audience, Offer
from offers.periods import Period

STATES: Final = {
    Reason.ALLOWED: "available",
    Reason.CANCELLED: "closed",
    Reason.PAST: "closed",
    Reason.NOT_ON_SALE_YET: "closed",
    Reason.SALE_ENDED: "closed",
    Reason.NOT_LOGGED_IN: "members",
    Reason.ADDRESS_NOT_CONFIRMED: "members",
    Reason.NOT_IN_GROUP: "members",
    Reason.PAUSED: "members",
    Reason.STARTS_AGAIN: "members",
    Reason.STANDING_ENDS_BEFORE: "members",
    Reason.NO_OFFER: "members",
    Reason.ALREADY_BOOKED: "booked",
    Reason.PERSONAL_USE_ONLY: "booked",
    Reason.TOO_MANY_FOR_EVENT: "booked",
    Reason.LIMIT_REACHED: "used-up",
    Reason.SOLD_OUT: "sold-out",
    Reason.TOO_MANY_IN_BOOKING: "available",
}
"""How a ticket looks (`c-ticket`) whose verdict has this reason."""
GUESTS_HOLD_TOO_MANY: Final = gettext_lazy(
    "Some spaces here are being held in baskets that nobody has paid for yet, with your email address or from your"
    " network. Wait a few minutes, or log in to book now."
)


def offer_terms_text(offer: Offer, *, pages: Sequence[str] = ()) -> str:
    """How much an offer gives and for whom, in one sentence to the member who has it.

    `pages` are the titles of the pages where it opens everything; without a limit they are all that is left to say.
    """
    if offer.limit is None and pages:
        whom = _("for you") if offer.audience != Audience.ADDITIONAL else audience_text(offer)
        return _("Unlimited tickets %(whom)s at %(pages)s.") % {
            "whom": whom,
            "pages": get_text_list(list(pages), _("and")),
        }
    often = _("unlimited tickets") if offer.limit is None else how_often(offer)
    return capfirst(_("%(often)s, %(whom)s.") % {"often": often, "whom": audience_text(offer)})


def audience_text(offer: Offer) -> str:
    """For whom an offer is, to the member who has it."""
    if offer.audience != Audience.ADDITIONAL:
        return _("for you only")
    return ngettext("for you and %(count)d guest", "for you and up to %(count)d guests", offer.additional_attendees) % {
        "count": offer.additional_attendees
    }


def uses_left_text(verdict: Verdict) -> str:
    """What an offer that would be charged gives before this ticket is, and when it resets; empty: no limit."""
    if verdict.uses_left is None or verdict.period is None:
        return ""
    return left_text(verdict.uses_left + 1, verdict.limit or 0, verdict.period)


def left_of_limit(left: int, limit: int) -> str:
    """How much of an allowance is left, such as *6 of 10 tickets left*."""
    return ngettext("%(left)d of %(limit)d ticket left", "%(left)d of %(limit)d tickets left", limit) % {
        "left": left,
        "limit": limit,
    }


def period_text(period: Period) -> str:
    """A usage period as people read it: first and last day; empty where it lasts for good."""
    if period.last_day is None:
        return ""
    first = "j F Y" if period.starts_on.year != period.last_day.year else "j F"
    return _("%(first)s – %(last)s") % {
        "first": date_format(period.starts_on, first),
        "last": date_format(period.last_day, "j F Y"),
    }


def next_period_query(verdict: Verdict) -> str:
    """The query of the schedule from the first day on which a used-up offer counts anew; empty where it never does."""
    period = verdict.period if verdict.reason is Reason.LIMIT_REACHED else None
    if period is None or period.ends_on is None or period.is_last:
        return ""
    return urlencode({"from": period.ends_on.isoformat()})
