"""`manage.py reckon_times`: put entries where their wall times are, after the rules of a time zone have changed."""

import logging
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Account
from tickets.schedule.reckoning import Correction, ReckonResult, UnknownZoneError, find_corrections, reckon_entries

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Only says what it would do, unless told to; exits with 1 where an account could not be reckoned."""

    help = "Put entries still to come at the times that were said, after the rules of a time zone have changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--account`: only this one; `--apply`: do it."""
        parser.add_argument("--account", metavar="SLUG", help="only reckon this account")
        parser.add_argument("--apply", action="store_true", help="correct them, and email everyone who has booked")

    def handle(self, *, account: str | None, apply: bool, **_options: object) -> None:
        """Reckon; raises CommandError for an account that does not exist, SystemExit(1) where one failed."""
        accounts = Account.objects.filter(slug=account) if account else Account.objects.all()
        if account and not accounts.exists():
            message = f"There’s no account called “{account}”."
            raise CommandError(message)
        self.total, self.people, self.failed = ReckonResult(), 0, 0
        for each in list(accounts.order_by("pk")):
            self._try(each, apply=apply)
        self.stdout.write(_in_words(self.total, self.people, applied=apply))
        if self.failed:
            raise SystemExit(1)

    def _try(self, account: Account, *, apply: bool) -> None:
        """Reckon one account; its trouble stops no other."""
        try:
            self._apply(account) if apply else self._show(account)
        except UnknownZoneError as unknown:
            self.failed += 1
            self.stderr.write(
                f"{account.slug}: nobody knows the time zone “{unknown}”. Choose another in its settings."
            )
        except Exception:
            self.failed += 1
            log.exception("The times of account %s could not be reckoned", account.slug)
            self.stderr.write(f"{account.slug}: its times could not be reckoned. The log says why.")

    def _apply(self, account: Account) -> None:
        done = reckon_entries(account, now=timezone.now())
        self.total += done
        if done.corrected:
            self.stdout.write(f"{account.slug}: {done.corrected} corrected, {done.told} people emailed")

    def _show(self, account: Account) -> None:
        found = find_corrections(account, now=timezone.now())
        self.total += ReckonResult(corrected=len(found))
        self.people += len({customer for each in found for customer in each.customers})
        for each in found:
            self.stdout.write(f"{account.slug}: {_line(each)}")


def _line(correction: Correction) -> str:
    entry = correction.entry
    was, will_be = (f"{each:%Y-%m-%d %H:%M}" for each in (entry.starts_at, correction.starts_at))
    return (
        f"{entry}, {entry.local_start:%Y-%m-%d %H:%M}: starts at {was} UTC, should at {will_be} UTC "
        f"(bookings: {len(correction.bookings)})"
    )


def _in_words(total: ReckonResult, people: int, *, applied: bool) -> str:
    if not applied:
        if not total.corrected:
            return "Every entry is at the time that was said."
        return f"{total.corrected} entries would be corrected and {people} people emailed. To do it, add --apply."
    completed = f" {total.completed} entries keep the time that was said from now on." if total.completed else ""
    return f"{total.corrected} entries corrected, {total.told} people emailed.{completed}"
