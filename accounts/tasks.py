"""What the accounts app does outside a request."""

import time
from typing import Final

from celery import shared_task
from django.utils import timezone

from accounts import email_delivery, two_step

SWEEP_SECONDS: Final = 50
"""How long one sweep works: beat starts the next a minute after it, so that about one worker is busy with letters."""


@shared_task
def send_letter(pk: int) -> None:
    """Send one letter, unless it is sent or another worker has it."""
    letter = email_delivery.claim(pk, now=timezone.now())
    if letter is not None:
        email_delivery.send(letter, now=timezone.now())


@shared_task
def sweep_letters() -> None:
    """Send every letter that is due: what was posted in bulk, what failed before, what the broker lost.

    Any number may run at a time; each letter is claimed by one of them. What one leaves is the next minute's.
    """
    stop = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < stop:
        letter = email_delivery.claim_next(now=timezone.now())
        if letter is None:
            return
        email_delivery.send(letter, now=timezone.now())


@shared_task
def reencrypt_two_step() -> None:
    """Encrypt the secrets of two-step login with the newest SECRET_KEY. Safe to run at any time."""
    two_step.reencrypt_two_step()
