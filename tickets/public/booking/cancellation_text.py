"""What cancelling gives back, in words: before it is asked for, and before it is done."""

from collections.abc import Sequence
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from bookwhen.money import money
from tickets.public.booking.booking_view import Loss, Visit

WHOLE: Final = 100


def cancelling(visit: Visit) -> str:
    """How the live places at an entry can be cancelled, until when, and what comes back."""
    if not visit.may_cancel:
        return _("To change or cancel it, write to %(name)s.") % {"name": visit.entry.account.name}
    if visit.charged and visit.paid:
        return " ".join([_uses_until(visit), _money_then(visit)])
    if visit.charged:
        return _uses_until(visit)
    return _money_until(visit) if visit.paid else _("You can cancel online until it starts.")


def uses_lost(loss: Loss) -> str:
    """What becomes of the uses of places that are cancelled now; empty where none was charged."""
    account, values = loss.visit.entry.account, {"uses": loss.uses, "cutoff": _cutoff(loss.visit)}
    if not loss.uses:
        return ""
    if not loss.visit.returns:
        kept = ngettext(
            "The use does not come back: the cut-off was %(cutoff)s.",
            "The %(uses)d uses do not come back: the cut-off was %(cutoff)s.",
            loss.uses,
        )
        return kept % values
    back = ngettext(
        "The use comes back to your allowance at once.",
        "All %(uses)d uses come back to your allowance at once.",
        loss.uses,
    )
    # Of money it has been said already.
    told = account.returns_late_uses or (loss.paid and _depends(account))
    until = "" if told else _("The cut-off for that is %(cutoff)s.")
    return f"{back} {until}".strip() % values


def money_lost(loss: Loss) -> str:
    """What becomes of the money that was paid for places that are cancelled now; empty where nothing was."""
    if not loss.paid:
        return ""
    if loss.money == loss.paid:
        said = _("The %(paid)s that you paid goes back to your card; banks take up to 10 days.")
    elif loss.money:
        said = _("%(money)s of the %(paid)s that you paid goes back to your card; banks take up to 10 days.")
    else:
        said = _("The %(paid)s that you paid is not refunded.")
    account = loss.visit.entry.account
    values = {"paid": sum_of(loss.paid, account), "money": sum_of(loss.money, account)}
    again = _("What was refunded before is not refunded again.") if loss.money < loss.due else ""
    return " ".join(each for each in (said % values, _why(loss.visit), again) if each)


def in_all(losses: Sequence[Loss]) -> str:
    """What comes back altogether, where places at several entries were paid for; else empty."""
    if len([loss for loss in losses if loss.paid]) <= 1:
        return ""
    account = losses[0].visit.entry.account
    together = sum_of(sum(loss.money for loss in losses), account)
    return _("In all, %(money)s goes back to your card.") % {"money": together}


def sum_of(minor: int, account: Account) -> str:
    """An amount of an account's money, in minor units, as people write it."""
    return money(minor, account.currency, account.locale)


def _uses_until(visit: Visit) -> str:
    if visit.entry.account.returns_late_uses:
        return _("You can cancel online until it starts, and every use comes back.")
    said = _("Uses came back until %(cutoff)s. You can still cancel, but the uses are kept.")
    if visit.returns:
        said = _(
            "Cancel by %(cutoff)s and every use comes back. After that you can still cancel, but the uses are kept."
        )
    return said % {"cutoff": _cutoff(visit)}


def _money_until(visit: Visit) -> str:
    account = visit.entry.account
    values = {
        "cutoff": _cutoff(visit),
        "part": _paid(account.refund_percent),
        "late": _paid(account.late_refund_percent),
    }
    if not _depends(account):
        return _("If you cancel before it starts, %(part)s comes back.") % values
    if visit.in_time:
        return _("If you cancel by %(cutoff)s, %(part)s comes back; if you cancel later, %(late)s does.") % values
    return _("The cut-off was %(cutoff)s: if you cancel now, %(late)s comes back.") % values


def _money_then(visit: Visit) -> str:
    """The same beside what is said of uses, which tells the cut-off."""
    account = visit.entry.account
    if account.returns_late_uses or not _depends(account):
        return _money_until(visit)
    values = {"part": _paid(account.refund_percent), "late": _paid(account.late_refund_percent)}
    if visit.in_time:
        return _("Until then %(part)s comes back; later, %(late)s does.") % values
    return _("If you cancel now, %(late)s comes back.") % values


def _depends(account: Account) -> bool:
    """Whether it matters for the money when somebody cancels."""
    return account.refund_percent != account.late_refund_percent


def _why(visit: Visit) -> str:
    """By which of the studio's rules this much comes back."""
    account = visit.entry.account
    values = {"studio": account.name, "cutoff": _cutoff(visit), "part": _price(visit.percent)}
    if not _depends(account):
        return "" if visit.percent == WHOLE else _("%(studio)s refunds %(part)s.") % values
    if not visit.in_time:
        return _("The cut-off was %(cutoff)s; after it %(studio)s refunds %(part)s.") % values
    if visit.percent == WHOLE:
        return _("The cut-off for that is %(cutoff)s.") % values
    return _("Until %(cutoff)s %(studio)s refunds %(part)s.") % values


def _paid(percent: int) -> str:
    if percent in {0, WHOLE}:
        return _("all that you paid") if percent else _("nothing")
    return _("%(percent)d%% of what you paid") % {"percent": percent}


def _price(percent: int) -> str:
    if percent in {0, WHOLE}:
        return _("all of the price") if percent else _("nothing")
    return _("%(percent)d%% of the price") % {"percent": percent}


def _cutoff(visit: Visit) -> str:
    zone = visit.entry.account.time_zone
    return f"{date_format(visit.cutoff.astimezone(visit.entry.account.zone), 'l j F Y, H:i')} ({zone})"
