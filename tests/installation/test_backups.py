"""Backups made by `manage.py backup` and put back by `manage.py restore`, against a real PostgreSQL."""

import io
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from bookwhen.installation import backups, copies
from bookwhen.installation.models import Backup, Installation
from bookwhen.installation.restoring import refuse_in_use
from bookwhen.payments.encryption import decrypt
from bookwhen.payments.models import Connection
from bookwhen.sandbox.postgres import binaries
from tests.factories.accounts import UserFactory
from tests.worlds.till import Till
from tickets.consistency import check_books
from tickets.models import Booking

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs are those of the server that the tests start."""
    monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def replaced(transactional_db: None) -> Iterator[None]:
    """Nobody else uses the database, and those that a restore put aside are dropped afterwards."""
    name = database.settings_dict["NAME"]
    with database.cursor() as cursor:
        # A thread of an earlier test may have left its connection open.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )
    yield
    with database._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's own test runner does it
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}\\_before\\_%"])
        for (old,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{old}"')


def backup(folder: Path, *more: str) -> Path:
    call_command("backup", "--to", str(folder), *more, stdout=io.StringIO())
    return max(folder.glob("bookwhen-*.dump"))


def restore(dump: Path, *more: str) -> str:
    told = io.StringIO()
    call_command("restore", str(dump), *more, stdout=told)
    return told.getvalue()


def book(till: Till, count: int = 1) -> None:
    entry = till.entry()
    ticket = till.ticket(entry, price=0)
    for _number in range(count):
        till.check_out(till.fill(entry, ticket, customer=till.customer_with_login()))


@pytest.mark.usefixtures("replaced")
def test_a_backup_is_put_back_whole(till: Till, tmp_path: Path) -> None:
    login = UserFactory.create(email="ann@river.example", password=PASSWORD)
    book(till, 3)
    before = set(Booking.objects.values_list("pk", flat=True))
    dump = backup(tmp_path)
    book(till, 2)
    Account.objects.update(name="Spoilt")

    told = restore(dump, "--replace")

    assert set(Booking.objects.values_list("pk", flat=True)) == before
    assert Account.objects.get().name != "Spoilt"
    assert decrypt(Connection.objects.get().encrypted_key) == till.seller.key
    assert Client().login(request=None, username=login.email, email=login.email, password=PASSWORD)
    assert "Everything matches" in told
    book(till)
    assert Booking.objects.count() == len(before) + 1
    assert [str(each) for each in check_books(now=timezone.now())] == []


@pytest.mark.django_db(transaction=True)
def test_what_a_backup_says_of_itself(tmp_path: Path, settings: Settings) -> None:
    settings.SECRET_KEY = "nobody may read this"
    dump = backup(tmp_path / "new folder")

    manifest = backups.Manifest.read(dump.with_suffix(".json").read_text())
    here = Installation.objects.get()
    assert (manifest.installation, manifest.site) == (str(here.uuid), here.site_url)
    assert manifest.size == dump.stat().st_size
    assert manifest.secret_keys == backups.fingerprints()
    assert manifest.migrations["installation"] >= "0001_initial"
    assert settings.SECRET_KEY not in dump.with_suffix(".json").read_text()
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "new folder").iterdir()] == [0o600, 0o600]
    [row] = Backup.objects.all()
    assert (row.kind, row.place, row.size) == ("dump", str(dump), manifest.size)
    assert row.started_at < row.finished_at


@pytest.fixture
def dump(transactional_db: None, tmp_path: Path) -> Path:
    return backup(tmp_path)


def test_a_half_written_backup_is_refused(dump: Path) -> None:
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-100])

    with pytest.raises(CommandError, match=r"The dump isn’t whole: it has"):
        restore(dump, "--replace")


def test_a_changed_backup_is_refused(dump: Path) -> None:
    whole = bytearray(dump.read_bytes())
    whole[len(whole) // 2] ^= 1
    dump.write_bytes(bytes(whole))

    with pytest.raises(CommandError, match="The dump was changed since it was made"):
        restore(dump, "--replace")


def test_a_backup_that_was_never_finished_is_refused(dump: Path) -> None:
    dump.with_suffix(".json").unlink()

    with pytest.raises(CommandError, match="was never finished"):
        restore(dump, "--replace")


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"format": 1}', '{"migrations": 3, "secret_keys": [1]}'])
def test_a_manifest_that_is_none_is_refused(dump: Path, text: str) -> None:
    dump.with_suffix(".json").write_text(text)

    with pytest.raises(CommandError, match="The manifest can’t be read"):
        restore(dump, "--replace")


def test_a_backup_of_a_newer_release_is_refused(dump: Path) -> None:
    beside = dump.with_suffix(".json")
    manifest = json.loads(beside.read_text())
    manifest["migrations"]["tickets"] = "9999_of_another_year"
    beside.write_text(json.dumps(manifest))

    with pytest.raises(CommandError, match="a newer release than this one, which doesn’t know tickets 9999_of_another"):
        restore(dump, "--replace")


def test_a_backup_under_another_secret_key_is_refused_until_the_key_is_there(dump: Path, settings: Settings) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(CommandError, match="It was made with another SECRET_KEY"):
        restore(dump, "--check")

    settings.SECRET_KEY_FALLBACKS = [old]
    assert "The backup is whole" in restore(dump, "--check")
    settings.SECRET_KEY_FALLBACKS = []
    assert "The backup is whole" in restore(dump, "--check", "--without-key")


def test_a_database_that_is_not_empty_is_kept(dump: Path) -> None:
    Installation.objects.update(site_url="http://changed.example")

    with pytest.raises(CommandError, match="The database isn’t empty"):
        restore(dump)

    assert Installation.objects.get().site_url == "http://changed.example"


def connected(name: str = "") -> "psycopg.Connection[Any]":
    params = database.get_connection_params()
    given = {name: params[name] for name in ("dbname", "host", "port", "user", "password")}
    return psycopg.connect(**{**given, "dbname": name or given["dbname"]}, autocommit=True)


def test_a_database_that_is_in_use_is_kept(dump: Path) -> None:
    Installation.objects.update(site_url="http://changed.example")

    in_use = r"^(?:1 connection to the database is|\d+ connections to the database are) open"
    with connected(), pytest.raises(CommandError, match=in_use):
        restore(dump, "--replace")

    assert Installation.objects.get().site_url == "http://changed.example"


@pytest.mark.usefixtures("replaced")
def test_who_is_just_hanging_up_is_waited_for() -> None:
    name = str(database.settings_dict["NAME"])
    leaving = connected()
    database.close()

    with connected("postgres") as server:
        hang_up = threading.Timer(0.5, leaving.close)
        hang_up.start()
        refuse_in_use(server, name)
        hang_up.join()

    assert leaving.closed


@pytest.mark.usefixtures("replaced")
def test_a_copy_that_is_restored_elsewhere_is_quiet(dump: Path, settings: Settings) -> None:
    settings.COPIES_ARE_QUIET, settings.SITE_URL = True, "https://staging.example"

    told = restore(dump, "--replace")

    assert "It belongs to http://testserver, so this site is quiet until you run manage.py adopt_site." in told
    assert copies.is_quiet()
    copies.forget()


def test_only_the_newest_are_kept(dump: Path) -> None:
    folder = dump.parent
    others = [folder / f"bookwhen-2020010{day}T000000Z{end}" for day in (1, 2, 3) for end in (".dump", ".json")]
    notes = folder / "notes.dump"
    for path in (*others, notes):
        path.touch()
    (folder / "bookwhen-20200104T000000Z.dump.part").touch()

    made = backup(folder, "--keep", "2")

    kept = {dump, made} if made != dump else {dump, others[4]}
    assert {path for path in folder.iterdir() if path.suffix == ".dump"} == {*kept, notes}
    assert {path.stem for path in folder.glob("*.json")} == {path.stem for path in kept}
    assert not list(folder.glob("*.part"))


def test_a_dump_that_was_made_elsewhere_is_described(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, told = dump.read_bytes(), io.StringIO()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(whole)))

    call_command("backup", "--describe", "/backups/monday.dump", "--started", "1893456000", stdout=told)

    manifest = backups.Manifest.read(told.getvalue())
    assert (manifest.size, manifest.started_at) == (len(whole), "2030-01-01T00:00:00+00:00")
    assert Backup.objects.filter(place="/backups/monday.dump", size=len(whole)).count() == 1

    both = told.getvalue().encode() + whole
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(both)))
    assert "The backup is whole" in restore(Path("-"), "--check")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(both[:-1])))
    with pytest.raises(CommandError, match="isn’t whole"):
        restore(Path("-"), "--check")


@pytest.mark.django_db
def test_a_dump_of_nothing_is_no_backup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"")))

    with pytest.raises(CommandError, match="Nothing came in"):
        call_command("backup", "--describe", "x")

    assert not Backup.objects.exists()


def pgbackrest(**changed: Any) -> str:
    made = {
        "label": "20291231-010000F",
        "type": "full",
        "error": False,
        "timestamp": {"start": 1893373200, "stop": 1893373260},
        "info": {"size": 9000, "repository": {"size": 3000, "delta": 2000}},
    }
    return json.dumps([{"name": "bookwhen", "status": {"code": 0}, "backup": [made | changed]}])


@pytest.mark.django_db
def test_what_pgbackrest_made_is_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for told in (pgbackrest(), pgbackrest(), pgbackrest(label="broken", error=True)):
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        call_command("backup", "--pgbackrest", stdout=io.StringIO())

    [row] = Backup.objects.all()
    assert (row.kind, row.place, row.size) == ("pgBackRest", "bookwhen 20291231-010000F", 2000)
    assert row.finished_at == datetime(2029, 12, 31, 1, 1, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("told", ["", "{}", "[{}]", pgbackrest(timestamp={})])
def test_what_is_not_pgbackrests_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(told))

    if told == "{}":
        call_command("backup", "--pgbackrest", stdout=io.StringIO())
    else:
        with pytest.raises(CommandError, match="This isn’t what pgbackrest info"):
            call_command("backup", "--pgbackrest", stdout=io.StringIO())
    assert not Backup.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_behind_pgbouncer_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(database.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)  # noqa: FBT003

    with pytest.raises(CommandError, match="let DATABASE_URL name the server itself"):
        backup(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_without_a_fitting_pg_dump_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.4'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    monkeypatch.setattr("bookwhen.installation.postgres_programs.FOLDERS", ())

    with pytest.raises(CommandError, match=r"pg_dump here is 13, which is too old. Install PostgreSQL \d+’s client"):
        backup(tmp_path / "backups")

    assert not Backup.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "overdue"), [(25, False), (27, True)])
def test_a_backup_is_overdue_after_a_day_and_two_hours(hours: int, overdue: bool) -> None:  # noqa: FBT001
    now = timezone.now()
    assert backups.is_overdue(backups.last_backup(), now=now)
    for age in (hours, 100):
        ago = now - timedelta(hours=age)
        backups.record_backup(kind="dump", place=str(uuid4()), size=1, started_at=ago, finished_at=ago)

    assert backups.is_overdue(backups.last_backup(), now=now) is overdue


def test_a_role_that_may_not_make_databases_is_told(dump: Path) -> None:
    role = f"clerk_{uuid4().hex[:8]}"
    kept = dict(database.settings_dict)
    with database.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'clerk'")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    database.close()
    database.settings_dict.update({"USER": role, "PASSWORD": "clerk"})
    try:
        with pytest.raises(CommandError, match="permission denied to create database"):
            restore(dump, "--replace")
    finally:
        database.close()
        database.settings_dict.update(kept)
        with database.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")
