"""Two-step login: asked for at every way in, once set up; set up, changed and lost."""

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks as Capture

from accounts.identity import write_token
from accounts.models import Letter, LoginSession, User
from bookwhen.payments.encryption import decrypt
from tests.browsing import open_browser, page_text
from tests.factories.accounts import UserFactory
from tests.two_step import PASSWORD, STEP, add_app, add_passkey, app_code, log_in_by_app, recovery_codes, type_password

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

PAGES = [
    "/my/two-step/",
    "/my/two-step/needed/",
    "/my/two-step/app/",
    "/my/two-step/codes/",
    "/my/two-step/codes/new/",
    "/my/two-step/codes/download/",
    "/my/two-step/passkeys/new/",
    "/my/confirm/",
    "/my/confirm/?next=/my/",
    "/my/two-step/confirm/code/",
    "/my/two-step/confirm/passkey/",
]
WRONG = "That didn’t work. Check that it’s the newest code, then try again."


@pytest.fixture
def ada() -> User:
    return UserFactory.create(email="ada@example.org", name="Ada")


def answer(data: str, handle: str) -> str:
    """What a browser answers for a passkey, with parts that no key made."""
    response = {
        "clientDataJSON": "e30",
        "attestationObject": "oA",
        "authenticatorData": data,
        "signature": "AA",
        "userHandle": handle,
    }
    return json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": response})


def is_in(client: Client) -> bool:
    return client.get("/my/details/").status_code == 200


def confirm(client: Client, path: str) -> "Answer":
    """Open a page that asks again who it is, and answer with the password."""
    asked = client.get(path)
    assert asked["Location"].startswith("/my/confirm/?next="), asked.headers
    return client.post(asked["Location"], {"password": PASSWORD, "next": path}, follow=True)


def letters() -> list[str]:
    return list(Letter.objects.filter(kind="login_changed").order_by("pk").values_list("subject", flat=True))


def test_a_password_alone_does_not_log_in_who_has_a_second_step(ada: User) -> None:
    secret, client = add_app(ada), Client()

    asked = type_password(client, ada, next_path="/my/details/")

    assert (asked.status_code, asked["Location"], is_in(client)) == (302, STEP, False)
    assert page_text(client.get(STEP)).startswith(
        "Second step That’s the right password. One more step to show that it’s you. Code"
    )
    done = client.post(STEP, {"code": app_code(secret)})
    assert (done.status_code, done["Location"], is_in(client)) == (302, "/my/details/", True)


def test_a_password_chosen_by_a_link_does_not_skip_it_either(ada: User) -> None:
    secret, client = add_app(ada), Client()
    token = write_token(ada.email, next_path="/my/details/", user=ada, now=timezone.now())
    form = client.get(f"/accounts/password/reset/{token}/")["Location"]

    done = client.post(form, {"password": "three wet otters"})

    assert (done.status_code, done["Location"], is_in(client)) == (302, STEP, False)
    assert client.post(STEP, {"code": app_code(secret)})["Location"] == "/my/details/"
    assert is_in(client)


def test_a_link_opened_where_somebody_is_logged_in_asks_for_the_second_step_all_the_same(ada: User) -> None:
    add_app(ada)
    token = write_token(ada.email, next_path="", user=ada, now=timezone.now())
    client = open_browser(UserFactory.create())
    form = client.get(f"/accounts/password/reset/{token}/")["Location"]

    done = client.post(form, {"password": "three wet otters"})

    assert (done["Location"], client.get(STEP).status_code, is_in(client)) == (STEP, 200, False)


def test_a_code_is_good_once(ada: User) -> None:
    secret = add_app(ada)
    with time_machine.travel("2030-01-01T12:00:05Z", tick=False) as clock:
        code = app_code(secret)
        assert is_in(log_in_by_app(ada, secret))
        # It would be good for another minute: a phone may be late. The library remembers it for half of one.
        clock.shift(timedelta(seconds=31))
        cache.delete(f"allauth.mfa.totp.used?user={ada.pk}&code={code}")
        client = Client()
        type_password(client, ada)
        again = client.post(STEP, {"code": code})
        assert (again.status_code, is_in(client)) == (200, False)
        assert WRONG in page_text(again)
        assert client.post(STEP, {"code": app_code(secret)}).status_code == 302


