"""What each setting may be, and that any other value stops the start with the setting's name and what to write."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from bookwhen import environment

KEY = "k3y-" + "abcdefghijklmnopqrstuvwxyz0123456789"
SITE = "https://bookings.example.org"


def given(**values: str) -> environ.Env:
    """An environment of its own."""
    env = environ.Env()
    env.ENVIRON = values
    return env


def refusal(read: object, *arguments: object, **keywords: object) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(*arguments, **keywords)  # type: ignore[operator]
    return str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sentinel://s1:26379/0", "names Sentinel"),
        ("sentinel://s1:26379;sentinel://s2:26379", "names Sentinel"),
        ("redis+sentinel://s1:26379,s2:26379/mymaster", "names Sentinel"),
        ("rediss+sentinel://s1:26379/mymaster/0", "names Sentinel"),
        ("redis+cluster://c1:6379", "names a cluster"),
        ("unix:///run/valkey.sock?db=0", "names a Unix socket"),
        ("redis+socket:///run/valkey.sock", "names a Unix socket"),
        ("redis://a:6379;redis://b:6379", "names several servers"),
        ("redis://a:6379;b:6379/0", "names several servers"),
        ("redis://a:6379,b:6379/0", "names several servers"),
        ("redis://user:secret@a,b/0", "names several servers"),
        ("valkey://host/0", "is an address that we can’t use"),
        ("amqp://guest@host//", "is an address that we can’t use"),
        ("host:6379", "is an address that we can’t use"),
        ("redis://", "is an address that we can’t use"),
        ("redis://host:port/0", "is an address that we can’t use"),
        ("redis://host/mymaster", "ends with a database’s number"),
        ("", "is an address that we can’t use"),
    ],
)
def test_a_redis_that_we_cannot_speak_to_is_refused_by_name(url: str, said: str) -> None:
    for name in ("REDIS_URL", "CACHE_URL"):
        text = refusal(environment.read_redis_url, given(**{name: url}), name)
        assert text.startswith(f"{name} {said}")
        assert "redis://host:6379/0" in text


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://valkey:6379/0",
        "rediss://user:pa%2Css@valkey.example.org:6380/15",
        "redis://:a,b;c@127.0.0.1/1",
        "redis://[::1]:6379/0",
        "rediss://host/0?ssl_cert_reqs=required",
    ],
)
def test_one_redis_is_taken_as_it_is(url: str) -> None:
    assert environment.read_redis_url(given(REDIS_URL=url), "REDIS_URL") == url


def test_the_cache_is_where_the_queue_is_unless_it_is_named() -> None:
    for env in (given(), given(CACHE_URL="")):
        assert environment.read_redis_url(env, "CACHE_URL", default="redis://a/0") == "redis://a/0"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:p@h/db", "is PostgreSQL’s"),
        ("sqlite:///db.sqlite3", "is PostgreSQL’s"),
        ("postgresql+psycopg://u:p@h/db", "is PostgreSQL’s"),
        ("h:5432/db", "is PostgreSQL’s"),
        ("postgres://u:p@h", "names no database"),
        ("postgres://u:p@h/", "names no database"),
        ("postgres://u:p@h:port/db", "has a port that is no number"),
        ("postgres://u:p@h1:5432,h2:x/db", "has a port that is no number"),
        ("", "is PostgreSQL’s"),
    ],
)
def test_a_database_that_is_none_is_refused_by_name(url: str, said: str) -> None:
    text = refusal(environment.read_database, given(DATABASE_URL=url))
    assert text.startswith(f"DATABASE_URL {said}")
    assert "postgres://user:password@host:5432/database" in text


def test_of_several_hosts_the_one_that_can_be_written_to_is_taken() -> None:
    found = environment.read_database(given(DATABASE_URL="postgres://u:p%40ss@h1,h2:5433/db"))
    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("h1,h2", "5432,5433", "db", "p@ss")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_one_host_is_read_as_before_and_gives_up_in_time() -> None:
    found = environment.read_database(given(DATABASE_URL="postgres://u:p@h:5432/db?sslmode=require"))
    assert (found["HOST"], str(found["PORT"]), found["ENGINE"]) == ("h", "5432", "bookwhen.database")
    assert found["OPTIONS"] == {
        "sslmode": "require",
        "connect_timeout": 3,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/bookings",
        "https://example.org?x=1",
        "https://user@example.org",
        "https://",
        "example.org",
        "ftp://example.org",
        "https://a.example.org,https://b.example.org",
        "https://example.org:https",
        "https://*.example.org",
    ],
)
def test_a_site_is_an_address_and_nothing_after_it(url: str) -> None:
    assert refusal(environment.read_site_url, given(SITE_URL=url)).startswith("SITE_URL is https:// and the host")


@pytest.mark.parametrize("url", ["https://example.org", "http://127.0.0.1:8000", "https://[2001:db8::1]:8443"])
def test_a_slash_at_its_end_does_no_harm(url: str) -> None:
    assert environment.read_site_url(given(SITE_URL=f"{url}/")) == url


@pytest.mark.parametrize("host", ["https://example.org", "example.org:8000", "example.org/", "a b", "*.example.org"])
def test_hosts_are_names_alone(host: str) -> None:
    text = refusal(environment.read_hosts, given(ALLOWED_HOSTS=f"127.0.0.1,{host}"), SITE)
    assert text.startswith("ALLOWED_HOSTS is hosts by commas")
    assert repr(host) in text


def test_the_sites_own_host_is_allowed_unless_others_are_named() -> None:
    assert environment.read_hosts(given(), SITE) == ["127.0.0.1", "localhost", "bookings.example.org"]
    named = "a.example.org,.example.com,[::1],*"
    assert environment.read_hosts(given(ALLOWED_HOSTS=named), SITE) == named.split(",")


def test_forms_from_the_site_itself_are_trusted() -> None:
    env = given(CSRF_TRUSTED_ORIGINS="https://a.example.org/,https://*.example.com")
    assert environment.read_origins(env, SITE) == ["https://a.example.org", "https://*.example.com", SITE]


@pytest.mark.parametrize("origin", ["example.org", "https://example.org/path", "*"])
def test_origins_have_a_scheme(origin: str) -> None:
    text = refusal(environment.read_origins, given(CSRF_TRUSTED_ORIGINS=origin), SITE)
    assert text.startswith("CSRF_TRUSTED_ORIGINS is addresses by commas")


@pytest.mark.parametrize("key", ["abc", "changeme", "x" * 50, "secret" * 10])
def test_a_secret_key_that_can_be_guessed_is_for_a_machine_of_ones_own(key: str) -> None:
    assert refusal(environment.read_secret_key, given(SECRET_KEY=key), SITE).startswith("SECRET_KEY is at least 32")
    assert environment.read_secret_key(given(SECRET_KEY=key), "http://127.0.0.1:8000") == key
    assert environment.read_secret_key(given(SECRET_KEY=KEY), SITE) == KEY


@pytest.mark.parametrize("url", ["smpt://host:25", "smtp://", "smtp+tls://user:password@", "mail.example.org:587"])
def test_an_address_for_mail_that_is_none_is_refused_by_name(url: str) -> None:
    assert refusal(environment.read_email, given(EMAIL_URL=url)).startswith("EMAIL_URL is smtp+tls://user:password@")


def test_mail_goes_by_smtp_with_tls() -> None:
    found = environment.read_email(given(EMAIL_URL="smtp+tls://user:a%25b@host:587"))
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_HOST_PASSWORD"]) == ("host", 587, "a%b")
    assert found["EMAIL_USE_TLS"] is True


@pytest.mark.parametrize("sender", ["Acme", "Acme <>", "a b@", "@example.org"])
def test_a_sender_has_an_address(sender: str) -> None:
    text = refusal(environment.read_sender, given(DEFAULT_FROM_EMAIL=sender), "a@example.org")
    assert text.startswith("DEFAULT_FROM_EMAIL is Name <bookings@example.org>")


@pytest.mark.parametrize(("value", "said"), [("true", True), ("Yes", True), ("1", True), ("", False), ("off", False)])
def test_what_is_true_or_false(value: str, said: bool) -> None:  # noqa: FBT001
    assert environment.read_bool(given(DEBUG=value), "DEBUG") is said


def test_what_is_neither_true_nor_false_is_refused() -> None:
    assert refusal(environment.read_bool, given(DEBUG="maybe"), "DEBUG") == "DEBUG is true or false, not 'maybe'."


@pytest.mark.parametrize(("value", "days"), [("", 90), ("35", 35), (" 400 ", 400), ("36500", 36_500)])
def test_days(value: str, days: int) -> None:
    assert environment.read_days(given(KEPT=value), "KEPT", default=90, least=35) == days


@pytest.mark.parametrize("value", ["34", "0", "-1", "eight", "1.5", "²", "36501"])
def test_days_are_a_whole_number_of_some_size(value: str) -> None:
    text = refusal(environment.read_days, given(KEPT=value), "KEPT", default=90, least=35)
    assert text == f"KEPT is a whole number of days, 35 at least, such as 90, not {value!r}."


@pytest.mark.parametrize("value", ["0", "-1", "eight", "1.5", "²"])
def test_a_count_is_a_whole_number(value: str) -> None:
    text = refusal(environment.read_count, given(DATABASE_POOL_SIZE=value), "DATABASE_POOL_SIZE", default=8)
    assert text == f"DATABASE_POOL_SIZE is a whole number from 1 on, such as 8, not {value!r}."


def test_a_level_of_the_log_is_one() -> None:
    assert environment.read_log_level(given(LOG_LEVEL="warning")) == "WARNING"
    assert refusal(environment.read_log_level, given(LOG_LEVEL="LOUD")).startswith("LOG_LEVEL is DEBUG, INFO")
