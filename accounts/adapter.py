"""What allauth asks this project."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import login_limits
from accounts.access import landing_url
from accounts.models import User
from accounts.return_paths import local_path
from bookwhen.client_address import client_address
from bookwhen.limits import Counted, TooManyError


class Adapter(DefaultAccountAdapter):
    """Speaks our words, and tells nobody that a login is closed."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("The email address or password is incorrect"),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait five minutes, or choose a new password"),
    }
    _attempt: Counted | None = None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:  # noqa: ANN401
        """The active user with these credentials: a closed login is refused like a wrong password."""
        user = super().authenticate(request, **credentials)
        if user is None or not user.is_active:
            return None
        if self._attempt is not None:
            self._attempt.give_back()
            login_limits.record_login(request, credentials.get("email", ""))
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401 - the library's
        """Count an attempt, until it is known to be right (`accounts.login_limits`)."""
        try:
            self._attempt = login_limits.count_attempt(request, credentials.get("email", ""), now=timezone.now())
        except TooManyError as error:
            said = _("Too many attempts. Wait %(time)s, or choose a new password by email.")
            raise ValidationError(said % {"time": error.wait_text}, code="too_many_login_attempts") from error

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address, as everything here counts it."""
        return client_address(request)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this is the password of somebody who is logged in. The page counts their attempts."""
        return user.check_password(password)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether allauth may lead a visitor there: to a path of this site, and nowhere else."""
        return bool(url and local_path(url))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where to go after logging in without a `next`."""
        return landing_url(request.user) if isinstance(request.user, User) else super().get_login_redirect_url(request)
