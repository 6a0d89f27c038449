"""*Settings → Payments* and restricted keys: what they need, and a name for an account that they may not name."""

import pytest

from bookwhen.payments.permissions import needed
from bookwhen.sandbox.stripe import Sandbox
from tests.accounts.conftest import form_errors, load_connection
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory
from tests.factories.payments import connect_stripe, new_key
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = pytest.mark.django_db


def test_p2_the_page_lists_every_permission_that_a_call_of_ours_needs(unconnected_dashboard: Dashboard) -> None:
    text = page_text(unconnected_dashboard.get("payments"))
    for need in needed():
        assert str(need) in text
    assert "Charges and Refunds: Write" in text
    assert "PaymentIntents: Read" in text


def test_p17_the_name_is_asked_for_where_the_key_may_not_read_it(stripe_here: Sandbox) -> None:
    key, account = new_key().replace("sk_", "rk_"), AccountFactory.create()
    stripe_here.restrict(key, of=new_key(), allow={need.slug.removeprefix("rak_") for need in needed()})
    connect_stripe(account, key=key)
    at = open_dashboard(account)
    assert "Name of your Stripe account" in page_text(at.get("payments"))

    assert list(form_errors(at.post("payments_name", {"name": ""}), "name_form")) == ["name"]
    at.post("payments_name", {"name": "River at Stripe"})

    assert "Name of your Stripe account" not in page_text(at.get("payments"))
    assert load_connection(at).name == "River at Stripe"
