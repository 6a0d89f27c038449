"""A studio with a domain of its own at Stripe: its customers come to the payment page, wherever that is."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from bookwhen.payments.encryption import decrypt
from bookwhen.sandbox.stripe import Sandbox
from tests.journeys.steps import (
    expect_booked,
    fill_basket,
    pay_by_card,
    put_entry_on_sale,
)
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey


def test_p4_a_payment_page_under_the_studios_own_domain_is_reached_and_back_leads_to_the_basket(
    page: Page, stripe_studio: NewStudio, stripe_here: Sandbox
) -> None:
    stripe_studio.account.refresh_from_db()
    assert stripe_studio.account.connection is not None
    own = stripe_here.url.replace("127.0.0.1", "localhost")
    stripe_here.set_domain(decrypt(stripe_studio.account.connection.encrypted_key), own)
    put_entry_on_sale(stripe_studio, "Evening Flow")
    fill_basket(page, "Evening Flow")

    page.get_by_role("button", name="Pay £12.00").click()
    page.wait_for_url(f"{own}/pay/checkout/**")
    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your basket")
    assert urlsplit(page.url).path == "/river-studio/basket/"
    page.get_by_role("button", name="Continue to payment").click()
    page.wait_for_url(f"{own}/pay/checkout/**")
    pay_by_card(page)
    expect_booked(page)
