"""A studio to walk through in a real browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import Letter
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.accounts import AccountFactory, SchedulePageFactory, StaffFactory, UserFactory
from tests.factories.payments import connect_stripe, new_key, process_due_events
from tests.worlds.new_studio import PASSWORD, NewStudio


@pytest.fixture
def studio(transactional_db: None) -> NewStudio:
    account = AccountFactory.create(name="River Studio", slug="river")
    page = SchedulePageFactory.create(account=account, slug="river-studio", title="River Studio")
    owner = UserFactory.create(email="owner@river.example", password=PASSWORD)
    StaffFactory.create(account=account, user=owner)
    return NewStudio(account, page, owner.email)


@pytest.fixture
def stripe_studio(studio: NewStudio, stripe_here: Sandbox) -> NewStudio:
    """The studio, connected to Stripe by a key of its own."""
    connect_stripe(studio.account, key=new_key(), now=timezone.now())
    return studio


@pytest.fixture
def customer(browser: Browser, base_url: str) -> Iterator[Page]:
    """A second person's browser."""
    context = browser.new_context(base_url=base_url, locale="en-GB", timezone_id="Europe/London")
    yield context.new_page()
    context.close()


@pytest.fixture
def deliver_stripe_events(stripe_here: Sandbox) -> Callable[[], None]:
    """All that Stripe has to tell arrives at the live server by webhook, and is looked at."""

    def arrive() -> None:
        stripe_here.flush()
        process_due_events()

    return arrive


@pytest.fixture
def log_in() -> Callable[[Page, str], None]:
    """Log in on whichever page shows *Log in* at the top right, and come back to it."""

    def act(page: Page, email: str, password: str = PASSWORD) -> None:
        page.get_by_role("banner").get_by_role("link", name="Log in").click()
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Log in").click()

    return act


@pytest.fixture
def newest_link() -> Callable[[str], str]:
    """The link in the newest letter to an address."""

    def find(recipient: str) -> str:
        letter = Letter.objects.filter(recipient=recipient).latest("pk")
        found = re.search(r"https?://\S+", letter.text)
        assert found, letter.text
        return found[0]

    return find
