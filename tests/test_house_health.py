"""What a load balancer is told."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from time_machine import travel

from bookwhen.jobs.schedule import beat


def test_live_asks_nobody(client: Client) -> None:
    response = client.get("/health/live/")

    assert (response.status_code, response.json()) == (200, {"live": True})


def test_ready_when_both_answer(client: Client, db: None) -> None:
    response = client.get("/health/ready/")

    assert (response.status_code, response.json()) == (
        200,
        {"database": True, "redis": True, "jobs_late_since": None, "clock": True},
    )
    assert "no-store" in response["Cache-Control"]


def test_ready_says_since_when_the_jobs_are_late_and_serves_all_the_same(client: Client, db: None) -> None:
    now = timezone.now()
    beat(now=now - timedelta(hours=2))

    response = client.get("/health/ready/")

    assert response.status_code == 200
    assert datetime.fromisoformat(response.json()["jobs_late_since"]) - now + timedelta(hours=2) < timedelta(seconds=1)


def test_not_ready_without_redis(client: Client, db: None, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    response = client.get("/health/ready/")

    assert (response.status_code, response.json()) == (
        503,
        {"database": True, "redis": False, "jobs_late_since": None, "clock": True},
    )


def test_not_ready_without_the_database(
    client: Client, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    with monkeypatch.context() as meanwhile:
        meanwhile.setitem(connection.settings_dict, "PORT", "1")
        response = client.get("/health/ready/")

    assert (response.status_code, response.json()) == (
        503,
        {"database": False, "redis": True, "jobs_late_since": None},
    )


def test_a_clock_that_is_wrong_is_said_and_takes_no_machine_out(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    with travel(datetime.now(UTC) + timedelta(minutes=3)), caplog.at_level(logging.ERROR):
        response = client.get("/health/ready/")

    assert (response.status_code, response.json()["clock"]) == (200, False)
    assert "+180 seconds" in caplog.text


def test_no_redirect_to_https_from_inside(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/health/live/").status_code == 200
    assert client.get("/").status_code == 301
