"""The site is called as its setting says: on pages, in e-mails and in calendar files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from pytest_django import Settings

from accounts.identity import send_link
from accounts.models import Letter
from bookwhen.sandbox import check
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, EntryFactory
from tests.test_strangers import ROUTES
from tests.worlds.full_studio import FullStudio
from tickets.calendar import calendar_of

ROOT = Path(settings.BASE_DIR)
TRANSLATES = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)


@pytest.fixture
def _acme(settings: Settings) -> None:
    settings.SITE_NAME = "Acme"


def spoken(path: Path) -> Iterator[str]:
    """The texts for people in a Python file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATES:
            yield from (
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def test_no_text_names_the_product_by_itself() -> None:
    templates = {name: COMMENT.sub("", (ROOT / name).read_text()) for name in check.files(ROOT, "html")}
    code = {name: " ".join(spoken(ROOT / name)) for name in check.files(ROOT, "py")}

    found = {name for name, text in (templates | code).items() if "Bookwhen" in text}

    assert (len(templates) > 100, "templates/tickets/letters/booked.html" in templates) == (True, True)
    assert found == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("_acme")
def test_the_dashboard_says_the_sites_name() -> None:
    studio = FullStudio()
    owner = open_browser(studio.staff.user)

    pages = {route: owner.get(studio.address(route), {"seat": studio.seat}) for route in ROUTES}

    said = {route: page.getvalue().decode() for route, page in pages.items() if page.status_code == 200}
    assert len(said) > 30
    assert {route for route, html in said.items() if "Bookwhen" in html} == set()
    assert "Acme cancellation" in said["dashboard/<slug:account>/subscriptions/<int:pk>/cancel/"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_acme")
@pytest.mark.parametrize("name", ["home", "account_login", "account_signup", "account_reset_password", "my_bookings"])
def test_the_sites_own_pages_say_its_name(name: str) -> None:
    user = UserFactory.create()

    html = open_browser(user if name == "my_bookings" else None).get(reverse(name)).content.decode()

    assert ("Acme" in html, "Bookwhen" in html) == (True, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_acme")
def test_a_studios_public_pages_say_who_runs_the_booking() -> None:
    entry = EntryFactory.create()
    page = f"/{entry.page.slug}/"

    for address in (page, f"{page}entries/{entry.uuid}/", f"{page}basket/", f"{page}memberships/"):
        html = Client().get(address).content.decode()
        assert ("Bookings by Acme" in html, "Bookwhen" in html) == (True, False), address


@pytest.mark.django_db
@pytest.mark.usefixtures("_acme")
def test_an_email_says_the_sites_name() -> None:
    send_link("ada@example.org", next_path="/", now=NOW)

    letter = Letter.objects.get()
    assert ("Acme" in letter.text, "Bookwhen" in letter.text + letter.subject + letter.html) == (True, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_acme")
def test_a_calendar_file_says_what_made_it() -> None:
    entry = EntryFactory.create()

    made = Calendar.from_ical(calendar_of([entry], name="Classes", now=NOW))

    assert made["prodid"] == "-//Acme//Bookings//EN"
