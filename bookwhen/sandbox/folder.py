"""The data folder of a demo or a test run: its marker, its lock, its secrets."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

MARKER = "bookwhen-data"


class FolderError(Exception):
    """The folder cannot be used; the text says why and what to do."""


class DataFolder:
    """A folder that holds everything a run keeps.

    Raises FolderError for a folder with something else in it, and for one that cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"
        self.environment_file = self.path / "environment.json"
        mark = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
        self.outside = Path("/var/tmp") / f"bookwhen-{mark}"  # noqa: S108 - kept over a restart; its owner is checked
        """Where PostgreSQL's data goes when it runs as somebody who cannot reach this folder."""
        self._lock = self.path / "lock"
        try:
            self._mark()
        except OSError as error:
            message = f"{self.path} can’t be written to ({error.strerror}). Choose another with --data-dir."
            raise FolderError(message) from error

    def _mark(self) -> None:
        """Make the folder ours; raises OSError where nothing can be written."""
        marker = self.path / MARKER
        if self.path.exists() and not marker.exists() and any(self.path.iterdir()):
            message = f"{self.path} is not a data folder of this project. Choose another with --data-dir."
            raise FolderError(message)
        self.logs.mkdir(parents=True, exist_ok=True)
        marker.touch()

    @contextmanager
    def locked(self, url: str) -> Iterator[bool]:
        """Hold the folder for one process, which serves at `url`. Raises FolderError when another one holds it.

        The lock is the kernel's: it ends with the process, however that ends, so that none is ever stale. Yields
        whether the last holder was killed.
        """
        with self._lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderError(self._who_holds(lock)) from None
            lock.seek(0)
            killed = bool(lock.read())
            lock.truncate(0)
            lock.write(f"{url} (process {os.getpid()})")
            lock.flush()
            try:
                yield killed
            finally:
                lock.truncate(0)

    def _who_holds(self, lock: IO[str]) -> str:
        lock.seek(0)
        holder = lock.read() or "another process"
        return f"{self.path} is in use by {holder}. Stop that one first, or choose another folder with --data-dir."

    def running(self) -> bool:
        """Say whether a process holds the folder now."""
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def is_empty(self) -> bool:
        """Say whether nothing is kept here yet."""
        return {path.name for path in self.path.iterdir()} <= {MARKER, self._lock.name, self.logs.name}

    def wipe(self) -> None:
        """Remove everything but the marker and the lock. Call it with the folder locked."""
        for path in self.path.iterdir():
            if path.name in {MARKER, self._lock.name}:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        self.logs.mkdir()
        shutil.rmtree(self.outside, ignore_errors=True)

    def secret(self, name: str) -> str:
        """Return the secret of that name, made on first use and kept."""
        path = self.path / "secrets.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in kept:
            kept[name] = secrets.token_urlsafe(40)
            write_private(path, json.dumps(kept))
        return kept[name]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
