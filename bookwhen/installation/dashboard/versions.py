"""Which versions run here: of the release, of what it runs on, and of the database's schema."""

import platform
from dataclasses import dataclass

import django
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from bookwhen.installation.dashboard.state import SECONDS_TO_ANSWER


@dataclass(frozen=True, slots=True)
class Schema:
    """The newest migration of each app that was run, and those that the release has and the database has not."""

    newest: dict[str, str]
    pending: list[str]


def versions() -> list[tuple[str, str]]:
    """What runs, and its version, to be read by people."""
    return [
        (_("Release"), settings.VERSION),
        (_("Commit"), settings.COMMIT or _("not given when it was built")),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("PostgreSQL", _postgresql()),
        (_("Valkey or Redis"), _broker()),
    ]


def schema() -> Schema:
    """How far the database's schema is. One statement, and the one that looks whether there are migrations at all."""
    loader = MigrationLoader(connection)
    ours = {config for config, _name in loader.graph.leaf_nodes()}
    newest = {app: name for app, name in sorted(loader.applied_migrations) if app in ours}
    pending = sorted(
        f"{app}.{name}" for app, name in loader.disk_migrations if (app, name) not in loader.applied_migrations
    )
    return Schema(newest, pending)


def _postgresql() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return str(cursor.fetchone()[0]).partition(" ")[0]
    except DatabaseError:
        return _("doesn’t answer")


def _broker() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=SECONDS_TO_ANSWER, socket_timeout=SECONDS_TO_ANSWER
        ) as client:
            told = client.info("server")
    except redis.RedisError:
        return _("doesn’t answer")
    return str(told.get("valkey_version") or told.get("redis_version", ""))
