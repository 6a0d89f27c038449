"""The history as a file for a spreadsheet."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.access import SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.history.filtering import HistoryFilterForm, filtered_lines
from accounts.dashboard.history.lines import changes_text, sentence_of
from accounts.models import Account, AuditEntry
from bookwhen.keyset import rows_after
from tickets.dashboard.csv_export import Cell, csv_response

MOST: Final = 20_000
"""Lines of one file; for those before them, an earlier day is chosen."""
CHUNK: Final = 500
ORDER: Final = ("-at", "-pk")


@operator_view(SEE_ATTENDEES)
def history_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same lines as the page with the same filter, newest first."""
    account = request.account
    form = HistoryFilterForm(request.GET, account=account, role=request.role)
    form.is_valid()
    found = filtered_lines(account, request.role, form.cleaned_data)
    head = [_("Date"), _("Team member"), _("What was done"), _("Kind"), _("Changes")]
    return csv_response(account, f"history-{account.slug}.csv", head, _rows(account, found))


def _rows(account: Account, found: QuerySet[AuditEntry]) -> Iterator[Sequence[Cell]]:
    """Some at a time: no statement takes longer than another, and no transaction is kept open."""
    position: Sequence[object] | None = None
    for _chunk in range(MOST // CHUNK):
        lines = list(rows_after(found, ORDER, position)[:CHUNK])
        for line in lines:
            yield [
                f"{line.at.astimezone(account.zone):%Y-%m-%d %H:%M}",
                line.actor_name,
                sentence_of(line),
                str(line.thing.label) if line.thing else line.kind,
                changes_text(line),
            ]
        if len(lines) < CHUNK:
            return
        position = (lines[-1].at, lines[-1].pk)
    if rows_after(found, ORDER, position).exists():
        yield ["", "", _("For what was done before this, choose an earlier day under “Up to”."), "", ""]
