"""The history as a file for a spreadsheet."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.access import SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.history.filtering import HistoryFilterForm, filtered_lines
from accounts.dashboard.links import dashboard_url
from accounts.models import Account, AuditEntry, Role
from bookwhen.keyset import rows_after
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.exports.history import HISTORY, ORDER, cells, head
from tickets.dashboard.exports.kinds import kept
from tickets.dashboard.exports.sending import send_list

MOST: Final = 20_000
"""Lines of one file that is sent at once; for those before them, an earlier day is chosen."""
CHUNK: Final = 500


@operator_view(SEE_ATTENDEES)
def history_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same lines as the page with the same filter, newest first; a long file for an owner is made by a worker.

    What a worker wrote is kept for some days, and has what owners see: others get theirs at once, up to so many lines.
    """
    account = request.account
    form = HistoryFilterForm(request.GET, account=account, role=request.role)
    form.is_valid()
    if request.role == Role.OWNER:
        frame = {
            "section": "history",
            "back_url": dashboard_url(request, "history"),
            "back": _("Back to history"),
            "hint": _("To get a smaller file at once, go back and choose a team member, a kind or an earlier day."),
        }
        return send_list(request, HISTORY, kept(form.cleaned_data), frame)
    found = filtered_lines(account, request.role, form.cleaned_data)
    return csv_response(account, f"history-{account.slug}.csv", head(), _rows(account, found))


def _rows(account: Account, found: QuerySet[AuditEntry]) -> Iterator[Sequence[Cell]]:
    """Some at a time: no statement takes longer than another, and no transaction is kept open."""
    position: Sequence[object] | None = None
    for _chunk in range(MOST // CHUNK):
        lines = list(rows_after(found, ORDER, position)[:CHUNK])
        yield from (cells(account, line) for line in lines)
        if len(lines) < CHUNK:
            return
        position = (lines[-1].at, lines[-1].pk)
    if rows_after(found, ORDER, position).exists():
        yield ["", "", _("For what was done before this, choose an earlier day under “Up to”."), "", ""]
