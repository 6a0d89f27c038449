"""What a visitor asks at an entry: the tickets they chose, and what they typed so far. It knows nothing of rules."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid4

from django.http import QueryDict

from offers.eligibility import Ask, Attendee
from tickets.annotated import TicketAtEntry
from tickets.booking.request import WantedTicket, seat_uuids
from tickets.public.entry.entry_context import EntryContext
from tickets.public.order.choice import Choice
from tickets.public.order.forms import AttendeeForm, BookerForm, ConfirmForm

NO_SEAT: Final = UUID(int=0)
"""What a form makes that has no key: nothing."""


@dataclass(frozen=True)
class AskedOrder:
    """The chosen tickets, one a line, with the form of each, who books, and the key that lets the form book once."""

    choice: Choice
    tickets: Sequence[TicketAtEntry]
    attendees: Sequence[AttendeeForm]
    """Who takes each of the tickets."""
    booker: BookerForm
    confirm: ConfirmForm
    key: UUID

    def is_valid(self) -> bool:
        """Whether everything that was asked for was typed."""
        return all(form.is_valid() for form in (self.confirm, self.booker, *self.attendees))

    @property
    def has_errors(self) -> bool:
        """Whether a form has something to say."""
        return any(form.errors for form in (self.booker, *self.attendees))

    @property
    def numbers(self) -> list[int]:
        """Of each line, the how-manieth of its ticket it is, from 1."""
        return numbers_of(self.tickets)

    @property
    def terms_seen(self) -> str | None:
        """What the page that was sent said would be charged, or whatever a browser sent; none: nothing was sent."""
        return self.confirm.data.get("terms_version", "") if self.confirm.is_bound else None

    @property
    def asks(self) -> list[Ask]:
        """What the rule is asked; of ordinary tickets it need not know who comes, so that the last ones run out."""
        return [
            Ask(ticket.pk, form.attendee if ticket.exclusive else Attendee.GUEST)
            for ticket, form in zip(self.tickets, self.attendees, strict=True)
        ]

    @property
    def wanted(self) -> list[WantedTicket]:
        """What a valid order asks to be booked."""
        return [
            WantedTicket(
                ticket=ask.ticket,
                name=name,
                email=email,
                attendee=ask.attendee,
                is_for_booker=form.attendee is Attendee.SELF,
            )
            for ask, form, (name, email) in zip(self.asks, self.attendees, self._people(), strict=True)
        ]

    @property
    def seats(self) -> list[UUID]:
        """The uuids of the seats that this form makes."""
        return seat_uuids(self.key, len(self.tickets))

    def as_new_form(self) -> "AskedOrder":
        """The same once more, for a customer who means to book it again."""
        return replace(self, key=uuid4())

    def _people(self) -> Iterator[tuple[str, str]]:
        """Name and address of each attendee, line by line."""
        for form in self.attendees:
            typed = form.cleaned_data
            yield self.booker.booker if form.attendee is Attendee.SELF else (typed["name"], typed["email"])


def read_first_seat(data: QueryDict) -> UUID:
    """The uuid of the first seat that a sent form makes: with it, all that it makes is there or not."""
    try:
        return seat_uuids(UUID(data.get("key", "").strip()), 1)[0]
    except ValueError:
        return NO_SEAT


def read_asked_order(seen: EntryContext, data: QueryDict, *, usual: Sequence[Attendee], sent: bool) -> AskedOrder:
    """What was chosen at an entry, and typed: `sent` to be booked, or only to fill the fields again.

    `usual` says for each chosen ticket who takes it where nobody has said so yet.
    """
    bound, typed = (data, {}) if sent else (None, data)
    tickets, confirm = seen.chosen_tickets, ConfirmForm(bound)
    attendees = []
    for ticket, number, attendee in zip(tickets, numbers_of(tickets), usual, strict=True):
        prefix = _prefix_of(ticket, number)
        initial = _filled({"who": attendee.value, "name": "", "email": ""}, typed, prefix)
        by_another = seen.who.booked_by is not None
        attendees.append(AttendeeForm(bound, prefix=prefix, me=seen.who.name, by_another=by_another, initial=initial))
    booker = BookerForm(bound, who=seen.who, prefix="booker", initial=_filled(seen.booker, typed, "booker"))
    key = confirm.cleaned_data["key"] if confirm.is_valid() else uuid4()
    return AskedOrder(seen.choice, tickets, attendees, booker, confirm, key)


def fields_of(tickets: Sequence[TicketAtEntry]) -> Iterator[str]:
    """The names of all that the form of these tickets can ask for."""
    yield from (f"booker-{name}" for name in BookerForm.base_fields)
    for ticket, number in zip(tickets, numbers_of(tickets), strict=True):
        yield from (f"{_prefix_of(ticket, number)}-{name}" for name in AttendeeForm.base_fields)
    yield from ConfirmForm.base_fields


def _prefix_of(ticket: TicketAtEntry, number: int) -> str:
    """What the names of the fields of one of the tickets begin with."""
    return f"t{ticket.pk}-{number}"


def numbers_of(tickets: Sequence[TicketAtEntry]) -> list[int]:
    """Of each, the how-manieth of its ticket it is, from 1."""
    counted = Counter[int]()
    found = []
    for ticket in tickets:
        counted[ticket.pk] += 1
        found.append(counted[ticket.pk])
    return found


def _filled(usual: Mapping[str, str], typed: Mapping[str, str], prefix: str) -> dict[str, str]:
    """What a form begins with: what was typed into it before, else the usual."""
    return {name: typed.get(f"{prefix}-{name}", value) for name, value in usual.items()}
