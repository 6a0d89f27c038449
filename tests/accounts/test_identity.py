"""Signing up and *Forgotten your password?*: one link, which proves an address and works once."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from time_machine import travel

from accounts.access import is_proved
from accounts.models import Customer, Letter, User
from tests.browsing import open_browser
from tests.factories.accounts import CustomerFactory, UserFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

PASSWORD = "three wet otters"
RESET = "/accounts/password/reset/"


def ask(client: Client, email: str, *, at: str = RESET, next_path: str = "") -> "Answer":
    return client.post(f"{at}?next={next_path}" if next_path else at, {"email": email}, follow=True)


def link(email: str) -> str:
    """The path of the newest link sent to an address."""
    text = Letter.objects.filter(recipient=email).latest("pk").text
    found = re.search(r"https?://[^/]+(/accounts/password/\S+)", text)
    assert found is not None
    return found[1]


def choose(client: Client, path: str, *, password: str = PASSWORD, name: str = "Ada") -> "Answer":
    form = client.get(path)
    assert form.status_code == 302
    return client.post(form["Location"], {"name": name, "password": password})


def shown(response: "Answer", email: str) -> str:
    return re.sub(r'value="[^"]{64}"', "", response.content.decode().replace(email, "x@x"))


def test_every_address_gets_the_same_answer() -> None:
    UserFactory.create(email="known@example.org")
    UserFactory.create(email="closed@example.org", is_active=False)
    UserFactory.create(email="unproved@example.org", proved=False)
    emails = ["unknown@example.org", "known@example.org", "closed@example.org", "unproved@example.org"]

    answers = [ask(Client(), email) for email in emails]

    assert {answer.redirect_chain[-1] for answer in answers} == {("/accounts/sent/", 302)}
    assert {shown(answer, email) for answer, email in zip(answers, emails, strict=True)} == {
        shown(answers[0], emails[0])
    }
    assert sorted(Letter.objects.values_list("recipient", flat=True)) == sorted(emails)
    assert User.objects.count() == 3


@pytest.mark.parametrize("at", [RESET, "/accounts/signup/"])
def test_an_unknown_address_makes_a_login_and_proves_it(at: str) -> None:
    client = Client()
    ask(client, " New@Example.ORG ", at=at)
    assert Letter.objects.get().subject == "Finish creating your account"

    done = choose(client, link("new@example.org"), name="Nora New")

    user = User.objects.get()
    assert (done.status_code, done["Location"]) == (302, "/my/")
    assert (user.email, user.name, user.check_password(PASSWORD)) == ("new@example.org", "Nora New", True)
    assert EmailAddress.objects.filter(user=user, email="new@example.org", verified=True, primary=True).count() == 1
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_known_address_gets_a_new_password() -> None:
    user = UserFactory.create(email="known@example.org", name="Kay", proved=False)
    client = Client()
    ask(client, "KNOWN@example.org", next_path="/my/details/")
    assert Letter.objects.get().subject == "Choose a new password"
    assert not is_proved(user)

    done = choose(client, link("known@example.org"))

    user.refresh_from_db()
    assert (done.status_code, done["Location"]) == (302, "/my/details/")
    assert (user.name, user.check_password(PASSWORD), is_proved(user)) == ("Kay", True, True)


def test_a_closed_login_is_told_so_and_stays_closed() -> None:
    UserFactory.create(email="closed@example.org", is_active=False)
    ask(Client(), "closed@example.org")
    letter = Letter.objects.get()
    assert (letter.kind, letter.subject, "/password/" in letter.text) == (
        "login_closed",
        "Your account has been closed",
        False,
    )


def test_a_login_closed_after_the_link_was_sent_stays_closed() -> None:
    user = UserFactory.create(email="ada@example.org")
    client = Client()
    ask(client, user.email)
    User.objects.update(is_active=False)
    assert client.get(link(user.email)).status_code == 410


def test_a_link_works_once() -> None:
    client = Client()
    ask(client, "new@example.org")
    path = link("new@example.org")
    choose(client, path)
    assert Client().get(path).status_code == 410
    assert client.get(path).status_code == 410


def test_of_two_tabs_with_one_link_the_first_to_save_wins() -> None:
    tab_one, tab_two = Client(), Client()
    ask(tab_one, "new@example.org")
    path = link("new@example.org")
    forms = [tab.get(path)["Location"] for tab in (tab_one, tab_two)]

    first = tab_one.post(forms[0], {"name": "One", "password": PASSWORD})
    second = tab_two.post(forms[1], {"name": "Two", "password": "another long word"})

    assert (first.status_code, second.status_code) == (302, 410)
    assert User.objects.get().name == "One"
    assert "_auth_user_id" not in tab_two.session


def test_two_links_in_one_browser_do_not_mix() -> None:
    client = Client()
    for email in ("one@example.org", "two@example.org"):
        ask(client, email)
    form_one, form_two = (client.get(link(email))["Location"] for email in ("one@example.org", "two@example.org"))
    assert "one@example.org" in client.get(form_one).content.decode()
    assert "two@example.org" in client.get(form_two).content.decode()
    client.post(form_one, {"name": "One", "password": PASSWORD})
    assert User.objects.get().email == "one@example.org"


def test_a_newer_link_leaves_the_older_working_until_one_is_used() -> None:
    client = Client()
    ask(client, "new@example.org")
    older = link("new@example.org")
    ask(client, "new@example.org")
    choose(client, older)
    assert client.get(link("new@example.org")).status_code == 410


def test_logging_in_ends_a_link_nobody_needs() -> None:
    user = UserFactory.create(email="ada@example.org")
    ask(Client(), user.email)
    Client().post("/accounts/login/", {"login": user.email, "password": "correct horse"})
    assert Client().get(link(user.email)).status_code == 410


@pytest.mark.parametrize(("after", "status"), [(timedelta(hours=23, minutes=59), 302), (timedelta(days=1), 410)])
def test_a_link_lives_a_day(after: timedelta, status: int) -> None:
    sent = datetime(2030, 1, 15, 12, tzinfo=UTC)
    with travel(sent, tick=False):
        ask(Client(), "new@example.org")
    with travel(sent + after, tick=False):
        assert Client().get(link("new@example.org")).status_code == status


@pytest.mark.parametrize("token", ["x", "eyJlbWFpbCI6ImFAYi5jIn0:1xV0Oo:nonsense", "a:b:c"])
def test_a_damaged_link_says_how_to_get_another(token: str) -> None:
    answer = Client().get(f"{RESET}{token}/")
    assert answer.status_code == 410
    assert f'href="{RESET}"' in answer.content.decode()


def test_the_secret_leaves_the_address_and_opens_only_this_browser() -> None:
    client = Client()
    ask(client, "new@example.org")
    path = link("new@example.org")
    opened = client.get(path)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert path.split("/")[-2] not in opened["Location"]
    form = client.get(opened["Location"])
    assert '<meta name="robots" content="noindex">' in form.content.decode()
    assert Client().get(opened["Location"]).status_code == 410


@pytest.mark.parametrize(
    ("password", "words"),
    [("short", "too short"), ("password123", "too common"), ("83749283749", "entirely numeric"), ("", "Enter the")],
)
def test_a_weak_password_is_refused_and_the_link_lives_on(password: str, words: str) -> None:
    client = Client()
    ask(client, "new@example.org")
    path = link("new@example.org")
    refused = choose(client, path, password=password)
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert User.objects.count() == 0
    assert choose(client, path).status_code == 302


def test_a_password_like_the_address_is_refused() -> None:
    client = Client()
    ask(client, "adalovelace@example.org")
    assert choose(client, link("adalovelace@example.org"), password="adalovelace").status_code == 422


@pytest.mark.parametrize("bad", ["", "nobody", "a" * 250 + "@example.org"])
def test_what_is_no_address_is_refused(bad: str) -> None:
    answer = ask(Client(), bad)
    assert answer.status_code == 422
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_never_leads_away(away: str) -> None:
    client = Client()
    ask(client, "new@example.org", next_path=away)
    assert choose(client, link("new@example.org"))["Location"] == "/my/"


@travel(datetime(2030, 1, 15, 12, tzinfo=UTC), tick=False)
def test_an_address_can_be_written_to_five_times_an_hour() -> None:
    answers = [ask(Client(REMOTE_ADDR=f"10.0.0.{number}"), "ada@example.org").status_code for number in range(6)]
    assert answers == [200] * 5 + [429]
    assert ask(Client(REMOTE_ADDR="10.0.0.1"), "ADA@example.org").status_code == 429
    assert Letter.objects.count() == 5


@travel(datetime(2030, 1, 15, 12, tzinfo=UTC), tick=False)
def test_a_computer_can_ask_twenty_times_a_minute() -> None:
    answers = [ask(Client(REMOTE_ADDR="10.0.0.9"), f"user{number}@example.org").status_code for number in range(21)]
    assert answers == [200] * 20 + [429]


def test_proving_an_address_links_its_customers_in_every_account() -> None:
    one, two = CustomerFactory.create(email="New@Example.org"), CustomerFactory.create(email="new@example.org")
    other = CustomerFactory.create(email="newer@example.org")
    client = Client()
    ask(client, "NEW@example.org")

    choose(client, link("new@example.org"))

    user = User.objects.get()
    assert set(Customer.objects.filter(user=user)) == {one, two}
    other.refresh_from_db()
    assert other.user is None


def test_a_customer_linked_to_somebody_else_stays_theirs() -> None:
    other = UserFactory.create(email="other@example.org")
    customer = CustomerFactory.create(email="new@example.org", user=other)
    client = Client()
    ask(client, "new@example.org")
    assert choose(client, link("new@example.org")).status_code == 302
    customer.refresh_from_db()
    assert customer.user == other


def test_whoever_is_linked_to_a_customer_of_the_account_keeps_that_one() -> None:
    user = UserFactory.create(email="ada@example.org")
    first = CustomerFactory.create(email="old@example.org", user=user)
    second = CustomerFactory.create(account=first.account, email="ada@example.org")
    client = Client()
    ask(client, "ada@example.org")
    assert choose(client, link("ada@example.org")).status_code == 302
    assert list(Customer.objects.filter(user=user)) == [first]
    second.refresh_from_db()
    assert second.user is None


def test_whoever_is_logged_in_needs_no_sign_up() -> None:
    answer = open_browser(UserFactory.create()).get("/accounts/signup/?next=/my/details/")
    assert (answer.status_code, answer["Location"]) == (302, "/my/details/")


def test_the_answer_page_needs_a_question() -> None:
    assert Client().get(reverse("account_link_sent"))["Location"] == RESET
