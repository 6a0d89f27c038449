import base64
import http.client
import time
from typing import Any

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.stripe_shop import StripeShop, open_stripe_client


def test_objects_live_and_die(client: stripe.StripeClient) -> None:
    product = client.v1.products.create({"name": "Gold", "metadata": {"a": "1", "b": "2"}})
    product = client.v1.products.update(product.id, {"name": "Silver", "metadata": {"a": "", "c": "3"}})
    assert (product.name, product.metadata.to_dict()) == ("Silver", {"b": "2", "c": "3"})
    price = client.v1.prices.create({"product": product.id, "currency": "gbp", "unit_amount": 100, "lookup_key": "x"})
    assert client.v1.prices.update(price.id, {"active": False}).active is False
    assert [p.id for p in client.v1.prices.list({"lookup_keys": ["x"], "active": False}).data] == [price.id]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.products.delete(product.id)
    spare = client.v1.products.create({"name": "Spare"})
    assert client.v1.products.delete(spare.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.products.retrieve(spare.id)
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_cards_are_attached_listed_and_detached(shop: StripeShop) -> None:
    customer = shop.customer()
    with pytest.raises(stripe.CardError) as refused:
        shop.card(customer, "pm_card_chargeDeclined")
    assert (refused.value.http_status, refused.value.code) == (402, "card_declined")
    found = shop.v1.payment_methods.list({"customer": customer.id}).data
    assert [method.card.last4 for method in found if method.card] == ["4242"]
    assert shop.v1.payment_methods.detach(found[0].id).customer is None
    settings = shop.v1.customers.retrieve(customer.id).invoice_settings
    assert settings
    assert settings.default_payment_method is None


def test_keys(sandbox: Sandbox) -> None:
    ours, theirs = open_stripe_client(sandbox, "sk_test_ours"), open_stripe_client(sandbox, "sk_test_theirs")
    made = ours.v1.customers.create({"email": "a@example.com"})
    assert ours.v1.accounts.retrieve_current().id != theirs.v1.accounts.retrieve_current().id
    assert theirs.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        theirs.v1.customers.retrieve(made.id)
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=20)
    as_curl = base64.b64encode(b"sk_test_ours:").decode()
    for sent, status in ((as_curl, 200), ("x", 401)):
        connection.request("GET", "/v1/customers", headers={"Authorization": f"Basic {sent}"})
        answer = connection.getresponse()
        assert (answer.status, answer.read().count(made.id.encode())) == (status, int(status == 200))
    connection.close()
    with pytest.raises(stripe.AuthenticationError):
        open_stripe_client(sandbox, "sk_live_1").v1.customers.list()


def test_accounts_have_names(sandbox: Sandbox) -> None:
    def named(key: str) -> tuple[object, ...]:
        found = open_stripe_client(sandbox, key).v1.accounts.retrieve_current()
        assert found.business_profile
        assert found.settings
        name = found.settings.dashboard.display_name
        assert found.business_profile.name == name
        return name, found.country, found.default_currency, found.charges_enabled

    sandbox.name_account("sk_test_1", "Given")
    assert named("sk_test_1") == ("Given", "GB", "gbp", True)
    assert named("sk_test_Riverside_Movement_Studio")[0] == "Riverside Movement Studio"
    assert named("sk_test_51abc")[0] == "Sandbox studio"


def test_what_is_not_modelled_is_refused_by_name(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not model tax_exempt") as refused:
        client.v1.customers.create({"tax_exempt": "none"})
    assert (refused.value.http_status, refused.value.param) == (400, "tax_exempt")
    with pytest.raises(stripe.InvalidRequestError, match="GET /v1/tax_rates"):
        client.v1.tax_rates.list()
    with pytest.raises(stripe.InvalidRequestError, match="Stripe-Account"):
        client.v1.customers.list(options={"stripe_account": "acct_1"})


def test_what_is_wrong_is_refused_as_stripe_does(client: stripe.StripeClient) -> None:
    unknown: Any = {"colour": "red"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create(unknown)
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "colour")
    lacking: Any = {"unit_amount": 100}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.prices.create(lacking)
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "currency")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        client.raw_request("get", "/v1/nothing")
    assert refused.value.http_status == 404


