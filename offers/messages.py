"""What the rule's verdicts and an offer's terms are called in words that people read."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookwhen.money import money
from offers.eligibility import Reason, Verdict
from offers.models import Audience, Offer, OfferKind, PeriodUnit
from offers.periods import Period

NAMED: Final = 3
"""How many tickets are named one by one."""
SHORTEST_MONTH: Final = 28
"""The days that every month has."""


def explain(verdict: Verdict, *, zone: ZoneInfo, address: str = "", in_basket: int = 0) -> str:
    """The sentence for a verdict; instants are told in `zone`; `address` is the one the customer is logged in with.

    `in_basket` is how many tickets their basket has at this event already.
    """
    if verdict.reason is Reason.LIMIT_REACHED:
        return limit_reached(verdict)
    if verdict.reason in {Reason.PAUSED, Reason.STARTS_AGAIN}:
        return _paused(verdict, zone)
    moment = _moment(verdict.at, zone)
    if verdict.reason is Reason.STANDING_ENDS_BEFORE and not moment:
        return _("Your membership ends before this event.")
    sentences: dict[Reason, Callable[[], str]] = {
        Reason.ALLOWED: lambda: _("You can book this ticket."),
        Reason.CANCELLED: lambda: _("This event has been cancelled."),
        Reason.PAST: lambda: _("This event has already started."),
        Reason.NOT_ON_SALE_YET: lambda: _("On sale from %(moment)s.") % {"moment": moment},
        Reason.SALE_ENDED: lambda: _("Booking closed on %(moment)s.") % {"moment": moment},
        Reason.NOT_LOGGED_IN: lambda: _("Only members can book this ticket. Log in to continue."),
        Reason.ADDRESS_NOT_CONFIRMED: lambda: (
            _("Confirm your email address %(address)s to book this ticket.") % {"address": address}
        ),
        Reason.NOT_IN_GROUP: lambda: _not_in_group(address),
        Reason.STANDING_ENDS_BEFORE: lambda: (
            _("Your membership ends on %(moment)s, before this event.") % {"moment": moment}
        ),
        Reason.NO_OFFER: lambda: _("Your membership doesn’t include this ticket."),
        Reason.ALREADY_BOOKED: lambda: _("You already have a space at this event."),
        Reason.PERSONAL_USE_ONLY: lambda: _(
            "Your membership is for personal use, so you can only book this ticket for yourself."
        ),
        Reason.TOO_MANY_FOR_EVENT: lambda: _too_many(verdict),
        Reason.SOLD_OUT: lambda: _("Sold out."),
        Reason.TOO_MANY_IN_BOOKING: lambda: _too_many_at_once(verdict, in_basket),
    }
    return sentences[verdict.reason]()


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
    ) % {"count": count, "first": format_day(verdict.period.starts_on), "last": format_day(verdict.period.last_day)}


def uses_left(verdict: Verdict) -> str:
    """What remains of the charged offer once this ticket is booked; empty where none is charged, or without a limit."""
    if verdict.offer is None or not verdict.allowed:
        return ""
    if verdict.uses_left is None:
        return ""
    last = verdict.period.last_day if verdict.period else None
    left = ngettext("%(count)d ticket left", "%(count)d tickets left", verdict.uses_left) % {"count": verdict.uses_left}
    if last is None:
        return _("%(left)s after this.") % {"left": left}
    return _("%(left)s after this, until %(last)s.") % {"left": left, "last": format_day(last)}


def left_text(left: int, limit: int, period: Period) -> str:
    """How much of an allowance a usage period has left, and when it resets."""
    known = {"left": left, "limit": limit}
    if period.last_day is None or period.ends_on is None:
        return _("%(left)d of %(limit)d left.") % known
    day = "j F" if period.starts_on.year == period.ends_on.year else "j F Y"
    until = {**known, "last": date_format(period.last_day, day), "day": date_format(period.ends_on, day)}
    if period.is_last:
        return _("%(left)d of %(limit)d left until %(last)s.") % until
    return _("%(left)d of %(limit)d left until %(last)s; resets on %(day)s.") % until


def offer_title(offer: Offer, number: int) -> str:
    """What operators call an offer: its name, or its number on the group's page."""
    return offer.name or _("Offer %(number)d") % {"number": number}


