"""Every list of the dashboard: as many statements for three rows as for one, and what it reads of very many."""

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookwhen.keyset import KeysetPage
from memberships.models import Difference
from tests.accounts.letters import create_letter
from tests.browsing import open_browser
from tests.test_strangers import ROUTES
from tests.worlds.full_studio import FullStudio
from tickets.models import CodeUses, DiscountCode, Dispute, Entry, EntryPlaces, Finding, Leader, Location, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

BUDGETS = {
    "bookings/": 9,
    "books/": 5,
    "customers/": 5,
    "customers/<int:pk>/book/": 5,
    "discount-codes/": 5,
    "emails/": 6,
    "memberships/": 6,
    "memberships/<int:pk>/customers/": 6,
    "memberships/import/<int:pk>/rows/": 6,
    "messages/": 4,
    "messages/<int:pk>/people/<str:show>/": 6,
    "operations/": 4,
    "payments/": 9,
    "payments/disputes/": 4,
    "schedule/": 9,
    "schedule/leaders/": 5,
    "schedule/leaders/archived/": 5,
    "schedule/locations/": 5,
    "schedule/locations/archived/": 5,
    "schedule/tags/": 5,
    "schedule/tags/archived/": 5,
    "schedule/<int:pk>/": 8,
    "schedule/<int:pk>/cancel-places/": 6,
    "settings/payments/differences/": 5,
    "settings/payments/health/": 9,
    "subscriptions/": 5,
}
"""How many statements each list takes, its frame and what else is on its page included."""
ELSEWHERE = (
    "customers/imports/",
    "discount-codes/<int:pk>/uses/",
    "groups/",
    "history/",
    "money/",
    "receipts/",
    "reports/",
    "schedule/<int:pk>/dates/",
    "spaces/",
    "subscriptions/<int:pk>/change/",
)
"""Lists with budgets in tests/groups, tests/history, tests/tickets/dashboard/{lists,reports}, test_receipts,
test_studio_money, test_series_pages, test_moving, test_discount_codes and test_choosing_from_many: their rows cannot be
copied alone."""
NOW = timezone.now()


@pytest.fixture
def studio() -> FullStudio:
    """One with a row in every list."""
    full = FullStudio()
    account, common, connection = full.account, {"account": full.account}, full.account.connection
    assert connection is not None
    create_letter(account=account, fault="letter", fault_since=NOW)
    Difference.objects.create(**common, stripe_id="sub_1", field="status", ours="active", stripes="x", found_at=NOW)
    Dispute.objects.create(
        **common, connection=connection, payment_id=full.by_folder["payments"], stripe_id="dp_1",
        state="open", status="needs_response", amount=1, currency="GBP", opened_at=NOW,
    )  # fmt: skip
    for model in (Leader, Location, Tag):
        model.objects.create(**common, name="Archived", archived_at=NOW)
    Finding.objects.create(**common, kind="entry", row=1, counted="1", should_be="2", found_at=NOW)
    return full


def lists_on(response: object) -> "Iterator[KeysetPage[models.Model]]":
    found = {
        id(value): value
        for context in getattr(response, "context", None) or ()
        for value in context.flatten().values()
        if isinstance(value, KeysetPage)
    }
    yield from found.values()


def copy_of(row: models.Model, number: int) -> models.Model:
    """Another row like one, with other values where they have to be."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.local_fields}
    for field in row._meta.local_fields:
        match field:
            case models.AutoField() | models.OneToOneField() | models.ForeignKey(name="user"):
                values[field.attname] = None
            case models.UUIDField():
                values[field.attname] = uuid4()
            case models.PositiveIntegerField(name="number"):
                values["number"] += number
            case models.CharField(name="folded") if isinstance(row, DiscountCode):
                values["folded"] = f"{number}{row.folded}"
            case models.CharField(name="name") if isinstance(row, Leader | Location | Tag):
                values["name"] = f"{number}{row.name}"
            case models.EmailField() | models.CharField(name="stripe_id" | "key"):
                values[field.attname] = f"{number}{values[field.attname]}"
    return type(row)(**values)


def add(row: models.Model) -> None:
    row.save(force_insert=True)
    if isinstance(row, Entry):
        EntryPlaces.objects.create(entry=row, account_id=row.account_id, capacity=1)
    if isinstance(row, DiscountCode):
        CodeUses.objects.create(code=row, account_id=row.account_id)


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


def test_every_list_takes_as_many_statements_for_three_rows_as_for_one(studio: FullStudio) -> None:
    client = open_browser(studio.staff.user)
    addresses = {route.removeprefix("dashboard/<slug:account>/"): studio.address(route) for route in ROUTES}
    pages = {route: list(lists_on(client.get(address))) for route, address in addresses.items()}
    lists = {route: found for route, found in pages.items() if found and not route.startswith(ELSEWHERE)}
    assert {route for route, found in lists.items() if not all(found)} == set(), "give these a row"
    one = {route: statements(client, addresses[route]) for route in lists}
    rows = [page.rows[0] for found in lists.values() for page in found]
    for row in {(type(each), getattr(each, "archived_at", None)): each for each in rows}.values():
        for number in (1, 2):
            add(copy_of(row, number))
    three = {route: statements(client, addresses[route]) for route in lists}
    shown = {route: {len(page) for page in lists_on(client.get(addresses[route]))} for route in lists}
    # Each of two imports has a job.
    assert shown == {route: {len(page) + 2 for page in found} for route, found in lists.items()}
    assert (one, three) == (BUDGETS, BUDGETS)
