"""What is a studio's is taken out: a list, everything in one file; and somebody takes what is kept of them."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Customer, Operation, User
from accounts.operations.running import run_operation
from tests.factories.schedule import GroupFactory, OfferFactory, add_member
from tests.journeys.hand import Hand
from tests.journeys.steps import ADA, create_login, list_problems, log_in_to, open_dashboard
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey


def a_worker_comes(page: Page) -> None:
    for pk in list(Operation.objects.values_list("pk", flat=True)):
        while run_operation(pk):
            pass
    # Not reloaded: the page may be looking again just then.
    page.goto(page.url.partition("#")[0])


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("link", name=name).click()
    return Path(found.value.path()).read_bytes()


@pytest.fixture
def ada(studio: NewStudio) -> Customer:
    create_login()
    user = User.objects.get(email=ADA)
    found = Customer.objects.create(account=studio.account, name="Ada Lovelace", email=ADA, user=user)
    group = GroupFactory.create(account=studio.account, name="Gold")
    OfferFactory.create(group=group, limit=10)
    add_member(group, found)
    return found


def test_an_operator_takes_members_and_then_everything(page: Page, studio: NewStudio, ada: Customer) -> None:
    """Three presses for a list: the menu, *Prepare file*, *Download*; and as many for everything."""
    hand = Hand(page)
    open_dashboard(page, studio)

    with hand.counted(2):
        hand.menu("Export")
        hand.button("Prepare file Members with their uses")
    a_worker_comes(page)
    assert "Ada Lovelace" in downloaded(page, "Download").decode("utf-8-sig")

    with hand.counted(2):
        hand.menu("Export")
        hand.button("Prepare archive")
    a_worker_comes(page)
    archive = zipfile.ZipFile(io.BytesIO(downloaded(page, "Download")))
    assert archive.testzip() is None
    assert "Ada Lovelace" in archive.read("customers.csv").decode("utf-8-sig")
    assert json.loads(archive.read("manifest.json"))["studio"] == studio.account.name

    hand.menu("Export")
    expect(page.get_by_role("table", name="The last files that were made, newest first")).to_contain_text("everything-")
    assert list_problems(page) == []


def test_somebody_takes_what_is_kept_of_them(customer: Page, ada: Customer) -> None:
    hand = Hand(customer)
    log_in_to(customer, ADA, "/my/details/")

    with hand.counted(2):
        hand.link("Download what studios keep about you")
        hand.button(f"Prepare file {ada.account.name}")
    expect(customer.get_by_text("Being prepared")).to_be_visible()
    a_worker_comes(customer)

    found = json.loads(downloaded(customer, f"Download {ada.account.name}"))
    assert [each["Name"] for each in found["About you"]] == ["Ada Lovelace"]
    assert [each["Customer group"] for each in found["Customer groups"]] == ["Gold"]
    assert list_problems(customer) == []
