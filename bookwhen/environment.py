"""Settings from the environment that have a shape: what is of another one stops the start, and says what to write."""

import logging
import re
from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

MOST_DAYS: Final = 36_500
SHORTEST_KEY: Final = 32
FEWEST_CHARACTERS: Final = 8
"""How many different characters a secret key has at least."""
CONNECT_SECONDS: Final = 3
POOL_SECONDS: Final = 2
"""How long a request waits for a connection, while the database is away or all are in use."""
RECONNECT_SECONDS: Final = 2
"""For how long the pool tries to connect, with longer and longer pauses, before it begins anew at the next request."""
SILENCE: Final = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How libpq finds out that a server has gone without a word: after ten seconds, or twenty of an idle connection."""

NO_SITE: Final = "http://127.0.0.1:8000"
"""`SITE_URL` where nobody has said it."""
SMTP_BACKEND: Final = "accounts.email_smtp.EmailBackend"
"""In place of Django's."""

_REDIS_KINDS: Final = {
    "sentinel": "Sentinel",
    "redis+sentinel": "Sentinel",
    "rediss+sentinel": "Sentinel",
    "valkey+sentinel": "Sentinel",
    "cluster": "a cluster",
    "redis+cluster": "a cluster",
    "rediss+cluster": "a cluster",
    "valkey+cluster": "a cluster",
    "unix": "a Unix socket",
    "redis+socket": "a Unix socket",
    "redis+unix": "a Unix socket",
    "valkey+unix": "a Unix socket",
}
_REDIS_SHAPE: Final = "redis://host:6379/0, or rediss:// with TLS"
_DATABASE_SHAPE: Final = "postgres://user:password@host:5432/database"
_TRUE: Final = {"true", "on", "ok", "y", "yes", "1"}
_FALSE: Final = {"", "false", "off", "n", "no", "0"}
_HOST: Final = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)


class WrongSettingError(ImproperlyConfigured):
    """A setting cannot be what it is; the text says its name and what to write."""

    def __init__(self, *, name: str, rule: str, value: str | None = None) -> None:
        super().__init__(f"{name} {rule}." if value is None else f"{name} {rule}, not {value!r}.")


def read_bool(env: environ.Env, name: str) -> bool:
    """A setting that is true or false, and false where it is not set."""
    value: str = env.str(name, default="").strip().lower()
    if value not in _TRUE | _FALSE:
        raise WrongSettingError(name=name, rule="is true or false", value=value)
    return value in _TRUE


def read_days(env: environ.Env, name: str, *, default: int, least: int) -> int:
    """A setting that is a whole number of days, `least` at least."""
    value: str = env.str(name, default="").strip() or str(default)
    if not value.isascii() or not value.isdecimal() or not least <= int(value) <= MOST_DAYS:
        rule = f"is a whole number of days, {least} at least, such as {default}"
        raise WrongSettingError(name=name, rule=rule, value=value)
    return int(value)


def read_count(env: environ.Env, name: str, *, default: int) -> int:
    """A setting that is a whole number from one on."""
    value: str = env.str(name, default="").strip() or str(default)
    if not value.isascii() or not value.isdecimal() or int(value) < 1:
        raise WrongSettingError(name=name, rule=f"is a whole number from 1 on, such as {default}", value=value)
    return int(value)


def read_log_level(env: environ.Env) -> str:
    """LOG_LEVEL."""
    value: str = env.str("LOG_LEVEL", default="").strip().upper() or "INFO"
    if value not in logging.getLevelNamesMapping():
        raise WrongSettingError(name="LOG_LEVEL", rule="is DEBUG, INFO, WARNING, ERROR or CRITICAL", value=value)
    return value


def read_site_url(env: environ.Env) -> str:
    """SITE_URL, without a trailing slash."""
    value: str = env.str("SITE_URL", default=NO_SITE).strip().rstrip("/")
    if not _is_origin(value):
        rule = "is https:// and the host that people use, such as https://bookings.example.org, and ends there"
        raise WrongSettingError(name="SITE_URL", rule=rule, value=value)
    return value


