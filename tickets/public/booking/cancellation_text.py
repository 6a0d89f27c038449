"""What cancelling gives back, in words: before it is asked for, and before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.public.phrases import contact_text
from bookwhen.money import money
from tickets.booking.cancel import may_cancel
from tickets.models import Entry
from tickets.public.booking.booking_view import BookedEntry, CancellationPreview, CancellationTerms

WHOLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Space(CancellationTerms):
    """Spaces at an entry (with its account) that are booked, or could be: what decides how they can be cancelled."""

    entry: Entry
    may_cancel: bool
    charged: int
    paid: int
    due: int
    """What is paid at the studio."""
    now: datetime


def terms_text(entry: Entry, *, charged: int, paid: int, due: int = 0, now: datetime) -> str:
    """How a space at an entry (with its account) could be cancelled once it is booked at an aware instant.

    `charged`: how many tickets of an allowance it would use up; `paid`: what would be paid for it, and `due`, what at
    the studio.
    """
    space = _Space(entry=entry, may_cancel=may_cancel(entry, now=now), charged=charged, paid=paid, due=due, now=now)
    return _policy_text(space)


def policy_text(visit: BookedEntry) -> str:
    """How the live places at an entry can be cancelled, until when, and what comes back."""
    space = _Space(
        entry=visit.entry,
        may_cancel=visit.may_cancel,
        charged=visit.charged,
        paid=visit.paid,
        due=visit.due,
        now=visit.now,
    )
    return _policy_text(space)


def _policy_text(visit: _Space) -> str:
    if not visit.may_cancel:
        return _("To change or cancel it, contact %(name)s.") % {"name": contact_text(visit.entry.account)}
    if visit.charged and visit.paid:
        return " ".join([_uses_until(visit), _money_then(visit)])
    if visit.charged:
        return _uses_until(visit)
    if visit.due and not visit.paid:
        return _due_until(visit)
    return _money_until(visit) if visit.paid else _("You can cancel online until it starts.")


def uses_text(loss: CancellationPreview) -> str:
    """What becomes of the uses of places that are cancelled now; empty where none was charged."""
    account, values = loss.booked_entry.entry.account, {"uses": loss.uses, "cutoff": _cutoff(loss.booked_entry)}
    if not loss.uses:
        return ""
    if not loss.booked_entry.returns_uses:
        kept = ngettext(
            "The ticket won’t be returned to your allowance: the cut-off was %(cutoff)s.",
            "The %(uses)d tickets won’t be returned to your allowance: the cut-off was %(cutoff)s.",
            loss.uses,
        )
        return kept % values
    back = ngettext(
        "The ticket will be returned to your allowance straight away.",
        "All %(uses)d tickets will be returned to your allowance straight away.",
        loss.uses,
    )
    # Of money it has been said already.
    told = account.returns_late_uses or (loss.paid and _depends(account))
    until = "" if told else _("The cut-off for this is %(cutoff)s.")
    return f"{back} {until}".strip() % values


def refund_text(loss: CancellationPreview) -> str:
    """What becomes of the money that was paid for places that are cancelled now; empty where nothing was."""
    if not loss.paid:
        return ""
    if loss.on_way and loss.money:
        said = _(
            "Your payment hasn’t arrived yet. Once it has, %(money)s will be refunded to the account you paid from."
        )
    elif loss.money == loss.paid:
        said = _("The %(paid)s you paid will be refunded to your card or account. Banks can take up to 10 days.")
    elif loss.money:
        said = _(
            "%(money)s of the %(paid)s you paid will be refunded to your card or account. Banks can take up to 10 days."
        )
    elif loss.on_way:
        said = _("Your payment of %(paid)s, which is on its way, won’t be refunded.")
    else:
        said = _("The %(paid)s you paid won’t be refunded.")
    account = loss.booked_entry.entry.account
    values = {"paid": format_amount(loss.paid, account), "money": format_amount(loss.money, account)}
    again = _("What’s already been refunded won’t be refunded again.") if loss.money < loss.due else ""
    return " ".join(each for each in (said % values, _why(loss.booked_entry), again) if each)


def owed_text(loss: CancellationPreview) -> str:
    """What is to pay at the studio for places that are cancelled now; empty where nothing was."""
    if not loss.owed_now:
        return ""
    account = loss.booked_entry.entry.account
    values = {"owed": format_amount(abs(loss.owed), account), "studio": account.name}
    if loss.owed > 0:
        return _("You’ll still have to pay %(owed)s at %(studio)s.") % values
    if loss.owed < 0:
        return _("%(studio)s will note the %(owed)s you’re due back as your credit.") % values
    return _("You won’t have to pay anything for it at %(studio)s.") % values


def total_text(losses: Sequence[CancellationPreview]) -> str:
    """What comes back altogether, where places at several entries were paid for; else empty."""
    if len([loss for loss in losses if loss.paid]) <= 1:
        return ""
    account = losses[0].booked_entry.entry.account
    together = {"money": format_amount(sum(loss.money for loss in losses), account)}
    if any(loss.on_way for loss in losses):
        return _("In total, %(money)s will be refunded once your payment has arrived.") % together
    return _("In total, %(money)s will be refunded to your card or account.") % together


def format_amount(minor: int, account: Account) -> str:
    """An amount of an account's money, in minor units, as people write it."""
    return money(minor, account.currency, account.locale)


