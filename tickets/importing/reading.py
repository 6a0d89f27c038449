"""Turning a file into rows, and guessing what its columns hold."""

from datetime import datetime

from accounts.imports.files import read_file
from accounts.imports.sources import Cursor, ReadBatch
from accounts.models import ListImport
from groups.importing.columns import guess_day_order
from groups.importing.reading import DAY_ORDER_GUESSED, GUESSED
from tickets.importing.columns import TITLES, guess_columns


def read(list_import: ListImport, cursor: Cursor, now: datetime) -> ReadBatch:
    """Read all of the file, in one transaction: it is safe to repeat, and nobody sees half of it."""
    del cursor, now
    read_file(list_import, TITLES)
    is_american, found = list_import.account.currency == "USD", list_import.found
    found[GUESSED] = guess_columns(found["columns"], found["samples"])
    found[DAY_ORDER_GUESSED] = guess_day_order(found["days"], american=is_american)
    list_import.save(update_fields=["found"])
    return ReadBatch((), None)
