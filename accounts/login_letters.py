"""Letters about somebody’s login: each change of what opens it is told to its owner."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.email_queue import queue_letter
from accounts.models import User


class LoginChange(StrEnum):
    """What changed about a login."""

    PASSWORD = "password"  # noqa: S105 - a word
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    KEY_ADDED = "key_added"
    KEY_REMOVED = "key_removed"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    RESET = "reset"
    ADDRESS_ADDED = "address_added"
    ADDRESS_CHOSEN = "address_chosen"
    ADDRESS_REMOVED = "address_removed"


SENTENCES: Final[dict[LoginChange, str | Promise]] = {
    LoginChange.PASSWORD: _("Your password was changed"),
    LoginChange.APP_ADDED: _("An authenticator app was added to your login"),
    LoginChange.APP_REMOVED: _("The authenticator app was removed from your login"),
    LoginChange.KEY_ADDED: _("A passkey or security key was added to your login"),
    LoginChange.KEY_REMOVED: _("A passkey or security key was removed from your login"),
    LoginChange.CODES_MADE: _("New recovery codes were created for your login"),
    LoginChange.CODE_USED: _("A recovery code was used to log in as you"),
    LoginChange.RESET: _("Your two-step login was reset"),
    LoginChange.ADDRESS_ADDED: _("An email address was added to your login"),
    LoginChange.ADDRESS_CHOSEN: _("Your main email address was changed"),
    LoginChange.ADDRESS_REMOVED: _("An email address was removed from your login"),
}
"""The subject of each letter, and its first sentence."""


def notify_login_changed(
    user: User, change: LoginChange, *, now: datetime, recipient: str = "", address: str = ""
) -> None:
    """Tell somebody by email that their login changed, when, and what to do if it was not them.

    At their main address, unless another `recipient` is given; `address` is the one that a change is about.
    """
    queue_letter(
        kind="login_changed",
        recipient=recipient or user.email,
        template="accounts/letters/login_changed",
        context={
            "happened": SENTENCES[change],
            "change": change.value,
            "at": now.astimezone(UTC),
            "address": address,
        },
        account=None,
        now=now,
    )