def _uses_until(visit: _Space) -> str:
    if visit.entry.account.returns_late_uses:
        return ngettext(
            "Cancel online before it starts and you get your ticket back.",
            "Cancel online before it starts and you get your tickets back.",
            visit.charged,
        )
    if visit.returns_uses:
        said = ngettext(
            "Cancel by %(cutoff)s and you get your ticket back. After that you can still cancel, but you lose the"
            " ticket.",
            "Cancel by %(cutoff)s and you get your tickets back. After that you can still cancel, but you lose the"
            " tickets.",
            visit.charged,
        )
    else:
        said = ngettext(
            "The cut-off was %(cutoff)s. You can still cancel, but you lose the ticket.",
            "The cut-off was %(cutoff)s. You can still cancel, but you lose the tickets.",
            visit.charged,
        )
    return said % {"cutoff": _cutoff(visit)}


def _money_until(visit: _Space) -> str:
    account = visit.entry.account
    values = {
        "cutoff": _cutoff(visit),
        "part": _paid(account.refund_percent),
        "late": _paid(account.late_refund_percent),
    }
    if not _depends(account):
        return _("If you cancel before it starts, %(part)s will be refunded.") % values
    if visit.in_time:
        return _("If you cancel by %(cutoff)s, %(part)s will be refunded. After that, %(late)s will be.") % values
    return _("The cut-off was %(cutoff)s. If you cancel, %(late)s will be refunded.") % values


def _due_until(visit: _Space) -> str:
    """What a customer who cancels pays at the studio all the same: what would not be refunded."""
    account = visit.entry.account
    values = {
        "cutoff": _cutoff(visit),
        "part": _price(WHOLE - account.refund_percent),
        "late": _price(WHOLE - account.late_refund_percent),
    }
    if not _depends(account):
        return _("If you cancel before it starts, you pay %(part)s.") % values
    if visit.in_time:
        return _("If you cancel by %(cutoff)s, you pay %(part)s. After that, you pay %(late)s.") % values
    return _("The cut-off was %(cutoff)s. If you cancel, you pay %(late)s.") % values


def _money_then(visit: _Space) -> str:
    """The same beside what is said of uses, which tells the cut-off."""
    account = visit.entry.account
    if account.returns_late_uses or not _depends(account):
        return _money_until(visit)
    values = {"part": _paid(account.refund_percent), "late": _paid(account.late_refund_percent)}
    if visit.in_time:
        return _("If you cancel by then, %(part)s will be refunded. After that, %(late)s will be.") % values
    return _("If you cancel, %(late)s will be refunded.") % values


def _depends(account: Account) -> bool:
    """Whether it matters for the money when somebody cancels."""
    return account.refund_percent != account.late_refund_percent


def _why(visit: BookedEntry) -> str:
    """By which of the studio's rules this much comes back."""
    account = visit.entry.account
    values = {"studio": account.name, "cutoff": _cutoff(visit), "part": _price(visit.percent)}
    if not _depends(account):
        return "" if visit.percent == WHOLE else _("%(studio)s refunds %(part)s.") % values
    if not visit.in_time:
        return _("The cut-off was %(cutoff)s. After that, %(studio)s refunds %(part)s.") % values
    if visit.percent == WHOLE:
        return _("The cut-off for this is %(cutoff)s.") % values
    return _("Until %(cutoff)s, %(studio)s refunds %(part)s.") % values


def _paid(percent: int) -> str:
    if percent in {0, WHOLE}:
        return _("everything you paid") if percent else _("nothing")
    return _("%(percent)d%% of what you paid") % {"percent": percent}


def _price(percent: int) -> str:
    if percent in {0, WHOLE}:
        return _("the full price") if percent else _("nothing")
    return _("%(percent)d%% of the price") % {"percent": percent}


def _cutoff(visit: _Space | BookedEntry) -> str:
    zone = visit.entry.account.time_zone
    return f"{date_format(visit.cutoff.astimezone(visit.entry.account.zone), 'l j F Y, H:i')} ({zone})"
