"""The studio and the reason stay through logging in, signing up and a new password."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Account, Letter
from tests.browsing import page_text
from tests.factories.accounts import SchedulePageFactory, UserFactory
from tests.factories.schedule import EntryFactory

pytestmark = pytest.mark.django_db

PAGES = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")


@pytest.fixture
def entry_path(studio: Account) -> str:
    page = SchedulePageFactory.create(account=studio, slug="boats", title="Boat house", accent="violet")
    entry = EntryFactory.create(page=page, title="Morning <i>yoga</i>")
    return f"/boats/entries/{entry.uuid}/"


def head_of(html: str) -> str:
    """What stands above the card."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<header>")[2].partition("</header>")[0]).split())


def assert_is_of_studio(html: str, studio: Account) -> None:
    assert head_of(html) == studio.name
    assert ('data-accent="violet"' in html, f"– {studio.name}</title>" in html) == (True, True)
    assert "You’ll then go on to book “Morning &lt;i&gt;yoga&lt;/i&gt;” at " in html


@pytest.mark.parametrize("at", PAGES)
@pytest.mark.parametrize("rest", ["", "book/", "book/?t1=1"])
def test_each_page_is_the_studios_and_says_what_comes_next(
    client: Client, studio: Account, entry_path: str, at: str, rest: str
) -> None:
    assert_is_of_studio(client.get(at, {"next": f"{entry_path}{rest}"}).content.decode(), studio)


def test_so_is_what_follows_up_to_the_new_password(client: Client, studio: Account, entry_path: str) -> None:
    sent = client.post(f"/accounts/signup/?next={entry_path}?t1=1", {"email": "nia@example.org"}, follow=True)
    assert_is_of_studio(sent.content.decode(), studio)

    found = re.search(r"https?://[^/]+(/\S+)", Letter.objects.get(recipient="nia@example.org").text)
    assert found is not None
    form = client.get(found[1])["Location"]
    assert_is_of_studio(client.get(form).content.decode(), studio)
    assert client.post(form, {"name": "Nia", "password": "three wet otters"})["Location"] == f"{entry_path}?t1=1"

    dead = client.get(found[1])
    assert (dead.status_code, "/accounts/login/?next=%2Fboats%2F" in dead.content.decode()) == (410, True)
    assert_is_brand(dead.content.decode(), studio)


def assert_is_brand(html: str, studio: Account) -> None:
    assert head_of(html) == studio.name


def test_an_error_keeps_it(client: Client, studio: Account, entry_path: str) -> None:
    UserFactory.create(email="ada@example.org")

    for at, typed in (("/accounts/login/", {"login": "ada@example.org", "password": "x"}), (PAGES[1], {"email": "x"})):
        assert_is_of_studio(client.post(f"{at}?next={entry_path}", typed).content.decode(), studio)


@pytest.mark.parametrize(
    "path", ["", "/", "/nobody/", "/boats/entries/x/", "https://boats.example/", "/my/", "/dashboard/river/", "//["]
)
@pytest.mark.usefixtures("entry_path")
def test_elsewhere_it_is_the_sites_own(client: Client, path: str) -> None:
    html = client.get(PAGES[0], {"next": path}).content.decode()

    assert (head_of(html), "You’ll then" in html) == ("Bookwhen", False)


def test_an_event_that_is_not_there_tells_the_studio_alone(client: Client, studio: Account, entry_path: str) -> None:
    assert entry_path
    told = page_text(client.get(PAGES[0], {"next": f"/boats/entries/{uuid4()}/"}))

    assert f"You’ll then go straight back to {studio.name}." in told


def test_creating_a_studio_begins_with_signing_up(client: Client) -> None:
    answer = client.get("/start/", follow=True)

    assert answer.redirect_chain == [("/accounts/signup/?next=%2Fstart%2F", 302)]
    assert page_text(answer).startswith(
        "Create your studio First, your own account: enter your email address and we’ll send you a link to continue. "
        "You’ll then name your studio. Its first page is online in a minute. Email address Send me the link"
    )
    assert 'href="/accounts/login/?next=%2Fstart%2F"' in answer.content.decode()
    assert client.post("/start/", {"name": "River"})["Location"] == "/accounts/signup/?next=%2Fstart%2F"
