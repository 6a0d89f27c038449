"""Somebody's authenticator app, and taking the second step with it."""

import time
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.models import User
from accounts.two_step import PASSED

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

PASSWORD = "correct horse"
STEP = "/accounts/second-step/"


def add_app(user: User) -> str:
    """Give somebody an authenticator app and recovery codes; returns the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def add_passkey(user: User) -> Authenticator:
    """Give somebody a passkey that nobody holds."""
    public = ES256.from_cryptography_key(generate_private_key(SECP256R1()).public_key())  # type: ignore[no-untyped-call]
    made = AttestedCredentialData.create(Aaguid.NONE, b"key", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attested = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, made), {})
    told = CollectedClientData.create("webauthn.create", b"challenge", "https://testserver")
    credential = {
        "id": websafe_encode(b"key"),
        "rawId": websafe_encode(b"key"),
        "type": "public-key",
        "response": {"clientDataJSON": websafe_encode(told), "attestationObject": websafe_encode(attested)},
    }
    data = {"name": "Key", "credential": credential}
    passkey: Authenticator = Authenticator.objects.create(user=user, type="webauthn", data=data)
    return passkey


def app_code(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or so many steps of thirty seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def recovery_codes(user: User) -> list[str]:
    """The recovery codes that somebody has left."""
    codes: list[str] = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    return codes


def type_password(client: Client, user: User, *, next_path: str = "") -> "Answer":
    """Log in as far as the password goes."""
    query = f"?next={next_path}" if next_path else ""
    return client.post(f"/accounts/login/{query}", {"login": user.email, "password": PASSWORD})


def log_in_by_app(user: User, secret: str) -> Client:
    """Open a browser in which this user has taken both steps."""
    client = Client()
    type_password(client, user)
    assert client.post(STEP, {"code": app_code(secret)}).status_code == 302
    return client


def pass_second_step(client: Client, user: User) -> None:
    """Let a browser in which somebody is logged in have taken the second step, as with a key that no test holds."""
    session = client.session
    session[PASSED] = user.pk
    session.save()
