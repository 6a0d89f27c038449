"""From the transaction that writes a letter, over the real broker, to a real worker in a process of its own."""

import subprocess

from django.db import connection, transaction
from django.utils import timezone

from accounts import email_queue
from accounts.models import Letter
from accounts.tasks import send_letter
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


def test_a_worker_whose_database_was_restarted_goes_on(celery_worker_process: subprocess.Popen[bytes]) -> None:
    account, now = AccountFactory.create(), timezone.now()

    def send() -> Letter:
        return Letter.objects.create(
            account=account, kind="x", recipient="ada@example.org", subject="x", text="x", created_at=now, due_at=now
        )

    first = send()
    send_letter.delay(first.pk)
    eventually(lambda: Letter.objects.get(pk=first.pk).sent_at is not None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    # One task finds the connection broken, and its letter waits for the sweep; those after it do not.
    later = [send() for _ in range(3)]
    for letter in later:
        send_letter.delay(letter.pk)

    eventually(lambda: Letter.objects.filter(pk__in=[each.pk for each in later[1:]], sent_at=None).count() == 0)
    assert celery_worker_process.poll() is None
