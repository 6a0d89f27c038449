"""When a ticket is on sale, and how a series repeats, in words."""

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.dashboard.entries.ticket_form import in_units
from tickets.models import Series, Ticket
from tickets.schedule.recurrence import Repeat, Repeats, read_rule, week_of_month


def sale_window_text(ticket: Ticket) -> str:
    """From when until when, counted back from the start of an entry."""
    opens = _length(ticket.opens_minutes_before)
    closes = _length(ticket.closes_minutes_before)
    if opens and closes:
        return _("From %(opens)s to %(closes)s before the start") % {"opens": opens, "closes": closes}
    if opens:
        return _("From %(opens)s before the start") % {"opens": opens}
    if closes:
        return _("Until %(closes)s before the start") % {"closes": closes}
    return _("Until the start")


def repeat_text(series: Series) -> str:
    """How a series repeats; empty where it does not."""
    if not series.rule:
        return ""
    repeat = read_rule(series.rule)
    if repeat.until:
        return _("%(how)s, until %(day)s") % {"how": _how(repeat, series), "day": date_format(repeat.until, "j F Y")}
    return _how(repeat, series)


def _how(repeat: Repeat, series: Series) -> str:
    first, every = series.first, {"count": repeat.every}
    match repeat.kind:
        case Repeats.DAILY:
            return ngettext("Every day", "Every %(count)d days", repeat.every) % every
        case Repeats.WEEKLY:
            days = [str(WEEKDAYS[each]) for each in sorted(repeat.weekdays or ({first.weekday()} if first else ()))]
            how = ngettext("Every week", "Every %(count)d weeks", repeat.every) % every
            return _("%(how)s on %(days)s") % {"how": how, "days": get_text_list(days, _("and"))} if days else how
        case _:
            how = ngettext("Every month", "Every %(count)d months", repeat.every) % every
    if first is None:
        return how
    weekday = str(WEEKDAYS[first.weekday()])
    match repeat.kind:
        case Repeats.MONTHLY_LAST:
            return _("%(how)s on the last %(weekday)s") % {"how": how, "weekday": weekday}
        case Repeats.MONTHLY_WEEKDAY:
            ordinals = (_("first"), _("second"), _("third"), _("fourth"), _("fifth"))
            words = {"how": how, "weekday": weekday, "which": ordinals[week_of_month(first) - 1]}
            return _("%(how)s on the %(which)s %(weekday)s") % words
        case _:
            return _("%(how)s on day %(day)d") % {"how": how, "day": first.day}


def _length(minutes: int | None) -> str:
    amount, unit = in_units(minutes or None, "")
    if amount is None:
        return ""
    words = {
        "days": ngettext("%(count)d day", "%(count)d days", amount),
        "hours": ngettext("%(count)d hour", "%(count)d hours", amount),
        "minutes": ngettext("%(count)d minute", "%(count)d minutes", amount),
    }
    return words[unit] % {"count": amount}
