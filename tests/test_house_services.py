"""The embedded servers and their folder."""

import os
from collections.abc import Generator
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


@pytest.fixture
def narrow_umask() -> Generator[None]:
    """What is made can be read by nobody else."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can start a server as somebody else.")
@pytest.mark.usefixtures("narrow_umask")
def test_postgres_starts_as_nobody_under_the_narrowest_umask(tmp_path: Path) -> None:
    """The copy of its programs is open to nobody too, whatever the umask was when they were installed."""
    folder = DataFolder(tmp_path / "data")
    postgres = Postgres(folder, THROWAWAY, guise_=Guise(user=SOMEBODY))
    narrowed = [path for path in (folder.outside / "program").rglob("*") if not path.is_symlink()]
    for path in narrowed:
        path.chmod(path.stat().st_mode & 0o700)

    postgres = Postgres(folder, THROWAWAY, guise_=Guise(user=SOMEBODY))
    process = postgres.start()
    with psycopg.connect(postgres.url) as connection:
        rows = connection.execute("SELECT 1").fetchall()
    process.stop()
    folder.wipe()

    assert rows == [(1,)]


@pytest.mark.parametrize("name", ["a b", 'a "b" c', "it’s", "back\\slash", "#1"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    valkey = Valkey(DataFolder(tmp_path / name), lasting=True)

    process = valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        kept = client.config_get("dir", "appendonly", "save")
    process.stop()

    assert kept == {"dir": str(valkey.data), "appendonly": "yes", "save": ""}


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


def test_a_folder_that_cannot_be_written_to_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """As in a checkout on a read-only disk, without --data-dir."""
    (tmp_path / "file").touch()

    with pytest.raises(FolderError, match=r"file/data can’t be written to \(.+\)\. Choose another with --data-dir\.$"):
        DataFolder(tmp_path / "file" / "data")


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
