"""Connecting to Stripe, keeping the connection whole, letting it go."""

import logging
from datetime import timedelta

import pytest
import stripe
from django.core import serializers
from django.db import connection as database
from pytest_django import Settings

from accounts.models import Account
from accounts.stripe_connection import AccountHasOtherStripeError, connect_account, disconnect_account
from bookwhen.payments import connections, upkeep
from bookwhen.payments.connections import KeyShapeError
from bookwhen.payments.encryption import decrypt
from bookwhen.payments.gateway import Gateway, KeyRefusedError, StripeDownError
from bookwhen.payments.handlers import Handler, Outcome
from bookwhen.payments.models import Connection, EndpointSecret
from bookwhen.sandbox.stripe import Sandbox
from tests import dashboard_sentences as says
from tests.factories.accounts import AccountFactory
from tests.factories.payments import connect_stripe, deliver_event, event_json, new_key, read_signing_secret
from tests.factories.schedule import NOW
from tests.payments.conftest import TYPES, Follower
from tests.races.crowd import run_at_once
from tests.worlds.stripe_shop import open_stripe_client

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def endpoints(client: stripe.StripeClient) -> list[str]:
    return [each.id for each in client.v1.webhook_endpoints.list().data]


def test_a_key_connects(follower: Follower, stripe_here: Sandbox) -> None:
    made = connections.connect(None, "  sk_test_Riverside_Movement_Studio\n", now=NOW)

    made.refresh_from_db()
    assert (made.name, made.currency, made.livemode, made.key_hint) == (
        "Riverside Movement Studio", "GBP", False, "sk_test_…udio",
    )  # fmt: skip
    assert (made.trouble, made.checked_at, made.connected_at, made.is_live) == ("", NOW, NOW, True)
    client = open_stripe_client(stripe_here, "sk_test_Riverside_Movement_Studio")
    (endpoint,) = client.v1.webhook_endpoints.list().data
    assert (endpoint.id, endpoint.status, endpoint.url) == (
        made.webhook_endpoint, "enabled", f"http://testserver/stripe/webhooks/{made.endpoint}/",
    )  # fmt: skip
    assert set(endpoint.enabled_events) == TYPES == set(made.webhook_events)
    portal = client.v1.billing_portal.configurations.retrieve(made.portal_configuration)
    assert portal.features.subscription_cancel.mode == "at_period_end"


SECRET_KEY = says.NOT_A_SECRET_KEY


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", SECRET_KEY),
        ("sk_test_", SECRET_KEY),
        ("sk_test_a b", SECRET_KEY),
        ("sk_prod_abc", SECRET_KEY),
        ("sk_test_" + "a" * 241, SECRET_KEY),
        ("sk_test_é", SECRET_KEY),
        ("pk_test_abc", says.PUBLISHABLE_KEY),
        ("whsec_abc", "This is a webhook signing secret. Copy the secret key, which starts with sk_ (or rk_)."),
    ],
)
def test_what_cannot_be_a_secret_key_is_told_apart(key: str, words: str) -> None:
    with pytest.raises(KeyShapeError) as refused:
        connections.verify_key(key)
    assert str(refused.value) == words


