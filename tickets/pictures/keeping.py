"""Keeping pictures in Django's storage: files are written before any entry shows them, and go after the last did."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Account
from bookwhen.jobs.run import Run
from tickets.models import Picture
from tickets.pictures.addresses import SIZES
from tickets.pictures.reading import ReadPicture

UNUSED: Final = timedelta(days=1)
"""How long a picture is kept that no entry has: somebody may be about to give it to one."""
BATCH: Final = 100


log: Final = logging.getLogger(__name__)


class PictureNotKeptError(Exception):
    """The storage did not take it: it is full, away, or refuses the site’s key. No entry shows it."""


def file_name(picture: UUID, size: int) -> str:
    """What a picture's file is called in the storage."""
    return f"pictures/{picture}/{size}.webp"


def keep_picture(account: Account, read: ReadPicture, *, alt: str) -> Picture:
    """Keep a picture, to be given to entries next. Call it outside any transaction: the storage may be far away.

    Raises PictureNotKeptError.
    """
    # The row first, so that no file is left behind that nothing knows of: the nightly job deletes both.
    picture = Picture.objects.create(account=account, alt=alt, width=read.width, height=read.height)
    try:
        for size, content in read.files.items():
            default_storage.save(file_name(picture.uuid, size), ContentFile(content))
    except Exception as error:  # each storage has errors of its own
        log.exception("A picture could not be stored: check MEDIA_ROOT, or S3_BUCKET and its key")
        raise PictureNotKeptError from error
    return picture


def sweep_pictures(run: Run) -> None:
    """Delete pictures that no entry has any more, with their files."""
    old = Picture.objects.filter(entries__isnull=True, created_at__lt=run.now - UNUSED)
    while keys := list(run.waiting(old).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        if run.is_over:
            run.left = True
            return
        run.divided(keys, _delete)


def _delete(keys: Sequence[int]) -> int:
    """Safe to repeat: the row goes last."""
    found = Picture.objects.filter(pk__in=keys, entries__isnull=True)
    for picture in found:
        for size in SIZES:
            default_storage.delete(file_name(picture.uuid, size))
    return found.delete()[0]
