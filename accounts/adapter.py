"""What allauth asks this project."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.access import landing_url
from accounts.models import User
from accounts.return_paths import local_path


class Adapter(DefaultAccountAdapter):
    """Speaks our words, and tells nobody that a login is closed."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The email address or password is incorrect"),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or choose a new password"),
    }

    def authenticate(self, request: HttpRequest, **credentials: str) -> AbstractBaseUser | None:
        """The active user with these credentials: a closed login is refused like a wrong password."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this is the password of whoever is logged in. Only their own attempts are counted, by the page."""
        return user.check_password(password)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether allauth may lead a visitor there: to a path of this site, and nowhere else."""
        return bool(url and local_path(url))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where to go after logging in without a `next`."""
        return landing_url(request.user) if isinstance(request.user, User) else super().get_login_redirect_url(request)
