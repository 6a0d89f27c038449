"""Sealing secrets that must be kept: encrypted and signed under the site's secret key."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotDecryptError(Exception):
    """Sealed under another SECRET_KEY, which is not among SECRET_KEY_FALLBACKS."""


def encrypt(secret: str) -> str:
    """A secret as it may stand in the database, encrypted under SECRET_KEY."""
    return _multi_fernet().encrypt(secret.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The secret again; raises CannotDecryptError."""
    try:
        return _multi_fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise CannotDecryptError from error


def reencrypt(encrypted: str) -> str:
    """The same secret under the newest SECRET_KEY, so that an old one can be given up; raises CannotDecryptError."""
    try:
        return _multi_fernet().rotate(encrypted.encode()).decode()
    except InvalidToken as error:
        raise CannotDecryptError from error


def _multi_fernet() -> MultiFernet:
    return MultiFernet([_fernet_for(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _fernet_for(key: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"bookwhen.payments").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
