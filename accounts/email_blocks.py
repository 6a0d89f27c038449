"""To whom an account writes nothing that they did not cause: who unsubscribed or complained, whose address bounces."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from accounts.email_links import Subscriber
from accounts.history.recording import About, is_recorded, record
from accounts.models import (
    UNSOLICITED,
    Account,
    BlockReason,
    Customer,
    Deed,
    DeliveryFault,
    EmailBlock,
    Letter,
    LetterKind,
    MailingState,
    NewsSource,
    ReminderStop,
    Thing,
)
from bookwhen.email_address import fold_email
from bookwhen.queue import enqueue

STILL_NEWS: Final = timedelta(days=7)
"""How old a letter may be that is sent after all, once its address takes letters again."""
OWN_WISH: Final = frozenset({BlockReason.UNSUBSCRIBED, BlockReason.COMPLAINED})
"""Reasons that only the person can take back."""


def is_unsubscribed(who: Subscriber) -> bool:
    """Whether they get nothing from this account that they did not cause, by their own wish."""
    return EmailBlock.objects.filter(account=who.account, email=who.email, reason__in=OWN_WISH).exists()


def unsubscribe(who: Subscriber, *, now: datetime, reason: BlockReason = BlockReason.UNSUBSCRIBED) -> None:
    """Write nothing to them any more that they did not cause; what waits is not sent either. Safe to repeat."""
    with transaction.atomic():
        _block(who.account, who.email, reason, "", now)
        unwanted = Q(kind__in=UNSOLICITED)
        if reason == BlockReason.COMPLAINED:
            # Who calls a message to many spam gets no other, not even about their booking.
            unwanted |= Q(mailing__isnull=False)
        waiting = Letter.objects.waiting().filter(unwanted, account=who.account, recipient=who.email)
        waiting.update(failed_at=now, fault=DeliveryFault.UNWANTED, fault_since=now)
        agreed = _customers_at(who).filter(news_since__isnull=False)
        agreed.update(news_since=None, news_source="", news_ended_at=now)


def resubscribe(who: Subscriber, *, now: datetime) -> None:
    """Take back an unsubscription or a complaint, and that it ended their consent to news. Safe to repeat."""
    with transaction.atomic():
        blocks = EmailBlock.objects.filter(account=who.account, email=who.email, reason__in=OWN_WISH)
        since = blocks.aggregate(since=Min("created_at"))["since"]
        if since is not None:
            ended = _customers_at(who).filter(news_ended_at__gte=since)
            ended.update(news_since=now, news_source=NewsSource.PERSON, news_ended_at=None)
        blocks.delete()


def _customers_at(who: Subscriber) -> QuerySet[Customer]:
    """Whom emails to an address are for: whose it is, and those in their care."""
    theirs = Q(addresses__email=who.email) | Q(contact__addresses__email=who.email)
    return Customer.objects.filter(theirs, account=who.account)


def drop_news(account: Account, email: str, *, now: datetime) -> None:
    """Send no news to an address (folded) that is still waiting to go out."""
    waiting = Letter.objects.waiting().filter(account=account, recipient=email, kind=LetterKind.MESSAGE_NEWS)
    waiting.update(failed_at=now, fault=DeliveryFault.UNWANTED, fault_since=now)


def record_bounce(letter: Letter, detail: str, *, now: datetime) -> None:
    """Note that a letter's address was refused, for its account if it has one. Safe to repeat: the first is kept."""
    if letter.account_id is not None:
        assert letter.account is not None  # noqa: S101 - its key is there
        _block(letter.account, letter.recipient, BlockReason.BOUNCED, detail, now)
        # What the person caused goes out all the same; a message to many does not.
        waiting = Letter.objects.waiting().filter(recipient=letter.recipient, account=letter.account_id)
        waiting.filter(mailing__isnull=False).exclude(pk=letter.pk).update(
            failed_at=now, fault=DeliveryFault.ADDRESS, fault_since=now, error=detail
        )


def record_arrival(letter: Letter) -> None:
    """Note that a letter arrived: its address takes letters again."""
    if letter.account_id is not None:
        EmailBlock.objects.filter(
            account=letter.account_id, email=letter.recipient, reason=BlockReason.BOUNCED
        ).delete()


def retry_address(account: Account, email: str, *, now: datetime) -> int:
    """*Try again*: forget that an address bounced, and send the newer letters that it refused. Returns how many.

    Not those that nobody there wants any more by now, nor those of a message that was stopped.
    """
    email = fold_email(email)
    with transaction.atomic():
        EmailBlock.objects.filter(account=account, email=email, reason=BlockReason.BOUNCED).delete()
        refused = Letter.objects.filter(account=account, recipient=email, fault=DeliveryFault.ADDRESS)
        refused = refused.exclude(_unwanted(Subscriber(account, email))).exclude(mailing__state=MailingState.STOPPED)
        again = refused.filter(failed_at__isnull=False, created_at__gt=now - STILL_NEWS).update(
            failed_at=None, fault="", fault_since=None, attempts=0, due_at=now
        )
        if again:
            enqueue("accounts.tasks.sweep_letters")
        if is_recorded():
            _record_retry(account, email)
    return again


def _unwanted(who: Subscriber) -> Q:
    """Which letters they have said since that they don’t want."""
    blocks = EmailBlock.objects.filter(account=who.account, email=who.email, reason__in=OWN_WISH)
    reasons, unwanted = set(blocks.values_list("reason", flat=True)), Q(pk__in=[])
    if reasons:
        unwanted |= Q(kind__in=UNSOLICITED)
    if BlockReason.COMPLAINED in reasons:
        unwanted |= Q(mailing__isnull=False)
    if not _customers_at(who).filter(news_since__isnull=False).exists():
        unwanted |= Q(kind=LetterKind.MESSAGE_NEWS)
    if ReminderStop.objects.filter(account=who.account, email=who.email).exists():
        unwanted |= Q(kind=LetterKind.REMINDER)
    return unwanted


def _record_retry(account: Account, email: str) -> None:
    customer = Customer.objects.filter(account=account, addresses__email=email).first()
    about = About(Thing.CUSTOMER, customer.pk, str(customer)) if customer else About(Thing.EMAIL_ADDRESS, 0, email)
    record(Deed.EMAILS_RETRIED, about, account=account)


def blocked_addresses(account: Account, emails: Iterable[str]) -> set[str]:
    """Which of these folded addresses get nothing from an account that they did not cause."""
    found = EmailBlock.objects.filter(account=account, email__in=set(emails))
    return set(found.values_list("email", flat=True))


def _block(account: Account, email: str, reason: BlockReason, detail: str, now: datetime) -> None:
    block = EmailBlock(account=account, email=fold_email(email), reason=reason, detail=detail, created_at=now)
    EmailBlock.objects.bulk_create([block], ignore_conflicts=True)
