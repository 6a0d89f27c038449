"""The forms in which money at the studio is written down: taken, given back, corrected."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID, uuid5

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Customer
from bookwhen.forms import IdempotentForm
from bookwhen.money import money
from bookwhen.money_field import MoneyField
from offers.periods import local_day
from tickets.dashboard.owed import owed_text
from tickets.dashboard.studio.reading import methods_for, payer_of
from tickets.models import NOTE_LENGTH, MoneyMethod, Seat, StudioPayment
from tickets.money.studio import Handed
from tickets.money.studio_spread import Owing

NOON: Final = time(12)
SEEN: Final = re.compile(r"(?:^|,)([0-9]{1,18}):(-?[0-9]{1,10})(?::(-?[0-9]{1,10}))?(?=,|$)")


class HandForm(IdempotentForm):
    """How much changed hands, how and when."""

    amount = MoneyField(label=gettext_lazy("Amount"))
    method = forms.ChoiceField(label=gettext_lazy("How"), widget=forms.RadioSelect)
    day = forms.DateField(label=gettext_lazy("Date"))
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=NOTE_LENGTH)
    seats = forms.MultipleChoiceField(label=gettext_lazy("For"), widget=forms.CheckboxSelectMultiple)
    seen = forms.CharField(widget=forms.HiddenInput)
    """What the page said is owed, and was paid at the studio, for which space: `12:1200:0,13:0:800`."""
    field_order = ("amount", "method", "seats", "day", "note", "seen", "key")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        customer: Customer,
        spaces: Sequence[Seat],
        last: str,
        now: datetime,
    ) -> None:
        super().__init__(data)
        self.customer, self.account, self.now = customer, customer.account, now
        ways, method = methods_for(last), self.field_as("method", forms.ChoiceField)
        method.choices, method.initial = list(ways.items()), next(iter(ways))
        self._list(spaces)
        self.fields["day"].initial = self.today
        self.field_as("amount", MoneyField).set_currency(self.account.currency, self.account.locale)

    def _list(self, spaces: Sequence[Seat]) -> None:
        seats = self.field_as("seats", forms.MultipleChoiceField)
        seats.choices = [(str(seat.pk), self.space_text(seat)) for seat in spaces]
        self.spaces = {str(seat.pk): Owing(seat.pk, seat.owed, seat.collected) for seat in spaces}
        self.payers = {str(seat.pk): payer_of(seat) for seat in spaces}
        seats.initial, self.fields["seen"].initial = self.of_one_payer(self.spaces), seen_text(self.spaces.values())

    def of_one_payer(self, spaces: Iterable[str]) -> list[str]:
        """Those of some spaces that the payer of the first of them pays for: each walk-in pays their own."""
        listed = list(spaces)
        return [pk for pk in listed if self.payers[pk] == self.payers[listed[0]]]

    def list_again(self, spaces: Sequence[Seat]) -> None:
        """Ask for the form to be sent again, by what is owed for spaces now; all else that was typed stays."""
        payers = {self.payers[pk] for pk in self.cleaned_data["seats"]}
        self._list([seat for seat in spaces if payer_of(seat) in payers])
        typed = {name: self.data[name] for name in self.data}
        self.data = {**typed, "seen": seen_text(self.spaces.values()), "seats": list(self.spaces)}
        self.add_error(
            None,
            _("What’s owed has changed in the meantime. Nothing has been saved. Check it, then send this form again."),
        )

    @property
    def today(self) -> date:
        """Which day it is in the account's time zone."""
        return local_day(self.now, self.account.zone)

    @property
    def chosen(self) -> list[Owing]:
        """What was seen of each of the spaces that were ticked."""
        seen = read_seen(self.cleaned_data["seen"])
        return [seen[int(pk)] for pk in self.cleaned_data["seats"] if int(pk) in seen]

    @property
    def uuid(self) -> UUID:
        """The key of what is written: the form's, which can name nothing of another customer."""
        return customers_key(self.cleaned_data["key"], self.customer)

    @property
    def handed(self) -> Handed:
        """What changed hands: today it was just now, on another day at noon."""
        given = self.cleaned_data
        day = given["day"]
        at = self.now if day == self.today else datetime.combine(day, NOON, self.account.zone)
        return Handed(amount=given["amount"], method=MoneyMethod(given["method"]), at=at, note=given["note"])

    def space_text(self, seat: Seat) -> str:
        """A space as the form lists it: its class, when that is, for whom, and what is owed."""
        starts = date_format(seat.entry.starts_at.astimezone(self.account.zone), "j M, H:i")
        told = {"title": seat.entry.title, "time": starts, "name": seat.attendee_name}
        text = _("%(title)s, %(time)s (%(name)s)") % told
        owed = self.amount_text(seat)
        return f"{text}: {owed}" if owed else text

    def amount_text(self, seat: Seat) -> str:
        """What is to be known of the money for a space."""
        return owed_text(seat.owed, self.account)

    def money(self, amount: int) -> str:
        """An amount as people write it."""
        return money(amount, self.account.currency, self.account.locale)

    def clean_seats(self) -> list[str]:
        """Refuse what several walk-ins pay for: one of them pays nothing for another."""
        seats: list[str] = self.cleaned_data["seats"]
        if len(self.of_one_payer(seats)) < len(seats):
            raise forms.ValidationError(_("Each walk-in pays separately. Tick the spaces of one person only."))
        return seats

    def clean_day(self) -> date:
        """Refuse what is still to come."""
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise forms.ValidationError(_("Choose today, or the day in the past when it happened"))
        return day


