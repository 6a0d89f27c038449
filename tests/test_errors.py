"""The pages of errors, which ask nothing of what may be broken and claim nothing that may be untrue."""

import pytest
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import DjangoAssertNumQueries, Settings

from bookwhen import urls
from tests.browsing import page_text


def broken(_request: HttpRequest) -> HttpResponse:
    message = "A view of this test's own that fails."
    raise RuntimeError(message)


def unreadable(_request: HttpRequest) -> HttpResponse:
    message = "A request that cannot be read."
    raise BadRequest(message)


urlpatterns = [path("broken/", broken), path("unreadable/", unreadable), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def answer(address: str) -> HttpResponse:
    # A cookie, so that a page which asked for the session would be seen to.
    return Client(raise_request_exception=False, headers={"cookie": "sessionid=abc"}).get(address)  # type: ignore[return-value]


def test_what_went_wrong_on_our_side_says_how_to_check_and_what_to_do(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.SITE_NAME = "Acme"

    with django_assert_num_queries(0):
        page = answer("/broken/")

    assert page.status_code == 500
    assert "<title>Something went wrong on our side – Acme</title>" in page.content.decode()
    assert page_text(page) == (
        "Something went wrong on our side "
        "Sorry, we couldn’t show this page. Please try again in a minute. "
        "If you were booking, paying or cancelling, check first whether it went through: look for a confirmation in "
        "your email, or under My bookings if you have an account. "
        "If it happens again, tell the studio or the people who run this site what you were doing, and when. "
        f"Reference: {page.headers['X-Request-ID']} "
        "Go to the home page My bookings"
    )


def test_a_request_that_cannot_be_read_is_answered_under_the_sites_name(settings: Settings) -> None:
    settings.SITE_NAME = "Acme"

    page = answer("/unreadable/")

    assert page.status_code == 400
    assert "<title>We couldn’t process that – Acme</title>" in page.content.decode()
