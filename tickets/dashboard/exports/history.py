"""The history as a file: what the owner sees of it, newest first."""

from typing import Final

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.dashboard.history.filtering import filtered_lines
from accounts.dashboard.history.lines import changes_text, sentence_of
from accounts.models import Account, AuditEntry, Role
from bookwhen.keyset import rows_after
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import Asked, Batch, ExportList, Place, from_time

ORDER: Final = ("-at", "-pk")


def head() -> list[str]:
    """What the columns are called."""
    return [_("Date"), _("Team member"), _("What was done"), _("Kind"), _("Changes")]


def cells(account: Account, line: AuditEntry) -> list[Cell]:
    """A line of the history as a row; its time by the account's wall clock."""
    return [
        f"{line.at.astimezone(account.zone):%Y-%m-%d %H:%M}",
        line.actor_name,
        sentence_of(line),
        str(line.thing.label) if line.thing else line.kind,
        changes_text(line),
    ]


def _lines(asked: Asked) -> QuerySet[AuditEntry]:
    given = {**asked.given, "until": parse_date(asked.given.get("until") or "")}
    return filtered_lines(asked.account, Role.OWNER, given)


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    lines = list(rows_after(_lines(asked), ORDER, from_time(place))[:most])
    after = [lines[-1].at.isoformat(), lines[-1].pk] if len(lines) == most else None
    return Batch([cells(asked.account, line) for line in lines], after, len(lines))


HISTORY: Final = ExportList(
    name="history_csv",
    label=gettext_lazy("Make a file of the history"),
    working=gettext_lazy("Writing the history"),
    title=gettext_lazy("History"),
    says=gettext_lazy("Everything that was done in the dashboard, by whom and when."),
    file="history",
    head=lambda _asked: head(),
    read=_read,
    found=_lines,
    is_for_owners=True,
)