def test_a_phones_clock_may_be_half_a_minute_wrong_and_no_more(ada: User) -> None:
    secret = add_app(ada)
    with time_machine.travel("2030-01-01T12:00:05Z", tick=False):
        for later, found in ((-2, False), (2, False), (-1, True)):
            client = Client()
            type_password(client, ada)
            client.post(STEP, {"code": app_code(secret, later=later)})
            assert (later, is_in(client)) == (later, found)


def test_codes_are_not_guessed(ada: User) -> None:
    secret, client = add_app(ada), Client()
    type_password(client, ada)
    for number in range(5):
        client.post(STEP, {"code": f"{number:06}"})

    refused = client.post(STEP, {"code": app_code(secret)})

    assert (refused.status_code, is_in(client)) == (200, False)
    assert "Too many attempts" in page_text(refused)


def test_a_recovery_code_logs_in_once_and_its_owner_is_told(ada: User) -> None:
    add_app(ada)
    [code, *rest] = recovery_codes(ada)
    first, second = Client(), Client()
    for client in (first, second):
        type_password(client, ada)
        client.post(STEP, {"code": code})

    assert (is_in(first), is_in(second), recovery_codes(ada)) == (True, False, rest)
    assert letters() == ["A recovery code was used to log in as you"]


# What follows from a new method is done once it is committed: so it is, before the next page is opened.
@pytest.mark.django_db(transaction=True)
@time_machine.travel("2030-01-01T12:00:05Z", tick=False)
def test_an_app_is_added_by_its_first_code(ada: User) -> None:
    client = open_browser(ada)
    page = confirm(client, "/my/two-step/app/")
    text = page.content.decode()
    # The class gives it white ground: phones do not read it on a dark page.
    assert '<img class="qr-code" src="data:image/svg+xml;base64,' in text
    secret = re.findall(r"<code[^>]*>([A-Z2-7]{32})</code>", text)[0]
    assert WRONG in page_text(client.post("/my/two-step/app/", {"code": "000000"}))

    done = client.post("/my/two-step/app/", {"code": app_code(secret)}, follow=True)

    assert done.redirect_chain == [("/my/two-step/codes/", 302)]
    assert [code in page_text(done) for code in recovery_codes(ada)] == [True] * 10
    assert letters() == ["An authenticator app was added to your login"]
    assert "Authenticator app On" in page_text(client.get("/my/two-step/"))
    other = Client()
    type_password(other, ada)
    assert client.get("/my/two-step/codes/download/").content.decode().split() == recovery_codes(ada)
    assert WRONG in page_text(other.post(STEP, {"code": app_code(secret)}))


def test_an_app_is_removed_and_its_codes_with_it(ada: User) -> None:
    client = log_in_by_app(ada, add_app(ada))
    confirm(client, "/my/two-step/app/remove/")

    done = client.post("/my/two-step/app/remove/")

    assert (done["Location"], Authenticator.objects.count()) == ("/my/two-step/", 0)
    assert letters() == ["The authenticator app was removed from your login"]
    assert type_password(Client(), ada)["Location"] == "/my/"


def test_new_recovery_codes_replace_the_old_ones(ada: User, django_capture_on_commit_callbacks: Capture) -> None:
    client = log_in_by_app(ada, add_app(ada))
    before = recovery_codes(ada)
    confirm(client, "/my/two-step/codes/new/")

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/my/two-step/codes/new/")

    assert (len(recovery_codes(ada)), set(recovery_codes(ada)) & set(before)) == (10, set())
    assert letters() == ["New recovery codes were created for your login"]


@pytest.mark.parametrize("path", [path for path in PAGES if "confirm" not in path and "needed" not in path][1:])
def test_nothing_is_changed_or_shown_before_they_say_again_who_they_are(path: str, ada: User) -> None:
    client = log_in_by_app(ada, add_app(ada))
    path = "/my/two-step/app/remove/" if path == "/my/two-step/app/" else path

    answers = [method(path).headers.get("Location", "nowhere") for method in (client.get, client.post)]

    # The page that shows the codes takes no form.
    assert {answer.partition("?")[0] for answer in answers} <= {"/my/confirm/", "nowhere"}
    assert answers[0].startswith("/my/confirm/?next=")
    assert Authenticator.objects.count() == 2


