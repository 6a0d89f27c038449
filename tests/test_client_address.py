"""Where a visitor comes from, behind proxies of ours and without, whatever a header says."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from bookwhen.client_address import UNKNOWN, check_trusted_proxies, client_address, client_network, warn_once

ROOT = Path(__file__).resolve().parent.parent


def address(forwarded: str | None = None, peer: str = "10.0.0.1") -> str:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


def network(peer: str) -> str:
    return client_network(RequestFactory().get("/", REMOTE_ADDR=peer))


def setting_with(**environment: str) -> str:
    """What TRUSTED_PROXIES is in such an environment, or the last line of what the start says."""
    known = {
        "SECRET_KEY": "only-for-this-test-and-long-enough",
        "DATABASE_URL": "postgres://a@b/c",
        "REDIS_URL": "redis://b",
        "PATH": os.environ["PATH"],
    }
    asked = [sys.executable, "-c", "from bookwhen import settings; print(settings.TRUSTED_PROXIES)"]
    done = subprocess.run(asked, cwd=ROOT, env=known | environment, check=False, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SITE_URL": "https://example.org"}, "1"),
        ({"SITE_URL": "https://example.org", "TRUSTED_PROXIES": ""}, "1"),
        ({"SITE_URL": "https://example.org", "TRUSTED_PROXIES": "2"}, "2"),
        ({"SITE_URL": "https://example.org", "TRUSTED_PROXIES": "0"}, "0"),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "0"),
    ],
)
def test_one_proxy_is_trusted_where_the_site_is_https(environment: dict[str, str], said: str) -> None:
    assert setting_with(**environment) == said


@pytest.mark.parametrize("number", ["-1", "one", "1.5", "true"])
def test_a_number_of_proxies_that_is_none_stops_the_start_with_its_name(number: str) -> None:
    assert setting_with(TRUSTED_PROXIES=number) == (
        "django.core.exceptions.ImproperlyConfigured: "
        f"TRUSTED_PROXIES is how many proxies of yours are in front, such as 1, not '{number}'."
    )


def test_without_a_proxy_the_header_says_nothing(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address("1.2.3.4", peer="198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.7", "1.2.3.4, 198.51.100.7", "1.1.1.1,unknown,198.51.100.7", ", 198.51.100.7"],
)
def test_what_a_visitor_writes_into_the_header_changes_nothing(settings: Settings, forwarded: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address(forwarded) == "198.51.100.7"


def test_two_proxies_are_read_from_the_right(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    assert address("1.1.1.1, 198.51.100.7, 10.0.0.9") == "198.51.100.7"


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        ("198.51.100.7:5678", "198.51.100.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ('"198.51.100.7"', "198.51.100.7"),
    ],
)
def test_an_address_is_read_in_every_shape_that_proxies_write(settings: Settings, forwarded: str, found: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address(forwarded) == found


@pytest.mark.parametrize("forwarded", [None, "", "unknown", "_hidden", "1.2.3", "[", ":", "x" * 10_000, "1.2.3.4,"])
def test_behind_a_proxy_a_header_that_names_nobody_leaves_the_visitor_unknown(
    settings: Settings, caplog: pytest.LogCaptureFixture, forwarded: str | None
) -> None:
    settings.TRUSTED_PROXIES = 1
    warn_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert [address(forwarded) for _twice in range(2)] == [UNKNOWN] * 2
    assert [("TRUSTED_PROXIES" in each.message) for each in caplog.records] == [True]


def test_fewer_hops_than_proxies_let_nobody_choose_an_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    assert address("1.2.3.4") == UNKNOWN


def test_behind_a_socket_in_the_file_system_there_is_a_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address("1.2.3.4, 198.51.100.7", peer="") == "198.51.100.7"
    assert address(None, peer="") == UNKNOWN


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.8", "198.51.100.8"),
        ("", UNKNOWN),
    ],
)
def test_a_network_is_what_a_visitor_cannot_change_at_will(settings: Settings, peer: str, counted: str) -> None:
    settings.TRUSTED_PROXIES = 0
    assert network(peer) == counted


@pytest.mark.parametrize(
    ("url", "proxies", "warned"),
    [("https://example.org", 0, 1), ("https://example.org", 1, 0), ("http://127.0.0.1", 0, 0)],
)
def test_a_deployment_that_contradicts_itself_is_warned_of(
    settings: Settings, url: str, proxies: int, warned: int
) -> None:
    settings.SITE_URL, settings.TRUSTED_PROXIES = url, proxies
    assert [each.id for each in check_trusted_proxies(None)] == ["bookwhen.W001"] * warned
