"""Who wants no reminders of what they booked: said with one click in any of them, and taken back as easily."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.email_links import Subscriber
from accounts.models import Account, BlockReason, DeliveryFault, EmailBlock, Letter, LetterKind, ReminderStop

UNWELCOME: Final = frozenset({BlockReason.BOUNCED, BlockReason.COMPLAINED})


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
