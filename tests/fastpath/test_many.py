"""Rows that are written many at a time are those that Django would write."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.history.forgetting import opened_history
from accounts.models import Account, Letter
from bookwhen.fastpath.many import RowWriter
from memberships.models import Invoice, Subscription, SubscriptionStatus
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tests.fastpath.world import World
from tickets.models import LedgerLine

pytestmark = pytest.mark.django_db

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
INSTANTS = st.datetimes(datetime(1970, 1, 3), datetime(2242, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - theirs
NUMBERS = st.integers(-(2**31), 2**31 - 1)
COLUMNS = (
    *("account_id", "subscription_id", "stripe_id", "number", "status", "amount_due", "amount_paid", "currency"),
    *("hosted_url", "pdf_url", "settlement", "attempt_count", "next_attempt_at", "due_at", "created_at"),
)


def values(row: Model, *, without: tuple[str, ...] = ("id",)) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in without}


def rows(model: type[Model]) -> list[dict[str, Any]]:
    return [values(each) for each in model._default_manager.order_by("pk")]  # noqa: SLF001 - as Django says


@given(
    text=TEXTS, amount=NUMBERS, created=INSTANTS, due=st.none() | INSTANTS, attempts=st.integers(0, 2**31 - 1),
)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_every_value_is_written_as_django_writes_it(
    bought: Subscription, text: str, amount: int, created: datetime, due: datetime | None, attempts: int
) -> None:
    def made(name: str) -> Invoice:
        return Invoice(
            account_id=bought.account_id, subscription=bought, stripe_id=name, number=text, status="open",
            amount_due=amount, amount_paid=0, currency="GBP", hosted_url=text, created_at=created, due_at=due,
            attempt_count=attempts,
        )  # fmt: skip

    _forget_invoices()
    RowWriter(Invoice, COLUMNS).insert([made("in_1"), made("in_2")])
    fast = rows(Invoice)
    Invoice.objects.all().delete()
    Invoice.objects.bulk_create([made("in_1"), made("in_2")])
    assert fast == rows(Invoice)


def _forget_invoices() -> None:
    with opened_history():
        LedgerLine.objects.all().delete()
    Invoice.objects.all().delete()


@pytest.fixture
def bought() -> Subscription:
    return World().bought


def test_what_is_there_is_updated_where_a_key_says_so(bought: Subscription) -> None:
    writer = RowWriter(Invoice, COLUMNS, key=("account_id", "stripe_id"))
    _forget_invoices()
    facts: dict[str, Any] = {"account_id": bought.account_id, "subscription": bought, "currency": "GBP"}
    here = Invoice.objects.create(
        stripe_id="in_1", status="open", amount_due=5, amount_paid=0, created_at=NOW, compared_at=NOW, **facts
    )
    other = Invoice(stripe_id="in_2", status="draft", amount_due=7, amount_paid=0, created_at=NOW, **facts)
    writer.insert(
        [Invoice(stripe_id="in_1", status="paid", amount_due=5, amount_paid=5, created_at=NOW, **facts), other]
    )
    found = Invoice.objects.order_by("stripe_id").values_list("pk", "stripe_id", "status", "amount_paid", "compared_at")
    assert found[0] == (here.pk, "in_1", "paid", 5, NOW)
    assert found[1][1:] == ("in_2", "draft", 0, None)


def test_only_the_columns_that_were_named_are_updated_and_only_of_its_own_account(bought: Subscription) -> None:
    other = World().bought
    before = {each.pk: values(each) for each in Subscription.objects.all()}
    for each in (bought, other):
        each.status, each.revision, each.period_end, each.currency = SubscriptionStatus.PAUSED, 77, None, "SEK"
    other.account_id = bought.account_id
    RowWriter(Subscription, ("status", "revision", "period_end")).update([bought, other])
    after = {each.pk: values(each) for each in Subscription.objects.all()}
    changed = {"status": "paused", "revision": 77, "period_end": None}
    assert after == {**before, bought.pk: before[bought.pk] | changed}


def test_however_many_there_are_it_is_one_statement_of_the_same_words(bought: Subscription) -> None:
    account: Account = AccountFactory.create()
    writer = RowWriter(
        Letter,
        (
            *("account_id", "kind", "recipient", "subject", "text", "html", "calendar", "created_at", "due_at"),
            *("attempts", "error", "reply_to", "is_metered"),
        ),
    )
    said = []
    for count in (0, 1, 5):
        letters = [
            Letter(account=account, recipient=f"{n}@example.org", created_at=NOW, due_at=NOW) for n in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            writer.insert(letters)
        said.append([each["sql"].partition("json_populate_recordset")[0] for each in captured])
    assert [len(each) for each in said] == [0, 1, 1]
    assert said[1] == said[2]
    assert Letter.objects.filter(account=account).count() == 6


def test_an_instant_keeps_its_moment_in_whatever_zone_it_is_told(bought: Subscription) -> None:
    bought.period_end = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)
    assert isinstance(bought.uuid, UUID)
    RowWriter(Subscription, ("period_end", "uuid")).update([bought])
    found = Subscription.objects.get(pk=bought.pk)
    assert (found.period_end, found.uuid) == (bought.period_end, bought.uuid)
