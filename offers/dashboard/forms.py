"""The form *Edit offer* (help article): its fields, in its words and in its order."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookwhen.forms import Form
from bookwhen.picker import Picked, PickerField, Source
from bookwhen.search import text_has
from offers.models import NAME_LENGTH, Audience, Offer, OfferKind, PeriodUnit
from offers.services import OfferTerms, offer_terms
from tickets.annotated import TicketWithEntry
from tickets.models import Entry, Ticket
from tickets.schedule.coverage import CoverageChange
from tickets.schedule.offers_summary import READ, Covered

MOST_PEOPLE: Final = 1_000
MOST_USES: Final = 1_000_000
LONGEST: Final = 1_000
MOST_FOUND: Final = 500

_LENGTH: Final = _("Enter the length of the usage period as a whole number from 1 to 1,000")
_UNIT: Final = _("Choose days, weeks, months or years")
_ZERO_USES: Final = _(
    "Enter 1 or more. For no limit, untick “Restrict number of uses”; to stop the offer, disable or delete it."
)


class EnabledForm(Form):
    """All that can be changed of an offer that nobody may change: whether it can be used."""

    enabled = forms.BooleanField(
        label=_("Offer enabled"), required=False, help_text=_("Members can use it only while this is ticked.")
    )


class NamedForm(EnabledForm):
    """All that can be changed of an offer that was used."""

    name = forms.CharField(
        label=_("Offer name"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=_("Customers see it too, such as “Ten a month”. Leave blank to go by its number."),
    )


class OfferForm(NamedForm):
    """Every setting of an exclusive-ticket offer. What a choice leaves out of sight is not looked at."""

    PAGES, TICKETS = "pages", "tickets"
    no_ticket: ClassVar[Promise] = _("Choose at least one ticket, or “All exclusive tickets”")

    conditional: ClassVar[frozenset[str]] = frozenset(
        {"additional_attendees", "limit", "period_count", "pages", "tickets"}
    )

    audience = forms.ChoiceField(label=_("Restrict who can use the offer"), choices=Audience, widget=forms.RadioSelect)
    additional_attendees = forms.IntegerField(
        label=_("Maximum number of additional attendees for each event"),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=_("With 2, a member can book 3 spaces at each event. They don’t have to attend themselves."),
    )
    limited = forms.BooleanField(
        label=_("Restrict number of uses"),
        required=False,
        help_text=_("Each exclusive ticket booked is one use. Leave unticked for unlimited uses."),
    )
    limit = forms.IntegerField(
        label=_("How many uses are allowed?"),
        required=False,
        min_value=1,
        max_value=MOST_USES,
        error_messages={"min_value": _ZERO_USES},
    )
    ongoing = forms.BooleanField(
        label=_("Ongoing offer"),
        required=False,
        help_text=_("Uses reset every usage period. If you untick this, members get them once only."),
    )
    period_count = forms.IntegerField(
        label="",
        required=False,
        min_value=1,
        max_value=LONGEST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _LENGTH),
        widget=forms.NumberInput(attrs={"aria-label": _("Length of a usage period")}),
    )
    period_unit = forms.ChoiceField(
        label="",
        required=False,
        choices=PeriodUnit,
        error_messages={"invalid_choice": _UNIT},
        widget=forms.Select(attrs={"aria-label": _("Days, weeks, months or years")}),
    )
    scope = forms.ChoiceField(
        label=_("Exclusive tickets"),
        choices=[(PAGES, _("All exclusive tickets")), (TICKETS, _("Select individual tickets"))],
        widget=forms.RadioSelect,
    )
    pages = PickerField(
        label=_("On these schedule pages"),
        required=False,
        help_text=_("All tickets for this group, including any you add later."),
    )
    tickets = PickerField(label=_("Tickets"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        pages: Source,
        tickets: Source,
        locked: bool = False,
        **kwargs: Any,  # noqa: ANN401 - the form's own
    ) -> None:
        super().__init__(data, **kwargs)
        self.field_as("pages", PickerField).set_source(pages)
        self.field_as("tickets", PickerField).set_source(tickets)
        for name, field in self.fields.items():
            field.disabled = locked and name != "enabled"

    def clean(self) -> dict[str, Any]:
        """Ask for what the choices make necessary, and pass over the rest."""
        self._clean_audience()
        self._clean_uses()
        self._clean_cover()
        return self.cleaned_data

    def terms(self) -> OfferTerms:
        """The terms that were entered."""
        entered = self.cleaned_data
        asked = {name: entered[name] for name in ("enabled", "name", "audience")} | self.gives()
        if entered["audience"] == Audience.ADDITIONAL:
            asked["additional_attendees"] = entered["additional_attendees"]
        if not entered["limited"]:
            return OfferTerms(**asked)
        asked |= {"limit": entered["limit"], "ongoing": entered["ongoing"]}
        if entered["ongoing"]:
            asked |= {"period_count": entered["period_count"], "period_unit": entered["period_unit"]}
        return OfferTerms(**asked)

    def gives(self) -> dict[str, Any]:
        """What kind of offer it is, and what it gives beyond that."""
        return {"kind": OfferKind.EXCLUSIVE}

    def has_tickets(self) -> bool:
        """Whether there are any tickets to choose from."""
        return self.field_as("tickets", PickerField).source.every.exists()

    def covered(self) -> Covered:
        """What is covered as it was entered, as far as a sentence names it."""
        if self.cleaned_data["scope"] == self.PAGES:
            source = self.field_as("pages", PickerField).source
            ids = self.field_as("pages", PickerField).all_of(self.cleaned_data["pages"])
            return Covered([page.title for page in source.every.filter(pk__in=ids).order_by("pk")])
        source, picked = self.field_as("tickets", PickerField).source, self.cleaned_data["tickets"]
        kept = source.chosen.exclude(pk__in=picked.drop).order_by().values("pk")
        named = source.every.filter(Q(pk__in=kept) | Q(pk__in=picked.add)).order_by("pk")[:READ]
        names = [ticket.name for ticket in named]
        return Covered((), names, has_more=len(names) == READ)

    def cover(self) -> CoverageChange:
        """What changes in what is covered."""
        if self.cleaned_data["scope"] == self.TICKETS:
            picked: Picked = self.cleaned_data["tickets"]
            return CoverageChange(keeps_tickets=True, add=picked.add, drop=picked.drop)
        return CoverageChange(pages=self.field_as("pages", PickerField).all_of(self.cleaned_data["pages"]))

    def _clean_audience(self) -> None:
        if self.cleaned_data.get("audience") == Audience.ADDITIONAL:
            self._ask("additional_attendees", _("Enter how many additional attendees a member can bring, 1 or more"))
        else:
            self._pass_over("additional_attendees")

    def _clean_uses(self) -> None:
        if not self.cleaned_data.get("limited"):
            self._pass_over("limit", "period_count", "period_unit")
            return
        self._ask("limit", _("Enter how many uses are allowed. For no limit, untick “Restrict number of uses”."))
        if not self.cleaned_data.get("ongoing"):
            self._pass_over("period_count", "period_unit")
            return
        self._ask("period_count", _LENGTH)
        self._ask("period_unit", _UNIT)

    def _clean_cover(self) -> None:
        if self.cleaned_data.get("scope") == self.TICKETS:
            self._pass_over("pages")
            self._ask("tickets", self.no_ticket)
        else:
            self._pass_over("tickets")
            self._ask("pages", _("Choose at least one schedule page"))

    def _ask(self, name: str, words: str | Promise) -> None:
        if name not in self.errors and not self.cleaned_data.get(name):
            self.add_error(name, str(words))

    def _pass_over(self, *names: str) -> None:
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = None


def initial_of(offer: Offer, *, has_pages: bool, has_tickets: bool) -> dict[str, Any]:
    """What the form shows of an offer before anything is typed, which covers pages, tickets or nothing."""
    terms = offer_terms(offer)
    return {
        "enabled": terms.enabled,
        "name": terms.name,
        "percent": terms.percent,
        "amount_off": terms.amount_off,
        "audience": terms.audience,
        "additional_attendees": terms.additional_attendees or None,
        "limited": terms.limit is not None,
        "limit": terms.limit,
        "ongoing": terms.ongoing,
        "period_count": terms.period_count,
        "period_unit": terms.period_unit,
        "scope": OfferForm.TICKETS if has_tickets and not has_pages else OfferForm.PAGES,
    }


def ticket_label(ticket: TicketWithEntry) -> str:
    """A ticket as the picker lists it: its name, the entry it is for, and the page."""
    title, page = ticket.entry_title, ticket.series.page.title
    return f"{ticket.name} · {title} ({page})" if title else f"{ticket.name} ({page})"


def ticket_source(tickets: "QuerySet[TicketWithEntry]", offer: Offer) -> Source:
    """Tickets to choose from, of which an offer covers some."""
    return tickets_to_choose(tickets, tickets.filter(coverage__offer=offer), offer.account_id)


def tickets_to_choose(
    tickets: "QuerySet[TicketWithEntry]", chosen: "QuerySet[TicketWithEntry]", account: int
) -> Source:
    """Tickets of an account (id) to choose from, of which some are chosen."""
    return Source(every=tickets, chosen=chosen, search=lambda words: _tickets_found(account, words), label=ticket_label)


def _tickets_found(account: int, words: str) -> Q:
    """The condition on a ticket that it, or an entry that it is for, has words in its name or title.

    What few have is looked up first, by an index; what many have is found quickly in the list.
    """
    tickets = Ticket.objects.filter(account=account).order_by().values_list("pk", flat=True)
    entries = Entry.objects.filter(text_has("title", words), account=account).order_by()
    series = list(entries.values_list("series", flat=True)[: MOST_FOUND + 1])
    named = list(tickets.filter(text_has("name", words))[: MOST_FOUND + 1])
    if max(len(series), len(named)) > MOST_FOUND:
        return text_has("name", words) | Q(series__in=entries.values("series"))
    return Q(pk__in={*named, *tickets.filter(series__in=set(series))})
