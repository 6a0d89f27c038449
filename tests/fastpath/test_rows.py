"""Models that are made from a statement's JSON are those that the ORM reads."""

import json
from datetime import date, datetime
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.backends import Backend, linked_customer
from accounts.models import Account, Customer, User
from bench import plain
from bookwhen.fastpath.rows import RowReader, UnreadableFieldError
from bookwhen.payments.models import StripeEvent
from groups.models import Standing
from tests.factories.schedule import NOW
from tests.fastpath.world import DAY, World
from tickets.availability.reading import read_fact_rows
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime.fromisoformat("0001-01-03"), datetime.fromisoformat("9999-12-29")
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.timezones())


def state_of(model: Model) -> Any:
    return model._state  # noqa: SLF001 - where Django keeps what came along


def told(fast: Model, plain: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a model made by hand holds, and what the ORM's holds of it; what is read as a list has no order."""
    names = set(vars(fast)) - {"_state", "known_as"}
    pair: list[dict[str, Any]] = []
    for model in (fast, plain):
        held = {name: getattr(model, name) for name in names}
        pair.append({name: sorted(value) if isinstance(value, list) else value for name, value in held.items()})
    for name, related in state_of(fast).fields_cache.items():
        pair[0][f"{name}."], pair[1][f"{name}."] = told(related, getattr(plain, name))
    return pair[0] | {"": type(fast)}, pair[1] | {"": type(plain)}


def assert_same(fast: list[Any], plain: list[Any]) -> None:
    assert [each.pk for each in fast] == [each.pk for each in plain]
    for one, other in zip(fast, plain, strict=True):
        by_hand, by_orm = told(one, other)
        assert by_hand == by_orm
        assert (state_of(one).adding, state_of(one).db) == (state_of(other).adding, state_of(other).db)


@given(since=INSTANTS, until=st.none() | INSTANTS, anchor=st.dates(), resets=st.none() | st.dates(), uuid=st.uuids())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_value_comes_back_as_the_orm_reads_it(
    since: datetime, until: datetime | None, anchor: date, resets: date | None, uuid: Any
) -> None:
    values: dict[str, Any] = {
        "id": 1, "account_id": 2, "member_id": 3, "source": "“é\u2028\\", "ground": uuid,
        "since": since, "until": until, "anchor": anchor, "anchor_at": until, "uses_reset_on": resets,
        "end_told_at": until,
    }  # fmt: skip
    names = [field.attname for field in Standing._meta.concrete_fields]
    assert set(names) == set(values)
    casts = {"ground": "uuid", "since": "timestamptz", "until": "timestamptz", "anchor": "date"}
    casts |= {"anchor_at": "timestamptz", "uses_reset_on": "date", "source": "text", "end_told_at": "timestamptz"}
    asked = ", ".join(f"%s::{casts.get(name, 'bigint')} AS {name}" for name in names)
    with connection.cursor() as cursor:
        statement = f"SELECT to_jsonb(row), row.* FROM (SELECT {asked}) row"  # noqa: S608 - names of columns
        cursor.execute(statement, [values[name] for name in names])
        told_as_json, *told_as_row = cursor.fetchone()
    made = RowReader(Standing).read(json.loads(told_as_json))
    assert [getattr(made, name) for name in names] == told_as_row


def test_what_is_left_out_is_fetched_when_asked_for() -> None:
    ticket = World().ticket
    row = {"id": ticket.pk, "name": "Of the row"}
    others = {field.attname for field in Ticket._meta.concrete_fields} - set(row)

    made = RowReader(Ticket, without=others).read(row)

    assert (made.name, made.get_deferred_fields()) == ("Of the row", others)
    assert made.created_at == ticket.created_at


def test_a_kind_of_field_that_json_tells_otherwise_is_refused() -> None:
    with pytest.raises(UnreadableFieldError):
        RowReader(StripeEvent)


def test_the_facts_of_the_one_statement_are_those_of_the_orm() -> None:
    worlds = World(), World()
    entries = Entry.objects.select_related("account")
    found = {"offers": 0, "standings": 0, "taken": 0, "here": 0}
    for world in worlds:
        customers = [None, *Customer.objects.filter(account=world.account)]
        instants = (NOW, NOW + DAY, NOW + 400 * DAY)
        for entry, customer, now in product(entries.filter(account=world.account), customers, instants):
            fast, by_orm = (read(entry, customer, now=now) for read in (read_fact_rows, plain.fact_rows))
            for part in ("tickets", "members", "standings", "offers"):
                assert_same(list(getattr(fast, part)), list(getattr(by_orm, part)))
            found["offers"] += len(fast.offers)
            found["standings"] += len(fast.standings)
            found["taken"] += sum(vars(ticket)["taken"] or 0 for ticket in fast.tickets)
            found["here"] += sum(vars(offer)["here"] for offer in fast.offers)
    assert all(found.values()), found


def test_a_user_and_their_customers_are_those_of_the_orm() -> None:
    worlds = World(), World()
    Customer.objects.create(account=worlds[1].account, user=worlds[0].customer.user, email="both@example.org", name="B")
    User.objects.filter(pk=User.objects.latest("pk").pk).update(is_active=False)
    linked = 0
    for pk in [*User.objects.values_list("pk", flat=True), -1]:
        user, by_orm = Backend().get_user(pk), plain.user(pk)
        assert (user is None) == (by_orm is None)
        if user is None or by_orm is None:
            continue
        assert_same([user], [by_orm])
        for account in Account.objects.all():
            theirs, expected = linked_customer(user, account), plain.linked_customer(by_orm, account)
            assert_same([theirs] if theirs else [], [expected] if expected else [])
            linked += theirs is not None
    assert linked == 3