def read_hosts(env: environ.Env, site_url: str) -> list[str]:
    """ALLOWED_HOSTS: this machine and the site's own host, unless it names others."""
    hosts: list[str] = env.list("ALLOWED_HOSTS", default=[])
    for host in hosts:
        if not _HOST.fullmatch(host):
            rule = "is hosts by commas, such as bookings.example.org,127.0.0.1, without a scheme, port or path"
            raise WrongSettingError(name="ALLOWED_HOSTS", rule=rule, value=host)
    own = urlsplit(site_url).hostname or ""
    return hosts or list(dict.fromkeys(["127.0.0.1", "localhost", f"[{own}]" if ":" in own else own]))


def read_origins(env: environ.Env, site_url: str) -> list[str]:
    """CSRF_TRUSTED_ORIGINS, and the site's own: forms work even if the proxy in front changes the Host header."""
    origins = [origin.rstrip("/") for origin in env.list("CSRF_TRUSTED_ORIGINS", default=[])]
    for origin in origins:
        if not _is_origin(origin.replace("//*.", "//")):
            rule = "is addresses by commas, such as https://bookings.example.org, without a path"
            raise WrongSettingError(name="CSRF_TRUSTED_ORIGINS", rule=rule, value=origin)
    return list(dict.fromkeys([*origins, site_url]))


def read_secret_key(env: environ.Env, site_url: str) -> str:
    """SECRET_KEY; one that can be guessed is only for a machine of one's own."""
    key: str = env.str("SECRET_KEY")
    is_weak = len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS
    if is_weak and site_url.startswith("https://"):
        make = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        raise WrongSettingError(
            name="SECRET_KEY", rule=f"is at least {SHORTEST_KEY} characters that nobody guesses: {make}"
        )
    return key


def read_redis_url(env: environ.Env, name: str, *, default: str | None = None) -> str:
    """The address of one Redis or Valkey, as both our cache and our queue can speak to it."""
    value: str = env.str(name) if default is None else env.str(name, default="") or default
    scheme, _mark, rest = value.partition("://")
    if kind := _REDIS_KINDS.get(scheme.lower()):
        rule = f"names {kind}, which we don’t speak to: write {_REDIS_SHAPE}, an address that leads to the primary"
        raise WrongSettingError(name=name, rule=rule)
    hosts = rest.rpartition("@")[2].partition("/")[0]
    if "," in hosts or ";" in value.partition("?")[0].rpartition("@")[2] or value.count("://") > 1:
        raise WrongSettingError(name=name, rule=f"names several servers, and we speak to one: write {_REDIS_SHAPE}")
    parts = _split(value)
    if scheme not in {"redis", "rediss"} or parts is None or not parts.hostname:
        raise WrongSettingError(name=name, rule=f"is an address that we can’t use: write {_REDIS_SHAPE}")
    if not re.fullmatch(r"/?|/[0-9]+/?", parts.path):
        raise WrongSettingError(
            name=name, rule="ends with a database’s number, such as redis://host:6379/0", value=parts.path
        )
    return value


