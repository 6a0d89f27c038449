"""A studio that moves here with its members: two who pay through Stripe already, one of them without an address."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Letter, Operation
from accounts.operations.running import run_operation
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Standing
from memberships.models import Subscription
from tests.factories.payments import new_key
from tests.journeys.steps import open_dashboard, open_menu
from tests.worlds.elsewhere import Elsewhere, connect_elsewhere
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey


def a_worker_comes(page: Page) -> None:
    """Somebody works it off, and the operator looks again."""
    for pk in list(Operation.objects.values_list("pk", flat=True)):
        while run_operation(pk):
            pass
    # Not reloaded: the page may be looking again just then.
    page.goto(page.url.partition("#")[0])


def test_an_import_with_one_address_missing(page: Page, studio: NewStudio, stripe_here: Sandbox) -> None:
    before = connect_elsewhere(stripe_here, studio.account, studio.page, new_key())
    price = before.price("Gold", 4000)
    before.subscribe(before.person("bea@example.org", "Bea Brook"), price)
    before.subscribe(before.person(None, "Cleo Carr"), price)
    open_dashboard(page, studio)

    the_subscriptions_are_read(page)
    gold_becomes_a_membership(page)
    the_missing_address_is_typed(page)
    they_are_imported(page)
    it_is_undone(page, before)


def the_subscriptions_are_read(page: Page) -> None:
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Import from Stripe").click()
    page.get_by_role("button", name="Read subscriptions from Stripe").click()
    expect(page.get_by_text("Reading the list")).to_be_visible()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What should each product become?")
    expect(page.get_by_text("2 subscribers · £80.00 a month")).to_be_visible()


def gold_becomes_a_membership(page: Page) -> None:
    page.get_by_role("button", name="Check subscriptions").click()
    expect(page.get_by_role("link", name="Choose what “Gold” becomes")).to_be_visible()
    page.get_by_label("Gold").select_option("New membership “Gold” with its own group")
    page.get_by_role("button", name="Check subscriptions").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before importing")
    expect(page.get_by_text("1 subscription to check.")).to_be_visible()
    expect(page.get_by_role("button", name="Import 1 membership")).to_be_visible()


def the_missing_address_is_typed(page: Page) -> None:
    page.get_by_role("link", name="No email address").click()
    page.get_by_role("link", name="Cleo Carr").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Enter their email address, or leave the subscription out")).to_be_visible()
    page.get_by_label("Email address").fill("Cleo@Example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Choice saved")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before importing")


def they_are_imported(page: Page) -> None:
    page.get_by_role("button", name="Import 2 memberships").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done")
    page.get_by_role("link", name="See customer memberships").click()
    page.get_by_role("link", name="Cleo Carr").click()
    expect(page.get_by_text("Imported from Stripe")).to_be_visible()
    found = Subscription.objects.order_by("customer__email").values_list("customer__email", flat=True)
    assert list(found) == ["bea@example.org", "cleo@example.org"]
    assert Standing.objects.count() == 2
    assert not Letter.objects.exists()


def it_is_undone(page: Page, before: Elsewhere) -> None:
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Import from Stripe").click()
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("link", name="Undo import").click()
    expect(page.get_by_text("2 memberships are removed here")).to_be_visible()
    page.get_by_role("button", name="Undo import").click()
    a_worker_comes(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undone")
    assert not Subscription.objects.exists()
    assert {each["status"] for each in before.at_stripe("GET /v1/subscriptions", {})["data"]} == {"active"}
