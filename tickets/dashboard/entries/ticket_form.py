"""The form of a ticket."""

from typing import Any, Final

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Account
from bookwhen.db import NOTE_LENGTH
from bookwhen.forms import Form
from bookwhen.money_field import MoneyField
from bookwhen.picker import Picked, PickerField, Sent, Source
from bookwhen.search import text_has
from groups.queries import BY_NAME, groups_of
from tickets.dashboard.entries.forms import MOST_PLACES
from tickets.dashboard.entries.meanwhile import SharedForm
from tickets.dashboard.entries.vat_field import VatField
from tickets.models import Ticket, TicketCost
from tickets.schedule.catalogue import TicketTerms, ticket_terms
from tickets.schedule.overrides import Scope

MINUTES: Final = {"minutes": 1, "hours": 60, "days": 24 * 60}
UNITS: Final = [("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))]
LONGEST: Final = 1000


class ScopeField(forms.ChoiceField):
    """Which entries of a series have a ticket as it is said: all, or some that become a series of their own."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        given: dict[str, Any] = {
            "label": _("Which entries"),
            "choices": [
                (Scope.ALL.value, _("All entries in the series")),
                (Scope.FOLLOWING.value, _("This and all later entries in the series")),
                (Scope.THIS.value, _("Only this entry")),
            ],
            "widget": forms.RadioSelect,
            "initial": Scope.ALL.value,
            "help_text": _(
                "Unless you choose all, those entries become a series of their own, with copies of the tickets. "
                "Bookings and offers carry over to it."
            ),
        }
        super().__init__(**given | kwargs)


class ScopeOnlyForm(Form):
    """Which entries of a series lose a ticket."""

    scope = ScopeField()

    def __init__(self, *args: Any, repeats: bool, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        if not repeats:
            del self.fields["scope"]

    @property
    def chosen_scope(self) -> Scope:
        """Which they are."""
        return Scope(self.cleaned_data.get("scope") or Scope.ALL)


class TicketForm(SharedForm):
    """A ticket: its words, what it costs, whom it is for, how many there are, and when it is on sale."""

    conditional = frozenset({"price", "vat_rate", "groups", "opens", "opens_unit", "closes", "closes_unit", "seen"})
    together = (
        *((name,) for name in ("name", "description", "vat_rate", "exclusive", "shown", "capacity")),
        ("cost", "price"),
        ("restrict", "opens", "opens_unit", "closes", "closes_unit"),
    )

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("Description"), max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    cost = forms.ChoiceField(
        label=_("Cost"),
        choices=TicketCost,
        widget=forms.RadioSelect,
        initial=TicketCost.FREE,
        help_text=_("Choose “No cost” if you don’t want to show a price or say that it’s free."),
    )
    price = MoneyField(
        is_price=True,
        label=_("Price"),
        required=False,
        zero=_("Enter more than 0, or choose “Free ticket” or “No cost” above"),
    )
    vat_rate = VatField()
    exclusive = forms.BooleanField(
        label=_("Exclusive ticket"),
        required=False,
        help_text=_("Only members of the customer groups you choose can book it, as the groups’ offers allow."),
    )
    groups = PickerField(label=_("Customer groups"), required=False)
    shown = forms.BooleanField(
        label=_("Show ticket"),
        required=False,
        initial=True,
        help_text=_(
            "If you untick this, only the members it’s for can see an exclusive ticket, and no customers can see "
            "any other ticket."
        ),
    )
    capacity = forms.IntegerField(
        label=_("Number of tickets"),
        required=False,
        min_value=1,
        max_value=MOST_PLACES,
        help_text=_("How many are available at each entry. Leave blank to allow as many as there are spaces."),
    )
    restrict = forms.BooleanField(
        label=_("Restrict when this ticket will be available"),
        required=False,
        help_text=_(
            "If you leave “From” empty, it’s on sale immediately. If you leave “Until” empty, it’s on sale until "
            "the start."
        ),
    )
    opens = forms.IntegerField(label=_("From"), required=False, min_value=1, max_value=LONGEST)
    opens_unit = forms.ChoiceField(label=_("before the start"), choices=UNITS, required=False, initial="days")
    closes = forms.IntegerField(label=_("Until"), required=False, min_value=0, max_value=LONGEST)
    closes_unit = forms.ChoiceField(label=_("before the start"), choices=UNITS, required=False, initial="hours")

    scope = ScopeField()

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - the form's
        account: Account,
        ticket: Ticket | None,
        repeats: bool = False,
        **kwargs: Any,  # noqa: ANN401 - the form's
    ) -> None:
        super().__init__(*args, initial=_initial(ticket_terms(ticket)) if ticket else None, **kwargs)
        if not repeats:
            del self.fields["scope"]
        self.was_exclusive = ticket is not None and ticket.exclusive
        self.may_be_exclusive = account.has_groups or self.was_exclusive
        self.archived = list(groups_of(account, archived=True).filter(tickets=ticket)) if ticket else []
        self.field_as("price", MoneyField).set_currency(account.currency, account.locale)
        self.ticket = ticket
        if not self.field_as("vat_rate", VatField).set_rates(account, ticket):
            del self.fields["vat_rate"]
        source = group_source(account, ticket)
        self.field_as("groups", PickerField).set_source(source)
        first = list(source.every.values_list("pk", flat=True)[:2])
        self.has_groups = bool(first)
        if ticket is None and len(first) == 1:
            self.initial["groups"] = Sent(ticked=(str(first[0]),))
        if not self.may_be_exclusive:
            del self.fields["exclusive"], self.fields["groups"]
        self.keep_theirs()

    def clean(self) -> None:
        """Read what belongs together."""
        super().clean()
        self._clean_price()
        if self.cleaned_data.get("exclusive") and not (self.cleaned_data.get("groups") or self.archived):
            self.refuse_without_group()
        opens, closes = self._minutes("opens"), self._minutes("closes")
        if opens is not None and opens <= (closes or 0):
            self.add_error("opens", _("Choose a longer time than “Until”. Sales have to start before they end."))

    @property
    def chosen_scope(self) -> Scope:
        """Which entries it is said of."""
        return Scope(self.cleaned_data.get("scope") or Scope.ALL)

    def terms(self) -> TicketTerms:
        """What was said, once valid."""
        given = self.cleaned_data
        return TicketTerms(
            name=given["name"],
            description=given["description"],
            exclusive=given.get("exclusive", False),
            groups=self._groups(given.get("groups") or Picked()),
            shown=given["shown"],
            capacity=given["capacity"],
            cost=given["cost"],
            price=given["price"] or 0,
            vat_rate_id=self._vat_rate(),
            opens_minutes_before=self._minutes("opens"),
            closes_minutes_before=self._minutes("closes") or 0,
        )

    def refuse_without_group(self) -> None:
        """Say that an exclusive ticket is for somebody."""
        self.add_error("groups", _("Choose at least one customer group"))

    def refuse_number(self, minimum: int) -> None:
        """Say that more are booked somewhere than there would be."""
        words = ngettext(
            "Enter %(count)d or more. %(count)d is booked at one of the entries.",
            "Enter %(count)d or more. %(count)d are booked at one of the entries.",
            minimum,
        )
        self.add_error("capacity", words % {"count": minimum})

    def _vat_rate(self) -> int | None:
        """The rate (id) that was chosen; where none is asked for, the ticket keeps what it has."""
        kept = self.ticket.vat_rate_id if self.ticket else None
        chosen: int | None = self.cleaned_data["vat_rate"] if "vat_rate" in self.fields else kept
        return chosen

    def _groups(self, picked: Picked) -> frozenset[int]:
        """The groups in use that it is for: those that it was for already among them."""
        named = self.ticket.groups.in_use().values_list("pk", flat=True) if self.ticket else ()
        return (frozenset(named) - picked.drop) | picked.add

    def _clean_price(self) -> None:
        """Ask for the price where there is one; what was typed beside another choice is not looked at."""
        if self.cleaned_data.get("cost") != TicketCost.COST:
            self.errors.pop("price", None)
            self.cleaned_data["price"] = 0
        elif "price" not in self.errors and not self.cleaned_data.get("price"):
            self.add_error("price", _("Enter the price"))

    def _minutes(self, name: str) -> int | None:
        amount = self.cleaned_data.get(name)
        if amount is None or not self.cleaned_data.get("restrict"):
            return None
        return int(amount) * MINUTES[self.cleaned_data.get(f"{name}_unit") or "hours"]


def _initial(terms: TicketTerms) -> dict[str, object]:
    opens, opens_unit = in_units(terms.opens_minutes_before, "days")
    closes, closes_unit = in_units(terms.closes_minutes_before or None, "hours")
    return {
        "name": terms.name,
        "description": terms.description,
        "cost": terms.cost,
        "price": terms.price or None,
        "vat_rate": terms.vat_rate_id,
        "exclusive": terms.exclusive,
        "shown": terms.shown,
        "capacity": terms.capacity,
        "restrict": terms.opens_minutes_before is not None or terms.closes_minutes_before > 0,
        "opens": opens,
        "opens_unit": opens_unit,
        "closes": closes,
        "closes_unit": closes_unit,
    }


def in_units(minutes: int | None, usual: str) -> tuple[int | None, str]:
    """A time in the largest unit that tells it in whole numbers."""
    if minutes is None:
        return None, usual
    unit = next(unit for unit in ("days", "hours", "minutes") if minutes % MINUTES[unit] == 0)
    return minutes // MINUTES[unit], unit


def group_source(account: Account, ticket: Ticket | None) -> Source:
    """The groups in use to choose from, by name, of which a ticket names some."""
    groups = groups_of(account).annotate(lower_name=Lower("name"))
    named = groups.filter(tickets=ticket) if ticket else groups.none()
    return Source(groups, named, search=lambda words: text_has("name", words), label=str, order=BY_NAME)
