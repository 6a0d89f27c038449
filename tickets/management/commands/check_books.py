"""`manage.py check_books`: prove that every counter equals its lines, or say what is wrong."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import Account
from tickets.consistency import check_books, count_checked
from tickets.models import Finding, FindingKind


class Command(BaseCommand):
    """Only reads. Exits with 1 when something is wrong, each finding on a line of its own."""

    help = "Check that spaces, uses, memberships, payments and refunds add up, in all accounts or just one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--account`: only this one."""
        parser.add_argument("--account", metavar="SLUG", help="only check this account")

    def handle(self, *, account: str | None, **_options: object) -> None:
        """Check; raises CommandError for an account that does not exist, SystemExit(1) where something is wrong."""
        found = Account.objects.filter(slug=account).first() if account else None
        if account and found is None:
            message = f"There’s no account called “{account}”."
            raise CommandError(message)
        findings = check_books(account=found, now=timezone.now())
        if not findings:
            of = count_checked(found)
            self.stdout.write(
                f"Everything matches: {of.entries} entries, {of.seats} booked spaces, {of.uses} uses, "
                f"{of.subscriptions} memberships, {of.payments} payments, {of.refunds} refunds."
            )
            return
        prefetch_related_objects(findings, "account", "entry", "customer", "group")
        for finding in findings:
            self.stdout.write(_in_words(finding))
        raise SystemExit(1)


def _in_words(finding: Finding) -> str:
    if finding.kind == FindingKind.UNCHECKED:
        return f"{finding.account.slug}: {finding.get_kind_display()}: {finding.name} ({finding.kind} {finding.row})"
    entry = finding.entry
    starts = entry and timezone.localtime(entry.starts_at, finding.account.zone)
    where = [
        f"{entry}, {starts:%Y-%m-%d %H:%M}" if entry else "",
        finding.name,
        str(finding.customer or ""),
        str(finding.group or ""),
    ]
    named = " / ".join(dict.fromkeys(each for each in where if each))
    return (
        f"{finding.account.slug}: {finding.get_kind_display()}: counted {finding.counted}, "
        f"should be {finding.should_be} ({named}; {finding.kind} {finding.row})"
    )
