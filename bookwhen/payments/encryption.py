"""Sealing secrets that must be kept: encrypted and signed under the site's secret key."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpenError(Exception):
    """Sealed under another SECRET_KEY, which is not among SECRET_KEY_FALLBACKS."""


def seal(secret: str) -> str:
    """A secret as it may stand in the database, sealed under SECRET_KEY."""
    return _seals().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again; raises CannotOpenError."""
    try:
        return _seals().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpenError from error


def reseal(sealed: str) -> str:
    """The same secret under the newest SECRET_KEY, so that an old one can be given up; raises CannotOpenError."""
    try:
        return _seals().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpenError from error


def _seals() -> MultiFernet:
    return MultiFernet([_seal_of(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _seal_of(key: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"bookwhen.payments").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
