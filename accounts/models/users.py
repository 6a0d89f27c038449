"""People who can log in."""

from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookwhen.db import TextCheck
from bookwhen.email_address import PLAIN_ADDRESS, fold_email

USER_AGENT_LENGTH: Final = 300


class UserManager(BaseUserManager["User"]):
    """Makes users from an address and a password."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # noqa: ANN401
        """Make a user; without a password they can log in only after choosing one by e-mail."""
        user = self.model(email=fold_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":  # noqa: ANN401
        """Make a user with every permission, as `manage.py createsuperuser` asks for."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, compared without case."""
        return self.get(email=fold_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who can log in. The e-mail address is the identity; one user serves every account."""

    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="user_text", one_line=["name"]),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower"),
            models.CheckConstraint(condition=models.Q(email__regex=PLAIN_ADDRESS), name="user_email_plain"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Save with the address folded, whichever library wrote it."""
        self.email = fold_email(self.email)
        super().save(*args, **kwargs)


class LoginSession(models.Model):
    """A browser in which a user is logged in. Django's own session has what they do there; this says whose it is."""

    user = models.ForeignKey(User, models.CASCADE, related_name="login_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    """What the browser says that it is."""
    address = models.GenericIPAddressField(null=True)
    """The network address it was last seen at, where that is known."""
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """When it was last used, to within an hour."""

    def __str__(self) -> str:
        return f"{self.user}: {self.user_agent}"
