"""Two-step login: which sessions have passed the second step, and what follows when somebody's methods change.

allauth.mfa keeps the methods (an authenticator app, passkeys and security keys, recovery codes) and asks for one of
them at every log-in of somebody who has one. Studios may ask it of their team (docs/design.md, *Logging in*).
"""

import logging
from contextlib import suppress
from datetime import datetime
from typing import Final

from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.login_letters import LoginChange, notify_login_changed
from accounts.models import Staff, User
from accounts.sessions import end_sessions
from bookwhen.jobs.run import Run
from bookwhen.payments.encryption import CannotDecryptError, decrypt, encrypt, reencrypt

log = logging.getLogger(__name__)

BATCH: Final = 500
PASSED: Final = "second_step_of"
"""In the session: the user (id) who has passed the second step in it."""

Type = Authenticator.Type
ADDED: Final = {Type.TOTP: LoginChange.APP_ADDED, Type.WEBAUTHN: LoginChange.KEY_ADDED}
REMOVED: Final = {Type.TOTP: LoginChange.APP_REMOVED, Type.WEBAUTHN: LoginChange.KEY_REMOVED}
SEALED: Final = {Type.TOTP: "secret", Type.RECOVERY_CODES: "seed"}
"""Where a method keeps its secret. A passkey's half that we have is public."""


class MFAAdapter(DefaultMFAAdapter):
    """Our name and words, secrets encrypted, and no way round what a studio asks of its team."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "A studio you work for needs your two-step login. Add another method before you remove this one."
        ),
        "cannot_generate_recovery_codes": _("Add an authenticator app or a passkey first."),
        "incorrect_code": _("That didn’t work. Check that it’s the newest code, then try again."),
        "unverified_email": _("Confirm your email address first, under “My details”."),
    }

    def encrypt(self, text: str) -> str:
        """The text as it may stand in the database."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; where its secret key was lost, a new secret that no code fits, so that nobody gets in."""
        try:
            return decrypt(encrypted_text)
        except CannotDecryptError:
            log.exception(
                "A two-step secret is encrypted with a lost SECRET_KEY: reset_two_step gives its owner a way in."
            )
            return generate_totp_secret()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether a method may be removed: not the last one of somebody whose studio asks for two-step login."""
        others = methods_of(authenticator.user).exclude(pk=authenticator.pk)
        return others.exists() or not is_asked_for_two_step(authenticator.user)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002, ARG002
        """What a new passkey is called until its owner calls it something else."""
        return str(_("My passkey"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who asks for a passkey, as the browser shows it."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}


def methods_of(user: User) -> QuerySet[Authenticator]:
    """The ways of taking the second step that somebody set up; recovery codes only stand in for those."""
    return Authenticator.objects.filter(user=user, type__in=ADDED)


def is_asked_for_two_step(user: User) -> bool:
    """Whether a studio on whose team somebody is asks it for two-step login."""
    return Staff.objects.filter(user=user, account__requires_two_step=True).exists()


def passed_second_step(request: HttpRequest) -> bool:
    """Whether the person who is logged in has taken the second step in this session. No statement."""
    return request.session.get(PASSED) == request.user.pk


def reset_two_step(user: User, *, now: datetime) -> None:
    """Take every method away from somebody who lost theirs, log them out everywhere, and tell them."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        end_sessions(user)
        notify_login_changed(user, LoginChange.RESET, now=now)


def reencrypt_two_step(run: Run) -> None:
    """Encrypt every secret under the newest SECRET_KEY, so that an old one can be given up."""
    run.each(run.keys(Authenticator.objects.filter(type__in=SEALED), batch=BATCH), _reencrypt)


def connect() -> None:
    """Hear of every change and use of a method."""
    for signal, receiver in (
        (signals.authenticator_added, _on_added),
        (signals.authenticator_removed, _on_removed),
        (signals.authenticator_reset, _on_reset),
        (signals.authenticator_used, _on_used),
    ):
        signal.connect(receiver, dispatch_uid=f"accounts.two_step.{receiver.__name__}")


def _reencrypt(pk: int) -> bool:
    """Encrypt one method's secret anew; False where it is gone, or only a key opens it that is lost."""
    method = Authenticator.objects.filter(pk=pk).first()
    if method is None:
        return False
    name = SEALED[Type(method.type)]
    with suppress(CannotDecryptError):
        sealed = {**method.data, name: reencrypt(method.data[name])}
        # Unless somebody has just changed it, who sealed it under the newest key.
        return bool(Authenticator.objects.filter(pk=pk, data=method.data).update(data=sealed))
    return False


def _on_added(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: object) -> None:
    change = ADDED.get(Type(authenticator.type))
    if change:
        # Somebody who has just shown that a method works has passed the second step by it.
        request.session[PASSED] = user.pk
        notify_login_changed(user, change, now=timezone.now())


def _on_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: object) -> None:
    if not methods_of(user).exists():
        request.session.pop(PASSED, None)
    change = REMOVED.get(Type(authenticator.type))
    if change:
        notify_login_changed(user, change, now=timezone.now())


def _on_reset(user: User, **_kwargs: object) -> None:
    notify_login_changed(user, LoginChange.CODES_MADE, now=timezone.now())


def _on_used(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: object) -> None:
    request.session[PASSED] = user.pk
    if authenticator.type == Type.RECOVERY_CODES:
        notify_login_changed(user, LoginChange.CODE_USED, now=timezone.now())