def test_idempotency(client: stripe.StripeClient) -> None:
    first = client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    again = client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    assert (again.id, len(client.v1.customers.list().data)) == (first.id, 1)
    assert again.last_response
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"email": "b@example.com"}, {"idempotency_key": "k"})


def test_pages_and_filters(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"email": f"{n}@example.com"}).id for n in range(5)]
    newest = made[::-1]
    page = client.v1.customers.list({"limit": 2})
    assert ([c.id for c in page.data], page.has_more) == (newest[:2], True)
    page = client.v1.customers.list({"limit": 2, "starting_after": newest[3]})
    assert ([c.id for c in page.data], page.has_more) == (newest[4:], False)
    page = client.v1.customers.list({"limit": 2, "ending_before": newest[3]})
    assert ([c.id for c in page.data], page.has_more) == (newest[1:3], True)
    assert [c.id for c in client.v1.customers.list({"limit": 2}).auto_paging_iter()] == newest
    assert [c.id for c in client.v1.customers.list({"email": "3@example.com"}).data] == [made[3]]
    assert client.v1.customers.list({"created": {"gt": int(time.time()) + 60}}).data == []
    for wrong in ({"limit": 101}, {"starting_after": "cus_x"}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.list(wrong)  # type: ignore[arg-type]


def test_expanding(shop: StripeShop) -> None:
    customer = shop.customer()
    found = shop.subscribe(customer)
    full = shop.v1.subscriptions.retrieve(found.id, {"expand": ["customer", "latest_invoice.payments"]})
    assert isinstance(full.customer, stripe.Customer)
    assert isinstance(full.latest_invoice, stripe.Invoice)
    assert full.latest_invoice.payments
    assert full.latest_invoice.payments.data[0].status == "paid"
    full = shop.v1.subscriptions.retrieve(found.id, {"expand": ["items.data.price.product"]})
    assert full["items"].data[0].price.product.name == "Gold"
    page = shop.v1.subscriptions.list({"expand": ["data.customer"]})
    assert isinstance(page.data[0].customer, stripe.Customer)
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        shop.v1.subscriptions.list({"expand": ["data.items.data.price.product"]})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.v1.subscriptions.retrieve(found.id, {"expand": ["status"]})


def test_test_clocks(shop: StripeShop) -> None:
    clock = shop.clock()
    customer = shop.customer(test_clock=clock.id)
    found = shop.subscribe(customer)
    with pytest.raises(stripe.InvalidRequestError, match="forward"):
        shop.advance(clock, clock.frozen_time)
    assert [c.id for c in shop.v1.customers.list({"test_clock": clock.id}).data] == [customer.id]
    assert shop.v1.customers.list().data == []
    assert shop.v1.test_helpers.test_clocks.delete(clock.id).deleted is True
    for gone in (shop.v1.subscriptions.retrieve, shop.v1.test_helpers.test_clocks.retrieve):
        with pytest.raises(stripe.InvalidRequestError):
            gone(found.id if gone == shop.v1.subscriptions.retrieve else clock.id)


def test_the_portal_does_what_it_is_configured_for(shop: StripeShop, sandbox: Sandbox) -> None:
    found = shop.bought()
    features: Any = {"subscription_cancel": {"enabled": True, "mode": "immediately"}}
    made = shop.v1.billing_portal.configurations.create({"features": features})
    session: Any = {"customer": str(found.customer), "return_url": "http://shop.test/", "configuration": made.id}
    portal = shop.v1.billing_portal.sessions.create(session)
    refused = sandbox.shopper.update_card(portal.url)
    assert (refused.status, "does not offer payment_method_update" in refused.text) == (400, True)
    assert sandbox.shopper.cancel(portal.url, "sub_of_another").status == 400
    assert sandbox.shopper.cancel(portal.url, found.id).status == 303
    assert shop.subscription(found.id).status == "canceled"


def test_classic_billing_is_cancelled_by_the_flag(shop: StripeShop, sandbox: Sandbox) -> None:
    found = shop.bought(subscription_data={"billing_mode": {"type": "classic"}})
    portal = shop.v1.billing_portal.sessions.create({"customer": str(found.customer)})
    sandbox.shopper.cancel(portal.url, found.id)
    assert shop.subscription(found.id).cancel_at_period_end is True
