"""How an account looks to its customers: its logo, and its colours."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.history.recording import NOTHING, Change, record_changes
from accounts.locks import lock_account
from accounts.models import Account, Deed, Logo
from accounts.models.colours import colour_name
from accounts.services import about_account

if TYPE_CHECKING:
    from bookwhen.jobs.run import Run

KEPT: Final = timedelta(days=365)
"""How long a logo stays that is shown no more: emails that were sent show it, and it can be taken back."""
MOST: Final = 50
"""Logos that an account has at most, those that it shows no more among them."""
EARLIER: Final = 3
"""How many of those are offered again."""
BATCH: Final = 100

log: Final = logging.getLogger(__name__)


class LogoNotKeptError(Exception):
    """The storage did not take it: it is full, away, or refuses the site’s key. Nothing shows it."""


class TooManyLogosError(Exception):
    """The account has had so many that one of those must do."""


def file_name(logo: UUID) -> str:
    """What a logo's file is called in the storage."""
    return f"logos/{logo}.png"


def logo_path(logo: UUID) -> str:
    """The path of a logo: what it leads to never changes."""
    return reverse("logo", kwargs={"logo": logo})


def keep_logo(account: Account, content: bytes, *, now: datetime) -> UUID:
    """Keep a logo (a PNG of ours), to be shown next. Call it outside any transaction: the storage may be far away.

    Raises LogoNotKeptError, and TooManyLogosError.
    """
    if account.logos.count() >= MOST:
        raise TooManyLogosError
    # The row first, so that no file is left behind that nothing knows of: the nightly job deletes both.
    logo = Logo.objects.create(account=account, created_at=now)
    try:
        default_storage.save(file_name(logo.uuid), ContentFile(content))
    except Exception as error:  # each storage has errors of its own
        log.exception("A logo could not be stored: check MEDIA_ROOT, or S3_BUCKET and its key")
        raise LogoNotKeptError from error
    return logo.uuid


def find_logo(account: Account, logo: UUID | None) -> UUID | None:
    """A logo of the account's, past or present; None where it is none of its."""
    return account.logos.filter(uuid=logo).values_list("uuid", flat=True).first() if logo else None


def earlier_logos(account: Account) -> list[UUID]:
    """The newest that it has had and does not show."""
    found = account.logos.exclude(uuid=account.logo) if account.logo else account.logos.all()
    return list(found.order_by("-created_at", "-pk").values_list("uuid", flat=True)[:EARLIER])


def save_branding(account: Account, *, accent: str, logo: UUID | None, on_pages: bool, now: datetime) -> None:
    """Show a colour and a logo of the account's (None: none) from now on; the colour `on_pages` too, on all of them."""
    with transaction.atomic():
        before = lock_account(account)
        account.accent, account.logo = accent, find_logo(account, logo)
        account.save(update_fields=["accent", "logo"])
        if before.logo and before.logo != account.logo:
            # The emails of yesterday show it, however long ago it came.
            account.logos.filter(uuid=before.logo).update(created_at=now)
        changes = [
            Change(_("Colour"), before.get_accent_display(), account.get_accent_display()),
            Change(_("Logo"), _told(before.logo), _told(account.logo)),
        ]
        if on_pages:
            other = account.pages.exclude(accent=accent)
            changes += [
                Change(_("Colour of “%(page)s”") % {"page": each.title}, each.get_accent_display(), colour_name(accent))
                for each in other
            ]
            other.update(accent=accent)
        record_changes(Deed.BRANDING_CHANGED, about_account(account), changes, account=account)


def sweep_logos(run: "Run") -> None:
    """Delete logos that no account shows any more, with their files, a year after they came or were replaced."""
    shown = Account.objects.filter(pk=OuterRef("account"), logo=OuterRef("uuid"))
    old = Logo.objects.filter(~Exists(shown), created_at__lt=run.now - KEPT)
    run.each(run.keys(old, batch=BATCH), _delete)


def _delete(pk: int) -> None:
    """Safe to repeat: the row goes last."""
    logo = Logo.objects.filter(pk=pk).first()
    if logo and not Account.objects.filter(pk=logo.account_id, logo=logo.uuid).exists():
        default_storage.delete(file_name(logo.uuid))
        logo.delete()


def _told(logo: UUID | None) -> str:
    """A logo in the history, which shows no pictures: the beginning of its name tells it from others."""
    return f"{logo.hex[:6]}.png" if logo else NOTHING
