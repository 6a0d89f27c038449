"""What the accounts app does outside a request."""

from datetime import time
from functools import partial

from celery import shared_task
from django.utils import timezone

from accounts import email_delivery, two_step
from accounts.imports import retention
from accounts.operations import running
from accounts.operations.services import TASK as RUN_OPERATION
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import MINUTE, Every, Nightly, job
from bookwhen.queue import enqueue


@shared_task
def send_letter(pk: int) -> None:
    """Send one letter, unless it is sent or another worker has it."""
    letter = email_delivery.claim(pk, now=timezone.now())
    if letter is not None:
        email_delivery.send(letter, now=timezone.now())


@job(Every(MINUTE))
def sweep_letters(run: Run) -> None:
    """Send every letter that is due: what was posted in bulk, what failed before, what the broker lost.

    Any number may run at a time; each letter is claimed by one of them. What one leaves is the next minute's.
    """
    while not run.is_over:
        try:
            letter = email_delivery.claim_next(now=timezone.now(), without=run.set_aside())
        except email_delivery.UnclaimableError as broken:
            run.fail(broken.letter, broken.cause)
            continue
        if letter is None:
            return
        run.attempt(letter.pk, partial(email_delivery.send, letter, now=timezone.now()))


@job(Nightly(time(3, 47)), seconds=300)
def reencrypt_two_step(run: Run) -> None:
    """Encrypt the secrets of two-step login with the newest SECRET_KEY. Safe to run at any time."""
    two_step.reencrypt_two_step(run)


@shared_task
def run_operation(pk: int) -> None:
    """Work a long job off for a while, unless another worker has it; then call for another worker if there is more."""
    if running.run_operation(pk):
        enqueue(RUN_OPERATION, pk)


@job(Every(MINUTE))
def sweep_operations(run: Run) -> None:
    """Call workers for the long jobs that are due: what failed before, what the broker lost, whose worker died."""
    for pk in [] if is_quiet() else running.due_operations(now=run.now):
        enqueue(RUN_OPERATION, pk)


@job(Nightly(time(4, 7)), seconds=300)
def forget_imports(run: Run) -> None:
    """Every night: forget the rows of imports that nobody goes on with."""
    if is_quiet():
        return
    for pk in run.keys(retention.old_imports(now=run.now), batch=100):
        run.attempt(pk, partial(retention.forget_rows, pk, now=run.now))
