"""`manage.py reset_two_step EMAIL`: the way in for somebody who lost every method of their two-step login."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.logins import login_of
from accounts.two_step import reset_two_step
from bookwhen.email_address import fold_email


class Command(BaseCommand):
    """Removes somebody's methods, logs them out everywhere and emails them."""

    help = "Remove someone’s two-step login, log them out everywhere and email them. Make sure first that it is them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the email address of the login."""
        parser.add_argument("email")

    def handle(self, *, email: str, **_options: Any) -> None:  # noqa: ANN401 - Django's options
        """Reset the login; raises CommandError where there is none with this address."""
        user = login_of(fold_email(email))
        if user is None:
            message = f"Nobody logs in as {email}."
            raise CommandError(message)
        reset_two_step(user, now=timezone.now())
        self.stdout.write(f"{user.email} can now log in with a password alone, and has been told by email.")
