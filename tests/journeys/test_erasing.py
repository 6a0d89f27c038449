"""An owner erases somebody who asked for it, with the clicks counted."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Customer
from tests.factories.accounts import CustomerFactory
from tests.journeys.steps import list_problems, open_dashboard
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey

CLICKS = 4
"""From the customer’s page."""


@pytest.mark.parametrize("width", [390, 1280])
def test_somebody_is_erased_in_four_clicks(page: Page, studio: NewStudio, width: int) -> None:
    ada = CustomerFactory.create(account=studio.page.account, name="Ada Stone", email="ada@example.org")
    page.set_viewport_size({"width": width, "height": 900})
    open_dashboard(page, studio)
    page.goto(f"{page.url.rstrip('/')}/customers/{ada.pk}/")
    main = page.get_by_role("main")

    clicks = [
        main.get_by_role("button", name="More for Ada Stone"),
        main.get_by_role("link", name="Erase", exact=True),
        main.get_by_label("Yes, erase this person for good"),
        main.get_by_role("button", name="Erase customer"),
    ]
    for each in clicks:
        each.click()
        assert list_problems(page) == []

    expect(main).to_contain_text("This customer was erased on")
    assert len(clicks) == CLICKS
    assert not Customer.objects.filter(name="Ada Stone").exists()
