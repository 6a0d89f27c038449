"""After a change of SECRET_KEY, what the old one signed or sealed still opens, as long as it is a fallback."""

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as site_settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.identity import DeadLinkError, read_token, write_token
from accounts.two_step import reencrypt_two_step
from bookwhen.jobs.run import Run
from bookwhen.payments.encryption import decrypt
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.two_step import STEP, add_app, app_code, log_in_by_app, recovery_codes, type_password

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db

NEW = "another key, as long as it needs to be for the purposes of this test"


def change_key(settings: Settings, *, keep_old: bool) -> None:
    settings.SECRET_KEY_FALLBACKS = [site_settings.SECRET_KEY] if keep_old else []
    settings.SECRET_KEY = NEW


@pytest.mark.parametrize("has_login", [True, False])
def test_a_link_in_an_email_opens(settings: Settings, *, has_login: bool) -> None:
    user: User | None = UserFactory.create(email="ada@example.org") if has_login else None
    token = write_token("ada@example.org", next_path="/my/", user=user, now=timezone.now())

    change_key(settings, keep_old=True)

    assert read_token(token, now=timezone.now()).user == user
    assert Client().get(f"/accounts/password/reset/{token}/").status_code == 302


def test_a_link_that_has_done_its_work_stays_dead(settings: Settings) -> None:
    user = UserFactory.create(email="ada@example.org")
    token = write_token(user.email, next_path="", user=user, now=timezone.now())
    user.set_password("three wet otters")
    user.save()

    change_key(settings, keep_old=True)

    with pytest.raises(DeadLinkError):
        read_token(token, now=timezone.now())


def test_without_the_old_key_a_link_is_dead(settings: Settings) -> None:
    token = write_token("ada@example.org", next_path="", user=None, now=timezone.now())

    change_key(settings, keep_old=False)

    with pytest.raises(DeadLinkError):
        read_token(token, now=timezone.now())


def test_sessions_go_on(settings: Settings) -> None:
    user = UserFactory.create()
    client, stepped = open_browser(user), log_in_by_app(user, add_app(user))

    change_key(settings, keep_old=True)

    for each in (client, stepped):
        assert [each.get("/my/details/").status_code for _time in range(2)] == [200, 200]


def test_the_second_step_works_by_the_app_and_by_a_recovery_code(settings: Settings) -> None:
    user = UserFactory.create()
    secret = add_app(user)
    codes = recovery_codes(user)

    change_key(settings, keep_old=True)

    for code in (app_code(secret), codes[0]):
        client = Client()
        type_password(client, user)
        assert client.post(STEP, {"code": code})["Location"] == "/my/"


def test_secrets_are_encrypted_again_so_that_the_old_key_can_go(settings: Settings) -> None:
    user = UserFactory.create()
    secret, codes = add_app(user), recovery_codes(user)
    change_key(settings, keep_old=True)

    reencrypt_two_step(Run("reencrypt", now=timezone.now()))

    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret
    assert recovery_codes(user) == codes


def test_a_lost_key_lets_nobody_in_and_breaks_no_page(settings: Settings) -> None:
    user = UserFactory.create()
    secret, codes = add_app(user), recovery_codes(user)

    change_key(settings, keep_old=False)
    reencrypt_two_step(Run("reencrypt", now=timezone.now()))

    for code in (app_code(secret), codes[0]):
        client = Client()
        type_password(client, user)
        assert client.post(STEP, {"code": code}).status_code == 200
        assert client.get("/my/details/").status_code == 302
    assert open_browser(user).get("/my/two-step/").status_code == 200
