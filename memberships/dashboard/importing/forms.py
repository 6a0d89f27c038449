"""Forms of *Import from Stripe*: what becomes of which product, and of one subscription alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, TypeVar

from django import forms
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, ListImport, ListImportRow
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, IdempotentForm
from bookwhen.search import few_have, text_has
from bookwhen.text import searchable
from groups.queries import BY_NAME, groups_of
from memberships.dashboard.importing.phrases import found_text, item_text
from memberships.importing.summary import FoundPrice, FoundProduct, products_found
from memberships.importing.targets import EXISTING, LEAVE, NEW, SAME, price_key, product_key
from memberships.importing.verdicts import ImportReason
from memberships.models import Membership

MOST_PRICES: Final = 30
"""Of a product with more prices than this, none is asked about alone."""
PRODUCTS_SHOWN: Final = 25
OPTIONS_SHOWN: Final = 25
"""How many memberships, and how many groups, are offered beside those that were chosen."""
MOST_NAMED: Final = PRODUCTS_SHOWN * (MOST_PRICES + 1)
IMPORT: Final = "import"
M = TypeVar("M", bound=Model)

Choices = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """The field of a product, and those of its prices."""

    bound: forms.BoundField
    prices: list["FieldRow"] = field(default_factory=list)


class BeginForm(IdempotentForm):
    """The button that begins an import."""


class ProductsForm(Form):
    """What becomes of each product that somebody pays for; and of its prices, where they go different ways.

    It has a page of the products, those with most subscribers first, from `start` on: what is chosen for others stays.
    """

    conditional: ClassVar[frozenset[str]] = frozenset({"find"})

    find = forms.CharField(label=gettext_lazy("Find a membership or customer group"), required=False, max_length=200)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, list_import: ListImport, address: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        self.keys: dict[str, str] = {}
        """What the mapping calls each field."""
        self.product_rows: list[FieldRow] = []
        """Each product with its field, and those of its prices."""
        self.before: Mapping[str, str] = list_import.mapping.get("choices", {})
        products = products_found(list_import)
        self.start = _start(address, len(products))
        self.next = self.start + PRODUCTS_SHOWN if self.start + PRODUCTS_SHOWN < len(products) else None
        """Where the page after this one begins."""
        shown = products[self.start : self.start + PRODUCTS_SHOWN]
        words = searchable(self.data.get("find", ""))
        self.choices = MappingChoices(list_import.account, words, named_in(shown, self.before, self.data))
        for number, product in enumerate(shown, self.start):
            self._add_product(number, product, self.choices)

    def is_looking(self) -> bool:
        """Whether it was sent to find more to choose from: then nothing is saved, and nothing complained of."""
        looks = self.is_bound and "look" in self.data
        if looks:
            self.full_clean()
            self.errors.clear()
        return looks

    def _add_product(self, number: int, product: FoundProduct, choices: "MappingChoices") -> None:
        name, key = f"product_{number}", product_key(product.id)
        known = {price.membership for price in product.prices} - {None}
        first = f"{EXISTING}:{min(known)}" if len(known) == 1 else ""  # type: ignore[type-var]
        self._add(name, key, product.name, choices.of_product(product), self.before.get(key, first))
        self.fields[name].help_text = found_text(product.subscribers, product.monthly, choices.account.locale)
        row = FieldRow(self[name])
        if 1 < len(product.prices) <= MOST_PRICES:
            for place, price in enumerate(product.prices):
                own, own_key = f"price_{number}_{place}", price_key(price.id)
                label = item_text({**price.item, "quantity": 1}, choices.account.locale)
                label = f"{price.item['nickname']}: {label}" if price.item["nickname"] else label
                self._add(own, own_key, label, choices.of_price(price), self.before.get(own_key, SAME))
                self.fields[own].required = False
                about = found_text(price.subscribers, price.monthly_sum, choices.account.locale)
                self.fields[own].help_text = about
                row.prices.append(FieldRow(self[own]))
        self.product_rows.append(row)

    def _add(self, name: str, key: str, label: str, choices: Choices, initial: str) -> None:
        self.keys[name] = key
        words = {"required": _("Choose what “%(name)s” becomes") % {"name": label}}
        words["invalid_choice"] = words["required"]
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, initial=initial, error_messages=words)

    def mapping(self) -> dict[str, str]:
        """What was chosen, here and for other products before, as an import keeps it."""
        elsewhere = {key: choice for key, choice in self.before.items() if key not in self.keys.values()}
        here = {key: self.cleaned_data[name] for name, key in self.keys.items()}
        return elsewhere | {key: choice for key, choice in here.items() if choice != SAME}


class MappingChoices:
    """The memberships and groups that a product can lead to; read once for all fields.

    Of many, the first that are found by some words, and those that are `named` already (“membership:1”, “new:2”).
    """

    def __init__(self, account: Account, words: str, named: Collection[str]) -> None:
        self.account, self.words = account, words
        every = Membership.objects.filter(account=account, group__archived_at=None).order_by("title", "pk")
        self.memberships, more = _some(every, few_have("title", words) if words else Q(), _ids(named, EXISTING))
        groups = groups_of(account).annotate(lower_name=Lower("name")).order_by(*BY_NAME)
        self.groups, more_groups = _some(groups, text_has("name", words) if words else Q(), _ids(named, NEW))
        self.is_long = more or more_groups or bool(words)
        """Whether there are more than can be chosen from at once."""

    def of_product(self, product: FoundProduct) -> Choices:
        """What can become of a product."""
        return [("", _("Choose…")), *self._all(product.name, product.prices)]

    def of_price(self, price: FoundPrice) -> Choices:
        """What can become of a price alone. One that was imported before stays with its membership."""
        name = price.item["nickname"] or _("this price")
        return [(SAME, _("As the product")), *self._all(name, [price])]

    def _all(self, name: str, prices: Iterable[FoundPrice]) -> Choices:
        known = {price.membership for price in prices} - {None}
        if known and all(price.membership is not None for price in prices):
            mine = [each for each in self.memberships if each.pk in known]
            return [(LEAVE, _("Leave out")), *self._existing(mine)]
        new: Choices = [(NEW, _("New membership “%(name)s” with its own group") % {"name": name})]
        found = [(LEAVE, _("Leave out")), *new, *self._existing(self.memberships)]
        if self.groups:
            inside = [(f"{NEW}:{group.pk}", group.name) for group in self.groups]
            found.append((_("New membership for an existing group"), inside))
        return found

    @staticmethod
    def _existing(memberships: Iterable[Membership]) -> Choices:
        inside = [(f"{EXISTING}:{each.pk}", each.title) for each in memberships]
        return [(_("Membership you already have"), inside)] if inside else []


def named_in(products: Iterable[FoundProduct], *chosen: Mapping[str, Any]) -> set[str]:
    """What products lead to already, or are said to."""
    known = {price.membership for product in products for price in product.prices}
    return {f"{EXISTING}:{each}" for each in known} | {str(value) for each in chosen for value in each.values()}


def _some(every: "QuerySet[M]", found: Q, named: Collection[int]) -> "tuple[list[M], bool]":
    """The first that are found, with those that are named, in the order of all; and whether there are more."""
    first = list(every.filter(found)[: OPTIONS_SHOWN + 1])
    more, first = len(first) > OPTIONS_SHOWN, first[:OPTIONS_SHOWN]
    others = every.filter(pk__in=set(named) - {each.pk for each in first})[:MOST_NAMED] if named else []
    return [*first, *others], more


def _ids(named: Collection[str], kind: str) -> set[int]:
    """The ids in what is named so: “membership:1”."""
    ids = (each.removeprefix(f"{kind}:") for each in named if each.startswith(f"{kind}:"))
    return {int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < len(str(2**63))}


def _start(address: Mapping[str, str], number: int) -> int:
    """From which product on an address asks for them."""
    asked = address.get("from", "")
    start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= len(str(number)) else 0
    return start - start % PRODUCTS_SHOWN if start < number else 0


class ConfirmForm(Form):
    """What is asked before anything is imported."""

    letter = forms.BooleanField(
        label=gettext_lazy("Email each of them how to book members’ tickets"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise nobody is emailed. The email doesn’t thank them for buying: they’ve been members for a while."
        ),
    )


class RowForm(Form):
    """What becomes of one subscription: the address it goes by, and whether it is imported."""

    conditional: ClassVar[frozenset[str]] = frozenset({"email"})

    email = EmailField(
        label=gettext_lazy("Email address"),
        required=False,
        help_text=gettext_lazy("Only here. The address in Stripe stays as it is."),
    )
    choice = forms.ChoiceField(
        label=gettext_lazy("What should happen?"),
        choices=[(IMPORT, gettext_lazy("Import it")), (LEAVE, gettext_lazy("Leave it out"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: ListImportRow) -> None:
        initial = {"email": row.decided.get("email", ""), "choice": LEAVE if row.chosen is False else IMPORT}
        super().__init__(data, initial=initial)
        self.row = row

    def clean(self) -> dict[str, Any]:
        """Nobody is let in without an address."""
        cleaned: dict[str, Any] = super().clean() or {}
        wanted = cleaned.get("choice") == IMPORT
        if (
            wanted
            and self.row.why == ImportReason.NO_ADDRESS
            and not cleaned.get("email")
            and "email" not in self.errors
        ):
            self.add_error("email", _("Enter their email address, or leave the subscription out"))
        return cleaned
