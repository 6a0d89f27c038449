"""Whose database this is: a copy of one, under another site, is quiet until `manage.py adopt_site`.

A quiet process speaks to nobody outside: no email, no call to Stripe, and what Stripe or a mail provider sends here is
turned away, to be sent again later. The two doors ask the database each time (`require_own_site`); pages and sweeps may
know it from a few seconds ago (`is_quiet`). docs/decisions/0028.
"""

import logging
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.utils.translation import gettext as _

from bookwhen.environment import NO_SITE
from bookwhen.installation.models import ONLY, Installation, this_installation

log = logging.getLogger(__name__)

KNOWN_SECONDS: Final = 5
"""How long a process goes by what it read last."""
USUAL_PORTS: Final = frozenset({80, 443})


class QuietCopyError(Exception):
    """This database belongs to another site, so nothing is sent from here; the text is for people."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What people are told of a quiet copy: the site that its database belongs to, and the one that this is."""

    site: str
    here: str


@dataclass(slots=True)
class _Known:
    """What this process read last, and when (`time.monotonic`)."""

    copy: Copy | None = None
    until: float = float("-inf")


_known: Final = _Known()


def site_key(url: str) -> str:
    """What makes two addresses the same site: host, port and path. http or https, case and a last slash don't."""
    parts = urlsplit(url.strip())
    port = parts.port if parts.port not in USUAL_PORTS else None
    host = (parts.hostname or "").rstrip(".")
    return f"{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def find_copy() -> Copy | None:
    """What this is a quiet copy of, by what the database says now; None where it is our own.

    A database that no site has claimed yet is claimed for this one.
    """
    if not settings.COPIES_ARE_QUIET:
        return None
    copy = _copy_of(_site() or claim())
    if copy != _known.copy:
        _log_change(copy)
    _known.copy, _known.until = copy, time.monotonic() + KNOWN_SECONDS
    return copy


def _site() -> str:
    """The site that claimed the database, as the primary knows it; nothing where none has."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT site_url FROM installation_installation WHERE id = %s", [ONLY])
        found: tuple[str] | None = cursor.fetchone()
    return found[0] if found else ""


def quiet_copy() -> Copy | None:
    """The same, known for up to `KNOWN_SECONDS`. While the database does not answer, what was known before."""
    if time.monotonic() >= _known.until or not settings.COPIES_ARE_QUIET:
        try:
            return find_copy()
        except Error:
            return _known.copy
    return _known.copy


def is_quiet() -> bool:
    """Whether this is a quiet copy, known for up to `KNOWN_SECONDS`: for sweeps, which then leave all as it is.

    Raises what the database does while it does not answer: those who ask cannot go on without it.
    """
    if not settings.COPIES_ARE_QUIET:
        return False
    return (_known.copy if time.monotonic() < _known.until else find_copy()) is not None


def require_own_site() -> None:
    """Raise QuietCopyError in a quiet copy: asked right before anything leaves here."""
    if copy := find_copy():
        raise QuietCopyError(quiet_text(copy))


def quiet_text(copy: Copy) -> str:
    """Why nothing was sent."""
    return _("This is a copy of %(site)s, so it doesn’t contact Stripe or send emails.") % {"site": copy.site}


def claim() -> str:
    """Claim a database that belongs to no site yet for this one; whose it is now.

    Where nobody has said which site this is, it stays nobody's: somebody may have given `migrate` the database alone,
    and the real site, which comes next, must not be a copy.
    """
    this_installation()
    unclaimed = Installation.objects.using(DEFAULT_DB_ALIAS).filter(pk=ONLY, site_url="")
    if settings.SITE_URL == NO_SITE and unclaimed.exists():
        return NO_SITE
    if unclaimed.update(site_url=settings.SITE_URL):
        log.info("This database now belongs to %s.", settings.SITE_URL)
        return str(settings.SITE_URL)
    return Installation.objects.using(DEFAULT_DB_ALIAS).get(pk=ONLY).site_url


def own() -> None:
    """Give the database to this site whatever it belonged to: for the demo, which speaks to stand-ins alone."""
    this_installation()
    Installation.objects.using(DEFAULT_DB_ALIAS).filter(pk=ONLY).update(site_url=settings.SITE_URL)
    forget()


def claim_after_migrating(**_about: object) -> None:
    """Claim the database once its tables are there; a migration backwards may have taken them."""
    if Installation._meta.db_table in connection.introspection.table_names():
        claim()


def forget() -> None:
    """Let this process ask the database again."""
    _known.copy, _known.until = None, float("-inf")


def _copy_of(site: str) -> Copy | None:
    return None if site_key(site) == site_key(settings.SITE_URL) else Copy(site, settings.SITE_URL)


def _log_change(copy: Copy | None) -> None:
    if copy:
        log.warning(
            "This is %s, but its database belongs to %s. Nothing is sent to Stripe or by email. "
            "If this is the real site, run manage.py adopt_site.",
            copy.here,
            copy.site,
        )
    else:
        log.info("This database belongs to %s now, so email and Stripe are in use.", settings.SITE_URL)
