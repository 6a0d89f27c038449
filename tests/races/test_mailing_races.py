"""Two workers send one message, or somebody stops it, at one instant: nobody gets it twice."""

from datetime import datetime

import pytest
from django.db import connection, transaction

from accounts.erasing.service import erase_customer
from accounts.mailings import sending, services
from accounts.models import Account, Customer, Letter, Mailing, MailingRecipient, Operation
from accounts.operations.running import run_operation
from tests.accounts.mailings.acts import begin, draft
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tests.races.crowd import meanwhile, run_at_once, wait_for_everyone

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY = 4
PEOPLE = 50


@pytest.fixture
def gathered() -> Operation:
    """A message of which nothing is written yet."""
    account: Account = AccountFactory.create()
    Customer.objects.bulk_create(
        Customer(account=account, name=f"P{number}", email=f"p{number}@example.org", seen_at=NOW)
        for number in range(PEOPLE)
    )
    operation = begin(draft(account))
    while Operation.objects.get(pk=operation.pk).phase != sending.WRITE:
        run_operation(operation.pk, seconds=0, now=NOW)
    operation.refresh_from_db()
    return operation


def write(operation: Operation, *, now: datetime = NOW) -> None:
    """A worker's batch, whoever has the job."""
    mine = Operation.objects.select_related("account").get(pk=operation.pk)
    while sending._write_batch(mine, now).cursor:  # noqa: SLF001 - a worker that was overtaken does this
        pass


def test_control_who_looks_before_they_write_writes_twice(gathered: Operation) -> None:
    """Without the message held, two workers find the same recipients; only the unique key of each email is left."""
    everybody_looked = wait_for_everyone(MANY)

    def naive(number: int) -> int:
        mailing = Mailing.objects.select_related("account").get(operation=gathered.pk)
        rows = sending._next_recipients(mailing)  # noqa: SLF001 - what a batch does, without its lock
        everybody_looked()
        with transaction.atomic(), connection.cursor() as cursor:
            for row in rows:
                cursor.execute(
                    "INSERT INTO accounts_letter (account_id, kind, recipient, reply_to, subject, text, html, calendar,"
                    " created_at, due_at, attempts, error)"
                    " VALUES (%s, 'message', %s, '', 'x', %s, '', '', now(), now(), 0, '')",
                    [mailing.account_id, row["email"], str(number)],
                )
        return len(rows)

    assert run_at_once(MANY, naive) == [PEOPLE] * MANY
    assert Letter.objects.count() == PEOPLE * MANY


def test_workers_at_once_write_each_email_once(gathered: Operation) -> None:
    run_at_once(MANY, lambda _number: write(gathered))

    assert Letter.objects.count() == Letter.objects.values("recipient").distinct().count() == PEOPLE
    assert set(MailingRecipient.objects.values_list("state", flat=True)) == {"written"}
    assert Mailing.objects.get().state == "sent"


def test_stopped_while_it_is_written_nothing_is_left_waiting(gathered: Operation) -> None:
    mailing = Mailing.objects.get()

    def act(number: int) -> None:
        if number == 0:
            services.stop(mailing, now=NOW)
        else:
            write(gathered)

    run_at_once(MANY, act)

    mailing.refresh_from_db()
    assert mailing.state == "stopped"
    assert Letter.objects.count() == 0
    assert set(MailingRecipient.objects.values_list("state", flat=True)) == {"pending"}
    services.go_on(mailing, who="", now=NOW)
    write(gathered)
    assert Letter.objects.values("recipient").distinct().count() == Letter.objects.count() == PEOPLE


def test_sent_by_two_at_once_it_is_sent_once() -> None:
    account: Account = AccountFactory.create()
    mailing = draft(account)
    run_at_once(MANY, lambda _number: services.send(mailing, seen=mailing.changed_at, who="", now=NOW).pk)

    assert Operation.objects.count() == 1


def erase(number: int) -> str:
    """Erase one of them; their address."""
    gone = Customer.objects.select_related("account").order_by("pk")[number]
    erase_customer(gone, now=NOW)
    return str(gone.email)


def test_control_who_only_reads_recipients_writes_to_somebody_who_is_erased_by_then(gathered: Operation) -> None:
    mailing = Mailing.objects.get()
    had_to_wait, _address = meanwhile(lambda: sending._next_recipients(mailing), lambda: erase(0))  # noqa: SLF001
    assert not had_to_wait
    had_to_wait, _address = meanwhile(lambda: sending._hold_recipients(mailing), lambda: erase(1))  # noqa: SLF001
    assert had_to_wait


def test_who_is_erased_while_they_are_written_to_gets_no_email(gathered: Operation) -> None:
    had_to_wait, address = meanwhile(lambda: write(gathered), lambda: erase(0))

    assert had_to_wait
    assert Letter.objects.count() == PEOPLE - 1
    assert not Letter.objects.filter(recipient=address).exists()
