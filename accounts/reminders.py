"""Who wants no reminders of what they booked: said with one click in any of them, and taken back as easily."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts.email_blocks import DeadTokenError, Subscriber
from accounts.models import Account, BlockReason, DeliveryFault, EmailBlock, Letter, LetterKind, ReminderStop
from bookwhen.email_address import fold_email

SALT: Final = "accounts.reminders"
UNWELCOME: Final = frozenset({BlockReason.BOUNCED, BlockReason.COMPLAINED})


def stop_path(account: Account, email: str) -> str:
    """The path of the page where an address stops an account's reminders. It never expires."""
    token = signing.Signer(salt=SALT).sign_object({"account": account.pk, "email": fold_email(email)})
    return reverse("reminders", args=[token])


def read_stop_token(token: str) -> Subscriber:
    """Whom such a link is about; older secret keys count too. Raises DeadTokenError."""
    try:
        facts = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise DeadTokenError from error
    account = Account.objects.filter(pk=facts["account"]).first()
    if account is None:
        raise DeadTokenError
    return Subscriber(account, facts["email"])


def are_stopped(who: Subscriber) -> bool:
    """Whether they get no reminders from this account."""
    return ReminderStop.objects.filter(account=who.account, email=who.email).exists()


def stop_reminders(who: Subscriber, *, now: datetime) -> None:
    """Remind them of nothing any more; what waits is not sent either. Safe to repeat."""
    with transaction.atomic():
        stop = ReminderStop(account=who.account, email=who.email, created_at=now)
        ReminderStop.objects.bulk_create([stop], ignore_conflicts=True)
        waiting = Letter.objects.waiting().filter(account=who.account, recipient=who.email, kind=LetterKind.REMINDER)
        waiting.update(failed_at=now, fault=DeliveryFault.UNWANTED, fault_since=now)


def resume_reminders(who: Subscriber) -> None:
    """Remind them again. Safe to repeat."""
    ReminderStop.objects.filter(account=who.account, email=who.email).delete()


def stopped_among(account: Account, emails: Iterable[str]) -> set[str]:
    """Which of these folded addresses get no reminders from an account.

    Those that stopped them, and those that bounce or called an email of its spam: a reminder would be one more.
    """
    asked = set(emails)
    stops = ReminderStop.objects.filter(account=account, email__in=asked).values_list("email", flat=True)
    blocks = EmailBlock.objects.filter(account=account, email__in=asked, reason__in=UNWELCOME)
    return set(stops.union(blocks.values_list("email", flat=True)))
