"""An operator's first day, and every page of the account in a real browser: 320 pixels wide, light and dark."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from bookwhen.payments.models import EventState
from tests.factories.accounts import CustomerFactory, StaffFactory
from tests.factories.payments import ConnectionFactory, StripeEventFactory
from tests.factories.schedule import EntryFactory, GroupFactory, add_member
from tests.journeys.steps import list_problems
from tests.worlds.new_studio import PASSWORD, NewStudio

NewestLink = Callable[[str], str]

PUBLIC = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/x/"]
OWN = ["/", "/my/details/", "/my/details/password/", "/start/", "/accounts/logout/"]
DASHBOARD = [
    "",
    "customers/",
    "customers/?q=nobody-is-called-this",
    "settings/",
    "settings/plan/",
    "settings/keeping/",
    "settings/pages/",
    "settings/pages/new/",
    "settings/payments/",
    "settings/payments/key/",
    "settings/payments/disconnect/",
    "settings/payments/health/",
    "settings/payments/differences/",
    "settings/team/",
    "settings/team/new/",
]


def test_an_operator_makes_a_login_and_opens_a_studio(
    page: Page, newest_link: NewestLink, transactional_db: None
) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Create your studio").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create your studio")
    page.get_by_label("Email address").fill("Olive@Example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")

    page.goto(newest_link("olive@example.org"))
    page.get_by_label("Your name").fill("Olive Owner")
    page.get_by_label("New password").fill("three wet otters")
    page.get_by_role("button", name="Save and log in").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Create your studio")
    page.get_by_role("button", name="Create studio").click()
    expect(page).to_have_title("Error: Create your studio – Bookwhen")
    page.get_by_label("Name of your studio").fill("Wood & Water")
    page.get_by_label("Standard", exact=True).check()
    page.get_by_role("button", name="Create studio").click()

    expect(page).to_have_url("/dashboard/wood-water/")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    page.get_by_role("link", name="View public page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wood & Water")


def test_every_page_is_accessible_and_fits_a_small_screen(page: Page, studio: NewStudio) -> None:
    group = GroupFactory.create(account=studio.account, name="Gold members of the River Studio since 2019")
    customer = CustomerFactory.create(account=studio.account, email=f"{'long' * 14}@example.org", name="")
    add_member(group, customer)
    EntryFactory.create(page=studio.page, title="Slow Flow for everyone who has been sitting all day")
    staff = StaffFactory.create(account=studio.account)
    studio.account.connection = ConnectionFactory.create(trouble="Stripe doesn’t accept your key: it has expired.")
    studio.account.save(update_fields=["connection"])
    event = StripeEventFactory.create(connection=studio.account.connection, state=EventState.DEAD, error="x" * 200)
    page.set_viewport_size({"width": 320, "height": 640})

    found = [problem for path in PUBLIC for problem in list_problems(page, path)]
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(studio.owner)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    home = f"/dashboard/{studio.account.slug}/"
    of_rows = [
        f"customers/{customer.pk}/",
        f"settings/pages/{studio.page.pk}/",
        f"settings/payments/events/{event.pk}/",
        f"settings/team/{staff.pk}/",
        f"settings/team/{staff.pk}/remove/",
    ]
    for path in [*OWN, *(home + path for path in DASHBOARD + of_rows)]:
        found += list_problems(page, path)

    assert found == []
