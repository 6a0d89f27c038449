"""The links in emails by which somebody stops them: about an address and the account that writes to it, signed."""

from dataclasses import dataclass

from django.core import signing
from django.urls import reverse

from accounts.models import Account
from bookwhen.email_address import fold_email


class DeadTokenError(Exception):
    """The address of such a page is damaged, or its account is gone."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whom such a link is about: an address, and the account that writes to it."""

    account: Account
    email: str


@dataclass(frozen=True, slots=True)
class StopLink:
    """Links to one page (by its name in the URLs); they never expire, and are the same in every email."""

    page: str
    salt: str

    def path(self, account: Account, email: str) -> str:
        """Where an address stops what it gets from an account."""
        token = signing.Signer(salt=self.salt).sign_object({"account": account.pk, "email": fold_email(email)})
        return reverse(self.page, args=[token])

    def read(self, token: str) -> Subscriber:
        """Whom a link is about; older secret keys count too. Raises DeadTokenError."""
        try:
            facts = signing.Signer(salt=self.salt).unsign_object(token)
        except signing.BadSignature as error:
            raise DeadTokenError from error
        account = Account.objects.filter(pk=facts["account"]).first()
        if account is None:
            raise DeadTokenError
        return Subscriber(account, facts["email"])


UNSUBSCRIBE = StopLink("unsubscribe", "accounts.email_blocks")
REMINDERS = StopLink("reminders", "accounts.reminders")
