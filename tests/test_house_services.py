"""The embedded servers and their folder."""

import os
from pathlib import Path

import psycopg
import pytest
import redis

from bookwhen.sandbox import services
from bookwhen.sandbox.folder import DataFolder, FolderError
from bookwhen.sandbox.ports import is_free
from bookwhen.sandbox.postgres import SOMEBODY, THROWAWAY, Guise, Postgres
from bookwhen.sandbox.processes import command_line
from bookwhen.sandbox.valkey import Valkey

# Root tries both ways around PostgreSQL's refusal to run as root.
GUISES = [None, Guise(user=SOMEBODY)] if os.geteuid() == 0 else [None]


@pytest.mark.parametrize("guise", GUISES)
def test_postgres_keeps_its_data_and_survives_a_stale_pid_file(tmp_path: Path, guise: Guise | None) -> None:
    folder = DataFolder(tmp_path / "data")
    first = Postgres(folder, THROWAWAY, guise_=guise)
    process = first.start()
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE EXTENSION citext")
        connection.execute("CREATE TABLE kept AS SELECT 'É'::citext AS letter")
    process.stop()
    # As after a power cut, when its number now belongs to another process: this one.
    (first.data / "postmaster.pid").write_text(f"{os.getpid()}\n{first.data}\n")

    second = Postgres(folder, THROWAWAY, guise_=guise)
    process = second.start()
    with psycopg.connect(second.url) as connection:
        rows = connection.execute("SELECT letter = 'é' FROM kept").fetchall()
    process.stop()
    folder.wipe()

    assert rows == [(True,)]
    assert process.exit_code() == 0
    assert not folder.outside.exists()


def test_postgres_wants_the_password(tmp_path: Path) -> None:
    postgres = Postgres(DataFolder(tmp_path / "data"), THROWAWAY)
    process = postgres.start()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace(postgres.folder.secret("database"), "wrong"))
    process.stop()
    postgres.folder.wipe()


def test_a_server_left_behind_is_ended_by_the_next_start(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    left = Valkey(folder, lasting=True)
    left_process = left.start()
    with redis.Redis.from_url(left.url) as client:
        client.set("kept", "yes")

    following = Valkey(folder, lasting=True)
    process = following.start()
    with redis.Redis.from_url(following.url) as client:
        kept = client.get("kept")
    process.stop()

    assert kept == b"yes"
    assert left_process.popen.wait(5) == 0
    assert is_free(left.port)


def test_servers_named_in_the_environment_are_used(tmp_path: Path) -> None:
    """In a test run both are named."""
    running = services.start(DataFolder(tmp_path / "data"), lasting=True)

    assert running.processes == []
    assert running.environment() == {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL")}


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear diary")

    with pytest.raises(FolderError, match="is not a data folder of this project"):
        DataFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_serves_one_at_a_time(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")

    with folder.locked("http://127.0.0.1:8000/") as killed:
        assert killed is False
        assert folder.running() is True
        with (
            pytest.raises(FolderError, match=rf"in use by http://127.0.0.1:8000/ \(process {os.getpid()}\)"),
            folder.locked("http://127.0.0.1:9000/"),
        ):
            pass
    assert folder.running() is False


def test_secrets_are_kept_and_private(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    secret = folder.secret("secret_key")

    assert DataFolder(tmp_path / "data").secret("secret_key") == secret
    assert len(secret) > 50
    assert (folder.path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_no_command_line_of_nobody() -> None:
    assert command_line(2**22 + 1) == ""


def test_a_reset_leaves_an_empty_folder_of_ours(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.secret("secret_key")
    (folder.path / "postgres").mkdir()

    folder.wipe()

    assert sorted(path.name for path in folder.path.iterdir()) == ["bookwhen-data", "logs"]
    assert DataFolder(tmp_path / "data").path == folder.path
