"""The form by which the studio books for somebody: for whom, which ticket, who attends, and what is charged."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, Customer
from bookwhen.email_field import EmailField
from bookwhen.forms import NAME_LENGTH, IdempotentForm, PersonNameField
from bookwhen.money import money
from bookwhen.picker import OneField, Source
from bookwhen.search import few_have
from offers.eligibility import Ask, Attendee
from tickets.availability.facts import load_facts, person_of_customer
from tickets.availability.places import Capacities
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.booking.studio_terms import StudioTerms, studio_terms
from tickets.dashboard.bookings.charges import charges_text, refusal_text
from tickets.models import Entry, Ticket
from tickets.money.pricing import LineItem, Quote, quote_items
from tickets.queries import tickets_of

if TYPE_CHECKING:
    from tickets.annotated import TicketAtEntry

MOST_PEOPLE: Final = 50
SEEN: Final = "seen"
"""What a form sends of what its page said that is charged: for each ticket, and for what was asked about."""


class ByHandForm(IdempotentForm):
    """For a `customer` who was chosen, or else somebody by name and email address; which ticket, and who attends."""

    email = EmailField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy("The customer’s email address. They don’t need an account."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = PersonNameField(label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    customer = forms.IntegerField(widget=forms.HiddenInput, required=False)
    ticket = OneField(label=gettext_lazy("Ticket"))
    attendees = forms.CharField(
        label=gettext_lazy("Attendees"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Put each name on a new line. Each one needs a space. Leave blank if only the customer is coming."
        ),
    )
    charges = forms.BooleanField(required=False)
    free_of_charge = forms.BooleanField(
        label=gettext_lazy("Free of charge"),
        help_text=gettext_lazy("Otherwise what the ticket costs them is noted as still to pay."),
        required=False,
    )
    quiet = forms.BooleanField(label=gettext_lazy("Don’t send a confirmation email"), required=False)
    places = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """Up to how many places the operator agreed to raise the entry."""
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """The same for the ticket, where it has a number of its own."""
    again = forms.BooleanField(widget=forms.HiddenInput, required=False)
    """Whether the operator was asked if they mean to book the same once more."""

    def __init__(
        self,
        data: Any,  # noqa: ANN401 - a form's own
        *,
        entry: Entry,
        customer: Customer | None,
        now: datetime,
    ) -> None:
        super().__init__(data)
        self.entry, self.chosen, self.now = entry, customer, now
        dearest = list(tickets_of(entry).order_by("-price", "pk")[:2])
        self.has_tickets, self.has_prices = bool(dearest), any(each.price for each in dearest)
        self.facts = load_facts(entry, person_of_customer(customer), now=now) if customer else None
        self.asks_again, self.summary = False, ""
        several: Any = getattr(data, "getlist", None)
        self.seen: list[str] = list(several(SEEN)) if several else []
        field = self.field_as("ticket", OneField)
        field.set_source(_ticket_source(entry, self._label))
        self.alone_quotes = self._quote_alone()
        covered = [each.pk for each in self.facts.tickets if self._alone(each).charged] if self.facts else []
        only = [dearest[0].pk] if len(dearest) == 1 else []
        field.initial = next(iter([*covered, *only]), None)
        self._set_customer(is_covered=bool(covered))
        if not self.has_prices:
            del self.fields["free_of_charge"]

    def _set_customer(self, *, is_covered: bool) -> None:
        """Ask for a customer, or for whether the allowance of the chosen one is used, where it covers any ticket."""
        if self.chosen is None:
            del self.fields["customer"], self.fields["charges"]
            return
        del self.fields["email"], self.fields["name"]
        self.fields["customer"].initial, self.fields["charges"].initial = self.chosen.pk, True
        self.fields["charges"].label = _("Use %(name)s’s allowance") % {"name": self.chosen}
        self.fields["charges"].help_text = _("Untick this to book without charging a use.")
        if not is_covered:
            del self.fields["charges"]

    def _alone(self, ticket: Ticket) -> StudioTerms:
        """What is charged where the customer comes alone."""
        if self.facts is None or ticket.pk not in self.facts.situation.tickets or not ticket.exclusive:
            return StudioTerms((), {})
        return studio_terms(self.facts, [Ask(ticket.pk, Attendee.SELF)], now=self.now)

    def _quote_alone(self) -> dict[int, Quote]:
        """By ticket (id) what each costs the chosen customer who comes alone; empty where nobody is chosen."""
        if self.facts is None or not self.has_prices:
            return {}
        items = [LineItem(entry=self.entry, ticket=each, is_for_booker=True) for each in self.facts.tickets]
        quotes = quote_items(items, self.chosen, now=self.now, together=False)
        return {item.ticket.pk: quote for item, quote in zip(items, quotes, strict=True)}

    def _label(self, ticket: "TicketAtEntry") -> str:
        """What a ticket is called, with what it takes of the allowance of who was chosen, or why it takes nothing."""
        name, terms = ticket_label(self.entry.account, ticket, self.alone_quotes.get(ticket.pk)), self._alone(ticket)
        if self.chosen is None or not terms.verdicts:
            return name
        if refused := terms.refused:
            why = refusal_text(refused, self.chosen, self.entry.account.zone)
            return f"{name} · {why} {_('You can book it without using an allowance.')}"
        return f"{name} · {charges_text(terms.verdicts, terms.offers, self.chosen)}"

    @property
    def checked_at(self) -> str:
        """What *Check access* is asked about for who was chosen: this entry, and its first exclusive ticket, if any."""
        exclusive = (each for each in (self.facts.tickets if self.facts else ()) if each.exclusive)
        ticket = next(exclusive, None)
        return f"{self.entry.pk}-{ticket.pk}" if ticket else ""

    @property
    def shown_versions(self) -> list[str]:
        """What the page says that is charged: of each ticket for the customer alone, and of what was asked about."""
        alone = [(each.pk, self._alone(each)) for each in (self.facts.tickets if self.facts else ())]
        priced = [_price_version(pk, [quote]) for pk, quote in self.alone_quotes.items() if quote.discount]
        return [*(_version(pk, terms) for pk, terms in alone if terms.charged), *priced, *self.seen]

    def clean_attendees(self) -> list[str]:
        """Read the lines."""
        names = [" ".join(line.split()) for line in self.cleaned_data["attendees"].splitlines() if line.strip()]
        if len(names) > MOST_PEOPLE:
            raise forms.ValidationError(_("Enter at most %(most)d names") % {"most": MOST_PEOPLE})
        if any(len(name) > NAME_LENGTH for name in names):
            raise forms.ValidationError(_("Use at most %(most)d characters for each name") % {"most": NAME_LENGTH})
        for name in names:
            _NAMES.refuse_no_name(name)
        return names

    def ask_again(self, words: str) -> None:
        """Show the form again with these words: sent from there, it books the same once more."""
        self.data = {**{name: self.data[name] for name in self.data}, "again": "on"}
        self.asks_again = True
        self.add_error(None, words)

    def asks_terms(self) -> bool:
        """Whether what is charged or noted has still to be shown; then the form says it, and knows it for seen."""
        self.summary = " ".join(filter(None, [self._unseen_charge(), self._unseen_price()]))
        return bool(self.summary)

    def _unseen_charge(self) -> str:
        """What is charged of their allowance, where the page has not said so."""
        terms, version = self.terms, self.version
        if self.chosen is None or not self.charges_offers or not terms.charged or version in self.seen:
            return ""
        self.seen.append(version)
        told = charges_text(terms.verdicts, terms.offers, self.chosen)
        if refused := terms.refused:
            why = refusal_text(refused, self.chosen, self.entry.account.zone)
            return f"{told} {_('The rest is booked without their allowance:')} {why}"
        return told

    def _unseen_price(self) -> str:
        """What is noted as still to pay, where a discount makes it less and the page has not said so."""
        quotes = self.quotes
        version = _price_version(self.cleaned_data["ticket"].pk, quotes)
        if not any(quote.discount for quote in quotes) or version in self.seen:
            return ""
        self.seen.append(version)
        return discount_text(self.entry.account, quotes)

    @property
    def quotes(self) -> list[Quote]:
        """What is noted for each ticket of a chosen customer; empty where nobody is chosen, or nothing is noted."""
        if self.chosen is None or not self.has_prices or self.cleaned_data.get("free_of_charge"):
            return []
        ticket = self.cleaned_data["ticket"]
        items = [
            LineItem(entry=self.entry, ticket=ticket, is_for_booker=each.attendee is Attendee.SELF)
            for each in self.wanted
        ]
        return quote_items(items, self.chosen, now=self.now)

    @property
    def version(self) -> str:
        """What is charged for it, as `shown_versions` says it."""
        return _version(self.cleaned_data["ticket"].pk, self.terms)

    @property
    def charges_offers(self) -> bool:
        """Whether offers are to be charged where they cover the ticket."""
        return bool(self.cleaned_data.get("charges"))

    @property
    def leaves_allowance(self) -> bool:
        """Whether the operator chose not to charge an allowance that covers the ticket."""
        return "charges" in self.fields and not self.charges_offers and bool(self.terms.charged)

    @property
    def terms(self) -> StudioTerms:
        """What would be charged for all that is wanted."""
        if self.facts is None or not self.cleaned_data["ticket"].exclusive:
            return StudioTerms((), {})
        return studio_terms(self.facts, [each.ask for each in self.wanted], now=self.now)

    @property
    def booker(self) -> tuple[str, str]:
        """The email address and the name of who it is booked for; the address may be their contact's."""
        if self.chosen:
            return self.chosen.reached_at, self.chosen.name or self.chosen.email.partition("@")[0]
        return self.cleaned_data["email"], self.cleaned_data["name"]

    @property
    def wanted(self) -> list[WantedTicket]:
        """What is to be booked: who is called like the customer is the customer, the first of them alone."""
        given, own = self.cleaned_data, self.booker[1]
        names = given["attendees"] or [own]
        first = next((number for number, name in enumerate(names) if name.casefold() == own.casefold()), None)
        return [
            WantedTicket(
                ticket=given["ticket"].pk,
                name=name,
                attendee=Attendee.SELF if number == first else Attendee.GUEST,
            )
            for number, name in enumerate(names)
        ]

    @property
    def order(self) -> StudioOrder:
        """How it is to be booked."""
        given, terms = self.cleaned_data, self.terms
        charges = self.charges_offers and bool(terms.charged)
        return StudioOrder(
            charges=charges,
            terms_version=terms.version if charges else None,
            notes_price=not given.get("free_of_charge", False),
            owed=sum(quote.amount for quote in quotes) if (quotes := self.quotes) else None,
            tells=not given["quiet"],
            room=self.room,
        )

    @property
    def room(self) -> Capacities | None:
        """What the operator agreed to, if that is what they sent."""
        places, number = self.cleaned_data["places"], self.cleaned_data["number"]
        if places is None:
            return None
        return Capacities(places, {self.cleaned_data["ticket"].pk: number} if number is not None else {})

    def for_customer(self, customer: Customer) -> "ByHandForm":
        """The same form, sent for a customer who was known by the address: with their allowance, as by default."""
        data = {name: self.data[name] for name in self.data if name not in {"email", "name", SEEN}}
        form = ByHandForm(
            {**data, "customer": str(customer.pk), "charges": "on"}, entry=self.entry, customer=customer, now=self.now
        )
        form.full_clean()
        return form


