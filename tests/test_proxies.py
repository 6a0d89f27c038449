"""A proxy that does not say what it should: the page names it, instead of an endless redirect or a riddle."""

import logging

import pytest
from django.test import Client
from pytest_django import Settings

from bookwhen import proxies
from tests.browsing import page_text

HERE = {"Host": "bookings.example.org"}


@pytest.fixture(autouse=True)
def _https(settings: Settings) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://bookings.example.org", ["bookings.example.org"]
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    proxies._SAID.clear()  # noqa: SLF001


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"])
def test_a_proxy_that_does_not_tell_the_scheme_is_named(caplog: pytest.LogCaptureFixture, header: str) -> None:
    with caplog.at_level(logging.ERROR):
        pages = [Client(headers={**HERE, header: "198.51.100.7"}).get("/accounts/login/") for _twice in range(2)]

    for page in pages:
        assert page.status_code == 500
        assert "no-store" in page["Cache-Control"]
        assert page_text(page) == (
            "This site isn’t set up yet Please come back later. The people who run it need to change a setting. "
            "If that’s you: SITE_URL is https://bookings.example.org, but the proxy in front doesn’t tell us that "
            "visitors use https. Have it send the header X-Forwarded-Proto. In nginx, that’s this line beside "
            "proxy_pass: proxy_set_header X-Forwarded-Proto $scheme; Try again"
        )
    assert ["X-Forwarded-Proto" in each.message for each in caplog.records if each.name == "bookwhen.proxies"] == [True]


def test_who_comes_by_http_is_sent_to_https_once_and_no_browser_keeps_that() -> None:
    browser = Client(headers=HERE)
    first = browser.get("/accounts/login/")
    assert (first.status_code, first["Location"]) == (301, "https://bookings.example.org/accounts/login/")
    assert "no-store" in first["Cache-Control"]

    assert browser.get("/accounts/login/").status_code == 500  # it was there, and is back without https


@pytest.mark.django_db
def test_a_proxy_that_tells_the_scheme_is_fine() -> None:
    browser = Client(headers={**HERE, "X-Forwarded-For": "198.51.100.7"})
    assert browser.get("/accounts/login/", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    sent = browser.get("/accounts/login/", headers={"X-Forwarded-Proto": "http"})
    assert (sent.status_code, sent.has_header("Cache-Control")) == (301, False)


def test_another_host_leads_to_the_sites_address() -> None:
    page = Client(headers={"Host": "web:8000", "X-Forwarded-Proto": "https"}).get("/accounts/login/")

    assert page.status_code == 400
    assert page_text(page) == (
        "We couldn’t process that This site’s address is https://bookings.example.org. If you run it and want it to "
        f"have this address too, add the host to ALLOWED_HOSTS. Reference: {page.headers['X-Request-ID']} "
        "Go to the home page"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("trusted", "status"), [(["https://bookings.example.org"], 200), ([], 403)])
def test_a_proxy_that_changes_the_host(
    settings: Settings, caplog: pytest.LogCaptureFixture, trusted: list[str], status: int
) -> None:
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = ["web"], trusted
    browser = Client(enforce_csrf_checks=True, headers={"Host": "web", "X-Forwarded-Proto": "https"})
    page = browser.get("/accounts/login/")
    token = browser.cookies["csrftoken"].value
    with caplog.at_level(logging.ERROR):
        page = browser.post(
            "/accounts/login/",
            {"login": "ada@example.org", "password": "x", "csrfmiddlewaretoken": token},
            headers={"Origin": "https://bookings.example.org", "Sec-Fetch-Site": "same-origin"},
        )

    assert page.status_code == status
    is_said = "If you run this site: the proxy in front must pass on the Host header as it is" in page_text(page)
    assert is_said is (status == 403)
    assert ["'web'" in each.message for each in caplog.records if each.name == "bookwhen.errors"] == [True] * is_said


@pytest.mark.django_db
def test_a_form_from_another_site_is_no_sign_of_a_proxy() -> None:
    browser = Client(enforce_csrf_checks=True, headers={**HERE, "X-Forwarded-Proto": "https"})
    page = browser.post("/accounts/login/", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})

    assert page.status_code == 403
    assert "If you run this site" not in page_text(page)
