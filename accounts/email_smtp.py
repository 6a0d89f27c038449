"""SMTP as letters need it: patient with a server that looks at what it was told, and sure of what may be told again."""

from smtplib import SMTP, SMTP_SSL, SMTPServerDisconnected
from typing import Any, Final

from django.core.mail.backends import smtp

PATIENCE: Final = 60
"""Seconds in which a server says that it has a letter: many look for viruses first. RFC 5321 (4.5.3.2.6) asks for ten
minutes, since a client that hangs up earlier sends the letter twice; but a task has three."""


class UnheardError(SMTPServerDisconnected):
    """A letter was told, and the server did not say whether it has it."""


class _Patient(SMTP):
    _answers: int | None = None
    """How often the server has answered since it was asked to take a letter: once, and then for the letter."""

    def data(self, msg: Any) -> Any:  # noqa: ANN401 - as smtplib has it
        self._answers = 0
        try:
            answer = super().data(msg)
        except SMTPServerDisconnected as error:
            if self._answers:
                raise UnheardError(*error.args) from error
            raise
        finally:
            self._answers = None
        if self.sock is not None:
            self.sock.settimeout(self.timeout)
        return answer

    def getreply(self) -> tuple[int, bytes]:
        if self._answers and self.sock is not None:
            self.sock.settimeout(PATIENCE)
        answer = super().getreply()
        if self._answers is not None:
            self._answers += 1
        return answer


class _PatientBySSL(_Patient, SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, with a conversation that knows whether a letter was told."""

    @property
    def connection_class(self) -> type[SMTP]:
        """What speaks to the server."""
        return _PatientBySSL if self.use_ssl else _Patient
