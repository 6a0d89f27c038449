"""What the tickets app does outside a request."""

from datetime import datetime, time
from functools import partial
from typing import Final

from celery import shared_task
from django.utils import timezone

from accounts.models import Account
from bookwhen.jobs.fair import Due, work_off
from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import MINUTE, Every, Nightly, job
from bookwhen.queue import enqueue
from tickets import joining
from tickets.booking import release, reminders
from tickets.checkout import settling
from tickets.consistency import store_findings
from tickets.money.receipts.issuing import number_receipts, number_receipts_of
from tickets.money.refunds import are_many_due, submit_due_refunds, submit_refund
from tickets.pictures import keeping
from tickets.schedule import reckoning
from tickets.waiting import offering

BATCH: Final = 1000
"""How many accounts are read at a time."""
TO_OFFER: Final = Due(
    "(SELECT entry_id AS id, account_id, reserved FROM tickets_entryplaces) AS places", "id", "reserved > 0"
)
TO_LOOK_AT: Final = Due("tickets_waitlistrequest", "look_at", "look_at IS NOT NULL", "look_at <= %(now)s")
TO_NUMBER: Final = Due("tickets_receiptdue", "id", "true")
HELPERS: Final = 3
"""How many more workers are called where many refunds are due."""


@job(Nightly(time(2, 17)), seconds=300)
def keep_wall_times(run: Run) -> None:
    """Every night: let entries keep the times that were said, and say which are elsewhere by new rules for clocks."""
    run.each(run.keys(Account.objects.all(), batch=BATCH), partial(_keep_in_account, now=run.now))


def _keep_in_account(account: int, *, now: datetime) -> bool:
    return reckoning.keep_wall_times(Account.objects.get(pk=account), now=now) > 0


@job(Every(MINUTE))
def process_releases(run: Run) -> None:
    """Give back the places of memberships that have ended: at once, and by the minute what was left."""
    release.process_releases(now=run.now, run=run)


@job(Every(MINUTE))
def sweep_baskets(run: Run) -> None:
    """Let go of baskets whose time is up; those at the checkout are ended at Stripe first."""
    settling.sweep_baskets(run)


@job(Nightly(time(3, 7)), seconds=300)
def sweep_pictures(run: Run) -> None:
    """Every night: delete the pictures that no entry has any more."""
    keeping.sweep_pictures(run)


@job(Every(MINUTE))
def send_reminders(run: Run) -> None:
    """Remind those who booked of what starts soon, where the page says so."""
    reminders.send_reminders(run)


@shared_task
def offer_spaces(entry: int) -> None:
    """Offer what has come free at an entry to those who wait there."""
    offering.offer_spaces(entry, now=timezone.now())


@job(Every(MINUTE))
def sweep_waiting(run: Run) -> None:
    """Offer what is left of that, and tell those who wait what has happened: offers that lapsed, moves, ends."""
    work_off(
        run,
        (TO_OFFER, partial(offering.offer_spaces, now=run.now)),
        (TO_LOOK_AT, partial(offering.look, now=run.now)),
    )


@shared_task
def send_refund(refund: int) -> None:
    """Ask Stripe for one refund."""
    submit_refund(refund, now=timezone.now())


@job(Every(MINUTE))
def sweep_refunds(run: Run) -> None:
    """Ask Stripe for every refund that is due; where many are, other workers are called to help."""
    if are_many_due(run):
        for _ in range(HELPERS):
            enqueue("tickets.tasks.help_with_refunds")
    submit_due_refunds(now=run.now, run=run)


@shared_task
def help_with_refunds() -> None:
    """Ask Stripe for refunds that are due, beside others who do."""
    submit_due_refunds(now=timezone.now())


@shared_task
def number_receipts_in(account: int) -> None:
    """Number the receipts of what has just been paid to an account, or given back."""
    number_receipts(account, now=timezone.now())


@job(Every(MINUTE))
def sweep_receipts(run: Run) -> None:
    """Number what is left of that, some of each account in turn."""
    work_off(run, (TO_NUMBER, partial(number_receipts_of, now=run.now)))


@job(Nightly(time(4, 7)), seconds=300)
def check_books(run: Run) -> None:
    """Check the books of all accounts, for the overview and the log."""
    store_findings(now=run.now)


@job(Nightly(time(3, 57)))
def forget_pasted(run: Run) -> None:
    """Forget what could not be read of lists that were added long ago."""
    run.each(run.keys(joining.old_lists(now=run.now), batch=BATCH), partial(joining.forget_list, now=run.now))
