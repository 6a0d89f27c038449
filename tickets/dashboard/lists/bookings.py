"""What the pages of an import of bookings show of its rows, and ask about them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, ListImport, ListImportRow
from bookwhen.forms import Form
from groups.importing.people import group_key
from tickets.dashboard.lists.forms import IMPORT, LEAVE_OUT, Choices, ColumnKind, ConfirmListForm, ListRowForm
from tickets.dashboard.lists.shown import RowLine, Target, Words, row_line
from tickets.importing.columns import TITLES, BookingColumn
from tickets.importing.here import Schedule
from tickets.importing.judging import line_of, reader_of
from tickets.importing.lines import ENTRY, TICKET, TICKETS
from tickets.importing.verdicts import BookingReason
from tickets.models import Entry, Ticket

MOST_EVENTS: Final = 100
"""How many events are listed with how many rows lead there."""
MOST_TICKETS: Final = 200
"""How many names of tickets can be chosen from."""
UNCHANGED: Final = ""


def _missing(chosen: set[str]) -> str:
    """What has still to be chosen before rows of bookings can be checked; empty: nothing."""
    if BookingColumn.STARTS not in chosen:
        return _("Choose which column holds when the event starts")
    if not {BookingColumn.TITLE} & chosen:
        return _("Choose which column holds the event")
    who = {BookingColumn.EMAIL, BookingColumn.BOOKER_EMAIL, BookingColumn.NAME, BookingColumn.BOOKER}
    return "" if who & chosen else _("Choose which column holds who booked: an email address or a name")


COLUMNS: Final = ColumnKind(BookingColumn, TITLES, _missing)


def booking_lines(list_import: ListImport, rows: Sequence[ListImportRow]) -> list[RowLine]:
    """Rows as pages list them: who attends, of which booking, and where."""
    reader, events = reader_of(list_import), _events(list_import.account, (row.target for row in rows))
    lines = []
    for row in rows:
        said = line_of(reader, row)
        entry, _colon, ticket = row.target.partition(":")
        if entry:
            about = [events.get((int(entry), ticket), "")]
        else:
            about = [" · ".join(filter(None, (said.title, said.start_text)))]
        lines.append(row_line(BookingReason, row, said.attendee, row.person, list(filter(None, about))))
    return lines


def booking_targets(list_import: ListImport, targets: Mapping[str, int]) -> list[Target]:
    """How many rows lead to which event and ticket, the soonest first."""
    entries = Entry.objects.filter(
        account=list_import.account, pk__in={int(target.partition(":")[0]) for target in targets}
    )
    order = {pk: place for place, pk in enumerate(entries.order_by("starts_at", "pk").values_list("pk", flat=True))}
    soonest = sorted(targets, key=lambda target: (order.get(int(target.partition(":")[0]), 0), target))[:MOST_EVENTS]
    titles = _events(list_import.account, soonest)
    found = []
    for target in soonest:
        entry, _colon, ticket = target.partition(":")
        found.append(Target(title=titles.get((int(entry), ticket), ""), is_new=False, count=targets[target]))
    return found


def _events(account: Account, targets: Iterable[str]) -> dict[tuple[int, str], str]:
    """What the event and the ticket of each target are called together."""
    pairs = [target.partition(":") for target in targets if target]
    entries = Entry.objects.filter(account=account, pk__in={int(entry) for entry, _colon, _ticket in pairs})
    events = {entry.pk: event_text(account, entry) for entry in entries}
    tickets = Ticket.objects.filter(account=account, pk__in={int(ticket) for *_entry, ticket in pairs if ticket})
    names = {str(pk): name for pk, name in tickets.values_list("pk", "name")}
    return {
        (int(entry), ticket): " · ".join(filter(None, (events.get(int(entry)), names.get(ticket))))
        for entry, _colon, ticket in pairs
    }


def event_text(account: Account, entry: Entry) -> str:
    """An event with its day and time on the account's clocks."""
    return f"{entry.title}, {date_format(entry.starts_at.astimezone(account.zone), 'j M Y, H:i')}"


def unknown_tickets(list_import: ListImport) -> dict[str, str]:
    """The names of tickets, by their keys, that no event of theirs has, and those that were matched by hand."""
    rows = list_import.rows.order_by().filter(why=BookingReason.NO_TICKET).exclude(what="")
    names = rows.values_list("what", flat=True).distinct()
    found = {group_key(name): name for name in names}
    return dict(sorted({**list_import.mapping.get("ticket_names", {}), **found}.items()))


