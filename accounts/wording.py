"""Wording emails: what a studio says of a kind of letter itself, until it goes back to the standard text."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.history.recording import Change, record_changes
from accounts.locks import lock_account
from accounts.models import Account, Deed, LetterKind, LetterWording, User
from accounts.services import about_account

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STANDARD: Final = _("standard text")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a studio words of a letter; what is empty is as usual."""

    subject: str = ""
    opening: str = ""
    closing: str = ""


LABELS: Final = {"subject": _("Subject"), "opening": _("Opening"), "closing": _("Closing")}


def parts_of(wording: LetterWording | None) -> Parts:
    """The parts that a wording says."""
    return Parts(wording.subject, wording.opening, wording.closing) if wording else Parts()


def save_wording(
    account: Account, kind: LetterKind, parts: Parts, *, called: "StrOrPromise", by: User, now: datetime
) -> None:
    """Word a kind of letter so from now on; nothing worded: the standard text again. What was written stays as it is.

    `called` is what its team calls it. Letters that wait are worded already, but for confirmations of free bookings,
    which are written as they are sent.
    """
    with transaction.atomic():
        lock_account(account)
        known = LetterWording.objects.filter(account=account, kind=kind)
        before = parts_of(known.first())
        if parts == Parts():
            known.delete()
        else:
            said = {name: getattr(parts, name) for name in LABELS}
            LetterWording.objects.update_or_create(
                account=account, kind=kind, defaults={**said, "changed_at": now, "changed_by": by}
            )
        account.words_letters = LetterWording.objects.filter(account=account).exists()
        account.save(update_fields=["words_letters"])
        account.__dict__.pop("wordings", None)
        changes = [
            Change(label, getattr(before, name) or str(STANDARD), getattr(parts, name) or str(STANDARD))
            for name, label in LABELS.items()
        ]
        record_changes(Deed.WORDING_CHANGED, about_account(account), changes, account=account, beside=str(called))
