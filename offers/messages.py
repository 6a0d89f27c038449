"""What the rule's verdicts and an offer's terms are called in words that people read."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from offers.eligibility import Reason, Verdict
from offers.models import Audience, Offer, Unit


def explain(verdict: Verdict, *, zone: ZoneInfo, address: str = "") -> str:
    """The sentence for a verdict; instants are told in `zone`; `address` is the one the customer is logged in with."""
    if verdict.reason is Reason.LIMIT_REACHED:
        return limit_reached(verdict)
    moment = _moment(verdict.at, zone)
    if verdict.reason is Reason.STANDING_ENDS_BEFORE and not moment:
        return _("Your membership ends before this event.")
    sentences = {
        Reason.ALLOWED: _("You can book this ticket."),
        Reason.CANCELLED: _("This event has been cancelled."),
        Reason.PAST: _("This event has already started."),
        Reason.NOT_ON_SALE_YET: _("On sale from %(moment)s.") % {"moment": moment},
        Reason.SALE_ENDED: _("Booking closed on %(moment)s.") % {"moment": moment},
        Reason.NOT_LOGGED_IN: _("For members only. Log in to book it."),
        Reason.ADDRESS_NOT_CONFIRMED: _("Confirm your e-mail address %(address)s to book this ticket.")
        % {"address": address},
        Reason.NOT_IN_GROUP: _not_in_group(address),
        Reason.STANDING_ENDS_BEFORE: _("Your membership ends on %(moment)s, before this event.") % {"moment": moment},
        Reason.NO_OFFER: _("Your membership does not include this ticket."),
        Reason.ALREADY_BOOKED: _("You already have a place at this event."),
        Reason.PERSONAL_USE_ONLY: _("Your membership is for personal use: book this ticket only for yourself."),
        Reason.TOO_MANY_FOR_EVENT: _too_many(verdict),
        Reason.SOLD_OUT: _("Sold out."),
        Reason.TOO_MANY_IN_BOOKING: ngettext(
            "You can book at most %(count)d ticket at a time.",
            "You can book at most %(count)d tickets at a time.",
            verdict.limit or 0,
        )
        % {"count": verdict.limit or 0},
    }
    return sentences[verdict.reason]


def limit_reached(verdict: Verdict) -> str:
    """Bookwhen's sentence for a used-up allowance (help article 8694260), for good where it never comes back."""
    count = verdict.limit or 0
    if verdict.period is None or verdict.period.last_day is None:
        return ngettext(
            "Limit reached. Maximum %(count)d ticket.", "Limit reached. Maximum %(count)d tickets.", count
        ) % {"count": count}
    return ngettext(
        "Limit reached for period. Maximum %(count)d ticket between %(first)s and %(last)s (inclusive).",
        "Limit reached for period. Maximum %(count)d tickets between %(first)s and %(last)s (inclusive).",
        count,
    ) % {"count": count, "first": day(verdict.period.starts_on), "last": day(verdict.period.last_day)}


def uses_left(verdict: Verdict) -> str:
    """What remains of the charged offer once this ticket is booked; empty where none is charged."""
    if verdict.offer is None or not verdict.allowed:
        return ""
    if verdict.uses_left is None:
        return _("No limit on uses.")
    last = verdict.period.last_day if verdict.period else None
    left = ngettext("%(count)d use left", "%(count)d uses left", verdict.uses_left) % {"count": verdict.uses_left}
    if last is None:
        return _("%(left)s after this.") % {"left": left}
    return _("%(left)s after this, until %(last)s.") % {"left": left, "last": day(last)}


def describe(offer: Offer, *, covered: str) -> str:
    """An offer's terms as one plain sentence; `covered` names what it covers, such as *all exclusive tickets on X*."""
    who = _("Each member can book %(covered)s for themselves only") % {"covered": covered}
    if offer.audience == Audience.ADDITIONAL:
        who = ngettext(
            "Each member can book %(covered)s for up to %(people)d people at each event "
            "(%(count)d additional attendee)",
            "Each member can book %(covered)s for up to %(people)d people at each event "
            "(%(count)d additional attendees)",
            offer.additional_attendees,
        ) % {"covered": covered, "people": offer.additional_attendees + 1, "count": offer.additional_attendees}
    return _("%(who)s, %(often)s.") % {"who": who, "often": how_often(offer)}


def how_often(offer: Offer) -> str:
    """The allowance in words, such as *10 tickets every month*."""
    if offer.limit is None:
        return _("as often as they like")
    tickets = ngettext("%(count)d ticket", "%(count)d tickets", offer.limit) % {"count": offer.limit}
    if not offer.ongoing:
        return _("%(tickets)s in all, once") % {"tickets": tickets}
    return _("%(tickets)s every %(period)s, counted by when the event takes place") % {
        "tickets": tickets,
        "period": length(offer.period_count, offer.period_unit),
    }


def length(count: int, unit: str) -> str:
    """A period's length in words: *month*, *2 weeks*."""
    if count == 1:
        return {Unit.DAY: _("day"), Unit.WEEK: _("week"), Unit.MONTH: _("month"), Unit.YEAR: _("year")}[Unit(unit)]
    return f"{count} {Unit(unit).label}"


def day(value: date) -> str:
    """A date as people read it."""
    return date_format(value, "j F Y")


def _moment(instant: datetime | None, zone: ZoneInfo) -> str:
    return date_format(instant.astimezone(zone), "j F Y, H:i") if instant else ""


def _not_in_group(address: str) -> str:
    if not address:
        return _("For members only.")
    return _("For members only. Logged in as %(address)s. Added under another address?") % {"address": address}


def _too_many(verdict: Verdict) -> str:
    count = verdict.limit or 0
    return ngettext(
        "Your membership allows %(count)d person at each event.",
        "Your membership allows %(count)d people at each event.",
        count,
    ) % {"count": count}
