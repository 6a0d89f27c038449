"""When a ticket is on sale, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.dashboard.entries.ticket_form import in_units
from tickets.models import Ticket


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
