"""`manage.py erase_from_history EMAIL`: takes a person’s name out of every history, because they asked for it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.customers import find_customer
from accounts.history.forgetting import erase_colleague, erase_customer
from accounts.logins import login_of
from accounts.models import Account
from bookwhen.email_address import fold_email


class Command(BaseCommand):
    """Erases somebody as a customer of one account or of all, or as somebody who worked in dashboards."""

    help = "Take a person’s name out of the history. What was done stays, without the name. This can’t be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, and whether it is a colleague’s; perhaps one account alone."""
        parser.add_argument("email")
        parser.add_argument("--colleague", action="store_true", help="the person worked in dashboards")
        parser.add_argument("--account", default="", help="the address of the only account where they are a customer")

    def handle(self, *, email: str, colleague: bool, account: str, **_options: Any) -> None:  # noqa: ANN401 - Django's
        """Erase; raises CommandError where nobody has this address."""
        folded = fold_email(email)
        erased = self._colleague(folded) if colleague else self._customer(folded, account)
        if erased is None:
            message = f"Nobody here has the address {email}."
            raise CommandError(message)
        self.stdout.write(f"Erased in {erased} lines.")

    def _colleague(self, email: str) -> int | None:
        user = login_of(email)
        return erase_colleague(user) if user else None

    def _customer(self, email: str, account: str) -> int | None:
        # One account after another, each by its index.
        accounts = Account.objects.filter(slug=account) if account else Account.objects.all()
        found = [
            customer
            for key in accounts.order_by("pk").values_list("pk", flat=True)
            if (customer := find_customer(Account(pk=key), email))
        ]
        return sum(erase_customer(customer) for customer in found) if found else None
