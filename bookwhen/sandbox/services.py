"""The two servers that a run needs: those named in the environment, else embedded ones."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import Postgres
from bookwhen.sandbox.processes import Process
from bookwhen.sandbox.valkey import Valkey


@dataclass
class Services:
    """Where PostgreSQL and Redis are, and the processes of ours that serve them, in the order they started."""

    database_url: str
    redis_url: str
    cache_url: str
    processes: list[Process] = field(default_factory=list)

    def stop(self) -> None:
        """Stop what we started, last first."""
        for process in reversed(self.processes):
            process.stop()

    def environment(self) -> dict[str, str]:
        """Return where the servers are, as `bookwhen/settings.py` reads it."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "CACHE_URL": self.cache_url}


def start(folder: DataFolder, *, lasting: bool, settings: Mapping[str, str] | None = None) -> Services:
    """Start what DATABASE_URL and REDIS_URL do not name; raises StartFailedError, with nothing left running.

    `lasting` keeps Valkey's data over a restart; `settings` are PostgreSQL's.
    """
    redis_url = os.environ.get("REDIS_URL", "")
    services = Services(os.environ.get("DATABASE_URL", ""), redis_url, os.environ.get("CACHE_URL", redis_url))
    try:
        if not services.database_url:
            postgres = Postgres(folder, settings)
            services.processes.append(postgres.start())
            services.database_url = postgres.url
        if not services.redis_url:
            valkey = Valkey(folder, lasting=lasting)
            services.processes.append(valkey.start())
            services.redis_url = valkey.url
            services.cache_url = numbered(valkey.url, 1)
    except BaseException:
        services.stop()
        raise
    return services


def numbered(redis_url: str, database: int) -> str:
    """Return the address of another database of the same Redis."""
    return urlsplit(redis_url)._replace(path=f"/{database}").geturl()
