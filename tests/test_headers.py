"""What the headers say: who may keep an answer, what a page may use, who may load it; and whose our cookies are."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from pytest_django import Settings

from accounts.models import SchedulePage
from bookwhen.headers import PERMISSIONS
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.test_strangers import ROUTES, patterns
from tests.worlds.full_studio import FullStudio
from tickets.models import Booking, Entry
from tickets.public.basket.cookie import clear_basket_cookie, set_basket_cookie

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
ASK = """
import json
from bookwhen import settings
names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
print(json.dumps([getattr(settings, name) for name in names.split()]))
"""
PRIVATE = "private, no-store"


def cached_as(response: "HttpResponse | Answer") -> str:
    return response.headers.get("Cache-Control", "")


def test_nothing_of_the_dashboard_is_kept_by_anybody() -> None:
    studio = FullStudio()
    owner, stranger, nobody = open_browser(studio.staff.user), open_browser(UserFactory.create()), Client()
    for send in (owner.get, stranger.get, stranger.post, nobody.get, nobody.post):
        found = {route: cached_as(send(studio.address(route))) for route in ROUTES}
        assert found == dict.fromkeys(ROUTES, PRIVATE)


def routes_without_a_value() -> list[str]:
    """Every address of the site that names nothing."""
    return sorted({route for route in patterns(get_resolver()) if "<" not in route and "^" not in route})


def test_nothing_of_a_persons_own_pages_is_kept() -> None:
    own = [route for route in routes_without_a_value() if route.startswith(("my/", "accounts/", "dashboard/"))]
    assert {"my/", "my/details/", "my/memberships/", "my/sessions/", "my/two-step/", "accounts/login/"} <= set(own)

    for client in (open_browser(UserFactory.create()), Client()):
        assert {route: cached_as(client.get(f"/{route}")) for route in own} == dict.fromkeys(own, PRIVATE)


@pytest.fixture
def public_page() -> SchedulePage:
    return FullStudio().account.pages.get()


def test_a_public_page_is_private_once_somebody_is_logged_in(public_page: SchedulePage) -> None:
    entry = Entry.objects.get().uuid
    public = ["/", *(f"/{public_page.slug}/{rest}" for rest in ("", f"entries/{entry}/", "memberships/", "basket/"))]
    client = open_browser(UserFactory.create())

    assert {path: cached_as(client.get(path)) for path in public} == dict.fromkeys(public, PRIVATE)


def test_a_public_page_of_nobody_is_kept_and_asked_for_each_time(public_page: SchedulePage) -> None:
    assert cached_as(Client().get(f"/{public_page.slug}/")) == "no-cache"
    assert cached_as(Client().get(f"/{public_page.slug}/entries/{Entry.objects.get().uuid}/")) == ""
    for client in (Client(), open_browser(UserFactory.create())):
        assert cached_as(client.get(f"/{public_page.slug}/calendar.ics")) == "public, max-age=300"


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nowhere/", "/static/css/base.css", "/health/live/"])
def test_no_page_uses_a_device_and_no_other_site_loads_ours(path: str) -> None:
    response = Client().get(path)

    assert response["Permissions-Policy"] == PERMISSIONS
    assert "camera=()" in PERMISSIONS.split(", ")
    assert "publickey-credentials-get=(self)" in PERMISSIONS.split(", ")
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_page_of_ours_is_alone_in_its_window() -> None:
    assert Client().get("/")["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_page_for_the_address_of_a_button_stands_in_no_frame_either(public_page: SchedulePage) -> None:
    answer = Client().get(f"/{public_page.slug}/basket/pay/")
    assert (answer.status_code, answer["X-Frame-Options"]) == (405, "DENY")


@pytest.mark.parametrize(("url", "prefix"), [("https://book.example", "__Host-"), ("http://127.0.0.1:8000", "")])
def test_over_https_only_this_host_can_set_our_cookies(url: str, prefix: str) -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            ASK,
        ],
        cwd=ROOT,
        env={**os.environ, "SITE_URL": url},
        capture_output=True,
        check=True,
        text=True,
    )
    secure = bool(prefix)
    assert json.loads(said.stdout) == [f"{prefix}sessionid", f"{prefix}csrftoken", secure, secure]


def test_the_basket_cookie_is_this_hosts_alone_too(settings: Settings, public_page: SchedulePage) -> None:
    settings.SESSION_COOKIE_SECURE = True
    response, request = HttpResponse(), RequestFactory().get("/")
    basket = Booking(account=public_page.account, uuid=uuid4())
    set_basket_cookie(response, basket)

    [(name, cookie)] = response.cookies.items()
    assert name == f"__Host-basket-{public_page.account_id}"
    assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["httponly"]) == (True, "/", "", True)
    request.COOKIES[name] = str(basket.uuid)
    clear_basket_cookie(request, response, basket)
    assert (response.cookies[name]["max-age"], response.cookies[name]["secure"]) == (0, True)


def test_search_engines_are_not_given_a_list_of_studios(public_page: SchedulePage) -> None:
    assert Client().get("/sitemap.xml").status_code == 404
    assert public_page.title not in Client().get("/").content.decode()
