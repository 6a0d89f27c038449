"""Where somebody is logged in: a list of browsers, each of which they can end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.identity import write_token
from accounts.models import Letter, LoginSession, User
from accounts.sessions import describe_browser
from tests.browsing import open_browser, page_text
from tests.factories.accounts import UserFactory
from tests.two_step import PASSWORD

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)
LIST = "/my/sessions/"
NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


def log_in(user: User, agent: str, address: str = "10.0.0.1") -> Client:
    client = Client(REMOTE_ADDR=address, headers={"user-agent": agent})
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/my/details/").status_code == 200


def test_each_browser_is_listed_in_plain_words_this_one_first() -> None:
    user = UserFactory.create()
    log_in(UserFactory.create(), FIREFOX)
    with time_machine.travel(NOON, tick=False) as clock:
        here = log_in(user, FIREFOX)
        clock.shift(timedelta(hours=2))
        log_in(user, IPHONE, "2001:db8::1")
        clock.shift(timedelta(hours=2))

        text = page_text(here.get(LIST))

    assert "Firefox on Windows This device 10.0.0.1 Now Safari on iPhone 2001:db8::1 15 January 2030, 14:00 UTC" in text
    assert "Log out everywhere else" in text


def test_logging_out_everywhere_else_ends_the_others_and_nobody_elses() -> None:
    user, other = UserFactory.create(), UserFactory.create()
    here, there, theirs = log_in(user, FIREFOX), log_in(user, IPHONE), log_in(other, FIREFOX)

    here.post(f"{LIST}end/")

    assert [is_in(each) for each in (here, there, theirs)] == [True, False, True]
    assert LoginSession.objects.filter(user=user).count() == 1
    assert "Log out everywhere else" not in page_text(here.get(LIST))


def test_one_browser_is_ended_alone_and_only_by_its_owner() -> None:
    user, other = UserFactory.create(), UserFactory.create()
    here, phone, tablet = log_in(user, FIREFOX), log_in(user, IPHONE), log_in(user, IPHONE)
    pk = LoginSession.objects.get(session_key=phone.session.session_key).pk

    log_in(other, FIREFOX).post(f"{LIST}{pk}/end/")
    assert [is_in(each) for each in (here, phone, tablet)] == [True, True, True]
    here.post(f"{LIST}{pk}/end/")
    assert [is_in(each) for each in (here, phone, tablet)] == [True, False, True]


def test_strangers_are_asked_to_log_in() -> None:
    assert Client().get(LIST)["Location"] == f"/accounts/login/?next={LIST}"
    for path in (f"{LIST}end/", f"{LIST}1/end/"):
        assert Client().post(path)["Location"] == f"/accounts/login/?next={path}"
        assert open_browser(UserFactory.create()).get(path).status_code == 405


def test_changing_the_password_ends_the_others_and_keeps_this_one() -> None:
    user = UserFactory.create()
    here, there = log_in(user, FIREFOX), log_in(user, IPHONE)

    here.post("/my/details/password/", {"current": PASSWORD, "password": "three wet otters"})

    assert LoginSession.objects.get().session_key == here.session.session_key
    assert [is_in(here), is_in(there)] == [True, False]
    assert page_text(here.get(LIST)).count("Firefox on Windows") == 1


def test_choosing_a_password_by_a_link_ends_every_other() -> None:
    user = UserFactory.create(name="Ada")
    there, here = log_in(user, IPHONE), Client()
    token = write_token(user.email, next_path="", user=User.objects.get(), now=timezone.now())
    form = here.get(f"/accounts/password/reset/{token}/")["Location"]

    here.post(form, {"password": "three wet otters"})

    assert [is_in(here), is_in(there)] == [True, False]
    assert LoginSession.objects.get().session_key == here.session.session_key
    assert Letter.objects.get().subject == "Your password was changed"


def test_logging_out_takes_the_browser_off_the_list() -> None:
    user = UserFactory.create()
    client = log_in(user, FIREFOX)
    client.post("/accounts/logout/")
    assert LoginSession.objects.count() == 0


def test_a_session_that_has_run_out_is_not_listed() -> None:
    user = UserFactory.create()
    here, there = log_in(user, FIREFOX), log_in(user, IPHONE)
    Session.objects.filter(session_key=there.session.session_key).update(expire_date=timezone.now())

    assert "iPhone" not in page_text(here.get(LIST))
    assert LoginSession.objects.count() == 1


def test_when_a_browser_was_last_used_is_noted_once_an_hour() -> None:
    user = UserFactory.create()
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in(user, FIREFOX)
        seen = []
        for minutes in (0, 59, 1, 30):
            clock.shift(timedelta(minutes=minutes))
            client.get("/my/details/")
            seen.append(LoginSession.objects.get().seen_at)
    assert seen == [NOON, NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=1)]


def test_a_session_from_before_this_list_is_noted_when_it_is_next_used() -> None:
    client = log_in(UserFactory.create(), FIREFOX)
    LoginSession.objects.all().delete()
    session = client.session
    del session["login_session"]
    session.save()
    client.get("/my/details/")

    assert "Firefox on Windows This device" in page_text(client.get(LIST))


def test_a_new_secret_key_keeps_the_session_and_its_line(settings: Settings) -> None:
    client = log_in(UserFactory.create(), FIREFOX)
    before = client.session.session_key
    settings.SECRET_KEY_FALLBACKS = [site_settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as long as it needs to be for the purposes of this test"

    assert is_in(client)
    assert client.session.session_key != before
    assert LoginSession.objects.get().session_key == client.session.session_key


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_takes_as_many_statements_for_five_as_for_one(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = UserFactory.create()
    client = log_in(user, FIREFOX)
    for _number in range(count - 1):
        log_in(user, IPHONE)
    client.get(LIST)
    with django_assert_num_queries(3):
        client.get(LIST)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", "Safari on Mac"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
        ("<script>alert(1)</script> Linux", "Linux"),
    ],
)
def test_a_browser_is_described_in_plain_words(agent: str, words: str) -> None:
    assert describe_browser(agent) == words


def test_what_a_browser_claims_to_be_may_be_anything() -> None:
    client = log_in(UserFactory.create(), "\x00<b>" + "x" * 5000)
    assert "Unknown browser" in page_text(client.get(LIST))
