"""Forms of *Import from Stripe*: what becomes of which product, and of one subscription alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, ListImport, ListImportRow
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, IdempotentForm
from groups.queries import groups_of
from memberships.dashboard.importing.phrases import found_text, item_text
from memberships.importing.summary import FoundPrice, FoundProduct, products_found
from memberships.importing.targets import EXISTING, LEAVE, NEW, SAME, price_key, product_key
from memberships.importing.verdicts import ImportReason
from memberships.models import Membership
from memberships.queries import memberships_of

MOST_PRICES: Final = 30
"""Of a product with more prices than this, none is asked about alone."""
IMPORT: Final = "import"

Choices = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """The field of a product, and those of its prices."""

    bound: forms.BoundField
    prices: list["FieldRow"] = field(default_factory=list)


class BeginForm(IdempotentForm):
    """The button that begins an import."""


class ProductsForm(Form):
    """What becomes of each product that somebody pays for; and of its prices, where they go different ways."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, list_import: ListImport) -> None:
        super().__init__(data)
        self.keys: dict[str, str] = {}
        """What the mapping calls each field."""
        self.product_rows: list[FieldRow] = []
        """Each product with its field, and those of its prices."""
        before = list_import.mapping.get("choices", {})
        choices = MappingChoices(list_import.account)
        for number, product in enumerate(products_found(list_import)):
            self._add_product(number, product, choices, before)

    def _add_product(
        self, number: int, product: FoundProduct, choices: "MappingChoices", before: Mapping[str, str]
    ) -> None:
        name, key = f"product_{number}", product_key(product.id)
        known = {price.membership for price in product.prices} - {None}
        first = f"{EXISTING}:{min(known)}" if len(known) == 1 else ""  # type: ignore[type-var]
        self._add(name, key, product.name, choices.of_product(product), before.get(key, first))
        self.fields[name].help_text = found_text(product.subscribers, product.monthly, choices.account.locale)
        row = FieldRow(self[name])
        if 1 < len(product.prices) <= MOST_PRICES:
            for place, price in enumerate(product.prices):
                own, own_key = f"price_{number}_{place}", price_key(price.id)
                label = item_text({**price.item, "quantity": 1}, choices.account.locale)
                label = f"{price.item['nickname']}: {label}" if price.item["nickname"] else label
                self._add(own, own_key, label, choices.of_price(price), before.get(own_key, SAME))
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
        """What was chosen, as an import keeps it."""
        return {key: self.cleaned_data[name] for name, key in self.keys.items() if self.cleaned_data[name] != SAME}


class MappingChoices:
    """The memberships and groups that a product can lead to; read once for all fields."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.memberships: list[Membership] = list(memberships_of(account).filter(group__archived_at=None))
        self.groups = list(groups_of(account))

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
