"""Taking a list of people back: what stands as the import wrote it goes, what somebody used or changed is kept."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.customers import delete_unused
from accounts.models import Customer, ListImport, ListImportRow
from groups.importing.facts import restore
from groups.importing.making import clear_groups
from groups.models import Standing
from groups.services import StandingUsedError, withdraw_by_hand


def undo(list_import: ListImport, row: ListImportRow, now: datetime) -> str:
    """Take back what became of a row, in the caller's transaction; why something was kept, or nothing."""
    account, after = list_import.account, row.after
    kept = [why for each in after.get("standings", []) if (why := _withdraw(account.pk, each, now=now))]
    held = Customer.objects.select_for_update(no_key=True).filter(account=account, pk=after["customer"])
    if (customer := held.first()) is not None:
        if "facts" in after and (changed := restore(customer, row.before["facts"], after["facts"])):
            customer.save(update_fields=changed)
        if after["made"] and not delete_unused(customer) and not kept:
            kept.append(_("They’ve used it since, or something else is about them."))
    return kept[0] if kept else ""


def clear(list_import: ListImport, now: datetime) -> None:
    """Delete the groups that the import made, as far as nothing uses them."""
    del now
    clear_groups(list_import)


def _withdraw(account: int, written: dict[str, Any], *, now: datetime) -> str:
    """Take a standing back that still is as it was written; why it is kept, or nothing."""
    standing = Standing.objects.filter(account=account, pk=written["id"]).select_related("member").first()
    if standing is None:
        return ""
    until, anchor = parse_datetime(written["until"] or ""), parse_date(written["anchor"] or "")
    if standing.until != until or (anchor and standing.anchor != anchor):
        return _("Their time in the group was changed since.")
    try:
        withdraw_by_hand(standing, now=now)
    except StandingUsedError:
        return _("They’ve booked with it.")
    return ""
