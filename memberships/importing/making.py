"""What an import makes before it takes anything over: memberships, their groups, and Stripe's prices as ours."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from django.db import transaction

from accounts.models import ListImport
from bookwhen.payments.listing import ListedPrice, recurring_prices
from groups.models import Group
from memberships.catalogue import MembershipDetails, create_membership
from memberships.importing.targets import NEW, Target, Targets
from memberships.models import BillingInterval, Membership, Price
from memberships.sync import gateway_of

TITLE_LENGTH: Final = 100
"""As long as a price's title may be."""


def make_what_is_wanted(list_import: ListImport, *, now: datetime) -> None:
    """Make every membership that wanted rows would go to, and let Stripe's prices be theirs. Safe to repeat.

    Raises StripeError.
    """
    gateway, targets = gateway_of(list_import.account), Targets(list_import)
    for product in _wanted_products(list_import):
        for listed in list(recurring_prices(gateway, product)):
            item = {"price": listed.id, "product": listed.product}
            if listed.id in targets.attached or (target := targets.of_item(item)) is None:
                continue
            if listed.active or list_import.rows.filter(what=listed.id).exists():
                _attach(list_import, listed, target, now=now)
    list_import.refresh_from_db(fields=["made"])


def _wanted_products(list_import: ListImport) -> list[str]:
    """The products of which something is wanted."""
    wanted = list_import.rows.wanted().order_by()
    items = wanted.values_list("raw__items", flat=True).iterator(1000)
    return sorted({str(item["product"]) for each in items for item in each} - {""})


def _attach(list_import: ListImport, listed: ListedPrice, target: Target, *, now: datetime) -> None:
    """Let a price at Stripe be a price of the membership that it leads to, which is made where it is new."""
    with transaction.atomic():
        membership = _membership(list_import, target, now=now)
        price, is_new = Price.objects.get_or_create(
            account=list_import.account,
            stripe_id=listed.id,
            defaults={
                "membership": membership,
                "title": (listed.nickname or membership.title)[:TITLE_LENGTH],
                "amount": int(listed.amount or 0),
                "amount_known": listed.is_plain,
                "currency": listed.currency,
                "interval": listed.interval or BillingInterval.MONTH,
                "interval_count": listed.interval_count,
                "published": False,
                "archived_at": None if listed.active else now,
                "created_at": now,
            },
        )
        if is_new:
            _note_made(list_import, "prices", price.pk)


def _membership(list_import: ListImport, target: Target, *, now: datetime) -> Membership:
    account = list_import.account
    if target.membership is not None:
        return Membership.objects.get(account=account, pk=target.membership)
    group = Group.objects.get(account=account, pk=target.group) if target.group is not None else None
    key = uuid5(list_import.operation.key, target.key)
    found = Membership.objects.filter(account=account, key=key).first()
    if found is not None:
        return found
    title = new_title(list_import, target.key)
    made = create_membership(account, MembershipDetails(title=title), group=group, key=key, now=now)
    _note_made(list_import, "memberships", made.pk)
    if group is None:
        _note_made(list_import, "groups", made.group_id)
    return made


def new_title(list_import: ListImport, target: str) -> str:
    """What a new membership (a target's key) is called: as its product, with the price's name if that decided it."""
    kind, _colon, stripe_id = target.removeprefix(f"{NEW}:").partition(":")
    names = list_import.found.get("products", {})
    if kind == "product":
        return str(names.get(stripe_id) or stripe_id)
    item: dict[str, Any] = next(
        (each for each in list_import.found.get("prices", []) if each["price"] == stripe_id), {}
    )
    name = str(names.get(item.get("product")) or stripe_id)
    return f"{name} – {item['nickname']}"[:TITLE_LENGTH] if item.get("nickname") else name


def _note_made(list_import: ListImport, kind: str, pk: int) -> None:
    """Keep what was made, so that it goes when the import is undone."""
    list_import.made = {**list_import.made, kind: [*list_import.made.get(kind, []), pk]}
    ListImport.objects.filter(pk=list_import.pk).update(made=list_import.made)
