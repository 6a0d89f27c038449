"""What the accounts app forgets in the course of time (docs/decisions/0046)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.mailings.following import forget_message, old_messages
from accounts.models import Letter, LetterQuota, LoginSession
from bookwhen.jobs.retention import BATCH, forget
from bookwhen.jobs.run import Run

QUOTAS_KEPT: Final = timedelta(days=31)
"""How long we remember how many emails counted on a day; only today's decides anything."""


def forget_letters(run: Run) -> None:
    """Forget letters, with all they say, so many days (settings) after they were sent or given up."""
    before = run.now - timedelta(days=settings.EMAILS_KEPT_DAYS)
    forget(run, Letter.objects.filter(sent_at__lt=before), "sent_at")
    forget(run, Letter.objects.filter(failed_at__lt=before), "failed_at")
    run.each(run.keys(old_messages(now=run.now), batch=100), forget_message)
    forget(run, LetterQuota.objects.filter(day__lt=(run.now - QUOTAS_KEPT).date()), "day")


def forget_sessions(run: Run) -> None:
    """Forget sessions that are over, and the devices where somebody was logged in by them."""
    while keys := _over(run.now):
        if run.is_over:
            run.left = True
            return
        run.done += _end(keys)


def _over(now: datetime) -> list[str]:
    over = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
    return list(over.values_list("pk", flat=True)[:BATCH])


def _end(keys: Sequence[str]) -> int:
    with transaction.atomic():
        LoginSession.objects.filter(session_key__in=keys).delete()
        return Session.objects.filter(pk__in=keys).delete()[0]