def describe_offer(offer: Offer, *, covered: str) -> str:
    """An offer's terms as one plain sentence; `covered` names what it covers, such as *all exclusive tickets on X*."""
    if offer.kind == OfferKind.DISCOUNT:
        return _describe_discount(offer, covered)
    who = _("Each member can book %(covered)s for themselves only") % {"covered": covered}
    if offer.audience == Audience.ADDITIONAL:
        who = ngettext(
            "Each member can book %(covered)s for up to %(people)d people at each event "
            "(%(count)d additional attendee)",
            "Each member can book %(covered)s for up to %(people)d people at each event "
            "(%(count)d additional attendees)",
            offer.additional_attendees,
        ) % {"covered": covered, "people": offer.additional_attendees + 1, "count": offer.additional_attendees}
    return _("%(who)s, %(often)s.") % {"who": who, "often": _how_counted(offer)}


def describe_discount(offer: Offer, *, covered: str) -> str:
    """A discount offer (with its account) in one sentence to a member who has it; `covered` as for `describe_offer`."""
    whom = _("for you only")
    if offer.audience == Audience.ADDITIONAL:
        places = offer.additional_attendees + 1
        whom = ngettext("for up to %(count)d ticket at each event", "for up to %(count)d tickets at each event", places)
        whom %= {"count": places}
    often = _("as often as you like") if offer.limit is None else how_often(offer)
    given = {"saved": discount_text(offer), "covered": covered, "whom": whom, "often": often}
    return _("%(saved)s %(covered)s, %(whom)s, %(often)s.") % given


def name_covered(offer: Offer, pages: Sequence[str], tickets: Sequence[str], *, has_more: bool = False) -> str:
    """What an offer covers: all tickets of its kind on pages (titles), and tickets (names), the first few of them.

    `has_more`: so many more than `tickets` that nobody counts them.
    """
    parts = []
    if pages:
        words = _("all exclusive tickets on %(pages)s")
        if offer.kind == OfferKind.DISCOUNT:
            words = _("all tickets on %(pages)s")
        parts.append(words % {"pages": _listed([f"“{page}”" for page in pages])})
    if tickets:
        names = [f"“{name}”" for name in dict.fromkeys(tickets)]
        more = len(names) - NAMED
        shown = [*names[:NAMED], ngettext("%(count)d more", "%(count)d more", more) % {"count": more}]
        if has_more:
            shown = [*names[:NAMED], _("many more")]
        parts.append(_listed(shown if more > 0 or has_more else names))
    return _listed(parts)


def discount_text(offer: Offer) -> str:
    """What a discount offer (with its account) takes off each ticket, such as *10% off* or *£2.50 off*."""
    if offer.percent is not None:
        return _("%(percent)s%% off") % {"percent": number_format(offer.percent)}
    account = offer.account
    return _("%(amount)s off") % {"amount": money(offer.amount_off or 0, account.currency, account.locale)}


def _describe_discount(offer: Offer, covered: str) -> str:
    given = {"saved": discount_text(offer), "covered": covered, "often": _how_counted(offer)}
    if offer.audience == Audience.PERSONAL:
        words = _("Each member gets %(saved)s %(covered)s, for themselves only, %(often)s.")
        return words % given
    words = ngettext(
        "Each member gets %(saved)s %(covered)s, for up to %(people)d tickets at each event "
        "(%(count)d additional attendee), %(often)s.",
        "Each member gets %(saved)s %(covered)s, for up to %(people)d tickets at each event "
        "(%(count)d additional attendees), %(often)s.",
        offer.additional_attendees,
    )
    return words % {**given, "people": offer.additional_attendees + 1, "count": offer.additional_attendees}


