"""Restricted keys: what they may not do is named, and whose they are is known where they may not say so."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from accounts.stripe_connection import AccountHasOtherStripeError, connect_account, disconnect_account
from bookwhen.payments import connections
from bookwhen.payments.gateway import Gateway, GoneError, PermissionMissingError
from bookwhen.payments.gateway_payouts import movements_of
from bookwhen.payments.models import Connection
from bookwhen.payments.permissions import needed
from bookwhen.payments.restricted_keys import PROBES
from bookwhen.payments.signals import connection_mended
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.accounts import AccountFactory
from tests.factories.payments import new_key
from tests.worlds.till import Till
from tickets.models import Refund, RefundReason, RefundState
from tickets.money.refunds import create_refund, submit_refund

ALL = {need.slug.removeprefix("rak_") for need in needed()}
LISTED_BEFORE = {
    "customer_write", "product_write", "plan_write", "checkout_session_write", "subscription_write",
    "customer_portal_write", "webhook_write", "event_read", "invoice_read",
}  # fmt: skip


def restricted(sandbox: Sandbox, of: str, allow: set[str], **more: Any) -> str:
    key = new_key().replace("sk_", "rk_")
    sandbox.restrict(key, of=of, allow=allow, **more)
    return key


def test_every_resource_is_tried() -> None:
    assert set(PROBES) == {need.resource for need in needed()}


@pytest.mark.django_db
def test_p2_with_all_that_our_page_lists_everything_is_well_and_nothing_was_changed(stripe_here: Sandbox) -> None:
    of = new_key()
    made = connect_account(AccountFactory.create(), restricted(stripe_here, of, ALL), now=timezone.now())
    before = repr(stripe_here.platform.worlds[of].objects)

    found = connections.check(made, now=timezone.now())

    assert (found.is_well, found.trouble) == (True, "")
    assert repr(stripe_here.platform.worlds[of].objects) == before


@pytest.mark.django_db
def test_a_key_that_may_see_the_balance_and_not_what_moved_it_can_read_no_payout(stripe_here: Sandbox) -> None:
    of, source = new_key(), "balance_transaction_source_read"
    enough = restricted(stripe_here, of, ALL)
    old = restricted(stripe_here, of, ALL - {source} | {"balance_read"})
    with pytest.raises(GoneError):
        movements_of(Gateway(enough), "po_unknown")
    with pytest.raises(PermissionMissingError, match=f"rak_{source}"):
        movements_of(Gateway(old), "po_unknown")


@pytest.mark.django_db
@pytest.mark.parametrize("need", needed(), ids=str)
@pytest.mark.parametrize("says_why", [True, False])
def test_p2_a_permission_that_is_missing_is_named_as_stripes_dashboard_names_it(
    stripe_here: Sandbox, need: Any, *, says_why: bool
) -> None:
    allowed = ALL - {need.slug.removeprefix("rak_")}
    key = restricted(stripe_here, new_key(), allowed, says_why=says_why)
    made = connect_account(AccountFactory.create(), key, now=timezone.now())
    assert f"“{need.resource.label}” to {need.level}" in made.trouble
    assert made.trouble.count("“") == 1


def test_p2_a_refund_that_may_not_be_made_says_so_and_goes_on_once_it_may(till: Till) -> None:
    entry, now = till.entry(), timezone.now()
    payment = till.pay(till.fill(entry, till.ticket(entry, 1000)))
    key = restricted(till.seller.sandbox, till.seller.key, LISTED_BEFORE)
    Connection.objects.update(stripe_account="")
    sees = connect_account(Account.objects.get(pk=till.account.pk), till.seller.key, now=now)
    connect_account(Account.objects.get(pk=till.account.pk), key, now=now)
    Connection.objects.update(trouble="")
    made = create_refund(payment.pk, 400, RefundReason.OPERATOR, now=now).refund

    submit_refund(made.pk, now=now)

    words = (
        "Your restricted key needs more permissions. In Stripe, edit the key and set “Charges and Refunds” to Write."
    )
    assert Connection.objects.get(pk=sees.pk).trouble == words
    assert Refund.objects.get().state == RefundState.QUEUED
    Refund.objects.update(due_at=now + timedelta(hours=1))
    till.seller.sandbox.restrict(key, of=till.seller.key, allow=ALL)
    assert connections.check(Connection.objects.get(pk=sees.pk), now=now).is_well
    submit_refund(made.pk, now=now)
    assert Refund.objects.get().state == RefundState.DONE


@pytest.mark.django_db
@pytest.mark.parametrize("says_why", [True, False])
def test_p17_a_key_that_may_not_say_whose_it_is_connects(stripe_here: Sandbox, *, says_why: bool) -> None:
    of = new_key()
    key = restricted(stripe_here, of, ALL, says_why=says_why)

    made = connect_account(AccountFactory.create(), key, now=timezone.now())

    account = stripe_here.platform.worlds[of].account if says_why else ""
    assert (made.is_live, made.trouble, made.name, made.stripe_account) == (True, "", "", account)
    assert str(made) == (account or made.key_hint)


@pytest.mark.django_db
@pytest.mark.parametrize("says_why", [True, False])
def test_p17_a_key_that_may_not_say_whose_it_is_is_in_no_trouble_while_it_is_tested(
    stripe_here: Sandbox, *, says_why: bool
) -> None:
    key = restricted(stripe_here, new_key(), ALL, says_why=says_why)
    made = connect_account(AccountFactory.create(), key, now=timezone.now())
    mended: list[object] = []

    def note(**about: object) -> None:
        mended.append(about["connection"])

    connection_mended.connect(note)
    try:
        assert connections.check(made, now=timezone.now()).is_well
    finally:
        connection_mended.disconnect(note)
    assert mended == []


@pytest.mark.django_db
@pytest.mark.parametrize("says_why", [True, False])
def test_p17_another_key_of_the_same_account_is_known_by_what_it_sees(stripe_here: Sandbox, *, says_why: bool) -> None:
    account, of = AccountFactory.create(), new_key()
    first = connect_account(account, of, now=timezone.now())
    second = connect_account(account, restricted(stripe_here, of, ALL, says_why=says_why), now=timezone.now())
    third = connect_account(account, restricted(stripe_here, of, ALL, says_why=says_why), now=timezone.now())
    assert first.pk == second.pk == third.pk
    assert (third.name, third.currency) == (first.name, "GBP")
    assert len(stripe_here.platform.worlds[of].of("webhook_endpoint")) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("says_why", [True, False])
def test_p17_a_key_of_another_account_never_takes_the_place_unasked(stripe_here: Sandbox, *, says_why: bool) -> None:
    account = AccountFactory.create()
    for kept in (new_key(), restricted(stripe_here, new_key(), ALL, says_why=says_why)):
        first = connect_account(account, kept, now=timezone.now())
        for other in (restricted(stripe_here, new_key(), ALL, says_why=says_why), new_key()):
            with pytest.raises(AccountHasOtherStripeError):
                connect_account(account, other, now=timezone.now())
        assert connect_account(account, kept, now=timezone.now()).pk == first.pk
        disconnect_account(account, now=timezone.now())


@pytest.mark.django_db
def test_a_full_key_is_not_asked_what_it_may_do(stripe_here: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookwhen.payments.connections.missing_permissions", lambda _gateway: needed())
    assert connect_account(AccountFactory.create(), new_key(), now=timezone.now()).trouble == ""
