"""Back to a point in time: a base backup and the archived log, on PostgreSQL servers of the test's own."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Customer
from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import DATABASE, THROWAWAY, Postgres, binaries
from offers.eligibility import Attendee
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.waiting import eventually
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, Entry, Ticket, TicketCost

BEFORE, AFTER = 5, 3
SECRETS: Final = "secrets.json"


@contextmanager
def running(postgres: Postgres) -> Iterator[None]:
    """Run a server for a while, and let Django use it."""
    process, kept = postgres.start(), dict(connection.settings_dict)
    connection.close()
    secret = postgres.folder.secret("database")
    there = {"HOST": "127.0.0.1", "PORT": postgres.port, "USER": DATABASE, "PASSWORD": secret, "NAME": DATABASE}
    connection.settings_dict.update(there)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        process.stop()


def book_places(count: int) -> None:
    """So many customers book."""
    ticket, now = Ticket.objects.get(), timezone.now()
    entry = Entry.objects.for_booking().get()
    for customer in Customer.objects.filter(bookings=None).select_related("user", "account")[:count]:
        wanted = [WantedTicket(ticket=ticket.pk, name="Ann", attendee=Attendee.GUEST, is_for_booker=True)]
        book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=now)


def ask(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


@pytest.fixture
def dump(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The backup of a studio with a free ticket, whose customers have not booked yet."""
    monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")
    ticket = TicketFactory.create(entry=EntryFactory.create(capacity=20), cost=TicketCost.FREE, price=0)
    for _number in range(BEFORE + AFTER + 1):
        CustomerFactory.create(account=ticket.account, user=UserFactory.create())
    call_command("backup", "--to", str(tmp_path / "dumps"), stdout=io.StringIO())
    [dump] = (tmp_path / "dumps").glob("*.dump")
    return dump


def test_a_booking_before_the_target_is_there_and_one_after_it_is_not(dump: Path, tmp_path: Path) -> None:
    first = Postgres(DataFolder(tmp_path / "first"))
    archive, base = first.data.with_name("archive"), first.data.with_name("base")
    archive.mkdir()
    if first.guise.user:
        shutil.chown(archive, first.guise.user)
    keep = {"archive_mode": "on", "archive_command": f"test ! -f {archive}/%f && cp %p {archive}/%f"}
    first.settings |= {**THROWAWAY, **keep}
    with running(first):
        # An empty database takes a backup as it is.
        call_command("restore", str(dump), stdout=io.StringIO())
        copy_base(first, base)
        book_places(BEFORE)
        target = ask("SELECT clock_timestamp()")
        book_places(AFTER)
        assert Booking.objects.count() == BEFORE + AFTER
        last = ask("SELECT pg_walfile_name(pg_switch_wal())")
        eventually((archive / last).exists)

    second = Postgres(DataFolder(tmp_path / "second"), THROWAWAY)
    (second.folder.path / SECRETS).write_text(json.dumps({"database": first.folder.secret("database")}))
    second.settings |= {
        "restore_command": f"cp {archive}/%f %p",
        "recovery_target_time": target,
        "recovery_target_action": "promote",
    }
    shutil.move(base, second.data)
    with running(second):
        eventually(lambda: ask("SELECT pg_is_in_recovery()") == "False")
        assert Booking.objects.count() == BEFORE
        assert [str(each) for each in check_books(now=timezone.now())] == []
        book_places(1)
        assert Booking.objects.count() == BEFORE + 1
    for folder in (first.folder, second.folder):
        folder.wipe()


def copy_base(postgres: Postgres, base: Path) -> None:
    """A base backup of a running server, to be started at the end of the archived log."""
    program = str(binaries() / "pg_basebackup")
    where = ["--dbname", postgres.url.replace("postgres://", "postgresql://"), "--pgdata", str(base)]
    subprocess.run([program, *where, "--checkpoint=fast"], check=True)
    (base / "recovery.signal").touch()
    if postgres.guise.user:
        for path in (base, *base.rglob("*")):
            shutil.chown(path, postgres.guise.user)
