"""SMTP with patience where it counts: once a letter has been handed over, the server may be at it for a while.

Who gives up while a server still looks a letter through does not know that it is taken, and sends it again, and again.
RFC 5321 (4.5.3.2.6) asks for ten minutes there; everything else is answered at once or not at all (`EMAIL_TIMEOUT`).
"""

from smtplib import SMTP, SMTP_SSL
from typing import Any, Final

from django.core.mail.backends import smtp

PATIENCE: Final = 60
"""Seconds in which a server says that it has a letter. A task has three minutes."""


class _Patient(SMTP):
    def data(self, msg: Any) -> Any:  # noqa: ANN401 - smtplib's
        """Hand a letter over."""
        if self.sock is not None:
            self.sock.settimeout(PATIENCE)
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(self.timeout)


class _PatientBySSL(_Patient, SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, by a patient connection."""

    @property
    def connection_class(self) -> type[SMTP]:
        """What speaks SMTP."""
        return _PatientBySSL if self.use_ssl else _Patient
