"""*Settings → Payments*: connecting, testing, changing the key, disconnecting, and the policy for failed payments."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.db import connection as database
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, PastDuePolicy, Plan, Role
from bookwhen.payments.encryption import decrypt
from bookwhen.payments.models import Connection, EndpointSecret
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Standing
from memberships.models import Subscription, SubscriptionStatus
from tests import dashboard_sentences as says
from tests.accounts.conftest import RIVERSIDE, form_errors, list_endpoints, load_connection
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory
from tests.factories.payments import ConnectionFactory, connect_stripe, new_key, read_signing_secret
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller
from tests.worlds.stripe_shop import open_stripe_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def seen(*responses: Any) -> str:
    """All that pages show, and all that the database holds of connections."""
    rows: str = serializers.serialize("json", [*Connection.objects.all(), *EndpointSecret.objects.all()])
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT c::text FROM payments_connection c UNION ALL SELECT s::text FROM payments_endpointsecret s"
        )
        rows += str(cursor.fetchall())
    pages: list[str] = [response.content.decode() for response in responses]
    return rows + "".join(pages)


# --- connecting


def test_without_a_connection_the_page_says_what_stripe_is_for_and_how_to_get_a_key(
    unconnected_dashboard: Dashboard,
) -> None:
    page = unconnected_dashboard.get("payments")

    assert page.status_code == 200
    text = page_text(page)
    for part in ("Sell memberships through Stripe", "Developers → API keys", "Use a restricted key instead"):
        assert part in text
    assert "sandbox stands in for Stripe" not in text
    html = page.content.decode()
    assert '<input type="password" name="key" autocomplete="off"' in html
    assert ">Payments</a></li>" in html


def test_in_the_demo_the_page_says_which_key_to_use(unconnected_dashboard: Dashboard, settings: Any) -> None:
    settings.DEMO = True
    text = page_text(unconnected_dashboard.get("payments"))
    assert "Use any key that begins with sk_test_" in text
    assert RIVERSIDE in text


def test_a_key_connects(unconnected_dashboard: Dashboard, stripe_here: Sandbox) -> None:
    response = unconnected_dashboard.post("payments", {"key": f"  {RIVERSIDE}\n"})

    assert (response.status_code, response["Location"]) == (302, unconnected_dashboard.url("payments"))
    page = unconnected_dashboard.get("payments")
    assert shown_messages(page) == ["Stripe connected"]
    connection = load_connection(unconnected_dashboard)
    assert (connection.name, connection.trouble, connection.connected_at) == ("Riverside Movement Studio", "", NOW)
    assert list_endpoints(stripe_here) == [connection.webhook_endpoint]
    text = page_text(page)
    for part in (
        f"Name Riverside Movement Studio {connection.stripe_account}",
        "Mode Test mode No real money is taken.",
        "Secret key sk_test_…udio",
        "Connected Tue 15 Jan 2030, 12:00",
        "Webhook endpoint Active",
        "Last heard from Stripe Not yet. Stripe contacts us when something first happens",
        "Last tested Tue 15 Jan 2030, 12:00",
    ):
        assert part in text
    assert "Your currencies differ" not in text


def test_sent_twice_it_is_one_connection(unconnected_dashboard: Dashboard, stripe_here: Sandbox) -> None:
    for _ in range(2):
        assert unconnected_dashboard.post("payments", {"key": RIVERSIDE}).status_code == 302
    assert Connection.objects.count() == 1
    assert list_endpoints(stripe_here) == [load_connection(unconnected_dashboard).webhook_endpoint]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("", "Enter the secret key"),
        (
            "my secret",
            says.NOT_A_SECRET_KEY,
        ),
        (
            "pk_test_abcdef123456",
            says.PUBLISHABLE_KEY,
        ),
        (
            "sk_live_abcdef123456",
            (
                "Enter a different key. Stripe doesn’t accept this one. It says:"
                " Invalid API Key provided: sk_live_****3456"
            ),
        ),
        ("sk_test_" + "a" * 300, "Use at most 300 characters for “Secret key”: you’ve used 308"),
    ],
)
def test_a_key_that_cannot_be_is_refused_at_the_field_and_not_shown_again(
    unconnected_dashboard: Dashboard, key: str, error: str
) -> None:
    page = unconnected_dashboard.post("payments", {"key": key})

    assert (page.status_code, form_errors(page)) == (422, {"key": [error]})
    assert "<title>Error: Payments" in page.content.decode()
    assert not key or key not in page.content.decode()
    assert not Connection.objects.exists()


def test_while_stripe_is_down_nothing_is_connected_and_it_says_so(
    unconnected_dashboard: Dashboard, stripe_here: Sandbox
) -> None:
    stripe_here.arm("error", times=9)
    page = unconnected_dashboard.post("payments", {"key": RIVERSIDE})

    assert page.status_code == 422
    (error,) = form_errors(page)["key"]
    assert error.startswith("We couldn’t reach Stripe. Enter the key again in a minute. ")
    assert RIVERSIDE not in page.content.decode()
    assert not Connection.objects.exists()
    stripe_here.platform.faults.clear()
    assert unconnected_dashboard.post("payments", {"key": RIVERSIDE}).status_code == 302


def test_the_key_and_the_signing_secret_are_nowhere(
    unconnected_dashboard: Dashboard, stripe_here: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = new_key()
    answers = [
        unconnected_dashboard.post("payments", {"key": key}),
        unconnected_dashboard.post("payments_test"),
        unconnected_dashboard.post("payments_endpoint"),
    ]
    secret = read_signing_secret(load_connection(unconnected_dashboard))
    answers += [
        unconnected_dashboard.get(name)
        for name in ("payments", "payments_key", "payments_disconnect", "payments_health")
    ]
    answers += [unconnected_dashboard.post("payments_key", {"key": f"{key}x"}), unconnected_dashboard.get("overview")]
    text = seen(*answers) + caplog.text
    assert [hidden in text for hidden in (key, key[12:], secret, secret[10:])] == [False] * 4
    assert decrypt(load_connection(unconnected_dashboard).encrypted_key) == key


def test_another_currency_is_warned_of(stripe_here: Sandbox) -> None:
    account = AccountFactory.create(currency="EUR")
    connect_stripe(account)
    assert "Your Stripe account is in GBP and your prices are in EUR." in page_text(
        open_dashboard(account).get("payments")
    )


def test_on_free_the_page_can_be_read_and_nothing_connected(stripe_here: Sandbox) -> None:
    at = open_dashboard(AccountFactory.create(plan=Plan.FREE))

    page, refused = at.get("payments"), at.post("payments", {"key": RIVERSIDE})

    assert page.status_code == 200
    assert "You need the Standard plan to sell memberships." in page_text(page)
    assert 'name="key"' not in page.content.decode()
    assert (refused.status_code, says.NEEDS_STANDARD in page_text(refused)) == (403, True)
    assert not Connection.objects.exists()


def test_after_going_down_to_free_the_connection_is_still_looked_after(connected_dashboard: Dashboard) -> None:
    Account.objects.update(plan=Plan.FREE)
    assert says.MEMBERSHIPS_NEED_STANDARD in page_text(connected_dashboard.get("payments"))
    assert connected_dashboard.post("payments_test").status_code == 302
    assert 'name="replace"' not in connected_dashboard.get("payments_key").content.decode()
    assert connected_dashboard.post("payments_key", {"key": RIVERSIDE}).status_code == 302


def test_a_live_connection_is_told_as_such(unconnected_dashboard: Dashboard) -> None:
    unconnected_dashboard.account.connection = ConnectionFactory.create(
        livemode=True, name="", stripe_account="acct_live"
    )
    unconnected_dashboard.account.save()
    text = page_text(unconnected_dashboard.get("payments"))
    assert "Name acct_live Mode Live Customers pay real money." in text


# --- looking after it


def test_when_stripe_last_called_is_told_in_the_accounts_zone(stripe_here: Sandbox) -> None:
    account = AccountFactory.create(time_zone="America/New_York")
    made = connect_stripe(account)
    Connection.objects.filter(pk=made.pk).update(heard_at=NOW - timedelta(hours=1))
    assert "Last heard from Stripe Tue 15 Jan 2030, 06:00" in page_text(open_dashboard(account).get("payments"))


def test_the_test_finds_all_well(connected_dashboard: Dashboard) -> None:
    response = connected_dashboard.post("payments_test")
    assert response["Location"] == connected_dashboard.url("payments")
    assert shown_messages(connected_dashboard.get("payments")) == [
        "The connection is working. Stripe accepts your key and the webhook endpoint is on."
    ]


def test_the_test_mends_what_it_can(connected_dashboard: Dashboard, stripe_here: Sandbox) -> None:
    open_stripe_client(stripe_here, RIVERSIDE).v1.webhook_endpoints.delete(
        load_connection(connected_dashboard).webhook_endpoint
    )

    connected_dashboard.post("payments_test")

    assert shown_messages(connected_dashboard.get("payments")) == [
        "We’ve repaired your webhook endpoint in Stripe, and the connection is working again."
    ]
    assert list_endpoints(stripe_here) == [load_connection(connected_dashboard).webhook_endpoint]


def test_the_test_says_what_it_cannot_mend_and_how_to(connected_dashboard: Dashboard, stripe_here: Sandbox) -> None:
    stripe_here.arm("error", "GET /v1/account", times=9)
    connected_dashboard.post("payments_test")
    page = connected_dashboard.get("payments")
    assert shown_messages(page) == ["The test found a problem. See below."]
    text = page_text(page)
    assert f"{says.STRIPE_NEEDS_ATTENTION} We can’t reach Stripe:" in text
    assert "or change the key here if it was replaced there. Then test the connection." in text


def test_without_an_endpoint_the_page_says_that_news_are_asked_for(connected_dashboard: Dashboard) -> None:
    Connection.objects.update(webhook_endpoint="")
    text = page_text(connected_dashboard.get("payments"))
    assert "Webhook endpoint Not set up We check Stripe for updates every hour instead." in text


def test_a_new_endpoint_takes_the_place_of_the_old_however_often_it_is_asked(
    connected_dashboard: Dashboard, stripe_here: Sandbox
) -> None:
    old = load_connection(connected_dashboard).webhook_endpoint
    for _ in range(2):
        assert connected_dashboard.post("payments_endpoint")["Location"] == connected_dashboard.url("payments")
    assert shown_messages(connected_dashboard.get("payments")) == ["Webhook endpoint created"] * 2
    connection = load_connection(connected_dashboard)
    assert connection.webhook_endpoint != old
    assert list_endpoints(stripe_here) == [connection.webhook_endpoint]


def test_an_endpoint_that_stripe_does_not_make_leaves_the_old(
    connected_dashboard: Dashboard, stripe_here: Sandbox
) -> None:
    old = load_connection(connected_dashboard).webhook_endpoint
    stripe_here.arm("error", "POST /v1/webhook_endpoints", times=9)
    connected_dashboard.post("payments_endpoint")
    (message,) = shown_messages(connected_dashboard.get("payments"))
    assert message.startswith("Stripe couldn’t create it, so we’re still using the old one: ")
    assert load_connection(connected_dashboard).webhook_endpoint == old
    stripe_here.platform.faults.clear()
    assert list_endpoints(stripe_here) == [old]


@pytest.mark.parametrize("name", ["payments_test", "payments_endpoint", "payments_catch_up", "payments_compare"])
def test_without_a_connection_there_is_nothing_to_look_after(unconnected_dashboard: Dashboard, name: str) -> None:
    assert unconnected_dashboard.post(name).status_code == 302
    assert not Connection.objects.exists()


# --- members whose payment failed


def test_the_policy_is_told_with_what_it_means(connected_dashboard: Dashboard) -> None:
    text = page_text(connected_dashboard.get("payments"))
    assert "Keep access while Stripe tries again They can book as usual while Stripe retries the payment" in text
    assert "Stop new bookings until they have paid They can’t book exclusive tickets until a payment" in text


def test_a_change_of_policy_concerns_whoever_has_not_paid_at_once(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    bought = seller.sell()
    Subscription.objects.filter(pk=bought.pk).update(status=SubscriptionStatus.PAST_DUE)

    def stands() -> bool:
        return Standing.objects.at(NOW).filter(ground=bought.uuid).exists()

    assert stands()
    for policy, expected in ((PastDuePolicy.STOP, False), (PastDuePolicy.STOP, False), (PastDuePolicy.KEEP, True)):
        response = at.post("payments_policy", {"past_due_policy": policy})
        assert response["Location"] == at.url("payments")
        assert Account.objects.get(pk=at.account.pk).past_due_policy == policy
        assert stands() is expected
    assert shown_messages(at.get("payments")) == ["Settings saved"] * 3


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("", "Choose one for “Members whose payment failed”"),
        ("never", "Choose one from the list for “Members whose payment failed”"),
    ],
)
def test_a_policy_that_does_not_exist_changes_nothing(connected_dashboard: Dashboard, given: str, error: str) -> None:
    page = connected_dashboard.post("payments_policy", {"past_due_policy": given})
    assert (page.status_code, form_errors(page, "policy")) == (422, {"past_due_policy": [error]})
    assert Account.objects.get(pk=connected_dashboard.account.pk).past_due_policy == PastDuePolicy.KEEP


# --- who, and how much work


POSTED = ("payments_policy", "payments_debits", "payments_name", "payments_test", "payments_endpoint")
SHOWN = ("payments", "payments_key", "payments_disconnect")


@pytest.mark.parametrize("role", [Role.SCHEDULE_MANAGER, Role.BOOKINGS_ADMIN, Role.LEADER])
def test_the_connection_is_the_owners(connected_dashboard: Dashboard, role: Role) -> None:
    other = open_dashboard(connected_dashboard.account, role)
    answers = [other.get(name).status_code for name in SHOWN] + [
        other.post(name, {"key": RIVERSIDE, "past_due_policy": PastDuePolicy.STOP}).status_code
        for name in (*SHOWN, *POSTED)
    ]
    assert answers == [404] * 11
    assert load_connection(connected_dashboard).is_live
    assert Account.objects.get(pk=connected_dashboard.account.pk).past_due_policy == PastDuePolicy.KEEP


@pytest.mark.parametrize("name", POSTED)
def test_what_does_something_is_not_done_by_looking(connected_dashboard: Dashboard, name: str) -> None:
    assert connected_dashboard.get(name).status_code == 405


@pytest.mark.parametrize("sold", [1, 3])
def test_the_pages_take_the_same_queries_however_much_is_sold(
    selling: tuple[Seller, Dashboard], django_assert_num_queries: DjangoAssertNumQueries, sold: int
) -> None:
    seller, at = selling
    for _ in range(sold):
        seller.sell()
    at.get("payments")
    for name, queries in (("payments", 4), ("payments_key", 7), ("payments_disconnect", 7)):
        with django_assert_num_queries(queries):
            assert at.get(name).status_code == 200
