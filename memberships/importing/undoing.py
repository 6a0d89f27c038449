"""Taking an import back: as if nothing had been imported, and so that nothing brings it in again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.customers import delete_unused
from accounts.history.forgetting import opened_history
from accounts.models import Customer, ListImport, ListImportRow, StripeCustomer
from bookwhen.db import is_named
from groups.catalogue import GroupInUseError, delete_group
from groups.models import Group
from groups.services import StandingUsedError, withdraw
from memberships.catalogue import MembershipInUseError, delete_membership
from memberships.models import LeftOut, Membership, Price, Subscription


def undo(list_import: ListImport, row: ListImportRow, now: datetime) -> str:
    """Take one subscription back in the caller's transaction; why it was kept, or nothing.

    At Stripe it goes on as it is; here it is left out, so that neither events nor comparing bring it in again.
    """
    account = list_import.account
    held = Subscription.objects.select_for_update(of=("self",)).filter(account=account, uuid=row.after["subscription"])
    if (subscription := held.first()) is None:
        return ""
    try:
        with transaction.atomic():
            withdraw(ground=subscription.uuid, since=subscription.created_at, now=now)
    except StandingUsedError:
        return _("They’ve booked with it.")
    LeftOut.objects.update_or_create(
        account=account,
        stripe_id=subscription.stripe_id,
        defaults={"list_import": list_import, "is_due": False},
        create_defaults={"list_import": list_import, "is_due": False, "created_at": now},
    )
    # Its bills go from the ledger too: no money of them came through us.
    with opened_history():
        subscription.delete()
    if row.after["made"]:
        _forget_customer(account.pk, row.after["customer"])
    elif (named := row.after.get("at_stripe")) and not _has_any(account.pk, row.after["customer"]):
        # Who was here before is no customer at Stripe by us any more: an earlier import can be undone after this one.
        StripeCustomer.objects.filter(account=account, pk=named).delete()
    return ""


def _has_any(account: int, customer: int) -> bool:
    return Subscription.objects.filter(account=account, customer=customer).exists()


def _forget_customer(account: int, pk: int) -> None:
    """Delete a customer whom the import made, unless they came here or something else names them."""
    customer = Customer.objects.select_for_update().filter(account=account, pk=pk, seen_at=None).first()
    if customer is None:
        return
    at_stripe = StripeCustomer.objects.filter(account=account, customer=customer)
    named = list(at_stripe)
    at_stripe.delete()
    if not delete_unused(customer):
        StripeCustomer.objects.bulk_create(named)


def clear(list_import: ListImport, now: datetime) -> None:
    """Delete the prices, memberships and groups that the import made, as far as nothing uses them. Safe to repeat."""
    del now
    account, made = list_import.account, list_import.made
    for price in Price.objects.filter(account=account, pk__in=made.get("prices", [])):
        if not is_named(price):
            price.delete()
    for membership in Membership.objects.filter(account=account, pk__in=made.get("memberships", []), published=False):
        if not membership.prices.exists():
            _delete_membership(membership)
    for group in Group.objects.filter(account=account, pk__in=made.get("groups", [])):
        _delete_group(group)


def _delete_membership(membership: Membership) -> None:
    try:
        delete_membership(membership)
    except MembershipInUseError:
        return


def _delete_group(group: Group) -> None:
    try:
        delete_group(group)
    except GroupInUseError:
        return
