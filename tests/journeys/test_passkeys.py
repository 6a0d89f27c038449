"""Passkeys in a real browser, under the strong content security policy: added, asked for, and enough alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import Account, Letter, User
from tests.journeys.steps import list_problems, log_in_to
from tests.two_step import recovery_codes
from tests.worlds.new_studio import PASSWORD, NewStudio

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A device that knows its owner’s fingerprint, as the browser’s developer tools play it."""


@dataclass(frozen=True)
class Device:
    devtools: CDPSession

    def exchange(self, old: str = "") -> str:
        """Have a new device, in place of the old one; returns its id."""
        if old:
            self.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": old})
        made: dict[str, str] = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        return made["authenticatorId"]


@pytest.fixture
def keyring(page: Page) -> Device:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    return Device(devtools)


@pytest.fixture
def phone(page: Page, keyring: Device) -> Iterator[Page]:
    """A browser on such a device; its console stays empty: nothing was refused by the policy."""
    keyring.exchange()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    yield page
    assert refused == []


def add_passkey(page: Page, *, alone: bool) -> None:
    page.goto("/my/two-step/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("My phone")
    if alone:
        page.get_by_label("Log in with it alone, without a password").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def log_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()


def test_a_passkey_is_the_second_step_that_a_studio_asks_for(studio: NewStudio, phone: Page) -> None:
    Account.objects.update(requires_two_step=True)
    log_in_to(phone, studio.owner, "/dashboard/river/")
    expect(phone.get_by_role("heading", name="Set up two-step login")).to_be_visible()

    add_passkey(phone, alone=False)
    phone.get_by_role("link", name="Continue").click()
    expect(phone.get_by_role("heading", name="Overview")).to_be_visible()
    assert Letter.objects.latest("pk").subject == "A passkey or security key was added to your login"

    log_out(phone)
    log_in_to(phone, studio.owner, "/dashboard/river/")
    expect(phone.get_by_role("heading", name="Second step")).to_be_visible()
    phone.get_by_role("button", name="Use a passkey or security key").click()
    expect(phone.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_passkey_logs_in_alone_and_comes_back_to_the_page_that_was_wanted(studio: NewStudio, phone: Page) -> None:
    log_in_to(phone, studio.owner, "/my/details/")
    add_passkey(phone, alone=True)
    log_out(phone)
    Account.objects.update(requires_two_step=True)

    phone.goto("/accounts/login/?next=/dashboard/river/")
    phone.get_by_role("button", name="Use a passkey instead").click()

    expect(phone.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_passkey_confirms_that_it_is_them_and_is_renamed_and_removed(studio: NewStudio, phone: Page) -> None:
    log_in_to(phone, studio.owner, "/my/details/")
    add_passkey(phone, alone=False)
    phone.goto("/my/two-step/confirm/passkey/?next=/my/two-step/")
    phone.get_by_role("button", name="Use a passkey or security key").click()
    expect(phone.get_by_role("heading", name="Two-step login")).to_be_visible()

    phone.get_by_role("link", name="Rename").click()
    phone.get_by_label("Name").fill("Old phone")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("Old phone")).to_be_visible()
    phone.get_by_role("link", name="Remove", exact=True).click()
    phone.get_by_role("button", name="Remove the passkey").click()

    expect(phone.get_by_role("link", name="Add a passkey")).to_be_visible()
    assert Authenticator.objects.count() == 0


def test_a_device_without_the_key_says_so_and_a_recovery_code_helps(
    studio: NewStudio, page: Page, keyring: Device
) -> None:
    had = keyring.exchange()
    log_in_to(page, studio.owner, "/my/details/")
    add_passkey(page, alone=False)
    log_out(page)
    keyring.exchange(had)

    log_in_to(page, studio.owner, "/my/details/")
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_text("That didn’t work. Try again, or use another method.")).to_be_visible()
    page.get_by_label("Code").fill(recovery_codes(User.objects.get(email=studio.owner))[0])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="My details")).to_be_visible()


def test_every_page_of_two_step_login_is_accessible_and_fits_a_small_screen(studio: NewStudio, phone: Page) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    log_in_to(phone, studio.owner, "/my/details/")
    found = [
        problem
        for path in ("/my/two-step/", "/my/two-step/needed/", "/my/two-step/app/", "/my/sessions/", "/my/details/")
        for problem in list_problems(phone, path)
    ]
    add_passkey(phone, alone=True)
    key = Authenticator.objects.get(type="webauthn").pk
    for path in (
        "/my/two-step/",
        "/my/two-step/app/",
        "/my/two-step/codes/",
        "/my/two-step/codes/new/",
        "/my/two-step/passkeys/new/",
        f"/my/two-step/passkeys/{key}/",
        f"/my/two-step/passkeys/{key}/remove/",
        "/my/two-step/confirm/passkey/",
    ):
        found += list_problems(phone, path)
    log_out(phone)
    log_in_to(phone, studio.owner, "/my/details/")
    found += list_problems(phone, "/accounts/second-step/")

    assert found == []