def test_the_password_is_not_guessed_where_it_is_asked_again(ada: User) -> None:
    client = open_browser(ada)
    answers = [client.post("/my/confirm/", {"password": "wrong"}) for _number in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Enter the password you log in with now" in page_text(answers[0])


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_log_in(path: str) -> None:
    for method in (Client().get, Client().post):
        assert method(path)["Location"].startswith("/accounts/login/")


def test_somebody_elses_passkey_does_not_exist(ada: User) -> None:
    key = Authenticator.objects.create(
        user=ada, type="webauthn", data={"name": "Ada’s laptop", "credential": {"id": "x"}}
    )
    client = open_browser(UserFactory.create())
    client.post("/my/confirm/", {"password": PASSWORD})
    for path in (f"/my/two-step/passkeys/{key.pk}/", f"/my/two-step/passkeys/{key.pk}/remove/"):
        assert (client.get(path).status_code, client.post(path, {"name": "Mine"}).status_code) == (404, 404)
    assert Authenticator.objects.get().data["name"] == "Ada’s laptop"


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "[]",
        "1",
        "null",
        "{}",
        "[" * 30_000,
        "[" * 9_000 + "]" * 9_000,
        '{"id": "\\u0000"}',
        '{"id": "\\ud800", "rawId": "\\ud800"}',
        '{"response": []}',
        '{"response": {"userHandle": 1}}',
        '{"response": {"userHandle": "////////"}}',
        answer("AA", "Zzzzzzzzzzzzzzzzzzzz"),
        answer("A" * 80, "MQ"),
        "Infinity",
        "9" * 5000,
    ],
)
def test_what_no_browser_would_send_as_a_passkey_is_refused(credential: str, ada: User) -> None:
    client = log_in_by_app(ada, add_app(ada))
    confirm(client, "/my/two-step/passkeys/new/")
    client.get("/my/two-step/passkeys/new/")
    added = client.post("/my/two-step/passkeys/new/", {"name": "Key", "credential": credential})
    halfway, stranger = Client(), Client()
    type_password(halfway, ada)
    halfway.get(STEP)
    stepped = halfway.post(STEP, {"credential": credential})
    stranger.get("/accounts/passkey/", headers={"accept": "application/json"})
    logged_in = stranger.post("/accounts/passkey/", {"credential": credential})
    again = client.post("/my/two-step/confirm/passkey/", {"credential": credential})

    assert (added.status_code, stepped.status_code, logged_in["Location"]) == (200, 200, "/accounts/login/")
    assert again.status_code == 302
    assert (is_in(halfway), is_in(stranger)) == (False, False)
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_secrets_are_encrypted_in_the_database(ada: User) -> None:
    secret = add_app(ada)
    app, codes = Authenticator.objects.order_by("pk")

    assert secret not in str(app.data)
    assert decrypt(app.data["secret"]) == secret
    assert len(decrypt(codes.data["seed"])) == 80


def test_who_lost_everything_is_let_in_again_by_the_keeper_and_told(ada: User) -> None:
    client = log_in_by_app(ada, add_app(ada))

    call_command("reset_two_step", "ADA@example.org")

    assert (Authenticator.objects.count(), LoginSession.objects.count(), is_in(client)) == (0, 0, False)
    assert letters() == ["Your two-step login was reset"]
    assert type_password(Client(), ada)["Location"] == "/my/"
    with pytest.raises(CommandError, match=r"Nobody logs in as eve@example\.org\."):
        call_command("reset_two_step", "eve@example.org")


def test_my_details_says_whether_it_is_on(ada: User) -> None:
    client = open_browser(ada)
    assert "Two-step login Set it up" in page_text(client.get("/my/details/"))
    add_app(ada)
    assert "Two-step login On: change it" in page_text(client.get("/my/details/"))


@pytest.mark.parametrize(
    "path", ["codes/", "codes/new/", "codes/download/", "app/remove/", "passkeys/new/", "passkeys/{key}/remove/"]
)
def test_a_browser_from_before_cannot_see_or_change_the_second_step_by_the_password_alone(ada: User, path: str) -> None:
    old, key = open_browser(ada), add_passkey(ada)
    secret = add_app(ada)
    address = f"/my/two-step/{path.format(key=key.pk)}"
    old.post("/my/confirm/", {"password": PASSWORD, "next": "/my/"})

    for asked in (old.get(address), old.post(address)):
        assert (asked.status_code, asked["Location"]) == (302, f"/my/two-step/needed/?{urlencode({'next': address})}")
    assert Authenticator.objects.filter(user=ada).count() == 3

    needed = old.get(asked["Location"])["Location"]
    back = old.post(needed, {"code": app_code(secret), "next": "/my/two-step/needed/"})
    assert (back["Location"], old.get(back["Location"])["Location"]) == ("/my/two-step/needed/", address)
    assert old.get(address).status_code == 200