def read_database(env: environ.Env, *, connect_seconds: int = CONNECT_SECONDS) -> dict[str, Any]:
    """DATABASE_URL, as Django has it; of several hosts (by commas) the one that can be written to is taken."""
    value: str = env.str("DATABASE_URL")
    scheme, _mark, rest = value.partition("://")
    if scheme.lower() not in {"postgres", "postgresql", "pgsql", "psql"}:
        raise WrongSettingError(
            name="DATABASE_URL", rule=f"is PostgreSQL’s: write {_DATABASE_SHAPE}", value=f"{scheme}://"
        )
    before, slash, after = rest.partition("/")
    login, at, hosts = before.rpartition("@")
    names, ports = _hosts_and_ports(hosts)
    try:
        # One host to read the rest by: environ knows of no more.
        read: dict[str, Any] = env.db_url_config(f"{scheme}://{login}{at}{names[0]}{slash}{after}")
    except (ValueError, KeyError) as error:
        raise WrongSettingError(
            name="DATABASE_URL", rule=f"can’t be read ({error}): write {_DATABASE_SHAPE}"
        ) from error
    if not read.get("NAME"):
        raise WrongSettingError(name="DATABASE_URL", rule=f"names no database: write {_DATABASE_SHAPE}")
    read |= {"HOST": ",".join(names), "PORT": ",".join(ports)} if any(ports) else {}
    primary = {"target_session_attrs": "read-write"} if len(names) > 1 else {}
    options = {"connect_timeout": connect_seconds, **SILENCE, **primary, **read.get("OPTIONS", {})}
    return {**read, "ENGINE": "bookwhen.database", "OPTIONS": options}


def read_storage(env: environ.Env) -> dict[str, Any]:
    """Where pictures are kept: in a bucket that speaks S3 where S3_BUCKET names one, else in MEDIA_ROOT."""
    if not (bucket := env.str("S3_BUCKET", default="").strip()):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    given = {
        "region_name": env.str("S3_REGION", default=""),
        "endpoint_url": env.str("S3_ENDPOINT", default=""),
        "access_key": env.str("S3_ACCESS_KEY", default=""),
        "secret_key": env.str("S3_SECRET_KEY", default=""),
    }
    if given["endpoint_url"] and not _is_origin(given["endpoint_url"]):
        raise WrongSettingError(
            name="S3_ENDPOINT", rule="is an address like https://s3.example.org", value=given["endpoint_url"]
        )
    # Nobody reads the bucket but the site, which shows pictures at its own address.
    options = {"bucket_name": bucket, "default_acl": None, **{name: value for name, value in given.items() if value}}
    return {"BACKEND": "bookwhen.bucket.BucketStorage", "OPTIONS": options}


def read_email(env: environ.Env) -> dict[str, Any]:
    """EMAIL_URL, as Django has it."""
    rule = "is smtp+tls://user:password@host:587, smtp+ssl://user:password@host:465, smtp://host:25 or dummymail://"
    try:
        found: dict[str, Any] = env.email_url("EMAIL_URL", default="dummymail://")
    except (ImproperlyConfigured, KeyError, ValueError) as error:
        raise WrongSettingError(name="EMAIL_URL", rule=rule) from error
    if not found["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
        return found
    if not found.get("EMAIL_HOST"):
        raise WrongSettingError(name="EMAIL_URL", rule=rule)
    return found | {"EMAIL_BACKEND": SMTP_BACKEND}


def read_sender(env: environ.Env, default: str) -> str:
    """DEFAULT_FROM_EMAIL."""
    value: str = env.str("DEFAULT_FROM_EMAIL", default="").strip() or default
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        raise WrongSettingError(
            name="DEFAULT_FROM_EMAIL", rule="is Name <bookings@example.org>, or the address alone", value=value
        )
    return value


def _hosts_and_ports(hosts: str) -> tuple[list[str], list[str]]:
    """The hosts of a database's address and their ports; a port is empty where it is not given."""
    names, ports = [], []
    for each in hosts.split(","):
        found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]+))?", each)
        if found is None:
            raise WrongSettingError(
                name="DATABASE_URL", rule=f"has a port that is no number: write {_DATABASE_SHAPE}", value=each
            )
        names.append(found[1])
        ports.append(found[2] or "")
    if len(names) == 1:
        return names, ports
    return [name.strip("[]") for name in names], [port or "5432" for port in ports]


def _is_origin(value: str) -> bool:
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return False
    return value == f"{parts.scheme}://{parts.netloc}" and not re.search(r"[\s,;*]", parts.netloc)


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        _port = parts.port  # a wrong one is noticed only when it is asked for
    except ValueError:
        return None
    return parts
