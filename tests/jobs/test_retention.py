"""What is old goes, a batch at a time in the order of an index, and goes on while the run lasts."""

from datetime import timedelta
from functools import partial
from typing import Final

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from accounts import retention
from accounts.models import Letter, LetterQuota, LoginSession
from bookwhen.jobs import retention as forgetting
from bookwhen.jobs.run import Run
from bookwhen.payments import upkeep
from bookwhen.payments.models import StripeEvent
from tests.accounts.letters import create_letter
from tests.factories.accounts import AccountFactory, UserFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW
from tests.jobs.blocks import blocks_of
from tests.jobs.test_claims_stay_quick import run as sql

pytestmark = pytest.mark.django_db

OLD: Final = NOW - timedelta(days=400)
SECOND: Final = timedelta(seconds=1)
MANY: Final = 30_000

DONE_EVENTS: Final = """
INSERT INTO payments_stripeevent (connection_id, stripe_id, type, subject, api_version, created_at, payload, source,
    state, attempts, due_at, error, received_at)
SELECT %(owner)s, 'evt_' || n, 'customer.updated', 'cus_' || n, '', %(at)s, '{}', 'webhook', 'done', 1, %(at)s, '',
    %(at)s + n * interval '1 minute'
FROM generate_series(1, %(many)s) n
"""
SENT_LETTERS: Final = """
INSERT INTO accounts_letter (account_id, kind, recipient, reply_to, subject, text, html, calendar, created_at, due_at,
    attempts, error, sent_at)
SELECT %(owner)s, 'booked', n || '@example.org', '', 'Hello', 'Hello', '', '', %(at)s, %(at)s, 1, '',
    %(at)s + n * interval '1 minute'
FROM generate_series(1, %(many)s) n
"""
SESSIONS: Final = """
INSERT INTO django_session (session_key, session_data, expire_date)
SELECT 'key' || n, '', %(at)s + n * interval '1 minute' FROM generate_series(1, %(many)s) n
"""


class _NotLong(Run):
    """A run whose time is up after so many batches."""

    batches = 0

    @property
    def is_over(self) -> bool:
        self.batches -= 1
        return self.batches < 0


@pytest.fixture
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (forgetting, retention):
        monkeypatch.setattr(module, "BATCH", 2)


def letters_of(**when: object) -> list[Letter]:
    return [create_letter(**when) for _number in range(3)]


def test_letters_go_a_year_after_they_were_sent_or_given_up() -> None:
    before = NOW - timedelta(days=settings.EMAILS_KEPT_DAYS)
    letters_of(sent_at=before - SECOND, text="Sent")
    letters_of(failed_at=before - SECOND, text="Given up")
    kept = [*letters_of(sent_at=before), *letters_of(failed_at=before), *letters_of(created_at=OLD, due_at=OLD)]
    for days in (30, 32):
        LetterQuota.objects.create(account=AccountFactory.create(), day=NOW - timedelta(days=days), allowance=1)
    run = Run("forget", now=NOW)
    retention.forget_letters(run)
    assert (run.done, run.failed, run.left) == (7, 0, False)
    assert list(Letter.objects.order_by("pk")) == kept
    assert LetterQuota.objects.get().day == (NOW - timedelta(days=30)).date()


def test_sessions_go_with_their_devices_once_they_are_over() -> None:
    user = UserFactory.create()
    for key, until in {"over": NOW - SECOND, "now": NOW}.items():
        Session.objects.create(session_key=key, session_data="", expire_date=until)
        LoginSession.objects.create(user=user, session_key=key, started_at=OLD, seen_at=OLD)
    run = Run("forget", now=NOW)
    retention.forget_sessions(run)
    assert (run.done, run.left) == (1, False)
    assert (Session.objects.get().pk, LoginSession.objects.get().session_key) == ("now", "now")


@pytest.mark.usefixtures("_small_batches")
def test_a_run_goes_on_while_there_is_work_and_says_what_it_left() -> None:
    sql(SESSIONS, at=OLD, many=7)
    run = _NotLong("forget", now=NOW)
    run.batches = 3
    retention.forget_sessions(run)
    assert (run.done, run.left, list(Session.objects.values_list("pk", flat=True))) == (6, True, ["key7"])

    sql(SENT_LETTERS, owner=AccountFactory.create().pk, at=OLD, many=7)
    run = _NotLong("forget", now=NOW)
    run.batches = 6  # each batch asks twice
    retention.forget_letters(run)
    assert (run.done, run.left, Letter.objects.get().recipient) == (6, True, "7@example.org")


@pytest.mark.usefixtures("new_files")
def test_a_batch_reads_what_it_deletes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 10)
    monkeypatch.setattr(retention, "BATCH", 10)
    for table, statement, owner, act in (
        ("payments_stripeevent", DONE_EVENTS, ConnectionFactory.create().pk, upkeep.prune),
        ("accounts_letter", SENT_LETTERS, AccountFactory.create().pk, retention.forget_letters),
        ("django_session", SESSIONS, None, retention.forget_sessions),
    ):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"TRUNCATE {table} CASCADE")
        sql(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        sql(statement, owner=owner, at=OLD, many=MANY)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"ANALYZE {table}")
        run = _NotLong("forget", now=NOW)
        run.batches = 1 if act is retention.forget_sessions else 2
        assert blocks_of(partial(act, run)) < 300
        assert (run.done, run.left) == (10, True)


def test_old_events_go_by_their_setting() -> None:
    sql(DONE_EVENTS, owner=ConnectionFactory.create().pk, at=NOW - timedelta(days=90, minutes=2), many=3)
    run = Run("prune", now=NOW)
    upkeep.prune(run)
    assert (run.done, list(StripeEvent.objects.order_by("pk").values_list("stripe_id", flat=True))) == (
        1, ["evt_2", "evt_3"],
    )  # fmt: skip
