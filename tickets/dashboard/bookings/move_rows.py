"""The list of entries that somebody can be moved to: what stands at each, before one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.money import money
from tickets.booking.move_options import MoveOption
from tickets.booking.studio_terms import is_charged
from tickets.dashboard.bookings.charges import charges_text, refusal_text
from tickets.models import Entry, Seat


@dataclass(frozen=True, slots=True)
class MoveRow:
    """An entry of the list: whether the rule gives them what they have here, in a word or two, and why, or why not."""

    entry: Entry
    left: int
    is_full: bool
    word: str = ""
    tone: str = ""
    why: str = ""
    money: str = ""
    """What it costs more or less there."""


def move_row(option: MoveOption, seats: Sequence[Seat]) -> MoveRow:
    """What the list says of moving seats (each with its customer) there."""
    entry = option.entry
    if not option.has_tickets:
        return _row(option, word=_("No tickets"), tone="warn", why=_("Nobody can be moved there."))
    if not option.terms:
        return _row(option, word=_("Choose a ticket"), why=_("None is called like theirs."))
    told = difference_text(sum(each.difference for each in option.terms), entry.account)
    verdicts = [each.verdict for each in option.terms]
    customer, zone = seats[0].customer, entry.account.zone
    charge = charges_text(verdicts, option.terms[0].offers, customer)
    refused = next((verdict for verdict in verdicts if not verdict.allowed), None)
    if refused is None:
        word = _("Included") if all(map(is_charged, verdicts)) else ""
        return _row(option, word=word, tone="good", why=charge, money=told)
    why = " ".join(filter(None, [charge, refusal_text(refused, customer, zone)]))
    word = _("Not for everyone") if charge else _("Not included")
    return _row(option, word=word, tone="warn", why=why, money=told)


def _row(option: MoveOption, **told: str) -> MoveRow:
    return MoveRow(option.entry, option.entry.places.free, option.is_full, **told)


def difference_text(difference: int, account: Account) -> str:
    """How much more or less (minor units) seats cost there than here; empty where it is the same."""
    if not difference:
        return ""
    words = {"amount": money(abs(difference), account.currency, account.locale)}
    return _("%(amount)s more") % words if difference > 0 else _("%(amount)s less") % words
