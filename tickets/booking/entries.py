"""An entry with all that a booking is judged by."""

from typing import Final

from django.db.models import QuerySet

from bookwhen.fastpath.compiled import compiled_query
from tickets.booking.refusals import TicketGoneError
from tickets.models import Entry

_WITH: Final = ("account", "page", "places")


def is_fully_loaded(entry: Entry) -> bool:
    """Whether an entry was read with all that is judged by."""
    return all(name in entry._state.fields_cache for name in _WITH)  # noqa: SLF001


def reload_entry(entry: Entry) -> Entry:
    """The entry as it is now, with all that is judged by; raises TicketGoneError where it was removed since."""
    found = _entries(entry.pk)
    if not found:
        raise TicketGoneError
    return found[0]


@compiled_query
def _entries(key: int) -> QuerySet[Entry]:
    return Entry.objects.select_related(*_WITH).filter(pk=key)