_NAMES: Final = PersonNameField()


def discount_text(account: Account, quotes: Sequence[Quote]) -> str:
    """What is to pay for tickets of which at least one has a discount."""
    return _("%(amount)s to pay: %(price)s less the discount of %(groups)s.") % {
        "amount": money(sum(quote.amount for quote in quotes), account.currency, account.locale),
        "price": money(sum(quote.price for quote in quotes), account.currency, account.locale),
        "groups": _groups_of(quotes),
    }


def _version(ticket: int, terms: StudioTerms) -> str:
    return f"{ticket}:{terms.version}"


def _price_version(ticket: int, quotes: Sequence[Quote]) -> str:
    return f"{ticket}={len(quotes)}x{sum(quote.amount for quote in quotes)}"


def _groups_of(quotes: Iterable[Quote]) -> str:
    """The groups whose discounts apply."""
    return ", ".join(dict.fromkeys(quote.discount.offer.group_name for quote in quotes if quote.discount))


def _ticket_source(entry: Entry, label: Any) -> Source:  # noqa: ANN401 - a function of a ticket
    return Source(
        tickets_of(entry),
        Ticket.objects.none(),
        search=lambda words: few_have("name", words),
        label=label,
        order=("position", "pk"),
    )


def ticket_label(account: Account, ticket: "TicketAtEntry", quote: Quote | None = None) -> str:
    """A ticket's name, what it costs (the one that it is for by that quote), whom it is for and how many are left."""
    about = [ticket.name]
    if quote and quote.discount:
        amount, price = (money(each, account.currency, account.locale) for each in (quote.amount, quote.price))
        words = _("%(amount)s (%(price)s less the discount of %(groups)s)")
        about.append(words % {"amount": amount, "price": price, "groups": _groups_of([quote])})
    elif ticket.price:
        about.append(money(ticket.price, account.currency, account.locale))
    if ticket.exclusive:
        about.append(_("exclusive"))
    if ticket.capacity is not None:
        left = max(ticket.capacity - (ticket.taken or 0), 0)
        about.append(ngettext("%(count)d left", "%(count)d left", left) % {"count": left})
    return " · ".join(about)
