"""From the transaction that writes a letter, over the real broker, to a real worker in a process of its own."""

import os
import subprocess

import psycopg
import pytest
from celery.signals import task_postrun
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import email_queue
from accounts.models import Letter
from tests.factories.accounts import AccountFactory
from tests.waiting import eventually


def test_the_worker_sends_what_was_committed(celery_worker_process: subprocess.Popen[bytes]) -> None:
    with transaction.atomic():
        email_queue.queue_letter(
            kind="team_invitation",
            recipient="ada@example.org",
            template="accounts/letters/team_invitation",
            context={"link": "https://book.example/x/", "has_login": True},
            account=AccountFactory.create(),
            now=timezone.now(),
        )

    eventually(Letter.objects.filter(sent_at__isnull=False).exists)

    letter = Letter.objects.get()
    assert (letter.recipient, letter.attempts, letter.error) == ("ada@example.org", 1, "")
    assert celery_worker_process.poll() is None


def test_a_task_that_finds_its_connection_broken_leaves_it(transactional_db: None) -> None:
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(OperationalError):
        Letter.objects.exists()

    task_postrun.send(sender=None)

    with transaction.atomic():
        assert not Letter.objects.exists()