class TicketNamesForm(Form):
    """Which of our tickets is meant by each name that a list has."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        account: Account,
        names: Mapping[str, str],
        chosen: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(data)
        self.keys: dict[str, str] = {}
        self.names = names
        ahead = Ticket.objects.on_sale().filter(account=account, series__entries__starts_at__gt=timezone.now())
        there = ahead.order_by("name").values_list("name", flat=True).distinct()[:MOST_TICKETS]
        choices: Choices = [(UNCHANGED, _("Leave these rows out")), *((name, name) for name in there)]
        for number, (key, name) in enumerate(names.items()):
            field = f"name_{number}"
            self.keys[field] = key
            self.fields[field] = forms.ChoiceField(
                label=name, choices=choices, initial=chosen.get(key, UNCHANGED), required=False
            )
        setattr(self, "conditional", frozenset(self.keys))  # noqa: B010 - this form's own

    def mapping(self) -> dict[str, Any]:
        """What was chosen, as an import keeps it."""
        chosen = {key: self.cleaned_data[field] for field, key in self.keys.items() if self.cleaned_data[field]}
        return {TICKETS: chosen, "ticket_names": dict(self.names)}


class ConfirmBookingsForm(ConfirmListForm):
    """What is asked before bookings are made."""

    letter = forms.BooleanField(
        label=gettext_lazy("Email everyone their booking confirmation"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise nobody is emailed. New people above your daily number are booked without an email."
        ),
    )
    charges = forms.BooleanField(
        label=gettext_lazy("Charge a use where a member’s offer covers the ticket"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Untick this if your members’ allowances have been reduced for these bookings already."),
    )
    owed = forms.BooleanField(
        label=gettext_lazy("Note what the tickets cost as still to pay"),
        required=False,
        help_text=gettext_lazy("Leave this unticked if they’ve paid in your old system."),
    )
    field_order = ("charges", "owed", "letter")


class BookingRowForm(ListRowForm):
    """What becomes of one row: whom it is for, which event and which ticket."""

    fixable = frozenset({BookingReason.NO_ADDRESS, BookingReason.BAD_ADDRESS})

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: ListImportRow, list_import: ListImport) -> None:
        super().__init__(data, row=row, list_import=list_import)
        account, line = list_import.account, line_of(reader_of(list_import), row)
        chosen = row.decided.get(ENTRY)
        schedule = Schedule(account, [line.starts.date()] if line.starts else [], [chosen] if chosen else [])
        found = schedule.find(line)
        ahead = [each for each in schedule.by_id.values() if each.starts_at > timezone.now() and not each.cancelled_at]
        events = list(dict.fromkeys([*found.exact, *found.close, *ahead]))
        current = int(row.target.partition(":")[0] or 0)
        if events and len(found.exact) != 1:
            self.fields["entry"] = forms.TypedChoiceField(
                label=_("Event"),
                choices=[(each.pk, event_text(account, each)) for each in events[:MOST_TICKETS]],
                coerce=int,
                initial=current or events[0].pk,
                help_text=_("Events on the same day."),
            )
        if row.why == BookingReason.NO_TICKET or TICKET in row.decided:
            there = {each.pk: each for each in schedule.tickets_of(schedule.by_id[current])} if current else {}
            self.fields["ticket"] = forms.TypedChoiceField(
                label=_("Ticket"),
                choices=[(pk, each.name) for pk, each in there.items()],
                coerce=int,
                initial=row.decided.get(TICKET),
            )
        self.order_fields(["entry", "ticket", "email", "choice"])

    def decided(self) -> dict[str, Any]:
        """What is said about the row alone, as it is kept."""
        more = {name: self.cleaned_data[name] for name in (ENTRY, TICKET) if self.cleaned_data.get(name)}
        return super().decided() | more


WHAT_TO_DO: Final[dict[BookingReason, Words]] = {
    BookingReason.CHARGED: gettext_lazy("A use of their allowance is charged, as if they had booked it here."),
    BookingReason.NEW: gettext_lazy("They’ll have a space, and nobody is asked to pay again."),
    BookingReason.NOT_COVERED: gettext_lazy(
        "The ticket is for members, and no offer of theirs covers it now. If that’s a surprise, import your members "
        "first."
    ),
    BookingReason.SAME: gettext_lazy("Nothing to do."),
    BookingReason.OFF: gettext_lazy("It holds no space, so it’s left out."),
    BookingReason.PAST: gettext_lazy("Only what’s still to come is booked here."),
    BookingReason.OTHER_EVENT: gettext_lazy(
        "Choose the event in the row, or import these rows to book the one that’s shown. Until you choose, it’s left "
        "out."
    ),
    BookingReason.SEVERAL_EVENTS: gettext_lazy("Choose the event in the row. Until you choose, it’s left out."),
    BookingReason.BY_NAME: gettext_lazy(
        "If it’s this customer, import the row. Otherwise enter the email address. Until you choose, it’s left out."
    ),
    BookingReason.REPEATED: gettext_lazy(
        "If it’s a second space for someone of the same name, import the row. Until you choose, it’s left out."
    ),
    BookingReason.BOOKED: gettext_lazy("If it’s one more space, import the row. Until you choose, it’s left out."),
    BookingReason.FULL: gettext_lazy(
        "Every space is taken, or would be by earlier rows. Raise the number of spaces at the event, then check the "
        "rows again."
    ),
    BookingReason.NO_EVENT: gettext_lazy("Add the event to your schedule, then check the rows again."),
    BookingReason.CALLED_OFF: gettext_lazy(
        "It’s left out. If it takes place after all, add it to your schedule again."
    ),
    BookingReason.NO_TICKET: gettext_lazy("Choose which of your tickets is meant, for all rows or in the row."),
    BookingReason.ODD_START: gettext_lazy("Check what the columns hold, or correct these rows and import them again."),
    BookingReason.NO_ADDRESS: gettext_lazy(
        "Enter the email address here, or download these rows, correct them and import them again."
    ),
    BookingReason.BAD_ADDRESS: gettext_lazy(
        "Enter the right address here, or download these rows, correct them and import them again."
    ),
    BookingReason.TOTAL: gettext_lazy("It adds up other rows, so it’s left out."),
}
"""What the pages of an import of bookings say of reasons."""

__all__ = ["COLUMNS", "IMPORT", "LEAVE_OUT", "WHAT_TO_DO", "BookingRowForm", "ConfirmBookingsForm", "TicketNamesForm"]
