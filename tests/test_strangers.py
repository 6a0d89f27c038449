"""Every dashboard address, found by walking the site's addresses: to a stranger there is nothing at any of them."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.worlds.full_studio import FullStudio

pytestmark = pytest.mark.django_db


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        elif isinstance(each, URLPattern):
            yield route


ROUTES = sorted({route for route in patterns(get_resolver()) if route.startswith("dashboard/<")})


def test_the_walk_finds_the_dashboard() -> None:
    assert {"dashboard/<slug:account>/", "dashboard/<slug:account>/groups/"} <= set(ROUTES)


def both(client: Client, address: str) -> set[int]:
    return {client.get(address).status_code, client.post(address).status_code}


def test_to_a_stranger_no_dashboard_address_exists() -> None:
    studio, stranger = FullStudio(), open_browser(UserFactory.create())

    assert {route: both(stranger, studio.address(route)) for route in ROUTES} == {route: {404} for route in ROUTES}


def test_to_another_studios_owner_no_dashboard_address_exists() -> None:
    studio, other = FullStudio(), open_browser(FullStudio().staff.user)

    assert {route: both(other, studio.address(route)) for route in ROUTES} == {route: {404} for route in ROUTES}


def test_what_is_another_studios_is_not_found_in_ones_own_dashboard() -> None:
    theirs, mine = FullStudio(), FullStudio()
    owner = open_browser(mine.staff.user)
    # A kind of email is every studio's.
    deep = [route for route in ROUTES if route.count("<") > 1 and "settings/emails/<slug:kind>/" not in route]
    own = {route: route.replace("<slug:account>", mine.account.slug) for route in deep}

    found = {route: both(owner, theirs.address(own[route])) - {405} for route in deep}

    assert found == {route: {404} for route in deep}


def test_to_its_owner_every_dashboard_address_exists() -> None:
    studio = FullStudio()
    owner = open_browser(studio.staff.user)

    answers = {route: owner.get(studio.address(route), {"seat": studio.seat}).status_code for route in ROUTES}

    assert {route: status for route, status in answers.items() if status not in {200, 301, 302, 405}} == {}


def test_who_is_not_logged_in_is_asked_to() -> None:
    studio, nobody = FullStudio(), Client()

    asked = {route: nobody.get(studio.address(route)).headers.get("Location", "") for route in ROUTES}

    assert {route for route, to in asked.items() if not to.startswith("/accounts/login/?next=/dashboard/")} == set()
