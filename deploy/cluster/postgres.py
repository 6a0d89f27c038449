"""PostgreSQL on three machines: a primary and two standbys, of which one must have a commit before it counts."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import psycopg

from bookwhen.sandbox.postgres import binaries, guise
from deploy.cluster import network
from deploy.cluster.machine import Machine

NAME: Final = "bookwhen"
PASSWORD: Final = "only-inside-the-namespaces"  # noqa: S105
PORT: Final = 5432
CONFIGURATION: Final = f"""
listen_addresses = '*'
port = {PORT}
unix_socket_directories = ''
max_connections = 150
synchronous_commit = on
wal_keep_size = '256MB'
wal_sender_timeout = '5s'
wal_receiver_timeout = '5s'
wal_retrieve_retry_interval = '1s'
tcp_keepalives_idle = 5
tcp_keepalives_interval = 2
tcp_keepalives_count = 3
"""
HBA: Final = f"""
host all all {network.NET}.0/24 scram-sha-256
host replication all {network.NET}.0/24 scram-sha-256
"""


class Postgres:
    """The server of one machine."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine, self.data = machine, folder / machine.name
        self._bin = binaries()
        self._guise = guise(self._bin, folder)
        postgres = str(self._bin / "postgres")
        machine.program("postgres", *self._guise.prefix, postgres, "-D", str(self.data))

    @property
    def url(self) -> str:
        """Where it is, without anything in between."""
        return f"postgres://{NAME}:{PASSWORD}@{self.machine.address}:{PORT}/{NAME}"

    def make(self) -> None:
        """Make it a primary with an empty database, and start it."""
        self.data.mkdir(mode=0o700)
        secret = self.data.with_suffix(".password")
        secret.write_text(PASSWORD)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._run("initdb", "-D", str(self.data), "-U", NAME, "--auth=scram-sha-256", f"--pwfile={secret}", *locale)
        _append(self.data / "postgresql.conf", CONFIGURATION)
        _append(self.data / "pg_hba.conf", HBA)
        self.machine.start(ready=lambda: self.ask("SELECT 1", "postgres") is not None)
        self.ask(f"CREATE DATABASE {NAME}", "postgres")

    def follow(self, primary: "Postgres") -> None:
        """Make it a standby of a primary, from nothing, and start it."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        source = f"{primary.conninfo} application_name={self.machine.name}"
        self._run("pg_basebackup", "--checkpoint=fast", "--write-recovery-conf", "-D", str(self.data), "-d", source)
        self.machine.start(ready=lambda: self.ask("SELECT 1") is not None)

    def follow_another(self, primary: "Postgres") -> None:
        """Let a standby follow another primary from now on, without a break."""
        source = f"{primary.conninfo} application_name={self.machine.name}"
        self.ask(f"ALTER SYSTEM SET primary_conninfo = '{source}'")
        self.ask("SELECT pg_reload_conf()")

    @property
    def conninfo(self) -> str:
        """Where it is, as one server tells another."""
        return f"host={self.machine.address} port={PORT} user={NAME} password={PASSWORD} connect_timeout=3"

    def ask(self, statement: str, database: str = NAME) -> Any:  # noqa: ANN401 - any value
        """Ask it one thing; None where it does not answer, and True where there is nothing to answer."""
        given = f"{self.conninfo} dbname={database}"
        try:
            with psycopg.connect(given, autocommit=True) as connection:
                cursor = connection.execute(statement.encode())
                row = cursor.fetchone() if cursor.description else (True,)
                return row[0] if row else None
        except psycopg.OperationalError:
            time.sleep(0.1)
            return None

    def received(self) -> int:
        """How far a standby has the log of its primary."""
        return int(self.ask("SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn") or 0)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*network.within(self.machine.name), *self._guise.prefix, str(self._bin / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/bin"})


def _append(file: Path, text: str) -> None:
    with file.open("a") as end:
        end.write(text)