def how_often(offer: Offer) -> str:
    """The allowance in words, such as *10 tickets a month*."""
    if offer.limit is None:
        return _("as often as they like")
    tickets = ngettext("%(count)d ticket", "%(count)d tickets", offer.limit) % {"count": offer.limit}
    if not offer.ongoing:
        return _("%(tickets)s in total") % {"tickets": tickets}
    words = _("%(tickets)s a %(period)s") if offer.period_count == 1 else _("%(tickets)s every %(period)s")
    return words % {"tickets": tickets, "period": period_length(offer.period_count, offer.period_unit)}


def resets_text(offer: Offer, day: date) -> str:
    """When an allowance that is counted from this local date resets, such as *Allowance resets on the 28th*.

    Empty where it never does, or has no limit.
    """
    if offer.limit is None or not offer.ongoing:
        return ""
    if offer.period_count > 1:
        said = {"period": period_length(offer.period_count, offer.period_unit), "day": format_day(day)}
        return _("Allowance resets every %(period)s from %(day)s") % said
    if offer.period_unit == PeriodUnit.DAY:
        return _("Allowance resets every day")
    if offer.period_unit == PeriodUnit.WEEK:
        return _("Allowance resets every %(weekday)s") % {"weekday": date_format(day, "l")}
    if offer.period_unit == PeriodUnit.YEAR:
        return _("Allowance resets on %(day)s") % {"day": date_format(day, "j F")}
    if day.day > SHORTEST_MONTH:
        return _("Allowance resets on the %(day)s, or the month’s last day") % {"day": date_format(day, "jS")}
    return _("Allowance resets on the %(day)s") % {"day": date_format(day, "jS")}


def _how_counted(offer: Offer) -> str:
    """The same for operators: which date counts."""
    often = how_often(offer)
    if offer.limit is None or not offer.ongoing:
        return often
    return _("%(often)s, based on the event date") % {"often": often}


def period_length(count: int, unit: str) -> str:
    """A period's length in words: *month*, *2 weeks*."""
    if count == 1:
        return {
            PeriodUnit.DAY: _("day"),
            PeriodUnit.WEEK: _("week"),
            PeriodUnit.MONTH: _("month"),
            PeriodUnit.YEAR: _("year"),
        }[PeriodUnit(unit)]
    return f"{count} {PeriodUnit(unit).label}"


def format_day(value: date) -> str:
    """A date as people read it."""
    return date_format(value, "j F Y")


def _listed(words: Sequence[str]) -> str:
    return str(get_text_list(list(words), _("and")))


def _moment(instant: datetime | None, zone: ZoneInfo) -> str:
    return date_format(instant.astimezone(zone), "j F Y, H:i") if instant else ""


def _not_in_group(address: str) -> str:
    if not address:
        return _("Only members can book this ticket.")
    return _("Only members can book this ticket. You’re logged in as %(address)s.") % {"address": address}


def _paused(verdict: Verdict, zone: ZoneInfo) -> str:
    """Why a paused membership opens nothing, with its day: a pause ends at the beginning of one."""
    day = format_day(verdict.at.astimezone(zone).date()) if verdict.at else ""
    if verdict.reason is Reason.STARTS_AGAIN:
        return _("Your membership was paused. You can book with it again from your next payment on %(day)s.") % {
            "day": day
        }
    if not day:
        return _("Your membership is paused. Resume it to book this ticket.")
    return _("Your membership is paused until %(day)s. Resume it to book this ticket.") % {"day": day}


def _too_many(verdict: Verdict) -> str:
    count = verdict.limit or 0
    return ngettext(
        "Your membership covers %(count)d person at each event.",
        "Your membership covers up to %(count)d people at each event.",
        count,
    ) % {"count": count}


def _too_many_at_once(verdict: Verdict, in_basket: int) -> str:
    count = verdict.limit or 0
    said = ngettext(
        "You can book up to %(count)d ticket at a time.", "You can book up to %(count)d tickets at a time.", count
    ) % {"count": count}
    if not in_basket:
        return said
    held = ngettext("Your basket already has %(count)d.", "Your basket already has %(count)d.", in_basket)
    return _("%(said)s %(held)s") % {"said": said, "held": held % {"count": in_basket}}
