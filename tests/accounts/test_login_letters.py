"""Each change of what opens a login is told to its owner."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.identity import write_token
from accounts.login_letters import LoginChange, notify_login_changed
from accounts.models import Letter, User
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.two_step import PASSWORD, pass_second_step

pytestmark = pytest.mark.django_db

AT = "2030-01-15T12:00:00Z"


@time_machine.travel(AT, tick=False)
def test_a_changed_password_is_told_with_when_and_what_to_do() -> None:
    user = UserFactory.create(email="ada@example.org")

    open_browser(user).post("/my/details/password/", {"current": PASSWORD, "password": "three wet otters"})

    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.account) == ("login_changed", "ada@example.org", None)
    assert letter.subject == "Your password was changed"
    assert letter.text == (
        "Your password was changed at Bookwhen on 15 January 2030, 12:00 UTC.\n\n"
        "If this was you, there’s nothing else to do.\n\n"
        "If it wasn’t, someone else may be able to log in as you. Choose a new password straight away: that logs out "
        "every device. Then check your two-step login under “My details”.\n\n"
        "Choose a new password: http://testserver/accounts/password/reset/\n"
    )


def test_a_refused_change_is_not_told() -> None:
    client = open_browser(UserFactory.create())
    client.post("/my/details/password/", {"current": "wrong", "password": "three wet otters"})
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("has_password", [True, False])
def test_a_password_chosen_by_a_link_is_told_if_there_was_one_before(*, has_password: bool) -> None:
    user: User | None = UserFactory.create(email="ada@example.org", name="Ada") if has_password else None
    client = Client()
    token = write_token("ada@example.org", next_path="", user=user, now=timezone.now())
    form = client.get(f"/accounts/password/reset/{token}/")["Location"]

    client.post(form, {"name": "Ada", "password": "three wet otters"})

    found = list(Letter.objects.values_list("subject", flat=True))
    assert found == (["Your password was changed"] if has_password else [])


def test_a_passkey_removed_is_told() -> None:
    user = UserFactory.create()
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key", "credential": {}})
    client = open_browser(user)
    pass_second_step(client, user)
    client.post("/my/confirm/", {"password": PASSWORD})

    client.post(f"/my/two-step/passkeys/{key.pk}/remove/")

    assert [letter.subject for letter in Letter.objects.all()] == [
        "A passkey or security key was removed from your login"
    ]


@pytest.mark.parametrize("change", LoginChange)
def test_every_change_has_a_letter_under_the_sites_name(change: LoginChange, settings: Settings) -> None:
    settings.SITE_NAME = "Acme & Co"

    notify_login_changed(UserFactory.create(), change, now=timezone.now())

    letter = Letter.objects.get()
    assert letter.text.startswith(f"{letter.subject} at Acme & Co on ")
    assert ("/accounts/login/" in letter.text) is (change == LoginChange.RESET)
    assert ("/accounts/password/reset/" in letter.text) is (change != LoginChange.RESET)