class TakeForm(HandForm):
    """Money that is taken: what is owed for the ticked spaces, less credits; less than that, or, with a note, more."""

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(data, **kwargs)
        ticked = self.of_one_payer(self.spaces)
        self.fields["amount"].initial = max(sum(self.spaces[pk].owed for pk in ticked), 0) or None
        self.fields["note"].help_text = _("Only for you. Needed if you take more than is owed.")

    def clean(self) -> dict[str, Any]:
        """Ask for a note where more is taken than is owed."""
        given = super().clean() or self.cleaned_data
        # By what was seen: where that is not so any more, the service says so.
        seen = read_seen(given.get("seen", ""))
        owed = max(sum(seen[int(pk)].owed for pk in given.get("seats", ()) if int(pk) in seen), 0)
        if given.get("amount") and "seats" in given and given["amount"] > owed and not given.get("note"):
            words = _("That’s %(more)s more than is owed. Say why in a note, or enter %(owed)s or less.")
            if not owed:
                words = _("Nothing is owed for this. Say in a note what the money is for.")
            self.add_error(
                "note" if not owed else "amount",
                words % {"more": self.money(given["amount"] - owed), "owed": self.money(owed)},
            )
        return given


class GiveBackForm(HandForm):
    """Money that is given back: a credit, or what was taken before."""

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(data, **kwargs)
        in_credit = self.of_one_payer(pk for pk, each in self.spaces.items() if each.owed < 0)
        payers = {self.payers[pk] for pk in in_credit}
        noted = [pk for pk, each in self.spaces.items() if each.owed and self.payers[pk] in payers]
        # Who owes more than their credit gives gets their credit, where it is given back at all.
        ticked = noted if sum(self.spaces[pk].owed for pk in noted) < 0 else in_credit
        self.fields["seats"].initial = ticked or list(self.spaces)[:1]
        self.fields["amount"].initial = (
            -sum(self.spaces[pk].owed for pk in ticked)
            or sum(each.returnable for each in list(self.spaces.values())[:1])
            or None
        )
        self.fields["note"].help_text = _("Only for you.")

    def amount_text(self, seat: Seat) -> str:
        """What can be given back for it."""
        most = Owing(seat.pk, seat.owed, seat.collected).returnable
        if seat.owed < 0 or not most:
            return owed_text(seat.owed, self.account)
        paid = _("%(amount)s paid at the studio") % {"amount": self.money(most)}
        return f"{paid}, {owed_text(seat.owed, self.account)}" if seat.owed else paid

    def refuse(self, most: int) -> None:
        """Say how much can be given back."""
        words = _("Enter %(most)s or less. That’s all that was paid at the studio, or is to their credit, for this.")
        if not most:
            words = _("Nothing is left to give back for this. Tick something that was paid at the studio.")
        self.add_error("amount" if most else "seats", words % {"most": self.money(most)})


class CorrectForm(IdempotentForm):
    """What really changed hands."""

    amount = MoneyField(label=gettext_lazy("Amount"))
    method = forms.ChoiceField(label=gettext_lazy("How"), widget=forms.RadioSelect, choices=MoneyMethod)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=NOTE_LENGTH)
    field_order = ("amount", "method", "note", "key")

    def __init__(self, data: Mapping[str, Any] | None = None, *, account: Account, wrong: StudioPayment) -> None:
        super().__init__(data, initial={"amount": abs(wrong.amount), "method": wrong.method, "note": wrong.note})
        self.account = account
        self.field_as("amount", MoneyField).set_currency(account.currency, account.locale)

    def refuse(self, most: int) -> None:
        """Say how much can have been given back."""
        words = _("Enter %(most)s or less. That’s all that can be given back.")
        if not most:
            words = _("Nothing of this is left to give back. If it never happened, go back and choose “Undo”.")
        self.add_error("amount", words % {"most": money(most, self.account.currency, self.account.locale)})


def customers_key(key: UUID, customer: Customer) -> UUID:
    """The key by which what a form (with its `key`) writes for a customer is found again."""
    return uuid5(key, f"{customer.account_id}:{customer.pk}")


def seen_text(spaces: Collection[Owing]) -> str:
    """What a page says of each space, as its form brings it back."""
    return ",".join(f"{each.seat}:{each.owed}:{each.collected}" for each in spaces)


def read_seen(text: str) -> dict[int, Owing]:
    """The same, read, by space (id): what cannot be read is left out, and then differs from what is there."""
    return {int(seat): Owing(int(seat), int(owed), int(collected or 0)) for seat, owed, collected in SEEN.findall(text)}
