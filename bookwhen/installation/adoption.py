"""Ending a copy's quiet: what waits in it, and the two stories that `manage.py adopt_site` tells apart.

The apps above count what waits and do their part by the signals here. docs/decisions/0028.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal

from bookwhen.installation.copies import Copy, find_copy, forget
from bookwhen.installation.models import ONLY, Installation


class Story(StrEnum):
    """How a database came to be here."""

    MOVED = "moved"
    """The site is here now, and nowhere else: it moved, or was restored. Everything goes on."""
    SEPARATE = "separate"
    """The other site goes on: this copy becomes a site of its own, without its Stripe accounts."""


class Letters(StrEnum):
    """What becomes of the emails that wait."""

    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Waiting:
    """So much of something waits for the copy's quiet to end."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """What the keeper of the installation decided."""

    copy: Copy
    story: Story
    letters: Letters
    now: datetime


class NotACopyError(Exception):
    """There is nothing to adopt: the database belongs to this site."""


waiting_counted: Final = Signal()
"""What waits is asked for: a receiver returns its list of Waiting. Sent by Installation."""

site_adopting: Final = Signal()
"""The database is being given to this site: `adoption`. Sent by Installation, in the transaction that does it."""


def waiting_in_copy() -> Sequence[Waiting]:
    """What waits, of every kind there is any of."""
    answers: Any = waiting_counted.send(Installation)
    return [each for _receiver, found in answers for each in found if each.count]


def adopt(story: Story, letters: Letters, *, now: datetime) -> Adoption:
    """Give the database to this site. Raises NotACopyError, also for the second of two who do it at a time.

    All or nothing: running processes notice within seconds of the commit.
    """
    with transaction.atomic():
        held = Installation.objects.select_for_update().filter(pk=ONLY).first()
        copy = find_copy()
        if held is None or copy is None:
            raise NotACopyError
        adoption = Adoption(copy, story, letters, now)
        site_adopting.send(Installation, adoption=adoption)
        held.site_url, held.adopted_at = settings.SITE_URL, now
        if story is Story.SEPARATE:
            held.uuid = uuid4()
        held.save(update_fields=["site_url", "adopted_at", "uuid"])
    forget()
    return adoption
