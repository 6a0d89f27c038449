"""What the history tells of entries and tickets that a team member made or changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.history.recording import (
    NOTHING,
    About,
    Change,
    count,
    is_recorded,
    record,
    record_changes,
    yes_or_no,
)
from accounts.models import Deed, Thing
from bookwhen.money import money
from tickets.booking.recorded import about_bookings, about_entry
from tickets.models import Entry, Picture, Seat, Ticket, TicketCost

if TYPE_CHECKING:
    from tickets.schedule.cancellation_notes import CancellationNote
    from tickets.schedule.details import EntryDetails
    from tickets.schedule.labels import LabelChange
    from tickets.schedule.retime_plan import Timing


def record_made(deed: Deed, first: Entry, made: Sequence[Entry]) -> None:
    """Tell of new entries of one series; named is the `first`, or the one that they follow."""
    if not is_recorded():
        return
    first = Entry.objects.select_related("account").get(account=first.account_id, pk=first.pk)
    changes = [count(_("Entries"), len(made))] if len(made) > 1 or deed == Deed.ENTRY_REPEATED else []
    also = [About(Thing.ENTRY, entry.pk) for entry in made]
    record(deed, about_entry(first), account=first.account, also=also, changes=changes)


def record_skipped(entry: Entry) -> None:
    """Tell that an entry (with its account) was taken out of its series, on the pages of the others."""
    if is_recorded():
        others = Entry.objects.filter(account=entry.account_id, series=entry.series_id).values_list("pk", flat=True)
        also = [About(Thing.ENTRY, pk) for pk in others]
        changes = [Change(_("Start"), _moment(entry.wall_times(entry.account.zone).starts), NOTHING)]
        record(Deed.DATE_SKIPPED, about_entry(entry), account=entry.account, also=also, changes=changes)


def record_edited(
    entries: Sequence[Entry], was: "EntryDetails", now_is: "EntryDetails", labels: "LabelChange | None" = None
) -> None:
    """Tell how the first of some entries (with their account) changed, and the later ones with it."""
    if not is_recorded():
        return
    changes = [
        Change(_("Title"), was.title, now_is.title),
        Change(_("Start"), _moment(was.starts), _moment(now_is.starts)),
        Change(_("End"), _moment(was.starts + was.duration), _moment(now_is.starts + now_is.duration)),
        Change(_("Location"), was.location or NOTHING, now_is.location or NOTHING),
        Change(_("Description"), was.description or NOTHING, now_is.description or NOTHING),
        Change(_("Spaces"), str(was.capacity), str(now_is.capacity)),
        Change(_("Most spaces in one booking"), str(was.per_booking), str(now_is.per_booking)),
        *_label_changes(entries[0], labels),
    ]
    if any(each.before != each.after for each in changes) and len(entries) > 1:
        changes.append(count(_("Entries"), len(entries)))
    also = [About(Thing.ENTRY, entry.pk) for entry in entries]
    record_changes(Deed.ENTRY_CHANGED, about_entry(entries[0]), changes, account=entries[0].account, also=also)


def record_retimed(
    entry: Entry,
    was: "Timing",
    now_is: "Timing",
    *,
    moved: Sequence[Entry],
    made: Sequence[Entry],
    gone: Sequence[Entry],
    left: Sequence[Entry],
) -> None:
    """Tell that a series takes place at other times from an entry on, with the dates that came and went."""
    if not is_recorded():
        return
    changes = [
        Change(_("Weekdays"), _weekdays(was), _weekdays(now_is)),
        Change(_("Start"), time_format(was.start, "H:i"), time_format(now_is.start, "H:i")),
        Change(_("Length"), _minutes(was), _minutes(now_is)),
    ]
    for words, entries in ((_("Dates moved"), moved), (_("Dates added"), made), (_("Dates removed"), gone)):
        if entries:
            changes.append(count(words, len(entries)))
    also = [About(Thing.ENTRY, each.pk) for each in (*left, *made)]
    about = next((each for each in (entry, *left, *made) if each not in gone), entry)
    record_changes(Deed.SERIES_RETIMED, about_entry(about), changes, account=entry.account, also=also)


def _weekdays(timing: "Timing") -> str:
    return ", ".join(str(WEEKDAYS[each]) for each in sorted(timing.weekdays)) or NOTHING


def _minutes(timing: "Timing") -> str:
    minutes = int(timing.duration.total_seconds() // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _label_changes(entry: Entry, labels: "LabelChange | None") -> list[Change]:
    if labels is None:
        return []
    leaders, tags = ((", ".join(each) or NOTHING for each in pair) for pair in labels.told)
    return [Change(entry.account.leader_texts.many, *leaders), Change(_("Tags"), *tags)]


def record_pictured(entries: Sequence[Entry], before: Picture | None, after: Picture | None) -> None:
    """Tell that entries of one series (with their account) look otherwise."""
    changes = [Change(_("Picture"), before.alt if before else NOTHING, after.alt if after else NOTHING)]
    if len(entries) > 1:
        changes.append(count(_("Entries"), len(entries)))
    also = [About(Thing.ENTRY, entry.pk) for entry in entries]
    if before != after:
        record(Deed.ENTRY_CHANGED, about_entry(entries[0]), account=entries[0].account, also=also, changes=changes)


def record_entry_cancelled(entry: Entry, seats: Sequence[Seat], note: "CancellationNote") -> None:
    """Tell that an entry was cancelled, why, and with the bookings that it took along."""
    if is_recorded():
        found = Entry.objects.select_related("account").get(account=entry.account_id, pk=entry.pk)
        changes = [Change(_("Reason"), "", note.reason), Change(_("Message"), "", note.message)]
        changes += [count(_("Spaces cancelled"), len(seats))] if seats else []
        also = about_bookings(seats)
        record(Deed.ENTRY_CANCELLED, about_entry(found), account=found.account, also=also, changes=changes)


def record_dates_cancelled(entries: Sequence[Entry], note: "CancellationNote") -> None:
    """Tell that several entries of a series (with their account) were cancelled, and why; the first is named."""
    if is_recorded():
        changes = [Change(_("Reason"), "", note.reason), Change(_("Message"), "", note.message)]
        changes += [count(_("Entries"), len(entries))] if len(entries) > 1 else []
        also = [about_entry(each) for each in entries[1:]]
        record(Deed.ENTRY_CANCELLED, about_entry(entries[0]), account=entries[0].account, also=also, changes=changes)


def ticket_as_read(ticket: Ticket) -> dict[str, str]:
    """A ticket as it is now, by what people call each of its settings; nothing where nothing is recorded."""
    if not is_recorded():
        return {}
    found = Ticket.objects.select_related("account", "vat_rate").get(account=ticket.account_id, pk=ticket.pk)
    price = money(found.price, found.account.currency, found.account.locale)
    opens = found.opens_minutes_before
    return {
        _("Name"): found.name,
        _("Description"): found.description or NOTHING,
        _("Exclusive ticket"): yes_or_no(found.exclusive),
        _("Customer groups"): ", ".join(found.groups.order_by("name", "pk").values_list("name", flat=True)) or NOTHING,
        _("Show ticket"): yes_or_no(found.shown),
        _("Number of tickets"): NOTHING if found.capacity is None else str(found.capacity),
        _("Cost"): price if found.cost == TicketCost.COST else found.get_cost_display(),
        _("VAT"): str(found.vat_rate or NOTHING),
        _("Sale opens"): NOTHING if opens is None else _before_start(opens),
        _("Sale ends"): _before_start(found.closes_minutes_before),
    }


def record_ticket(deed: Deed, ticket: Ticket, was: Mapping[str, str] | None = None) -> None:
    """Tell of a ticket, on the pages of all entries of its series; of a change from how it `was` where there is one."""
    if not is_recorded():
        return
    now_is = ticket_as_read(ticket) if was is not None else {}
    changes = [Change(what, (was or {}).get(what, ""), after) for what, after in now_is.items()]
    if deed == Deed.TICKET_CHANGED and all(each.before == each.after for each in changes):
        return
    entries = Entry.objects.filter(account=ticket.account_id, series=ticket.series_id).order_by("starts_at", "pk")
    rows = list(entries.values_list("pk", "title"))
    also = [About(Thing.ENTRY, pk) for pk, _title in rows]
    about = About(Thing.TICKET, ticket.pk, ticket.name)
    title = rows[0][1] if rows else ""
    record(deed, about, account=ticket.account_id, also=also, changes=changes, beside=title)


def record_copied(target: Entry, tickets: Sequence[Ticket]) -> None:
    """Tell that tickets were copied to an entry's series, on the pages of all its entries."""
    if not is_recorded():
        return
    found = Entry.objects.select_related("account").get(account=target.account_id, pk=target.pk)
    others = Entry.objects.filter(account=found.account_id, series=found.series_id).values_list("pk", flat=True)
    also = [*(About(Thing.ENTRY, pk) for pk in others), *(About(Thing.TICKET, each.pk) for each in tickets)]
    changes = [Change(_("Tickets"), "", ", ".join(each.name for each in tickets))]
    record(Deed.TICKETS_COPIED, about_entry(found), account=found.account, also=also, changes=changes)


def record_split(first: Entry, entries: Collection[Entry], tickets: Iterable[Ticket]) -> None:
    """Tell that some entries of a series have tickets of their own; the first (with its account) is named."""
    if is_recorded():
        also = [*(About(Thing.ENTRY, each.pk) for each in entries), *(About(Thing.TICKET, each.pk) for each in tickets)]
        changes = [count(_("Entries"), len(entries))]
        record(Deed.SERIES_SPLIT, about_entry(first), account=first.account, also=also, changes=changes)


def _before_start(minutes: int) -> str:
    words = ngettext("%(count)d minute before the start", "%(count)d minutes before the start", minutes)
    return words % {"count": minutes}


def _moment(local: datetime) -> str:
    return date_format(local, "j F Y, H:i")
