"""What the accounts app does outside a request."""

from datetime import time
from functools import partial

from celery import shared_task
from django.utils import timezone

from accounts import branding, email_claims, email_round, exports, retention, stripe_addresses, two_step
from accounts.erasing import repeating
from accounts.erasing.service import InTheWayError
from accounts.history import forgetting
from accounts.imports.retention import forget_rows, old_imports
from accounts.keeping import forgetting as keeping
from accounts.operations import running
from accounts.operations.services import TASK as RUN_OPERATION
from bookwhen import queues
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import MINUTE, Every, Nightly, job
from bookwhen.jobs.stopping import is_stopping
from bookwhen.payments.gateway import StripeError
from bookwhen.queue import enqueue


@shared_task
def send_letter(pk: int) -> None:
    """Send one letter, unless it is sent or another worker has it; and with it what else is due, for a while."""
    email_round.send_with_others(pk)


@shared_task
def send_letters() -> None:
    """Send what is due for a while; then call for another worker if there is more, unless enough are called.

    Any number may run at a time; each letter is claimed by one of them.
    """
    run = Run(email_round.JOB, now=timezone.now(), seconds=email_round.SECONDS)
    email_round.send_due(run)
    if run.left and not is_stopping() and not queues.has_enough(queues.LETTERS):
        enqueue(email_round.TASK)


@job(Every(MINUTE))
def sweep_letters(run: Run) -> None:
    """Call a worker for the letters that are due: what failed before, what the broker lost.

    What no worker of that queue has taken for a while is sent from here: perhaps there is none.
    """
    if is_quiet() or not email_claims.waits_since(run.now):
        return
    if not queues.has_enough(queues.LETTERS):
        enqueue(email_round.TASK)
    if email_claims.waits_since(run.now - email_round.LEFT_AFTER):
        email_round.send_due(run)


@job(Nightly(time(3, 47)), seconds=300)
def reencrypt_two_step(run: Run) -> None:
    """Encrypt the secrets of two-step login with the newest SECRET_KEY. Safe to run at any time."""
    two_step.reencrypt_two_step(run)


@shared_task
def run_operation(pk: int) -> None:
    """Work a long job off for a while, unless another worker has it; then call for another worker if there is more."""
    if running.run_operation(pk):
        enqueue(RUN_OPERATION, pk)


@job(Every(MINUTE), expected=(StripeError,))
def send_stripe_addresses(run: Run) -> None:
    """Tell Stripe the new main addresses of its customers."""
    if not is_quiet():
        stripe_addresses.send_due_addresses(run)


@job(Every(MINUTE))
def sweep_operations(run: Run) -> None:
    """Call workers for the long jobs that are due: what failed before, what the broker lost, whose worker died."""
    for pk in [] if is_quiet() else running.due_operations(now=run.now):
        enqueue(RUN_OPERATION, pk)


@job(Nightly(time(4, 27)))
def forget_letters(run: Run) -> None:
    """Every night: forget old emails."""
    if not is_quiet():
        retention.forget_letters(run)


@job(Nightly(time(4, 37)))
def forget_sessions(run: Run) -> None:
    """Every night: forget the sessions that are over."""
    if not is_quiet():
        retention.forget_sessions(run)


@job(Nightly(time(4, 57)))
def forget_history(run: Run) -> None:
    """Every night: forget what was done in dashboards longer ago than it is kept."""
    if not is_quiet():
        forgetting.forget_history(run)


@job(Nightly(time(4, 7)), seconds=300)
def forget_imports(run: Run) -> None:
    """Every night: forget the rows of imports that nobody goes on with."""
    if is_quiet():
        return
    for pk in run.keys(old_imports(now=run.now), batch=100):
        run.attempt(pk, partial(forget_rows, pk, now=run.now))


@job(Nightly(time(4, 47)), seconds=300, expected=(InTheWayError,))
def keep_erasures(run: Run) -> None:
    """Every night, and after each: note who was erased outside the database; repeat what a restore took back."""
    if not is_quiet():
        repeating.keep_erasures(run)
        repeating.repeat_erasures(run)


@job(Nightly(time(5, 7)), seconds=300)
def forget_for_accounts(run: Run) -> None:
    """Every night: forget what accounts keep for less long than the installation, and whom they don't see any more."""
    if not is_quiet():
        keeping.forget_for_accounts(run)


@job(Nightly(time(4, 17)))
def forget_exports(run: Run) -> None:
    """Every night: delete the files that were made some days ago."""
    if not is_quiet():
        run.each(run.keys(exports.old_files(now=run.now), batch=100), partial(exports.forget_file, now=run.now))


@job(Nightly(time(3, 17)), seconds=300)
def sweep_logos(run: Run) -> None:
    """Every night: delete logos that nothing has shown for a year."""
    if not is_quiet():
        branding.sweep_logos(run)
