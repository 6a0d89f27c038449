"""A streaming standby of the tests' PostgreSQL, by pg_basebackup as an operator makes one."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import ENVIRONMENT, SETTINGS, THROWAWAY, Postgres
from bookwhen.sandbox.processes import Process, Program
from tests.waiting import eventually


class Standby:
    """A standby of all databases of the tests' server, on a port of its own."""

    def __init__(self) -> None:
        self.primary = os.environ["DATABASE_URL"]
        self.folder = DataFolder(Path(tempfile.mkdtemp(prefix="bookwhen-standby-")))
        self._server = Postgres(self.folder)
        self.port = self._server.port
        self._slot = f"standby_{uuid4().hex[:8]}"
        self._copy()
        self._process = self._start()

    def _copy(self) -> None:
        program = str(self._server.bin / "pg_basebackup")
        options = ("--checkpoint=fast", "--create-slot", f"--slot={self._slot}", "--write-recovery-conf", "--no-sync")
        command = [*self._server.guise.prefix, program, f"--dbname={self.primary}", "-D", str(self._server.data)]
        subprocess.run([*command, *options], check=True, env={**os.environ, **ENVIRONMENT}, timeout=60)

    def _start(self) -> Process:
        settings = {**SETTINGS, **THROWAWAY, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        program = str(self._server.bin / "postgres")
        process = Process(
            Program(
                name="standby",
                command=(*self._server.guise.prefix, program, "-D", str(self._server.data), *options),
                log=self.folder.logs / "standby.log",
                stop=signal.SIGINT,
                death=signal.SIGINT,
            )
        )
        # As long as a test of another worker writes very much in one transaction, no standby begins.
        process.wait_until(self._answers, seconds=120)
        return process

    def ask(self, statement: str, database: str = "postgres") -> object:
        """Ask the standby one thing."""
        address = urlsplit(self.primary)._replace(netloc=self._netloc(), path=f"/{database}").geturl()
        with psycopg.connect(address, connect_timeout=5, autocommit=True) as connection:
            (answer,) = connection.execute(statement).fetchone() or (None,)
        return answer

    def stand_still(self) -> None:
        """Replay nothing more until it goes on."""
        self.ask("SELECT pg_wal_replay_pause()")
        eventually(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def go_on(self) -> None:
        """Replay what came meanwhile, and what comes."""
        self.ask("SELECT pg_wal_replay_resume()")

    def kill(self) -> None:
        """End it without a word, as a power cut does; returns when nothing of it is left."""
        os.kill(self._process.popen.pid, signal.SIGSTOP)  # it must not bear another one while we count
        every = self._all()
        for pid in every:
            os.kill(pid, signal.SIGKILL)
        self._process.popen.wait()
        # A child ends when it next gets to run, and no other server may start before it has let go of the memory.
        eventually(lambda: not _running(every), seconds=60)

    def start_again(self) -> None:
        """Start it after it was killed."""
        (self._server.data / "postmaster.pid").unlink(missing_ok=True)
        self._process = self._start()

    def freeze(self) -> None:
        """Let it be there and do nothing: also what serves open connections."""
        for pid in self._all():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in self._all():
            os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop it, and give up its place at the primary."""
        self.thaw()
        self._process.stop()
        with psycopg.connect(self.primary, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s", [self._slot]
            )
            connection.execute("SELECT pg_drop_replication_slot(%s)", [self._slot])
        shutil.rmtree(self.folder.path)

    def _all(self) -> list[int]:
        mine = self._process.popen.pid
        children = subprocess.run(["pgrep", "-P", str(mine)], check=False, capture_output=True, text=True)  # noqa: S607
        return [mine, *map(int, children.stdout.split())]

    def _netloc(self) -> str:
        user = urlsplit(self.primary).netloc.rpartition("@")[0]
        return f"{user}@127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        try:
            return self.ask("SELECT pg_is_in_recovery()") is True
        except psycopg.OperationalError:
            return False


def _running(pids: Sequence[int]) -> bool:
    """Whether any of these processes is there and is more than an entry in a table."""
    named = ",".join(map(str, pids))
    listed = subprocess.run(["ps", "-o", "stat=", "-p", named], check=False, capture_output=True, text=True)  # noqa: S607
    return any(not state.startswith("Z") for state in listed.stdout.split())
