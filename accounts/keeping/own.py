"""What `accounts` keeps: emails, lists that came in, files that go out, the history."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import exports
from accounts.history.forgetting import forget_lines
from accounts.imports import retention as imports
from accounts.keeping.kinds import Kept, Turn, in_batches, one_by_one
from accounts.mailings.following import forget_message
from accounts.models import AuditEntry, ExportFile, Letter, ListImport, Mailing
from accounts.models.operations import WORKED_OFF

MESSAGES: Final = 10
"""How many messages to many are forgotten at a time, with up to all customers as recipients."""


def _letters(account: int) -> QuerySet[Letter, Any]:
    over = Letter.objects.filter(Q(sent_at__isnull=False) | Q(failed_at__isnull=False), account=account)
    return over.annotate(aged_at=Coalesce("sent_at", "failed_at"))


def _forget_emails(turn: Turn, old: "QuerySet[Any]", kind: Kept) -> None:
    """The emails, and then the messages to many that were sent before them."""
    in_batches()(turn, old, kind)
    before = turn.now - timedelta(days=kind.days(turn.retention) or 0)
    sent = Mailing.objects.filter(account=turn.retention.account_id, began_at__lt=before).order_by("began_at")
    keys = list(sent.values_list("pk", flat=True)[: MESSAGES + 1])
    for key in keys[:MESSAGES]:
        forget_message(key)
        turn.done += 1
    turn.more = turn.more or len(keys) > MESSAGES


def _lists(account: int) -> QuerySet[ListImport, Any]:
    open_lists = ListImport.objects.filter(account=account, forgotten_at=None)
    return open_lists.exclude(operation__state__in=WORKED_OFF).annotate(aged_at=F("operation__changed_at"))


def _files(account: int) -> QuerySet[ExportFile, Any]:
    files = ExportFile.objects.filter(account=account, forgotten_at=None)
    return files.exclude(operation__state__in=WORKED_OFF).annotate(aged_at=F("operation__changed_at"))


def _history(account: int) -> QuerySet[AuditEntry, Any]:
    return AuditEntry.objects.filter(account=account).annotate(aged_at=F("at"))


def _forget_list(pk: int, now: datetime, kept: timedelta) -> None:
    imports.forget_rows(pk, now=now, kept=kept)


def _forget_file(pk: int, now: datetime, kept: timedelta) -> None:
    exports.forget_file(pk, now=now, kept=kept)


EMAILS: Final = Kept(
    column="emails_days",
    label=_("Emails"),
    help=_("Emails sent to customers, with what they say. They show what you told whom."),
    count=lambda number: ngettext("%(count)s email", "%(count)s emails", number),
    offered=(30, 90, 180, 365, 730),
    longest=lambda: settings.EMAILS_KEPT_DAYS,
    rows=_letters,
    by="created_at",
    forget=_forget_emails,
)
LISTS: Final = Kept(
    column="lists_days",
    label=_("Imported lists"),
    help=_("The rows of a list you imported. Once they’re deleted, the import can’t be undone."),
    count=lambda number: ngettext("the rows of %(count)s list", "the rows of %(count)s lists", number),
    offered=(7, 14),
    longest=lambda: imports.KEPT.days,
    rows=_lists,
    by="operation__changed_at",
    forget=one_by_one(_forget_list),
)
FILES: Final = Kept(
    column="files_days",
    label=_("Files to download"),
    help=_("Files you exported. You can export them again at any time."),
    count=lambda number: ngettext("%(count)s file", "%(count)s files", number),
    offered=(1, 3),
    longest=lambda: exports.KEPT.days,
    rows=_files,
    by="operation__changed_at",
    forget=one_by_one(_forget_file),
)
HISTORY: Final = Kept(
    column="history_days",
    label=_("History"),
    help=_("Who on your team did what. It’s kept for at least a year."),
    count=lambda number: ngettext("%(count)s line of history", "%(count)s lines of history", number),
    offered=(365, 730),
    longest=lambda: settings.HISTORY_KEPT_DAYS,
    rows=_history,
    by="at",
    forget=in_batches(forget_lines),
)
