"""Customers as a file: its columns are those that an import reads, so that what went out comes in again as it was."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.details import phone_text
from accounts.models import Customer
from accounts.models.customers import listed_name
from bookwhen.keyset import rows_after
from groups.models import BY_HAND, Standing
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import Asked, Batch, ExportList, Place, yes_or_no

ORDER: Final = ("listed", "pk")
DIVIDERS: Final = frozenset('\n;|,"')
"""What a cell with several names is divided by: a name that holds one stands in quotes."""


def found_customers(asked: Asked) -> QuerySet[Customer]:
    """Every customer of the account."""
    return Customer.objects.filter(account=asked.account)


def _head(_asked: Asked) -> list[str]:
    return [
        _("Name"),
        _("Email address"),
        _("Other email addresses"),
        _("Phone"),
        _("Customer groups"),
        _("Groups by membership"),
        _("Note"),
        _("Wants news"),
        _("Wants news since"),
        _("Name typed with a booking"),
        _("Has logged in"),
        _("Known since"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    listed = found_customers(asked).annotate(listed=listed_name())
    some = list(rows_after(listed, ORDER, place)[:most])
    by_hand, by_membership = _groups(asked, some)
    rows = [_row(asked, each, by_hand.get(each.pk, ()), by_membership.get(each.pk, ())) for each in some]
    return Batch(rows, [some[-1].listed, some[-1].pk] if len(some) == most else None, len(some))


CUSTOMERS: Final = ExportList(
    name="customers_csv",
    label=gettext_lazy("Make a file of customers"),
    working=gettext_lazy("Writing customers"),
    title=gettext_lazy("Customers"),
    says=gettext_lazy(
        "Everyone you know: names, addresses, phones, groups, notes and consent to news. You can import it again."
    ),
    file="customers",
    head=_head,
    read=_read,
    found=found_customers,
)


def listed_names(names: Iterable[str]) -> str:
    """Several names in one cell, as an import reads them (`accounts.imports.tables.cells.pieces`)."""
    return "; ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' if DIVIDERS & set(name) else name for name in names)


def _row(asked: Asked, customer: Customer, by_hand: Sequence[str], by_membership: Sequence[str]) -> list[Cell]:
    wants = "" if not (customer.news_since or customer.news_ended_at) else yes_or_no(bool(customer.news_since))
    return [
        customer.confirmed_name,
        customer.reached_at,
        "; ".join(address for address in customer.other_addresses.split() if address != customer.email),
        phone_text(customer.phone),
        listed_names(by_hand),
        listed_names(by_membership),
        customer.note,
        wants,
        asked.day(customer.news_since),
        "" if customer.name_confirmed else customer.name,
        yes_or_no(customer.seen_at is not None),
        asked.day(customer.created_at),
    ]


Names = dict[int, list[str]]


def _groups(asked: Asked, customers: Sequence[Customer]) -> tuple[Names, Names]:
    """In which groups customers (ids) are now: by hand, and by a membership; one statement."""
    by_hand: Names = {}
    by_membership: Names = {}
    now = Standing.objects.at(asked.now).filter(
        account=asked.account, member__customer__in=customers, member__group__archived_at=None
    )
    found = now.order_by("member__group__name", "member__group", "pk")
    for customer, name, ground in found.values_list("member__customer", "member__group__name", "ground"):
        names = (by_hand if ground == BY_HAND else by_membership).setdefault(customer, [])
        if name not in names:
            names.append(name)
    return by_hand, by_membership
