"""What the pages of *Import from Stripe* say of prices, memberships and reasons."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import ListImport, ListImportRow
from bookwhen.money import money
from memberships.importing.making import new_title
from memberships.importing.targets import EXISTING, NEW
from memberships.importing.verdicts import ImportReason
from memberships.models import BillingInterval, Membership
from memberships.phrases import billing_period_text

Words = str | Promise

WHAT_TO_DO: Final[dict[ImportReason, Words]] = {
    ImportReason.READY: gettext_lazy("They’ll be let into the group."),
    ImportReason.BY_HAND: gettext_lazy(
        "You added them by hand. They’ll be in the group through their membership as well, with one allowance."
    ),
    ImportReason.PAUSED: gettext_lazy("Their payments are paused in Stripe, and stay paused."),
    ImportReason.OURS: gettext_lazy("Nothing to do."),
    ImportReason.NO_ADDRESS: gettext_lazy(
        "Stripe has no email address we can use. Enter it here, or leave them out. Until then they’re left out."
    ),
    ImportReason.SAME_ADDRESS: gettext_lazy(
        "Another Stripe customer has this address. If they’re someone else, enter that person’s own address. If it’s "
        "the same person, import it as well. Until you choose, it’s left out."
    ),
    ImportReason.TWICE: gettext_lazy(
        "This person has the membership already, and Stripe bills them for both. Until you choose, it’s left out."
    ),
    ImportReason.SEVERAL: gettext_lazy(
        "The subscription has several items, or a quantity. It opens the group once. Until you choose, it’s left out."
    ),
    ImportReason.NO_PLAIN_AMOUNT: gettext_lazy(
        "What it costs depends on tiers, usage or fractions of a cent, so only Stripe can say. Until you choose, it’s "
        "left out."
    ),
    ImportReason.CURRENCY: gettext_lazy("It’s paid in another currency than yours. Until you choose, it’s left out."),
    ImportReason.NOT_MAPPED: gettext_lazy("You left this product out."),
    ImportReason.NOT_LIVE: gettext_lazy("Nobody has it: the first payment never arrived, or it has ended."),
    ImportReason.MARKED: gettext_lazy("Another booking site made it, and looks after it."),
    ImportReason.UNREADABLE: gettext_lazy("It has no items, so it opens nothing."),
}


def item_text(item: Mapping[str, Any], locale: str) -> str:
    """What an item costs and how often, its quantity included: “3 at £40.00 every month”."""
    cost = money(int(Decimal(item["amount"])), item["currency"], locale) if item["plain"] else _("See Stripe")
    if item["quantity"] != 1:
        cost = _("%(quantity)d at %(cost)s") % {"quantity": item["quantity"], "cost": cost}
    if item["interval"] not in BillingInterval.values:
        return cost
    return _("%(cost)s %(every)s") % {"cost": cost, "every": billing_period_text(item["interval"], item["count"])}


def found_text(subscribers: int, monthly: Mapping[str, int | None], locale: str) -> str:
    """How many pay for a product or price, and what they bring in a month, by currency."""
    words = ngettext("%(count)d subscriber", "%(count)d subscribers", subscribers) % {"count": subscribers}
    for currency, amount in sorted(monthly.items()):
        if amount is not None:
            words += " · " + _("%(amount)s a month") % {"amount": money(amount, currency, locale)}
    return words


def row_cost(row: ListImportRow, locale: str) -> str:
    """What a subscription costs and how often."""
    return " + ".join(item_text(item, locale) for item in row.raw["items"])


def target_titles(list_import: ListImport, targets: Iterable[str]) -> dict[str, str]:
    """What the membership of each of these targets (keys) of an import's rows is called."""
    known = dict(Membership.objects.filter(account=list_import.account_id).values_list("pk", "title"))
    titles = {}
    for key in set(targets) - {""}:
        kind, _colon, which = key.partition(":")
        titles[key] = known.get(int(which), "") if kind == EXISTING else new_title(list_import, key)
    return titles


def is_new_target(key: str) -> bool:
    """Whether a target's membership is not made yet."""
    return key.startswith(f"{NEW}:")
