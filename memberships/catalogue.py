"""What is sold: memberships and their prices, here first and then at Stripe."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.history.recording import About, Change, is_recorded, model_changes, record, record_changes, said
from accounts.models import Account, Deed, SchedulePage, Thing
from accounts.stripe_connection import StripeInUseError
from bookwhen.payments.gateway import Gateway, GoneError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.stripe_params import Recurring
from groups.catalogue import GroupSoldError, about_group, create_group
from groups.locks import lock_group_for_use
from groups.models import Group
from memberships.marks import stripe_metadata
from memberships.models import BillingInterval, Membership, Price, Subscription
from memberships.phrases import price_text
from memberships.queries import count_live_subscriptions, memberships_using
from memberships.sync import gateway_of


class MembershipInUseError(Exception):
    """Somebody has, or had, the membership: it can be unpublished, not deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipDetails:
    """What is said of a membership; no `pages`: shown on all of the account's."""

    title: str
    description: str = ""
    pages: Iterable[SchedulePage | int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTerms:
    """What a price is: `amount` in minor units of the account's currency, every `interval_count` `interval`s."""

    title: str
    amount: int
    interval: str = BillingInterval.MONTH
    interval_count: int = 1
    trial_days: int = 0
    published: bool = True


def create_membership(
    account: Account, details: MembershipDetails, *, group: Group | None, key: UUID | None = None, now: datetime
) -> Membership:
    """Make a membership, unpublished, for an existing group or for a new one of the same name (help article 8330041).

    `key` comes with the form: the same key again returns the membership it made, whose new group has that key too.
    Raises groups.locks.GroupArchivedError.
    """
    key = key or uuid4()
    with transaction.atomic():
        if group is None:
            group = create_group(account, name=details.title, description="", key=key)
        else:
            lock_group_for_use(group.pk)
        membership, is_new = Membership.objects.get_or_create(
            account=account,
            key=key,
            defaults={
                "group": group,
                "title": details.title,
                "description": details.description,
                "created_at": now,
            },
        )
        if is_new:
            membership.pages.set(details.pages)
            also = [about_group(group)]
            record(Deed.MEMBERSHIP_CREATED, about_membership(membership), account=account, also=also)
    return membership


def edit_membership(membership: Membership, details: MembershipDetails) -> None:
    """Change what is said of a membership, here and then at Stripe; raises StripeError when only the latter failed."""
    with transaction.atomic():
        before = _as_read(membership)
        membership.title, membership.description = details.title, details.description
        membership.save(update_fields=["title", "description"])
        membership.pages.set(details.pages)
        _record_changes(membership, before)
    if membership.product:
        # One that was deleted at Stripe has its new name once it is made again.
        with suppress(GoneError):
            gateway_of(membership.account).rename_product(membership.product, membership.title)


def set_published(membership: Membership, *, published: bool) -> None:
    """Sell a membership, or no longer: who has it keeps it (help article 8694693). Raises GroupArchivedError."""
    with transaction.atomic():
        if published:
            lock_group_for_use(membership.group_id)
        before = _as_read(membership)
        Membership.objects.filter(pk=membership.pk).update(published=published)
        _record_changes(membership, before)


def delete_membership(membership: Membership) -> None:
    """Delete a membership that nobody ever had, not even at the checkout; its group stays. Raises MembershipInUseError.

    What it is at Stripe stays there, where it harms nobody.
    """
    with transaction.atomic():
        Membership.objects.select_for_update().filter(pk=membership.pk).first()
        if Subscription.objects.filter(membership=membership).exists():
            raise MembershipInUseError
        Membership.objects.filter(pk=membership.pk).delete()
        record(Deed.MEMBERSHIP_DELETED, about_membership(membership), account=membership.account_id)


def add_price(membership: Membership, terms: PriceTerms, *, uuid: UUID | None = None, now: datetime) -> Price:
    """Add a price, here and at Stripe; where only the latter fails it raises StripeError, and buying tries it again.

    A form brings its `uuid`, by which it makes one price however often it is sent.
    """
    with transaction.atomic():
        price, is_new = Price.objects.get_or_create(
            uuid=uuid or uuid4(),
            membership=membership,
            defaults={
                "account_id": membership.account_id,
                "title": terms.title,
                "amount": terms.amount,
                "currency": membership.account.currency,
                "interval": terms.interval,
                "interval_count": terms.interval_count,
                "trial_days": terms.trial_days,
                "published": terms.published,
                "created_at": now,
            },
        )
        if is_new:
            cost = Change(_("Price"), "", price_text(price, membership.account.locale))
            _record_price(Deed.PRICE_ADDED, price, [cost])
    return ensure_at_stripe(price, gateway_of(membership.account))


def edit_price(price: Price, *, title: str, trial_days: int, published: bool) -> None:
    """Change what may change of a price: its title, the trial of those who buy from now on, whether it is sold."""
    with transaction.atomic():
        before = Price.objects.select_for_update(no_key=True).get(account=price.account_id, pk=price.pk)
        price.title, price.trial_days, price.published = title, trial_days, published
        price.save(update_fields=["title", "trial_days", "published"])
        labels = {"title": _("Title"), "trial_days": _("Trial, in days"), "published": _("Published")}
        changes = model_changes(before, price, labels)
        if any(each.before != each.after for each in changes):
            _record_price(Deed.PRICE_CHANGED, price, changes)


def archive_price(price: Price, *, now: datetime) -> None:
    """Put a price away; who pays it goes on (*Archive price*). Raises StripeError when only Stripe was not told."""
    with transaction.atomic():
        if Price.objects.filter(pk=price.pk, archived_at=None).update(archived_at=now):
            _record_price(Deed.PRICE_ARCHIVED, price)
    # One that was deleted at Stripe is not sold there either.
    with suppress(GoneError):
        _push_to_stripe(price, active=False)


def restore_price(price: Price) -> None:
    """Take an archived price out again, at Stripe first: here alone nobody could buy at it. Raises StripeError."""
    try:
        _push_to_stripe(price, active=True)
    except GoneError:
        mend_at_stripe(price, gateway_of(price.membership.account))
    with transaction.atomic():
        if Price.objects.filter(pk=price.pk, archived_at__isnull=False).update(archived_at=None):
            _record_price(Deed.PRICE_RESTORED, price)


def about_membership(membership: Membership) -> About:
    """A membership as the history names it."""
    return About(Thing.MEMBERSHIP, membership.pk, membership.title)


def _as_read(membership: Membership) -> dict[str, str]:
    """A membership as it is now, by what people call each of its settings; nothing where nothing is recorded."""
    if not is_recorded():
        return {}
    found = Membership.objects.get(account=membership.account_id, pk=membership.pk)
    labels = {"title": _("Title"), "description": _("Description"), "published": _("Published")}
    pages = ", ".join(found.pages.order_by("pk").values_list("title", flat=True))
    return {label: said(found, name) for name, label in labels.items()} | {_("Schedule pages"): pages or _("all")}


def _record_changes(membership: Membership, before: Mapping[str, str]) -> None:
    changes = [Change(what, before[what], after) for what, after in _as_read(membership).items()]
    about = about_membership(membership)
    record_changes(Deed.MEMBERSHIP_CHANGED, about, changes, account=membership.account_id)


def _record_price(deed: Deed, price: Price, changes: Iterable[Change] = ()) -> None:
    about = about_membership(price.membership)
    record(deed, about, account=price.account_id, changes=changes, beside=price.title)


def ensure_at_stripe(price: Price, gateway: Gateway) -> Price:
    """Make sure that a price and its product are at Stripe; may be asked any number of times. Raises StripeError."""
    if price.stripe_id:
        return price
    try:
        return _make_at_stripe(price, gateway, look=False)
    except GoneError:
        # Its product was deleted there.
        return _make_at_stripe(price, gateway, look=True)


def mend_at_stripe(price: Price, gateway: Gateway) -> bool:
    """Look whether Stripe can sell at a price; whether something had to be put right there. Raises StripeError.

    What was deleted there (test data, say) is made again. What was archived there is put on sale again: whether it is
    sold is decided here.
    """
    if not price.stripe_id:
        _make_at_stripe(price, gateway, look=True)
        return True
    if gateway.is_sellable(price.stripe_id):
        return gateway.put_on_sale(price.stripe_id)
    lost = price.stripe_id
    _set_lost_aside(price)
    _make_at_stripe(price, gateway, look=True, lost=lost)
    return True


def _make_at_stripe(price: Price, gateway: Gateway, *, look: bool, lost: str = "") -> Price:
    """Make a price at Stripe in the place of one that was `lost`; `look` whether its product is there still."""
    account = Account.objects.with_connection().get(pk=price.account_id)
    membership, bears = price.membership, stripe_metadata(account)
    assert account.connection is not None  # noqa: S101 - there is a gateway
    of = account.connection.endpoint
    _ensure_product(membership, gateway, bears, of=of, look=look)
    made = gateway.create_price(
        Recurring(
            product=membership.product,
            title=price.title,
            amount=price.amount,
            currency=price.currency,
            interval=price.interval,
            interval_count=price.interval_count,
            metadata=bears,
        ),
        key=idempotency_key("price", of, price.uuid, membership.product, price.title, lost),
    )
    price.stripe_id = made.id
    Price.objects.filter(pk=price.pk).update(stripe_id=made.id)
    return price


def _set_lost_aside(price: Price) -> None:
    """Let a price be made again at Stripe; subscriptions that name the one that was deleted there keep that."""
    with transaction.atomic():
        lost, price.stripe_id = price.stripe_id, ""
        Price.objects.filter(pk=price.pk, stripe_id=lost).update(stripe_id="")
        named = Subscription.objects.filter(account=price.account_id, price=price).exclude(stripe_id="")
        if not named.exists():
            return
        fields = {each: getattr(price, each) for each in _TERMS}
        kept, _new = Price.objects.get_or_create(
            account_id=price.account_id, stripe_id=lost, defaults={**fields, "published": False}
        )
        named.update(price=kept)


def _ensure_product(
    membership: Membership, gateway: Gateway, bears: Mapping[str, str], *, of: UUID, look: bool
) -> None:
    lost = ""
    if membership.product and look and not gateway.is_there("products.retrieve", membership.product):
        lost, membership.product = membership.product, ""
    if membership.product:
        return
    key = idempotency_key("product", of, membership.pk, membership.title, lost)
    membership.product = gateway.create_product(membership.title, metadata=bears, key=key)
    Membership.objects.filter(pk=membership.pk).update(product=membership.product)


_TERMS: Final = ("membership_id", "title", "amount", "currency", "interval", "interval_count", "created_at")
"""What two prices that are sold alike have in common."""


def refuse_while_paid(*, account: Account, **_about: object) -> None:
    """Let an account not leave its Stripe account while customers pay there; raises StripeInUseError."""
    if paying := count_live_subscriptions(account):
        raise StripeInUseError(paying.counted)


def forget_stripe(*, account: Account, **_about: object) -> None:
    """Another Stripe account takes the place of the old one: nothing of ours is there yet."""
    Price.objects.filter(account=account).update(stripe_id="")
    Membership.objects.filter(account=account).update(product="")


def refuse_while_sold(*, group: Group, **_about: object) -> None:
    """Let no group be archived that a membership sells, or whose subscribers are in it; raises GroupSoldError."""
    if memberships_using(group).exists():
        raise GroupSoldError


def _push_to_stripe(price: Price, *, active: bool) -> None:
    if price.stripe_id:
        gateway_of(price.membership.account).set_price_active(price.stripe_id, active=active)
