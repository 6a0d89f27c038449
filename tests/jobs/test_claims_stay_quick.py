"""The statistics trap: many rows arrive after the last ANALYZE, and every claim and sweep stays as quick as it was.

PostgreSQL plans by what it knew when it last looked. A claim that leaves it a choice is then answered by reading and
sorting all that waits, once for each of the rows that wait.
"""

import re
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Final

import pytest
from django.db import connection

from accounts import email_claims
from accounts.models import Account, Letter
from bookwhen.payments import claims, inbox, waiting
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from tests.factories.accounts import AccountFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW
from tests.jobs.blocks import blocks_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_files")]

MANY: Final = 100_000
DONE: Final = {"few are done": 60, "all are done": MANY // 10}
MOST_BLOCKS: Final = 200
"""For one row; all that wait are some thousands."""

EVENTS: Final = """
INSERT INTO payments_stripeevent (connection_id, stripe_id, type, subject, api_version, created_at, payload, source,
    state, attempts, due_at, error, received_at)
SELECT %(owner)s, 'evt_' || n, 'customer.subscription.updated', 'sub_' || n, '', %(now)s, '{"data": {"object": {}}}',
    'webhook', CASE WHEN %(done)s THEN 'done' ELSE 'received' END, 0, %(now)s - n * interval '1 second', '', %(now)s
FROM generate_series(%(first)s, %(last)s) n
"""
LETTERS: Final = """
INSERT INTO accounts_letter (account_id, kind, recipient, reply_to, subject, text, html, calendar, created_at, due_at,
    attempts, error, sent_at)
SELECT %(owner)s, 'booked', n || '@example.org', '', 'Hello', 'Hello', '', '', %(now)s,
    %(now)s - n * interval '1 second', 0, '', CASE WHEN %(done)s THEN %(now)s END
FROM generate_series(%(first)s, %(last)s) n
"""
KNOWN: Final = ("nothing", "few are done", "all are done", "all wait")
"""What the statistics say of a table in which very many rows wait. Few: as many as autovacuum looks at first."""


@pytest.fixture(autouse=True)
def _planned_each_time() -> Generator[None]:
    """Nothing is prepared: a plan that a test before this one left in the session is another table's."""
    connection.ensure_connection()
    session: Any = connection.connection
    before, session.prepare_threshold = session.prepare_threshold, None
    yield
    session.prepare_threshold = before


def run(sql: str, **facts: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts or None)


def fill(table: str, sql: str, known: str, owner: int) -> None:
    """Let rows come after the last ANALYZE, which saw others; autovacuum looks at nothing meanwhile."""
    add = partial(run, sql, owner=owner, now=NOW)
    run(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    # What tests before this one rolled back is still in its file.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"TRUNCATE {table} CASCADE")
    if known == "all wait":
        add(done=False, first=1, last=MANY // 10)
    elif known != "nothing":
        add(done=True, first=1, last=DONE[known])
    run(f"ANALYZE {table}")
    if known == "all wait":
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"TRUNCATE {table} CASCADE")
    add(done=False, first=MANY + 1, last=2 * MANY)


def blocks_by_plan(act: Callable[[], object]) -> list[int]:
    """The blocks of doing it with a plan for these very values, and with one for any.

    The less of twice: a plan that reads all does so each time, what a session reads once (a catalogue) it does not.
    """
    found = []
    for plan in ("force_custom_plan", "force_generic_plan"):
        run(f"SET LOCAL plan_cache_mode = {plan}")
        found.append(min(blocks_of(act), blocks_of(act)))
    return found


def news(name: str) -> IncomingEvent:
    about = {"id": f"sub_of_{name}"}
    event = {"id": name, "type": "customer.subscription.updated", "created": 1, "livemode": False}
    return IncomingEvent.read(event | {"data": {"object": about}})


@pytest.mark.parametrize("known", KNOWN)
def test_claims_of_events(known: str) -> None:
    stripe = ConnectionFactory.create()
    fill("payments_stripeevent", EVENTS, known, stripe.pk)
    newest = iter(StripeEvent.objects.order_by("-due_at").values_list("pk", flat=True)[:4])
    told = map(news, ("evt_a", "evt_b", "evt_c", "evt_d"))

    assert max(blocks_by_plan(lambda: inbox.process_event(now=NOW))) < MOST_BLOCKS
    assert StripeEvent.objects.exclude(error="").count() == 4
    assert max(blocks_by_plan(lambda: inbox.process_event(next(newest), now=NOW))) < MOST_BLOCKS
    assert (
        max(blocks_by_plan(lambda: inbox.receive_event(stripe.pk, next(told), EventSource.WEBHOOK, now=NOW)))
        < MOST_BLOCKS
    )
    assert max(blocks_by_plan(lambda: waiting.oldest_of_each(now=NOW))) < MOST_BLOCKS
    assert max(blocks_by_plan(lambda: waiting.waits_since(NOW))) < MOST_BLOCKS
    # A sweep counts once, whatever waits: PostgreSQL may read the table for it, where it knows nothing of it.
    assert max(blocks_by_plan(lambda: waiting.count_due(now=NOW, most=80))) < MANY / 10


def test_what_waits_can_be_found_by_no_other_index() -> None:
    """With statistics of one row others would look as good, and which one wins is chance."""
    claim = claims._CLAIM.format(asked=claims._NEXT.format(most=1), most=1)  # noqa: SLF001 - the statements themselves
    settled = {name: [1] for name in ("newest", "connections", "claimed", "claims")}
    told = {name: ["sub_1"] for name in ("subjects", "states", "errors")}
    settle = partial(conditions_of, claims._SETTLE, now=NOW, **settled, **told)  # noqa: SLF001 - as above
    run("SET LOCAL enable_seqscan = off")
    run("DROP INDEX event_of_subject")
    assert set(conditions_of(claim, now=NOW, until=NOW)) == {"(due_at <= ", "(id = "}
    assert set(settle()) == {"(id = "}

    run("DROP INDEX event_waiting")
    assert set(conditions_of(claim, now=NOW, until=NOW)) == {"(id = "}


def conditions_of(sql: str, **facts: Any) -> list[str]:
    """How each condition begins by which the plan of a statement finds events in an index; none where it reads all."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", facts)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    return re.findall(r"Index Cond: (\(+\w+\S* \S+ )", plan)


@pytest.mark.parametrize("known", KNOWN)
def test_claims_of_letters(known: str) -> None:
    studio: Account = AccountFactory.create()
    fill("accounts_letter", LETTERS, known, studio.pk)
    newest = iter(Letter.objects.order_by("-due_at").values_list("pk", flat=True)[:4])

    for act in (
        lambda: email_claims.claim_next(now=NOW),
        lambda: email_claims.claim(next(newest), now=NOW),
        lambda: email_claims.waits_since(NOW),
    ):
        assert max(blocks_by_plan(act)) < MOST_BLOCKS
    assert max(blocks_by_plan(lambda: email_claims.claim_letters(now=NOW))) < MOST_BLOCKS * email_claims.BATCH / 4
