"""Where `next` leads: to a path of this site, or nowhere; never to an error page."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.identity import write_token
from accounts.return_paths import LONGEST, local_path
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.two_step import PASSWORD

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "foo",
    "account_login",
    "dashboard:overview",
    "a" * 5000,
    "/" + "a" * 5000,
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "https://evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example/",
    "/ok\r\nSet-Cookie: a=b",
    "/\x00",
    "/\u202efdp",
    " /my/",
    "?",
    "#",
    ".",
    "%",
    "",
]
HERE = ["/", "/my/", "/river/entries/3/?show=past#top", "/a:b:c/", "/caf%C3%A9/", "/my/?q=a%0Ab", "/%2F/evil.example/"]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_what_is_not_a_path_of_this_site_leads_nowhere(wanted: str) -> None:
    assert local_path(wanted) == ""


@pytest.mark.parametrize("wanted", [*HERE, "/" + "a" * (LONGEST - 1)])
def test_a_path_of_this_site_stays_as_it_is(wanted: str) -> None:
    assert local_path(wanted) == wanted


@pytest.mark.parametrize("wanted", ELSEWHERE)
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/login/", "/accounts/logout/", "/my/two-step/needed/"])
def test_a_page_of_somebody_logged_in_goes_to_the_usual_place_instead(path: str, wanted: str) -> None:
    answers = [
        getattr(open_browser(UserFactory.create()), method)(f"{path}?{urlencode({'next': wanted})}")
        for method in ("get", "post")
    ]

    assert {answer.headers.get("Location", "") for answer in answers} <= {"/", "/my/", ""}
    assert {answer.status_code for answer in answers} <= {200, 302}


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_logging_in_goes_to_the_usual_place_instead(wanted: str) -> None:
    user = UserFactory.create()

    answer = Client().post(
        f"/accounts/login/?{urlencode({'next': wanted})}", {"login": user.email, "password": PASSWORD}
    )

    assert (answer.status_code, answer["Location"]) == (302, "/my/")


@pytest.mark.parametrize("wanted", ELSEWHERE)
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/"])
def test_asking_for_a_link_carries_none_of_it_along(path: str, wanted: str) -> None:
    client = Client()

    asked = client.get(f"{path}?{urlencode({'next': wanted})}")
    sent = client.post(f"{path}?{urlencode({'next': wanted})}", {"email": "ada@example.org"}, follow=True)

    assert (asked.status_code, sent.status_code) == (200, 200)
    assert (asked.context["next"], client.session["link_sent_for"]) == ("", "")


@pytest.mark.parametrize("wanted", ["foo", "dashboard:overview", "//evil.example/", "/ok\nx"])
def test_a_link_that_was_written_with_such_a_place_leads_to_the_usual_one(wanted: str) -> None:
    user: User = UserFactory.create(name="Ada")
    client = Client()
    token = write_token(user.email, next_path=wanted, user=user, now=timezone.now())
    form = client.get(reverse("account_open_link", args=[token]))["Location"]

    done = client.post(form, {"password": "three wet otters"})

    assert (done.status_code, done["Location"]) == (302, "/my/")


def test_signing_up_while_logged_in_goes_on_to_the_page_that_was_wanted() -> None:
    assert open_browser(UserFactory.create()).get("/accounts/signup/?next=/my/details/")["Location"] == "/my/details/"
