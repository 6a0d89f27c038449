"""What is found by a customer's name or address, the name of a booking, or its reference."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.dashboard.query import MOST_LISTED, customers_found, name_or_email
from accounts.models import Account
from bookwhen.fastpath.compiled import IsOneOf
from bookwhen.search import name_has
from tickets.models import Booking

_REFERENCE: Final = re.compile(r"[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class BookingSearch:
    """Which bookings are found; `is_broad`: by so much that they are not to be counted."""

    condition: Q
    is_broad: bool = False


def search_bookings(account: Account, words: str) -> BookingSearch:
    """The bookings that are a customer's of such a name or address, in such a name, or have this reference.

    Two statements. What few have is looked up first, each by an index of its own; what many have is found quickly
    wherever one looks, and so it is looked for in the list.
    """
    booked_as, reference = ~Q(booker_name="") & name_has("booker_name", words), _by_reference(words)
    customers = customers_found(account, words)
    theirs = Booking.objects.filter(booked_as, account=account)
    named = [] if customers is None else list(theirs.values_list("pk", flat=True)[: MOST_LISTED + 1])
    if customers is None or len(named) > MOST_LISTED:
        return BookingSearch(name_or_email(words, "customer__") | booked_as | reference, is_broad=True)
    return BookingSearch(Q(IsOneOf("customer", customers)) | Q(IsOneOf("pk", named)) | reference)


def _by_reference(words: str) -> Q:
    if not _REFERENCE.fullmatch(words):
        return Q(pk__in=())
    return Q(uuid__range=(UUID(f"{words}{'0' * 24}"), UUID(f"{words}{'f' * 24}")))