def test_a_key_that_stripe_refuses_connects_nothing(stripe_here: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The sandbox has no live mode: to it such a key is one that Stripe does not know."""
    account = AccountFactory.create()
    caplog.set_level(logging.DEBUG)
    with pytest.raises(KeyRefusedError) as refused:
        connect_account(account, "sk_live_thisisasecret", now=NOW)
    assert "thisisasecret" not in str(refused.value) + caplog.text
    account.refresh_from_db()
    assert (account.connection, Connection.objects.count()) == (None, 0)


def test_the_key_is_neither_kept_in_clear_nor_shown_nor_logged(
    follower: Follower, stripe_here: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = new_key()
    made = connect_stripe(key=key)
    secret = read_signing_secret(made)
    connections.check(made, now=LATER)
    Gateway.of(made).account()
    rows = serializers.serialize("json", [*Connection.objects.all(), *EndpointSecret.objects.all()])
    with database.cursor() as cursor:
        cursor.execute("SELECT c::text || s::text FROM payments_connection c, payments_endpointsecret s")
        rows += str(cursor.fetchall())
    seen = rows + caplog.text + str(made) + repr(made) + made.trouble
    assert key not in seen
    assert key[12:] not in seen
    assert secret not in seen
    assert decrypt(made.encrypted_key) == key


def test_sent_twice_it_is_one_connection_and_one_endpoint(follower: Follower, stripe_here: Sandbox) -> None:
    account, key = AccountFactory.create(), new_key()
    first = connect_account(account, key, now=NOW)
    again = connect_account(Account.objects.get(pk=account.pk), key, now=LATER)
    assert first.pk == again.pk
    assert (Connection.objects.count(), EndpointSecret.objects.count()) == (1, 1)
    assert endpoints(open_stripe_client(stripe_here, key)) == [first.webhook_endpoint]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_sent_four_times_at_one_instant_it_is_one_connection_and_one_endpoint(
    follower: Follower, stripe_here: Sandbox
) -> None:
    account, key = AccountFactory.create(), new_key()
    made = run_at_once(4, lambda _: connect_account(Account.objects.get(pk=account.pk), key, now=NOW))
    assert len({each.pk for each in made}) == 1
    connection = Connection.objects.get()
    assert EndpointSecret.objects.count() == 1
    assert endpoints(open_stripe_client(stripe_here, key)) == [connection.webhook_endpoint]
    assert deliver_event(event_json(), to=connection) == 200


def test_another_stripe_account_needs_disconnecting_first(follower: Follower, stripe_here: Sandbox) -> None:
    account = AccountFactory.create()
    first = connect_account(account, new_key(), now=NOW)
    with pytest.raises(AccountHasOtherStripeError):
        connect_account(account, new_key(), now=NOW)
    disconnect_account(account, now=NOW)
    second = connect_account(account, new_key(), now=LATER)
    account.refresh_from_db()
    assert first.pk != second.pk
    assert account.connection == second


def test_p15_with_sixteen_endpoints_a_connection_says_what_to_do_and_asks_every_hour(
    follower: Follower, stripe_here: Sandbox
) -> None:
    key = new_key()
    client = open_stripe_client(stripe_here, key)
    for number in range(16):
        client.v1.webhook_endpoints.create({"url": f"http://other.test/{number}", "enabled_events": ["*"]})
    made = connect_stripe(key=key)
    made.refresh_from_db()
    words = (
        "Your Stripe account already has all 16 webhook endpoints that Stripe allows. "
        "In Stripe, under Developers → Webhooks, delete one you don’t need. Then test the connection here."
    )
    assert made.trouble == f"Stripe can’t send us updates: {words} We check for updates every hour instead."
    assert upkeep.catch_up(made, now=NOW) == 0
    assert (made.is_live, made.webhook_endpoint, bool(made.portal_configuration)) == (True, "", True)

    client.v1.webhook_endpoints.delete(endpoints(client)[0])
    found = connections.check(made, now=LATER)

    assert (found.key_works, found.endpoint_works, found.mended, found.trouble, found.is_well) == (
        True, True, True, "", True,
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.trouble, made.checked_at, made.webhook_endpoint) == ("", LATER, endpoints(client)[0])
    assert deliver_event(event_json(), to=made) == 200


def test_p15_with_sixteen_endpoints_one_that_we_lost_makes_room(
    connection: Connection, theirs: stripe.StripeClient, stripe_here: Sandbox
) -> None:
    (ours,) = theirs.v1.webhook_endpoints.list().data
    for number in range(15):
        theirs.v1.webhook_endpoints.create({"url": f"http://other.test/{number}", "enabled_events": ["*"]})
    Connection.objects.update(webhook_endpoint="")
    connection.refresh_from_db()
    for world in stripe_here.platform.worlds.values():
        world.answered.clear()  # a day later

    assert connections.check(connection, now=LATER).is_well

    found = {each.id for each in theirs.v1.webhook_endpoints.list({"limit": 100})}
    assert (ours.id in found, connection.webhook_endpoint in found, len(found)) == (False, True, 16)


def test_disconnecting_forgets_the_key_and_deletes_the_endpoint(
    connection: Connection, theirs: stripe.StripeClient
) -> None:
    account = Account.objects.get()
    assert endpoints(theirs) == [connection.webhook_endpoint]
    disconnect_account(account, now=LATER)
    disconnect_account(Account.objects.get(), now=LATER + timedelta(days=1))
    connection.refresh_from_db()
    assert (connection.encrypted_key, connection.webhook_endpoint, connection.disconnected_at) == ("", "", LATER)
    assert (EndpointSecret.objects.count(), endpoints(theirs)) == (0, [])
    with pytest.raises(KeyRefusedError):
        Gateway.of(connection)
    assert Account.objects.get().takes_payments is False


def test_a_stripe_that_is_down_does_not_hinder_disconnecting(connection: Connection, stripe_here: Sandbox) -> None:
    stripe_here.arm("error", "DELETE /v1/webhook_endpoints", times=3)
    connections.disconnect(connection, now=LATER)
    connection.refresh_from_db()
    assert (connection.encrypted_key, connection.is_live) == ("", False)


def test_connecting_again_goes_on_with_the_same_connection(connection: Connection, theirs: stripe.StripeClient) -> None:
    key, cursor = decrypt(connection.encrypted_key), connection.cursor
    account = Account.objects.get()
    disconnect_account(account, now=LATER)
    again = connect_account(account, key, now=LATER + timedelta(hours=1))
    again.refresh_from_db()
    assert (again.pk, again.endpoint, again.cursor) == (connection.pk, connection.endpoint, cursor)
    assert (again.is_live, again.connected_at) == (True, LATER + timedelta(hours=1))
    assert endpoints(theirs) == [again.webhook_endpoint]
    assert deliver_event(event_json(), to=again) == 200


def test_the_check_finds_all_well(connection: Connection) -> None:
    found = connections.check(connection, now=LATER)
    assert (found.key_works, found.endpoint_works, found.mended, found.trouble) == (True, True, False, "")
    connection.refresh_from_db()
    assert connection.checked_at == LATER


@pytest.mark.parametrize("change", [{"disabled": True}, {"enabled_events": ["charge.updated"]}])
def test_the_check_enables_the_endpoint_and_sets_its_types(
    connection: Connection, theirs: stripe.StripeClient, change: stripe.params.WebhookEndpointUpdateParams
) -> None:
    theirs.v1.webhook_endpoints.update(connection.webhook_endpoint, change)
    assert connections.check(connection, now=LATER).mended is True
    endpoint = theirs.v1.webhook_endpoints.retrieve(connection.webhook_endpoint)
    assert (endpoint.status, set(endpoint.enabled_events)) == ("enabled", set(TYPES))


def test_the_check_asks_for_types_that_came_with_a_new_version(
    connection: Connection, theirs: stripe.StripeClient, handled: list[Handler]
) -> None:
    handled.append(Handler(frozenset({"charge.updated"}), lambda *_: None, lambda *_: Outcome.DONE))
    assert connections.check(connection, now=LATER).mended is True
    connection.refresh_from_db()
    endpoint = theirs.v1.webhook_endpoints.retrieve(connection.webhook_endpoint)
    assert set(endpoint.enabled_events) == {*TYPES, "charge.updated"} == set(connection.webhook_events)


def test_the_check_makes_the_endpoint_anew_where_it_was_deleted(
    connection: Connection, theirs: stripe.StripeClient
) -> None:
    gone = connection.webhook_endpoint
    theirs.v1.webhook_endpoints.delete(gone)
    assert connections.check(connection, now=LATER).mended is True
    assert endpoints(theirs) == [connection.webhook_endpoint]
    assert connection.webhook_endpoint != gone
    assert deliver_event(event_json(), to=connection) == 200


def test_the_check_moves_the_endpoint_when_the_site_moved(
    connection: Connection, theirs: stripe.StripeClient, settings: Settings
) -> None:
    settings.SITE_URL = "https://book.example"
    assert connections.check(connection, now=LATER).mended is True
    (endpoint,) = theirs.v1.webhook_endpoints.list().data
    assert endpoint.url == f"https://book.example/stripe/webhooks/{connection.endpoint}/"


def test_a_changed_secret_key_asks_for_the_key_again_and_mends_the_rest(
    connection: Connection, theirs: stripe.StripeClient, settings: Settings
) -> None:
    key, old = decrypt(connection.encrypted_key), connection.webhook_endpoint
    settings.SECRET_KEY = "another"
    found = connections.check(connection, now=LATER)
    words = "We can’t read your saved Stripe key because SECRET_KEY was changed. Enter the key again."
    assert (found.key_works, found.trouble) == (False, f"Stripe doesn’t accept your key: {words}")
    connect_account(Account.objects.get(), key, now=LATER)
    connection.refresh_from_db()
    assert (connection.trouble, endpoints(theirs)) == ("", [connection.webhook_endpoint])
    assert connection.webhook_endpoint != old
    assert deliver_event(event_json(), to=connection) == 200


def test_the_check_says_that_stripe_is_down(connection: Connection, stripe_here: Sandbox) -> None:
    stripe_here.arm("error", "GET /v1/account", times=3)
    found = connections.check(connection, now=LATER)
    assert (found.key_works, found.endpoint_works) == (True, False)
    connection.refresh_from_db()
    words = "An error occurred with our connection to Stripe."
    assert connection.trouble == f"We can’t reach Stripe: {words}" == found.trouble


def test_renewing_the_endpoint_changes_its_secret(connection: Connection, theirs: stripe.StripeClient) -> None:
    old_endpoint, old_secret = connection.webhook_endpoint, read_signing_secret(connection)
    connections.renew_endpoint(connection, now=LATER)
    connection.refresh_from_db()
    assert connection.webhook_endpoint != old_endpoint
    assert endpoints(theirs) == [connection.webhook_endpoint]
    assert read_signing_secret(connection) != old_secret
    assert list(connection.secrets.order_by("pk").values_list("retires_at", flat=True)) == [
        LATER + timedelta(days=1), None,
    ]  # fmt: skip


def test_a_renewal_that_fails_changes_nothing(connection: Connection, stripe_here: Sandbox) -> None:
    before = (connection.webhook_endpoint, read_signing_secret(connection))
    stripe_here.arm("error", "POST /v1/webhook_endpoints", times=3)
    with pytest.raises(StripeDownError):
        connections.renew_endpoint(connection, now=LATER)
    connection.refresh_from_db()
    assert (connection.webhook_endpoint, read_signing_secret(connection)) == before


def test_an_answer_that_was_lost_makes_no_second_endpoint(
    connection: Connection, theirs: stripe.StripeClient, stripe_here: Sandbox
) -> None:
    """Stripe made it, we did not hear of it: under the same idempotency key we are told its secret after all."""
    stripe_here.arm("error_after", "POST /v1/webhook_endpoints", times=3)
    with pytest.raises(StripeDownError):
        connections.renew_endpoint(connection, now=LATER)
    assert len(endpoints(theirs)) == 2
    connections.renew_endpoint(connection, now=LATER)
    assert endpoints(theirs) == [connection.webhook_endpoint]
    assert deliver_event(event_json(), to=connection) == 200
