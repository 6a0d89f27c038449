"""A form or a link from before a series was split: it names tickets of which the entry has copies since."""

import re
from typing import Final

from django.http import HttpRequest, QueryDict

from tickets.booking.request import copies_at
from tickets.models import Entry, Ticket

MOST: Final = 20
"""Tickets that are looked up: nobody chooses more kinds of them."""
_NAMED: Final = re.compile(r"t(\d{1,18})(-.*)?")


def follow_split(request: HttpRequest, entry: Entry) -> bool:
    """Name in the address and the form of a request the copies that an entry has of the tickets that they name.

    Whether there are any. Two statements, and none where no ticket is named.
    """
    named = {int(found[1]) for name in request.GET if (found := _NAMED.fullmatch(name))}
    if not named or len(named) > MOST:
        return False
    tickets = list(Ticket.objects.on_sale().filter(account=entry.account_id, series=entry.series_id))
    copies = copies_at(entry.account_id, tickets, named)
    if not copies:
        return False
    for method in ("GET", "POST"):
        setattr(request, method, _renamed(getattr(request, method), copies))
    return True


def _renamed(data: QueryDict, copies: dict[int, int]) -> QueryDict:
    renamed = QueryDict(mutable=True)
    for name, values in data.lists():
        found = _NAMED.fullmatch(name)
        copy = copies.get(int(found[1])) if found else None
        renamed.setlist(f"t{copy}{found[2] or ''}" if found and copy else name, values)
    return renamed
