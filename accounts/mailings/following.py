"""What becomes of messages where two customers become one, where somebody is erased, and in the course of time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.erasing.parts import Erasing
from accounts.models import Account, Mailing, MailingRecipient, RecipientState
from accounts.models.mailings import SUBJECT_LENGTH, TEXT_LENGTH


def follow_messages(account: Account, survivor: int, gone: int) -> None:
    """Let messages to the customer who goes (id) be the survivor’s: of one that both were to get, what was sent stays.

    So nobody gets a message again because they have become one with somebody who didn’t have it yet.
    """
    rows = MailingRecipient.objects.filter(account=account)
    both = rows.filter(mailing=OuterRef("mailing"), customer=gone)
    written = both.filter(state=RecipientState.WRITTEN)
    rows.filter(Exists(written), customer=survivor).exclude(state=RecipientState.WRITTEN).delete()
    rows.filter(Exists(rows.filter(mailing=OuterRef("mailing"), customer=survivor)), customer=gone).delete()
    rows.filter(customer=gone).update(customer=survivor)


def erase_from_messages(erasing: Erasing) -> None:
    """What a studio wrote to many names nobody who was erased; who they were among its recipients goes with them."""
    # First of all: who is writing to them right now has ended by then, and the emails to them are deleted after this.
    MailingRecipient.objects.filter(account=erasing.account, customer=erasing.customer).delete()
    known, mailings = erasing.known, Mailing.objects.filter(account=erasing.account)
    told = mailings.annotate(asked_words=Cast("asked", TextField()), said_words=Cast("said", TextField()))
    columns = ("subject", "text", "audience_name")
    for mailing in list(told.filter(known.texts("asked_words", "said_words", *columns))):
        mailing.subject = known.out_of(mailing.subject, erasing.name)[:SUBJECT_LENGTH]
        mailing.text = known.out_of(mailing.text, erasing.name)[:TEXT_LENGTH]
        mailing.audience_name = known.out_of(mailing.audience_name, erasing.name)[:300]
        mailing.asked = known.out_of_json(mailing.asked, erasing.name)
        mailing.said = known.out_of_json(mailing.said, erasing.name)
        mailing.save(update_fields=["asked", "said", *columns])


def old_messages(*, now: datetime) -> QuerySet[Mailing]:
    """The messages whose emails are forgotten by now: they were sent so many days (settings) ago."""
    return Mailing.objects.filter(began_at__lt=now - timedelta(days=settings.EMAILS_KEPT_DAYS)).order_by("began_at")


def forget_message(pk: int) -> None:
    """Forget a message with its recipients, a few at a time, and what is left of its emails. Safe to repeat."""
    rows = MailingRecipient.objects.filter(mailing=pk)
    while keys := list(rows.values_list("pk", flat=True)[:1000]):
        MailingRecipient.objects.filter(pk__in=keys).delete()
    Mailing.objects.filter(pk=pk).delete()
