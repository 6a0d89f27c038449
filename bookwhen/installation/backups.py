"""Backups: what one is made of, what the keeper is told of the last one, and which we have been told of.

A backup is two files of one name: a dump in PostgreSQL's custom format, and a manifest that says what it is, so that a
half-written or changed one is noticed. docs/decisions/0029.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import salted_hmac

from bookwhen.installation.models import Backup, this_installation

OVERDUE: Final = timedelta(hours=26)
"""How old the last backup may be: a day, and two hours for a late start and a slow night."""
FORMAT: Final = 1
CHUNK: Final = 1024 * 1024
FINGERPRINT_LENGTH: Final = 16


class BadBackupError(Exception):
    """This is no backup that can be restored here; the text says why."""


def last_backup() -> Backup | None:
    """The newest backup that we were told of."""
    return Backup.objects.order_by("-finished_at").first()


def is_overdue(backup: Backup | None, *, now: datetime) -> bool:
    """Whether the last backup is too old, or there is none."""
    return backup is None or now - backup.finished_at > OVERDUE


def record_backup(*, kind: str, place: str, size: int, started_at: datetime, finished_at: datetime) -> Backup:
    """Note a backup; the same one again is noted once."""
    times = {"started_at": started_at, "finished_at": finished_at, "size": size}
    return Backup.objects.update_or_create(kind=kind, place=place[:1000], defaults=times)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What stands beside a dump: whose it is, what it needs to be read, and how to tell that it is whole."""

    format: int
    installation: str
    site: str
    started_at: str
    finished_at: str
    migrations: Mapping[str, str]
    """The last migration of each app: which release can take the dump."""
    secret_keys: list[str]
    """Fingerprints of SECRET_KEY and its fallbacks, the newest first: Stripe's keys are encrypted with them."""
    size: int
    sha256: str

    def text(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True) + "\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read one; raises BadBackupError."""
        try:
            raw: Any = json.loads(text)
            manifest = cls(**{**raw, "migrations": dict(raw["migrations"]), "secret_keys": [*raw["secret_keys"]]})
            manifest.secret_keys[0]
        except (LookupError, TypeError, ValueError) as error:
            message = f"The manifest can’t be read: {error}"
            raise BadBackupError(message) from error
        if manifest.format != FORMAT:
            message = f"The manifest has format {manifest.format}, and this release reads {FORMAT}."
            raise BadBackupError(message)
        return manifest


@dataclass(frozen=True, slots=True)
class Measured:
    """How large a dump is, and what it hashes to."""

    size: int
    sha256: str


def measure(chunks: Iterable[bytes]) -> Measured:
    """Measure a dump."""
    size, digest = 0, hashlib.sha256()
    for chunk in chunks:
        size += len(chunk)
        digest.update(chunk)
    return Measured(size, digest.hexdigest())


def chunks_of(path: Path) -> Iterable[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def describe(measured: Measured, *, started_at: datetime, finished_at: datetime) -> Manifest:
    """The manifest of a dump that was just made of this database."""
    here = this_installation()
    return Manifest(
        format=FORMAT,
        installation=str(here.uuid),
        site=here.site_url,
        started_at=started_at.isoformat(),
        finished_at=finished_at.isoformat(),
        migrations=_last_migrations(),
        secret_keys=fingerprints(),
        size=measured.size,
        sha256=measured.sha256,
    )


def fingerprints() -> list[str]:
    """What tells our secret keys apart without telling what they are, the newest first."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac("bookwhen.backup", "fingerprint", key, algorithm="sha256").hexdigest()[:FINGERPRINT_LENGTH]
        for key in keys
    ]


def _last_migrations() -> dict[str, str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {app: name for app, name in sorted(applied)}  # noqa: C416 - of one app the last wins
