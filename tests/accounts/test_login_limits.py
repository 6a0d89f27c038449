"""Wrong passwords hold up whoever guesses, and nobody else."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from allauth.account.adapter import get_adapter
from django.test import Client, RequestFactory
from pytest_django import Settings
from time_machine import travel

from accounts.models import Letter
from bookwhen.client_address import UNKNOWN
from tests.browsing import page_text
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

ADA = "ada@example.org"
PASSWORD = "correct horse"
WRONG = "wrong"
HELD_UP = "Too many attempts. Wait 5 minutes, or choose a new password by email."


def log_in(address: str = "198.51.100.1", password: str = PASSWORD, email: str = ADA) -> "Answer":
    return Client(REMOTE_ADDR=address).post("/accounts/login/", {"login": email, "password": password})


def outcomes(times: int, address: str = "198.51.100.1", password: str = WRONG, email: str = ADA) -> list[str]:
    answers = [log_in(address, password, email) for _time in range(times)]
    return ["in" if each.status_code == 302 else "held" if "Too many" in page_text(each) else "no" for each in answers]


def test_guessing_at_one_address_from_one_place_is_held_up() -> None:
    UserFactory.create(email=ADA)
    assert outcomes(6) == ["no"] * 5 + ["held"]
    page = log_in()
    assert (page.status_code, HELD_UP in page_text(page), ADA in page.content.decode()) == (200, True, True)


def test_six_wrong_passwords_elsewhere_do_not_lock_a_person_out() -> None:
    UserFactory.create(email=ADA)
    outcomes(6, "203.0.113.9")
    assert outcomes(1, password=PASSWORD) == ["in"]


def test_ten_wrong_log_ins_a_minute_from_one_place_hold_up_nobody_there_or_elsewhere() -> None:
    UserFactory.create(email=ADA)
    assert [outcomes(1, "203.0.113.9", email=f"u{number}@example.org")[0] for number in range(12)] == ["no"] * 12
    assert outcomes(1, "203.0.113.9", PASSWORD) == ["in"]
    assert outcomes(1, "198.51.100.1", PASSWORD) == ["in"]


def test_an_address_tried_from_a_hundred_places_is_held_up_but_not_where_its_owner_logs_in() -> None:
    UserFactory.create(email=ADA)
    assert outcomes(1, "198.51.100.1", PASSWORD) == ["in"]
    for number in range(100):
        assert outcomes(1, f"10.1.0.{number}") == ["no"]
    assert outcomes(1, "10.2.0.1", PASSWORD) == ["held"]
    assert outcomes(1, "198.51.100.1", PASSWORD) == ["in"]


def test_a_person_who_is_held_up_gets_in_by_the_link_in_an_email(settings: Settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    UserFactory.create(email=ADA)
    outcomes(6)
    client = Client(REMOTE_ADDR="198.51.100.1")
    client.post("/accounts/password/reset/", {"email": ADA})
    link = Letter.objects.get().text.partition("http://127.0.0.1:8000")[2].split()[0]
    chosen = client.post(client.get(link)["Location"], {"password": "three wet otters", "name": "Ada"})
    assert chosen.status_code == 302
    assert outcomes(1, password="three wet otters") == ["in"]


def test_logging_in_forgets_the_wrong_attempts_before_it() -> None:
    UserFactory.create(email=ADA)
    for _time in range(3):
        assert outcomes(4) == ["no"] * 4
        assert outcomes(1, password=PASSWORD) == ["in"]


def test_an_invisible_difference_in_the_address_is_no_way_round() -> None:
    UserFactory.create(email=ADA)
    outcomes(5)
    assert outcomes(1, email=" ADA@example.ORG ") == ["held"]


def test_one_network_may_try_sixty_times_a_minute() -> None:
    UserFactory.create(email=ADA)
    assert {outcomes(1, email=f"u{number}@example.org")[0] for number in range(30)} == {"no"}
    assert outcomes(30, password=PASSWORD) == ["in"] * 30
    assert outcomes(1, password=PASSWORD) == ["held"]


def test_one_network_may_be_wrong_a_hundred_times_in_ten_minutes() -> None:
    for minute in range(2):
        with travel(NOW + timedelta(minutes=minute), tick=False):
            assert {outcomes(1, email=f"u{minute}{number}@example.org")[0] for number in range(50)} == {"no"}
    with travel(NOW + timedelta(minutes=2), tick=False):
        assert outcomes(1) == ["held"]


def test_all_the_addresses_of_an_ipv6_network_count_as_one() -> None:
    UserFactory.create(email=ADA)
    for number in range(5):
        outcomes(1, f"2001:db8:1:2::{number}")
    assert outcomes(1, "2001:db8:1:2::99", PASSWORD) == ["held"]
    assert outcomes(1, "2001:db8:1:3::1", PASSWORD) == ["in"]


@pytest.mark.parametrize("header", [{}, {"x-forwarded-for": "unknown"}, {"x-forwarded-for": "198.51.100.7"}])
def test_behind_a_unix_socket_people_log_in(settings: Settings, header: dict[str, str]) -> None:
    settings.TRUSTED_PROXIES = 2
    UserFactory.create(email=ADA)
    client = Client(REMOTE_ADDR="", headers=header)
    answer = client.post("/accounts/login/", {"login": ADA, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.post("/accounts/password/reset/", {"email": "bea@example.org"}).status_code == 302


def test_behind_the_proxy_of_the_readme_one_person_locks_nobody_else_out(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    UserFactory.create(email=ADA)

    def through_proxy(visitor: str, password: str) -> int:
        client = Client(REMOTE_ADDR="172.18.0.1", headers={"x-forwarded-for": visitor})
        return client.post("/accounts/login/", {"login": ADA, "password": password}).status_code

    assert {through_proxy(f"9.9.9.{number}, 203.0.113.9", "wrong") for number in range(70)} == {200}
    assert through_proxy("9.9.9.99, 203.0.113.9", PASSWORD) == 200
    assert through_proxy("198.51.100.1", PASSWORD) == 302


def test_where_visitors_cannot_be_told_apart_one_person_locks_nobody_out(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    UserFactory.create(email=ADA)
    assert outcomes(70, "172.18.0.1") == ["no"] * 70
    assert outcomes(1, "172.18.0.1", PASSWORD) == ["in"]


def test_the_library_too_never_refuses_a_visitor_without_an_address() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="")
    assert get_adapter(request).get_client_ip(request) == UNKNOWN


def test_what_follows_a_plus_sign_brings_no_more_links_to_one_mailbox() -> None:
    def ask(email: str, number: int) -> int:
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        return client.post("/accounts/password/reset/", {"email": email}).status_code

    assert [ask(f"ada+{number}@example.org", number) for number in range(7)] == [302] * 5 + [429] * 2
    assert (ask(ADA, 8), ask("bob+1@example.org", 9)) == (429, 302)
