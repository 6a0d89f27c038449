"""The studios of an installation, for its keeper: a page at a time, by their address, and no customer's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account, Customer
from bookwhen.search import few_have
from tickets.models import Booking

PER_PAGE: Final = 50
MOST_CUSTOMERS: Final = 1_000
"""Counting a studio's customers ends here."""


@dataclass(frozen=True, slots=True)
class StudioPage:
    """Some studios, and the address after which the next begin, if there are more."""

    studios: Sequence[Account]
    after: str


class _CountOf(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) _some)"
    output_field = IntegerField()


def studio_page(words: str, after: str) -> StudioPage:
    """Studios by address, those after a given one, with these words in name or address. One statement.

    Each has `customer_count` (`MOST_CUSTOMERS` or more are that many), `last_booked_at` and its connection.
    """
    found = Account.objects.with_connection().filter(slug__gt=after).order_by("slug")
    if words:
        found = found.filter(few_have("name", words) | Q(slug__icontains=words))
    rows = list(_with_facts(found)[: PER_PAGE + 1])
    more = rows[PER_PAGE - 1].slug if len(rows) > PER_PAGE else ""
    return StudioPage(rows[:PER_PAGE], more)


def _with_facts(found: QuerySet[Account]) -> QuerySet[Account]:
    customers = Customer.objects.filter(account=OuterRef("pk")).order_by().values("pk")[:MOST_CUSTOMERS]
    bookings = Booking.objects.filter(account=OuterRef("pk")).order_by("-created_at")
    return found.annotate(
        customer_count=_CountOf(customers), last_booked_at=Subquery(bookings.values("created_at")[:1])
    )
